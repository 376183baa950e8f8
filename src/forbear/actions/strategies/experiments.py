"""An experiment is stopped: from the next night nobody comes in, and its arms count no more."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem, with_hint
from forbear.core.files.hints import nearest
from forbear.core.strategy.canary import is_canary
from forbear.interchange.home.experiments import write_stopped
from forbear.interchange.home.strategies import strategy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import ExperimentStop


def stop_experiment(name: str, reason: str, now: datetime, *, actor: str) -> ExperimentStop | Problem:
    """End an experiment of the strategy in force; what was decided stays, and nobody is asked to undo it."""
    today = business_date(now)
    names = [experiment.name for experiment in strategy(settings.HOME, today).experiments]
    if name not in names:
        return with_hint(no_experiment(name), nearest(name, names))
    if is_canary(name):
        return Problem("canary_not_stopped", "this is a canary; take its strategy back instead")
    if not reason.strip():
        return Problem("experiment_stop_reason", "say why the experiment is stopped")
    with transaction.atomic():
        stop, made = ExperimentStop.objects.get_or_create(
            experiment=name,
            defaults={"first_day": today, "at": now, "actor": actor, "reason_note": reason.strip()[:300]},
        )
        if not made:
            return Problem(
                "experiment_stopped_already",
                "`%(name)s` was stopped on %(day)s",
                name=name,
                day=stop.first_day,
            )
        transaction.on_commit(write_stops)
        evidence.append(
            "change",
            at=now,
            actor=actor,
            body={"what": "experiment_stopped", "experiment": name, "from": str(today)},
            personal={"reason": stop.reason_note},
        )
    return stop


def no_experiment(name: str) -> Problem:
    """Nothing in force has that name."""
    return Problem("experiment_not_in_force", "no experiment in force is called `%(name)s`", name=name)


def write_stops() -> None:
    """Write what was stopped into the home, where the night reads it. Done after each stop, and before each night."""
    stops = ExperimentStop.objects.order_by("at", "pk").values_list("experiment", "first_day")
    write_stopped(settings.HOME, list(stops))
