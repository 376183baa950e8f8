"""Lists of money: payments that fit no loan, penalty interest, charge-offs, sales of debts, credit reports."""

from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.interchange.home.country import credit_forms_of
from forbear.store.access import (
    credit_reports_for,
    loans_for,
    penalty_differences_for,
    sales_for,
    unapplied_payments_for,
    write_offs_for,
)
from forbear.store.models import PenaltyDifference, UnappliedPayment
from forbear.store.models.loan import UNAPPLIED_REASONS, UNAPPLIED_STATES
from forbear.store.models.sale import ROW_STATES, SALE_STATES
from forbear.web.actors import colleague
from forbear.web.desk.row_forms import ApplyForm
from forbear.web.forms import RowForms
from forbear.web.labels import CREDIT_KINDS
from forbear.web.lists.columns import (
    Acts,
    Amounts,
    Borrowers,
    Cells,
    Links,
    Listed,
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
    NumberFilter,
    SetFilter,
)
from forbear.web.lists.listing import Bulk, Listing
from forbear.web.request import StaffRequest

# payments that fit no loan


class UnappliedTable(ListTable):
    """Payments that fit no loan as they were reported."""

    payment = Cells(_("Payment"), "payment_id", order="payment_id")
    state = Words(_("State"), "state", "unapplied_state", tagged=True, order="state")
    why = Words(_("Why"), "why", "unapplied", order="why")
    loan = Cells(_("Reported for loan"), "loan_named", order="loan_named")
    amount = Numbers(_("Amount in the smallest unit"), "amount", order="amount")
    paid_on = Moments(_("Paid on"), "paid_on", order="paid_on")
    received = Moments(_("Received"), "received_at", order="received_at")
    decided_by = People(_("Decided by"), "decided_by__number", order="decided_by__number", shown=False)
    note = Cells(_("Comment"), "note", shown=False)
    acts = Acts("desk/unapplied_acts.html")


class UnappliedFilter(ListFilter):
    """By state, reason, loan and day."""

    state = SetFilter(
        _("State"),
        {"waiting": (_("Waiting"), lambda rows, _request: rows.filter(state="waiting"))},
        start="waiting",
    )
    why = CodeFilter("why", _("Why"), "unapplied", UNAPPLIED_REASONS)
    ended = CodeFilter("state", _("Became"), "unapplied_state", UNAPPLIED_STATES)
    loan = KeyFilter("loan_named", _("Reported for loan"))
    received_from = DayFilter("received_at", _("Received from"), moment=True)
    received_to = DayFilter("received_at", _("Received until"), until=True, moment=True)


def _candidates(request: StaffRequest, rows: list[UnappliedPayment]) -> dict[str, object]:
    """The loans that payments may be for, as far as the person may see them, by payment."""
    loans = loans_for(request.user).in_bulk({loan for row in rows for loan in row.loans})
    for row in rows:
        row.__dict__["candidates"] = [loans[name] for name in row.loans if name in loans]
    return {"apply_forms": RowForms(request, ApplyForm, {})}


UNAPPLIED = Listing(
    "unapplied",
    "desk:unapplied",
    "desk:payment:apply",
    UnappliedTable,
    ("received_at", "pk"),
    _("No payment waits. A payment that fits no loan is listed here."),
    UnappliedFilter,
    lambda request: unapplied_payments_for(request.user),
    about=_candidates,
)

# penalty interest


def _penalty_state(row: PenaltyDifference) -> str:
    if row.settled_at is not None:
        by = colleague(row.settled_by) if row.settled_by else ""
        return f"{gettext('Resolved')} · {by}"
    return gettext("Matches again") if row.gone_at is not None else gettext("Unresolved")


class PenaltyTable(ListTable):
    """Where the lender's penalty interest is not the contract's."""

    loan = Links(_("Loan"), "loan_id", "desk:penalty", order="loan_id")
    as_of = Moments(_("As of"), "as_of", order="as_of")
    reported = Amounts(_("In the feed"), "reported", of="loan__", order="reported")
    computed = Amounts(_("By contract"), "computed", of="loan__", order="computed")
    too_much = Amounts(_("Too much"), "too_much", of="loan__", order="too_much")
    found = Moments(_("Found"), "found_at", order="found_at", shown=False)
    state = Made(_("State"), _penalty_state)


def _unresolved(rows: QuerySet, _request: StaffRequest) -> QuerySet:
    return rows.filter(gone_at=None, settled_at=None)


class PenaltyFilter(ListFilter):
    """By state, loan and amount. What is too much comes first."""

    state = SetFilter(
        _("State"),
        {
            "over": (
                _("Too much, unresolved"),
                lambda rows, request: _unresolved(rows, request).filter(too_much__gt=0),
            ),
            "open": (_("All unresolved"), _unresolved),
        },
        start="over",
    )
    loan = KeyFilter("loan_id", _("Loan"))
    least = AmountFilter("too_much", _("Too much, at least"), unit="loan__minor_unit")
    as_of_from = DayFilter("as_of", _("As of, from"))
    as_of_to = DayFilter("as_of", _("As of, until"), until=True)


PENALTIES = Listing(
    "penalties",
    "desk:penalties",
    "desk:compliance:read",
    PenaltyTable,
    ("-too_much", "pk"),
    _("No differences. Loans whose penalty interest differs from the contract are listed here."),
    PenaltyFilter,
    lambda request: penalty_differences_for(request.user),
    Bulk("desk:resolve_penalties", "desk/bulk_penalties.html", "desk:penalty:resolve"),
)

# charge-offs and sales


class ChargeOffTable(ListTable):
    """Charge-offs that wait for a signature."""

    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    borrower = Borrowers(name="", order="borrower_id")
    amount = Amounts(_("Amount"), "amount", of="loan__", order="amount")
    why = Listed(_("Reason"), "why", "write_off")
    proposed_by = People(_("Proposed by"), "proposed_by__number", order="proposed_by__number")
    proposed = Moments(_("Proposed"), "proposed_at", order="proposed_at")


class ChargeOffFilter(ListFilter):
    """By loan, borrower and amount."""

    loan = KeyFilter("loan_id", _("Loan"))
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"), unit="loan__minor_unit")
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True, unit="loan__minor_unit")


CHARGE_OFFS = Listing(
    "charge-offs",
    "desk:write_offs",
    "desk:sale:read",
    ChargeOffTable,
    ("-amount", "pk"),
    _("Nothing waits for approval. Proposed charge-offs are listed here."),
    ChargeOffFilter,
    lambda request: write_offs_for(request.user).filter(state="proposed"),
    Bulk("desk:sign_write_off", "desk/bulk_charge_offs.html", "desk:sale:sign"),
)


def _sales(request: StaffRequest) -> QuerySet:
    states = {state: Count("rows", filter=Q(rows__state=state)) for state in ROW_STATES if state != "in"}
    return sales_for(request.user).annotate(**states, chosen=Count("rows", filter=Q(rows__state="in")))


class SaleTable(ListTable):
    """Sales of debts."""

    number = Links(_("Number"), "number", "desk:sale", "number", order="number")
    buyer = Cells(_("Buyer"), "buyer", order="buyer")
    state = Words(_("State"), "state", "sale", tagged=True, order="state")
    sold = Made(pgettext_lazy("sale", "Sold"), lambda sale: sale.sold or sale.chosen, numeric=True)
    out = Numbers(_("Left out"), "out", order="out")
    made_by = People(_("Proposed by"), "made_by__number", order="made_by__number")
    made = Moments(_("Proposed"), "made_at", order="made_at")
    decided_by = People(_("Approved by"), "decided_by__number", order="decided_by__number")
    decided = Moments(_("Approved"), "decided_at", order="decided_at", shown=False)


class SaleFilter(ListFilter):
    """By state, buyer and day."""

    state = CodeFilter("state", _("State"), "sale", SALE_STATES)
    buyer = KeyFilter("buyer", _("Buyer"), part=True)
    made_from = DayFilter("made_at", _("Proposed from"), moment=True)
    made_to = DayFilter("made_at", _("Proposed until"), until=True, moment=True)


SALES = Listing(
    "sales",
    "desk:sales",
    "desk:sale:read",
    SaleTable,
    ("-pk",),
    _(
        "None yet. Name a buyer and every loan is checked, with a reason for each left out. Nothing changes before "
        "approval."
    ),
    SaleFilter,
    _sales,
)


class SaleLoanTable(ListTable):
    """The loans of one sale."""

    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    borrower = Borrowers(name="", order="borrower_id")
    outstanding = Amounts(_("Outstanding"), "outstanding", of="loan__", order="outstanding")
    state = Words(_("State"), "state", "sale", order="state")
    why = Listed(_("Reason"), "why", "excluded")
    sold_at = Moments(pgettext_lazy("sale", "Sold"), "sold_at", order="sold_at", shown=False)


class SaleLoanFilter(ListFilter):
    """By state, loan, borrower and amount."""

    state = CodeFilter("state", _("State"), "sale", ROW_STATES)
    loan = KeyFilter("loan_id", _("Loan"))
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("outstanding", _("Amount, at least"), unit="loan__minor_unit")
    amount_to = AmountFilter("outstanding", _("Amount, at most"), most=True, unit="loan__minor_unit")


SALE_LOANS = Listing(
    "sale-loans",
    "desk:sales",
    "desk:sale:read",
    SaleLoanTable,
    ("state", "borrower_id", "loan_id", "pk"),
    _("No loan is in this sale. The page of the sale says why each was left out."),
    SaleLoanFilter,
)

# credit bureaus


def _count(name: str) -> Any:
    return lambda report: report.counts.get(name)


class ReportTable(ListTable):
    """Reports to credit bureaus."""

    on = Links(_("As of"), "on", "desk:credit_report", order="on")
    form = Words(_("For"), "form", "credit_form", order="form")
    records = Numbers(_("Records"), "counts__records", order="counts__records")
    adverse = Numbers(_("Adverse"), "counts__adverse", order="counts__adverse")
    corrections = Numbers(_("Corrections"), "counts__corrections", order="counts__corrections")
    withheld = Numbers(_("Withheld"), "counts__withheld", order="counts__withheld")
    made = Moments(_("Generated"), "made_at", order="made_at")


class ReportFilter(ListFilter):
    """By form and day."""

    form = CodeFilter("form", _("For"), "credit_form", lambda: credit_forms_of(settings.HOME))
    on_from = DayFilter("on", _("As of, from"))
    on_to = DayFilter("on", _("As of, until"), until=True)


REPORTS = Listing(
    "credit-reports",
    "desk:credit",
    "desk:credit:read",
    ReportTable,
    ("-on", "form", "pk"),
    _("None yet. Once a month is over, forbear credit-report makes its report."),
    ReportFilter,
    lambda request: credit_reports_for(request.user),
)


class RecordTable(ListTable):
    """What was reported of single loans, and what was withheld."""

    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    borrower = Borrowers(name="", order="borrower_id", shown=False)
    on = Moments(_("Date of figures"), "on", order="on")
    kind = Words(_("Kind"), "kind", "credit_kind", order="kind")
    adverse = Made(_("Adverse"), lambda record: gettext("adverse") if record.adverse else "", order="adverse")
    days = Numbers(_("Days past due"), "days_past_due", order="days_past_due")
    changed = Acts("desk/credit_change.html", _("What changed, or why it was withheld"))


class RecordFilter(ListFilter):
    """By kind, loan, borrower and days past due."""

    kind = CodeFilter("kind", _("Kind"), "credit_kind", CREDIT_KINDS)
    loan = KeyFilter("loan_id", _("Loan"))
    borrower = KeyFilter("borrower_id", _("Borrower"))
    days_from = NumberFilter("days_past_due", _("Days past due, at least"))


RECORDS = Listing(
    "credit-records",
    "desk:credit",
    "desk:credit:read",
    RecordTable,
    ("pk",),
    _("No such record in this report. Other kinds are chosen above."),
    RecordFilter,
)
