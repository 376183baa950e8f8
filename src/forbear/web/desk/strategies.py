"""For analysts: strategies as text and as a picture, what a changed one would do, and which is in force when."""

import difflib
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.selectors.desk_counts import cases_by_stage
from forbear.actions.selectors.strategy_history import strategy_steps, strategy_version, strategy_versions
from forbear.actions.strategies import canaries, in_force
from forbear.actions.strategies import strategy_versions as keep
from forbear.actions.strategies.canaries import text_beside_canary
from forbear.core.base.problem import InputError, Problem
from forbear.core.strategy.parse import Strategy, lint, parse_strategy
from forbear.insight.planned_refusals import StepRefusals
from forbear.insight.whatif import Refused, refusals_of
from forbear.interchange.home.planned_steps import refused_steps
from forbear.store.business_date import business_date
from forbear.store.models import StrategyVersion
from forbear.store.permissions import may
from forbear.web import labels as words
from forbear.web.desk.strategy_canary import canary_parts
from forbear.web.desk.strategy_forms import BackForm, DraftForm, ProposeForm, ShareForm, decide_form
from forbear.web.forms import Form, ReasonForm, form_on
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.templatetags.forbear import chinese

_SHOWN = 50


@permission_required("desk:strategy:read")
def strategies(request: StaffRequest) -> HttpResponse:
    """What is in force with its picture, what comes, what waits, and what was."""
    now = request.now
    today = business_date(now)
    text = text_beside_canary(today)
    read = parse_strategy(text, "strategy")
    rows = strategy_versions()
    signed = [row for row in rows if row.state == "signed"]
    shown = {
        "read": read,
        "text": text,
        "picture": picture(read, _borrowers(request)),
        "warnings": _warnings(read, today),
        "coming": [row for row in signed if row.from_day is not None and row.from_day > today],
        "waiting": [row for row in rows if row.state == "proposed"],
        "drafts": [row for row in rows if row.state == "draft"][:_SHOWN],
        "past": [row for row in rows if row.state in ("signed", "declined", "withdrawn")][:_SHOWN],
        "back_form": form_on(
            request, BackForm, _signed_before(rows, read.version), settings.HOME.strategy.name
        ),
        "canaries": [(row, strategy_steps(row.pk)[0]) for row in rows if row.state == "canary"],
        "file": settings.HOME.strategy.name,
        "today": today,
    }
    return render(request, "desk/strategies.html", shown)


def _warnings(read: Strategy, day: date) -> list[Problem]:
    """What looks unwise in a strategy, and the steps that the rule packs refuse on every day."""
    try:
        return [*lint(read), *refused_steps(settings.HOME, read, day)]
    except (
        InputError
    ):  # a pack or a text with mistakes: said where it stands, and nothing is permitted meanwhile
        return lint(read)


def _signed_before(rows: Iterable[StrategyVersion], version: str) -> list[StrategyVersion]:
    """What can be gone back to, besides the version in force."""
    return [row for row in rows if row.state == "signed" and row.version != version][:_SHOWN]


def _borrowers(request: StaffRequest) -> dict[str, int]:
    """How many open cases are at each stage now."""

    def count() -> dict[str, object]:
        return {"stages": cases_by_stage()}

    return counted("strategies", count, request.now).found["stages"]


def picture(read: Strategy, borrowers: dict[str, int] | None = None) -> list[dict]:
    """The ladder, step by step, for the page to draw."""
    lang = "zh" if chinese() else "en"
    return [
        {
            "stage": rule.stage,
            "title": rule.title.get(lang) or words.word("stage", rule.stage),
            "when": rule.when.text,
            "handler": rule.handler,
            "treatments": [
                {
                    "channel": each.channel,
                    "template": each.template,
                    "when": "" if each.when.text.strip().lower() == "true" else each.when.text,
                }
                for each in rule.treatments
            ],
            "borrowers": None if borrowers is None else borrowers.get(rule.stage, 0),
        }
        for rule in read.stages
    ]


@permission_required("desk:strategy:propose")
def draft(request: StaffRequest) -> HttpResponseBase:
    """Write a changed strategy: begin with what is in force, or with another version."""

    def page() -> HttpResponse:
        begun = strategy_version(int(request.GET["of"])) if _number(request) else None
        text = begun.text if begun else text_beside_canary(business_date(request.now))
        form = form_on(request, DraftForm, initial={"text": text})
        return render(request, "desk/strategy_draft.html", {"form": form})

    if request.method != "POST":
        return page()

    def act(given: dict[str, Any]) -> object:
        return keep.draft_strategy(given["text"], request.user, request.now)

    form = DraftForm(request.POST)
    return submit(request, form, act, page, lambda made: redirect("desk:strategy", made.pk))


def _number(request: StaffRequest) -> bool:
    return request.GET.get("of", "").isdecimal()


@permission_required("desk:strategy:read")
def strategy(request: StaffRequest, version_id: int) -> HttpResponse:
    """One version: its picture, what differs from what is in force, what looks unwise, its dry run, its signatures."""
    found = strategy_version(version_id)
    if found is None:
        raise Http404
    now = request.now
    today = business_date(now)
    read = parse_strategy(found.text, "strategy")
    base = text_beside_canary(today)
    trial = found.trial if found.trial_state == "done" else None
    role = request.user.role
    shown = {
        "found": found,
        "picture": picture(read),
        "warnings": _warnings(read, today),
        "difference": _difference(base, found.text),
        "trial": trial,
        "chart": _chart(trial) if trial else None,
        "refused": _refused(trial) if trial else [],
        "may_try": found.state == "draft"
        and may(role, "desk:strategy:propose")
        and found.trial_state not in ("waiting", "running"),
        "stale": trial is not None and found.trial_base != in_force.in_force_version(today),
        "propose_form": form_on(request, ProposeForm, first=in_force.first_day(now)),
        "in_force": found.version == in_force.in_force_version(today),
        "may_sign": may(role, "desk:strategy:sign")
        and request.user.pk not in (found.proposed_by_id, found.made_by_id),
        **canary_parts(request, found),
        "to_come": found.state == "signed"
        and found.from_day is not None
        and found.from_day >= in_force.first_day(now),
    }
    return render(request, "desk/strategy.html", shown)


def _difference(before: str, after: str) -> list[tuple[str, str]]:
    """Lines that differ, each with + or -, and some around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return [(line[:1] if line[:1] in "+-" else " ", line) for line in list(lines)[2:]]


def _chart(trial: dict) -> dict:
    """Planned treatments under each, side by side."""
    rows = trial["treatments"]
    return {
        "names": [f"{words.word('channel', row['channel'])} {row['template']}" for row in rows],
        "series": [
            {"name": gettext("In force"), "data": [row["before"] for row in rows]},
            {"name": gettext("Draft"), "data": [row["after"] for row in rows]},
        ],
    }


def _refused(trial: dict) -> list[Refused]:
    """What the rules surely refuse under each, step by step; a dry run of an older version did not ask them."""
    before, after = (
        [StepRefusals(**row) for row in trial.get(side, ())] for side in ("refused_before", "refused_after")
    )
    return refusals_of(before, after)


Act = Callable[[StaffRequest, int, dict[str, Any]], object]


def _step(permission: str, form: Callable[[StaffRequest], Form], act: Act) -> Callable[..., HttpResponseBase]:
    """An act on a version by POST, with what its form says; then its page again."""

    @require_POST
    @permission_required(permission)
    def done(request: StaffRequest, version_id: int) -> HttpResponseBase:
        if strategy_version(version_id) is None:
            raise Http404
        return submit(
            request,
            form(request),
            lambda given: act(request, version_id, given),
            lambda: strategy(request, version_id),
            reverse("desk:strategy", args=[version_id]),
        )

    return done


def _decide(request: StaffRequest, version_id: int, given: dict[str, Any]) -> object:
    if "note" not in given:
        return keep.sign_strategy(version_id, request.user, request.now)
    return keep.decline_strategy(version_id, given["note"], request.user, request.now)


try_dry = _step(
    "desk:strategy:propose",
    lambda request: Form(request.POST),
    lambda request, pk, _given: keep.try_strategy(pk, request.now),
)
propose = _step(
    "desk:strategy:propose",
    lambda request: ProposeForm(request.POST, first=in_force.first_day(request.now)),
    lambda request, pk, given: keep.propose_strategy(
        pk, given["from"], given["note"], request.user, request.now, int(given["share"])
    ),
)
decide = _step("desk:strategy:sign", decide_form, _decide)
withdraw = _step(
    "desk:strategy:sign",
    lambda request: ReasonForm(request.POST, key="withdraw"),
    lambda request, pk, given: keep.withdraw_strategy(pk, given["note"], request.user, request.now),
)


set_share = _step(
    "desk:strategy:sign",
    lambda request: ShareForm(0, request.POST),
    lambda request, pk, given: canaries.set_share(pk, int(given["share"]), request.user, request.now),
)
take_back = _step(
    "desk:strategy:sign",
    lambda request: ReasonForm(request.POST, key="back"),
    lambda request, pk, given: canaries.take_back(pk, given["note"], request.user, request.now),
)
undo_step = _step(
    "desk:strategy:sign",
    lambda request: Form(request.POST),
    lambda request, pk, _given: canaries.undo_step(pk, request.user, request.now),
)


@require_POST
@permission_required("desk:strategy:sign")
def back(request: StaffRequest) -> HttpResponseBase:
    """Roll back to a version signed before, or to the lender's own file."""
    version = parse_strategy(text_beside_canary(business_date(request.now)), "strategy").version
    past = _signed_before(strategy_versions(), version)
    form = BackForm(past, settings.HOME.strategy.name, request.POST)

    def act(given: dict[str, Any]) -> object:
        return keep.roll_back(int(given["to"]), given["note"], request.user, request.now)

    def then(made: StrategyVersion) -> HttpResponse:
        done = gettext("Rolled back. In force from the end-of-day run of %(from_day)s.")
        messages.success(request, done % {"from_day": made.from_day})
        return redirect("desk:strategies")

    return submit(request, form, act, lambda: strategies(request), then)
