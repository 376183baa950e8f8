"""What a borrower sees: how much is late, who is collecting, what was said, what it does to their credit."""

from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from forbear.actions.agreements.plans import lines_of
from forbear.actions.payments.paid_in_full_letter import settled_loans
from forbear.actions.selectors.creditors import creditor_of, creditor_of_ids
from forbear.core.agreements.loan_state import may
from forbear.core.agreements.plan import outstanding_lines
from forbear.store.access import contacts_for, reports_of_case
from forbear.store.business_date import business_date
from forbear.store.loan_states import loan_states
from forbear.store.models import (
    Borrower,
    Hold,
    Loan,
    Placement,
    Plan,
    Promise,
    ReportedPayment,
    Request,
    SaleLoan,
)
from forbear.web.api.verify import MAY, MAY_NOT, said_all
from forbear.web.portal.creditors import creditors_shown
from forbear.web.portal.offers import standing_offers
from forbear.web.portal.visits import coming
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese

#: So long the page says what became of a payment they told us of.
_LATELY = timedelta(days=30)


def late_of(borrower: Borrower, now: datetime) -> list[Loan]:
    """The borrower's late loans that are theirs to pay here, the latest-paid first; paused ones are not late now."""
    loans = list(borrower.loans.filter(past_due_amount__gt=0).order_by("-days_past_due", "loan_id"))
    states = loan_states(loans, now)
    return [loan for loan in loans if may(states[loan.pk], "pay") and "paused" not in states[loan.pk]]


def resting(borrower: Borrower, now: datetime) -> Request | None:
    """The newest answered request by which payments rest now."""
    answered = borrower.requests.filter(state="answered", outcome="deferred").select_related("hold")
    running = answered.filter(hold__lifted_at=None, hold__ends_at__gt=now, hold__kind="forbearance")
    return running.order_by("-pk").first()


def sums(loans: list[Loan], field: str) -> list[tuple[int, int, str]]:
    """(amount, minor unit, currency) by currency."""
    found: dict[str, tuple[int, int, str]] = {}
    for loan in loans:
        before = found.get(loan.currency, (0, loan.minor_unit, loan.currency))[0]
        found[loan.currency] = (before + getattr(loan, field), loan.minor_unit, loan.currency)
    return list(found.values())


def collecting(borrower: Borrower) -> Placement | None:
    """The agency that has the case now, None while it is the lender's own team."""
    return borrower.placements.filter(ended_at=None).select_related("agency").order_by("-placed_at").first()


def owners(borrower: Borrower) -> list[SaleLoan]:
    """The borrower's loans that were sold, each with its sale: who owns them now."""
    return list(borrower.sale_rows.filter(state="sold").select_related("sale", "loan").order_by("-sold_at"))


def bought_loans(borrower: Borrower) -> list[tuple[Loan, str]]:
    """The borrower's loans that were bought and not sold on, by number, each with the name of who owns it."""
    rows = borrower.loans.filter(sold_at=None).exclude(bought_from="").order_by("loan_id")
    return [(loan, creditor_of([loan]).name("zh" if chinese() else "en")) for loan in rows]


def only_sold(borrower: Borrower) -> bool:
    """Whether loans of theirs were sold, and nothing is owed here besides."""
    mine = borrower.loans.filter(sold_at=None, payoff__gt=0)
    return borrower.loans.filter(sold_at__isnull=False).exists() and not mine.exists()


def shown_reports(borrower: Borrower, now: datetime) -> list[ReportedPayment]:
    """The payments they told us of that still count, or were lately not found."""
    rows = reports_of_case(borrower, borrower.pk).filter(reported_at__gt=now - _LATELY)
    return [row for row in rows if row.state in ("unconfirmed", "lapsed")]


def _said(holds: list[Hold], plan: Plan | None, promise: Promise | None) -> list[str]:
    """The kinds of hold of which the page says a sentence, each once; pauses, plans and promises have their own."""
    own = {"forbearance", "unconfirmed", *(["plan"] if plan else []), *(["promise"] if promise else [])}
    elsewhere = ("sale", "settlement")  # a sale and an offer have their own notes
    return list(
        dict.fromkeys(hold.kind for hold in holds if hold.source not in elsewhere and hold.kind not in own)
    )


@own
def home(request: BorrowerRequest) -> HttpResponse:
    """The first page: how much is late, who is asking, what can be done."""
    borrower, now = request.borrower, request.now
    loans = list(borrower.loans.all())
    late = late_of(borrower, now)
    holds = [
        hold for hold in borrower.holds.filter(lifted_at=None) if hold.ends_at is None or hold.ends_at > now
    ]
    plan = borrower.plans.filter(state__in=("proposed", "active")).first()
    promise = borrower.promises.filter(state="open").first()
    active = plan if plan is not None and plan.state == "active" else None
    shown = {
        "late": late,
        "plan_next": next(iter(outstanding_lines(lines_of(active), active.paid)), None) if active else None,
        "past_due": sums(late, "past_due_amount"),
        "left": sums(loans, "payoff"),
        "days": max((loan.days_past_due for loan in late), default=0),
        "since": min((loan.oldest_unpaid_due_on for loan in late if loan.oldest_unpaid_due_on), default=None),
        "placement": collecting(borrower),
        "coming": coming(borrower, now),
        "owners": owners(borrower),
        "plan": plan,
        "promise": promise,
        "reported": shown_reports(borrower, now),
        "offers": standing_offers(request),
        "holds": _said(holds, plan, promise),
        "resting": resting(borrower, now),
        "today": business_date(now),
        "only_sold": only_sold(borrower),
        "settled": settled_loans(borrower) if not any(loan.payoff for loan in loans) else [],
        "moved": borrower.due_changes.filter(hold__in=holds).order_by("-moved_to").first(),
        "open_requests": list(borrower.requests.filter(state="open").order_by("due_on")),
    }
    return render(request, "portal/home.html", {**shown, "is_home": True})


@own
def who(request: BorrowerRequest) -> HttpResponse:
    """Who is collecting, since when, and what they may and may not do."""
    "zh" if chinese() else "en"
    # what waits for a signature is no step yet
    lawsuit = (
        request.borrower.lawsuits.filter(ended_at=None).exclude(state__in=("proposed", "signed")).first()
    )
    placement = collecting(request.borrower)
    left = request.borrower.loans.filter(sold_at=None, payoff__gt=0).order_by("loan_id")
    shown = {
        "placement": placement,
        "lawsuit": lawsuit,
        "current_lawsuit": lawsuit.deadlines.filter(kind="current", over_at=None).first()
        if lawsuit
        else None,
        "lawsuit_due": lawsuit.deadlines.filter(over_at=None, ours=False).order_by("due_on")
        if lawsuit
        else (),
        "owners": owners(request.borrower),
        "only_sold": only_sold(request.borrower),
        "bought": bought_loans(request.borrower),
        "lender": settings.HOME.name[0 if chinese() else 1],
        "creditors": creditors_shown(left),
        "placed_for": creditor_of_ids(placement.loans).name("zh" if chinese() else "en") if placement else "",
        "contact": dict(settings.HOME.contact),
        "may": said_all(MAY, get_language() or "en"),
        "may_not": said_all(MAY_NOT, get_language() or "en"),
    }
    return render(request, "portal/who.html", shown)


@own
def evidence(request: BorrowerRequest) -> HttpResponse:
    """Every contact: when, who, by which way, what was said."""
    borrower = request.borrower
    rows = (
        contacts_for(borrower)
        .exclude(at=None)
        .exclude(outcome="not_sent")
        .select_related("agency", "staff")
        .order_by("-at")[:200]
    )
    documents = borrower.documents.order_by("-made_at")
    return render(request, "portal/evidence.html", {"contacts": rows, "documents": documents})
