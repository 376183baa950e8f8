"""Loans of open cases, and payments heard of since the night."""

from django.db import models

from forbear.store.models.borrower import Borrower


class Loan(models.Model):
    """A loan of a borrower with a case, as the last night or a payment since then left it."""

    loan_id = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="loans")
    product = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    principal = models.BigIntegerField()
    days_past_due = models.IntegerField()
    past_due_amount = models.BigIntegerField()
    past_due_principal = models.BigIntegerField(default=0)
    past_due_interest = models.BigIntegerField(default=0)
    past_due_fee = models.BigIntegerField(default=0)
    past_due_penalty = models.BigIntegerField(default=0)
    outstanding = models.BigIntegerField()
    bucket = models.CharField(max_length=8, blank=True)
    oldest_unpaid_due_on = models.DateField(null=True, blank=True)
    written_off = models.BooleanField(default=False)
    time_barred_on = models.DateField(null=True, blank=True)
    sold_at = models.DateTimeField(null=True, blank=True)
    unlawful = models.BooleanField(default=False)
    as_of = models.DateField()


class Payment(models.Model):
    """A payment heard of by API or file since the book was built; the next import brings it too."""

    payment_id = models.CharField(max_length=64, primary_key=True)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payments")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    reverses = models.CharField(max_length=64, blank=True, db_index=True)
    heard_at = models.DateTimeField()
