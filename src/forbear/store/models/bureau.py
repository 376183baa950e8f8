"""What was reported to a credit bureau, month by month, and what was held back."""

from django.db import models

from forbear.store.models.reason import Reasoned

#: A month in China's manner, what happened to loans in the same manner, a month in Metro 2.
FORMS = ("cn", "cn_events", "metro2")


class CreditReport(models.Model):
    """One file for one bureau; made once. `counts` has records, adverse ones, corrections and withheld ones, `totals`
    by currency the balance and what is past due (minor units; in Metro 2 whole units, as its file has them), `gaps`
    what a bureau asks for and the file lacks. After its time the file itself is erased, its digest stays.
    """

    form = models.CharField(max_length=12, choices=[(form, form) for form in FORMS])
    on = models.DateField(help_text="The month's last day, or the last day of the events")
    made_at = models.DateTimeField()
    book_version = models.CharField(max_length=64)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    totals = models.JSONField(default=dict, db_default={})
    gaps = models.JSONField(default=dict, db_default={})
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "on"], name="one_report_a_month")]


class CreditRecord(Reasoned):
    """One loan on a report that somebody may ask about: adverse, corrected, happened, or withheld (its reason says
    why). `said` is what was reported (see core.bureau.said), `was` what a correction replaces.
    """

    report = models.ForeignKey(CreditReport, on_delete=models.PROTECT, related_name="records")
    borrower_id = models.CharField(max_length=64, db_index=True)
    loan_id = models.CharField(max_length=64)
    on = models.DateField(
        help_text="The month's end it speaks of, an earlier one in a correction; or the event's day"
    )
    kind = models.CharField(max_length=12)
    adverse = models.BooleanField(default=False)
    days_past_due = models.IntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    said = models.JSONField(default=list)
    was = models.JSONField(default=list, db_default=[])

    class Meta:
        indexes = [models.Index(fields=["loan_id", "on"]), models.Index(fields=["report", "kind"])]
