"""Models of scores as the desk keeps them: trained, proposed, signed by a second person, set aside."""

from django.db import models

from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField

#: trained: nobody asked for it yet. proposed: waits for a second person. signed: counts from its day. declined: not to
#: be. withdrawn: a person took it back. set_aside: a night did, by `guardrail`.
SCORE_STATES = ("trained", "proposed", "signed", "declined", "withdrawn", "set_aside")


class ScoreModel(models.Model):
    """One model: its text, and the card that says what it was learned from and how well it does."""

    version = models.CharField(max_length=12, unique=True)
    text = models.TextField()
    card = models.JSONField(default=dict)
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in SCORE_STATES], default="trained"
    )
    trained_at = models.DateTimeField()
    from_day = models.DateField(null=True, blank=True)
    reason_note = SealedTextField(blank=True, help_text="In the words of who proposed it")
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_scores"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_scores"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True, help_text="The first night without it")
    ended_at = models.DateTimeField(null=True, blank=True)
    guardrail = models.CharField(max_length=12, blank=True, help_text="Why a night set it aside")
