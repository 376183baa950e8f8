"""What waits for a person's signature besides plans and settlements: by whom it was proposed, since when, how much.

Many of one kind by one person stand together: they are looked at in their own list.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet, Sum

from forbear.store.access import (
    holds_for,
    lawsuits_for,
    reported_payments_for,
    sales_for,
    visits_for,
    write_offs_for,
)
from forbear.store.models import AccountChange, Agency, PlacementList, ScoreModel, Staff, StrategyVersion
from forbear.store.permissions import may

#: More single ones of a kind than this are not read: who signs them goes through their list.
_MOST = 50


@dataclass(frozen=True, slots=True)
class WaitingApproval:
    """One thing, or `number` alike, for one signature. `subject` names it, `change` is what it would change, as data.

    `by` proposed it and signed first; `is_own` when that is the person who asks. Amounts are in minor units.
    """

    kind: str
    key: object
    subject: str
    by: str
    since: datetime | None
    number: int = 1
    amount: int | None = None
    currency: str = ""
    minor_unit: int = 100
    change: str = ""
    is_own: bool = False


def approvals_of(staff: Staff) -> list[WaitingApproval]:
    """All that this person may sign as the second, and what they proposed themselves; the oldest first."""
    found: list[WaitingApproval] = []
    for permission, read in _KINDS:
        if may(staff.role, permission):
            found += read(staff)
    return sorted(found, key=lambda each: (each.is_own, each.since is None, each.since))


def _number(person: Staff | None) -> str:
    return person.number if person else ""


def _strategies(staff: Staff) -> Iterable[WaitingApproval]:
    rows = StrategyVersion.objects.filter(state="proposed").select_related("proposed_by").order_by("pk")
    for row in rows[:_MOST]:
        number = sum(_changed(row.trial))
        yield WaitingApproval(
            "strategy", row.pk, f"{row.name} {row.version}", _number(row.proposed_by), row.proposed_at,
            number=number, change=row.reason_note, is_own=row.proposed_by_id == staff.pk,
        )  # fmt: skip


def _scores(staff: Staff) -> Iterable[WaitingApproval]:
    rows = ScoreModel.objects.filter(state="proposed").select_related("proposed_by").order_by("pk")
    for row in rows[:_MOST]:
        yield WaitingApproval(
            "scores", row.pk, row.version, _number(row.proposed_by), row.proposed_at,
            change=row.reason_note, is_own=row.proposed_by_id == staff.pk,
        )  # fmt: skip


def _changed(trial: dict) -> Iterable[int]:
    """How many borrowers a tried strategy would treat otherwise."""
    changed = trial.get("changed", 0)
    return (changed,) if isinstance(changed, int) else ()


def _placement_lists(staff: Staff) -> Iterable[WaitingApproval]:
    rows = PlacementList.objects.filter(state="proposed").select_related("made_by").order_by("pk")
    sums = rows.annotate(number=Count("rows"), amount=Sum("rows__amount"), currency=Min("rows__currency"))
    for row in sums.annotate(minor_unit=Min("rows__minor_unit"))[:_MOST]:
        yield WaitingApproval(
            "placement_list", row.pk, str(row.pk), _number(row.made_by), row.made_at, row.number, row.amount,
            row.currency or "", row.minor_unit or 100, is_own=row.made_by_id == staff.pk,
        )  # fmt: skip


def _agencies(staff: Staff) -> Iterable[WaitingApproval]:
    for row in Agency.objects.filter(state="proposed").select_related("proposed_by").order_by("code")[:_MOST]:
        yield WaitingApproval(
            "agency", row.code, row.name_zh, _number(row.proposed_by), None,
            change=row.name_en, is_own=row.proposed_by_id == staff.pk,
        )  # fmt: skip


def _lawsuits(staff: Staff) -> Iterable[WaitingApproval]:
    rows = lawsuits_for(staff).filter(state="proposed").select_related("proposed_by").order_by("pk")
    for row in rows[:_MOST]:
        yield WaitingApproval(
            "lawsuit", row.pk, row.borrower_id, row.proposed_by.number, row.proposed_at, 1, row.claimed,
            row.currency, row.minor_unit, row.way, row.proposed_by_id == staff.pk,
        )  # fmt: skip


def _sales(staff: Staff) -> Iterable[WaitingApproval]:
    for row in (
        sales_for(staff).filter(state="proposed").annotate(number_of=Count("rows")).order_by("pk")[:_MOST]
    ):
        yield WaitingApproval(
            "sale", row.number, row.buyer, row.made_by.number, row.made_at, row.number_of,
            is_own=row.made_by_id == staff.pk,
        )  # fmt: skip


def _charge_offs(staff: Staff) -> Iterable[WaitingApproval]:
    rows = write_offs_for(staff).filter(state="proposed")
    for row in _together(
        rows,
        "proposed_by",
        "proposed_at",
        amount="amount",
        currency="loan__currency",
        unit="loan__minor_unit",
    ):
        yield WaitingApproval(
            "charge_off", "", "", row["by"], row["since"], row["number"], row["amount"], row["of"],
            row["unit"], is_own=row["person"] == staff.pk,
        )  # fmt: skip


def _visits(staff: Staff) -> Iterable[WaitingApproval]:
    for row in _together(visits_for(staff).filter(state="proposed"), "proposed_by", "proposed_at"):
        is_own = row["person"] == staff.pk
        yield WaitingApproval("visit", "", "", row["by"] or "", row["since"], row["number"], is_own=is_own)


def _lifts(staff: Staff) -> Iterable[WaitingApproval]:
    rows = holds_for(staff).filter(lifted_at=None, lift_asked_by__isnull=False)
    for row in _together(rows, "lift_asked_by", "lift_asked_at"):
        is_own = row["person"] == staff.pk
        yield WaitingApproval("lift", "", "", row["by"], row["since"], row["number"], is_own=is_own)


def _together(
    rows: QuerySet, person: str, since: str, *, amount: str = "", currency: str = "", unit: str = ""
) -> Iterable[dict]:
    """Rows of one person, and of one currency where they have an amount, as one."""
    of = {"of": Min(currency), "unit": Min(unit), "amount": Sum(amount)} if amount else {}
    groups = [person, f"{person}__number", *([currency] if currency else [])]
    for row in rows.order_by().values(*groups).annotate(number=Count("pk"), since=Min(since), **of):
        yield {**row, "person": row[person], "by": row[f"{person}__number"]}


def _account_changes(staff: Staff) -> Iterable[WaitingApproval]:
    rows = AccountChange.objects.filter(state="proposed").exclude(staff=staff)
    for row in rows.select_related("staff", "proposed_by").order_by("pk"):
        assert row.proposed_by is not None, "only a person proposes"
        yield WaitingApproval(
            "account_change", row.staff_id, row.staff.username, row.proposed_by.number, row.proposed_at,
            change=row.reason_note, is_own=row.proposed_by_id == staff.pk,
        )  # fmt: skip


def _reported(staff: Staff) -> Iterable[WaitingApproval]:
    rows = reported_payments_for(staff).filter(state="unconfirmed", needs_second=True, decided_by=None)
    of = {"amount": "amount", "currency": "loan__currency", "unit": "loan__minor_unit"}
    for row in _together(rows.select_related(None), "reported_by", "reported_at", **of):
        yield WaitingApproval(
            "reported_payment", "", "", row["by"], row["since"], row["number"], row["amount"], row["of"],
            row["unit"], is_own=row["person"] == staff.pk,
        )  # fmt: skip


_KINDS: tuple[tuple[str, Callable[[Staff], Iterable[WaitingApproval]]], ...] = (
    ("desk:strategy:sign", _strategies),
    ("desk:strategy:sign", _scores),
    ("desk:agency:admit", _placement_lists),
    ("desk:agency:admit", _agencies),
    ("desk:court:sign", _lawsuits),
    ("desk:sale:sign", _sales),
    ("desk:sale:sign", _charge_offs),
    ("desk:visit:approve", _visits),
    ("desk:payment:approve", _reported),
    ("desk:hold:lift", _lifts),
    ("administration:people:manage", _account_changes),
)
