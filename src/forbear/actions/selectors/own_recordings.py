"""Recordings of a borrower's own calls and visits: which there are, and the file of one."""

from pathlib import Path

from forbear.store.evidence import attachment_path
from forbear.store.models import Attachment, Borrower


def own_recordings(borrower: Borrower) -> set[str]:
    """The SHA-256 of each recording of a contact or visit with this borrower."""
    calls = set(borrower.contacts.exclude(recording="").values_list("recording", flat=True))
    visits = borrower.visits.values_list("recordings", flat=True)
    return calls | {digest for recordings in visits for digest, _, arrived in recordings if arrived}


def own_recording(borrower: Borrower, digest: str) -> tuple[Path, str] | None:
    """The file of one and its media type; None when it isn't theirs, or was erased."""
    if digest not in own_recordings(borrower) or not attachment_path(digest).is_file():
        return None
    kept = Attachment.objects.filter(sha256=digest).first()
    return attachment_path(digest), kept.media_type if kept else "application/octet-stream"
