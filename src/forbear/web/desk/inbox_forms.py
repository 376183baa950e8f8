"""The forms of the inbox: answering, passing on, linking, sorting a message, and writing one down."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from forbear.actions.replies.answers import LONGEST_ANSWER
from forbear.actions.replies.other_ways import LONGEST_RECORDED, RECORDED_WAYS
from forbear.actions.replies.sorting import FURTHEST_CALL
from forbear.store.models import Staff
from forbear.web import actors
from forbear.web.fields import CodeField, MomentField, PickField, TextField, UploadField
from forbear.web.forms import Form
from forbear.web.labels import word
from forbear.web.own_words import OwnWordsForm


class AnswerForm(OwnWordsForm):
    """An answer: an approved text by its name, or one's own words."""

    problems_at = "body"
    field_of: ClassVar[dict[str, str]] = {}
    own_words = ("subject", "body")

    template = forms.CharField(max_length=200, required=False, widget=forms.HiddenInput)
    subject = TextField(200, label=_("Subject"), required=False)
    body = TextField(
        LONGEST_ANSWER, rows=4, label=_("Own words (checked before they are sent)"), required=False
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["body"].widget.attrs["data-key"] = "m"


class PassOnForm(Form):
    """To whom a message is passed on."""

    problems_at = "to"

    def __init__(self, teams: Iterable[str], people: Iterable[Staff], *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        named = [
            (person.number, f"{actors.named(person)} · {word('role', person.role)}") for person in people
        ]
        self.fields["to"] = PickField([*((team, team) for team in teams), *named], label=_("Pass on to"))


class LinkForm(Form):
    """The case that a message belongs to."""

    problems_at = "borrower"

    borrower = TextField(64, label=_("Borrower"))
    own_number = forms.BooleanField(label=_("It is their own number or address"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["borrower"].widget.attrs["list"] = "candidates"


class SortForm(Form):
    """What a message is, which its button says, and when to call back."""

    field_of: ClassVar[dict[str, str]] = {"callback_too_far": "call_at"}

    def __init__(self, *given: Any, now: datetime, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["as"] = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
        label = _("Call back at (empty: as soon as possible)")
        self.fields["call_at"] = MomentField(now, now + FURTHEST_CALL, label=label, required=False)


class RecordForm(Form):
    """A message that came another way."""

    field_of: ClassVar[dict[str, str]] = {
        "message_incomplete": "words",
        "no_such_borrower": "borrower",
        "upload_too_large": "file",
        "upload_type_unknown": "file",
        "upload_unsafe": "file",
    }

    channel = CodeField("channel", RECORDED_WAYS, label=_("Channel"), blank=None)
    borrower = TextField(64, label=_("Borrower (empty: unknown)"), required=False)
    sender = TextField(300, label=_("Number or address it came from"), required=False)
    words = TextField(LONGEST_RECORDED, rows=8, label=_("All their words"))
    file = UploadField(label=_("Scan (PDF, JPEG or PNG)"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["file"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png"
