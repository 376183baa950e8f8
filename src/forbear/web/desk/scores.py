"""For analysts and compliance: models of scores with their cards, two signatures, and why a case has its scores."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.selectors.score_models import score_model, score_models
from forbear.actions.strategies import in_force
from forbear.actions.strategies import score_models as keep
from forbear.core.base.money import minor_digits
from forbear.core.base.problem import Phrase
from forbear.core.facts.fact import NEVER_DAYS
from forbear.core.facts.vocabulary import default_row
from forbear.core.scores.features import BY_NAME
from forbear.core.scores.limits import is_stale
from forbear.core.scores.score import ScoreReason, score_reasons
from forbear.core.scores.targets import TARGETS
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.scores import scores_on
from forbear.store.business_date import business_date
from forbear.store.desk_facts import desk_facts
from forbear.store.models import Case
from forbear.store.permissions import may
from forbear.store.problem_text import sentence
from forbear.web import labels as words
from forbear.web.desk.strategy_forms import decide_form
from forbear.web.fields import TextField
from forbear.web.forms import Form, ReasonForm, form_on
from forbear.web.guard import permission_required
from forbear.web.product_names import product_name
from forbear.web.request import StaffRequest
from forbear.web.submit import submit
from forbear.web.templatetags.forbear import money, thousands

_SHOWN = 50


class ProposeScoresForm(Form):
    """Why a model should count."""

    field_of: ClassVar[dict[str, str]] = {"approval_reason_missing": "note"}
    note = TextField(300, label=_("Why"))


@permission_required("desk:strategy:read")
def scores(request: StaffRequest) -> HttpResponse:
    """Every model, and the one that counts."""
    today = business_date(request.now)
    rows = list(score_models()[:_SHOWN])
    return render(request, "desk/scores.html", {"rows": rows, "counts": _counting(today)})


def _counting(day: date) -> str:
    """The version that counts on a day; "" for none."""
    try:
        model = scores_on(settings.HOME, day)
    except HomeError:
        return ""
    return model.version if model is not None else ""


@permission_required("desk:strategy:read")
def score(request: StaffRequest, model_id: int) -> HttpResponse:
    """One model with its card: what it was learned from, how well it does, for whom, and who signed."""
    found = score_model(model_id)
    if found is None:
        raise Http404
    today, role = business_date(request.now), request.user.role
    card = found.card
    targets = [_target(each) for each in card.get("targets", ())]
    shown = {
        "found": found,
        "card": card,
        "counts": found.version == _counting(today),
        "stale": is_stale(card["tested"][1], today),
        "targets": targets,
        "chart": _chart(targets),
        "drift": [
            (sentence(Phrase(BY_NAME[row["name"]].words)), f"{row['psi']:.3f}", row["psi"] > 0.25)
            for row in card.get("features", ())
            if row["name"] in BY_NAME
        ],
        "propose_form": form_on(request, ProposeScoresForm),
        "may_sign": may(role, "desk:strategy:sign") and request.user.pk != found.proposed_by_id,
        "first": in_force.first_day(request.now),
    }
    return render(request, "desk/score.html", shown)


@dataclass(frozen=True, slots=True)
class ShownTarget:
    """One score on the card, its figures written out."""

    name: str
    title: str
    learned_from: str
    row: dict[str, Any]
    ways: list[tuple[str, str, str, bool]]
    groups: list[tuple[str, list[dict[str, Any]]]]
    calibration: list[tuple[str, str, int]]


def _target(row: dict[str, Any]) -> ShownTarget:
    target = TARGETS[row["name"]]
    learned_from = sentence(Phrase(target.learned_from))
    if row.get("population"):
        learned_from = words.word("score_population", row["population"])
    ways = [
        (
            words.word("score_way", way),
            _figure(row["auc"][way], 3),
            _figure(row["brier"][way], 4),
            way == row["kind"],
        )
        for way in row.get("brier", ())
    ]
    groups = [(words.word("score_group", name), rows) for name, rows in row.get("groups", {}).items() if rows]
    calibration = [(f"{said:.1%}", f"{seen:.1%}", rows) for said, seen, rows in row.get("calibration", ())]
    return ShownTarget(
        row["name"], sentence(Phrase(target.words)), learned_from, row, ways, groups, calibration
    )


def _figure(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"


def _chart(targets: list[ShownTarget]) -> dict[str, object]:
    """What happened in each tenth beside what was predicted, of each score in use: lines that should lie together."""
    series = []
    for each in targets:
        if each.row["used"]:
            for text, at in ((gettext("%(score)s: predicted"), 0), (gettext("%(score)s: observed"), 1)):
                values = [round(group[at] * 100, 2) for group in each.row["calibration"]]
                series.append({"name": text % {"score": each.title}, "data": values})
    return {"names": [str(at) for at in range(1, 11)] if series else [], "series": series}


@permission_required("desk:strategy:read")
def score_card(request: StaffRequest, model_id: int) -> HttpResponse:
    """The card as a file."""
    found = score_model(model_id)
    if found is None:
        raise Http404
    text = json.dumps(found.card, indent=1, sort_keys=True, ensure_ascii=False)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="scores-{found.version}.card.json"'
    return answer


Act = Callable[[StaffRequest, int, dict[str, Any]], object]


def _step(permission: str, form: Callable[[StaffRequest], Form], act: Act) -> Callable[..., HttpResponseBase]:
    """An act on a model by POST, with what its form says; then its page again."""

    @require_POST
    @permission_required(permission)
    def done(request: StaffRequest, model_id: int) -> HttpResponseBase:
        if score_model(model_id) is None:
            raise Http404
        return submit(
            request,
            form(request),
            lambda given: act(request, model_id, given),
            lambda: score(request, model_id),
            reverse("desk:score", args=[model_id]),
        )

    return done


def _decide(request: StaffRequest, model_id: int, given: dict[str, Any]) -> object:
    if "note" not in given:
        return keep.sign_model(model_id, request.user, request.now)
    return keep.decline_model(model_id, given["note"], request.user, request.now)


propose = _step(
    "desk:strategy:propose",
    lambda request: ProposeScoresForm(request.POST),
    lambda request, pk, given: keep.propose_model(pk, given["note"], request.user, request.now),
)
decide = _step("desk:strategy:sign", decide_form, _decide)
withdraw = _step(
    "desk:strategy:sign",
    lambda request: ReasonForm(request.POST, key="withdraw"),
    lambda request, pk, given: keep.withdraw_model(pk, given["note"], request.user, request.now),
)


@dataclass(frozen=True, slots=True)
class CaseScore:
    """A score of a case in words, with what speaks for and against it."""

    title: str
    text: str
    speaks_for: list[str]
    speaks_against: list[str]


def case_scores(case: Case, now: datetime, currency: str) -> list[CaseScore]:
    """The scores of a case and their reasons; none where no model counts."""
    if not case.facts.get("scored"):
        return []
    try:
        model = scores_on(settings.HOME, case.as_of)
    except HomeError:
        return []
    if model is None:
        return []
    minor_unit = 10 ** minor_digits(currency)
    row = default_row(minor_unit) | case.facts
    row |= desk_facts(now, [case.borrower_id]).get(case.borrower_id, {})
    found = []
    for name in model.targets:
        reasons = score_reasons(model, name, row)
        found.append(
            CaseScore(
                sentence(Phrase(TARGETS[name].words)),
                _score_text(name, case.facts, minor_unit, currency),
                [_reason(each) for each in reasons if each.points > 0],
                [_reason(each) for each in reasons if each.points < 0],
            )
        )
    return found


def _score_text(name: str, facts: dict[str, Any], minor_unit: int, currency: str) -> str:
    value = int(facts[TARGETS[name].fact])
    if name == "expected_cash":
        return money(value, minor_unit, currency)
    percent = f"{value / 1000:.1%}"
    if name == "answers":
        return gettext("%(percent)s at %(hour)s") % {
            "percent": percent,
            "hour": f"{int(facts['score_answer_hour']):02d}:00",
        }
    return percent


def _reason(reason: ScoreReason) -> str:
    feature = BY_NAME[reason.feature]
    return gettext("%(feature)s: %(value)s") % {
        "feature": sentence(Phrase(feature.words)),
        "value": _value(reason),
    }


def _value(reason: ScoreReason) -> str:
    feature, value = BY_NAME[reason.feature], reason.value
    if isinstance(value, str):
        if feature.name == "product":
            return product_name(value)
        return str(words.word("willingness", value)) if value else gettext("not known")
    if feature.is_flag:
        return gettext("Yes") if value else gettext("No")
    if feature.name.startswith("days_since_") and value == NEVER_DAYS:
        return gettext("Never")
    return thousands(value)
