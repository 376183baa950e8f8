"""The list of agencies, each with its scorecard."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.actions.selectors.agency_directory import agencies, cases_by_agency
from forbear.insight.scorecard import SHARES, Card, scorecards
from forbear.store.models import Agency
from forbear.web import labels as words
from forbear.web.lists.columns import Cells, ListTable, Made, Numbers, Words
from forbear.web.lists.listing import Listing
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import bilingual


@dataclass(frozen=True)
class AgencyRow:
    """An agency, its scorecard (None before its first placement), and how many cases are with it."""

    agency: Agency
    card: Card | None
    placed: int

    @property
    def total(self) -> float | None:
        """Its score over all parts, from 0 to 100."""
        return None if self.card is None else self.card.total

    @property
    def findings(self) -> int | None:
        """How many findings its scorecard counts."""
        return None if self.card is None else sum(self.card.findings.values())


class AgencyNames(Cells):
    """An agency's name in the reader's language; it leads to the agency's page."""

    def found(self, record: AgencyRow) -> str:
        """The name."""
        return bilingual(record.agency)

    def html(self, record: AgencyRow, table: Any) -> SafeString:
        """The name as a link."""
        address = reverse("desk:agency", args=[record.agency.code])
        return format_html('<a href="{}">{}</a>', address, self.found(record))

    def cells(self, record: AgencyRow, table: Any) -> list[object]:
        """The name alone."""
        return [self.found(record)]


class AgencyStates(Words):
    """The state of an agency, and why it is suspended."""

    def html(self, record: AgencyRow, table: Any) -> SafeString:
        """Its tag, with the reason beside it."""
        tag, reason = super().html(record, table), record.agency.suspended_for
        return format_html("{} {}", tag, words.word("suspended", reason) if reason else "")


class Scores(Made):
    """A score from 0 to 100, sorted as a number and shown whole."""

    def __init__(self, title: str | Promise, make: Callable[[Any], float | None]) -> None:
        super().__init__(title, make, numeric=True, order="score")
        self.score = make

    def text(self, value: float) -> str:
        """Without decimals."""
        return f"{value:.0f}"

    def cells(self, record: AgencyRow, table: Any) -> list[object]:
        """The score with one decimal."""
        value = self.score(record)
        return ["" if value is None else round(value, 1)]


def _part(part: str) -> Callable[[AgencyRow], float | None]:
    return lambda row: None if row.card is None else row.card.score(part)


def _weighed(title: Promise, part: str) -> Promise:
    """A part's title with its share of the whole."""
    return format_lazy("{} {}%", title, SHARES[part])


class AgencyTable(ListTable):
    """All agencies; what they are paid for stands in their contracts, not here."""

    name = AgencyNames(_("Agency"), order="name")
    state = AgencyStates(_("State"), "agency__state", "agency", tagged=True, order="state")
    total = Scores(_("Total"), lambda row: row.total)
    conduct = Scores(_weighed(pgettext_lazy("scorecard", "Conduct"), "conduct"), _part("conduct"))
    record = Scores(_weighed(pgettext_lazy("scorecard", "Record"), "record"), _part("record"))
    feedback = Scores(_weighed(_("Feedback"), "feedback"), _part("feedback"))
    findings = Numbers(_("Findings"), "findings", order="findings")
    contacts = Numbers(_("Contacts"), "card__contacts", order="contacts")
    placed = Numbers(_("Placed now"), "placed", order="placed")
    capacity = Numbers(_("Capacity"), "agency__capacity", order="capacity")


def agency_rows(request: StaffRequest) -> list[AgencyRow]:
    """All agencies, the best first, those without a scorecard last."""
    cards, placed = scorecards(request.now), cases_by_agency()
    rows = [AgencyRow(each, cards.get(each.code), placed.get(each.code, 0)) for each in agencies()]
    return sorted(rows, key=lambda row: -1 if row.total is None else row.total, reverse=True)


AGENCIES = Listing(
    "agencies",
    "desk:agencies",
    "desk:agency:read",
    AgencyTable,
    (),
    _(
        "No agencies yet. One person proposes an agency on its file and a second admits it. Then cases can be placed."
    ),
    rows=agency_rows,
)
