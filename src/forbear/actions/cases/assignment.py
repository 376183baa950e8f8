"""Give many cases at once to the people they were worked out for: proposed, looked at, signed, undone if need be."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from forbear.core.agencies.assignment import AssignmentList as Answer
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import AssignmentList, Borrower, Case, Staff

#: How long the cases stay with their people.
FOR = timedelta(hours=12)
#: A proposal is of its moment: cases are worked meanwhile.
GOOD_FOR = timedelta(minutes=30)


def propose(answer: Answer, by: Staff, now: datetime) -> AssignmentList:
    """Keep what was worked out, so that what is signed is what was seen. Nothing is given yet."""
    lines = [
        [
            given.job.case_id,
            given.job.borrower,
            given.person,
            given.job.difficulty,
            given.job.value,
            list(given.reasons),
        ]
        for given in answer.given
    ]
    return AssignmentList.objects.create(
        made_at=now,
        made_by=by,
        team=by.team,
        state="proposed",
        lines=lines,
        left={"full": len(answer.full), "nobody": len(answer.nobody)},
    )


def give(assignment_id: int, by: Staff, now: datetime) -> AssignmentList | Problem:
    """Give the cases of a proposal that are still free; the others stay where they went meanwhile."""
    with transaction.atomic():
        assignment = _held(assignment_id, by)
        if assignment is None or assignment.state != "proposed":
            return Problem("no_such_proposal", "there is no such proposal")
        if now - assignment.made_at > GOOD_FOR:
            return Problem("proposal_outdated", "this proposal is too old; work out a new one")
        people = {
            person.number: person
            for person in Staff.objects.filter(
                number__in={line[2] for line in assignment.lines}, is_active=True
            )
        }
        free = _cases(assignment).filter(Q(leased_until=None) | Q(leased_until__lte=now), held=False)
        to = {line[0]: line[2] for line in assignment.lines}
        given = [case for case in free if to[case.pk] in people]
        assignment.state, assignment.given_at, assignment.until = "given", now, now + FOR
        for case in given:
            case.collector, case.leased_until = people[to[case.pk]], assignment.until
        Case.objects.bulk_update(given, ["collector", "leased_until"], batch_size=1000)
        _log_event(assignment, given, {case.pk: ("", to[case.pk]) for case in given}, by, now)
        assignment.save()
        return assignment


def undo(assignment_id: int, by: Staff, now: datetime) -> AssignmentList | Problem:
    """Put back into the queue what is still with its person as it was given; what was worked on stays."""
    with transaction.atomic():
        assignment = _held(assignment_id, by)
        if (
            assignment is None
            or assignment.state != "given"
            or assignment.until is None
            or assignment.until <= now
        ):
            return Problem("nothing_to_undo", "there is nothing of it to undo")
        with_them = list(_cases(assignment).filter(leased_until=assignment.until).select_related("collector"))
        to = {line[0]: line[2] for line in assignment.lines}
        back = [case for case in with_them if case.collector and case.collector.number == to[case.pk]]
        for case in back:
            case.collector, case.leased_until = None, None
        Case.objects.bulk_update(back, ["collector", "leased_until"], batch_size=1000)
        _log_event(assignment, back, {case.pk: (to[case.pk], "") for case in back}, by, now)
        assignment.state, assignment.undone_at = "undone", now
        assignment.save()
        return assignment


def _held(assignment_id: int, by: Staff) -> AssignmentList | None:
    """The assignment list, locked; a lead of a team finds only that team's."""
    rows = AssignmentList.objects.select_for_update().filter(pk=assignment_id)
    return (rows.filter(team=by.team) if by.team else rows).first()


def _cases(assignment: AssignmentList) -> QuerySet[Case]:
    """Its open cases, locked after their borrowers, all in the order of their keys: nobody waits crosswise."""
    names = sorted({line[1] for line in assignment.lines})
    list(Borrower.objects.select_for_update().filter(pk__in=names).order_by("pk").values_list("pk"))
    ids = [line[0] for line in assignment.lines]
    return Case.objects.select_for_update(of=("self",)).filter(pk__in=ids, closed_on=None).order_by("pk")


def _log_event(
    assignment: AssignmentList, cases: list[Case], moved: dict[int, tuple[str, str]], by: Staff, now: datetime
) -> None:
    reasons = {line[0]: line[5] for line in assignment.lines}
    evidence.append_night(
        [
            evidence.Entry(
                "assignment",
                now,
                f"staff:{by.number}",
                {
                    "case": case.pk,
                    "from": moved[case.pk][0],
                    "to": moved[case.pk][1],
                    "assignment": assignment.pk,
                    "reasons": reasons[case.pk],
                },
                case.borrower_id,
            )
            for case in cases
        ]
    )
