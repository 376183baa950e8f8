"""Texts and e-mails to the lender's own people: alarms, and what happens to their accounts. No borrower gets one."""

from django.db import models

from forbear.store.models.staff import AccountChange, Staff
from forbear.store.models.visit import Alarm
from forbear.store.sealed_field import SealedTextField

#: waiting: to be sent. sending: the intent is committed, it is never sent twice. sent: the provider has it. refused:
#: the provider or the number says no, for good. unknown: a worker died meanwhile.
STAFF_TEXT_STATES = ("waiting", "sending", "sent", "refused", "unknown")


class StaffText(models.Model):
    """One text to one person. `to` is where it went, so that a refused number can be said."""

    text_id = models.CharField(max_length=36, primary_key=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="texts")
    alarm = models.ForeignKey(Alarm, null=True, blank=True, on_delete=models.PROTECT, related_name="texts")
    change = models.ForeignKey(
        AccountChange, null=True, blank=True, on_delete=models.PROTECT, related_name="texts"
    )
    channel = models.CharField(max_length=8, default="sms", choices=[("sms", "sms"), ("email", "email")])
    to = SealedTextField()
    body = SealedTextField()
    state = models.CharField(
        max_length=12, default="waiting", choices=[(state, state) for state in STAFF_TEXT_STATES]
    )
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tries = models.IntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=32, blank=True)
    provider_ref = models.CharField(max_length=128, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(state="waiting"), name="staff_text_due"),
            models.Index(fields=["provider", "provider_ref"], name="staff_text_by_ref"),
        ]
