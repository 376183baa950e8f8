"""The evidence log's tables. Only `forbear.store.evidence` writes them, and the database forbids changes.

What each line means is in `forbear.core.evidence.log`. Columns beside a line repeat what queries need of it.
"""

from django.db import models

from forbear.store.sealed_field import SealedEvidenceField


class Event(models.Model):
    """Something that touched a borrower, as one canonical line. Never changed, never deleted.

    `hash` is the leaf of the line in its day's tree and the `previous` of the borrower's next event.
    """

    event_id = models.CharField(max_length=36, unique=True)
    borrower = models.CharField(max_length=64, blank=True)
    number = models.IntegerField()
    kind = models.CharField(max_length=32)
    at = models.DateTimeField()
    line = models.TextField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["borrower", "number"], name="event_once_per_number")]
        indexes = [models.Index(fields=["kind", "at"])]


class EvidenceChain(models.Model):
    """The end of a borrower's chain. Its row is the lock under which the next event is written."""

    borrower = models.CharField(max_length=64, primary_key=True)
    number = models.IntegerField()
    hash = models.CharField(max_length=64, blank=True)


class DailySeal(models.Model):
    """A day's seal as one canonical line with its signature. Never changed, never deleted.

    `settled` is a primary key: every event up to it had its seal then, but for transactions still open.
    """

    number = models.IntegerField(primary_key=True)
    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    first_seq = models.BigIntegerField()
    count = models.BigIntegerField()
    settled = models.BigIntegerField()
    line = models.TextField()
    signature = models.CharField(max_length=128)


class EvidenceLeaf(models.Model):
    """An event's place in the whole log, given when it is sealed. Never changed, never deleted."""

    seq = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(Event, on_delete=models.PROTECT, related_name="leaf")
    seal = models.ForeignKey(DailySeal, on_delete=models.PROTECT, related_name="leaves")


class PersonalValue(models.Model):
    """A personal value of an event, as canonical JSON, with its salt in hex. Both null once erased."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="values")
    field = models.CharField(max_length=64)
    salt = models.CharField(max_length=64, null=True)
    value = SealedEvidenceField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "field"], name="value_once_per_field")]


class Attachment(models.Model):
    """A file that events name, in the home's `data/attachments`. `size` is in bytes."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    media_type = models.CharField(max_length=100)
    size = models.BigIntegerField()
    erased_at = models.DateTimeField(null=True, blank=True)


class EventAttachment(models.Model):
    """Which event names which attachment. Never changed, never deleted."""

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="enclosures")
    attachment = models.ForeignKey(Attachment, on_delete=models.PROTECT, related_name="enclosures")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "attachment"], name="enclosed_once")]
