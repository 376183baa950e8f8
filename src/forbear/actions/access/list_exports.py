"""A list leaves as a file: on record, since it is personal data of many at once."""

from datetime import datetime

from django.db import transaction

from forbear.store import evidence
from forbear.store.models import Staff

_LONGEST = 500


def record_list_export(listing: str, form: str, asked: str, rows: int, staff: Staff, now: datetime) -> None:
    """Write down who took which list, how it was narrowed, and how many rows it has."""
    with transaction.atomic():
        body = {"list": listing, "form": form, "asked": asked[:_LONGEST], "rows": rows}
        evidence.append("export", at=now, actor=f"staff:{staff.number}", body=body)
