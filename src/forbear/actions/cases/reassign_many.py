"""Give many cases at once to one collector, or back to the queue, on record; and take that back while it is fresh."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.cases.reassignment import FOR, hand_over
from forbear.actions.selectors.creditors import not_in_limit
from forbear.core.base.problem import Problem
from forbear.store.models import AssignmentList, Borrower, Case, Staff, Vulnerability

#: How long the act can be undone: later the person has worked with them.
UNDO_WITHIN = timedelta(minutes=10)


def reassign_cases(case_ids: Collection[int], to: str, by: Staff, now: datetime) -> AssignmentList | Problem:
    """Give these open cases to the collector with this number for twelve hours; "" puts them into the queue.

    Closed ones are left out. The answer's lines are what moved; it has no `until` where they went to the queue.
    """
    with transaction.atomic():
        person = None
        if to:
            person = Staff.objects.filter(number=to, is_active=True, role__in=("collector", "lead")).first()
            if person is None:
                return Problem("no_such_collector", "there is no collector %(number)s", number=to)
        cases = _locked(case_ids)
        if not cases:
            return Problem("nothing_ticked", "Tick at least one row.")
        if person and not person.cares and (of := _in_special_care(cases)):
            return Problem(
                "caller_not_trained_for_some",
                "%(borrowers)s are in special care: choose somebody trained for it, or untick them",
                borrowers=of,
            )
        if person and (beyond := not_in_limit(person, [case.borrower_id for case in cases])):
            return beyond
        until = now + FOR if person else None
        made = AssignmentList.objects.create(
            made_at=now,
            made_by=by,
            team=by.team,
            state="given",
            given_at=now,
            until=until,
            by_hand=True,
            lines=[_line(case, to) for case in cases],
        )
        for case in cases:
            hand_over(case, person, until, now, actor=f"staff:{by.number}", assignment=made.pk)
        return made


def _in_special_care(cases: Collection[Case]) -> tuple[str, ...]:
    """The borrowers of these cases with whom only trained people speak."""
    rows = Vulnerability.objects.filter(
        borrower__in=[case.borrower_id for case in cases], ended_at=None, trained_only=True
    )
    return tuple(rows.order_by("borrower_id").values_list("borrower_id", flat=True))


def undo_reassignment(assignment_id: int, by: Staff, now: datetime) -> AssignmentList | Problem:
    """Put each case back to where it was, unless it went on since; only who did it, and only while it is fresh."""
    with transaction.atomic():
        rows = AssignmentList.objects.select_for_update().filter(by_hand=True, made_by=by, state="given")
        made = rows.filter(pk=assignment_id, made_at__gte=now - UNDO_WITHIN).first()
        if made is None:
            return Problem("nothing_to_undo", "there is nothing of it to undo")
        before = {line[0]: (line[2], line[6], line[7]) for line in made.lines}
        people = {
            person.number: person
            for person in Staff.objects.filter(
                number__in={former for _to, former, _until in before.values()}, is_active=True
            )
        }
        for case in _locked(before):
            to, former, until = before[case.pk]
            if (case.collector.number if case.collector else "") != to or case.leased_until != made.until:
                continue
            person = people.get(former)
            then = datetime.fromisoformat(until) if person and until else None
            hand_over(case, person, then, now, actor=f"staff:{by.number}", undone=made.pk)
        made.state, made.undone_at = "undone", now
        made.save(update_fields=["state", "undone_at"])
        return made


def _line(case: Case, to: str) -> list[object]:
    former = case.collector.number if case.collector else ""
    until = case.leased_until.isoformat() if case.leased_until else ""
    return [case.pk, case.borrower_id, to, 0, case.value, ["lead"], former, until]


def _locked(case_ids: Collection[int]) -> list[Case]:
    """These open cases, locked after their borrowers, all in the order of their keys: nobody waits crosswise."""
    rows = Case.objects.filter(pk__in=case_ids, closed_on=None)
    names = sorted(rows.values_list("borrower_id", flat=True))
    list(Borrower.objects.select_for_update().filter(pk__in=names).order_by("pk").values_list("pk"))
    locked = rows.select_for_update(of=("self",)).select_related("collector").order_by("pk")
    return list(locked)
