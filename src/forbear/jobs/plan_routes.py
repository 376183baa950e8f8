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
    search = _claim(now)
    if search is None:
        return False
    try:
        worked_out = work_out_day(search.day, now)
        if isinstance(worked_out, Problem):
            return _failed(search, worked_out)
        routes = save_routes(search.day, *worked_out, now, search.asked_by)
    except DatabaseError:
        raise  # tried again when the database answers
    except Exception:  # whatever the solver meets on one day, other days go on
        log.exception("the routes of %s could not be worked out", search.day)
        return _failed(search, _BROKEN)
    search.said = [] if routes else sorted(set(worked_out[1].values()))
    search.state = "done"
    search.save(update_fields=["state", "said"])
    return True


def _claim(now: datetime) -> RouteSearch | None:
    due = Q(state="waiting") | Q(state="running", begun_at__lt=now - _DEAD_AFTER)
    with transaction.atomic():
        search = RouteSearch.objects.select_for_update().filter(due).order_by("asked_at", "day").first()
        if search is not None:
            search.state, search.begun_at = "running", now
            search.save(update_fields=["state", "begun_at"])
        return search


def _failed(search: RouteSearch, why: Problem) -> bool:
    search.state, search.said = "failed", [as_json(why)]
    search.save(update_fields=["state", "said"])
    return True
