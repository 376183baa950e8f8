"""What was typed into a form whose session had ended: kept for its own person, until it is sent or some days passed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from forbear.store.models import Borrower, FormDraft, Staff

#: How long a form is kept for the person who typed it.
DRAFTS = timedelta(days=7)
#: The most that is kept of one form, in characters; a strategy is the longest text that anybody writes.
MOST_TEXT = 200_000
Owner = Staff | Borrower


def _of(owner: Owner) -> dict[str, Owner]:
    return {"staff": owner} if isinstance(owner, Staff) else {"borrower": owner}


def keep_form(
    owner: Owner,
    path: str,
    fields: Mapping[str, list[str]],
    now: datetime,
    page: str = "",
    *,
    files: bool = False,
) -> FormDraft | None:
    """Keep a form for its owner alone, in place of an earlier one of the same address; None for one too long."""
    parts = [text for name, texts in fields.items() for text in (name, *texts)]
    if sum(map(len, parts)) > MOST_TEXT or any("\0" in text for text in parts) or len(path) > 200:
        return None
    FormDraft.objects.filter(path=path, **_of(owner)).delete()
    kept = {"path": path, "page": page if len(page) <= 500 else "", "fields": dict(fields), "files": files}
    return FormDraft.objects.create(**kept, made_at=now, **_of(owner))


def unsaved_draft(path: str, page: str, now: datetime) -> FormDraft:
    """A form that is drawn again at once, and kept nowhere."""
    return FormDraft(path=path, page=page, made_at=now)


def newest_draft(owner: Owner, now: datetime) -> FormDraft | None:
    """The newest form that waits for this person to send it."""
    return FormDraft.objects.filter(**_of(owner), made_at__gt=now - DRAFTS).order_by("-pk").first()


def draft_numbered(owner: Owner, number: str, now: datetime) -> FormDraft | None:
    """A form of this person's own by its number; None for anything else."""
    if not (number.isascii() and number.isdigit() and len(number) < 18):
        return None
    return FormDraft.objects.filter(**_of(owner), pk=int(number), made_at__gt=now - DRAFTS).first()


def staff_numbered(number: int) -> Staff | None:
    """The person who filled in a form, if they still have an account."""
    return Staff.objects.filter(pk=number, is_active=True).first()


def drop_draft(owner: Owner, number: str) -> None:
    """Delete a form that was sent or given up."""
    if number.isascii() and number.isdigit():
        FormDraft.objects.filter(**_of(owner), pk=int(number[:18])).delete()


def purge_drafts(now: datetime) -> int:
    """Delete the forms that nobody came back for; how many."""
    return FormDraft.objects.filter(made_at__lte=now - DRAFTS).delete()[0]
