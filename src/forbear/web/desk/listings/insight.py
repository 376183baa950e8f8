"""The lists behind figures: each collector's goals, the promises behind them, who was reviewed, a figure's rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise as LazyText
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from forbear.insight.goal import Result, Usual
from forbear.insight.kpi import ROWS
from forbear.store.models import Promise, Staff
from forbear.web import actors
from forbear.web.desk.kpi_rows import AMOUNTS, COLUMNS, page_columns, words_of
from forbear.web.labels import VERDICTS
from forbear.web.lists.columns import (
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
from forbear.web.lists.listing import Listing
from forbear.web.templatetags.forbear import percent


class Shares(Made):
    """A share of one, as percent on the page and as a number in a file."""

    def __init__(
        self, title: str | LazyText, make: Callable[[Any], float | None], order: str, **more: Any
    ) -> None:
        super().__init__(title, make, numeric=True, order=order, **more)

    def text(self, value: Any) -> str:
        """In percent."""
        return percent(value)

    def cells(self, record: Any, table: Any) -> list[object]:
        """The share itself, to four places."""
        value = self.make(record)
        return ["" if value is None else round(float(str(value)), 4)]


class Rates(Shares):
    """A figure with some decimals."""

    def __init__(
        self, title: str | LazyText, make: Callable[[Any], float | None], order: str, places: int
    ) -> None:
        super().__init__(title, make, order)
        self.places = places

    def text(self, value: Any) -> str:
        """With its decimals."""
        return f"{value:.{self.places}f}"


@dataclass(frozen=True, slots=True)
class GoalRow:
    """A collector and what their promises came to."""

    person: Staff
    result: Result


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """A promise, and what like ones give."""

    promise: Promise
    usual: Usual


#: Against chance, with the colour of its tag; what is within chance has none.
_VERDICTS: dict[str, tuple[LazyText, str]] = {
    "few": (_("too few to rate"), ""),
    "above": (_("above"), "yes"),
    "within": (_("as expected"), ""),
    "below": (_("below: worth a conversation"), "wait"),
}


class _Verdicts(Cells):
    """How a collector stands against chance."""

    def html(self, record: GoalRow, table: Any) -> SafeString:
        """The word, as a tag where it says something."""
        words, colour = _VERDICTS[record.result.verdict]
        return format_html('<span class="badge tag {}">{}</span>' if colour else "{1}", colour, words)

    def cells(self, record: GoalRow, table: Any) -> list[object]:
        """The word."""
        return [str(_VERDICTS[record.result.verdict][0])]


class _People(Links):
    """A collector by name and number, led to the promises."""

    def text(self, value: Any) -> str:
        """As colleagues say it."""
        return actors.person(value)


class GoalTable(ListTable):
    """Each collector's promises that were due."""

    number = _People(_("Person"), "person__number", "desk:goal_rows", "person__pk", order="number")
    promises = Numbers(_("Promises due"), "result__promises", order="promises")
    difficulty = Rates(_("Mean difficulty"), lambda row: row.result.difficulty, "difficulty", 1)
    kept = Numbers(_("Kept"), "result__kept", order="kept")
    expected = Rates(_("Expected"), lambda row: row.result.expected, "expected", 1)
    ratio = Rates(_("Ratio"), lambda row: row.result.ratio, "ratio", 2)
    paid_ratio = Rates(_("Ratio of amounts"), lambda row: row.result.paid_ratio, "paid_ratio", 2)
    verdict = _Verdicts(_("Against chance"), "result__verdict", order="verdict")


GOALS = Listing(
    "goals",
    "desk:goals",
    "desk:floor:read",
    GoalTable,
    (),
    _(
        "No promise fell due recently. Once promises that collectors recorded are due and decided, they are compared "
        "here."
    ),
)


class GoalPromiseTable(ListTable):
    """The promises behind one collector's figures."""

    borrower = Borrowers("promise__borrower_id", name="", order="borrower")
    due = Moments(_("Due"), "promise__due_on", order="due")
    state = Words(_("Result"), "promise__state", "agreement", order="state")
    difficulty = Numbers(_("Difficulty"), "promise__difficulty", order="difficulty")
    amount = Amounts(_("Promised"), "promise__amount", of="promise__", order="amount")
    paid = Amounts(_("Amount paid"), "promise__paid", of="promise__", order="paid")
    usual_kept = Shares(_("Similar ones kept"), lambda row: row.usual.kept, "usual_kept")
    usual_paid = Shares(_("Paid of similar ones"), lambda row: row.usual.paid, "usual_paid")


GOAL_PROMISES = Listing(
    "goal-promises",
    "desk:goal_rows",
    "desk:floor:read",
    GoalPromiseTable,
    (),
    _("None fell due recently."),
)


@dataclass(frozen=True, slots=True)
class ReviewedRow:
    """A person, how many of their contacts got each verdict, and their mean score."""

    number: str
    good: int
    coach: int
    breach: int
    score: int | None = None

    @property
    def share(self) -> float:
        """How many of all were good."""
        return self.good / (self.good + self.coach + self.breach)


class ReviewedTable(ListTable):
    """How each person's reviewed contacts were."""

    number = People(_("Person"), "number", order="number")
    good = Numbers(VERDICTS["good"], "good", order="good")
    coach = Numbers(VERDICTS["coach"], "coach", order="coach")
    breach = Numbers(VERDICTS["breach"], "breach", order="breach")
    share = Shares(_("Share of good ones"), lambda row: row.share, "share")
    score = Numbers(_("Mean score, of 100"), "score")


REVIEWED = Listing(
    "reviewed",
    "desk:reviews",
    "desk:review:make",
    ReviewedTable,
    ("number",),
    _("Nothing reviewed yet. Each person appears here after their first review."),
)


def _column(model: type[Model], name: str) -> Cells:
    """A column of a figure's rows: codes as words, moments at the lender's, amounts with their currency."""
    title = COLUMNS[name]
    own = {field.attname for field in model._meta.concrete_fields}
    if name == "borrower_id":
        return Borrowers(name="", order=name)
    if name in AMOUNTS:
        return Amounts(title, name, of="" if "currency" in own else "loan__", order=name)
    if table := words_of(model, name):
        return Words(title, name, table, order=name)
    dated = model._meta.get_field(name.removesuffix("_id")).get_internal_type() in (
        "DateField",
        "DateTimeField",
    )
    return (Moments if dated else Cells)(title, name, order=name)


def _listing_of(model: type[Model]) -> Listing:
    columns = {name: _column(model, name) for name in page_columns(model)}
    table = type(f"{model.__name__}RowTable", (ListTable,), columns)
    return Listing(
        f"kpi-{model._meta.model_name}",
        "desk:kpi",
        "desk:floor:read",
        table,
        ("pk",),
        _("Nothing in this period."),
    )


#: The list of a figure's rows, by the table they stand in.
KPI_ROWS = {model: _listing_of(model) for model in ROWS}
