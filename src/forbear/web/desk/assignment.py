"""For leads: today's cases worked out for their people, looked at, signed and undone."""

from collections import defaultdict

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.cases.assignment import GOOD_FOR, give, propose, undo
from forbear.actions.selectors.case_lists import assignment_lists
from forbear.core.agencies.assignment import GIVE_UP, HARDER, REASONS
from forbear.core.base.problem import Problem
from forbear.insight.assignment import jobs_of, people_of, work_out
from forbear.store.access import cases_for
from forbear.store.models import AssignmentList
from forbear.web.call_forms import flash_problems
from forbear.web.forms import ButtonForm
from forbear.web.guard import permission_required
from forbear.web.languages import label
from forbear.web.request import StaffRequest

_PAGE = 50
_NEWEST = 10


@permission_required("desk:case:assign")
def assignment(request: StaffRequest) -> HttpResponse:
    """The newest proposal by person, and one person's cases with the reason of each."""
    now = request.now
    rows = assignment_lists(request.user.team)
    wanted = request.GET.get("of", "")
    found = rows.filter(pk=int(wanted)).first() if wanted.isdigit() else rows.first()
    if wanted and found is None:
        raise Http404
    people = {person.number: person for person in people_of(request.user.team, now)}
    person = request.GET.get("person", "")
    lines = [line for line in found.lines if not person or line[2] == person] if found else []
    page = Paginator(lines, _PAGE).get_page(request.GET.get("page"))
    named = cases_for(request.user).filter(pk__in=[line[0] for line in page])
    stages = dict(named.values_list("pk", "stage"))
    return render(
        request,
        "desk/assignment.html",
        {
            "found": found,
            "people": _by_person(found, people) if found else [],
            "room": sum(each.room for each in people.values()),
            "person": person,
            "page": page,
            "lines": [
                {
                    "borrower": borrower,
                    "stage": stages.get(case, ""),
                    "number": number,
                    "difficulty": hard,
                    "reasons": [label(REASONS[code]) for code in reasons],
                }
                for case, borrower, number, hard, _, reasons in page
            ],
            "may_sign": found is not None and found.state == "proposed" and now - found.made_at <= GOOD_FOR,
            "may_undo": found is not None and found.state == "given" and found.until and found.until > now,
            "earlier": rows.exclude(pk=found.pk)[:_NEWEST] if found else [],
            "harder": [label(words) for *_, words in HARDER],
            "give_up": GIVE_UP / 10,
        },
    )


def _by_person(found: AssignmentList, people: dict) -> list[dict]:
    cases: dict[str, list] = defaultdict(list)
    for line in found.lines:
        cases[line[2]].append(line)
    return [
        {
            "number": number,
            "cases": len(cases[number]),
            "hard": sum(line[3] for line in cases[number]) / len(cases[number]) if cases[number] else None,
            "spoke": sum("spoke" in line[5] for line in cases[number]),
            "room": people[number].room if number in people else None,
        }
        for number in sorted(people.keys() | cases.keys())
    ]


@require_POST
@permission_required("desk:case:assign")
def optimize_assignment(request: StaffRequest) -> HttpResponse:
    """Work out a new proposal."""
    now = request.now
    people = people_of(request.user.team, now)
    room = sum(person.room for person in people)
    if not room:
        messages.error(
            request,
            gettext("No collector has room for more cases."),
        )
        return redirect("desk:assignment")
    made = propose(work_out(people, jobs_of(room, now)), request.user, now)
    return redirect(f"/desk/assignment?of={made.pk}")


@require_POST
@permission_required("desk:case:assign")
def sign_assignment(request: StaffRequest, assignment_id: int) -> HttpResponse:
    """Give the cases, or put them back."""
    act = undo if ButtonForm(request.POST, "act").value("act") == "undo" else give
    done = act(assignment_id, request.user, request.now)
    if isinstance(done, Problem):
        flash_problems(request, done)
        return redirect("desk:assignment")
    if done.state == "given":
        messages.success(request, gettext("Assigned."))
    else:
        messages.success(request, gettext("Put back into the queue."))
    return redirect(f"/desk/assignment?of={done.pk}")
