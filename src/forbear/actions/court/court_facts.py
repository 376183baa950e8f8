"""What the evidence holds for a lawsuit: the facts its papers state, and what keeps a paper from stating them.

A paper for a court states what is on record and nothing else. A fact that is missing or in doubt is named, and no
paper is made until it is settled: who signs for the claimant vouches for each sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from forbear.actions.selectors.active_holds import holds_of
from forbear.actions.selectors.ledger import Ledger
from forbear.core.agreements.notice import Account, account_of
from forbear.core.base.problem import Problem, joined
from forbear.store.business_date import business_date
from forbear.store.models import (
    Case,
    Contact,
    Instruction,
    Lawsuit,
    PenaltyDifference,
    UnappliedPayment,
)

#: Outcomes by which a contact reached the borrower.
REACHED = ("connected", "conversation", "delivered")
#: Holds under which what is claimed is not sure yet.
_UNSURE = ("dispute", "verification", "unapplied", "unconfirmed")


@dataclass(frozen=True, slots=True)
class CourtFacts:
    """What a paper may say: accounts by loan, contacts and how many reached, notices by kind, agreements.

    `unpriced` are the loans with a penalty whose contract rate the book doesn't hold.
    """

    accounts: tuple[Account, ...]
    contacts: int
    reached: int
    first_on: date | None
    last_on: date | None
    notices: tuple[tuple[str, date], ...]
    agreed: int
    unpriced: tuple[str, ...]


def court_facts(lawsuit: Lawsuit, ledger: Ledger, now: datetime) -> CourtFacts | Problem:
    """The facts on record at `now`. Problem with each one that is missing or in doubt."""
    doubts = tuple(_doubts(lawsuit, ledger, now))
    if doubts:
        return joined(doubts)
    record, products = ledger
    today, zone = business_date(now), ZoneInfo(settings.HOME.timezone)
    loans = [loan for loan in record.loans if loan.loan_id in lawsuit.loans]
    accounts = [account_of(loan, products.get(loan.product), today) for loan in loans]
    contacts = Contact.objects.filter(borrower=lawsuit.borrower_id).exclude(at=None)
    days = [at.astimezone(zone).date() for at in contacts.order_by("at").values_list("at", flat=True) if at]
    about = lawsuit.borrower.notices.filter(loan_id__in=lawsuit.loans, recalled_at=None)
    notices: dict[str, date] = {}
    for kind, given_at in about.order_by("given_at").values_list("kind", "given_at"):
        notices[kind] = given_at.astimezone(zone).date()
    borrower = lawsuit.borrower
    agreed = (
        borrower.promises.count()
        + borrower.plans.exclude(agreed_on=None).count()
        + borrower.settlements.exclude(offered_on=None).count()
    )
    known = tuple(account for account in accounts if account is not None)
    return CourtFacts(
        known,
        len(days),
        contacts.filter(outcome__in=REACHED).count(),
        days[0] if days else None,
        days[-1] if days else None,
        tuple(notices.items()),
        agreed,
        tuple(
            account.loan_id
            for account, loan in zip(known, loans, strict=True)
            if account.late.penalty and products.get(loan.product).penalty is None
        ),
    )


def _doubts(lawsuit: Lawsuit, ledger: Ledger, now: datetime) -> Iterator[Problem]:
    record, products = ledger
    if not lawsuit.borrower.name.strip():
        yield Problem("court_name_missing", "the borrower's name is not on record")
    known = {loan.loan_id: loan for loan in record.loans}
    for loan_id in lawsuit.loans:
        loan = known.get(loan_id)
        if loan is None or account_of(loan, products.get(loan.product), business_date(now)) is None:
            yield Problem(
                "court_lines_missing",
                "the loan book doesn't have all lines of loan %(loan)s",
                loan=loan_id,
            )
    about = set(lawsuit.loans)
    running = holds_of([lawsuit.borrower_id], now).get(lawsuit.borrower_id, ())
    if any(kind in _UNSURE and (not loans or about & set(loans)) for kind, loans in running):
        yield Problem("court_disputed", "what is owed is disputed or being checked")
    waiting = UnappliedPayment.objects.filter(state="waiting").values_list("loan_named", "loans")
    if any(about & {named, *loans} for named, loans in waiting):
        yield Problem("court_payment_unapplied", "a payment that may be for this debt waits to be applied")
    differences = PenaltyDifference.objects.filter(loan__in=about, gone_at=None, settled_at=None)
    for difference in differences.filter(too_much__gt=0):
        yield Problem(
            "court_penalty_differs",
            "the penalty on loan %(loan)s is more than the contract's",
            loan=difference.loan_id,
        )
    if Instruction.objects.filter(loan_id__in=about, state="contradicted").exists():
        yield Problem("court_grant_contradicted", "the feed contradicts what was granted on this debt")
    in_doubt = Case.objects.filter(
        Q(closed_on=None) & Q(facts__feed_doubt=True), borrower=lawsuit.borrower_id
    )
    if in_doubt.exists():
        yield Problem("court_feed_doubt", "the newest feed is in doubt about this borrower")
