"""What the register of complaints says: which are late, and a period's figures for officers and the regulator."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from forbear.store.business_date import business_date
from forbear.store.models import Complaint


def late_complaints(rows: QuerySet[Complaint], today: date) -> QuerySet[Complaint]:
    """Of these the ones of which a day has passed: the acknowledgement, the final response or the redress."""
    unanswered = Q(request__state="open")
    return rows.filter(
        (unanswered & Q(request__due_on__lt=today))
        | (unanswered & Q(acknowledged_at=None, acknowledge_by__lt=today))
        | Q(redress_by__lt=today, redress_done_at=None)
    )


@dataclass(slots=True)
class CategoryFigures:
    """One category in a period: how many came, how many were answered and how, and what was paid by currency.

    Amounts are minor units; `in_time` were answered by the day that the law or an extension gave.
    """

    opened: int = 0
    answered: int = 0
    in_time: int = 0
    upheld: int = 0
    late: int = 0
    referred: int = 0
    paid: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class ComplaintFigures:
    """A period's figures by category, and why the answered ones came to be by category."""

    categories: dict[str, CategoryFigures]
    causes: dict[str, Counter[str]]

    @property
    def whole(self) -> CategoryFigures:
        """All categories together."""
        summed = CategoryFigures()
        for one in self.categories.values():
            for name in ("opened", "answered", "in_time", "upheld", "late", "referred"):
                setattr(summed, name, getattr(summed, name) + getattr(one, name))
            summed.paid.update(one.paid)
        return summed


def complaint_figures(rows: QuerySet[Complaint], first: date, last: date, today: date) -> ComplaintFigures:
    """Of these rows what was opened or answered between two days, both included; withdrawn ones are left out."""
    categories: dict[str, CategoryFigures] = {}
    causes: dict[str, Counter[str]] = {}
    for row in _of_period(rows, first, last):
        request = row.request
        one = categories.setdefault(row.category, CategoryFigures())
        if first <= business_date(request.opened_at) <= last:
            one.opened += 1
            one.late += request.state == "open" and request.due_on < today
        answered_on = business_date(request.answered_at) if request.answered_at else None
        if answered_on is not None and first <= answered_on <= last:
            one.answered += 1
            one.in_time += answered_on <= request.due_on
            one.upheld += request.outcome in ("upheld", "partly")
            one.paid[row.currency] += row.redress_amount
            causes.setdefault(row.root_cause, Counter())[row.category] += 1
        one.referred += row.referred_on is not None and first <= row.referred_on <= last
    return ComplaintFigures(dict(sorted(categories.items())), dict(sorted(causes.items())))


def _of_period(rows: QuerySet[Complaint], first: date, last: date) -> Iterator[Complaint]:
    asked = Q(request__opened_at__date__range=(first, last))
    done = Q(request__answered_at__date__range=(first, last))
    within = rows.filter(asked | done | Q(referred_on__range=(first, last)))
    return within.exclude(request__state="withdrawn").select_related("request").iterator()


def category_row(code: str, one: CategoryFigures) -> Sequence[object]:
    """A row of the regulator's return, without the words of its category."""
    return (code, one.opened, one.answered, one.in_time, one.upheld, one.late, one.referred)
