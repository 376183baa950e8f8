"""What a borrower does: choose how they are written to, take papers."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.preferences import LEAST_HOURS, Preferences, set_preferences
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.requests.written_notice import write_notice
from forbear.core.base.problem import Problem
from forbear.interchange.home.country import ombudsman_of
from forbear.store.access import document_for
from forbear.store.evidence import attachment_path
from forbear.store.models import Consent, Document, Request
from forbear.web.call_forms import flash_problems
from forbear.web.fields import CodesField, PickField
from forbear.web.forms import Form, form_on, refused
from forbear.web.portal.asking import ASKABLE
from forbear.web.portal.creditors import creditors_shown
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese

#: By every pack's rules contact is possible between these hours of the borrower's day.
_MORNING, _EVENING = 8, 21
#: The ways of writing that a borrower may switch off.
CHANNELS = ("sms", "email", "call", "voice", "push")


@own
def rights(request: BorrowerRequest) -> HttpResponse:
    """All one may ask for, and what was asked."""
    return _rights(request)


class WishForm(Form):
    """The hours and the language in which somebody wants to be contacted."""

    problems_at = "until"

    since = PickField([(hour, f"{hour}:00") for hour in range(24)], blank=None, label=_("From this hour"))
    until = PickField([(hour, f"{hour}:00") for hour in range(1, 25)], blank=None, label=_("To this hour"))
    language = PickField(
        [("zh", "中文"), ("en", "English")], blank=_("Any"), label=_("Language"), required=False
    )

    def clean(self) -> dict[str, Any]:
        """The end comes after the beginning, and two hours lie in the day, when contact is allowed at all."""
        given = super().clean() or self.cleaned_data
        if not given.get("since") or not given.get("until"):
            return given
        since, until = given["since"], given["until"] = int(given["since"]), int(given["until"])
        if until <= since:
            self.add_error("until", _("The end must be later than the beginning."))
        elif min(until, _EVENING) - max(since, _MORNING) < LEAST_HOURS:
            self.add_error(
                "until",
                _(
                    "Leave %(hours)s hours or more between %(first)s:00 and %(last)s:00. We never call at night."
                )
                % {"hours": LEAST_HOURS, "first": _MORNING, "last": _EVENING},
            )
        return given


class ChannelsForm(Form):
    """The ways by which a borrower may be written to; none is an answer too."""

    channel = CodesField([(each, each) for each in CHANNELS], required=False)


def _rights(request: BorrowerRequest) -> HttpResponse:
    borrower = request.borrower
    stopped = {channel: _stopped(borrower.consents.order_by("-at", "-pk"), channel) for channel in CHANNELS}
    shown = {
        "requests": list(borrower.requests.order_by("-pk")[:20]),
        "askable": ASKABLE,
        "channels": list(stopped.items()),
        "creditors": creditors_shown(borrower.loans.filter(sold_at=None, payoff__gt=0)),
        "next_instance": gettext(elsewhere) if (elsewhere := ombudsman_of(settings.HOME)) else "",
        "form": form_on(
            request,
            WishForm,
            auto_id="id_%s",
            initial={
                "since": borrower.preferred_from or 0,
                "until": borrower.preferred_to or 24,
                "language": borrower.preferred_language,
            },
        ),
    }
    return render(request, "portal/rights.html", shown)


def _stopped(consents: Iterable[Consent], channel: str) -> bool:
    """Whether the newest word on a channel as a whole is no."""
    newest = next((c for c in consents if c.channel in ("", channel) and not c.point and not c.night), None)
    return newest is not None and not newest.given


@require_POST
@own
def channels(request: BorrowerRequest) -> HttpResponseBase:
    """Switch ways of being contacted off and on."""
    form = ChannelsForm(request.POST)
    if not form.is_valid():
        return refused(request, form, lambda: _rights(request))
    borrower, wanted = request.borrower, set(form.cleaned_data["channel"])
    consents = list(borrower.consents.order_by("-at", "-pk"))
    for channel in CHANNELS:
        given = channel in wanted
        if given == _stopped(consents, channel):
            agree(
                borrower.borrower_id, given, request.now, actor="borrower", channel=channel, source="portal"
            )
    messages.success(request, gettext("Saved."))
    return redirect("portal:rights")


@require_POST
@own
def wishes(request: BorrowerRequest) -> HttpResponseBase:
    """Choose the hours and the language of contact."""
    form = WishForm(request.POST, auto_id="id_%s")
    if not form.is_valid():
        return refused(request, form, lambda: _rights(request))
    given = form.cleaned_data
    wanted = Preferences(given["since"], given["until"], given["language"])
    made = set_preferences(request.borrower.borrower_id, wanted, request.now, actor="borrower")
    if isinstance(made, Problem):
        return refused(request, form, lambda: _rights(request), made)
    messages.success(request, gettext("Saved."))
    return redirect("portal:rights")


@require_POST
@own
def notice(request: BorrowerRequest) -> HttpResponse:
    """A written notice, at once; where the book can't state the account a person writes it, by a day that is said."""
    made = write_notice(request.borrower.borrower_id, "zh" if chinese() else "en", request.now)
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
    if made.code in ("notice_account_unknown", "enclosure_not_named", "enclosure_unreadable"):
        asked = make_request(
            Asked(request.borrower.borrower_id, "written_notice"), request.now, actor="borrower"
        )
        if isinstance(asked, Request):
            return redirect("portal:asked", asked.number)
        made = asked
    flash_problems(request, made)
    return redirect("portal:rights")


@own
def document(request: BorrowerRequest, code: str) -> HttpResponseBase:
    """A paper taken out before, to keep."""
    found = document_for(request.borrower, code)
    if found is None or not attachment_path(found.sha256).is_file():
        raise Http404
    name = f"{found.kind}-{found.code}.pdf"
    return FileResponse(
        open(attachment_path(found.sha256), "rb"),
        as_attachment=True,
        filename=name,
        content_type="application/pdf",
    )
