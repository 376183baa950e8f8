"""The lists of an agency's people: their cases, statements, and a statement line by line."""

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.store.access import placements_for, statements_for
from forbear.store.models import Statement, StatementLine
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
)
from forbear.web.lists.filters import AmountFilter, DayFilter, KeyFilter, ListFilter, NumberFilter, SetFilter
from forbear.web.lists.listing import Listing
from forbear.web.templatetags.forbear import basis, minor


class AgencyCaseTable(ListTable):
    """The cases with us."""

    case = Links(_("Case"), "borrower_id", "agency:case", order="borrower_id")
    name = Borrowers()
    new = Made(_("New"), lambda one: "" if one.acknowledged_at else gettext("New"), order="acknowledged_at")
    amount = Amounts(_("Past due"), "amount", order="amount")
    days = Numbers(_("Days past due"), "days_past_due", order="days_past_due")
    since = Moments(_("Since"), "placed_at", order="placed_at")
    back_by = Moments(_("Back by"), "due_back_on", order="due_back_on")
    worker = People(_("Assigned to"), "worker__number", order="worker__number")


class AgencyCaseFilter(ListFilter):
    """By who has it, borrower, amount and days."""

    which = SetFilter(
        _("Which"),
        {
            "new": (_("New"), lambda rows, _request: rows.filter(acknowledged_at=None)),
            "mine": (_("Mine"), lambda rows, request: rows.filter(worker=request.user)),
        },
    )
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    days_from = NumberFilter("days_past_due", _("Days past due, at least"))
    back_from = DayFilter("due_back_on", _("Back from"))
    back_to = DayFilter("due_back_on", _("Back until"), until=True)


AGENCY_CASES = Listing(
    "agency-cases",
    "agency:cases",
    "agency:case:work",
    AgencyCaseTable,
    ("acknowledged_at", "-amount", "pk"),
    _("Cases appear here once the lender has approved a placement list. A recalled case disappears at once."),
    AgencyCaseFilter,
    lambda request: placements_for(request.user),
)


def _earned(statement: Statement) -> str:
    return " ".join(minor(sums[1], currency) for currency, sums in sorted(statement.totals.items()))


class StatementTable(ListTable):
    """Commission statements."""

    number = Links(_("No."), "number", "agency:statement", order="number")
    until = Moments(_("Up to"), "until", order="until")
    earned = Made(_("Earned"), _earned, numeric=True)
    accepted = Moments(_("Accepted"), "accepted_at", order="accepted_at")


class StatementFilter(ListFilter):
    """By whether it was accepted, and by day."""

    state = SetFilter(
        _("State"),
        {
            "open": (_("To be accepted"), lambda rows, _request: rows.filter(accepted_at=None)),
            "accepted": (_("Accepted"), lambda rows, _request: rows.exclude(accepted_at=None)),
        },
    )
    until_from = DayFilter("until", _("Up to, from"))
    until_to = DayFilter("until", _("Up to, until"), until=True)


STATEMENTS = Listing(
    "agency-statements",
    "agency:statements",
    "agency:statement:read",
    StatementTable,
    ("-number", "pk"),
    _("No statement yet. Each month's appears here when the month is over, payment by payment."),
    StatementFilter,
    lambda request: statements_for(request.user, request.user.agency_id or ""),
)


def _paid(line: StatementLine) -> str:
    return minor(line.amount, line.currency)


class LineTable(ListTable):
    """A statement line by line."""

    payment = Cells(_("Payment"), "payment_id", order="payment_id")
    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    paid_on = Moments(_("Paid on"), "paid_on", order="paid_on")
    amount = Made(_("Amount"), _paid, numeric=True, order="amount")
    rate = Made(_("Rate"), lambda line: basis(line.rate), numeric=True, order="rate")
    commission = Made(
        _("Commission"), lambda line: minor(line.commission, line.currency), numeric=True, order="commission"
    )
    acts = Acts("agency/line_acts.html", _("Disputed"))
    disputed = Cells(_("What is wrong"), "disputed", shown=False)
    answered = Cells(_("Answer"), "answered", shown=False)


class LineFilter(ListFilter):
    """By whether it is disputed, payment and loan."""

    disputed = SetFilter(
        _("Disputed"), {"1": (_("Disputed"), lambda rows, _request: rows.filter(~Q(disputed="")))}
    )
    payment = KeyFilter("payment_id", _("Payment"))
    loan = KeyFilter("loan_id", _("Loan"))
    paid_from = DayFilter("paid_on", _("Paid from"))
    paid_to = DayFilter("paid_on", _("Paid until"), until=True)


LINES = Listing(
    "statement-lines",
    "agency:statements",
    "agency:statement:read",
    LineTable,
    ("pk",),
    _("No line yet. Each payment that earns commission is one."),
    LineFilter,
    size=100,
)
