"""Judge all that a borrower has agreed or reported again: promises, plans, settlements and payments they told of.

The payments on record and the day decide.
"""

from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.actions.agreements.plans import JUDGED, evaluate_plans, plans_moved
from forbear.actions.agreements.promises import evaluate_promises, payments_in, promises_moved
from forbear.actions.agreements.reported_payments import evaluate_reported_payments, unmoved_by_record
from forbear.actions.agreements.settlements import evaluate_settlements
from forbear.actions.selectors.ledger import ledgers_of
from forbear.core.base.reason import NO_REASON, Reason
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Plan, Promise, ReportedPayment, Settlement
from forbear.store.situation import lock_borrower

Agreed = TypeVar("Agreed", Promise, Plan, ReportedPayment)
#: How long after it was decided a promise or plan is judged again when a feed brings news.
LATELY = timedelta(days=60)
_BATCH = 500


def evaluate_agreements(borrower: Borrower, now: datetime, *, actor: str, reason: Reason = NO_REASON) -> int:
    """Judge them; how many changed. The caller holds the borrower."""
    return (
        evaluate_promises(borrower, now, actor=actor, reason=reason, policy=policy(settings.HOME).promise)
        + evaluate_plans(borrower, now, actor=actor, reason=reason)
        + evaluate_settlements(borrower, now, actor=actor)
        + evaluate_reported_payments(borrower, now, actor=actor, reason=reason)
    )


def evaluate_due_agreements(now: datetime, *, actor: str = "timetable", news: bool = False) -> int:
    """Judge everybody whose promise or offer has run out, or whose plan runs; how many borrowers changed.

    Time alone breaks a promise: no payment comes that would have it judged. With `news` whatever is open or
    was decided lately is judged: a feed brought payments, late ones and bounced ones, that nobody reported by day.
    """
    terms, today = policy(settings.HOME), business_date(now)
    last = today - timedelta(days=terms.promise.grace_days)
    due = Borrower.objects.filter(
        Q(promises__state="open", promises__due_on__lt=last)
        | Q(plans__state="active")
        | Q(settlements__state="offered", settlements__by__lt=today)
        | Q(reported_payments__state="unconfirmed", reported_payments__ends_on__lt=today)
    )
    if news:
        lately = today - LATELY
        due = Borrower.objects.filter(
            Q(promises__state="open")
            | Q(promises__decided_on__gte=lately)
            | Q(plans__state="active")
            | Q(plans__state__in=("kept", "broken"), plans__ended_on__gte=lately)
            | Q(settlements__state="offered")
            | Q(settlements__state__in=("kept", "lapsed"), settlements__by__gte=lately)
            | Q(reported_payments__state="unconfirmed")
            | Q(reported_payments__paid_on__gte=lately)
        )
    changed = 0
    for borrower_id in _moved(list(due.distinct().order_by("pk").values_list("pk", flat=True)), now):
        with transaction.atomic():
            borrower = lock_borrower(borrower_id)
            assert borrower is not None, "a borrower is never deleted"
            changed += bool(evaluate_agreements(borrower, now, actor=actor, reason=Reason.of("day_passed")))
    return changed


def _moved(names: list[str], now: datetime) -> list[str]:
    """Of these borrowers those whose agreements may stand otherwise than is written; a few queries for hundreds.

    Nobody is held meanwhile: who is named is judged again under the lock, and what changes after this look was received
    of by day, by an act that judges itself.
    """
    terms, today, moved_names = policy(settings.HOME), business_date(now), []
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        ledgers = ledgers_of(batch)
        settled = set(Settlement.objects.filter(borrower_id__in=batch).values_list("borrower_id", flat=True))
        promises, plans = _by_borrower(Promise, batch), _by_borrower(Plan, batch, state__in=JUDGED)
        reports = _by_borrower(ReportedPayment, batch)
        for name in batch:
            if name not in ledgers or name in settled:
                moved_names.append(name)
                continue
            payments = payments_in(ledgers[name][0])
            if (
                promises_moved(promises.get(name, []), payments, today, terms.promise)
                or plans_moved(plans.get(name, []), payments, today, terms.plan)
                or not unmoved_by_record(reports.get(name, []), ledgers[name][0], today)
            ):
                moved_names.append(name)
    return moved_names


def _by_borrower(kind: type[Agreed], names: list[str], **only: object) -> dict[str, list[Agreed]]:
    by_borrower: dict[str, list[Agreed]] = {}
    for row in kind._default_manager.filter(borrower_id__in=names, **only).order_by("pk"):
        by_borrower.setdefault(row.borrower_id, []).append(row)
    return by_borrower
