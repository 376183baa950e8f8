"""For analysts and managers: what each experiment and the hold-out show, with intervals and the rows behind them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from forbear.actions.selectors.strategy_history import steps_of_canary
from forbear.actions.strategies.experiments import no_experiment, stop_experiment
from forbear.core.base.money import minor_digits
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT
from forbear.core.strategy.canary import is_canary
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.measures import MEASURES, VERDICTS
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.insight.effect import Difference, Interval, days_until_shown
from forbear.insight.experiments import ArmFigures, Compared, Design, Status, Week, designs, rows, status
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.strategies import strategy
from forbear.store.business_date import business_date
from forbear.store.models import StrategyStep
from forbear.store.problem_text import sentence
from forbear.web.call_forms import flash_problems
from forbear.web.desk.strategy_forms import EffectForm
from forbear.web.forms import ReasonForm
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.tables import MOST_ROWS, table_answer
from forbear.web.templatetags.forbear import chinese, money, when

#: For this many seconds a large book's figures are kept.
_KEPT = 900.0
_MONEY = ("cash", "cost")


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

    @property
    def canary(self) -> bool:
        """Whether it is a strategy's canary, which is taken back on the strategy's page."""
        return is_canary(self.design.name)


@permission_required("desk:strategy:read")
def experiments(request: StaffRequest) -> HttpResponse:
    """Every experiment of the strategy in force, the hold-out first."""
    today = business_date(request.now)
    read = strategy(settings.HOME, today)
    planned = designs(read, today, frozenset(stopped_on(settings.HOME, today)))
    shown = {
        "found": [as_shown(read, *each) for each in statuses(planned, read.version, request.now)],
        "read": read,
        "holdout": HOLDOUT,
    }
    return render(request, "desk/experiments.html", shown)


@permission_required("desk:strategy:read")
def experiment(request: StaffRequest, experiment: str) -> HttpResponseBase:
    """One experiment: its verdict, its weeks with intervals, and how long until an effect of a size would show."""
    found = _one(experiment, request.now)
    if found is None:
        flash_problems(request, [no_experiment(experiment)])
        return redirect("desk:experiments")
    asked = EffectForm(request.GET) if "effect" in request.GET else EffectForm()
    effect = asked.cleaned_data["effect"] if asked.is_bound and asked.is_valid() else None
    shown = {
        "each": found,
        "holdout": HOLDOUT,
        "weeks": _weeks(found),
        "chart": _chart(found),
        "asked": asked,
        "until_shown": until_shown(found, float(effect)) if effect else "",
    }
    return render(request, "desk/experiment.html", shown)


def _one(name: str, now: datetime) -> Shown | None:
    """An experiment of the strategy in force, or a canary of any."""
    today = business_date(now)
    read = strategy(settings.HOME, today)
    planned = designs(read, today, frozenset(stopped_on(settings.HOME, today)))
    for each in statuses([one for one in planned if one.name == name], read.version, now):
        return as_shown(read, *each)
    return canary_shown(name, steps_of_canary(name), now) if is_canary(name) else None


def _weeks(found: Shown) -> list[tuple[Week, str, Line]]:
    """The outcome week by week, the newest first."""
    if found.status is None:
        return []
    unit = found.minor_unit if found.design.outcome in _MONEY else 1
    name, design = found.design.outcome, found.design
    return [
        (week, arm_title(design, week.arm), _line(name, week.found, unit))
        for week in reversed(found.status.weeks)
    ]


def _chart(found: Shown) -> dict[str, object]:
    """The weeks of each arm as three lines: the difference, and the ends of the interval for looks on any day."""
    if found.status is None:
        return {"names": [], "series": []}
    unit = found.minor_unit if found.design.outcome in _MONEY else 1
    weeks = found.status.weeks
    names = sorted({week.until for week in weeks})
    series = []
    ends = (
        ("%(arm)s", "estimate"),
        (gettext("%(arm)s, at least"), "low"),
        (gettext("%(arm)s, at most"), "high"),
    )
    for arm in dict.fromkeys(week.arm for week in weeks):
        mine = {week.until: week.found.always for week in weeks if week.arm == arm}
        for words, end in ends:
            values = [round(getattr(mine[day], end) / unit, 4) if day in mine else None for day in names]
            series.append({"name": words % {"arm": arm_title(found.design, arm)}, "data": values})
    return {"names": [when(day) for day in names], "series": series}


def until_shown(found: Shown, effect: float) -> str:
    """In a sentence, how many more days until a difference of that size a borrower would show in 8 of 10 cases."""
    outcome, status = found.design.outcome, found.status
    compared = status.compared if status is not None else ()
    known = [each.differences[outcome] for each in compared if outcome in each.differences]
    if status is None or not known:
        return gettext("That can't be said before the days of 50 borrowers of each arm are over.")
    unit = found.minor_unit if outcome in _MONEY else 1
    sofar = sum(arm.complete for arm in status.arms)
    days = days_until_shown(effect * unit, sofar, status.a_day, known[0])
    if days != 0 and found.design.over:
        return gettext("It is over: so small a difference will not show.")
    if days is None:
        return gettext("Nobody has come in for two weeks, so it would never show.")
    if days == 0:
        return gettext("So large a difference would show by now in 8 of 10 cases.")
    text = ngettext(
        "So large a difference would show in 8 of 10 cases after %(days)s more day of borrowers coming in.",
        "So large a difference would show in 8 of 10 cases after %(days)s more days of borrowers coming in.",
        days,
    )
    return text % {"days": f"{days:,}"}


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
    for _, found in statuses(planned, read.version, now):
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


def canary_shown(name: str, steps: Iterable[StrategyStep], now: datetime) -> Shown | None:
    """What a strategy's canary shows, also when it is over: by the last text that had it."""
    return next((each for text in _texts(steps) for each in _found_in(text, name, now)), None)


def _texts(steps: Iterable[StrategyStep]) -> Iterator[str]:
    """The texts of the steps on which a part of the borrowers was tried, the newest first."""
    return (step.text for step in steps if 0 < step.share < WHOLE and not step.undone)


def _found_in(text: str, name: str, now: datetime) -> Iterator[Shown]:
    read = parse_strategy(text, "strategy")
    today = business_date(now)
    named = [each for each in designs(read, today) if each.name == name]
    return (as_shown(read, *each) for each in statuses(named, read.version, now))


def statuses(planned: list[Design], version: str, now: datetime) -> list[tuple[Design, Status | None]]:
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
    found, book = _one(request.GET.get("name", ""), request.now), _book()
    cells = rows(settings.HOME, book, found.design) if book is not None and found is not None else iter(())
    head = ("borrower_id", "arm", "since", *MEASURES)
    return table_answer("experiment", request.GET.get("form", "csv"), head, cells, most=MOST_ROWS)


def _book() -> Book | None:
    """The book, if the home has one."""
    try:
        return open_book(settings.HOME.book)
    except FeedError:
        return None


def as_shown(read: Strategy, design: Design, found: Status | None) -> Shown:
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
        sentence(VERDICTS[found.verdict if found else "early"]),
        unit,
        [(arm_title(design, each.arm), each) for each in found.arms] if found else [],
        [_beside(design, each, unit) for each in found.compared] if found else [],
    )


def arm_title(design: Design, arm: str) -> str:
    """An arm by the title of its file, or its name; a word for the two of the hold-out."""
    if design.name != HOLDOUT:
        return design.titles.get(arm, {}).get("zh" if chinese() else "en") or arm
    return gettext("Hold-out group") if arm == HELD_OUT else gettext("All others")


def _beside(design: Design, other: Compared, unit: int) -> Beside:
    return Beside(
        arm_title(design, other.arm),
        arm_title(design, design.shares[0][0]),
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
