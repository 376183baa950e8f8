"""Lists of what was agreed: promises, plans, settlements; and field visits."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.plan import STATES as PLAN_STATES
from forbear.core.agreements.promise import STATES as PROMISE_STATES
from forbear.core.agreements.settlement import STATES as SETTLEMENT_STATES
from forbear.core.visits.visit import STATES as VISIT_STATES
from forbear.store.access import masked_point, plans_for, promises_for, settlements_for, visits_for
from forbear.store.business_date import business_date
from forbear.store.models import Settlement, Visit
from forbear.web import labels as words
from forbear.web.actors import colleague
from forbear.web.lists.columns import (
    Acts,
    Amounts,
    Borrowers,
    Cells,
    Links,
    ListTable,
    Made,
    Moments,
    Numbers,
    People,
    Words,
)
from forbear.web.lists.filters import (
    AmountFilter,
    CodeFilter,
    DayFilter,
    KeyFilter,
    ListFilter,
    SetFilter,
)
from forbear.web.lists.listing import Listing
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import bilingual

_LATELY = timedelta(days=14)


class PromiseTable(ListTable):
    """Promises to pay."""

    borrower = Borrowers(order="borrower_id")
    amount = Amounts(_("Amount"), "amount", order="amount")
    paid = Amounts(_("Paid"), "paid", order="paid")
    due = Moments(_("Due on"), "due_on", order="due_on")
    state = Words(_("State"), "state", "agreement", tagged=True, order="state")
    made = Moments(_("Made on"), "made_on", order="made_on")
    taken_by = People(_("Recorded by"), "taken_by__number", order="taken_by__number")


def _due_soon(rows: QuerySet, request: StaffRequest) -> QuerySet:
    today = business_date(request.now)
    return rows.filter(state="open", due_on__lte=today + timedelta(days=1))


def _lately_broken(rows: QuerySet, request: StaffRequest) -> QuerySet:
    return rows.filter(state="broken", due_on__gte=business_date(request.now) - _LATELY)


class PromiseFilter(ListFilter):
    """By what is due, state, borrower, amount and day."""

    which = SetFilter(
        _("Which"),
        {
            "due": (_("Due by tomorrow"), _due_soon),
            "broken": (_("Broken in the last 14 days"), _lately_broken),
            "mine": (_("Recorded by me"), lambda rows, request: rows.filter(taken_by=request.user)),
        },
    )
    state = CodeFilter("state", _("State"), "agreement", PROMISE_STATES)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    due_from = DayFilter("due_on", _("Due from"))
    due_to = DayFilter("due_on", _("Due until"), until=True)


PROMISES = Listing(
    "promises",
    "desk:promises",
    "desk:case:read",
    PromiseTable,
    ("-due_on", "-pk"),
    _("No promise to pay yet. One is recorded with the result of a call, or by borrowers themselves."),
    PromiseFilter,
    lambda request: promises_for(request.user),
)


class PlanTable(ListTable):
    """Repayment plans."""

    borrower = Borrowers(order="borrower_id")
    amount = Amounts(_("Amount"), "amount", order="amount")
    paid = Amounts(_("Paid"), "paid", order="paid")
    number = Made(_("Instalments"), lambda plan: len(plan.lines), numeric=True)
    state = Words(_("State"), "state", "agreement", tagged=True, order="state")
    proposed = Moments(_("Proposed on"), "proposed_on", order="proposed_on")
    agreed = Moments(_("Agreed on"), "agreed_on", order="agreed_on")
    proposed_by = People(_("Proposed by"), "proposed_by__number", order="proposed_by__number")
    signed_by = People(_("Approved by"), "signed_by__number", order="signed_by__number", shown=False)


class PlanFilter(ListFilter):
    """By state, borrower, amount and day."""

    state = CodeFilter("state", _("State"), "agreement", PLAN_STATES)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    proposed_from = DayFilter("proposed_on", _("Proposed from"))
    proposed_to = DayFilter("proposed_on", _("Proposed until"), until=True)


PLANS = Listing(
    "plans",
    "desk:plans",
    "desk:case:read",
    PlanTable,
    ("-pk",),
    _("No repayment plan yet. One is proposed on a case's page or by the borrower."),
    PlanFilter,
    lambda request: plans_for(request.user).select_related("signed_by"),
)


def _proposer(row: Visit | Settlement) -> str:
    return colleague(row.proposed_by) if row.proposed_by else gettext("Strategy")


class SettlementTable(ListTable):
    """Settlement offers."""

    borrower = Borrowers(order="borrower_id")
    amount = Amounts(_("Settlement amount"), "amount", order="amount")
    outstanding = Amounts(_("Outstanding"), "outstanding", order="outstanding")
    paid = Amounts(_("Paid"), "paid", order="paid")
    by = Moments(_("To be paid by"), "by", order="by")
    state = Words(_("State"), "state", "agreement", tagged=True, order="state")
    proposed = Moments(_("Proposed on"), "proposed_on", order="proposed_on")
    proposed_by = Made(_("Proposed by"), _proposer, order="proposed_by__number")
    signed_by = People(_("Approved by"), "signed_by__number", order="signed_by__number", shown=False)
    accepted = Moments(_("Accepted by the borrower"), "accepted_at", order="accepted_at", shown=False)


class SettlementFilter(ListFilter):
    """By state, borrower, amount and day."""

    state = CodeFilter("state", _("State"), "agreement", SETTLEMENT_STATES)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    by_from = DayFilter("by", _("To be paid from"))
    by_to = DayFilter("by", _("To be paid until"), until=True)


SETTLEMENTS = Listing(
    "settlements",
    "desk:settlements",
    "desk:case:read",
    SettlementTable,
    ("-pk",),
    _("No settlement offer yet. One is proposed on a case's page or by the strategy."),
    SettlementFilter,
    lambda request: settlements_for(request.user).select_related("signed_by"),
)

# field visits


class VisitTable(ListTable):
    """Field visits."""

    borrower = Links(_("Visit to"), "borrower_id", "desk:visit", order="borrower_id")
    name = Borrowers()
    area = Cells(_("Area"), "point__area", order="point__area")
    address = Made(_("Address"), lambda visit: masked_point("address", visit.point.value))
    agency = Made(
        _("Agency"),
        lambda visit: bilingual(visit.agency) if visit.agency else "",
        order="agency_id",
        shown=False,
    )
    proposed_by = Made(_("Proposed by"), _proposer, order="proposed_by__number")
    proposed = Moments(_("Proposed"), "proposed_at", order="proposed_at")
    why = Made(_("Why"), lambda visit: visit.reason_note[:60])
    arrives = Made(
        _("When"), lambda visit: visit.started_at or visit.arrives_at, order=("started_at", "arrives_at")
    )
    seconds = Numbers(_("Position on the route"), "position", order="position", shown=False)
    outcome = Acts("desk/visit_outcome.html", _("Outcome"))
    result = Words(_("Result"), "outcome", "visit_outcome", order="outcome", shown=False)
    state = Words(_("State"), "state", "visit", order="state", shown=False)


def _in_state(state: str) -> Any:
    return lambda rows, _request: rows.filter(state=state)


class VisitFilter(ListFilter):
    """By state, area, borrower and day. The ones that wait for a decision come first."""

    state = SetFilter(
        _("State"),
        {
            **{code: (words.TABLES["visit"][code], _in_state(code)) for code in VISIT_STATES},
            "lacking": (
                _("Incomplete proof"),
                lambda rows, _request: rows.filter(state="ended").exclude(lacks=[]),
            ),
        },
        start="proposed",
    )
    borrower = KeyFilter("borrower_id", _("Borrower"))
    area = KeyFilter("point__area", _("Area"))
    proposed_from = DayFilter("proposed_at", _("Proposed from"), moment=True)
    proposed_to = DayFilter("proposed_at", _("Proposed until"), until=True, moment=True)


VISITS = Listing(
    "visits",
    "desk:visits",
    "desk:visit:read",
    VisitTable,
    ("-proposed_at", "pk"),
    _("None. The strategy or a person on the case page proposes a field visit, and a second person decides."),
    VisitFilter,
    lambda request: visits_for(request.user),
)
