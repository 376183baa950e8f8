"""Who looked at whose personal data in the clear, to count it by day; the evidence has each look as an event."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff


class Unmasking(models.Model):
    """One look of one person. `purpose` is the reason that was chosen."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="unmaskings")
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="unmaskings")
    at = models.DateTimeField()
    purpose = models.CharField(max_length=16)

    class Meta:
        indexes = [models.Index(fields=["staff", "at"], name="unmasking_by_staff")]


class UnmaskAlarm(models.Model):
    """Somebody wanted to see more than the allowance of a day; once a day and person."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="unmask_alarms")
    at = models.DateTimeField()
    borrowers = models.IntegerField(help_text="How many they had seen that day")

    class Meta:
        indexes = [models.Index(fields=["at"], name="unmask_alarm_at")]
