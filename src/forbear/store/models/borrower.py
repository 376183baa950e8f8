"""The person who owes, how they may be reached, and what stands between a contact and them."""

from django.db import models

from forbear.core.facts.contact import CHANNELS, PARTIES
from forbear.core.facts.context import HOLD_KINDS
from forbear.store.sealed_field import SealedDateField, SealedIntegerField, SealedTextField

POINT_KINDS = ("phone", "email", "address", "device", "account")


class Borrower(models.Model):
    """A person with a case. The row is what a permit locks: one decision about a person at a time.

    `timezones` are the IANA names the person may be in, from the feed and from where their numbers belong;
    the strictest counts. Empty means unknown, and then nothing with a time window is allowed. `feed_digest` is a
    keyed digest of what the feed said of them last.
    """

    borrower_id = models.CharField(max_length=64, primary_key=True)
    name = SealedTextField(blank=True)
    language = models.CharField(max_length=16, blank=True)
    region = models.CharField(max_length=64, blank=True)
    timezones = models.JSONField(default=list)
    born_on = SealedDateField(null=True, blank=True)
    preferred_from = models.SmallIntegerField(
        null=True, blank=True, help_text="The hour from which they want contact"
    )
    preferred_to = models.SmallIntegerField(
        null=True, blank=True, help_text="The hour from which on they don't"
    )
    preferred_language = models.CharField(max_length=8, blank=True, default="", db_default="")
    feed_digest = models.CharField(max_length=32, blank=True, default="", db_default="")
    loaded_at = models.DateTimeField()


class ContactPoint(models.Model):
    """A number or address and whose it is. `digest` names it in rules, permits and evidence.

    `source` is who gave it: `feed` (`feed_before` once the feed tells another in its place), `borrower` and so on.
    An address may have its `area` in the lender's own words and its place in millionths of a degree.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="points", db_index=False)
    kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in POINT_KINDS])
    value = SealedTextField()
    digest = models.CharField(max_length=32, db_index=True)
    party = models.CharField(max_length=16, default="debtor", choices=[(party, party) for party in PARTIES])
    person = SealedTextField(blank=True)
    source = models.CharField(max_length=64, blank=True)
    lawful = models.BooleanField(default=False)
    at_workplace = models.BooleanField(default=False)
    workplace_forbidden = models.BooleanField(default=False)
    invalid_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    area = models.CharField(
        max_length=64, blank=True, default="", db_default="", help_text="Visits are planned by it"
    )
    latitude = SealedIntegerField(null=True, blank=True)
    longitude = SealedIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["borrower", "digest"], name="point_once_per_borrower")]


class Consent(models.Model):
    """What the borrower agreed to or opted out of; the newest that fits a contact decides.

    An empty `channel`, `purpose` or `point` means any. `given` False is an opt-out; one of a `point` counts for
    everybody who has that number.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="consents", db_index=False)
    channel = models.CharField(max_length=16, blank=True, choices=[(name, name) for name in CHANNELS])
    purpose = models.CharField(max_length=16, blank=True)
    point = models.CharField(max_length=32, blank=True)
    night = models.BooleanField(default=False)
    given = models.BooleanField()
    at = models.DateTimeField()
    source = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["borrower", "at"]), models.Index(fields=["point"])]


class Hold(models.Model):
    """A state that stops or narrows contact: dispute, hardship, moratorium, cease request and so on.

    `loans` empty means all of the borrower's. It runs from `starts_at` to the first of `ends_at` (known
    beforehand) and `lifted_at` (by a person or an event). `review_on` is the day on which a person looks at it again.
    Where two people must agree to lift it, `lift_asked_by` is the first of them (see core.agreements.hold_kinds).
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="holds", db_index=False)
    kind = models.CharField(max_length=24, choices=[(kind, kind) for kind in HOLD_KINDS])
    loans = models.JSONField(default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)
    reason = SealedTextField(blank=True)
    source = models.CharField(max_length=64, blank=True)
    placed_by = models.CharField(max_length=64, blank=True, default="", db_default="")
    review_on = models.DateField(null=True, blank=True)
    lift_asked_by = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="lifts_asked"
    )
    lift_asked_at = models.DateTimeField(null=True, blank=True)
    lift_note = SealedTextField(blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["borrower", "lifted_at"]),
            models.Index(
                fields=["starts_at"], condition=models.Q(lifted_at=None), name="hold_running_by_age"
            ),
        ]


class Notice(models.Model):
    """A notice some step needs first, for one loan; `kind` as in `forbear.core.facts.contact_facts.NOTICES`.

    `oldest_unpaid_due_on` is what was late by the desk's figures when it was given: nights and figures change, what
    was stated stands. Empty where the loan was no longer late when it was written down.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="notices", db_index=False)
    loan_id = models.CharField(max_length=64)
    kind = models.CharField(max_length=32)
    given_at = models.DateTimeField()
    oldest_unpaid_due_on = models.DateField(null=True, blank=True)
    contact = models.ForeignKey("store.Contact", null=True, blank=True, on_delete=models.PROTECT)
    recalled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["borrower", "kind"])]
