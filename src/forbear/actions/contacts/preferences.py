"""When and in which language a borrower wants to be contacted; the permit and the texts go by it from then on."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Borrower
from forbear.store.situation import lock_borrower

#: The shortest time of day that may be left for contact; who wants none at all says so by its own right.
LEAST_HOURS = 2
LANGUAGES = ("", "zh", "en")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Hours of the borrower's own day, `until` not included; 0 to 24 is any. An empty language is the lender's."""

    since: int = 0
    until: int = 24
    language: str = ""


def set_preferences(
    borrower_id: str, wishes: Preferences, now: datetime, *, actor: str
) -> Borrower | Problem:
    """Write them down; said again with nothing changed, nothing is written."""
    if not 0 <= wishes.since < wishes.until <= 24 or wishes.until - wishes.since < LEAST_HOURS:
        return Problem(
            "contact_hours_too_few",
            "leave at least %(hours)s hours of a day in which you may be contacted",
            hours=LEAST_HOURS,
        )
    if wishes.language not in LANGUAGES:
        return Problem("language_unknown", "the language is zh or en")
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        anytime = (wishes.since, wishes.until) == (0, 24)
        new = (None, None) if anytime else (wishes.since, wishes.until)
        if (*new, wishes.language) == (
            borrower.preferred_from,
            borrower.preferred_to,
            borrower.preferred_language,
        ):
            return borrower
        borrower.preferred_from, borrower.preferred_to = new
        borrower.preferred_language = wishes.language
        borrower.save(update_fields=["preferred_from", "preferred_to", "preferred_language"])
        evidence.append(
            "consent",
            at=now,
            actor=actor,
            borrower=borrower_id,
            body={"hours": [wishes.since, wishes.until], "language": wishes.language},
        )
        return borrower
