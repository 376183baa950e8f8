"""What the lender's loan system must book because it was granted here, until its feed shows it."""

from django.db import models

from forbear.core.loans.adjustments import KINDS
from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField

#: open: the feed is as before. booked: the feed shows it. contradicted: the feed says otherwise, ours still counts.
#: withdrawn: it was taken back here, or its time is over.
INSTRUCTION_STATES = ("open", "booked", "contradicted", "withdrawn")
#: Those that count over the feed.
IN_FORCE = ("open", "contradicted")


class Instruction(models.Model):
    """One thing granted on one loan (see core.loans.adjustments). Amounts are minor units.

    `before` and `most` are [principal, interest, fee, penalty] of the instalment before and as granted. `source` and
    `reference` say what granted it: a request's number, or the id of a moved date, plan or settlement.
    """

    number = models.CharField(max_length=16, unique=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="instructions")
    loan_id = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in KINDS])
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    granted_on = models.DateField()
    made_at = models.DateTimeField()
    instalment = models.IntegerField(default=0)
    on = models.DateField(null=True, blank=True)
    before_on = models.DateField(null=True, blank=True)
    before = models.JSONField(default=list)
    most = models.JSONField(default=list)
    paid_before = models.BigIntegerField(default=0)
    plan_lines = models.JSONField(default=list)
    source = models.CharField(max_length=16)
    reference = models.CharField(max_length=64)
    state = models.CharField(
        max_length=16, choices=[(state, state) for state in INSTRUCTION_STATES], default="open"
    )
    changed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    note = SealedTextField(blank=True, help_text="Why a person ended it, in their words")

    class Meta:
        indexes = [
            models.Index(
                fields=["borrower"],
                condition=models.Q(state__in=IN_FORCE),
                name="instruction_in_force",
            ),
            models.Index(fields=["state", "made_at"]),
        ]

    @property
    def difference(self) -> int:
        """What a corrected line asks less than before, in minor units."""
        return sum(self.before) - sum(self.most)
