"""Until when the people who make a contact hold a collector's certificate, where the lender's rules ask for it."""

from collections.abc import Collection
from datetime import date

from forbear.core.permits.rules import Rulebook
from forbear.store.models import Staff

#: The fact by which a rule asks.
CERTIFIED = "collector_certified"


def asks_certificates(book: Rulebook) -> bool:
    """Whether a rule of the book that is not switched off reads who is certified."""
    return book.reads(CERTIFIED)


def certified_until(numbers: Collection[str], agency: str) -> date | None:
    """The last day on which all of them are certified, who work for the lender or for this agency; None when any isn't.

    A staff id that nobody of them has is one without a certificate, and so is that of an ended account.
    """
    wanted = set(numbers)
    rows = Staff.objects.filter(number__in=wanted, agency=agency or None, is_active=True).exclude(
        certificate=""
    )
    days = {
        number: until for number, until in rows.values_list("number", "certified_until") if until is not None
    }
    return min(days.values()) if wanted and days.keys() == wanted else None
