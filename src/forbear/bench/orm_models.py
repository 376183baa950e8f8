"""A loan book as a Django shop would keep it, for the ORM loop alone; not part of Forbear's own tables.

The database comes from the environment as JSON, since Django wants its settings before the first model.
Due dates stand as shifted to business days, and a bounced payment is marked: both make the loop's work less.
Managers and what leads back to a loan are named here, since the type checker knows no model outside Forbear's own app.
"""

import json
import os
from typing import ClassVar

import django
from django.conf import settings
from django.db import models
from django.db.models.fields.related_descriptors import ReverseManyToOneDescriptor

DATABASE = "FORBEAR_BENCH_DATABASE"

settings.configure(
    DATABASES={"default": json.loads(os.environ[DATABASE])},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()


class Loan(models.Model):
    """One loan; amounts everywhere in minor units."""

    objects: ClassVar[models.Manager["Loan"]] = models.Manager()
    instalments: "ReverseManyToOneDescriptor[Instalment]"
    payments: "ReverseManyToOneDescriptor[Payment]"

    loan_id = models.CharField(max_length=40, unique=True)
    borrower_id = models.CharField(max_length=40, db_index=True)
    product = models.CharField(max_length=40)
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=12)
    disbursed_on = models.DateField(null=True)

    class Meta:
        app_label = "bench"


class Instalment(models.Model):
    """One line of a schedule."""

    objects: ClassVar[models.Manager["Instalment"]] = models.Manager()

    loan = models.ForeignKey(Loan, models.CASCADE, related_name="instalments")
    number = models.IntegerField()
    due_on = models.DateField()
    principal = models.BigIntegerField()
    interest = models.BigIntegerField()
    fee = models.BigIntegerField()
    penalty = models.BigIntegerField()

    class Meta:
        app_label = "bench"


class Payment(models.Model):
    """Money received; `bounced` ones count as never made."""

    objects: ClassVar[models.Manager["Payment"]] = models.Manager()

    loan = models.ForeignKey(Loan, models.CASCADE, related_name="payments")
    paid_on = models.DateField()
    amount = models.BigIntegerField()
    bounced = models.BooleanField(default=False)

    class Meta:
        app_label = "bench"


class LoanState(models.Model):
    """What the loop found of a late loan."""

    objects: ClassVar[models.Manager["LoanState"]] = models.Manager()

    loan = models.ForeignKey(Loan, models.CASCADE)
    days_past_due = models.IntegerField()
    oldest_unpaid_due_on = models.DateField()
    past_due_principal = models.BigIntegerField()
    past_due_interest = models.BigIntegerField()
    past_due_fee = models.BigIntegerField()
    past_due_penalty = models.BigIntegerField()
    past_due_amount = models.BigIntegerField()
    outstanding = models.BigIntegerField()

    class Meta:
        app_label = "bench"


class CaseState(models.Model):
    """The stage of a late borrower."""

    objects: ClassVar[models.Manager["CaseState"]] = models.Manager()

    borrower_id = models.CharField(max_length=40)
    loan = models.ForeignKey(Loan, models.CASCADE)
    stage = models.CharField(max_length=20)

    class Meta:
        app_label = "bench"


TABLES = (Loan, Instalment, Payment, LoanState, CaseState)
