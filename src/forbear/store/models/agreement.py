"""What was said and agreed: conversations, promises and plans."""

from django.db import models

from forbear.core.agreements.plan import STATES as PLAN_STATES
from forbear.core.agreements.promise import STATES as PROMISE_STATES
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.store.models.borrower import Borrower
from forbear.store.models.contact import Contact
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedJSONField, SealedTextField


class Conversation(models.Model):
    """What a collector wrote down of a contact: structured answers, and a note in their words."""

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="conversations")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    result = models.CharField(max_length=24)
    willingness = models.CharField(max_length=16, blank=True, choices=[(code, code) for code in WILLINGNESS])
    situation = models.CharField(max_length=16, blank=True, choices=[(code, code) for code in SITUATIONS])
    note = SealedTextField(blank=True)
    disclosed = models.JSONField(default=list)
    effects = models.JSONField(
        default=dict, db_default={}, help_text="What the result did, so that it can be undone"
    )
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )

    class Meta:
        indexes = [models.Index(fields=["borrower", "at"])]


class Promise(models.Model):
    """One amount by one date. Its state follows from the payments (see core.agreements.promise)."""

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="promises")
    loans = models.JSONField(default=list)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    made_on = models.DateField()
    due_on = models.DateField()
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in PROMISE_STATES], default="open"
    )
    paid = models.BigIntegerField(default=0)
    difficulty = models.SmallIntegerField(
        default=0, db_default=0, help_text="How hard the case was then, from 1; 0: not known"
    )
    decided_on = models.DateField(null=True, blank=True)
    cancelled_on = models.DateField(null=True, blank=True)
    taken_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    hold = models.ForeignKey("store.Hold", null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_on"]),
            models.Index(fields=["-due_on", "-id"], name="promise_newest"),  # the list of all
        ]


class Plan(models.Model):
    """Several instalments. `lines` are [number, due_on, amount]; `terms` the required terms as agreed."""

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="plans")
    loans = models.JSONField(default=list)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    lines = models.JSONField(default=list)
    terms = models.JSONField(default=dict)
    budget = SealedJSONField(default=dict)
    state = models.CharField(max_length=12, choices=[(state, state) for state in PLAN_STATES])
    paid = models.BigIntegerField(default=0)
    proposed_on = models.DateField()
    agreed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="plans_proposed"
    )
    signed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="plans_signed"
    )
    reason_note = SealedTextField(blank=True, help_text="Why it ended, in a person's words")
    hold = models.ForeignKey("store.Hold", null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["state"])]


class DueChange(models.Model):
    """A due date that was moved by product rules. The lender's schedule follows when its feed brings it."""

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="due_changes")
    loan_id = models.CharField(max_length=64)
    number = models.IntegerField()
    due_on = models.DateField()
    moved_to = models.DateField()
    made_at = models.DateTimeField()
    hold = models.ForeignKey("store.Hold", on_delete=models.PROTECT)
