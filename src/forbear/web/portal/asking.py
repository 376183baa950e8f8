"""Ask for something in one's own words, with papers where they help: each request has a number and a clock."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.access.uploads import LARGEST, MOST_FILES, quota_problem, store_upload
from forbear.actions.replies.other_ways import note_portal_words
from forbear.actions.requests.requests import LONGEST_WORDS, Asked, make_request, own_line
from forbear.core.agreements.request import FIELDS, ROLES, read_fields
from forbear.core.base.problem import Problem
from forbear.interchange.home.country import country_of, ombudsman_of
from forbear.store.access import request_for
from forbear.store.models import Request
from forbear.web.borrower_labels import ASKED_FOR
from forbear.web.fields import FilesField, PickField, TextField
from forbear.web.forms import Form, form_on, refused
from forbear.web.labels import ACTING
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest

#: What a borrower may ask for by a form of its own words, besides disputes.
ASKABLE = (
    "hardship",
    "extension",
    "complaint",
    "wrong_person",
    "report_caller",
    "lawyer",
    "correction",
    "credit_objection",
    "other",
)
#: Requests that say enough without a word of the borrower's own.
_WORDLESS = ("hardship", "wrong_person")
#: The field at which a problem is shown.
_FIELD_OF = {
    "phone_invalid": "phone",
    "email_invalid": "email",
    "role_of_helper_missing": "role",
    "name_of_helper_missing": "name",
    "words_missing": "words",
    "upload_too_large": "files",
    "uploads_used_up": "files",
    "upload_type_unknown": "files",
    "upload_unsafe": "files",
}
_NAMES = {"name": _("Your correct name"), "phone": _("Phone number"), "email": _("E-mail address")}


class AskForm(Form):
    """What one kind of request asks: its own fields, the borrower's words, and papers."""

    field_of: ClassVar[dict[str, str]] = _FIELD_OF

    line = TextField(64, required=False, widget=forms.HiddenInput)

    def __init__(self, kind: str, *given: Any, **more: Any) -> None:
        more.setdefault("auto_id", "id_%s")
        super().__init__(*given, **more)
        self.kind = kind
        for name in FIELDS.get(kind, ()):
            self.fields[name] = self._field(name)
        label = _("In your own words")
        self.fields["words"] = TextField(LONGEST_WORDS, rows=4, label=label, required=False)
        self.fields["files"] = FilesField(
            MOST_FILES,
            label=_("Papers (optional)"),
            help_text=_("PDF, JPG, PNG, HEIC or WebP; at most five, up to %(megabytes)s MB each")
            % {"megabytes": LARGEST // 1024 // 1024},
        )
        self.fields["files"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png,.heic,.webp"

    def _field(self, name: str) -> forms.Field:
        if name in ("role", "reason"):
            words = ACTING if name == "role" else ASKED_FOR[self.kind]
            codes = ROLES if name == "role" else words
            return PickField(
                [(code, words[code]) for code in codes],
                blank=None,
                label=_("Who it is") if name == "role" else _("Why"),
                required=name == "role",
                widget=forms.RadioSelect,
            )
        label = _("Their name") if (self.kind, name) == ("lawyer", "name") else _NAMES.get(name, _("Address"))
        attrs = {"type": "tel"} if name == "phone" else {}
        widget = forms.TextInput(attrs=attrs)
        longest = {"name": 100, "phone": 32, "email": 200, "address": 300}[name]
        return TextField(longest, label=label, required=False, widget=widget)


@own
def ask(request: BorrowerRequest, kind: str) -> HttpResponseBase:
    """A request in the borrower's own words, with papers where they help."""
    if kind not in ASKABLE and kind != "dispute":
        raise Http404
    if request.method != "POST":
        return _page(request, kind)
    form = AskForm(kind, request.POST, request.FILES)
    if not form.is_valid():
        return refused(request, form, lambda: _page(request, kind))
    made = _asked(request, form)
    if isinstance(made, Problem):
        return refused(request, form, lambda: _page(request, kind), made)
    return redirect("portal:asked", made.number)


def _page(request: BorrowerRequest, kind: str) -> HttpResponse:
    form = form_on(request, AskForm, kind, initial={"line": request.GET.get("line", "")[:64]})
    line = str(form["line"].value() or "")[:64]
    return render(request, "portal/ask.html", {"kind": kind, "form": form, "about": _about(line)})


def _about(line: str) -> str:
    """In words what a request is about: an instalment, or the late interest of a loan."""
    loan, found, part = line.rpartition(":")
    if not found:
        return line
    if part == "penalty":
        return gettext("Late interest of loan %(loan)s") % {"loan": loan}
    return gettext("Instalment %(number)s of loan %(loan)s") % {"number": part, "loan": loan}


def _asked(request: BorrowerRequest, form: AskForm) -> Request | Problem:
    given = {name: text for name, text in form.cleaned_data.items() if isinstance(text, str)}
    details = read_fields(form.kind, given, country_of(settings.HOME))
    if isinstance(details, Problem):
        return details
    words = given["words"].strip()
    if not words and not details and form.kind not in _WORDLESS:
        return Problem("words_missing", "Please tell us in a few words.")
    files, kept = form.cleaned_data["files"], []
    with transaction.atomic():
        if problem := quota_problem(request.borrower, files, request.now):
            return problem
        for file in files:
            digest = store_upload(file)
            if isinstance(digest, Problem):
                transaction.set_rollback(True)
                return digest
            kept.append(digest)
        asked = Asked(
            request.borrower.borrower_id,
            form.kind,
            words,
            "portal",
            line=own_line(request.borrower, given["line"]),
            details=details,
            attachments=tuple(kept),
        )
        made = make_request(asked, request.now, actor="borrower")
        if isinstance(made, Request):
            note_portal_words(made, words, request.now)
        return made


@own
def asked(request: BorrowerRequest, number: str) -> HttpResponse:
    """One request: its number, its clock, its answer."""
    found = request_for(request.borrower, number)
    if found is None:
        raise Http404
    complaint = getattr(found, "complaint", None) if found.kind == "complaint" else None
    next_one = ombudsman_of(settings.HOME)
    shown = {"asked": found, "complaint": complaint, "ombudsman": gettext(next_one) if next_one else ""}
    return render(request, "portal/asked.html", shown)
