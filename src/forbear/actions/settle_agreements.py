"""Judge all that a borrower has agreed anew: promises, plans and settlements, by the payments and the day."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from forbear.actions.agree_plan import settle_plans
from forbear.actions.settle import settle_settlements
from forbear.actions.take_promise import settle_promises, today_of
from forbear.interchange.policy import policy
from forbear.store.models import Borrower
from forbear.store.situation import hold_borrower

#: How long after it was decided a promise or plan is judged again when a feed brings news.
LATELY = timedelta(days=60)


def settle_agreements(borrower: Borrower, now: datetime, *, actor: str, because: str = "") -> int:
    """Judge them; how many changed. The caller holds the borrower."""
    return (
        settle_promises(borrower, now, actor=actor, because=because, policy=policy(settings.HOME).promise)
        + settle_plans(borrower, now, actor=actor, because=because)
        + settle_settlements(borrower, now, actor=actor)
    )


def settle_due(now: datetime, *, actor: str = "timetable", news: bool = False) -> int:
    """Judge everybody whose promise or offer has run out, or whose plan runs; how many borrowers changed.

    Time alone breaks a promise: no payment comes that would have it judged. With `news` whatever is open or
    was decided lately is judged: a feed brought payments, late ones and bounced ones, that nobody told by day.
    """
    terms, today = policy(settings.HOME), today_of(now)
    last = today - timedelta(days=terms.promise.grace_days)
    due = Borrower.objects.filter(
        Q(promises__state="open", promises__due_on__lt=last)
        | Q(plans__state="active")
        | Q(settlements__state="offered", settlements__by__lt=today)
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
        )
    changed = 0
    for borrower_id in list(due.distinct().order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            borrower = hold_borrower(borrower_id)
            assert borrower is not None, "a borrower is never deleted"
            changed += bool(settle_agreements(borrower, now, actor=actor, because="its day has passed"))
    return changed
