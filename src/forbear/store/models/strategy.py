"""Strategies as the desk keeps them: drafts, what a dry run of each said, who signed, and from which day it counts."""

from django.db import models

from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField

#: draft: somebody is at work on it. proposed: waits for a second person. signed: in force from its day. declined: not
#: to be. withdrawn: taken back before its day.
STRATEGY_STATES = ("draft", "proposed", "signed", "declined", "withdrawn")
#: "": not tried. waiting: a worker will. running: a worker does. done: `trial` has what it said. failed: `trial_said`.
TRIAL_STATES = ("", "waiting", "running", "done", "failed")


class StrategyVersion(models.Model):
    """One text. `trial` compares it with the version `trial_base` ("" for the lender's file) on the book of a day."""

    name = models.CharField(max_length=64)
    version = models.CharField(max_length=12)
    text = models.TextField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in STRATEGY_STATES])
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="strategies")
    made_at = models.DateTimeField()
    from_day = models.DateField(null=True, blank=True)
    reason_note = SealedTextField(blank=True, help_text="In the words of who proposed it")
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_strategies"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_strategies"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    trial_state = models.CharField(
        max_length=12, blank=True, choices=[(state, state) for state in TRIAL_STATES]
    )
    trial_at = models.DateTimeField(null=True, blank=True)
    trial_base = models.CharField(max_length=12, blank=True)
    trial_said = models.CharField(max_length=300, blank=True)
    trial = models.JSONField(default=dict)


class ExperimentStop(models.Model):
    """An experiment that was ended before its last day, by a person or by its guardrail."""

    experiment = models.CharField(max_length=64, unique=True)
    first_day = models.DateField(help_text="The first night without it")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    reason_note = SealedTextField(blank=True)
