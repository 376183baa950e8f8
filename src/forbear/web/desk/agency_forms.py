"""The forms about agencies: the admission file, admitting, suspending, findings and statements."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.core.agencies.agency import METHODS, PARTS, SUSPENSIONS
from forbear.core.agencies.conduct import FINDINGS, GRAVE
from forbear.core.base.problem import Problem
from forbear.web.fields import CodeField, CodesField, DayField, PickField, TextField, WholeField, sentence_of
from forbear.web.forms import Form
from forbear.web.labels import word
from forbear.web.languages import label

_COUNTS = ("experience_years", "collectors")
_LONGEST = 300
#: The part of the file that a problem of the whole file is about.
_PART_OF = {
    "agency_too_young": "experience_years",
    "agency_too_small": "collectors",
    "agency_methods_invalid": "methods",
    "agency_undertaking_missing": "undertaking_on",
    "agency_record_check_old": "checked_on",
    "agency_contract_dates": "contract_until",
}


def _part(name: str) -> forms.Field:
    """The field of a part of the admission file."""
    words = label(PARTS[name])
    if name == "methods":
        return CodesField([(each, word("channel", each)) for each in METHODS], label=words)
    if name.endswith(("_until", "_from", "_on")):
        return DayField(label=words)
    return WholeField(most=100_000, label=words) if name in _COUNTS else TextField(_LONGEST, label=words)


class AgencyFileForm(Form):
    """The admission file of an agency, part by part."""

    field_of: ClassVar[dict[str, str]] = _PART_OF

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for name in PARTS:
            self.fields[name] = _part(name)

    def add_problems(self, problems: Problem | Iterable[Problem]) -> None:
        """Say what is wrong at the part of the file that it is about."""
        self.is_valid()
        part_of = {str(words): name for name, words in PARTS.items()}
        for each in [problems] if isinstance(problems, Problem) else problems:
            name = self.field_of.get(each.code, part_of.get(str(each.params.get("part", "")), ""))
            self.add_error(name if name in self.fields else None, sentence_of(each))

    @property
    def file(self) -> dict[str, object]:
        """The file as it is kept: days and numbers as text."""
        given = self.cleaned_data
        return {name: given[name] if name == "methods" else _text(given[name]) for name in PARTS}


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


class AgencyForm(AgencyFileForm):
    """A proposed agency: who it is, what it costs, what it may take, and its file."""

    field_of: ClassVar[dict[str, str]] = _PART_OF | {
        "agency_code_invalid": "code",
        "agency_active": "code",
        "agency_name_missing": "name_zh",
        "agency_capacity_invalid": "capacity",
    }
    problems_at = ""

    code = TextField(32, label=_("Code (letters and digits)"))
    capacity = WholeField(least=1, most=10_000_000, label=_("Capacity (cases at once)"))
    name_zh = TextField(200, label=_("Name in Chinese"))
    name_en = TextField(200, label=_("Name in English"))
    schedule = TextField(200, label=_("Commission, as days past due:basis points"))
    regions = TextField(1000, label=_("Regions (empty for all)"), required=False)
    products = TextField(1000, label=_("Products (empty for all)"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["schedule"].widget.attrs["placeholder"] = "30:1500, 90:2500"

    def clean_code(self) -> str:
        """A code in small letters."""
        return str(self.cleaned_data["code"]).strip().lower()

    def clean_schedule(self) -> list[list[int]]:
        """`30:1500, 90:2500` as rows."""
        text = str(self.cleaned_data["schedule"]).replace("，", ",").replace("：", ":")
        parts = [part.split(":") for part in text.split(",") if part.strip()]
        if not all(len(part) == 2 and all(_is_count(each) for each in part) for part in parts):
            raise forms.ValidationError(_("Write it as 30:1500, 90:2500."))
        return [[int(each) for each in part] for part in parts]

    def clean_regions(self) -> list[str]:
        """The regions, one by one."""
        return _list(self.cleaned_data["regions"])

    def clean_products(self) -> list[str]:
        """The products, one by one."""
        return _list(self.cleaned_data["products"])


def _is_count(text: str) -> bool:
    return text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) < 10


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]


class AdmitForm(Form):
    """Why an agency is declined."""

    problems_at = "note"

    note = TextField(_LONGEST, label=_("Why (to decline)"), required=False)


class ResumeForm(Form):
    """What has changed since an agency was suspended."""

    problems_at = "note"

    note = TextField(_LONGEST, label=_("What has changed"))


class FindingForm(Form):
    """What an agency did wrong, and to whom."""

    field_of: ClassVar[dict[str, str]] = {"no_such_borrower": "borrower", "finding_kind_unknown": "kind"}

    borrower = TextField(64, label=_("Borrower's id (if any)"), required=False)

    field_order = ("kind", "borrower")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        stops = gettext("stops work at once and recalls all cases")
        choices = [
            (kind, f"{label(words)} · {stops}" if kind in GRAVE else label(words))
            for kind, words in FINDINGS.items()
        ]
        self.fields["kind"] = PickField(choices, label=_("Finding"))
        self.order_fields(self.field_order)


class DemandForm(Form):
    """The contact whose recording is asked for."""

    contact = TextField(64, widget=forms.HiddenInput)


class SuspendForm(Form):
    """Why an agency stops."""

    problems_at = "note"

    kind = CodeField("suspended", SUSPENSIONS, label=_("Kind"), blank=None)
    note = TextField(_LONGEST, label=_("Details"))


class StatementForm(Form):
    """The last day of the next statement."""

    problems_at = "until"

    def __init__(self, *given: Any, until: date, **more: Any) -> None:
        super().__init__(*given, initial={"until": until}, **more)
        self.fields["until"] = DayField(label=_("Up to"))
