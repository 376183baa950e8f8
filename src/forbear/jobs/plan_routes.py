"""Work out the routes of the days that somebody asked for: with many visits it takes the solver some while."""

import logging
from datetime import datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Q

from forbear.actions.visits.routes import save_routes
from forbear.core.base.problem import Problem, as_json
from forbear.insight.routing import work_out_day
from forbear.store.models import RouteSearch

#: A worker that began one and said nothing for so long has died: the search itself ends within a minute.
_DEAD_AFTER = timedelta(minutes=10)
_BROKEN = Problem("route_search_failed", "the search failed; the log of the workers has the reason")
log = logging.getLogger(__name__)


def plan_asked(now: datetime) -> bool:
    """Work out one day that waits, the longest waiting first; whether there was one."""
    found = _claim(now)
    if found is None:
        return False
    try:
        worked_out = work_out_day(found.day, now)
        if isinstance(worked_out, Problem):
            return _failed(found, worked_out)
        made = save_routes(found.day, *worked_out, now, found.asked_by)
    except DatabaseError:
        raise  # tried again when the database answers
    except Exception:  # whatever the solver meets on one day, other days go on
        log.exception("the routes of %s could not be worked out", found.day)
        return _failed(found, _BROKEN)
    found.said = [] if made else sorted(set(worked_out[1].values()))
    found.state = "done"
    found.save(update_fields=["state", "said"])
    return True


def _claim(now: datetime) -> RouteSearch | None:
    due = Q(state="waiting") | Q(state="running", begun_at__lt=now - _DEAD_AFTER)
    with transaction.atomic():
        found = RouteSearch.objects.select_for_update().filter(due).order_by("asked_at", "day").first()
        if found is not None:
            found.state, found.begun_at = "running", now
            found.save(update_fields=["state", "begun_at"])
        return found


def _failed(found: RouteSearch, why: Problem) -> bool:
    found.state, found.said = "failed", [as_json(why)]
    found.save(update_fields=["state", "said"])
    return True
