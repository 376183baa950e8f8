"""Everybody who signs in: the lender's staff, agencies' people, visitors, auditors."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from forbear.store.models.agency import Agency
from forbear.store.models.reason import reason_in
from forbear.store.roles import ROLES
from forbear.store.sealed_field import SealedTextField


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
    creditors = models.CharField(
        max_length=500, blank=True, default="", db_default="", help_text="Whose cases they see; empty is all"
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
    phone = SealedTextField(
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
    locked_note = SealedTextField(
        blank=True, default="", db_default="", help_text="In the words of who locked it"
    )
    sso = models.CharField(
        max_length=64,
        null=True,
        blank=True,
        unique=True,
        help_text="A digest of who the OpenID provider says it is",
    )
    active_at = models.DateTimeField(
        null=True, blank=True, help_text="When they last did something at the desk; empty when signed out"
    )
    must_change = models.BooleanField(
        default=False, db_default=False, help_text="The password is one an administrator has seen"
    )
    epoch = models.IntegerField(default=0, db_default=0, help_text="One more ends all sessions of the person")

    @property
    def only_creditors(self) -> list[str]:
        """The codes of the creditors whose cases they see; empty for all."""
        return [code for code in self.creditors.split(",") if code]

    def get_session_auth_hash(self) -> str:
        """What a session must hold to be this person's: the password's digest, and the epoch once there was one."""
        session_hash = super().get_session_auth_hash()
        return f"{session_hash}.{self.epoch}" if self.epoch else session_hash


#: What says that a person is locked out, and why.
LOCKED = ("locked_at", "locked_reason_code", "locked_reason_params", "locked_note")
#: What an account change does: opens a new account, gives a role or a temporary password, takes all second factors
#: away, or changes where the person is reached.
ACCOUNT_CHANGES = ("account", "role", "password", "factors", "phone", "email")
#: proposed: waits for a second administrator. signed: done after that, or after the wait. declined: not done. done: it
#: took nobody else.
ACCOUNT_CHANGE_STATES = ("proposed", "signed", "declined", "done")


class AccountChange(models.Model):
    """A change that lets somebody into an account. For people who sign it takes two: one proposes, another signs.

    `alone_from` is when who proposed it may do it alone, once the person was reached by `texts`; None for never.
    """

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="account_changes")
    what = models.CharField(max_length=12, choices=[(what, what) for what in ACCOUNT_CHANGES])
    role = models.CharField(max_length=16, blank=True, help_text="The role it gives, or gave the account")
    before = models.CharField(max_length=16, blank=True, help_text="The role that the account had")
    value = SealedTextField(blank=True, help_text="The new telephone or e-mail address")
    reason_note = SealedTextField(blank=True, help_text="In the words of who proposed it")
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_changes"
    )
    proposed_at = models.DateTimeField()
    alone_from = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=[(state, state) for state in ACCOUNT_CHANGE_STATES])
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="decided_changes"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["decided_at"], name="account_change_decided")]

    @property
    def is_alone(self) -> bool:
        """Whether it was done and nobody but who proposed it had a say."""
        return self.state == "done" or (self.state == "signed" and self.decided_by_id == self.proposed_by_id)
