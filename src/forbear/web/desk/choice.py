"""For analysts and compliance: what the last night chose and why, what its limits cost, and another budget for harm."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.forms import DecimalField
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.strategies.harm_budget import draft_with_budget
from forbear.core.base.money import minor_digits
from forbear.core.strategy.chance import WHOLE
from forbear.core.strategy.choice import lets, stratum
from forbear.core.strategy.model import Choose, Dimension, Option, Strategy
from forbear.engine.columnar import connected
from forbear.insight.choice_fairness import MOST_GAP, Gap, gaps, nights_of
from forbear.insight.choice_kept import Kept, counts, fits, kept_table, otherwise, with_budget
from forbear.insight.choice_program import Limit, Sums
from forbear.insight.choice_words import price_words
from forbear.interchange.book.book import open_book
from forbear.interchange.home.strategies import strategy
from forbear.night.run import Night, latest_night
from forbear.store.business_date import business_date
from forbear.store.problem_text import sentence
from forbear.web import labels as words
from forbear.web.forms import Form, form_on
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.tables import MOST_ROWS, table_answer
from forbear.web.templatetags.forbear import chinese, listed, money

#: How many cases that are treated otherwise are shown; the file has them all.
_EXAMPLES = 20
_KEPT = 900.0


class BudgetForm(Form):
    """The budget of complaints for 1,000 borrowers."""

    complaints = DecimalField(
        min_value=Decimal(0),
        max_digits=7,
        decimal_places=2,
        label=_("Complaints allowed for 1,000 borrowers"),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _("Give a number of 0 or more.")),
    )


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option: its title, its channels, how many cases have it and got it in the last night."""

    title: str
    channels: str
    have: int
    got: int


@dataclass(frozen=True, slots=True)
class CellLine:
    """Like cases: what they are, how many, and by option its probability and what it brings."""

    label: str
    cases: int
    options: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Beside:
    """One figure of the choice beside the ladder's, and where asked what another budget would make of it."""

    name: str
    chosen: str
    plain: str
    other: str


@permission_required("desk:strategy:read")
def choice(request: StaffRequest) -> HttpResponse:
    """The last night's choice."""
    read = strategy(settings.HOME, business_date(request.now))
    night = latest_night(settings.HOME.nights)
    choose, kept = read.choose, kept_table(night) if night is not None else None
    shown: dict[str, Any] = {"choose": choose, "kept": kept}
    if choose is not None and kept is not None and night is not None and fits(kept, choose):
        shown |= _shown(request, read, choose, night, kept)
    return render(request, "desk/choice.html", shown)


def _shown(request: StaffRequest, read: Strategy, choose: Choose, night: Night, kept: Kept) -> dict[str, Any]:
    asked = BudgetForm(request.GET) if "complaints" in request.GET else BudgetForm()
    budget = asked.cleaned_data["complaints"] if asked.is_bound and asked.is_valid() else None
    other = with_budget(kept, choose, budget) if budget is not None else None
    found = counted(
        f"choice:{night.manifest['version']}", lambda: _found(read, night), request.now, seconds=_KEPT
    ).found
    titles = {option.name: title_of(option) for option in choose.options}
    wide = [gap for gap in found["gaps"] if gap.wide]
    return {
        "fits": True,
        "night": date.fromisoformat(night.manifest["as_of"]),
        "options": [
            OptionLine(titles[each.name], _channels(each), *found["counts"].get(each.name, (0, 0)))
            for each in choose.options
        ],
        "titles": list(titles.values()),
        "prices": _prices(choose, kept.limits),
        "beside": _beside(choose, kept.chosen, kept.plain, other.chosen if other else None),
        "other_prices": _prices(
            choose, [each for each in other.limits if each.name == "complaints"] if other else []
        ),
        "cells": _cells(choose, kept),
        "examples": [
            (each.borrower_id, titles.get(each.option, each.option), _plan(each.left_out))
            for each in found["examples"]
        ],
        "asked": asked,
        "budget": choose.limits.complaints,
        "draft_form": form_on(request, BudgetForm, initial={"complaints": budget})
        if budget is not None
        else None,
        "gaps": [_gap_line(gap, titles) for gap in found["gaps"][:_EXAMPLES]],
        "fair": _verdict(found["gaps"], wide),
    }


def _found(read: Strategy, night: Night) -> dict[str, Any]:
    """What takes a look at the night's cases."""
    choose = read.choose
    assert choose is not None, "asked of strategies with a choice"
    nights = nights_of(settings.HOME, night, choose.days)
    with connected(settings.HOME.threads) as engine:
        return {
            "counts": counts(engine, night),
            "examples": list(otherwise(engine, night, read, _EXAMPLES)),
            "gaps": gaps(engine, nights, open_book(settings.HOME.book), choose),
        }


def _prices(choose: Choose, limits: Iterable[Limit]) -> list[str]:
    """What the limits cost, a sentence each."""
    return [sentence(price_words(choose, each, _writer(choose))) for each in limits]


def title_of(option: Option) -> str:
    """The option's title in the reader's language."""
    return option.title.get("zh" if chinese() else "en", option.name)


def _channels(option: Option) -> str:
    if option.only is None:
        return gettext("all that the stages plan")
    named = [words.word("channel", each) for each in sorted(option.only)]
    return gettext("none") if not named else listed(named)


def _plan(left_out: tuple[tuple[str, str], ...]) -> str:
    return listed(dict.fromkeys(words.word("channel", channel) for channel, _template in left_out))


def _writer(choose: Choose) -> Any:
    unit = 10 ** minor_digits(choose.currency)
    return lambda amount: money(amount, unit, choose.currency)


def _beside(choose: Choose, chosen: Sums, plain: Sums, other: Sums | None) -> list[Beside]:
    write = _writer(choose)
    names = {
        "cash": gettext("Cash beyond the ladder's"),
        "cost": gettext("Cost of contacts"),
        "contacts": gettext("Contacts"),
        "calls": gettext("Calls a day"),
        "agencies": gettext("Placements a day"),
        "complaints": gettext("Complaints"),
    }

    def cell(sums: Sums, name: str) -> str:
        amount = getattr(sums, name)
        return (
            write(round(amount))
            if name in ("cash", "cost")
            else f"{amount:,.{2 if name == 'complaints' else 1}f}"
        )

    return [
        Beside(title, cell(chosen, name), cell(plain, name), cell(other, name) if other else "")
        for name, title in names.items()
    ]


def _cells(choose: Choose, kept: Kept) -> list[CellLine]:
    """Each cell, the largest first."""
    write, values = _writer(choose), {(each.stratum, each.option): each for each in kept.values}
    lines = []
    for cell in sorted(kept.cells, key=lambda each: (-each.cases, each.name)):
        options = []
        for at, (option, share) in enumerate(zip(choose.options, kept.shares[cell.name], strict=True)):
            value = values.get((cell.stratum, option.name))
            known = value is not None and value.enough
            brings = write(round(value.cash)) if known and value is not None else gettext("too few to know")
            if not cell.mask >> at & 1:
                brings = gettext("not open")
            options.append((f"{share / WHOLE:.0%}", "" if at == 0 else brings))
        lines.append(CellLine(label_of(choose, cell.stratum), cell.cases, options))
    return lines


def label_of(choose: Choose, stratum: str) -> str:
    """What a stratum is, in the reader's words: `Days late ≥ 8, < 15`."""
    levels = [int(each) for each in stratum.split(".")]
    return " · ".join(_level(each, at) for each, at in zip(choose.strata, levels, strict=True))


def _level(dimension: Dimension, at: int) -> str:
    bounds, name = dimension.bounds, words.word("data", dimension.fact)
    if "=" in dimension.numbered[0][1].text and ">=" not in dimension.numbered[0][1].text:
        return f"{name} = {bounds[at - 1]}" if at else f"{name} ≠ {' / '.join(bounds)}"
    if at == 0:
        return f"{name} < {bounds[0]}"
    return f"{name} ≥ {bounds[at - 1]}" if at == len(bounds) else f"{name} ≥ {bounds[at - 1]}, < {bounds[at]}"


def _gap_line(gap: Gap, titles: dict[str, str]) -> tuple[str, str, str, str, bool]:
    names = {"region": gettext("Region"), "age": gettext("Age"), "language": gettext("Language")}
    number = ngettext("%(n)s case", "%(n)s cases", gap.cases) % {"n": f"{gap.cases:,}"}
    who = f"{names[gap.by]}: {gap.group or gettext('unknown')}"
    return who, number, titles.get(gap.option, gap.option), f"{gap.gap * 100:+.1f}%", gap.wide


def _verdict(all_gaps: list[Gap], wide: list[Gap]) -> str:
    if not all_gaps:
        return gettext("No group of 30 cases or more was drawn for yet.")
    most = f"{max(abs(gap.gap) for gap in all_gaps) * 100:.1f}%"
    if wide:
        said = gettext(
            "Like borrowers don't get like offers: the widest gap is %(most)s, more than %(limit)s."
        )
    else:
        said = gettext("Like borrowers get like offers: the widest gap is %(most)s, under %(limit)s.")
    return said % {"most": most, "limit": f"{MOST_GAP:.0%}"}


@permission_required("desk:strategy:read")
def choice_rows(request: StaffRequest) -> HttpResponse:
    """The cases that are treated otherwise than by the ladder, as a file."""
    read = strategy(settings.HOME, business_date(request.now))
    night = latest_night(settings.HOME.nights)
    cells: Any = iter(())
    if read.choose is not None and night is not None and kept_table(night) is not None:
        with connected(settings.HOME.threads) as engine:
            cells = [
                (
                    each.borrower_id,
                    each.option,
                    " ".join(f"{channel}:{template}" for channel, template in each.left_out),
                )
                for each in otherwise(engine, night, read, MOST_ROWS)
            ]
    head = ("borrower_id", "option", "left_out")
    return table_answer("choice", request.GET.get("form", "csv"), head, cells, most=MOST_ROWS)


@permission_required("desk:strategy:read")
def choice_fairness(request: StaffRequest) -> HttpResponse:
    """Every group's gap, as a file."""
    read = strategy(settings.HOME, business_date(request.now))
    night = latest_night(settings.HOME.nights)
    found = _found(read, night)["gaps"] if read.choose and night is not None and kept_table(night) else []
    cells = [(gap.by, gap.group, gap.cases, gap.option, f"{gap.gap:.6f}") for gap in found]
    head = ("by", "group", "cases", "option", "gap")
    return table_answer("fairness", request.GET.get("form", "csv"), head, cells, most=MOST_ROWS)


@require_POST
@permission_required("desk:strategy:propose")
def choice_budget(request: StaffRequest) -> HttpResponseBase:
    """A draft of the strategy in force with another budget; it is tried, proposed and signed like any other."""

    def act(given: dict[str, Any]) -> object:
        return draft_with_budget(given["complaints"], request.user, request.now)

    form = BudgetForm(request.POST)
    return submit(
        request, form, act, lambda: choice(request), lambda made: redirect("desk:strategy", made.pk)
    )


def chosen_words(
    read: Strategy, arms: list[list[Any]], facts: dict[str, Any], left_out: list[str]
) -> list[str]:
    """Why a case has its option, in sentences for its page; none without one."""
    mine = next(((arm, odds) for name, arm, odds in arms if name == "choice"), None)
    choose = read.choose
    if mine is None or choose is None:
        return []
    option = next((each for each in choose.options if each.name == mine[0]), None)
    title = title_of(option) if option else mine[0]
    said = [
        gettext(
            "%(option)s, by chance with a probability of %(share)s, for %(days)s days from the day it was drawn."
        )
        % {"option": title, "share": f"{float(mine[1]):.0%}", "days": choose.days}
    ]
    if left_out:
        names = listed(dict.fromkeys(words.word("channel", each) for each in left_out))
        said.append(gettext("The plain ladder would have planned: %(channels)s.") % {"channels": names})
    elif option is not None and all(lets(option, each) for each in ("call", "sms")):
        said.append(gettext("That is what the plain ladder plans."))
    return [*said, *_brings(choose, mine[0], facts)]


def _brings(choose: Choose, option: str, facts: dict[str, Any]) -> list[str]:
    """What the option brings beside the ladder for cases like this one, by the last night's table."""
    night = latest_night(settings.HOME.nights)
    kept = kept_table(night) if night is not None else None
    if kept is None or option == choose.options[0].name or not fits(kept, choose):
        return []
    name = stratum(choose, facts)
    value = next((each for each in kept.values if (each.stratum, each.option) == (name, option)), None)
    if value is None or not value.enough:
        return [gettext("Of cases like this one too little is known; it was drawn so that more will be.")]
    write = _writer(choose)
    said = gettext(
        "Cases like this one bring %(cash)s beside the ladder (95%%: %(low)s to %(high)s), before cost and harm."
    )
    return [
        said
        % {"cash": write(round(value.cash)), "low": write(round(value.low)), "high": write(round(value.high))}
    ]
