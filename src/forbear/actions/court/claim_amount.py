"""What a lawsuit asks for: what is due and unpaid of its loans.

What falls due later is owed at its time and not before (民法典 art. 675). Until the lawsuit is filed the claim goes
with the newest figures; what was filed stays as it was filed. A bundle that asks for more than is due goes to no court.
"""

from datetime import datetime

from django.conf import settings

from forbear.actions.court.limitation_dates import pack_of
from forbear.actions.selectors.ledger import Ledger, ledger_of
from forbear.core.base.problem import Problem
from forbear.core.court.lawsuit import UNFILED, compute, way_ahead
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import Lawsuit, Loan

_OUT_OF_DATE = Problem(
    "claim_below_bundle",
    "less is due than the bundle asks for, since something was paid; make the bundle again and file that one",
)


def owed(lawsuit: Lawsuit, now: datetime) -> tuple[int, int]:
    """What is left of the lawsuit's loans, and what of it is past due: by the book and what was received since.

    Once the case is over, the desk's figures are brought up to date no more, and a feed may have brought the rest.
    Without a book, and where the desk knows that all is paid, the desk's figures count.
    """
    rows = Loan.objects.filter(loan_id__in=lawsuit.loans, borrower=lawsuit.borrower_id)
    known = rows.values_list("payoff", "past_due_amount")
    left, late = (sum(pair) for pair in zip(*known, strict=True)) if known else (0, 0)
    booked = in_ledger(lawsuit, ledger_of(lawsuit.borrower_id), now)
    return (left, late) if booked is None else (min(left, booked[0]), booked[1])


def in_ledger(lawsuit: Lawsuit, ledger: Ledger | None, now: datetime) -> tuple[int, int] | None:
    """The same by the borrower's ledger alone; None without one."""
    if ledger is None:
        return None
    states = _states(lawsuit, ledger, now)
    return sum(state.payoff for state in states), sum(state.past_due_amount for state in states)


def states_of(lawsuit: Lawsuit, now: datetime) -> list[Arrears] | None:
    """The state of each of the lawsuit's loans today, by the book; None without one."""
    ledger = ledger_of(lawsuit.borrower_id)
    return None if ledger is None else _states(lawsuit, ledger, now)


def _states(lawsuit: Lawsuit, ledger: Ledger, now: datetime) -> list[Arrears]:
    record, products = ledger
    return [
        arrears(loan, products.get(loan.product), business_date(now))
        for loan in record.loans
        if loan.loan_id in lawsuit.loans
    ]


def way_to(lawsuit: Lawsuit) -> str:
    """By which way it is filed next."""
    return way_ahead(lawsuit.state, lawsuit.way, lawsuit.claimed, policy(settings.HOME).court)


def differs(lawsuit: Lawsuit, late: int) -> bool:
    """Whether a lawsuit that is still to be filed asks for something else than what is late.

    One that has its bundle may ask for less than fell due since.
    """
    if lawsuit.state not in UNFILED or late <= 0:
        return False
    return late < lawsuit.claimed if lawsuit.bundle else late != lawsuit.claimed


def renew(lawsuit: Lawsuit, late: int, *, bundling: bool = False) -> None:
    """Bring a claim that is still to be filed up to what is late; the caller holds the borrower, the lawsuit is saved.

    A bundle that asks for more than is due is the lawsuit's no longer. While `bundling` the new one asks for all due.
    """
    if not (differs(lawsuit, late) or (bundling and lawsuit.state in UNFILED and late > 0)):
        return
    lawsuit.bundle, lawsuit.claimed = "", late
    terms = policy(settings.HOME).court
    lawsuit.fee, lawsuit.cost, lawsuit.expected = compute(late, way_to(lawsuit), terms, pack_of())
    lawsuit.save(update_fields=["bundle", "claimed", "fee", "cost", "expected"])


def out_of_date(lawsuit: Lawsuit) -> Problem | None:
    """Why its bundle can't be filed: it asked for more than is due."""
    return _OUT_OF_DATE if lawsuit.bundled_at is not None and not lawsuit.bundle else None
