"""Outside agencies, which cases are with them, and what they earn."""

from django.db import models

from forbear.core.agencies.agency import SUSPENSIONS
from forbear.core.agencies.placement import ENDINGS, PROPOSED_STATES
from forbear.store.models.reason import Reasoned, reason_in
from forbear.store.sealed_field import SealedTextField

AGENCY_STATES = ("proposed", "admitted", "suspended", "ended", "declined")


class Agency(models.Model):
    """An outside agency: what it has shown, whether it is on the public list, and what it may take.

    `listed_on`, `contracted` and `suspended_at` are what a permit asks. `file` is its admission file (see
    core.agencies.agency), `schedule` its commission by days past due at placing (see core.agencies.commission),
    `capacity` the most cases it may have at once; empty `regions` and `products` mean all.
    """

    code = models.CharField(max_length=32, primary_key=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    registration = models.CharField(max_length=64, blank=True)
    telephone = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=300, blank=True)
    listed_on = models.DateField(null=True, blank=True)
    contracted = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason_code = models.CharField(max_length=32, blank=True)
    suspended_reason_params = models.JSONField(blank=True, default=dict)
    suspended_reason = reason_in("suspended_")
    suspended_note = SealedTextField(blank=True, help_text="In the words of who suspended it")
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in AGENCY_STATES], default="proposed"
    )
    suspended_for = models.CharField(
        max_length=12, blank=True, choices=[(kind, kind) for kind in ("", *SUSPENSIONS)]
    )
    file = models.JSONField(default=dict)
    schedule = models.JSONField(default=list)
    capacity = models.IntegerField(default=0)
    regions = models.JSONField(default=list)
    products = models.JSONField(default=list)
    proposed_by = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="agencies_proposed"
    )
    admitted_by = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="agencies_admitted"
    )
    reviewed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)


class PlacementList(models.Model):
    """A list of cases to give out, worked out together and signed by a second person.

    `terms` is what it was worked out from: each agency's index, conduct and capacity, and the policy; with `seed` the
    lot can be drawn again.
    """

    made_at = models.DateTimeField()
    as_of = models.DateField()
    seed = models.CharField(max_length=32)
    terms = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="proposed")
    made_by = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="lists_made"
    )
    signed_by = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="lists_signed"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    reason_note = SealedTextField(blank=True, help_text="In the words of who declined it")


class ProposedPlacement(Reasoned):
    """One case on a list, to one agency, with what it is expected to bring there and how it came to it."""

    placement_list = models.ForeignKey(PlacementList, on_delete=models.CASCADE, related_name="rows")
    borrower = models.ForeignKey("store.Borrower", on_delete=models.PROTECT, related_name="proposed")
    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="proposed")
    loans = models.JSONField(default=list)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    minor_unit = models.IntegerField()
    days_past_due = models.IntegerField()
    stratum = models.CharField(max_length=120)
    chance = models.BooleanField(default=False)
    worth = models.JSONField(
        default=list, help_text="Recovered, commission and harm expected, in minor units"
    )
    state = models.CharField(max_length=12, choices=[(state, state) for state in PROPOSED_STATES])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["placement_list", "borrower"], name="proposed_once_a_list")
        ]
        indexes = [models.Index(fields=["state", "placement_list"])]


class Placement(models.Model):
    """A case handed to an agency, from `placed_at` until `ended_at`.

    `amount` is what was past due then, `rate` the commission in basis points, `stratum` the like cases its result is
    held against; `chance` says that a lot decided, `contact` is the step that the permit gate allowed.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="placements")
    borrower = models.ForeignKey("store.Borrower", on_delete=models.PROTECT, related_name="placements")
    loans = models.JSONField(default=list)
    placed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason_code = models.CharField(
        max_length=64, blank=True, choices=[(ending, ending) for ending in ("", *ENDINGS)]
    )
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    minor_unit = models.IntegerField(default=100)
    days_past_due = models.IntegerField(default=0)
    stratum = models.CharField(max_length=120, blank=True)
    chance = models.BooleanField(default=False)
    rate = models.IntegerField(default=0)
    due_back_on = models.DateField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    worker = models.ForeignKey(
        "store.Staff", null=True, blank=True, on_delete=models.SET_NULL, related_name="placements"
    )
    placement_list = models.ForeignKey(
        PlacementList, null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )
    contact = models.ForeignKey(
        "store.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="placements"
    )

    class Meta:
        indexes = [
            models.Index(fields=["borrower", "ended_at"]),
            models.Index(fields=["agency", "ended_at"]),
        ]


class RecordingRequest(models.Model):
    """A recording or note the lender wants to see of one of an agency's contacts.

    While one is overdue the agency gets no further permits.
    """

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="recording_requests")
    contact = models.ForeignKey("store.Contact", on_delete=models.PROTECT, related_name="recording_requests")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("store.Staff", null=True, blank=True, on_delete=models.PROTECT)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact"], name="recording_requested_once")]
        indexes = [models.Index(fields=["agency", "answered_at"])]


class Finding(models.Model):
    """What was found against an agency's conduct: by whom does not matter, only that it was looked into and holds."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="findings")
    borrower = models.ForeignKey("store.Borrower", null=True, blank=True, on_delete=models.PROTECT)
    contact = models.ForeignKey(
        "store.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="findings_of"
    )
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    source = models.CharField(max_length=64, blank=True)


class Statement(models.Model):
    """What an agency earned up to a day; its lines never change once it is made. `number` is the agency's own count."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="statements")
    number = models.IntegerField()
    until = models.DateField()
    made_at = models.DateTimeField()
    totals = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "number"], name="statement_number_once")]


class StatementLine(models.Model):
    """One payment on a statement, or its taking back; amounts in minor units."""

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="lines")
    payment_id = models.CharField(max_length=64, db_index=True)
    loan_id = models.CharField(max_length=64)
    paid_on = models.DateField()
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    rate = models.IntegerField()
    commission = models.BigIntegerField()
    disputed = SealedTextField(blank=True)
    answered = SealedTextField(blank=True)


class Feedback(models.Model):
    """What a borrower said of how they were treated: 1 (badly) to 5 (well), asked once for a contact or an end."""

    token = models.CharField(max_length=64, unique=True, help_text="SHA-256 of what the link holds")
    borrower = models.ForeignKey("store.Borrower", on_delete=models.PROTECT, related_name="feedback")
    agency = models.ForeignKey(
        Agency, null=True, blank=True, on_delete=models.PROTECT, related_name="feedback"
    )
    contact = models.ForeignKey(
        "store.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="feedback"
    )
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    respect = models.IntegerField(null=True, blank=True)
    clear = models.IntegerField(null=True, blank=True)
    words = SealedTextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["agency", "answered_at"])]
