"""Visits at borrowers' doors, the routes they are made on, and what visitors' phones tell of them."""

from datetime import timedelta

from django.db import models

from forbear.core.visits.visit import OPEN, OUTCOMES, STATES
from forbear.store.models.agency import Agency
from forbear.store.models.borrower import Borrower, ContactPoint
from forbear.store.models.case import Treatment
from forbear.store.models.contact import Contact
from forbear.store.models.reason import reason_in
from forbear.store.models.staff import Staff
from forbear.store.sealed_field import SealedJSONField, SealedTextField

#: proposed: worked out, nothing is planned. given: the pair has it. undone: its visits went back.
ROUTE_STATES = ("proposed", "given", "undone")


class VisitRoute(models.Model):
    """A day's way of two visitors. `details` is what it was computed from: minutes, metres, and whom it left out."""

    day = models.DateField()
    first = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="routes_first")
    second = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="routes_second")
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, choices=[(state, state) for state in ROUTE_STATES])
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="routes_made"
    )
    given_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="routes_given"
    )
    stops = models.JSONField(
        default=list, help_text="As computed: [visit, arrives, leaves, minutes, metres, how]"
    )
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["day", "state"])]


class RouteSearch(models.Model):
    """A day whose routes somebody wants to be worked out: what became of it last.

    `said` is why there are none, in English and Chinese, or the codes of `core.visit.ROUTE_NOTES` that left every
    visit out.
    """

    STATES = ("waiting", "running", "done", "failed")

    day = models.DateField(primary_key=True)
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT)
    begun_at = models.DateTimeField(null=True, blank=True)
    said = models.JSONField(default=list)


class Visit(models.Model):
    """One visit from proposal to proof; what may follow what is in `core.visits.visit`.

    `notice_days` is how long before it has to be announced (0: not at all). `visitors` are the numbers of those who
    go. Places are millionths of a degree with an accuracy in metres; `recordings` are [sha256, seconds, arrived].
    `lacks` is what the proof lacks, `conflicts` the reasons why it should not have begun, found when the phone reported
    of it later.
    """

    visit_id = models.CharField(max_length=36, primary_key=True)
    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="visits")
    loans = models.JSONField(default=list)
    point = models.ForeignKey(ContactPoint, on_delete=models.PROTECT)
    agency = models.ForeignKey(Agency, null=True, blank=True, on_delete=models.PROTECT)
    treatment = models.ForeignKey(
        Treatment, null=True, blank=True, on_delete=models.SET_NULL, related_name="visits"
    )
    state = models.CharField(max_length=12, choices=[(state, state) for state in STATES])
    reason_note = SealedTextField(blank=True, help_text="Why it was proposed, in a person's words")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="visits_proposed"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="visits_decided"
    )
    stopped_reason_code = models.CharField(max_length=32, blank=True)
    stopped_reason_params = models.JSONField(blank=True, default=dict)
    stopped_reason = reason_in("stopped_")
    stopped_note = SealedTextField(
        blank=True, help_text="Why it was refused or called off, in a person's words"
    )
    notice_days = models.IntegerField(default=0)
    notice = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="announces"
    )
    route = models.ForeignKey(
        VisitRoute, null=True, blank=True, on_delete=models.PROTECT, related_name="visits"
    )
    position = models.IntegerField(default=0)
    arrives_at = models.DateTimeField(null=True, blank=True)
    leaves_at = models.DateTimeField(null=True, blank=True)
    why = models.JSONField(default=dict)
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.PROTECT, related_name="visits"
    )
    leave_until = models.DateTimeField(null=True, blank=True)
    visitors = models.JSONField(default=list)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    places = SealedJSONField(default=dict)
    outcome = models.CharField(
        max_length=16, blank=True, choices=[(outcome, outcome) for outcome in OUTCOMES]
    )
    note = SealedTextField(blank=True)
    recordings = models.JSONField(default=list)
    lacks = models.JSONField(default=list)
    conflicts = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=models.Q(state__in=OPEN), name="one_open_visit_per_borrower"
            )
        ]
        indexes = [
            models.Index(fields=["state", "proposed_at"]),
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="visit_ended"),
        ]


class FieldEvent(models.Model):
    """What a phone reported, kept once however often it is sent; the same answer is given again."""

    event_id = models.CharField(max_length=36, primary_key=True)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="field_events")
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField(help_text="By the phone's clock, set by ours")
    received_at = models.DateTimeField()
    answer = SealedJSONField(default=dict)


class Alarm(models.Model):
    """A visitor pressed the panic button. It stays on every lead's page until somebody says what was done."""

    event = models.OneToOneField(FieldEvent, on_delete=models.PROTECT, related_name="alarm")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="alarms")
    visit = models.ForeignKey(Visit, null=True, blank=True, on_delete=models.PROTECT, related_name="alarms")
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    place = SealedJSONField(default=dict)
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="alarms_seen"
    )
    words = SealedTextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["seen_at"])]

    @property
    def late(self) -> bool:
        """Whether it came long after it was pressed: there was no network."""
        return self.received_at - self.at > timedelta(minutes=2)
