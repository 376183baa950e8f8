"""A form that was sent after its session had ended is kept, and drawn again once its person is in.

Its address with `?kept=NUMBER` sends the form once more to its own view, with every form refused and every write to the
database forbidden: so the view draws the page with all that was typed, and does nothing.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from forbear.actions.access.form_drafts import Owner, draft_numbered, keep_form, staff_numbered, unsaved_draft
from forbear.store.models import FormDraft, Staff
from forbear.store.read_only import WriteRefused, nothing_written
from forbear.web.form_token import FORMS, owner_in, sent_token, typed
from forbear.web.request import Request

KEPT = "kept"
#: Never kept: passwords, secrets, numbers of identity documents.
SECRET = re.compile(r"password|secret|^otp|id_number", re.IGNORECASE)
#: Views of one's own account: what is typed there proves who somebody is.
_OWN = "own:account:keep"
_recalling: ContextVar[bool] = ContextVar("recalling", default=False)


def recalling() -> bool:
    """Whether a form is only being drawn again: then it is refused whatever it says."""
    return _recalling.get()


def drawn_again() -> None:
    """The form was refused and its page is being drawn, which may write what a page writes (who looked, when)."""
    _recalling.set(False)


@contextmanager
def _drawing() -> Iterator[None]:
    """Within it, forms are refused and nothing is written."""

    before = _recalling.set(True)
    try:
        with nothing_written(recalling):
            yield
    finally:
        _recalling.reset(before)


def keepable(request: HttpRequest) -> bool:
    """Whether what is sent may be kept: a form of a page that isn't about proofs."""
    match = request.resolver_match
    own = getattr(match.func, "permission", "") == _OWN if match else request.path.startswith("/own/")
    return request.method == "POST" and request.content_type in FORMS and not own


def keep_typed(request: Request, owner: Owner | None = None) -> FormDraft | None:
    """Keep what was sent for the one who typed it: `owner` where that is known, else the one its token names."""
    if not keepable(request):
        return None
    token = sent_token(request)
    kind, _, number = token.owner.partition(":") if token else ("", "", "")
    if owner is None and kind == "staff":
        owner = staff_numbered(int(number))
    fields = {
        name: [text.replace("\0", "\ufffd") for text in texts]
        for name, texts in typed(request).items()
        if not SECRET.search(name)
    }
    if owner is None or not any(text.strip() for texts in fields.values() for text in texts):
        return None
    page, files = token.page if token else "", bool(request.FILES)
    return keep_form(owner, request.path, fields, request.now, page, files=files)


def back_to(draft: FormDraft) -> str:
    """The address at which a kept form is drawn again."""
    return f"{draft.path}?{KEPT}={draft.pk}"


def after_sign_in(request: Request, owner: Staff | None = None) -> str:
    """Where somebody who is signed out goes after signing in, "" for their first page; what was sent is kept."""
    if request.method != "POST":
        return request.get_full_path()
    draft = keep_typed(request, owner)
    if draft is not None:
        messages.info(request, gettext("What you typed is kept. Sign in, and it is back in its form."))
        return back_to(draft)
    token = sent_token(request)
    return token.page if token else ""


class Recall:
    """Middleware: draws a kept form again, on its page, for the person who typed it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self.get_response(request)

    def process_view(
        self, request: Request, view: Callable[..., HttpResponseBase], args: tuple, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """The page with the kept form; None for all else, and for the portal, whose own guard knows its borrower."""
        if request.method != "GET" or KEPT not in request.GET or getattr(view, "for_borrowers", False):
            return None
        if not isinstance(request.user, Staff):
            return redirect_to_login(request.get_full_path())
        draft = draft_numbered(request.user, request.GET[KEPT], request.now)
        if draft is None or draft.path != request.path:
            return redirect("home")
        return recall(request, draft, lambda: view(request, *args, **kwargs))


def recall(request: Request, draft: FormDraft, view: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    """A kept form drawn again on its page; where its page has no place for it, all its words and a button."""
    sent: Any = QueryDict(mutable=True)
    for name, texts in draft.fields.items():
        sent.setlist(name, texts)
    drop = "drop_draft" if draft.staff_id else "portal:drop_draft"
    request.__dict__["drop_recalled"] = reverse(drop, args=[draft.pk])
    request.method = "POST"
    request.__dict__["_post"] = sent
    request.__dict__["_files"] = MultiValueDict()
    messages.info(request, gettext("You had been signed out. Nothing is lost: check this and send it again."))
    answer = _drawn(request, draft, view)
    if answer is None:
        return _words(request, draft)
    answer.status_code = 200
    return answer


def recall_sent(request: Request, view: Callable[[], HttpResponseBase]) -> HttpResponseBase | None:
    """A form of this person's own, sent from an older page, drawn again on its page; None where that can't be."""
    token = sent_token(request)
    if token is None or not token.owner or not keepable(request):
        return None
    draft = unsaved_draft(request.path, token.page, request.now)
    said = gettext(
        "The page had been open for too long, or in two tabs. Check what you typed and send it again."
    )
    messages.info(request, said)
    answer = _drawn(request, draft, view)
    if answer is None or token.owner != owner_in(request):
        request.__dict__.pop("recalled", None)
        return None
    return answer


def _drawn(
    request: Request, draft: FormDraft, view: Callable[[], HttpResponseBase]
) -> HttpResponseBase | None:
    """The page of a form that is refused whatever it says; None where the view draws none."""
    request.__dict__["recalled"] = draft
    try:
        with _drawing():
            answer = view()
    except (WriteRefused, Http404, PermissionDenied):
        return None
    return answer if answer.status_code == 422 else None


def _words(request: Request, draft: FormDraft) -> HttpResponse:
    fields = [(name, text) for name, texts in draft.fields.items() for text in texts]
    shown = {
        "base": "base.html" if draft.staff_id else "portal/base.html",
        "draft": draft,
        "fields": fields,
        "typed": [text for _, text in fields if len(text) > 1],
    }
    request.method = "GET"
    return render(request, "public/kept.html", shown)
