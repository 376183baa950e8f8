"""Give a case to a collector, or back to the queue, on record."""

from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.contacts.staff_calls import not_trained
from forbear.actions.selectors.creditors import not_in_limit
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Case, Staff
from forbear.store.situation import lock_borrower

#: How long a case that a lead gave somebody stays theirs alone.
FOR = timedelta(hours=12)


def assign_case(case_id: int, to: str, now: datetime, *, actor: str) -> Case | Problem:
    """Give it to the collector with this number, for twelve hours; an empty number puts it back into the queue."""
    with transaction.atomic():
        owner = Case.objects.filter(pk=case_id, closed_on=None).values_list("borrower_id", flat=True).first()
        if owner is None or lock_borrower(owner) is None:
            return Problem("no_such_open_case", "there is no such open case")
        case = Case.objects.select_related("collector").get(pk=case_id)
        person = None
        if to:
            person = Staff.objects.filter(number=to, is_active=True, role__in=("collector", "lead")).first()
            if person is None:
                return Problem("no_such_collector", "there is no collector %(number)s", number=to)
            if problem := not_trained(owner, person) or not_in_limit(person, [owner]):
                return problem
        hand_over(case, person, now + FOR if person else None, now, actor=actor)
        return case


def hand_over(
    case: Case,
    person: Staff | None,
    until: datetime | None,
    now: datetime,
    *,
    actor: str,
    **more: object,
) -> None:
    """Write down whose the case is until when, nobody's for None; `more` goes into the evidence. The caller holds its
    borrower.
    """
    before = case.collector.number if case.collector else ""
    case.collector, case.leased_until = person, until
    case.save(update_fields=["collector", "leased_until"])
    evidence.append(
        "assignment",
        at=now,
        actor=actor,
        borrower=case.borrower_id,
        body={"case": case.pk, "from": before, "to": person.number if person else "", **more},
    )
