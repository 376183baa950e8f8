"""The borrower's way in, and the papers they took out. Tokens are kept as digests only."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.loan import Loan


class PortalLink(models.Model):
    """A link in a message. `wrong` counts wrong answers; too many and the link is dead.

    `went_to` is the kind of address it was sent to, "" where that isn't known.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    went_to = models.CharField(max_length=16, blank=True, default="", db_default="")
    wrong = models.IntegerField(default=0)


class PortalSession(models.Model):
    """A borrower who is in, until they leave or do nothing for a while."""

    digest = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="sessions")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class Document(models.Model):
    """A paper the borrower took out; `code` proves it to anyone who reads it, `sha256` names the kept file."""

    code = models.CharField(max_length=16, unique=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    about = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="The loan it is about, where one"
    )


#: opened: a page to pay on was asked for. paid: the provider says so, and the amount is the order's. failed: nothing
#: was paid. doubtful: the provider's news doesn't fit the order; a person looks.
ORDER_STATES = ("opened", "paid", "failed", "doubtful")


class PaymentOrder(models.Model):
    """What a borrower set out to pay through a provider. `order_id` is nobody's to guess; `page` is where they pay."""

    order_id = models.CharField(max_length=32, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="payment_orders")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="payment_orders")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in ORDER_STATES])
    provider = models.CharField(max_length=32)
    provider_ref = models.CharField(max_length=64, blank=True)
    page = models.CharField(max_length=640, blank=True)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    payment_id = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["borrower", "made_at"])]
