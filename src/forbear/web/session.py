"""A person's session: begun once every proof was given, ended after idleness, and in any case after some hours.

What a session knows besides Django's own: PROOF, by which second proof it was begun ("" for none), BEGUN and SEEN, as
seconds. HALF is somebody whose password was right and who owes a second proof: nobody is signed in yet.
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from forbear.actions.selectors.staff_directory import active_account
from forbear.actions.staff.log_session import log_session
from forbear.actions.staff.presence import note_active
from forbear.store.models import Staff
from forbear.store.permissions import may
from forbear.web import clock
from forbear.web.guard import BEGUN, PROOF
from forbear.web.recall import after_sign_in
from forbear.web.request import Request

SEEN, HALF, CHALLENGE = "seen", "half", "challenge"
#: In a session: when the person proved again that it is them, in seconds.
PROVED = "proved"
#: In a session that the lender's provider vouched for: signing out goes on there.
BY_SSO = "by_sso"
_BACKEND = "django.contrib.auth.backends.ModelBackend"
#: Within this many seconds the second proof follows the password, and what is grave is done after a new proof.
_HALF_SECONDS, FRESH_SECONDS = 600, 300
_NOTED_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Half:
    """Somebody half signed in, and where they wanted to go."""

    staff: Staff
    then: str


def _seconds(request: Request) -> float:
    """The moment of a request as sessions count: by the world's time, which nobody moves."""
    return clock.worldly(request.now).timestamp()


def begin_half(request: Request, staff: Staff, then: str) -> None:
    """The password was right: remember who owes a second proof, under a new session key."""
    request.session.cycle_key()
    request.session[HALF] = {"staff": staff.pk, "at": _seconds(request), "then": then}


def half(request: Request) -> Half | None:
    """Who owes the second proof of the session, for ten minutes."""
    half = request.session.get(HALF)
    if not half or _seconds(request) - half["at"] > _HALF_SECONDS:
        return None
    staff = active_account(half["staff"])
    return Half(staff, half["then"]) if staff else None


def enter(request: Request, staff: Staff, proof: str) -> None:
    """Sign somebody in, all proofs given."""
    request.session.pop(HALF, None)
    login(request, staff, backend=_BACKEND)
    request.session[PROOF] = proof
    log_session(staff, "signed_in", request.now, proof=proof)


def place_for(staff: Staff, asked: str) -> str:
    """Where somebody goes once they are in: the page asked for if their role may see it, else their own first one."""
    try:
        needed = getattr(resolve(urlsplit(asked).path).func, "permission", "")
    except Resolver404:
        return reverse("home")
    return asked if not needed or may(staff.role, needed) else reverse("home")


def pop_challenge(request: Request) -> str:
    """The challenge a browser was given, once: an answer can't be used a second time."""
    return request.session.pop(CHALLENGE, "")


def prove_again(request: Request) -> None:
    """Somebody who is signed in has just proved again that it is them."""
    request.session[PROVED] = _seconds(request)


def fresh(request: Request) -> bool:
    """Whether this person proved again, after signing in, a short while ago."""
    return _seconds(request) - request.session.get(PROVED, 0.0) < FRESH_SECONDS


@receiver(user_logged_in)
def _begun(sender: object, request: Request, **kwargs: object) -> None:
    """Note when a session began, however it did; also a program's own sign-in, which no middleware gave a moment."""
    request.session[BEGUN] = request.session[SEEN] = clock.worldly(clock.now()).timestamp()


def _by_itself(request: Request) -> bool:
    """Whether a page asked this by itself, as it does again and again: nobody has to sit before it."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Dest") == "empty"


def ended_in_time(
    get_response: Callable[[Request], HttpResponse],
) -> Callable[[Request], HttpResponse]:
    """Middleware: a session ends when nothing was asked for a while, and some hours after it began."""

    def answered(request: Request) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now, policy = _seconds(request), settings.SIGN_IN.session
        begun, seen = request.session.get(BEGUN), request.session.get(SEEN)
        if begun is None or seen is None:
            request.session[BEGUN] = request.session[SEEN] = begun = seen = now
        # a visitor's phone lies in a pocket for hours, and an alarm must not meet a closed door
        idle = policy.longest_hours * 60 if request.user.role == "visitor" else policy.idle_minutes
        if now - seen > idle * 60 or now - begun > policy.longest_hours * 3600:
            log_session(request.user, "timed_out", request.now, proof=request.session.get(PROOF, ""))
            then = after_sign_in(request, request.user)
            logout(request)
            back = {"next": then} if then else {}
            return redirect(f"{reverse('login')}?{urlencode({**back, 'ended': 1})}")
        if now - seen > _NOTED_SECONDS and not _by_itself(request):
            request.session[SEEN] = now
            note_active(request.user, request.now)
        return get_response(request)

    return answered
