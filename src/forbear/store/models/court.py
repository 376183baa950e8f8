"""Lawsuits: a debt taken to court, its steps, and what is due by when."""

from django.db import models

from forbear.core.court.lawsuit import DEADLINES, ENDINGS, STATES, WAYS
from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField


class Lawsuit(models.Model):
    """One debt before one court. Amounts in minor units; `claimed` is what is asked for: until it is filed, what is
    due by the newest figures.

    `time_barred_on` is the first day it would be too late, None when far off. Filing brings `court` and `docket`.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="lawsuits")
    loans = models.JSONField(default=list)
    way = models.CharField(max_length=16, choices=[(way, way) for way in WAYS])
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    claimed = models.BigIntegerField()
    fee = models.BigIntegerField(default=0)
    cost = models.BigIntegerField(default=0)
    expected = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    time_barred_on = models.DateField(null=True, blank=True)
    court = models.CharField(max_length=200, blank=True)
    docket = models.CharField(max_length=64, blank=True)
    bundle = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the newest bundle")
    bundled_at = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="lawsuits_proposed")
    signed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="lawsuits_signed"
    )
    letter_before_claim = models.ForeignKey(
        "store.Contact", null=True, blank=True, on_delete=models.PROTECT, help_text="The letter before claim"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason_code = models.CharField(
        max_length=16, blank=True, choices=[(code, code) for code in ("", *ENDINGS)]
    )

    class Meta:
        indexes = [models.Index(fields=["state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=models.Q(ended_at=None), name="one_running_lawsuit"
            )
        ]


class LawsuitStep(models.Model):
    """A lawsuit went from one state to the next: on which day, by whom, what it cost, and the papers of it.

    `contact` is the step outward that the rules permitted. `words` are personal data.
    """

    lawsuit = models.ForeignKey(Lawsuit, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    on = models.DateField()
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    fee = models.BigIntegerField(default=0)
    words = SealedTextField(blank=True)
    papers = models.JSONField(default=list, help_text="SHA-256 of each")
    contact = models.ForeignKey("store.Contact", null=True, blank=True, on_delete=models.PROTECT)


class LawsuitDeadline(models.Model):
    """Something due in a lawsuit; over when the lawsuit has moved on, or when it was met."""

    lawsuit = models.ForeignKey(Lawsuit, on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in DEADLINES])
    due_on = models.DateField()
    ours = models.BooleanField(default=False)
    clause = models.CharField(max_length=200)
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["over_at", "due_on"])]
