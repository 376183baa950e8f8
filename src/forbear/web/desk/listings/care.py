"""The list of vulnerable customers: what changes for each and when somebody looks at it again, never why."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from forbear.actions.selectors.vulnerable import reviews_of_vulnerability
from forbear.core.agreements.vulnerability import TOLD_BY
from forbear.store.access import vulnerabilities_for
from forbear.store.business_date import business_date
from forbear.web.desk.listings.cells import Deadlines
from forbear.web.lists.columns import Actors, Borrowers, Listed, ListTable, Moments, Words
from forbear.web.lists.filters import CodeFilter, DayFilter, KeyFilter, ListFilter, SetFilter
from forbear.web.lists.listing import Listing


class _Review(Deadlines):
    """When somebody looks at it again."""

    def is_open(self, record: Any) -> bool:
        """Whether it runs."""
        return record.ended_at is None


class VulnerableTable(ListTable):
    """Who is in special care."""

    borrower = Borrowers(order="borrower_id")
    measures = Listed(_("What changes"), "measures", "care_measure")
    since = Moments(_("Since"), "since", order="since")
    told_by = Words(_("Who said so"), "told_by", "told_by", order="told_by")
    review = _Review(_("Next review"), "review_on", order="review_on")
    recorded_by = Actors(_("Recorded by"), "recorded_by", order="recorded_by", shown=False)
    ended = Moments(_("Ended on"), "ended_at", order="ended_at", shown=False)


class VulnerableFilter(ListFilter):
    """By state, who said so, borrower and review."""

    state = SetFilter(
        _("State"),
        {
            "running": (_("Running"), lambda rows, _request: rows.filter(ended_at=None)),
            "due": (
                _("To be reviewed"),
                lambda rows, request: reviews_of_vulnerability(rows, business_date(request.now)),
            ),
            "over": (_("Over"), lambda rows, _request: rows.exclude(ended_at=None)),
        },
        start="running",
    )
    told_by = CodeFilter("told_by", _("Who said so"), "told_by", TOLD_BY)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    review_from = DayFilter("review_on", _("Next review from"))
    review_to = DayFilter("review_on", _("Next review until"), until=True)


VULNERABLE = Listing(
    "vulnerable",
    "desk:vulnerable",
    "desk:vulnerability:read",
    VulnerableTable,
    ("review_on", "pk"),
    _("Nobody is in special care. Whom a case, a visit or the borrower says is vulnerable is listed here."),
    VulnerableFilter,
    lambda request: vulnerabilities_for(request.user),
)
