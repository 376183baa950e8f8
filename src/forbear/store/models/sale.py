"""Write-offs, and debts that were sold."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.loan import Loan
from forbear.store.models.staff import Staff

WRITE_OFF_STATES = ("proposed", "signed", "declined")
#: proposed: sorted out, waits for a signature. signed: being sold, borrower by borrower. done: with its passport.
SALE_STATES = ("proposed", "signed", "done", "declined")
#: in: to be sold. out: left out, with why. sold: the buyer's. dropped: something happened between the two signatures.
ROW_STATES = ("in", "out", "sold", "dropped")


class WriteOff(models.Model):
    """A loan to be written off, proposed by one person and signed by another; `amount` is in minor units."""

    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="write_offs")
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="write_offs")
    amount = models.BigIntegerField()
    why = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=[(state, state) for state in WRITE_OFF_STATES])
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="write_offs_proposed")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="write_offs_decided"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=models.Q(state__in=("proposed", "signed")),
                name="one_write_off_per_loan",
            )
        ]
        indexes = [models.Index(fields=["state", "decided_at"])]


class Sale(models.Model):
    """A list of debts for one buyer. `passport` is the file's SHA-256 once it is made."""

    number = models.CharField(max_length=16, unique=True)
    buyer = models.CharField(max_length=200)
    registration = models.CharField(max_length=64, blank=True)
    telephone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=12, choices=[(state, state) for state in SALE_STATES])
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="sales_made")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="sales_decided"
    )
    passport = models.CharField(max_length=64, blank=True)


class SaleLoan(models.Model):
    """A loan that was looked at for a sale; `why` has the reasons for which it is left out."""

    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="rows")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="sale_rows")
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="sale_rows")
    outstanding = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in ROW_STATES])
    why = models.JSONField(default=list)
    sold_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sale", "loan"], name="loan_once_per_sale")]
        indexes = [models.Index(fields=["sale", "state"])]
