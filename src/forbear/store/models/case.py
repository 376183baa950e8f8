"""A case: one borrower, all their overdue loans, one worker at a time."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff


class Case(models.Model):
    """The open or closed case of a borrower. `facts` is the row the night decided on (see core.facts).

    `figures_at` is when those figures were last brought up to date: by a night, or a payment since.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="cases")
    worst_loan = models.CharField(max_length=64)
    stage = models.CharField(max_length=64, blank=True)
    handler = models.CharField(max_length=16, blank=True)
    held = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    strategy = models.CharField(max_length=100, blank=True)
    as_of = models.DateField()
    figures_at = models.DateTimeField()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    collector = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases"
    )
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=models.Q(closed_on=None), name="one_open_case_per_borrower"
            )
        ]
