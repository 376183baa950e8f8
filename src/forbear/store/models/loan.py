"""Loans of open cases, and payments received since the night."""

from django.db import models

from forbear.core.agreements.reported_payment import STATES as REPORTED_STATES
from forbear.core.agreements.reported_payment import WAYS
from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField


class Loan(models.Model):
    """A loan of a borrower with a case, as the last night or a payment since then left it.

    `outstanding` is what the whole schedule has left, with interest to come. `payoff` is what settles the loan now, and
    `balance` its principal: what is owed, claimed and printed is the payoff. `bought_from` names the sellers of a loan
    that was bought, as the feed's `parties` do; empty where the lender lent it itself.
    """

    loan_id = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="loans")
    product = models.CharField(max_length=64)
    creditor = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_index=True,
        help_text="Its code in lender.yaml; the lender if empty",
    )
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    principal = models.BigIntegerField()
    days_past_due = models.IntegerField()
    past_due_amount = models.BigIntegerField()
    past_due_principal = models.BigIntegerField(default=0)
    past_due_interest = models.BigIntegerField(default=0)
    past_due_fee = models.BigIntegerField(default=0)
    past_due_penalty = models.BigIntegerField(default=0)
    outstanding = models.BigIntegerField()
    payoff = models.BigIntegerField()
    balance = models.BigIntegerField()
    bucket = models.CharField(max_length=8, blank=True)
    oldest_unpaid_due_on = models.DateField(null=True, blank=True)
    written_off = models.BooleanField(default=False)
    time_barred_on = models.DateField(null=True, blank=True)
    sold_at = models.DateTimeField(null=True, blank=True)
    bought_from = models.TextField(blank=True, default="")
    unlawful = models.BooleanField(default=False)
    as_of = models.DateField()

    @property
    def one_debt(self) -> tuple[str, str]:
        """Its currency and creditor: one sum, one agreement and one sentence are about loans that share both."""
        return self.currency, self.creditor


class Payment(models.Model):
    """A payment received by API or file since the book was built; the next import brings it too.

    `payment_id` is unique in the loan, as it is in the feed: many systems number the payments of each loan from 1.
    """

    payment_id = models.CharField(max_length=64)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payments")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    reverses = models.CharField(max_length=64, blank=True, db_index=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["loan", "payment_id"], name="payment_once_per_loan")]


#: waiting: a person decides. applied: it became a payment of a loan. refused: it is nobody's here. reversed: who
#: reported it took it back.
UNAPPLIED_STATES = ("waiting", "applied", "refused", "reversed")
#: Why a payment fits nothing: no loan of that id has a case, or it is more than the loan owes.
UNAPPLIED_REASONS = ("unknown_loan", "more_than_owed", "not_in_feed")


class UnappliedPayment(models.Model):
    """A payment that fits no loan as it was reported: it waits for a person, and holds the loans it may be for.

    `loan_named` is the loan's id as reported, `loans` those it may be for, `holds` what was placed on them. `amount` is
    in minor units; of which currency the report doesn't say.
    """

    payment_id = models.CharField(max_length=64)
    loan_named = models.CharField(max_length=64)
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    why = models.CharField(max_length=16, choices=[(why, why) for why in UNAPPLIED_REASONS])
    loans = models.JSONField(default=list)
    holds = models.JSONField(default=list)
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in UNAPPLIED_STATES], default="waiting"
    )
    source = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    applied_to = models.ForeignKey(
        Loan, null=True, blank=True, on_delete=models.PROTECT, related_name="applied_payments"
    )
    note = SealedTextField(blank=True, help_text="Why it was refused, in a person's words")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["loan_named", "payment_id"], name="unapplied_payment_once")
        ]
        indexes = [models.Index(fields=["state", "received_at"])]


class ReportedPayment(models.Model):
    """A payment that a borrower told of, on the phone or in a branch, before the lender's book has it.

    What each state is stands in core.agreements.reported_payment. `counts` is how much of `amount` nobody asks for now;
    both are in minor units of the loan's currency. `known` are the payments of the loan that were on record before,
    `payments` those that booked it. `proofs` are files in the evidence log.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="reported_payments")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="reported_payments")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    way = models.CharField(max_length=12, choices=[(way, way) for way in WAYS])
    reference = SealedTextField(
        blank=True, help_text="The number on the receipt, as the borrower read it out"
    )
    proofs = models.JSONField(default=list)
    known = models.JSONField(default=list)
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in REPORTED_STATES], default="unconfirmed"
    )
    counts = models.BigIntegerField(default=0)
    payments = models.JSONField(default=list)
    ends_on = models.DateField()
    needs_second = models.BooleanField(default=False)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="reported_payments")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_reports"
    )
    note = SealedTextField(blank=True, help_text="Why it was refused or withdrawn, in a person's words")

    class Meta:
        indexes = [models.Index(fields=["state", "reported_at"]), models.Index(fields=["state", "ends_on"])]


class PenaltyDifference(models.Model):
    """The lender's penalty on a loan is not what core.loans.penalty makes of its lines; amounts in minor units.

    It ends when the figures agree again (`gone_at`) or somebody has settled it in `words`.
    """

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="penalty_differences")
    as_of = models.DateField()
    reported = models.BigIntegerField()
    computed = models.BigIntegerField()
    cut = models.BigIntegerField(default=0)
    too_much = models.BigIntegerField()
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    words = SealedTextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=models.Q(gone_at=None, settled_at=None),
                name="one_open_penalty_difference",
            )
        ]
        indexes = [models.Index(fields=["settled_at", "gone_at"])]
