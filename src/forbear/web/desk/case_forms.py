"""The forms of the case page, besides those of a talk."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.cases.unmasking import REASONS
from forbear.actions.requests.requests import LONGEST_WORDS
from forbear.core.agreements.hold_kinds import BY_HAND
from forbear.core.agreements.request import KINDS
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.web.call_forms import CaseForm, CorrectForm, OutcomeForm, PastDue, PromiseForm
from forbear.web.fields import AmountField, CodeField, DayField, TextField
from forbear.web.forms import Form, form_on
from forbear.web.labels import word
from forbear.web.own_words import OwnWordsForm
from forbear.web.request import StaffRequest

MESSAGE_CHANNELS = ("sms", "email")
_LONGEST_MESSAGE = 1000


class MessageForm(OwnWordsForm, CaseForm):
    """A message in the person's own words."""

    field_of: ClassVar[dict[str, str]] = {
        "wording_not_allowed": "body",
        "wording_to_confirm": "body",
        "channel_address_missing": "channel",
    }

    channel = CodeField("channel", MESSAGE_CHANNELS, label=_("Channel"), blank=None)
    body = TextField(_LONGEST_MESSAGE, rows=3, label=_("Text (checked before it is sent)"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["body"].widget.attrs["data-key"] = "m"


class SettleForm(CaseForm):
    """A settlement offer, valid until a day."""

    field_of: ClassVar[dict[str, str]] = {
        "settlement_amount_invalid": "amount",
        "settlement_below_principal": "amount",
        "settlement_above_every_authority": "amount",
        "settlement_validity_invalid": "by",
    }

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        label = gettext("Settlement amount (%(currency)s)")
        label %= {"currency": word("currency", self.debt.currency)}
        today, longest = business_date(self.now), policy(settings.HOME).settlement.longest_days
        first, last = today + timedelta(days=1), today + timedelta(days=longest)
        self.fields["amount"] = AmountField(self.debt.currency, label=label)
        self.fields["by"] = DayField(first, last, label=_("Valid until"))


class AskForm(CaseForm):
    """What the borrower asked for on the phone."""

    field_of: ClassVar[dict[str, str]] = {"words_too_long": "words", "request_kind_unknown": "kind"}

    kind = CodeField("request", KINDS, label=_("Kind"))
    words = TextField(LONGEST_WORDS, rows=2, label=_("Notes"), required=False)


class EndPlanForm(CaseForm):
    """Why a plan ends."""

    note = TextField(300, label=_("Reason (the borrower will read it)"))


class HoldForm(CaseForm):
    """No contact, for a reason."""

    kind = CodeField("hold", BY_HAND, label=_("Why"))
    reason = TextField(300, label=_("Details"), required=False)


class LiftForm(CaseForm):
    """Why a hold ends."""

    note = TextField(300, label=_("Reason (saved with the hold)"))


class VisitForm(CaseForm):
    """Why a visit."""

    field_of: ClassVar[dict[str, str]] = {"visit_reason_missing": "note"}

    note = TextField(300, label=_("Why a field visit is better than a call or a letter"))


class UnmaskForm(CaseForm):
    """Why somebody needs to see personal data."""

    field_of: ClassVar[dict[str, str]] = {"unmask_reason_missing": "reason"}

    reason = CodeField("reason", REASONS, label=_("Reason (it is logged)"))


#: The forms that a case page has once, by their names in the template.
_ONCE: dict[str, type[CaseForm]] = {
    "outcome": OutcomeForm,
    "correct": CorrectForm,
    "promise": PromiseForm,
    "message": MessageForm,
    "settle": SettleForm,
    "ask": AskForm,
    "hold": HoldForm,
    "visit": VisitForm,
    "unmask": UnmaskForm,
}


def case_forms(request: StaffRequest, debt: PastDue, contact_id: str) -> Iterator[tuple[str, Form]]:
    """The forms of the page; `contact_id` is the call whose result is awaited."""
    for name, kind in _ONCE.items():
        first: dict[str, Any] = {"initial": {"contact": contact_id}} if kind is OutcomeForm else {}
        if kind is PromiseForm:
            first["keys"] = not contact_id
        yield name, form_on(request, kind, debt=debt, now=request.now, **first)
