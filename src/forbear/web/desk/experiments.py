"""For analysts and managers: what each experiment and the hold-out show, with intervals and the rows behind them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from forbear.actions.strategies.experiments import stop_experiment
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
from forbear.web.forms import ReasonForm
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.tables import MOST_ROWS, table_answer
from forbear.web.templatetags.forbear import chinese, money

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
    shown = {
        "found": [_shown(read, *each) for each in _statuses(planned, read.version, request.now)],
        "read": read,
        "holdout": HOLDOUT,
    }
    return render(request, "desk/experiments.html", shown)


@require_POST
@permission_required("desk:strategy:propose")
def experiment_stop(request: StaffRequest, experiment: str) -> HttpResponseBase:
    """End an experiment for good: its borrowers go on as everybody does."""
    actor = f"staff:{request.user.number}"

    def act(given: dict[str, Any]) -> object:
        return stop_experiment(experiment, given["note"], request.now, actor=actor)

    done = gettext("Stopped. From the next end-of-day run its arms no longer count.")
    form = ReasonForm(request.POST, key=f"stop{experiment}")
    return submit(request, form, act, lambda: experiments(request), reverse("desk:experiments"), done)


@dataclass(frozen=True, slots=True)
class Incremental:
    """What contact brought beyond what came in by itself, by the hold-out, in 30 days of each borrower's.

    `finding` says it in a sentence. `total` is the difference over all others whose days are over, in minor units, with
    the ends of its interval for looks on any day; `contacts` are those they had. It is missing while it is early,
    and where the hold-out is not as chance would have it.
    """

    finding: str
    status: Status | None
    minor_unit: int
    others: int
    contacts: int
    total: tuple[int, int, int] | None
    per_contact: str


def incremental(now: datetime) -> Incremental | None:
    """What the first page says of the hold-out; None where the strategy in force has none."""
    today = business_date(now)
    read = strategy(settings.HOME, today)
    planned = [each for each in designs(read, today) if each.name == HOLDOUT]
    for _, found in _statuses(planned, read.version, now):
        return _incremental(found)
    return None


def _incremental(found: Status | None) -> Incremental:
    early = gettext("What contact brings beyond what comes in by itself: too early to say")
    if found is None or not found.compared or "cash" not in found.compared[0].differences:
        return Incremental(early, found, 1, 0, 0, None, "")
    others, unit = found.arms[1], 10 ** minor_digits(found.currency)
    span = found.compared[0].differences["cash"].always
    total = [round(each * others.complete) for each in (span.estimate, span.low, span.high)]
    values = {"amount": money(total[0], unit, found.currency)}
    if found.verdict == "broken":
        finding = gettext("The hold-out is not as large as chance would have it: nothing can be read from it")
        return Incremental(finding, found, unit, others.complete, others.sums["contacts"], None, "")
    if span.low > 0:
        finding = gettext("Contact brought %(amount)s beyond what came in by itself") % values
    elif span.high < 0:
        finding = gettext("Those who were contacted paid less than those left alone")
    else:
        finding = gettext("It is not shown that contact brings more than comes in by itself")
    per_contact = _range(found.compared[0].per_contact, unit)
    return Incremental(
        finding,
        found,
        unit,
        others.complete,
        others.sums["contacts"],
        (total[0], total[1], total[2]),
        per_contact,
    )


def _statuses(planned: list[Design], version: str, now: datetime) -> list[tuple[Design, Status | None]]:
    """How each stands, counted a little ahead where the book is large."""
    book = _book()
    if book is None or not planned:
        return [(each, None) for each in planned]
    names = ",".join(each.name for each in planned)
    kept = counted(
        f"experiments:{names}:{book.version}:{version}:{business_date(now)}",
        lambda: {each.name: status(settings.HOME, book, each) for each in planned},
        now,
        seconds=_KEPT,
    )
    return [(each, kept.found[each.name]) for each in planned]


@permission_required("desk:strategy:read")
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
