"""The borrower's phone, for demos: what the mailbox holds for one address, and a field to answer it.

There only where nobody is real and the home's channels end in the mailbox.
"""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.selectors.home_channels import home_channels
from forbear.channels.mailbox.adapter import addresses, read_messages
from forbear.channels.mailbox.inbound import reply_to
from forbear.core.base.problem import Problem
from forbear.store.access import borrower_at_address
from forbear.web import labels as words
from forbear.web.fields import TextField
from forbear.web.forms import ButtonForm, Form, form_on, refused
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest

_ADDRESSES = 50


class ReplyForm(Form):
    """What the borrower writes back, from the address that is shown."""

    problems_at = "text"

    to = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    text = TextField(500, label=_("Reply"))


def _digests(to: str) -> list[str]:
    """The names of a number or address, of whichever kind it is."""
    return [digest_of(kind, to) for kind in ("phone", "email", "address", "device")]


@permission_required("demo:phone:read")
def phone(request: StaffRequest) -> HttpResponseBase:
    """What one address got, and answering it."""
    if not settings.HOME.is_made_up:
        raise Http404
    channels = home_channels()
    boxes = [each for each in channels.providers.values() if each.kind == "mailbox"]
    if not boxes:
        raise Http404
    folder = settings.HOME.folder / boxes[0].settings.folder
    known = addresses(folder)[:_ADDRESSES]
    to = ButtonForm(request.POST, "to").value("to") or request.GET.get("to") or (known[0] if known else "")
    kept = read_messages(folder, to) if to else []

    def page() -> HttpResponse:
        owner = borrower_at_address(request.user, _digests(to)) if to else None
        shown = {
            "addresses": known,
            "to": to,
            "kept": kept,
            "born_on": owner.born_on if owner else None,
            "form": form_on(request, ReplyForm, initial={"to": to}),
        }
        return render(request, "public/phone.html", shown)

    if request.method != "POST" or not kept:
        return page()
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return refused(request, form, page)
    reply = reply_to(kept[-1], form.cleaned_data["text"], request.now)
    if isinstance(reply, Problem):
        return refused(request, form, page, reply)
    taken = process_reply(reply, request.now)
    assert not isinstance(taken, Problem), "a reply from the page is always kept"
    done = (
        gettext("%(intent)s: a person will read it")
        if taken.needs_person
        else gettext("%(intent)s: acted on at once")
    )
    messages.info(request, done % {"intent": words.word("intent", taken.intent)})
    return redirect(f"{request.path}?to={to.replace('+', '%2B')}")
