"""The forms about a complaint: what was found, putting the answer off, and what the next instance does."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.answers.complaints import LONGEST_NOTE
from forbear.core.agreements.complaint import CATEGORIES, REDRESS, ROOT_CAUSES, ComplaintFinding
from forbear.store.models import Complaint
from forbear.web.fields import AmountField, CodeField, DayField, TextField, written_amount
from forbear.web.forms import Form
from forbear.web.labels import word

#: The field at which a problem of the finding is said.
FINDING_PROBLEMS = {
    "complaint_category_missing": "category",
    "complaint_cause_missing": "root_cause",
    "complaint_redress_missing": "redress",
    "redress_amount_missing": "redress_amount",
    "redress_act_missing": "redress_act",
    "redress_day_missing": "redress_by",
}


def finding_fields(complaint: Complaint | None, currency: str, today: date) -> Mapping[str, forms.Field]:
    """What an answer to a complaint asks besides; what a first person found stands in it already."""
    found = complaint if complaint is not None and complaint.proposed_by_id is not None else None
    amount = gettext("Redress amount (%(currency)s)") % {"currency": word("currency", currency)}
    first = {"initial": found.category} if found else {}
    cause = {"initial": found.root_cause} if found else {}
    paid = written_amount(found.redress_amount, currency) if found and found.redress_amount else ""
    return {
        "category": CodeField(
            "complaint_category", CATEGORIES, label=_("What the complaint is about"), required=False, **first
        ),
        "root_cause": CodeField(
            "root_cause", ROOT_CAUSES, label=_("Why it came to be"), required=False, **cause
        ),
        "redress": CodeField(
            "redress",
            REDRESS,
            blank=None,
            label=_("Redress"),
            initial=found.redress if found else "nothing",
            required=False,
        ),
        "redress_amount": AmountField(currency, label=amount, initial=paid, required=False),
        "redress_act": TextField(LONGEST_NOTE, label=_("What is done"), required=False),
        "redress_by": DayField(
            today, today + timedelta(days=366), label=_("Redress is done by"), required=False
        ),
    }


def finding_of(given: Mapping[str, Any]) -> ComplaintFinding:
    """What the fields say, once the form is valid."""
    return ComplaintFinding(
        given["category"],
        given["root_cause"],
        given["redress"] or "nothing",
        given["redress_amount"] or 0,
        given["redress_act"],
        given["redress_by"],
    )


class PutOffForm(Form):
    """Until when the answer is put off, and why."""

    field_of: ClassVar[dict[str, str]] = {
        "extension_day_invalid": "until",
        "extension_note_missing": "note",
        "complaint_no_more_time": "until",
    }

    def __init__(self, today: date, until: date, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["until"] = DayField(today, until, label=_("Final response by"))
        self.fields["note"] = TextField(
            LONGEST_NOTE, rows=2, label=_("Why it takes longer (the borrower will read it)")
        )


class ReferForm(Form):
    """The number under which the next instance has it."""

    reference = TextField(64, label=_("Their number"), required=False)


class ReferralEndForm(Form):
    """What the next instance decided."""

    field_of: ClassVar[dict[str, str]] = {"referral_note_missing": "note"}

    note = TextField(LONGEST_NOTE, rows=2, label=_("What the next instance decided"))


class PeriodForm(Form):
    """From which day to which."""

    first = DayField(label=_("From"), required=False)
    last = DayField(label=_("Until"), required=False)
