"""The token that every form of a page carries: whose page it was, which page, and that the form is sent once.

It stands beside Django's proof of origin (`{% csrf_token %}` draws both) and is signed, so nobody makes one up. By it
two equal forms of one page are done once, a refused form is drawn on the page it came from, and a form whose session
has ended is kept for the person who typed it.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.contrib import messages
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext

from forbear.actions.access.form_drafts import draft_numbered, drop_draft
from forbear.actions.access.sent_forms import claim_form, form_done, release_form
from forbear.store.models import SentForm, Staff
from forbear.web.request import Request

FIELD = "form_token"
_SALT = "forbear.web.form_token"
#: Neither of these says anything of what was typed.
_BESIDE = (FIELD, "csrfmiddlewaretoken")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: How long the second of two equal forms waits for the first, and how often it looks, in seconds.
_PATIENCE, _STEP = 10.0, 0.1


@dataclass(frozen=True, slots=True)
class FormToken:
    """Whose page (`staff:7`, `borrower:B1`, "" for anybody's), its address, the page's own number, a draft's number."""

    owner: str
    page: str
    number: str
    draft: str = ""


def owner_in(request: HttpRequest) -> str:
    """Who looks at a page."""
    borrower = getattr(request, "borrower", None)
    if borrower is not None:
        return f"borrower:{borrower.pk}"
    user = getattr(request, "user", None)
    return f"staff:{user.pk}" if isinstance(user, Staff) else ""


def token_for(request: HttpRequest) -> str:
    """The token of the forms of the page that is being drawn; the same for all of them."""
    kept: dict[str, Any] = request.__dict__
    if "form_token_text" not in kept:
        sent = sent_token(request)
        page = sent.page if sent else request.get_full_path() if request.method == "GET" else ""
        token = FormToken(owner_in(request), page, secrets.token_hex(8), sent.draft if sent else "")
        if "recalled" in kept:
            draft = kept["recalled"]
            token = replace(token, page=draft.page, draft=str(draft.pk or ""))
        kept["form_token_text"] = Signer(salt=_SALT).sign_object(asdict(token))
    return str(kept["form_token_text"])


def sent_token(request: HttpRequest) -> FormToken | None:
    """The token that a form came with; None without one, or with one that is not ours."""
    text = request.POST.get(FIELD, "") if request.method == "POST" and request.content_type in FORMS else ""
    try:
        return FormToken(**Signer(salt=_SALT).unsign_object(text)) if text else None
    except (BadSignature, ValueError, TypeError):
        return None


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """All that a form sent, without what stands beside it."""
    return {name: texts for name, texts in request.POST.lists() if name not in _BESIDE}


def _digest(request: HttpRequest, token: FormToken) -> str:
    """Equal for two forms of one page with the same words and files."""

    def parts() -> Iterator[str]:
        yield from (token.number, request.path)
        for name, texts in sorted(typed(request).items()):
            yield from (name, *texts)
        for name, files in sorted(request.FILES.lists()):
            yield from (name, *(f"{file.name} {file.size}" for file in files))

    return hashlib.sha256("\0".join(parts()).encode("utf-8", "replace")).hexdigest()


def mark_done(answer: HttpResponse) -> HttpResponse:
    """Say that an answer which leads nowhere else, such as a page that shows a key once, did what was asked."""
    answer.__dict__["form_done"] = True
    return answer


class SentOnce:
    """Middleware: of two equal forms of one page the second is led to where the first was, and does nothing.

    An answer that leads on has done something; any other has not, unless `mark_done` says so. A form without a token,
    as programs send it, is taken as it comes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self.get_response(request)

    def process_view(
        self, request: Request, view: Callable[..., HttpResponseBase], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """The answer of a form that has a token; None for all else."""
        token = None if getattr(view, "csrf_exempt", False) else sent_token(request)
        if token is None:
            return None
        digest = _digest(request, token)
        before = _claimed(digest, request)
        if before is not None:
            return _already(request, token, before)
        done = False
        try:
            answer = view(request, *args, **kwargs)
            done = _is_done(request, answer)
        finally:
            if not done:
                release_form(digest)
        if done:
            form_done(digest, answer.headers.get("Location", ""))
            _drop(request, token)
        return answer


def _claimed(digest: str, request: Request) -> SentForm | None:
    """None when this form is the first; else the one before, waited for until it is done."""
    waited = 0.0
    while (before := claim_form(digest, request.now)) is not None and not before.done:
        if waited >= _PATIENCE:
            return before
        time.sleep(_STEP)
        waited += _STEP
    return before


def _is_done(request: HttpRequest, answer: HttpResponseBase) -> bool:
    """Whether an answer did what was asked; one that leads on with a problem did not."""
    if answer.__dict__.get("form_done"):
        return True
    return 300 <= answer.status_code < 400 and "problem" not in request.__dict__


def _already(request: HttpRequest, token: FormToken, before: SentForm) -> HttpResponse:
    said = (
        gettext("This had been sent already. It was saved once.")
        if before.done
        else gettext("This was sent already and is still being saved. Look again in a moment.")
    )
    messages.info(request, said)
    return redirect(before.led_to or token.page or "home")


def _drop(request: Request, token: FormToken) -> None:
    """What was kept of a form is not needed once it is done."""
    user, borrower = request.user, getattr(request, "borrower", None)
    owner = borrower if borrower is not None else user if isinstance(user, Staff) else None
    if token.draft and owner is not None and draft_numbered(owner, token.draft, request.__dict__["now"]):
        drop_draft(owner, token.draft)
