"""Goals for collectors from the promises they took: the last 30 days against the last 90 (see insight.goal)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from forbear.insight.goal import Promised, Result, Usual, results, usual_of
from forbear.store.models import Promise

VERSION = 1
#: A person's promises due in that many days, against everybody's due in that many.
MINE, LIKE = 30, 90


@dataclass(frozen=True, slots=True)
class Goals:
    """By person's key their result; what like promises gave, by difficulty; the currency of it all."""

    results: dict[int, Result]
    usual: dict[int, Usual]
    currency: str


def decided(today: date, days: int) -> QuerySet[Promise]:
    """Promises taken by somebody, due in the days up to today and decided by payments."""
    rows = Promise.objects.filter(state__in=("kept", "broken"), due_on__gt=today - timedelta(days=days))
    return rows.filter(due_on__lte=today).exclude(taken_by=None)


def goals(today: date) -> Goals:
    """Everybody's, in the currency with most promises; two queries whatever the number of people."""
    like = decided(today, LIKE)
    top = (
        like.order_by()
        .values_list("currency")
        .annotate(rows=Count("pk"))
        .order_by("-rows", "currency")
        .first()
    )
    currency = top[0] if top else ""
    rows = like.filter(currency=currency).values_list(
        "due_on", "taken_by", "difficulty", "amount", "paid", "state"
    )
    every, mine = [], []
    for due_on, person, difficulty, amount, paid, state in rows.iterator():
        one = Promised(person, difficulty, amount, paid, state == "kept")
        every.append(one)
        if due_on > today - timedelta(days=MINE):
            mine.append(one)
    usual = usual_of(every)
    return Goals(results(mine, usual), usual, currency)


def rows_of(staff_id: int, today: date, currency: str) -> QuerySet[Promise]:
    """The promises behind a person's result, the newest first."""
    return decided(today, MINE).filter(taken_by_id=staff_id, currency=currency).order_by("-due_on", "-pk")
