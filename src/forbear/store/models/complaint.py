"""The register of complaints: one row beside each request of that kind, with its clocks, cause, redress and end."""

from datetime import date

from django.db import models

from forbear.core.agreements.complaint import CAME_BY, CATEGORIES, REDRESS, ROOT_CAUSES
from forbear.store.models.agency import Agency
from forbear.store.models.borrower import Borrower, Hold
from forbear.store.models.request import Request
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField


class Complaint(models.Model):
    """What the register holds of a complaint; its words, answer and state stand in the request.

    `due_on` of the request is the day of the final response, `law_due_on` that day before any extension. Where it is
    to be rejected, `proposed_by` is the first of the two who agree. `referred_on` is when the next instance had it.
    """

    request = models.OneToOneField(
        Request, primary_key=True, on_delete=models.PROTECT, related_name="complaint"
    )
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="complaints")
    came_by = models.CharField(max_length=12, choices=[(code, code) for code in CAME_BY])
    about_agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    law_due_on = models.DateField()
    acknowledge_by = models.DateField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    category = models.CharField(max_length=16, blank=True, choices=[(code, code) for code in CATEGORIES])
    root_cause = models.CharField(max_length=16, blank=True, choices=[(code, code) for code in ROOT_CAUSES])
    extended_on = models.DateField(null=True, blank=True)
    extended_note = SealedTextField(blank=True)
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="rejections_proposed"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_answer = SealedTextField(blank=True)
    redress = models.CharField(max_length=16, blank=True, choices=[(code, code) for code in REDRESS])
    redress_amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    minor_unit = models.IntegerField(default=100)
    redress_act = SealedTextField(blank=True)
    redress_by = models.DateField(null=True, blank=True)
    redress_done_at = models.DateTimeField(null=True, blank=True)
    redress_done_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="redress_done"
    )
    final_sent_at = models.DateTimeField(null=True, blank=True)
    referral_until = models.DateField(null=True, blank=True)
    referred_on = models.DateField(null=True, blank=True)
    referred_ref = models.CharField(max_length=64, blank=True)
    referral_ended_on = models.DateField(null=True, blank=True)
    referral_note = SealedTextField(blank=True)
    referral_hold = models.ForeignKey(Hold, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["redress_by"], condition=models.Q(redress_done_at=None), name="redress_due"),
            models.Index(
                fields=["acknowledge_by"],
                condition=models.Q(acknowledged_at=None),
                name="complaint_unacknowledged",
            ),
        ]

    @property
    def number(self) -> str:
        """What the borrower was given."""
        return self.request.number

    @property
    def extended(self) -> bool:
        """Whether the answer was put off."""
        return self.extended_on is not None

    def redress_open(self, today: date) -> bool:
        """Whether redress was promised and isn't done by its day."""
        return self.redress_by is not None and self.redress_done_at is None and self.redress_by < today
