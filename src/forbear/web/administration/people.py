"""People: who has an account, what each may do, and every change of it."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from forbear.actions.selectors.agency_directory import agencies
from forbear.actions.selectors.staff_directory import (
    account_events,
    has_waiting_grant,
    staff_account,
    waiting_grants,
)
from forbear.actions.staff import staff_accounts as accounts
from forbear.actions.staff.enrol_second_factor import reset_factors
from forbear.actions.staff.staff_accounts import NewPerson, decide_administrator, make_person
from forbear.core.base.problem import InputError, Problem
from forbear.interchange.home.strategies import strategy
from forbear.store.business_date import business_date
from forbear.store.models import Staff
from forbear.store.roles import ROLES
from forbear.web import labels as words
from forbear.web.account_labels import LANGUAGES
from forbear.web.administration.listings import PEOPLE
from forbear.web.call_forms import flash_result
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest

_EVENTS = 50
#: Roles one administrator can give alone.
GIVEN = tuple(role for role in ROLES if role != "administrator")


@permission_required("administration:people:read")
def people(request: StaffRequest) -> HttpResponseBase:
    """Everybody, by role and state; above them what waits for a second administrator."""
    return answer(request, PEOPLE, "administration/people.html", lambda _shown: {"waiting": waiting_grants()})


@permission_required("administration:people:manage")
def new(request: StaffRequest) -> HttpResponse:
    """A new account, with a first password that is shown once."""
    wrong: Problem | None = None
    form = request.POST
    if request.method == "POST":
        typed = NewPerson(
            form.get("name", "").strip(),
            form.get("number", "").strip(),
            form.get("role", ""),
            form.get("agency", ""),
        )
        made = make_person(typed, request.user, request.now)
        if not isinstance(made, Problem):
            return _password(request, *made)
        wrong = made
    shown = {"roles": GIVEN, "agencies": agencies(), "typed": form, "wrong": wrong}
    return render(request, "administration/person_new.html", shown)


@permission_required("administration:people:read")
def person(request: StaffRequest, staff_id: int) -> HttpResponse:
    """One person: what they can take, their proofs, and what was done to the account."""
    found = staff_account(staff_id)
    if found is None:
        raise Http404
    shown = {
        "person": found,
        "factors": found.factors.order_by("pk"),
        "codes": found.recovery_codes.filter(used_at=None).count(),
        "roles": GIVEN,
        "agencies": agencies(),
        "events": _events(found),
        "own": found.pk == request.user.pk,
        "waiting": has_waiting_grant(found),
        "languages": _choices(LANGUAGES, found.languages),
        "stages": _choices(_stages(request.now), found.skills),
    }
    return render(request, "administration/person.html", shown)


def _stages(now: datetime) -> list[str]:
    """The stages of the strategy in force; those the words know where it can't be read."""
    try:
        return [rule.stage for rule in strategy(settings.HOME, business_date(now)).stages]
    except InputError:
        return [name for name in words.STAGES if name]


def _choices(known: Iterable[str], chosen: str) -> list[tuple[str, bool]]:
    """What may be ticked, and what is; a code that nobody knows any more stays until it is taken away."""
    has = chosen.replace(",", " ").split()
    return [(each, each in has) for each in dict.fromkeys([*known, *has])]


def _events(found: Staff) -> list[dict]:
    """The newest events about an account."""
    return [
        {
            "at": datetime.fromisoformat(each["at"]),
            "actor": each["actor"],
            "what": each["body"]["what"],
            "more": {name: value for name, value in each["body"].items() if name not in ("staff", "what")},
        }
        for each in account_events(found, _EVENTS)
    ]


#: What can be done to an account: by the name in the address.
ACTS: dict[str, Callable[[StaffRequest, int], object]] = {
    "change": lambda request, pk: accounts.change_person(pk, _work(request), request.user, request.now),
    "role": lambda request, pk: accounts.change_role(
        pk, request.POST.get("role", ""), request.POST.get("agency", ""), request.user, request.now
    ),
    "lock": lambda request, pk: accounts.lock_person(pk, _note(request), request.user, request.now),
    "unlock": lambda request, pk: accounts.unlock_person(pk, request.user, request.now),
    "end": lambda request, pk: accounts.end_person(pk, request.user, request.now),
    "sign-out": lambda request, pk: accounts.end_sessions(pk, request.user, request.now),
    "password": lambda request, pk: accounts.give_password(pk, request.user, request.now),
    "administrator": lambda request, pk: accounts.propose_administrator(
        pk, _note(request), request.user, request.now
    ),
    "proofs": lambda request, pk: _reset(request, pk),
}


@require_POST
@permission_required("administration:people:manage")
def act(request: StaffRequest, staff_id: int, act: str) -> HttpResponse:
    """One act on an account, then its page again."""
    found = staff_account(staff_id)
    if found is None or act not in ACTS:
        raise Http404
    made = ACTS[act](request, staff_id)
    if isinstance(made, str):
        return _password(request, found, made)
    flash_result(request, made)
    return redirect("administration:person", staff_id)


@require_POST
@permission_required("administration:people:manage")
def decide(request: StaffRequest, grant_id: int) -> HttpResponse:
    """Sign or decline that somebody becomes an administrator."""
    made = decide_administrator(grant_id, "sign" in request.POST, request.user, request.now)
    flash_result(request, made)
    return redirect("administration:people")


def _work(request: StaffRequest) -> dict[str, str]:
    """What somebody can take, as the form says it: several may be ticked."""
    form = request.POST
    return form.dict() | {name: ",".join(form.getlist(name)) for name in ("languages", "skills")}


def _note(request: StaffRequest) -> str:
    return request.POST.get("note", "")


def _reset(request: StaffRequest, staff_id: int) -> Staff | Problem:
    named = staff_account(staff_id)
    assert named is not None, "the account was looked up before the act"
    return reset_factors(named.username, request.now, _note(request), actor=f"staff:{request.user.number}")


def _password(request: StaffRequest, person: Staff, password: str) -> HttpResponse:
    """The first password, this once; the page is kept nowhere."""
    answer = render(request, "administration/password.html", {"person": person, "password": password})
    answer["Cache-Control"] = "no-store"
    return answer
