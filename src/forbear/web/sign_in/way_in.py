"""The way in: a password and then a second proof, or a passkey alone."""

from math import ceil
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.signals import user_login_failed
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext

from forbear.actions.staff.passkeys import ask_known
from forbear.actions.staff.sign_in_pace import sign_in_wait
from forbear.actions.staff.verify_second_factor import check_code, check_passkey, owner_of
from forbear.core.base.problem import Problem
from forbear.store.models import Staff
from forbear.store.rate_limit import take_token
from forbear.web.proxy import network_of
from forbear.web.request import Request
from forbear.web.session import CHALLENGE, begin_half, enter, half, place_for, pop_challenge
from forbear.web.sign_in.forms import PasskeyForm, ProofForm

_PER_MINUTE, _BURST = 6.0, 20


class SignIn(LoginView):
    """Name and password. A person who has a second proof, or whose role needs one, is not in yet."""

    request: Request

    def post(self, request: HttpRequest, *given: Any, **more: Any) -> HttpResponse:
        """Look at the password, unless too many were tried; what was typed as name stays."""
        name = str(self.get_form().data.get("username", "")).replace("\0", "")
        wait = sign_in_wait(name, network_of(request), self.request.now)
        if not wait:
            return super().post(request, *given, **more)
        minutes = ceil(wait / 60)
        form = self.get_form_class()(request, initial={"username": name})
        said = ngettext(
            "Too many attempts. Please try again in %(minutes)s minute.",
            "Too many attempts. Please try again in %(minutes)s minutes.",
            minutes,
        )
        messages.error(request, said % {"minutes": minutes})
        answer = self.render_to_response(self.get_context_data(form=form))
        answer.status_code, answer.headers["Retry-After"] = 429, str(ceil(wait))
        return answer

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password was right."""
        staff = form.get_user()
        if not by_own_means(staff):
            messages.error(
                self.request,
                gettext("Sign in with your company account."),
            )
            return redirect("login")
        return go_on(self.request, staff, self.get_success_url())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """With whether a session ended by itself."""
        more = {"ended": "ended" in self.request.GET, "sso": settings.SIGN_IN.sso}
        return super().get_context_data(**kwargs) | more


def go_on(request: Request, staff: Staff, then: str) -> HttpResponse:
    """The first proof was given: in, or on to the second one."""
    then = place_for(staff, then)
    if staff.factors.exists():
        begin_half(request, staff, then)
        return redirect("second")
    if staff.role in settings.SIGN_IN.second_factor:
        begin_half(request, staff, then)
        return redirect("enrol")
    enter(request, staff, "")
    return redirect(then)


def by_own_means(staff: Staff) -> bool:
    """Whether somebody may come in without the provider: where that is the only way, administrators alone."""
    sso = settings.SIGN_IN.sso
    return sso is None or not sso.only or staff.role == "administrator"


def second(request: Request) -> HttpResponse:
    """The second proof: a code from the app, a passkey, or a code on paper."""
    now, waiting = request.now, half(request)
    if waiting is None:
        return redirect("login")
    kinds = set(waiting.staff.factors.values_list("kind", flat=True))
    label = gettext("A recovery code")
    if "totp" in kinds:
        label = gettext("The six digits your app shows, or a recovery code")
    form, made = ProofForm(label=label), None
    if request.method == "POST":
        form = ProofForm(request.POST, label=label)
        if form.value("answer"):
            made = check_passkey(waiting.staff, form.value("answer"), pop_challenge(request), now)
        else:
            made = check_code(waiting.staff, form.value("code"), now)
        if not isinstance(made, Problem):
            enter(request, waiting.staff, made)
            return redirect(waiting.then)
        failed(request, waiting.staff)
        if half(request) is None or locked_out(request, waiting.staff):
            request.session.flush()
            return redirect("login")
        form.add_error(
            "code",
            gettext(
                "This code is wrong, was already used, or was tried too often. Repeated wrong codes lock the account."
            ),
        )
    asked = ask_known(waiting.staff) if "passkey" in kinds else None
    if asked:
        request.session[CHALLENGE] = asked.challenge
    else:
        form.fields["code"].widget.attrs["autofocus"] = True
    shown = {"options": asked.options if asked else None, "form": form}
    return render(request, "sign_in/second.html", shown, status=403 if made else 200)


def passkey(request: Request) -> HttpResponse:
    """A passkey alone: the device has asked its owner, so it is two proofs at once."""
    now, wrong = request.now, False
    form = PasskeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        answer = form.value("answer")
        challenge = pop_challenge(request)
        wait = take_token(f"passkey:{network_of(request)}", now, per_minute=_PER_MINUTE, burst=_BURST)
        staff = None if wait else owner_of(answer)
        if staff is not None and by_own_means(staff) and not locked_out(request, staff):
            if not isinstance(check_passkey(staff, answer, challenge, now), Problem):
                enter(request, staff, "passkey")
                return redirect(place_for(staff, _then(request, form.value("next"))))
            failed(request, staff)
        wrong = True
    asked = ask_known(None)
    request.session[CHALLENGE] = asked.challenge
    shown = {
        "options": asked.options,
        "wrong": wrong,
        "next": (form.value("next") if wrong else "") or request.GET.get("next", ""),
    }
    return render(request, "sign_in/passkey.html", shown, status=403 if wrong else 200)


def failed(request: Request, staff: Staff) -> None:
    """A wrong proof counts as a wrong password does."""
    user_login_failed.send(sender=__name__, credentials={"username": staff.username}, request=request)


def locked_out(request: Request, staff: Staff) -> bool:
    """Whether this name has been tried too often from here."""
    return not AxesProxyHandler.is_allowed(request, {"username": staff.username})


def _then(request: Request, asked: str) -> str:
    """Where to: the page asked for, if it is one of ours."""
    if url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure()):
        return asked
    return reverse("home")
