"""The forms about a lawsuit: its approval, and the step that was taken."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.core.court.lawsuit import ENDINGS
from forbear.store.models import Lawsuit
from forbear.web.fields import AmountField, CodeField, DayField, FilesField, TextField
from forbear.web.forms import Form
from forbear.web.labels import word

#: The most papers that come with one step.
_MOST_FILES = 5


class SignForm(Form):
    """A comment, without which a lawsuit is not declined."""

    problems_at = "words"

    words = TextField(300, label=_("Comment (required to decline)"), required=False)


class StepForm(Form):
    """A step of a lawsuit: what, when, its fee and its papers."""

    field_of: ClassVar[dict[str, str]] = {
        "lawsuit_step_invalid": "to",
        "lawsuit_day_invalid": "on",
        "fee_below_zero": "fee",
        "lawsuit_ending_missing": "ending",
        "court_missing": "court",
        "upload_too_large": "files",
        "upload_type_unknown": "files",
        "upload_unsafe": "files",
    }

    def __init__(self, lawsuit: Lawsuit, nexts: Iterable[str], today: date, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        steps = list(nexts)
        only = steps[0] if len(steps) == 1 else None
        self.fields["to"] = CodeField(
            "lawsuit", steps, blank=None, initial=only, label=_("What comes next"), widget=forms.RadioSelect
        )
        self.fields["on"] = DayField(label=_("Date"), initial=today)
        fee = gettext("Fee (%(currency)s)") % {"currency": word("currency", lawsuit.currency)}
        self.fields["fee"] = AmountField(lawsuit.currency, least=0, label=fee, required=False)
        self.fields["court"] = TextField(200, label=_("Court"), initial=lawsuit.court, required=False)
        self.fields["docket"] = TextField(64, label=_("Docket"), initial=lawsuit.docket, required=False)
        if "ended" in steps:
            label = _("Reason, if it ends")
            self.fields["ending"] = CodeField("lawsuit_ended", ENDINGS, label=label, required=False)
        self.fields["words"] = TextField(2000, rows=2, label=_("Details"), required=False)
        papers = FilesField(_MOST_FILES, label=_("Papers (PDF, JPG, PNG)"))
        papers.widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png"
        self.fields["files"] = papers

    @property
    def files_sent(self) -> list[UploadedFile]:
        """The papers, once the form is valid."""
        return list(self.cleaned_data["files"])
