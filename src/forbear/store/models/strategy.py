"""Strategies as the desk keeps them: drafts, what a dry run of each said, who signed, and from which day it counts."""

from django.db import models

from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField

#: draft: somebody is at work on it. proposed: waits for a second person. canary: decides a share of borrowers. signed:
#: in force from its day. declined: not to be. withdrawn: taken back, before its day or from its canary.
STRATEGY_STATES = ("draft", "proposed", "canary", "signed", "declined", "withdrawn")
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
    share = models.PositiveIntegerField(
        default=1_000_000, help_text="Of the borrowers at first, in millionths"
    )
    base_text = models.TextField(blank=True, help_text="What was in force when its canary began")
    trial_state = models.CharField(
        max_length=12, blank=True, choices=[(state, state) for state in TRIAL_STATES]
    )
    trial_at = models.DateTimeField(null=True, blank=True)
    trial_base = models.CharField(max_length=12, blank=True)
    trial_said = models.CharField(max_length=300, blank=True)
    trial = models.JSONField(default=dict)


class StrategyStep(models.Model):
    """A step of a canary: from `from_day` the version decides `share` of the borrowers, and `text` is in force.

    0 is back to what was in force before. The night itself made it where nobody decided it, by `guardrail`. An `undone`
    step never came into force: it was taken back before its day.
    """

    strategy = models.ForeignKey(StrategyVersion, on_delete=models.PROTECT, related_name="steps")
    share = models.PositiveIntegerField(help_text="In millionths")
    from_day = models.DateField()
    text = models.TextField()
    text_version = models.CharField(max_length=12)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="strategy_steps"
    )
    decided_at = models.DateTimeField()
    guardrail = models.CharField(max_length=100, blank=True, help_text="The measures that were passed")
    reason_note = SealedTextField(blank=True)
    undone = models.BooleanField(default=False)

    @property
    def percent(self) -> str:
        """The share as a page has it."""
        return f"{self.share / 1_000_000:.0%}"


class ExperimentStop(models.Model):
    """An experiment that was ended before its last day, by a person or by its guardrail."""

    experiment = models.CharField(max_length=64, unique=True)
    first_day = models.DateField(help_text="The first night without it")
    at = models.DateTimeField()
    actor = models.CharField(max_length=64)
    reason_note = SealedTextField(blank=True)
