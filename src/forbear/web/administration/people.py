"""People: who has an account, what each may do, and every change of it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.selectors.agency_directory import agencies
from forbear.actions.selectors.staff_directory import (
    account_events,
    staff_account,
    waiting_changes,
    waiting_kinds,
)
from forbear.actions.staff import staff_accounts as accounts
from forbear.actions.staff.account_changes import is_signer
from forbear.actions.staff.account_decisions import decide_change
from forbear.actions.staff.staff_accounts import NewPerson, make_person
from forbear.core.base.problem import InputError, Problem
from forbear.interchange.home.strategies import strategy
from forbear.store.business_date import business_date
from forbear.store.models import AccountChange, Staff
from forbear.web import labels as words
from forbear.web.administration.forms import PersonForm, RoleForm, WorkForm
from forbear.web.administration.listings import PEOPLE
from forbear.web.call_forms import flash_result
from forbear.web.form_token import mark_done
from forbear.web.forms import ButtonForm, Form, ReasonForm, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit

_EVENTS = 50


@permission_required("administration:people:read")
def people(request: StaffRequest) -> HttpResponseBase:
    """Everybody, by role and state; above them what waits for a second administrator."""
    return answer(
        request, PEOPLE, "administration/people.html", lambda _shown: {"waiting": waiting_changes()}
    )


@permission_required("administration:people:manage")
def new(request: StaffRequest) -> HttpResponseBase:
    """A new account, with a first password that is shown once."""

    def page() -> HttpResponse:
        form = form_on(request, PersonForm, agencies())
        return render(request, "administration/person_new.html", {"form": form})

    if request.method != "POST":
        return page()
    form = PersonForm(agencies(), request.POST)
    if not form.is_valid():
        return refused(request, form, page)
    made = make_person(NewPerson(**form.cleaned_data), request.user, request.now)
    if isinstance(made, Problem):
        return refused(request, form, page, made)
    if not made[1]:
        messages.success(request, gettext("The account opens when another administrator approves it."))
        return redirect("administration:person", made[0].pk)
    return _password(request, *made)


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
        "forms": {
            "work": form_on(request, WorkForm, found, _stages(request.now)),
            "role": form_on(
                request, RoleForm, agencies(), initial={"role": found.role, "agency": found.agency_id}
            ),
        },
        "events": _events(found),
        "own": found.pk == request.user.pk,
        "waiting": waiting_kinds(found),
        "signs": is_signer(found, request.now),
    }
    return render(request, "administration/person.html", shown)


def _stages(now: datetime) -> list[str]:
    """The stages of the strategy in force; those the words know where it can't be read."""
    try:
        return [rule.stage for rule in strategy(settings.HOME, business_date(now)).stages]
    except InputError:
        return [name for name in words.STAGES if name]


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


def _role(request: StaffRequest, pk: int, form: Form) -> object:
    given = form.cleaned_data
    return accounts.change_role(pk, given["role"], given["agency"], request.user, request.now, given["note"])


def _work(request: StaffRequest, pk: int, form: Form) -> object:
    assert isinstance(form, WorkForm)
    return accounts.change_person(pk, form.work, request.user, request.now)


#: What can be done to an account: by the name in the address, the act on its number and its form.
ACTS: dict[str, Callable[[StaffRequest, int, Form], object]] = {
    "change": _work,
    "role": _role,
    "lock": lambda request, pk, form: accounts.lock_person(pk, _note(form), request.user, request.now),
    "unlock": lambda request, pk, _form: accounts.unlock_person(pk, request.user, request.now),
    "end": lambda request, pk, _form: accounts.end_person(pk, request.user, request.now),
    "sign-out": lambda request, pk, _form: accounts.end_sessions(pk, request.user, request.now),
    "password": lambda request, pk, form: accounts.give_password(pk, request.user, request.now, _note(form)),
    "administrator": lambda request, pk, form: accounts.propose_administrator(
        pk, _note(form), request.user, request.now
    ),
    "proofs": lambda request, pk, form: accounts.reset_person(pk, request.user, request.now, _note(form)),
}
#: The acts that need a reason.
_REASONED = ("lock", "administrator", "proofs")


def _form_of(request: StaffRequest, found: Staff, act: str) -> Form:
    """The form of an act; one without fields for a mere button."""
    if act == "change":
        return WorkForm(found, _stages(request.now), request.POST)
    if act == "role":
        return RoleForm(agencies(), request.POST)
    if act == "password" and is_signer(found, request.now):
        return ReasonForm(request.POST, key=act)
    return ReasonForm(request.POST, key=act) if act in _REASONED else Form(request.POST)


@require_POST
@permission_required("administration:people:manage")
def act(request: StaffRequest, staff_id: int, act: str) -> HttpResponseBase:
    """One act on an account, then its page again."""
    found = staff_account(staff_id)
    if found is None or act not in ACTS:
        raise Http404
    form = _form_of(request, found, act)

    def then(made: object) -> HttpResponse:
        if isinstance(made, str):
            return _password(request, found, made)
        if isinstance(made, AccountChange):
            messages.success(request, gettext("Proposed. Another administrator approves it."))
        else:
            flash_result(request, made)
        return redirect("administration:person", staff_id)

    def page() -> HttpResponseBase:
        shows = bool(form.visible_fields())
        return person(request, staff_id) if shows else redirect("administration:person", staff_id)

    return submit(request, form, lambda _given: ACTS[act](request, staff_id, form), page, then)


@require_POST
@permission_required("administration:people:manage")
def decide(request: StaffRequest, change_id: int) -> HttpResponse:
    """Sign or decline what lets somebody into an account; a temporary password is shown to who signs."""
    change = waiting_changes().filter(pk=change_id).first()
    made = decide_change(change_id, ButtonForm(request.POST).pressed("sign"), request.user, request.now)
    if isinstance(made, str) and change is not None:
        return _password(request, change.staff, made)
    flash_result(request, made)
    return redirect("administration:people")


def _note(form: Form) -> str:
    return str(form.cleaned_data.get("note", ""))


def _password(request: StaffRequest, person: Staff, password: str) -> HttpResponse:
    """The first password, this once; the page is kept nowhere."""
    answer = render(request, "administration/password.html", {"person": person, "password": password})
    answer["Cache-Control"] = "no-store"
    return mark_done(answer)
