"""The ledger lines of open cases, so that the day computes a case again by one query."""

from django.db import models

from forbear.store.models.borrower import Borrower


class BorrowerLedger(models.Model):
    """What the book of the published night has of a borrower with an open case.

    `lines` are written and read by interchange.book.ledger_lines; `digest` tells the next night whether they changed.
    """

    borrower = models.OneToOneField(
        Borrower, primary_key=True, on_delete=models.CASCADE, related_name="ledger"
    )
    lines = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
