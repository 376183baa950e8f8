"""Everybody who signs in: the lender's staff, agencies' people, visitors, auditors."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from forbear.store.models.agency import Agency
from forbear.store.models.reason import reason_in
from forbear.store.roles import ROLES


class Staff(AbstractUser):
    """A person with one role. `number` is what borrowers are given and can check."""

    role = models.CharField(max_length=16, choices=[(role, role) for role in ROLES])
    number = models.CharField(max_length=16, unique=True)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    team = models.CharField(max_length=64, blank=True)
    languages = models.CharField(max_length=64, default="zh")
    skills = models.CharField(
        max_length=200, blank=True, default="", db_default="", help_text="The stages they work; empty is all"
    )
    capacity = models.IntegerField(
        default=60, db_default=60, help_text="How many cases a day the person can take"
    )
    line = models.CharField(max_length=64, blank=True, help_text="The person's own telephone or SIP line")
    certificate = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The number of a collector's certificate",
    )
    certified_until = models.DateField(null=True, blank=True, help_text="The last day on which it is valid")
    phone = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="The person's own telephone, to which alarms are texted; E.164",
    )
    cares = models.BooleanField(
        default=False, db_default=False, help_text="Trained to speak with vulnerable customers"
    )
    wrong = models.IntegerField(default=0, db_default=0, help_text="Wrong second proofs in a row")
    locked_at = models.DateTimeField(null=True, blank=True, help_text="Locked, not ended: it can be unlocked")
    locked_reason_code = models.CharField(max_length=32, blank=True, default="", db_default="")
    locked_reason_params = models.JSONField(blank=True, default=dict, db_default={})
    locked_reason = reason_in("locked_")
    locked_note = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="In the words of who locked it"
    )
    sso = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="A digest of who the OpenID provider says it is",
    )
    must_change = models.BooleanField(
        default=False, db_default=False, help_text="The password is one an administrator has seen"
    )
    epoch = models.IntegerField(default=0, db_default=0, help_text="One more ends all sessions of the person")

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this person's: the password's digest, and the epoch once there was one."""
        session_hash = super().get_session_auth_hash()
        return f"{session_hash}.{self.epoch}" if self.epoch else session_hash


#: What says that a person is locked out, and why.
LOCKED = ("locked_at", "locked_reason_code", "locked_reason_params", "locked_note")
#: proposed: waits for a second administrator. signed: the role was given. declined: it was not.
GRANT_STATES = ("proposed", "signed", "declined")


class Grant(models.Model):
    """A role that takes two people to give: proposed by one, signed by another."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=16, choices=[(role, role) for role in ROLES])
    reason_note = models.CharField(max_length=300, help_text="In the words of who proposed it")
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="proposed_grants")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=[(state, state) for state in GRANT_STATES])
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_grants"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
