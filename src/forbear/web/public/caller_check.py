"""Who is calling? The page beside the interface: what a code proves and a number doesn't, and reporting a fraud."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.replies.public_reports import (
    LONGEST_WORDS,
    NOT_MINE,
    SCAM,
    PublicReport,
    record_public_report,
)
from forbear.core.base.problem import Problem
from forbear.core.content.fraud_lines import fraud_lines
from forbear.interchange.home.country import country_of
from forbear.store.rate_limit import take_token
from forbear.web.api.verify import answer_for, slowed
from forbear.web.fields import PickField, TextField
from forbear.web.form_token import mark_done
from forbear.web.forms import Form, refused
from forbear.web.proxy import network_of
from forbear.web.request import Request

PER_MINUTE, BURST = 1.0, 5


class ReportForm(Form):
    """A fraud, or a message that isn't for its reader."""

    problems_at = "words"

    what = PickField(
        [
            (SCAM, _("Somebody may be pretending to be you")),
            (NOT_MINE, _("The message isn't for me, or I have no loan with you")),
        ],
        blank=None,
        label=_("What would you like to report?"),
        widget=forms.RadioSelect,
    )
    code = TextField(
        64, label=_("The verification code in the message, or the number it came from"), required=False
    )
    words = TextField(LONGEST_WORDS, rows=4, label=_("What they said or wrote"), required=False)
    reach = TextField(
        200, label=_("Your phone number or e-mail address, if you want an answer"), required=False
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, auto_id="id_%s", **more)


def verify(request: Request) -> HttpResponse:
    """Check a code, a number or a staff id."""
    asked = request.GET.get("q", "")[:64].strip()
    slow = bool(asked) and bool(slowed(request))
    caller = None
    if asked and not slow:
        caller = answer_for(verify_caller(asked, request.now), get_language() or "en")
    shown = {"asked": asked, "caller": caller, "slow": slow, **_around()}
    return render(request, "public/verify.html", shown, status=429 if slow else 200)


def report(request: Request) -> HttpResponseBase:
    """Tell the lender of a fraud or of a message that isn't one's own, without signing in."""
    sent = request.method == "POST"
    form = ReportForm(request.POST) if sent else ReportForm(initial={"code": request.GET.get("q", "")[:64]})
    shown = {"form": form, **_around()}

    def page() -> HttpResponse:
        return render(request, "public/report.html", shown)

    if not sent:
        return page()
    if not form.is_valid():
        return refused(request, form, page)
    address = network_of(request)
    if take_token(f"report:{address}", request.now, per_minute=PER_MINUTE, burst=BURST):
        return render(request, "public/report.html", {**shown, "slow": True}, status=429)
    made = record_public_report(PublicReport(**form.cleaned_data), request.now)
    if isinstance(made, Problem):
        return refused(request, form, page, made)
    return mark_done(render(request, "public/report.html", {**_around(), "done": made}))


def _around() -> dict[str, object]:
    """What stands beside every answer: whom to call, and where the lender's own pages are."""
    return {
        "lines": fraud_lines(country_of(settings.HOME)),
        "phone": dict(settings.HOME.contact).get("phone", ""),
        "own_address": settings.HOME.url,
    }
