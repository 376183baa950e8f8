"""The borrower's way in, and the papers they took out. Tokens are kept as digests only."""

from django.db import models

from forbear.store.models.borrower import Borrower


class PortalLink(models.Model):
    """A link in a message. `wrong` counts wrong answers; too many and the link is dead."""

    digest = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="links")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.IntegerField(default=0)


class PortalSession(models.Model):
    """A borrower who is in, until they leave or do nothing for a while."""

    digest = models.CharField(max_length=64, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, related_name="sessions")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField()


class Document(models.Model):
    """A paper the borrower took out; `code` proves it to whoever reads it, `sha256` names the kept file."""

    code = models.CharField(max_length=16, unique=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="documents")
    kind = models.CharField(max_length=24)
    language = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
