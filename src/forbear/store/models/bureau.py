"""What was told to a credit bureau, month by month, and what was held back."""

from django.db import models

FORMS = ("cn", "metro2")


class CreditReport(models.Model):
    """One month's file for one bureau; made once. `counts` has records, adverse ones, corrections and withheld ones."""

    form = models.CharField(max_length=12, choices=[(form, form) for form in FORMS])
    on = models.DateField(help_text="The month's last day")
    made_at = models.DateTimeField()
    book_version = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "on"], name="one_report_a_month")]


class CreditRecord(models.Model):
    """One loan on a report that somebody may ask about: adverse, corrected, or withheld (`because` says why).

    `said` is what was told, so that a later month can see whether it is still true.
    """

    report = models.ForeignKey(CreditReport, on_delete=models.PROTECT, related_name="records")
    borrower_id = models.CharField(max_length=64, db_index=True)
    loan_id = models.CharField(max_length=64)
    on = models.DateField(help_text="The month's end it speaks of; an earlier one in a correction")
    kind = models.CharField(max_length=12)
    adverse = models.BooleanField(default=False)
    days_past_due = models.IntegerField(default=0)
    said = models.JSONField(default=list)
    because = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["loan_id", "on"])]
