"""Models of scores at the desk: trained, proposed, signed by a second person, taken back or set aside by a night.

A night scores by nothing that two people didn't sign. A decided night is never decided again by a later signature: a
model counts from the first night that isn't decided yet. Taking one back takes one person: without a model strategies
go on by their plain conditions.
"""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.strategies.in_force import first_day
from forbear.core.base.problem import Problem
from forbear.core.scores.limits import STALE_AFTER, is_stale
from forbear.core.scores.model import parse_model
from forbear.interchange.home.scores import write_scores_register
from forbear.store import evidence
from forbear.store.models import ScoreModel, Staff


def keep_model(text: str, card: dict[str, object], now: datetime) -> ScoreModel:
    """Keep a trained model with its card; one that is known already stays as it is."""
    version = parse_model(text).version
    with transaction.atomic():
        model, made = ScoreModel.objects.get_or_create(
            version=version, defaults={"text": text, "card": card, "trained_at": now}
        )
        if made:
            _log_event(model, "scores_trained", None, now)
    return model


def propose_model(model_id: int, note: str, staff: Staff, now: datetime) -> ScoreModel | Problem:
    """Propose a trained model; another person signs."""
    if not note.strip():
        return Problem("approval_reason_missing", "say why; the approver reads it")
    with transaction.atomic():
        model = _held(model_id, "trained", "declined")
        if isinstance(model, Problem):
            return model
        if stale := _stale(model, first_day(now)):
            return stale
        model.state, model.reason_note = "proposed", note.strip()[:300]
        model.proposed_by, model.proposed_at = staff, now
        model.save(update_fields=["state", "reason_note", "proposed_by", "proposed_at"])
        _log_event(model, "scores_proposed", staff, now)
        return model


def sign_model(model_id: int, staff: Staff, now: datetime) -> ScoreModel | Problem:
    """The second signature: it counts from the next night, in place of any other."""
    with transaction.atomic():
        model = _held(model_id, "proposed")
        if isinstance(model, Problem):
            return model
        if staff.pk == model.proposed_by_id:
            return Problem("own_scores_approval", "it must be approved by somebody who didn't propose it")
        if in_one_hand := signature_problem([model.proposed_by_id], staff, now):
            return in_one_hand
        if stale := _stale(model, first_day(now)):
            return stale
        for other in ScoreModel.objects.select_for_update().filter(state="signed"):
            _end(other, "withdrawn", staff, now, first_day(now))
        model.state, model.from_day, model.decided_by, model.decided_at = "signed", first_day(now), staff, now
        model.ended_on, model.ended_at, model.guardrail = None, None, ""
        model.save(
            update_fields=[
                "state",
                "from_day",
                "decided_by",
                "decided_at",
                "ended_on",
                "ended_at",
                "guardrail",
            ]
        )
        _log_event(model, "scores_signed", staff, now)
        transaction.on_commit(write_scores)
        return model


def decline_model(model_id: int, note: str, staff: Staff, now: datetime) -> ScoreModel | Problem:
    """Say no to one that waits."""
    if not note.strip():
        return Problem("scores_reason_missing", "say why; it is saved with the model")
    with transaction.atomic():
        model = _held(model_id, "proposed")
        if isinstance(model, Problem):
            return model
        model.state, model.decided_by, model.decided_at = "declined", staff, now
        model.save(update_fields=["state", "decided_by", "decided_at"])
        _log_event(model, "scores_declined", staff, now, note=note.strip()[:300])
        return model


def withdraw_model(model_id: int, note: str, staff: Staff, now: datetime) -> ScoreModel | Problem:
    """Take back what was signed: from the next night it counts no more."""
    if not note.strip():
        return Problem("scores_reason_missing", "say why; it is saved with the model")
    with transaction.atomic():
        model = _held(model_id, "signed")
        if isinstance(model, Problem):
            return model
        _end(model, "withdrawn", staff, now, first_day(now), note=note.strip()[:300])
        transaction.on_commit(write_scores)
        return model


def set_aside(version: str, guardrail: str, now: datetime, day: date) -> bool:
    """The night of a day sets a model aside that it found unfit; whether it was one that counts."""
    with transaction.atomic():
        model = ScoreModel.objects.select_for_update().filter(version=version, state="signed").first()
        if model is None:
            return False
        _end(model, "set_aside", None, now, day, guardrail=guardrail)
        transaction.on_commit(write_scores)
        return True


def write_scores() -> None:
    """Write what counts when into the home, where the night reads it. Done after each change, and before each night."""
    steps: list[tuple[datetime, date, str]] = []
    texts = {}
    for model in ScoreModel.objects.filter(from_day__isnull=False, decided_at__isnull=False):
        assert model.from_day is not None, "by the filter"
        assert model.decided_at is not None, "by the filter"
        texts[model.version] = model.text
        if model.ended_on is None or model.ended_on > model.from_day:
            steps.append((model.decided_at, model.from_day, model.version))
            if model.ended_on is not None and model.ended_at is not None:
                steps.append((model.ended_at, model.ended_on, ""))
    # of one moment, the end of one comes before the beginning of the next
    steps.sort(key=lambda step: (step[0], step[2] != ""))
    write_scores_register(settings.HOME, [(first, version) for _, first, version in steps], texts)


def _end(
    model: ScoreModel, state: str, staff: Staff | None, now: datetime, day: date, **more: object
) -> None:
    model.state, model.ended_on, model.ended_at = state, day, now
    model.guardrail = str(more.get("guardrail", ""))
    model.save(update_fields=["state", "ended_on", "ended_at", "guardrail"])
    _log_event(model, f"scores_{state}", staff, now, ended_on=str(day), **more)


def _stale(model: ScoreModel, day: date) -> Problem | None:
    if not is_stale(parse_model(model.text).trained_until, day):
        return None
    return Problem(
        "scores_stale",
        "its newest night is more than %(days)s days old; run `forbear train` again",
        days=STALE_AFTER.days,
    )


def _held(model_id: int, *states: str) -> ScoreModel | Problem:
    model = ScoreModel.objects.select_for_update().filter(pk=model_id, state__in=states).first()
    if model is None:
        return Problem("scores_state_changed", "the state of this model has changed; look at it again")
    return model


def _log_event(model: ScoreModel, what: str, staff: Staff | None, now: datetime, **more: object) -> None:
    """An event of the house: written last in its transaction."""
    body = {"what": what, "scores": model.version, "from": str(model.from_day or ""), **more}
    evidence.append("change", at=now, actor=f"staff:{staff.number}" if staff else "night", body=body)
