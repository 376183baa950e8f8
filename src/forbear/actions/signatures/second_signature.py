"""A second signature counts when it is another person's, who doesn't have the first one's account in hand."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.staff.two_people import Opening, in_one_hand
from forbear.store import evidence
from forbear.store.models import AccountChange, Staff


def signature_problem(first: Iterable[int | None], staff: Staff, now: datetime) -> Problem | None:
    """Why this person's signature doesn't count beside those of the accounts `first`; None when it does.

    A refusal is logged, and told to the programs that subscribed to `account.signature_refused`.
    """
    openings = _openings(now)
    if not openings:
        return None
    for account in first:
        hands = in_one_hand(account, staff.pk, openings) if account else frozenset()
        if account and account != staff.pk and hands:
            return _refuse(account, staff, hands, now)
    return None


def _openings(now: datetime) -> list[Opening]:
    """Who opened whose account within the hours of the policy."""
    since = now - timedelta(hours=settings.SIGN_IN.two_people.apart_hours)
    rows = AccountChange.objects.filter(decided_at__gte=since, state__in=("done", "signed"))
    return [
        Opening(row.staff_id, by, row.is_alone)
        for row in rows
        for by in {row.proposed_by_id, row.decided_by_id}
        if by is not None and by != row.staff_id
    ]


def _refuse(account: int, staff: Staff, hands: frozenset[int], now: datetime) -> Problem:
    numbers = dict(Staff.objects.filter(pk__in={account, *hands}).values_list("pk", "number"))
    body = {
        "staff": staff.number,
        "what": "signature_refused",
        "first": numbers[account],
        "hands": sorted(numbers[hand] for hand in hands),
    }
    with transaction.atomic():
        enqueue_webhooks("account.signature_refused", body, now)
        evidence.append("access", at=now, actor=f"staff:{staff.number}", body=body)
    return Problem(
        "signatures_in_one_hand",
        "%(hands)s opened one of the two accounts within the last %(hours)s hours, so this is not a second "
        "person's signature; somebody else must approve",
        hands=tuple(body["hands"]),
        hours=settings.SIGN_IN.two_people.apart_hours,
    )
