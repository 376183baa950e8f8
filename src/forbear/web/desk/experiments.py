"""For analysts and managers: what each experiment and the hold-out show, with intervals and the rows behind them."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from forbear.core.base.money import minor_digits
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.measures import MEASURES
from forbear.core.strategy.model import Strategy
from forbear.insight.effect import Difference, Interval
from forbear.insight.experiments import ArmFigures, Compared, Design, Status, designs, rows, status
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.strategies import strategy
from forbear.store.business_date import business_date
from forbear.store.problem_text import sentence
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.tables import MOST_ROWS, table_answer
from forbear.web.templatetags.forbear import chinese

#: For this many seconds a large book's figures are kept.
_KEPT = 900.0
_MONEY = ("cash", "cost")
#: What an experiment says, in one sentence.
VERDICTS = {
    "broken": gettext_lazy("The arms are not as large as chance would have them, so nothing can be read from it."),
    "harmful": gettext_lazy("An arm does more harm than its guardrail allows: stop it."),
    "better": gettext_lazy("An arm does better than the first one. That holds however often one looks."),
    "worse": gettext_lazy("An arm does worse than the first one. That holds however often one looks."),
    "open": gettext_lazy("No difference is shown yet."),
    "early": gettext_lazy("The days of too few borrowers are over to say anything."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A measure of two arms: its name and the difference with both intervals, written out; `shown` beyond doubt."""

    name: str
    estimate: str
    fixed: str
    always: str
    shown: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """An arm beside the first one."""

    arm: str
    first: str
    lines: list[Line]
    per_contact: str
    per_cost: str
    guardrails: list[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """One experiment on the page; `status` is None while no night has drawn its arms."""

    design: Design
    title: str
    outcome: str
    status: Status | None
    verdict: str
    minor_unit: int
    arms: list[tuple[str, ArmFigures]]
    beside: list[Beside]


@permission_required("desk:strategy:read")
def experiments(request: StaffRequest) -> HttpResponse:
    """Every experiment of the strategy in force, the hold-out first."""
    today = business_date(request.now)
    read = strategy(settings.HOME, today)
    planned = designs(read, today, frozenset(stopped_on(settings.HOME, today)))
    book = _book()
    found: list[Shown] = []
    if book is not None and planned:
        name = f"experiments:{book.version}:{read.version}:{today}"
        kept = counted(
            name, lambda: {each.name: status(settings.HOME, book, each) for each in planned}, request.now, seconds=_KEPT
        )  # fmt: skip
        found = [_shown(read, each, kept.found[each.name]) for each in planned]
    else:
        found = [_shown(read, each, None) for each in planned]
    return render(request, "desk/experiments.html", {"found": found, "read": read})


@permission_required("desk:floor:read")
def experiment_rows(request: StaffRequest) -> HttpResponse:
    """The borrowers behind an experiment's figures as a file: those whose days are over."""
    today = business_date(request.now)
    named = [
        each
        for each in designs(strategy(settings.HOME, today), today)
        if each.name == request.GET.get("name")
    ]
    book = _book()
    cells = rows(settings.HOME, book, named[0]) if book is not None and named else iter(())
    head = ("borrower_id", "arm", "since", *MEASURES)
    return table_answer("experiment", request.GET.get("form", "csv"), head, cells, most=MOST_ROWS)


def _book() -> Book | None:
    """The book, if the home has one."""
    try:
        return open_book(settings.HOME.book)
    except FeedError:
        return None


def _shown(read: Strategy, design: Design, found: Status | None) -> Shown:
    titles = {each.name: each.title for each in read.experiments}
    language = "zh" if chinese() else "en"
    title = (
        gettext("Hold-out group")
        if design.name == HOLDOUT
        else titles[design.name].get(language, design.name)
    )
    unit = 10 ** minor_digits(found.currency) if found and found.currency else 1
    return Shown(
        design,
        title,
        sentence(MEASURES[design.outcome][0]),
        found,
        str(VERDICTS[found.verdict if found else "early"]),
        unit,
        [(_arm(design, each.arm), each) for each in found.arms] if found else [],
        [_beside(design, each, unit) for each in found.compared] if found else [],
    )


def _arm(design: Design, arm: str) -> str:
    """An arm's name: the file's own, and a word for the two of the hold-out."""
    if design.name != HOLDOUT:
        return arm
    return gettext("Hold-out group") if arm == HELD_OUT else gettext("All others")


def _beside(design: Design, other: Compared, unit: int) -> Beside:
    return Beside(
        _arm(design, other.arm),
        _arm(design, design.shares[0][0]),
        [_line(name, each, unit if name in _MONEY else 1) for name, each in other.differences.items()],
        _range(other.per_contact, unit),
        _range(other.per_cost, 1),
        [sentence(MEASURES[name][0]) for name in other.guardrails_passed],
    )


def _line(name: str, found: Difference, unit: int) -> Line:
    places = 2 if name in _MONEY else 4
    return Line(
        sentence(MEASURES[name][0]),
        f"{found.fixed.estimate / unit:+,.{places}f}",
        _span(found.fixed, unit, places),
        _span(found.always, unit, places),
        found.always.shown,
    )


def _span(found: Interval, unit: int, places: int) -> str:
    return f"{found.low / unit:+,.{places}f} … {found.high / unit:+,.{places}f}"


def _range(found: Interval | None, unit: int) -> str:
    return "" if found is None else f"{found.estimate / unit:,.2f} ({_span(found, unit, 2)})"
