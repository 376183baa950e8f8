"""How much waits for somebody, for the numbers beside the menu."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet

from forbear.actions.selectors.complaints import late_complaints
from forbear.actions.selectors.vulnerable import reviews_of_vulnerability
from forbear.store.access import (
    complaints_for,
    contacts_for,
    holds_for,
    lawsuits_for,
    penalty_differences_for,
    plans_for,
    reported_payments_for,
    requests_for,
    sales_for,
    settlements_for,
    unapplied_payments_for,
    visits_for,
    vulnerabilities_for,
    write_offs_for,
)
from forbear.store.models import AccountChange, Agency, PlacementList, ScoreModel, Staff, StrategyVersion
from forbear.store.permissions import may

#: A statement that counts, and its values.
Counter = tuple[str, tuple[Any, ...]]

#: By name: the permissions with which somebody can do something about it.
_WHO: dict[str, tuple[str, ...]] = {
    "inbox": ("desk:request:answer",),
    "requests": ("desk:request:answer",),
    "complaints": ("desk:request:answer",),
    "vulnerable": ("desk:vulnerability:read",),
    "unapplied": ("desk:payment:apply",),
    "plans": ("desk:agreement:sign",),
    "settlements": ("desk:agreement:sign",),
    "visits": ("desk:visit:approve",),
    "unknown": ("desk:outbox:resolve",),
    "placement_lists": ("desk:agency:admit",),
    "lawsuits": ("desk:court:sign",),
    "write_offs": ("desk:sale:sign",),
    "sales": ("desk:sale:sign",),
    "penalties": ("desk:penalty:resolve",),
    "strategies": ("desk:strategy:sign",),
    "scores": ("desk:strategy:sign",),
    "agencies": ("desk:agency:admit",),
    "lifts": ("desk:hold:lift",),
    "reported": ("desk:payment:approve",),
    "account_changes": ("administration:people:manage",),
}
#: What waits for somebody's signature, shown together.
_SIGNED = (
    "plans", "settlements", "visits", "placement_lists", "lawsuits", "write_offs", "sales", "strategies", "scores",
    "agencies",
    "lifts", "reported", "account_changes",
)  # fmt: skip


#: By the same names: what waits. Only what is counted is asked for, since putting together a statement takes a while.
_ROWS: dict[str, Callable[[Staff], QuerySet]] = {
    "requests": lambda staff: requests_for(staff).filter(state="open"),
    "unapplied": lambda staff: unapplied_payments_for(staff).filter(state="waiting"),
    "plans": lambda staff: plans_for(staff).filter(state="proposed").exclude(proposed_by=staff),
    "settlements": lambda staff: settlements_for(staff).filter(state="proposed").exclude(proposed_by=staff),
    "visits": lambda staff: visits_for(staff).filter(state="proposed").exclude(proposed_by=staff),
    "unknown": lambda staff: contacts_for(staff).filter(state__in=("unknown", "dead")),
    "placement_lists": lambda staff: PlacementList.objects.filter(state="proposed").exclude(made_by=staff),
    "lawsuits": lambda staff: lawsuits_for(staff).filter(state="proposed").exclude(proposed_by=staff),
    "write_offs": lambda staff: write_offs_for(staff).filter(state="proposed").exclude(proposed_by=staff),
    "sales": lambda staff: sales_for(staff).filter(state="proposed").exclude(made_by=staff),
    "penalties": lambda staff: penalty_differences_for(staff).filter(
        gone_at=None, settled_at=None, too_much__gt=0
    ),
    "strategies": lambda staff: StrategyVersion.objects.filter(state="proposed").exclude(proposed_by=staff),
    "scores": lambda staff: ScoreModel.objects.filter(state="proposed").exclude(proposed_by=staff),
    "agencies": lambda staff: Agency.objects.filter(state="proposed").exclude(proposed_by=staff),
    "lifts": lambda staff: (
        holds_for(staff).filter(lifted_at=None, lift_asked_by__isnull=False).exclude(lift_asked_by=staff)
    ),
    "reported": lambda staff: (
        reported_payments_for(staff)
        .filter(state="unconfirmed", needs_second=True, decided_by=None)
        .exclude(reported_by=staff)
    ),
    "account_changes": lambda staff: (
        AccountChange.objects.filter(state="proposed").exclude(proposed_by=staff).exclude(staff=staff)
    ),
}


def waiting_counts(staff: Staff, inbox: QuerySet | None = None, today: date | None = None) -> dict[str, int]:
    """How many of each kind wait for somebody with this person's permissions; one query for all of them.

    `inbox` has the messages that wait for this person; None for who reads none. Complaints are counted that are
    late by `today`, or wait for a second person. `approvals` is all that
    waits for a second signature, `charge_offs` the write-offs and sales.
    """
    counters = dict(_counters(staff.pk, staff.role, staff.agency_id, staff.is_active, staff.creditors))
    daily: dict[str, QuerySet] = {} if inbox is None else {"inbox": inbox}
    if today is not None:
        daily["complaints"] = _complaints(staff, today)
        daily["vulnerable"] = reviews_of_vulnerability(vulnerabilities_for(staff).select_related(None), today)
    counters |= {name: _counter(rows) for name, rows in daily.items() if _waits_for(staff.role, name)}
    if not counters:
        return {}
    statement = ", ".join(sql for sql, _values in counters.values())
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {statement}", [each for _sql, values in counters.values() for each in values])
        found = cursor.fetchone()
    counts = dict(zip(counters, found, strict=True))
    counts["approvals"] = sum(counts.get(name, 0) for name in _SIGNED)
    counts["charge_offs"] = counts.get("write_offs", 0) + counts.get("sales", 0)
    return counts


def _complaints(staff: Staff, today: date) -> QuerySet:
    """Complaints that are late, and those whose rejection waits for a second person."""
    rows = complaints_for(staff).select_related(None)
    second = rows.filter(request__state="open", proposed_by__isnull=False).exclude(proposed_by=staff)
    return rows.filter(Q(pk__in=late_complaints(rows, today).values("pk")) | Q(pk__in=second.values("pk")))


def _waits_for(role: str, name: str) -> bool:
    return any(may(role, permission) for permission in _WHO[name])


@lru_cache(maxsize=1000)
def _counters(
    key: int, role: str, agency_id: int | None, is_active: bool, creditors: str
) -> tuple[tuple[str, Counter], ...]:
    """For each kind its number as a statement, made once for a person: to write them takes longer than to count.

    They are made from a person of whom only this is known, so they can hang on nothing else.
    """
    staff = Staff(pk=key, role=role, agency_id=agency_id, is_active=is_active, creditors=creditors)
    return tuple((name, _counter(rows(staff))) for name, rows in _ROWS.items() if _waits_for(role, name))


def _counter(rows: QuerySet) -> Counter:
    """The number of rows as a part of a statement, with its values."""
    try:
        sql, values = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "0", ()
    return f"(SELECT COUNT(*) FROM ({sql}) counted)", tuple(values)
