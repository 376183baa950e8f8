"""Forms that people send: those kept because a session had ended, and those sent already, so that none counts twice."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedJSONField


class FormDraft(models.Model):
    """A form that was sent after its person's session had ended, kept until they are in again.

    `path` is where it was sent, `page` the page that it lies on, with its filters ("" where nobody knows it).
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.CASCADE, null=True, related_name="drafts")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, null=True, related_name="drafts")
    path = models.CharField(max_length=200)
    page = models.CharField(max_length=500, blank=True, default="", db_default="")
    fields = SealedJSONField(default=dict)
    files = models.BooleanField(
        default=False, help_text="Whether files were sent with it, which are not kept"
    )
    made_at = models.DateTimeField()


class SentForm(models.Model):
    """A form that was sent from a page, by a digest of both, and where its sender was led when it was done."""

    digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField(db_index=True)
    done = models.BooleanField(default=False)
    led_to = models.CharField(max_length=1000, blank=True, default="", db_default="")
