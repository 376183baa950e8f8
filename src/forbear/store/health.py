"""How the lender's Forbear stands: counts and ages that an operator is woken for, each one cheap to ask for.

Nothing here is about a person: no ids, no names. A count over a big table is asked only where an index holds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min, QuerySet

from forbear.store.models import (
    Case,
    Contact,
    DailySeal,
    Heartbeat,
    LawsuitDeadline,
    MissingRecording,
    PublishedNight,
    Request,
    WebhookDelivery,
)

#: The states of a contact that is not over; the others only ever grow.
_OPEN_STATES = ("waiting", "claimed", "sending", "unknown", "dead")
_NEVER = float("inf")
#: How long readiness waits for SQLite's lock, in milliseconds.
_READY_PATIENCE = 1000


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure: `name` without the prefix, what it means, and its values by label ("" for the only one)."""

    name: str
    means: str
    label: str
    values: dict[str, float]


def beat(name: str, now: datetime) -> None:
    """Say that this thread lives."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": now})


def gauges(now: datetime) -> list[Gauge]:
    """Everything an operator watches, as of now."""
    today = now.date()
    states = dict(
        Contact.objects.filter(state__in=_OPEN_STATES).order_by().values_list("state").annotate(Count("pk"))
    )
    oldest = Contact.objects.filter(state="waiting", not_before__lte=now).aggregate(Min("not_before"))
    night = PublishedNight.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    seal = DailySeal.objects.order_by("-number").values_list("day", flat=True).first()
    beats = {row.name: (now - row.at).total_seconds() for row in Heartbeat.objects.all()}
    return [
        Gauge("contacts", "Contacts that are not over.", "state", {s: states.get(s, 0) for s in _OPEN_STATES}),
        Gauge(
            "contacts_oldest_due_seconds",
            "How long the oldest contact that may leave has waited.",
            "",
            {"": (now - oldest["not_before__min"]).total_seconds() if oldest["not_before__min"] else 0},
        ),
        Gauge("cases_open", "Open cases.", "", {"": _count(Case.objects.filter(closed_on=None))}),
        Gauge(
            "night_age_days",
            "Days since the night that the desk works on.",
            "",
            {"": (today - night).days if night else _NEVER},
        ),
        Gauge(
            "seal_age_days", "Days since the newest sealed day of the evidence.", "",
            {"": (today - seal).days if seal else _NEVER},
        ),
        Gauge(
            "requests_overdue",
            "Requests of borrowers whose clock has run out.",
            "",
            {"": _count(Request.objects.filter(state="open", due_on__lt=today))},
        ),
        Gauge(
            "recordings_missing",
            "Answered calls whose recording never came, not looked into yet.",
            "",
            {"": _count(MissingRecording.objects.filter(gone_at=None, settled_at=None))},
        ),
        Gauge(
            "lawsuit_deadlines_missed",
            "Deadlines of ours at court that have passed.",
            "",
            {"": _count(LawsuitDeadline.objects.filter(over_at=None, ours=True, due_on__lt=today))},
        ),
        Gauge(
            "webhooks_waiting", "News for other programs that waits for delivery.", "",
            {"": _count(WebhookDelivery.objects.filter(delivered_at=None, given_up_at=None))},
        ),
        Gauge("worker_silent_seconds", "Seconds since a worker's thread last reported.", "thread", beats),
    ]  # fmt: skip


def _count(rows: QuerySet) -> int:
    return rows.order_by().count()


def _try_write(cursor: CursorWrapper) -> None:
    """Whether a write would be let in now: raises when another holds the lock, or the database takes none."""
    if connection.vendor == "postgresql":
        cursor.execute(
            "select pg_is_in_recovery() or current_setting('default_transaction_read_only') = 'on'"
        )
        if (cursor.fetchone() or (True,))[0]:
            raise DatabaseError("the database takes no writes")
    elif not connection.in_atomic_block:
        cursor.execute("pragma busy_timeout")
        patience = (cursor.fetchone() or (0,))[0]
        cursor.execute(f"pragma busy_timeout = {_READY_PATIENCE}")
        try:
            cursor.execute("begin immediate")
            cursor.execute("rollback")
        finally:
            cursor.execute(f"pragma busy_timeout = {patience}")


def failing(now: datetime, checks: dict[str, Callable[[], object]]) -> list[str]:
    """The names of what is not ready: the database, its tables, and each check of `checks` that raises."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
            cursor.fetchone()
            _try_write(cursor)
        executor = MigrationExecutor(connection)
        waits = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return ["database"]
    names = ["migrations"] if waits else []
    for name, check in checks.items():
        try:
            check()
        except Exception:
            names.append(name)
    return names
