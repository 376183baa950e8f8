"""Remind people of what they agreed, before its day: each instalment of a plan and each promise, once.

The text is queued like any other and asks the permit gate before it leaves, so hours, stops and holds bind it.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from forbear.actions.agreements.plans import lines_of
from forbear.actions.contacts.notify_borrower import REMINDER, notify_borrower
from forbear.core.agreements.plan import PlanLine, outstanding_lines
from forbear.core.content.template import Money
from forbear.store.business_date import business_date
from forbear.store.models import Contact, Plan, Promise
from forbear.store.situation import lock_borrower

#: How many days before its day an instalment of a plan, and a promise, is brought to mind.
PLAN_DAYS, PROMISE_DAYS = 3, 1
_BATCH = 1_000
PLAN_TEMPLATE, PROMISE_TEMPLATE = "plan_due", "promise_due"


def remind_due(now: datetime) -> int:
    """Queue the reminders whose time has come and that were not queued before; how many."""
    today, queued = business_date(now), 0
    plans = Plan.objects.filter(state="active").order_by("pk").only("pk", "borrower_id", "lines", "paid")
    for plan in plans.iterator(chunk_size=_BATCH):
        if _coming(plan, today) is not None:  # only those few are locked
            queued += _remind_of_plan(plan.pk, plan.borrower_id, today, now)
    soon = Promise.objects.filter(state="open", due_on__range=(today, today + timedelta(days=PROMISE_DAYS)))
    for promise_id, borrower_id in soon.order_by("pk").values_list("pk", "borrower_id"):
        queued += _remind_of_promise(promise_id, borrower_id, now)
    return queued


def _coming(plan: Plan, today: date) -> PlanLine | None:
    """The next instalment that is not paid, where its day is near."""
    line = next(iter(outstanding_lines(lines_of(plan), plan.paid)), None)
    return line if line is not None and 0 <= (line.due_on - today).days <= PLAN_DAYS else None


def _remind_of_plan(plan_id: int, borrower_id: str, today: date, now: datetime) -> bool:
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        plan = Plan.objects.filter(pk=plan_id, state="active").first()
        if borrower is None or plan is None:
            return False
        line = _coming(plan, today)
        if line is None:
            return False
        about = f"plan:{plan.pk}:{line.number}"
        if _reminded(borrower_id, PLAN_TEMPLATE, about):
            return False
        made = notify_borrower(
            borrower,
            PLAN_TEMPLATE,
            now,
            loans=tuple(plan.loans),
            about=about,
            manner=REMINDER,
            actor="timetable",
            instalment=Money(line.amount, plan.currency),
            due_on=line.due_on,
        )
        return made is not None


def _remind_of_promise(promise_id: int, borrower_id: str, now: datetime) -> bool:
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        promise = Promise.objects.filter(pk=promise_id, state="open").first()
        about = f"promise:{promise_id}"
        if borrower is None or promise is None or _reminded(borrower_id, PROMISE_TEMPLATE, about):
            return False
        made = notify_borrower(
            borrower,
            PROMISE_TEMPLATE,
            now,
            loans=tuple(promise.loans),
            about=about,
            manner=REMINDER,
            actor="timetable",
            paid=Money(max(promise.amount - promise.paid, 1), promise.currency),
            until=promise.due_on,
        )
        return made is not None


def _reminded(borrower_id: str, template: str, about: str) -> bool:
    """Whether it was queued before, whatever became of it."""
    queued: Iterator[dict[str, object]] = (
        Contact.objects.filter(borrower_id=borrower_id, template=template)
        .values_list("planned", flat=True)
        .iterator()
    )
    return any(planned.get("answers") == about for planned in queued)
