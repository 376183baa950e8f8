"""What the desk knows of people when treatments are planned, read in a few statements for all of them.

It is a part of what the permit gate reads of one person (`store.situation`): holds, numbers, consents, earlier
contacts, notices and what stands of loans, as they are now.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forbear.core.facts.context import HOLD_KINDS
from forbear.core.permits.rules import region_name
from forbear.store.models import Borrower, Hold
from forbear.store.rows import as_datetime, fetch_rows
from forbear.store.sealed_field import open_column

Rows = list[tuple]


@dataclass(frozen=True, slots=True)
class PlannedContext:
    """Rows by table, as `insight.planned_refusals` takes them."""

    people: Rows
    holds: Rows
    points: Rows
    consents: Rows
    past: Rows
    loans: Rows
    notices: Rows


def read_planned_context(now: datetime, window_days: int) -> PlannedContext:
    """What is on the desk's tables at `now`; earlier contacts as far back as `window_days`."""
    people = Borrower.objects.values_list("borrower_id", "region", "timezones", "born_on")
    zones = {name: _zone(places) for name, _, places, _ in people}
    since = now - timedelta(days=window_days + 1)
    return PlannedContext(
        [(name, region_name(region), _day(born)) for name, region, _, born in people],
        list(_holds(now)),
        fetch_rows(_POINTS),
        [
            (name, channel, purpose, point, bool(given), as_datetime(at))
            for name, channel, purpose, point, given, at in fetch_rows(_CONSENTS)
        ],
        list(_past(since, zones)),
        [
            (loan, _day(barred), sold is not None or bool(bought), bool(unlawful))
            for loan, barred, sold, bought, unlawful in fetch_rows(_LOANS)
        ],
        list(_notices(zones)),
    )


_POINTS = """
    select p.borrower_id, p.kind, p.digest, p.lawful, p.at_workplace, p.workplace_forbidden from store_contactpoint p
    join (
        select borrower_id, kind, max(id) as id from store_contactpoint
        where party = 'debtor' and invalid_at is null group by borrower_id, kind
    ) newest on newest.id = p.id
"""
_CONSENTS = "select borrower_id, channel, purpose, point, given, at from store_consent where not night"
_LOANS = "select loan_id, time_barred_on, sold_at, bought_from, unlawful from store_loan"
_PAST = """
    select borrower_id, at, channel, purpose, party, outcome, point_digest, loans, consented from store_contact
    where at >= %s
"""
_HOLDS = "select borrower_id, kind, loans, starts_at, ends_at, reason from store_hold where lifted_at is null"
_NOTICES = """
    select borrower_id, loan_id, kind, max(given_at) from store_notice where recalled_at is null group by 1, 2, 3
"""


def _holds(now: datetime) -> Iterator[tuple]:
    """(borrower, fact, loans, first day, day it ends) of each hold; a silent lawyer beside the hold for one."""
    for name, kind, loans, starts, ends, reason in fetch_rows(_HOLDS):
        end = as_datetime(ends)
        if end is not None and end <= now:
            continue
        days = (as_datetime(starts).date(), end.date() if end else date.max)
        yield name, HOLD_KINDS[kind], _names(loans), *days
        if kind == "lawyer" and open_column(Hold, "reason", reason) == "silent":
            yield name, "lawyer_silent", _names(loans), *days


def _past(since: datetime, zones: dict[str, ZoneInfo]) -> Iterator[tuple]:
    for name, at, channel, purpose, party, outcome, point, loans, consented in fetch_rows(_PAST, [since]):
        day = as_datetime(at).astimezone(zones[name]).date()
        yield name, day, channel, purpose, party, outcome, point, _names(loans), bool(consented)


def _notices(zones: dict[str, ZoneInfo]) -> Iterator[tuple]:
    for name, loan, kind, at in fetch_rows(_NOTICES):
        yield loan, kind, as_datetime(at).astimezone(zones[name]).date()


def _names(value: object) -> list[str]:
    """A list of a JSON column, as either database gives it."""
    return json.loads(value) if isinstance(value, str) else list(value or [])  # type: ignore[call-overload]  # JSON is a list


def _zone(places: object) -> ZoneInfo:
    return ZoneInfo((_names(places) or ["UTC"])[0])


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value if isinstance(value, date) else None
