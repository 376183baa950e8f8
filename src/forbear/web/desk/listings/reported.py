"""The list of payments that borrowers reported."""

from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.reported_payment import STATES, WAYS
from forbear.store.access import reported_payments_for
from forbear.web.lists.columns import (
    Acts,
    Amounts,
    Borrowers,
    Cells,
    ListTable,
    Moments,
    People,
    Words,
)
from forbear.web.lists.filters import AmountFilter, CodeFilter, DayFilter, KeyFilter, ListFilter, SetFilter
from forbear.web.lists.listing import Listing


class ReportedTable(ListTable):
    """Payments that borrowers reported."""

    borrower = Borrowers(order="borrower_id")
    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    amount = Amounts(_("Amount"), "amount", of="loan__", order="amount")
    counts = Amounts(_("Still counts"), "counts", of="loan__", order="counts")
    paid_on = Moments(_("Paid on"), "paid_on", order="paid_on")
    way = Words(_("How it was paid"), "way", "payment_way", order="way")
    state = Words(_("State"), "state", "reported_state", tagged=True, order="state")
    ends_on = Moments(_("Counts until"), "ends_on", order="ends_on")
    reported_by = People(_("Recorded by"), "reported_by__number", order="reported_by__number")
    reported = Moments(_("Recorded"), "reported_at", order="reported_at", shown=False)
    decided_by = People(_("Decided by"), "decided_by__number", order="decided_by__number", shown=False)
    acts = Acts("desk/reported_acts.html")


class ReportedFilter(ListFilter):
    """By state, way, borrower, loan, person, amount and day."""

    state = SetFilter(
        _("State"),
        {
            "open": (_("Not booked yet"), lambda rows, _request: rows.filter(state="unconfirmed")),
            "second": (
                _("Waiting for a second person"),
                lambda rows, _request: rows.filter(state="unconfirmed", needs_second=True, decided_by=None),
            ),
        },
        start="open",
    )
    became = CodeFilter("state", _("Became"), "reported_state", STATES)
    way = CodeFilter("way", _("How it was paid"), "payment_way", WAYS)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    loan = KeyFilter("loan_id", _("Loan"))
    by = KeyFilter("reported_by__number", _("Recorded by"))
    least = AmountFilter("amount", _("Amount, at least"), unit="loan__minor_unit")
    paid_from = DayFilter("paid_on", _("Paid from"))
    paid_to = DayFilter("paid_on", _("Paid until"), until=True)


REPORTED = Listing(
    "reported-payments",
    "desk:reported",
    "desk:case:read",
    ReportedTable,
    ("ends_on", "pk"),
    _("No payment waits to be booked. What borrowers tell of on a case page is listed here."),
    ReportedFilter,
    lambda request: reported_payments_for(request.user),
)
