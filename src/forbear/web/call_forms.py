"""The forms of a talk, the same on the desk and on an agency's pages: how a call ended, and what was promised."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.replies.record_outcome import FURTHEST, LONGEST_NOTE, RESULTS, Outcome, record_outcome
from forbear.core.base.problem import Problem
from forbear.core.content.limited_message import limited_message
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Conversation, Loan, Promise, Staff
from forbear.web.fields import (
    AmountField,
    CodeField,
    CodesField,
    DayField,
    MomentField,
    TextField,
    written_amount,
)
from forbear.web.forms import Form
from forbear.web.labels import word
from forbear.web.request import Request, StaffRequest
from forbear.web.templatetags.forbear import said

#: Holds by which a call's result ends all contact.
_STOPS = ("cease", "lawyer", "deceased")
#: The key of each result of a call, in the order of `RESULTS`.
RESULT_KEYS = ("1", "2", "3", "4", "5", "6", "7", "v", "o", "8", "9", "0", "l", "d")
#: What has to be said in a call, by stage; ticked off by the collector.
DISCLOSURES = {
    "identity": _("Say your name or number, and for whom you call"),
    "recorded": _("Say that the call is recorded"),
    "verify": _("Make sure it is the borrower before you speak of the debt"),
    "amount": _("Give the amount past due and its date, as in the ledger"),
    "check": _("Say how the call can be checked with its verification code"),
    "help": _("Offer help or a plan where there are difficulties"),
}
_PROMISE_FIELDS = {
    "promise_amount_invalid": "amount",
    "promise_amount_too_small": "amount",
    "promise_date_invalid": "due_on",
    "callback_too_far": "again_at",
}


def grave(result: str) -> str:
    """What is asked once before a result that stops all contact is saved; "" for the others."""
    if RESULTS[result].hold not in _STOPS:
        return ""
    return gettext("“%(result)s” stops contact with this borrower at once. Save it?") % {
        "result": word("result", result)
    }


@dataclass(frozen=True, slots=True)
class PastDue:
    """What a form on a case knows of it: the currency ("" without a loan), and how much of it is past due."""

    currency: str
    past_due: int


def debt_of(loans: Iterable[Loan]) -> PastDue:
    """The debt of these loans, in the currency of the first and with its creditor."""
    rows = list(loans)
    same = [loan for loan in rows if loan.one_debt == rows[0].one_debt]
    return PastDue(rows[0].currency if rows else "", sum(loan.past_due_amount for loan in same))


class CaseForm(Form):
    """A form on a case, about its debt at a moment."""

    def __init__(self, *given: Any, debt: PastDue, now: datetime, **more: Any) -> None:
        super().__init__(*given, **more)
        self.debt, self.now = debt, now

    def _add_promise(self, *, required: bool, key: str = "") -> None:
        """The fields of a promise, within the lender's limits."""
        today = business_date(self.now)
        label = gettext("Amount (%(currency)s)") % {"currency": word("currency", self.debt.currency)}
        shown = written_amount(self.debt.past_due, self.debt.currency)
        self.fields["amount"] = AmountField(self.debt.currency, label=label, initial=shown, required=required)
        if key:
            self.fields["amount"].widget.attrs["data-key"] = key
        last = today + timedelta(days=policy(settings.HOME).promise.longest_days)
        self.fields["due_on"] = DayField(today, last, label=_("Pay by"), required=required)


class _ResultSelect(forms.RadioSelect):
    """The results of a call, each with its key and, where it is grave, the question that is asked first."""

    def create_option(self, name: str, value: Any, *given: Any, **more: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *given, **more)
        option["attrs"]["data-grave"] = grave(str(value)) or None
        option["attrs"] = {name: value for name, value in option["attrs"].items() if value is not None}
        if self.attrs.get("keys"):
            option["key"] = dict(zip(RESULTS, RESULT_KEYS, strict=True))[str(value)]
            option["attrs"]["data-key"] = option["key"]
        option["attrs"].pop("keys", None)
        return option


class OutcomeForm(CaseForm):
    """How a call ended. `keys` gives each result its key; `loans` are what the call was about, none for all."""

    field_of: ClassVar[dict[str, str]] = _PROMISE_FIELDS

    contact = forms.CharField(max_length=64, widget=forms.HiddenInput)
    disclosed = CodesField(tuple(DISCLOSURES.items()), label=_("Call checklist"), required=False)
    result = CodeField("result", RESULTS, label=_("Result"), blank=None, widget=_ResultSelect)
    willingness = CodeField(
        "willingness", [each for each in WILLINGNESS if each], label=_("Willingness to pay"), required=False
    )
    situation = CodeField(
        "situation", [each for each in SITUATIONS if each], label=_("Reason for arrears"), required=False
    )
    note = TextField(LONGEST_NOTE, rows=2, label=_("Notes"), required=False)

    def __init__(self, *given: Any, keys: bool = True, callback: bool = True, **more: Any) -> None:
        super().__init__(*given, **more)
        self.has_keys = keys
        if keys:
            self.fields["note"].widget.attrs["data-focus"] = True
        self._add_promise(required=False, key="r" if keys else "")
        if "again_at" not in self.fields and callback:
            last = self.now + FURTHEST
            self.fields["again_at"] = MomentField(self.now, last, label=_("Call back at"), required=False)
        if keys and isinstance(self.fields["result"].widget, _ResultSelect):
            self.fields["result"].widget.attrs["keys"] = True

    def clean(self) -> dict[str, Any]:
        """A promise has its amount and day; with another result nobody looks at them."""
        given = super().clean() or self.cleaned_data
        for name in ("amount", "due_on"):
            if given.get("result") != "promise":
                self.errors.pop(name, None)
                given[name] = None
            elif given.get(name) is None and name not in self.errors:
                self.add_error(name, _("A promise has an amount and a day."))
        return given

    def outcome(self, loans: Iterable[str] = ()) -> Outcome:
        """What was written down, once the form is valid."""
        given = self.cleaned_data
        return Outcome(
            given.get("contact", ""),
            given["result"],
            given.get("willingness", ""),
            given.get("situation", ""),
            given["note"],
            disclosed=tuple(given.get("disclosed", ())),
            again_at=given.get("again_at"),
            loans=tuple(loans),
            amount=given["amount"] or 0,
            due_on=given["due_on"],
        )


class CorrectForm(OutcomeForm):
    """Another result for a call, in place of a wrong one."""

    result = CodeField("result", RESULTS, label=_("Result"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, keys=False, callback=False, **more)
        for name in ("contact", "disclosed", "willingness", "situation"):
            del self.fields[name]


class PromiseForm(CaseForm):
    """A promise to pay."""

    field_of: ClassVar[dict[str, str]] = _PROMISE_FIELDS

    def __init__(self, *given: Any, keys: bool = False, **more: Any) -> None:
        super().__init__(*given, **more)
        self._add_promise(required=True, key="r" if keys else "")


def flash_problems(request: Request, wrong: Problem | Iterable[Problem]) -> None:
    """Show what went wrong on the next page, in the reader's language; the form may be sent again."""
    request.__dict__["problem"] = True
    for each in [wrong] if isinstance(wrong, Problem) else wrong:
        messages.error(request, said(each))


def flash_result(request: Request, made: object, done: str = "") -> None:
    """Show on the next page that an act is done, in the words of `done` if there are any, or what went wrong."""
    if isinstance(made, Problem):
        flash_problems(request, made)
    else:
        messages.success(request, done or gettext("Done."))


def message_to_leave(staff: Staff, borrower: Borrower) -> str | Problem:
    """The limited-content message for a machine, from this person, in the borrower's language."""
    language = borrower.preferred_language or borrower.language
    chinese, english = settings.HOME.name
    phone = dict(settings.HOME.contact).get("phone", "")
    if staff.agency is not None:
        chinese, english, phone = staff.agency.name_zh, staff.agency.name_en, staff.agency.telephone
    person = staff.get_full_name() or staff.number
    return limited_message(chinese if language == "zh" else english, person, phone, language)


def write_outcome(
    request: StaffRequest, form: OutcomeForm, loans: Iterable[str] = ()
) -> Problem | list[Problem] | None:
    """Write down how a call ended; `loans` are what it was about, none for all."""
    made = record_outcome(form.outcome(loans=loans), request.user, request.now)
    if not isinstance(made, Conversation):
        return made
    flash_effects(request, made)
    return None


def flash_effects(request: StaffRequest, made: Conversation) -> None:
    """Say what a result of a call did: a promise, a request with the number that the borrower is given, or neither."""
    number = made.effects.get("request") or made.effects.get("request_added")
    if made.effects.get("promise"):
        messages.success(request, gettext("Saved. Promise to pay recorded. No collection until it is due."))
    elif number:
        due_on = date.fromisoformat(str(made.effects["due_on"]))
        messages.success(
            request,
            gettext("Saved as %(number)s, to be answered by %(due_on)s. Please inform the borrower.")
            % {"number": number, "due_on": due_on},
        )
    else:
        messages.success(request, gettext("Saved."))


def write_promise(
    request: StaffRequest, form: PromiseForm, borrower_id: str, loans: Iterable[str]
) -> Problem | list[Problem] | None:
    """Record a promise to pay within the lender's policy."""
    given = form.cleaned_data
    offered = Offered(borrower_id, tuple(loans), given["amount"], given["due_on"])
    made = record_promise(offered, request.now, actor=f"staff:{request.user.number}", staff=request.user)
    if not isinstance(made, Promise):
        return made
    messages.success(request, gettext("Promise to pay recorded. No collection until it is due."))
    return None
