"""What somebody who listened says of a contact: for coaching, and for the house's own quality."""

from django.db import models

from forbear.store.models.contact import Contact
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedTextField

#: good: as it should be. coach: lawful, and could be better. breach: it should not have been so.
VERDICTS = ("good", "coach", "breach")


class Review(models.Model):
    """One contact as one reviewer found it; `staff` is who made it, reads the words and answers."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="reviews")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="reviews_made")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=[(verdict, verdict) for verdict in VERDICTS])
    words = SealedTextField(blank=True)
    marks = models.JSONField(default=dict, help_text="How each criterion was met; see core.staff.quality")
    weights = models.JSONField(default=dict, help_text="What each weighed when it was reviewed")
    score = models.SmallIntegerField(
        null=True, blank=True, help_text="Of 100; empty where nothing was judged"
    )
    seen_at = models.DateTimeField(null=True, blank=True)
    answer = SealedTextField(blank=True, help_text="What the person says to it")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "reviewer"], name="review_once")]
        indexes = [models.Index(fields=["staff", "at"])]
