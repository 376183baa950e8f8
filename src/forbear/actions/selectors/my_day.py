"""What a collector's day holds: call-backs, promises due and broken, reported payments that were not found, their cases
with replies and requests on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from forbear.store.access import cases_for, promises_for, reported_payments_for, requests_for
from forbear.store.business_date import business_date, day_end
from forbear.store.models import AssignmentList, Case, Inbound, Promise, ReportedPayment, Request, Staff

#: Rows of each kind that are shown; the lists have all.
MOST = 20
#: How long a broken promise stands in the day of who recorded it.
_BROKEN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class AssignedCase:
    """A case with somebody, and why it was given to them: codes of `core.agencies.assignment.REASONS`."""

    case: Case
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MyDay:
    """The rows of a day, each kind in the order in which it is worked off."""

    callbacks: Sequence[Case]
    promises: Sequence[Promise]
    reports: Sequence[ReportedPayment]
    replies: Sequence[Inbound]
    requests: Sequence[Request]
    cases: Sequence[AssignedCase]

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it is there."""
        return not (
            self.callbacks or self.promises or self.reports or self.replies or self.requests or self.cases
        )


def my_day(staff: Staff, now: datetime) -> MyDay:
    """The day of a person, in a fixed number of queries."""
    today = business_date(now)
    cases = cases_for(staff).filter(closed_on=None)
    mine = list(cases.filter(collector=staff, leased_until__gt=now).order_by("-value", "pk")[: MOST * 5])
    borrowers = [case.borrower_id for case in mine]
    callbacks = cases.filter(callback_by=staff, callback_at__lt=day_end(today)).order_by("callback_at", "pk")
    replies = Inbound.objects.filter(kind="reply", needs_person=True, read_at=None, borrower__in=borrowers)
    requests = requests_for(staff).filter(state="open", borrower__in=borrowers).select_related("borrower")
    return MyDay(
        callbacks=list(callbacks[:MOST]),
        promises=_promises(staff, today),
        reports=_not_found(staff, today),
        replies=list(replies.select_related("borrower").order_by("-urgent", "at", "pk")[:MOST]),
        requests=list(requests.order_by("due_on", "pk")[:MOST]),
        cases=_with_reasons(mine, now),
    )


def _promises(staff: Staff, today: date) -> list[Promise]:
    """Those the person recorded: broken lately, then open ones due by tomorrow."""
    rows = promises_for(staff).filter(taken_by=staff)
    broken = rows.filter(state="broken", due_on__gte=today - _BROKEN_FOR).order_by("due_on", "pk")[:MOST]
    due = rows.filter(state="open", due_on__lte=today + timedelta(days=1)).order_by("due_on", "pk")[:MOST]
    return [*broken, *due][:MOST]


def _not_found(staff: Staff, today: date) -> list[ReportedPayment]:
    """Payments that the person recorded and no feed showed in time: they ask the borrower for the receipt."""
    rows = reported_payments_for(staff).filter(reported_by=staff, state="lapsed")
    return list(rows.filter(ends_on__gte=today - _BROKEN_FOR).order_by("ends_on", "pk")[:MOST])


def _with_reasons(cases: list[Case], now: datetime) -> list[AssignedCase]:
    """Cases with why the newest list that gave each says it was given."""
    reasons: dict[tuple[int, str], tuple[str, ...]] = {}
    for given in AssignmentList.objects.filter(state="given", until__gt=now).order_by("pk"):
        reasons |= {(line[0], line[2]): tuple(line[5]) for line in given.lines}
    return [
        AssignedCase(case, reasons.get((case.pk, case.collector.number if case.collector else ""), ()))
        for case in cases
    ]
