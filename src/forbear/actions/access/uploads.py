"""A file that a borrower hands in: looked at before it is kept, never run and never shown from here."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from django.conf import settings

from forbear.core.base.problem import Problem
from forbear.interchange.home.policy import policy
from forbear.store.evidence import store_attachment
from forbear.store.models import Attachment, Borrower

#: A phone's photograph has up to 15 MB.
LARGEST = 15 * 1024 * 1024
_MEGABYTE = 1024 * 1024
#: How many files come with one request.
MOST_FILES = 5
#: What a file has at a place, and what it then is. Anything else is refused, whatever it is called.
_KINDS = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
)
_SCAN_SECONDS = 30


class Uploaded(Protocol):
    """A file as the web hands it over."""

    @property
    def size(self) -> int | None: ...

    def read(self) -> bytes: ...


def store_upload(file: Uploaded) -> str | Problem:
    """Keep it by its SHA-256, which is the answer; Problem when it is too large, of another kind, or unsafe.

    FORBEAR_SCAN names a command that gets the file on its standard input and ends with 0 for a clean one. A scanner
    that can't answer counts as unsafe. Call it in the transaction that writes the event.
    """
    if file.size is None or file.size > LARGEST:
        return Problem(
            "upload_too_large",
            "a file has at most %(megabytes)s MB; send fewer pages at a time",
            megabytes=LARGEST // 1024 // 1024,
        )
    content = file.read()
    media_type = next((kind for at, start, kind in _KINDS if content[at:].startswith(start)), None)
    if media_type is None:
        return Problem(
            "upload_type_unknown",
            "only PDF, JPEG, PNG, HEIC and WebP files can be handed in; please save it as one of them",
        )
    if not _clean(content):
        return Problem("upload_unsafe", "the file did not pass the safety check; please send another copy")
    return store_attachment(content, media_type)


#: What a recording begins with: at this place, these bytes.
_SOUNDS = (
    (0, b"RIFF", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (4, b"ftyp", "audio/mp4"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
)
LARGEST_RECORDING = 64 * 1024 * 1024


def store_uploaded_recording(file: Uploaded) -> str | Problem:
    """Keep a sound or video file by its SHA-256; Problem when it is none, too large, or unsafe."""
    if file.size is None or file.size > LARGEST_RECORDING:
        return Problem(
            "recording_too_large",
            "a recording has at most %(megabytes)s MB",
            megabytes=LARGEST_RECORDING // 1024 // 1024,
        )
    content = file.read()
    media_type = next((kind for at, start, kind in _SOUNDS if content[at:].startswith(start)), None)
    if media_type is None:
        return Problem(
            "recording_type_unknown", "only WAV, OGG, MP3, MP4 and WebM recordings can be handed in"
        )
    if not _clean(content):
        return Problem("upload_unsafe", "the file did not pass the safety check; please send another copy")
    return store_attachment(content, media_type)


def quota_problem(borrower: Borrower, files: Sequence[Uploaded], now: datetime) -> Problem | None:
    """What stands against these files: a borrower hands in so much a day, and so much altogether, by the policy."""
    pace, size = policy(settings.HOME).portal, sum(file.size or 0 for file in files)
    if not size:
        return None
    named = {digest for names in borrower.requests.values_list("attachments", flat=True) for digest in names}
    kept = Attachment.objects.filter(sha256__in=named, erased_at=None)
    today = kept.filter(enclosures__event__at__gte=now - timedelta(hours=24)).distinct()
    for rows, megabytes in ((today, pace.uploads_a_day), (kept, pace.uploads)):
        used = sum(rows.values_list("size", flat=True))
        if used + size > megabytes * _MEGABYTE:
            return Problem(
                "uploads_used_up",
                "you have sent us %(used)s MB and at most %(most)s MB fit; please bring the rest on paper, or call us",
                used=-(-used // _MEGABYTE),
                most=megabytes,
            )
    return None


def _clean(content: bytes) -> bool:
    command = os.environ.get("FORBEAR_SCAN", "")
    if not command:
        return True
    try:
        done = subprocess.run(
            shlex.split(command), input=content, capture_output=True, timeout=_SCAN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
