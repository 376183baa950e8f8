"""What a borrower does: choose how they are written to, take papers."""

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.access.data_copies import copy_data
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.preferences import Preferences, set_preferences
from forbear.actions.requests.written_notice import write_notice
from forbear.core.base.problem import Problem
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import signing_key
from forbear.store.access import document_for
from forbear.store.evidence import attachment_path
from forbear.store.evidence_export import export
from forbear.store.models import Consent, Document
from forbear.web.call_forms import flash_problems
from forbear.web.portal.asking import ASKABLE
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.templatetags.forbear import chinese

#: The ways of writing that a borrower may switch off.
CHANNELS = ("sms", "email", "call", "voice", "push")


@own
def rights(request: BorrowerRequest) -> HttpResponse:
    """All one may ask for, and what was asked."""
    borrower = request.borrower
    stopped = {channel: _stopped(borrower.consents.order_by("-at", "-pk"), channel) for channel in CHANNELS}
    shown = {
        "requests": list(borrower.requests.order_by("-pk")[:20]),
        "askable": ASKABLE,
        "channels": list(stopped.items()),
        "contact": dict(settings.HOME.contact),
        "since": borrower.preferred_from or 0,
        "until": borrower.preferred_to or 24,
        "hours": range(25),
        "language": borrower.preferred_language,
    }
    return render(request, "portal/rights.html", shown)


def _stopped(consents: Iterable[Consent], channel: str) -> bool:
    """Whether the newest word on a channel as a whole is no."""
    newest = next((c for c in consents if c.channel in ("", channel) and not c.point and not c.night), None)
    return newest is not None and not newest.given


@require_POST
@own
def channels(request: BorrowerRequest) -> HttpResponse:
    """Switch ways of being contacted off and on."""
    borrower, wanted = request.borrower, set(request.POST.getlist("channel"))
    consents = list(borrower.consents.order_by("-at", "-pk"))
    for channel in CHANNELS:
        given = channel in wanted
        if given == _stopped(consents, channel):
            agree(
                borrower.borrower_id, given, request.now, actor="borrower", channel=channel, source="portal"
            )
    messages.success(request, gettext("Saved. It counts from now on."))
    return redirect("portal:rights")


@require_POST
@own
def wishes(request: BorrowerRequest) -> HttpResponse:
    """Choose the hours and the language of contact."""
    hours = [request.POST.get(name, "") for name in ("since", "until")]
    if not all(each.isascii() and each.isdigit() and len(each) <= 2 for each in hours):
        messages.error(request, gettext("Please choose the hours."))
        return redirect("portal:rights")
    wanted = Preferences(int(hours[0]), int(hours[1]), request.POST.get("language", ""))
    made = set_preferences(request.borrower.borrower_id, wanted, request.now, actor="borrower")
    if isinstance(made, Problem):
        messages.error(request, gettext("Leave at least two hours of a day."))
    else:
        messages.success(request, gettext("Saved. It counts from now on."))
    return redirect("portal:rights")


@require_POST
@own
def notice(request: BorrowerRequest) -> HttpResponse:
    """A written notice, at once."""
    made = write_notice(request.borrower.borrower_id, "zh" if chinese() else "en", request.now)
    if isinstance(made, Document):
        return redirect("portal:document", made.code)
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


@require_POST
@own
def bundle(request: BorrowerRequest) -> HttpResponseBase:
    """The whole evidence, to be checked by anybody without us."""
    parts = export(
        request.borrower.borrower_id,
        request.now,
        signing_key(settings.HOME),
        actor="borrower",
        reason="borrower",
    )
    if parts is None:
        raise Http404
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.zip"
        pack(path, parts)
        # the file goes with its folder; a reader that has it open still reads it
        return FileResponse(open(path, "rb"), as_attachment=True, filename="forbear-evidence.zip")


@require_POST
@own
def data(request: BorrowerRequest) -> HttpResponse:
    """A copy of all that is kept about the borrower."""
    data = copy_data(request.borrower, request.now)
    answer = HttpResponse(json.dumps(data, ensure_ascii=False, indent=1), content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return answer
