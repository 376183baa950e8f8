"""What borrowers asked for, with its clock, and settlements."""

from datetime import date

from django.db import models

from forbear.core.agreements.request import KINDS
from forbear.core.agreements.request import STATES as REQUEST_STATES
from forbear.core.agreements.settlement import STATES as SETTLEMENT_STATES
from forbear.store.models.borrower import Borrower, Hold
from forbear.store.models.contact import Contact
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedJSONField, SealedTextField

#: In the details of a request: the party of a third person who made it. It is no business of the borrower's.
#: What queries ask of the two stands beside the details, which are sealed.
OF_THIRD_PARTY = "party"
#: In the details of a request: the kind of hold that something a borrower wrote placed, for a person to look at.
OF_HOLD = "hold_kind"


class Request(models.Model):
    """One thing a borrower asked for. `number` is what they are given; `words` and `answer` are personal data.

    `third_party` and `hold_kind` repeat what queries need of `details`.
    """

    number = models.CharField(max_length=16, unique=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(max_length=24, choices=[(kind, kind) for kind in KINDS])
    loans = models.JSONField(default=list)
    line = models.CharField(max_length=64, blank=True, help_text="The disputed line, as LOAN:INSTALMENT")
    words = SealedTextField(blank=True)
    details = SealedJSONField(default=dict, help_text="Structured answers, as a month's budget")
    third_party = models.CharField(max_length=16, blank=True, default="", db_default="")
    hold_kind = models.CharField(max_length=24, blank=True, default="", db_default="")
    attachments = models.JSONField(default=list)
    source = models.CharField(max_length=16)
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in REQUEST_STATES], default="open"
    )
    outcome = models.CharField(max_length=16, blank=True)
    answer = SealedTextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="requests_answered"
    )
    opened_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    granted = models.JSONField(
        default=dict, db_default={}, help_text="What an answer granted: days and amounts"
    )
    review_on = models.DateField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="requests_reviewed"
    )
    hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(
                fields=["review_on"], condition=models.Q(reviewed_at=None), name="request_review_due"
            ),
        ]

    @property
    def granted_until(self) -> date | None:
        """The last day on which payments rest; None where no pause was granted."""
        until = self.granted.get("until")
        return date.fromisoformat(until) if until else None


class Settlement(models.Model):
    """Less than all, by a day; the rest is waived. Its state follows from the payments (core.agreements.settlement)."""

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="settlements")
    loans = models.JSONField(default=list)
    amount = models.BigIntegerField()
    outstanding = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    by = models.DateField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in SETTLEMENT_STATES])
    paid = models.BigIntegerField(default=0)
    proposed_on = models.DateField()
    offered_on = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        Staff,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="settlements_proposed",
        help_text="None for an offer of the strategy",
    )
    signed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="settlements_signed"
    )
    accepted_at = models.DateTimeField(null=True, blank=True, help_text="When the borrower said yes to it")
    contact = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="settlements",
        help_text="The letter that makes an offer of the strategy",
    )
    reason_note = SealedTextField(blank=True, help_text="Why it ended, in a person's words")
    hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["state"])]
