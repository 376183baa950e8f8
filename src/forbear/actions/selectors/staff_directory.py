"""The lender's accounts: who has one, what each may do, and what was done to it."""

import json
from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from forbear.store.models import AccountChange, Event, Placement, Staff
from forbear.store.permissions import ROLE_PERMISSIONS
from forbear.store.roles import ROLES

#: The states of an account, and how each is found.
ACCOUNT_STATES = {
    "works": Q(is_active=True),
    "locked": Q(is_active=False, locked_at__isnull=False),
    "ended": Q(is_active=False, locked_at=None),
}


#: More refused signatures than this are not read.
_MOST_REFUSED = 200
#: Roles that may work the inbox.
READERS = tuple(role for role, allowed in ROLE_PERMISSIONS.items() if "desk:request:answer" in allowed)


def readers_of_inbox() -> list[Staff]:
    """Who may work the inbox, by number."""
    return list(Staff.objects.filter(is_active=True, role__in=READERS).order_by("number"))


def staff_accounts(role: str = "", state: str = "", text: str = "") -> QuerySet[Staff]:
    """Accounts by name, each with the number of its second factors as `proofs`; what is unknown narrows nothing."""
    rows = Staff.objects.select_related("agency").annotate(proofs=Count("factors")).order_by("username")
    if role in ROLES:
        rows = rows.filter(role=role)
    if state in ACCOUNT_STATES:
        rows = rows.filter(ACCOUNT_STATES[state])
    if text:
        rows = rows.filter(Q(username__icontains=text) | Q(number__icontains=text) | Q(team__icontains=text))
    return rows


def staff_account(staff_id: int) -> Staff | None:
    """One account, with its agency."""
    return Staff.objects.select_related("agency").filter(pk=staff_id).first()


def active_account(staff_id: int) -> Staff | None:
    """One account that may sign in."""
    return Staff.objects.filter(pk=staff_id, is_active=True).first()


def names_by_number() -> dict[str, str]:
    """What everybody's account is called, by their number: the name as far as it has one."""
    rows = Staff.objects.order_by().values_list("number", "first_name", "last_name", "username")
    return {number: f"{first} {last}".strip() or username for number, first, last, username in rows}


def accounts_by_number(staff_ids: Collection[int]) -> QuerySet[Staff]:
    """These accounts in the order of their numbers."""
    return Staff.objects.filter(pk__in=staff_ids).order_by("number")


def roles_with_somebody() -> set[str]:
    """The roles that somebody who may sign in has."""
    return set(Staff.objects.filter(is_active=True).order_by().values_list("role", flat=True).distinct())


def first_of_role(role: str) -> Staff | None:
    """The first account of a role that may sign in, of agencies one that has cases; None when there is none."""
    people = Staff.objects.filter(role=role, is_active=True)
    running = Placement.objects.filter(agency=OuterRef("agency"), ended_at=None)
    return people.order_by(Exists(running).desc(), "pk").first()


def active_collectors() -> list[Staff]:
    """Collectors and leads who work now, in the order of their numbers."""
    return list(Staff.objects.filter(role__in=("collector", "lead"), is_active=True).order_by("number"))


def collector_of_agency(agency: str, number: str) -> Staff | None:
    """The active person of an agency with this number."""
    return Staff.objects.filter(number=number, is_active=True, agency_id=agency).first()


def waiting_changes() -> QuerySet[AccountChange]:
    """Changes of accounts that wait for a second administrator."""
    rows = AccountChange.objects.filter(state="proposed").select_related("staff", "proposed_by")
    return rows.order_by("proposed_at", "pk")


def waiting_kinds(staff: Staff) -> frozenset[str]:
    """The kinds of change that wait for this person's account."""
    rows = AccountChange.objects.filter(staff=staff, state="proposed")
    return frozenset(rows.values_list("what", flat=True))


def refused_signatures(since: datetime) -> list[dict]:
    """The second signatures since then that didn't count, as evidence has them; the newest first."""
    rows = Event.objects.filter(kind="access", borrower="", at__gte=since)
    rows = rows.filter(line__contains='"what":"signature_refused"').order_by("-number")
    return [json.loads(line) for line in rows.values_list("line", flat=True)[:_MOST_REFUSED]]


def account_events(staff: Staff, most: int) -> list[dict]:
    """The newest evidence about an account, as its lines have it."""
    named = f'"staff":{json.dumps(staff.number, ensure_ascii=False)}'
    rows = Event.objects.filter(kind="access", borrower="", line__contains=named).order_by("-number")
    return [json.loads(line) for line in rows.values_list("line", flat=True)[:most]]
