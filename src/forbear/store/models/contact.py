"""Contacts from wish to outcome (the outbox), their permits, and what providers send back."""

from django.db import models

from forbear.core.facts.contact import CHANNELS, OUTCOMES, PARTIES, PURPOSES
from forbear.store.models.agency import Agency
from forbear.store.models.borrower import Borrower, ContactPoint
from forbear.store.models.reason import Reasoned
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedJSONField, SealedTextField

#: waiting: wants a worker. claimed: a worker has it, nothing has left. sending: the intent is committed, the
#: permit used; from here it is never sent again. sent: the provider has it. unknown: it may have left; only a
#: provider's report settles it, or a person. refused: the rules said no for good. failed: the provider did.
#: cancelled: a payment, hold or stop overtook it. dead: tried too often; a person must look.
STATES = ("waiting", "claimed", "sending", "sent", "unknown", "refused", "failed", "cancelled", "dead")
ENDED = ("sent", "refused", "failed", "cancelled")


class Contact(Reasoned):
    """One contact: wished for, permitted, made, ended. Never sent twice."""

    contact_id = models.CharField(max_length=36, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="contacts", db_index=False)
    loans = models.JSONField(default=list)
    channel = models.CharField(max_length=16, choices=[(name, name) for name in CHANNELS])
    purpose = models.CharField(max_length=16, choices=[(name, name) for name in PURPOSES])
    party = models.CharField(max_length=16, choices=[(name, name) for name in PARTIES])
    point = models.ForeignKey(ContactPoint, null=True, blank=True, on_delete=models.PROTECT)
    point_digest = models.CharField(max_length=32, blank=True)
    template = models.CharField(max_length=64, blank=True)
    template_version = models.CharField(max_length=12, blank=True)
    language = models.CharField(max_length=16, blank=True)
    values = SealedJSONField(default=dict)
    subject = SealedTextField(blank=True)
    body = SealedTextField(blank=True)
    planned = models.JSONField(default=dict)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    code = models.CharField(max_length=12, unique=True)
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    outcome = models.CharField(max_length=16, choices=[(code, code) for code in OUTCOMES], default="pending")
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField()
    give_up_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=64, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.IntegerField(default=0)
    at = models.DateTimeField(
        null=True, blank=True, help_text="When the permit was used: the contact's moment"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    provider = models.CharField(max_length=32, blank=True)
    provider_ref = models.CharField(max_length=128, blank=True)
    recording = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the recording")
    seconds = models.IntegerField(default=0)
    arms = models.TextField(
        blank=True, default="", db_default="", help_text="The arms that counted, as a case has them"
    )
    consented = models.BooleanField(default=False, help_text="The person had asked for this very contact")

    class Meta:
        indexes = [
            # in the order in which a worker takes what waits: a morning's messages are all due at one moment
            models.Index(
                fields=["state", "not_before", "borrower", "channel", "contact_id"], name="contact_due"
            ),
            models.Index(fields=["borrower", "at"]),
            models.Index(fields=["provider", "provider_ref"]),
            models.Index(fields=["point_digest", "at"]),
            models.Index(fields=["at"], condition=models.Q(at__isnull=False), name="contact_made"),
        ]


class RefusedRule(models.Model):
    """One rule that refused a contact: a row for each, so that contacts are counted and found by rule exactly.

    It is written with the refusal and never changes. The contact's `reason_params` have the same rules in order.
    """

    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="refused_rules", db_index=False
    )
    rule = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "rule"], name="refused_rule_once")]
        indexes = [models.Index(fields=["rule", "contact"], name="refused_by_rule")]


class Permit(models.Model):
    """A permit as it was given; used at most once."""

    permit_id = models.CharField(max_length=36, primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="permits")
    body = models.JSONField()
    facts = models.JSONField()
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class MissingRecording(models.Model):
    """A call that was to be recorded and whose recording never came.

    It ends when the recording comes after all (`gone_at`) or somebody has said in `words` what came of it.
    """

    contact = models.OneToOneField(Contact, on_delete=models.PROTECT, related_name="missing_recording")
    found_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    words = SealedTextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["settled_at", "gone_at"])]


class Inbound(models.Model):
    """A report or reply from a provider, kept once however often it is delivered.

    Of a reply, `channel` and `point_digest` say how and from where it came, `party` who has that number or address.
    `sender` is kept of one whom nobody knows. `asked` are the demands in it, `urgent` words of suicide or violence.
    While it is `held` and nobody has read it, nothing but notices goes to its number. It waits for a person while
    `needs_person` and not read. `owner` works it until `owned_until`, `team` is whose it is otherwise. `sorted_as` is
    what a person found it to be, `request` what was opened for it, `answer` the newest message that answers it, and
    `answered_at` when a person first answered it or acted on it. `attachments` are digests of what came with a
    letter or voice message.
    """

    provider = models.CharField(max_length=32)
    provider_ref = models.CharField(max_length=160)
    kind = models.CharField(max_length=16)
    channel = models.CharField(max_length=16, blank=True, default="", db_default="")
    point_digest = models.CharField(max_length=32, blank=True, default="", db_default="")
    party = models.CharField(max_length=16, blank=True, default="", db_default="")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="inbound"
    )
    borrower = models.ForeignKey(Borrower, null=True, blank=True, on_delete=models.PROTECT)
    text = SealedTextField(blank=True)
    intent = models.CharField(max_length=24, blank=True)
    asked = models.JSONField(default=list)
    sender = SealedTextField(blank=True, default="", db_default="")
    at = models.DateTimeField()
    needs_person = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False, db_default=False)
    held = models.BooleanField(default=False, db_default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    settled_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="owned_replies"
    )
    owned_until = models.DateTimeField(null=True, blank=True)
    team = models.CharField(max_length=64, blank=True, default="", db_default="")
    sorted_as = models.CharField(max_length=24, blank=True, default="", db_default="")
    request = models.ForeignKey(
        "store.Request", null=True, blank=True, on_delete=models.PROTECT, related_name="replies"
    )
    answer = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_replies"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    attachments = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_ref", "kind"], name="inbound_once")
        ]
        indexes = [
            models.Index(fields=["-at", "-id"], condition=models.Q(kind="reply"), name="inbound_newest"),
            models.Index(
                fields=["-answered_at"],
                condition=models.Q(answered_at__isnull=False),
                name="inbound_answered",
            ),
            models.Index(fields=["point_digest"], condition=models.Q(held=True), name="inbound_held"),
            models.Index(
                fields=["-urgent", "at", "id"],
                condition=models.Q(kind="reply", needs_person=True, read_at=None),
                name="inbound_unread",
            ),
        ]


class ReplyAlarm(models.Model):
    """Somebody wrote of suicide or violence. It stays on the pages of those responsible until it is seen to."""

    inbound = models.OneToOneField(Inbound, on_delete=models.PROTECT, related_name="alarm")
    borrower = models.ForeignKey(
        Borrower, null=True, blank=True, on_delete=models.PROTECT, related_name="reply_alarms"
    )
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(
        null=True, blank=True, help_text="When nobody had seen to it for a quarter of an hour"
    )
    seen_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="reply_alarms_seen"
    )
    words = SealedTextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["seen_at"])]


class ProviderThrottle(models.Model):
    """When a provider is free for its next message: its pace over all workers."""

    provider = models.CharField(max_length=32, primary_key=True)
    free_at = models.DateTimeField()
