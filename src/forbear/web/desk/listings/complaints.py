"""The list of the register of complaints."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from forbear.actions.selectors.complaints import late_complaints
from forbear.core.agreements.complaint import CAME_BY, CATEGORIES, REDRESS, ROOT_CAUSES
from forbear.store.access import complaints_for
from forbear.store.business_date import business_date
from forbear.web import labels as words
from forbear.web.desk.listings.cells import Deadlines
from forbear.web.lists.columns import Amounts, Borrowers, Cells, Links, ListTable, Made, Moments, Words
from forbear.web.lists.filters import CodeFilter, DayFilter, KeyFilter, ListFilter, SetFilter
from forbear.web.lists.listing import Listing
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import bilingual


class _FinalDue(Deadlines):
    """By when the final response is due."""

    def is_open(self, record: Any) -> bool:
        """Whether it waits."""
        return record.request.state == "open"


class _AcknowledgeDue(Deadlines):
    """By when it is acknowledged in writing."""

    def is_open(self, record: Any) -> bool:
        """Whether it waits."""
        return record.acknowledged_at is None


class _RedressDue(Deadlines):
    """By when redress is done."""

    def is_open(self, record: Any) -> bool:
        """Whether it waits."""
        return record.redress_done_at is None


def _state(complaint: Any) -> str:
    """State and outcome in one line."""
    request = complaint.request
    if request.state == "open" and complaint.proposed_by_id is not None:
        return words.word("request_state", "proposed")
    parts = [words.word("request_state", request.state)]
    return " · ".join([*parts, words.word("answer", request.outcome)] if request.outcome else parts)


class ComplaintTable(ListTable):
    """The register."""

    number = Links(
        _("Number"), "request__number", "desk:complaint", "request__number", order="request__number"
    )
    borrower = Borrowers(order="borrower_id")
    opened = Moments(_("Received"), "request__opened_at", order="request__opened_at")
    came_by = Words(_("Came by"), "came_by", "came_by", order="came_by")
    category = Words(_("Category"), "category", "complaint_category", order="category")
    cause = Words(_("Root cause"), "root_cause", "root_cause", order="root_cause")
    acknowledge = _AcknowledgeDue(_("Acknowledge by"), "acknowledge_by", order="acknowledge_by", shown=False)
    acknowledged = Moments(_("Acknowledged"), "acknowledged_at", order="acknowledged_at", shown=False)
    due = _FinalDue(_("Final response by"), "request__due_on", order="request__due_on")
    state = Made(_("State"), _state)
    final = Moments(_("Final response sent"), "final_sent_at", order="final_sent_at", shown=False)
    redress = Words(_("Redress"), "redress", "redress", order="redress")
    amount = Amounts(_("Redress amount"), "redress_amount", order="redress_amount", shown=False)
    redress_by = _RedressDue(_("Redress by"), "redress_by", order="redress_by", shown=False)
    redress_done = Moments(_("Redress done"), "redress_done_at", order="redress_done_at", shown=False)
    agency = Made(
        _("Agency"),
        lambda row: bilingual(row.about_agency) if row.about_agency else "",
        order="about_agency_id",
        shown=False,
    )
    referred = Moments(_("Referred on"), "referred_on", order="referred_on", shown=False)
    reference = Cells(_("Their number"), "referred_ref", order="referred_ref", shown=False)


def _second(rows: QuerySet, request: StaffRequest) -> QuerySet:
    return rows.filter(request__state="open", proposed_by__isnull=False).exclude(proposed_by=request.user)


class ComplaintFilter(ListFilter):
    """By state, category, cause, way, redress, borrower and days."""

    state = SetFilter(
        _("State"),
        {
            "open": (_("To be answered"), lambda rows, _request: rows.filter(request__state="open")),
            "overdue": (
                _("Overdue"),
                lambda rows, request: late_complaints(rows, business_date(request.now)),
            ),
            "second": (_("Need a second person"), _second),
            "redress": (
                _("Redress to be done"),
                lambda rows, _request: rows.filter(redress_by__isnull=False, redress_done_at=None),
            ),
            "referred": (
                _("With the next instance"),
                lambda rows, _request: rows.filter(~Q(referred_on=None), referral_ended_on=None),
            ),
            "answered": (_("Answered"), lambda rows, _request: rows.filter(request__state="answered")),
        },
        start="open",
    )
    category = CodeFilter("category", _("Category"), "complaint_category", CATEGORIES)
    cause = CodeFilter("root_cause", _("Root cause"), "root_cause", ROOT_CAUSES)
    came_by = CodeFilter("came_by", _("Came by"), "came_by", CAME_BY)
    redress = CodeFilter("redress", _("Redress"), "redress", REDRESS)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    opened_from = DayFilter("request__opened_at", _("Received from"), moment=True)
    opened_to = DayFilter("request__opened_at", _("Received until"), until=True, moment=True)


COMPLAINTS = Listing(
    "complaints",
    "desk:complaints",
    "desk:complaint:read",
    ComplaintTable,
    ("request__due_on", "pk"),
    _("No complaints. Those made online, by text, on the phone or at an agency are entered here."),
    ComplaintFilter,
    lambda request: complaints_for(request.user),
)
