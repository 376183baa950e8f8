"""Forms that stand beside each row of a list of the desk."""

from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from forbear.actions.contacts.resolve_contact import FATES
from forbear.core.base.identifiers import trimmed
from forbear.web.fields import CodeField, TextField
from forbear.web.forms import Form


class FateForm(Form):
    """What became of a contact, and how somebody knows."""

    field_of: ClassVar[dict[str, str]] = {
        "contact_result_missing": "fate",
        "contact_never_sent": "fate",
        "contact_source_missing": "note",
    }

    fate = CodeField("outcome", (*FATES, "not_sent"), label=_("Result"))
    note = TextField(300, label=_("How you know (it is logged)"))


class UnsentForm(FateForm):
    """That a contact was never sent, and how somebody knows."""

    fate = CodeField("outcome", ("not_sent",), label=_("Result"))


class ApplyForm(Form):
    """The loan that a payment is for: one of those that may fit, or another."""

    problems_at = "other"

    loan = TextField(64, required=False, widget=forms.HiddenInput)
    other = TextField(64, label=_("Another loan"), required=False)

    def loan_id(self) -> str:
        """The loan that was named, "" for none."""
        return trimmed(str(self["other"].value() or "")) or str(self["loan"].value() or "")
