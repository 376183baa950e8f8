"""The forms of payments at the desk: one that a borrower reports, and a link to pay."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.actions.cases.reported_payments import MOST_PROOFS, PaymentReport
from forbear.core.agreements.reported_payment import OLDEST, WAYS
from forbear.store.business_date import business_date
from forbear.store.models import Loan
from forbear.web.call_forms import CaseForm
from forbear.web.fields import AmountField, CodeField, DayField, FilesField, PickField, TextField
from forbear.web.labels import word

PAY_LINK_CHANNELS = ("sms", "email")


class ReportPaymentForm(CaseForm):
    """A payment that the borrower reports, with what proves it."""

    field_of: ClassVar[dict[str, str]] = {
        "reported_loan_invalid": "loan",
        "reported_amount_invalid": "amount",
        "reported_day_invalid": "paid_on",
        "reported_already_booked": "paid_on",
        "reported_proof_missing": "proofs",
        "upload_too_large": "proofs",
        "upload_type_unknown": "proofs",
        "upload_unsafe": "proofs",
    }

    def __init__(self, *given: Any, loans: Sequence[Loan], **more: Any) -> None:
        super().__init__(*given, **more)
        today = business_date(self.now)
        # the amount is written in one currency, so only loans in it can be chosen
        own = [loan for loan in loans if loan.currency == self.debt.currency]
        choices = [(loan.loan_id, loan.loan_id) for loan in own]
        label = gettext("Amount (%(currency)s)") % {"currency": word("currency", self.debt.currency)}
        blank = None if len(choices) == 1 else "—"
        self.fields["loan"] = PickField(choices, blank=blank, label=_("Loan"))
        self.fields["amount"] = AmountField(self.debt.currency, label=label)
        self.fields["paid_on"] = DayField(today - OLDEST, today, label=_("Paid on"))
        self.fields["way"] = CodeField("payment_way", WAYS, label=_("How it was paid"))
        self.fields["reference"] = TextField(64, label=_("Number on the receipt"), required=False)
        self.fields["proofs"] = FilesField(MOST_PROOFS, label=_("Proof (photo or PDF of the receipt)"))

    def report(self, borrower_id: str) -> PaymentReport:
        """What was recorded, once the form is valid."""
        given = self.cleaned_data
        return PaymentReport(
            borrower_id, given["loan"], given["amount"], given["paid_on"], given["way"], given["reference"]
        )


class PayLinkForm(CaseForm):
    """By which way a link to pay is sent."""

    problems_at = "channel"

    channel = CodeField("channel", PAY_LINK_CHANNELS, label=_("Channel"), blank=None)
