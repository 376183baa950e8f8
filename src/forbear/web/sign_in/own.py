"""One's own account: the proofs one has, new ones, codes on paper, and the password."""

from urllib.parse import urlencode

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.access.form_drafts import drop_draft
from forbear.actions.contacts.quality_reviews import read_review
from forbear.actions.selectors.staff_directory import active_account
from forbear.actions.staff.account_changes import changes_waiting_for
from forbear.actions.staff.account_decisions import object_to
from forbear.actions.staff.enrol_second_factor import (
    add_passkey,
    add_totp,
    new_codes,
    new_secret,
    remove_factor,
    totp_address,
)
from forbear.actions.staff.new_staff import change_password
from forbear.actions.staff.passkeys import ask_known, ask_new
from forbear.actions.staff.sign_in_pace import sign_in_wait
from forbear.actions.staff.verify_second_factor import check_code, check_passkey
from forbear.core.base.problem import Problem
from forbear.store.models import Staff
from forbear.web import clock
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.fields import TextField
from forbear.web.form_token import mark_done
from forbear.web.forms import ButtonForm, Form, form_on, refused
from forbear.web.guard import BEGUN, PROOF, permission_required
from forbear.web.proxy import network_of
from forbear.web.request import StaffRequest
from forbear.web.scorecards import scorecard_of
from forbear.web.session import (
    BY_SSO,
    CHALLENGE,
    FRESH_SECONDS,
    enter,
    fresh,
    half,
    pop_challenge,
    prove_again,
)
from forbear.web.sign_in.forms import ProofForm
from forbear.web.sign_in.way_in import failed, locked_out

_SECRET = "new_secret"
_REVIEWS = 20


class AnswerReviewForm(Form):
    """What somebody says to a review of a contact of theirs, if anything."""

    answer = TextField(1000, rows=2, label=_("What you say to it (your reviewer reads it)"), required=False)


@permission_required("own:account:keep")
def mine(request: StaffRequest) -> HttpResponse:
    """What proves me, and what I can change."""
    shown = {
        "factors": request.user.factors.order_by("pk"),
        "codes": request.user.recovery_codes.filter(used_at=None).count(),
        "waiting": changes_waiting_for(request.user),
        "proof": request.session.get(PROOF, ""),
        "reviews": [
            (row, scorecard_of(row), None if row.seen_at else form_on(request, AnswerReviewForm, key=row.pk))
            for row in request.user.reviews.select_related("contact", "reviewer").order_by("-pk")[:_REVIEWS]
        ],
    }
    return render(request, "sign_in/mine.html", shown)


def enrol(request: StaffRequest) -> HttpResponse:
    """The first proof of somebody whose role needs one and who has none: then they are in."""
    waiting = half(request)
    if waiting is None or waiting.staff.factors.exists():
        return redirect("login")
    return _enrol(request, waiting.staff, waiting.then)


@permission_required("own:account:keep")
def menu(request: StaffRequest) -> HttpResponse:
    """The menu's entries with what waits now, as they stand on the page at `at`; pages ask this every minute."""
    at = request.GET.get("at", "")
    if url_has_allowed_host_and_scheme(at, None):
        request.path = at
    return render(request, "shell/menu_entries.html")


@permission_required("own:account:keep")
def add(request: StaffRequest) -> HttpResponse:
    """One more proof, by somebody who proved again just now."""
    if not fresh(request):
        return _again(reverse("own_add"))
    return _enrol(request, request.user, reverse("own"))


def _enrol(request: StaffRequest, staff: Staff, then: str) -> HttpResponse:
    form, wrong = ProofForm(figures=True), False
    if request.method == "POST":
        now, actor = request.now, f"staff:{staff.number}"
        form = ProofForm(request.POST, figures=True)
        if answer := form.value("answer"):
            made = add_passkey(staff, answer, pop_challenge(request), form.value("name"), now, actor=actor)
            proof = "passkey"
        else:
            code = form.value("code")
            made, proof = add_totp(staff, request.session.get(_SECRET, ""), code, now, actor=actor), "totp"
        if not isinstance(made, Problem):
            request.session.pop(_SECRET, None)
            if request.user.is_authenticated:
                request.session[PROOF] = proof
            else:
                enter(request, staff, proof)
            if made:
                return _show_codes(request, made, then)
            messages.success(request, gettext("Added."))
            return redirect(then)
        form.add_problems(made)
        wrong = True
    secret = request.session.setdefault(_SECRET, new_secret())
    asked = ask_new(staff)
    request.session[CHALLENGE] = asked.challenge
    picture = segno.make(totp_address(staff, secret), error="m").svg_data_uri(scale=5, border=4, light="#fff")
    shown = {
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": picture,
        "options": asked.options,
        "form": form,
        "first": not request.user.is_authenticated,
        "has_app": staff.factors.filter(kind="totp").exists(),
    }
    return render(request, "sign_in/enrol.html", shown, status=422 if wrong else 200)


def _show_codes(request: StaffRequest, codes: list[str], then: str) -> HttpResponse:
    """The codes on paper, this once; the page is kept nowhere."""
    shown = [f"{code[:5]}-{code[5:]}" for code in codes]
    answer = render(request, "sign_in/codes.html", {"codes": shown, "then": then})
    answer["Cache-Control"] = "no-store"
    return mark_done(answer)


@permission_required("own:account:keep")
def password(request: StaffRequest) -> HttpResponse:
    """A new password; every other session of the person ends."""
    form = PasswordChangeForm(request.user, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        changed = change_password(request.user, form.cleaned_data["new_password1"], request.now)
        update_session_auth_hash(request, changed)
        messages.success(request, gettext("Your password is changed."))
        return redirect("own")
    return render(request, "sign_in/password.html", {"form": form})


@require_POST
@permission_required("own:account:keep")
def read(request: StaffRequest, review_id: int) -> HttpResponseBase:
    """I have read what was said of a contact of mine."""
    form = AnswerReviewForm(request.POST, key=review_id)
    if not form.is_valid():
        return refused(request, form, lambda: mine(request))
    made = read_review(review_id, request.user, request.now, answer=form.cleaned_data["answer"])
    if isinstance(made, Problem):
        flash_problems(request, made)
    return redirect("own")


@require_POST
@permission_required("own:account:keep")
def drop(request: StaffRequest, number: int) -> HttpResponse:
    """Delete a form that was sent after the session had ended."""
    drop_draft(request.user, str(number))
    messages.success(request, gettext("Deleted. Nothing was sent."))
    return redirect("home")


@require_POST
@permission_required("own:account:keep")
def codes(request: StaffRequest) -> HttpResponse:
    """New codes on paper; the former ones end."""
    if not fresh(request):
        return _again(reverse("own"))
    made = new_codes(request.user, request.now, actor=f"staff:{request.user.number}")
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("own")
    return _show_codes(request, made, reverse("own"))


@require_POST
@permission_required("own:account:keep")
def remove(request: StaffRequest, factor_id: int) -> HttpResponse:
    """Take one proof away."""
    if not fresh(request):
        return _again(reverse("own"))
    made = remove_factor(request.user, factor_id, request.now, actor=f"staff:{request.user.number}")
    flash_result(request, made, gettext("Removed."))
    return redirect("own")


def _again(then: str) -> HttpResponse:
    """What is grave is done by somebody who proved again just now."""
    return redirect(f"{reverse('own_prove')}?{urlencode({'next': then})}")


@permission_required("own:account:keep")
def prove(request: StaffRequest) -> HttpResponse:
    """A proof once more, before what is grave: a second factor of who has one, else the password.

    Who signs in by the provider alone and has no second factor here comes back from there.
    """
    staff = request.user
    asked = ButtonForm(request.POST, "next").value("next") or request.GET.get("next", "")
    then = asked if url_has_allowed_host_and_scheme(asked, {request.get_host()}) else reverse("own")
    kinds = set(staff.factors.values_list("kind", flat=True))
    if not kinds and not staff.has_usable_password():
        return _by_the_provider(request, then)
    form, wrong = _proof_form(kinds), False
    if request.method == "POST":
        form = _proof_form(kinds, request.POST)
        if not isinstance(_proved(request, form, kinds), Problem):
            prove_again(request)
            return redirect(then)
        wrong = True
        failed(request, staff)
        if not active_account(staff.pk) or locked_out(request, staff):
            request.session.flush()
            return redirect("login")
        form.add_error("code", gettext("This is not right, was already used, or was tried too often."))
    asked_key = ask_known(staff) if "passkey" in kinds else None
    if asked_key:
        request.session[CHALLENGE] = asked_key.challenge
    shown = {"form": form, "next": then, "options": asked_key.options if asked_key else None}
    return render(request, "sign_in/prove.html", shown, status=422 if wrong else 200)


def _by_the_provider(request: StaffRequest, then: str) -> HttpResponse:
    """The provider asks them again: a session that it opened just now is proof enough."""
    if _seconds_in(request) < FRESH_SECONDS and request.session.get(BY_SSO):
        prove_again(request)
        return redirect(then)
    messages.info(request, gettext("For security, please sign in again, then continue."))
    return redirect(f"{reverse('login')}?{urlencode({'next': then})}")


def _seconds_in(request: StaffRequest) -> float:
    """How long ago the session began."""
    return clock.worldly(request.now).timestamp() - request.session.get(BEGUN, 0.0)


def _proof_form(kinds: set[str], *given: QueryDict) -> ProofForm:
    if kinds:
        label = gettext("The six digits your app shows, or a recovery code")
        return ProofForm(*given, label=label if "totp" in kinds else gettext("A recovery code"))
    return ProofForm(*given, label=gettext("Your password"), secret=True)


def _proved(request: StaffRequest, form: ProofForm, kinds: set[str]) -> object:
    """What proves it, or what is wrong."""
    if form.value("answer"):
        return check_passkey(request.user, form.value("answer"), pop_challenge(request), request.now)
    if kinds:
        return check_code(request.user, form.value("code"), request.now)
    wait = sign_in_wait(request.user.username, network_of(request), request.now)
    right = not wait and request.user.check_password(form.value("code"))
    return "" if right else Problem("password_wrong", "this is not your password")


@require_POST
@permission_required("own:account:keep")
def object_to_it(request: StaffRequest, change_id: int) -> HttpResponse:
    """I didn't ask for this change of my account: it isn't done."""
    made = object_to(change_id, request.user, request.now)
    flash_result(request, made, gettext("It will not be done. Compliance can see that you objected."))
    return redirect("own")
