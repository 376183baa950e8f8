"""Find who is on the telephone, check that it is them, and open their case on record."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.core.base.reason import Reason
from forbear.core.search.terms import digests, phone_terms, term_digest, typed_terms
from forbear.interchange.home.country import country_of
from forbear.interchange.home.keys import point_keys
from forbear.store import evidence
from forbear.store.access import cases_found
from forbear.store.models import Borrower, Case, SearchTerm, Staff
from forbear.store.situation import lock_borrower


def find_cases(staff: Staff, text: str) -> list[Case]:
    """The cases that `text` finds for this person: a name, a number or its last digits, an id, a code."""
    key = point_keys(settings.HOME)
    words = [digests(terms, key) for terms in typed_terms(text[:200], country_of(settings.HOME))]
    return cases_found(staff, text, words)


def open_case(borrower: Borrower, staff: Staff, born_on: date | None, now: datetime) -> bool | None:
    """Log that somebody opened a case they had searched for; whether the caller's birthday is the borrower's.

    None when no birthday was asked for. A borrower without one on file is never verified by it.
    """
    verified = None if born_on is None else born_on == borrower.born_on
    with transaction.atomic():
        lock_borrower(borrower.borrower_id)
        evidence.append(
            "view",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=borrower.borrower_id,
            body={
                "reason": Reason.of("search", caller=_CALLER[verified]).as_dict(),
                "what": ["case"],
            },
        )
    return verified


#: What a birthday said of the caller, as the log has it.
_CALLER = {None: "not_asked", True: "verified", False: "not_verified"}


def add_search_terms(borrower_id: str, kind: str, value: str) -> None:
    """Let a number that a borrower gave find them; other kinds of addresses add nothing."""
    if kind == "phone":
        _add(borrower_id, phone_terms(value))


def _add(borrower_id: str, terms: Iterable[str]) -> None:
    key = point_keys(settings.HOME)
    rows = [
        SearchTerm(borrower_id=borrower_id, term=term_digest(term, key), source="borrower") for term in terms
    ]
    SearchTerm.objects.bulk_create(rows, ignore_conflicts=True)
