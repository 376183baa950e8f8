"""A case: one borrower, all their overdue loans, one worker at a time."""

from django.db import models

from forbear.store.models.borrower import Borrower
from forbear.store.models.staff import Staff


class Case(models.Model):
    """The open or closed case of a borrower. `facts` is the row the night decided on (see core.facts.vocabulary).

    `figures_at` is when those figures were last brought up to date: by a night, or a payment since.
    """

    borrower = models.ForeignKey(Borrower, on_delete=models.PROTECT, related_name="cases")
    worst_loan = models.CharField(max_length=64)
    stage = models.CharField(max_length=64, blank=True)
    handler = models.CharField(max_length=16, blank=True)
    held = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    arms = models.TextField(
        blank=True, default="", db_default="", help_text='The arms that count: `["spaced","usual",0.5],...`'
    )
    strategy = models.CharField(max_length=100, blank=True)
    as_of = models.DateField()
    figures_at = models.DateTimeField()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    collector = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="cases"
    )
    leased_until = models.DateTimeField(null=True, blank=True)
    value = models.BigIntegerField(default=0, help_text="What the queue ranks by; see actions.next_case")
    next_at = models.DateTimeField(null=True, blank=True, help_text="Not to be handed out before")
    call_planned_on = models.DateField(
        null=True,
        blank=True,
        help_text="The night that planned a call for the own team; empty when it is made",
    )
    callback_at = models.DateTimeField(
        null=True, blank=True, help_text="When the borrower is to be called back"
    )
    callback_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["borrower"], condition=models.Q(closed_on=None), name="one_open_case_per_borrower"
            )
        ]
        indexes = [
            models.Index(
                fields=["-value", "id"],
                condition=models.Q(closed_on=None, held=False, call_planned_on__isnull=False),
                name="case_queue",
            ),
            models.Index(
                fields=["callback_at"], condition=models.Q(callback_at__isnull=False), name="case_callback"
            ),
            # how deep the queue is, answered without touching the rows, which are wide
            models.Index(
                fields=["stage", "handler", "held", "next_at", "call_planned_on"],
                condition=models.Q(closed_on=None),
                name="case_depth",
            ),
            # the list of all open cases
            models.Index(fields=["-value", "id"], condition=models.Q(closed_on=None), name="case_by_value"),
            models.Index(
                fields=["leased_until"], condition=models.Q(leased_until__isnull=False), name="case_leased"
            ),
        ]


#: proposed: worked out, nothing given. given: signed, the cases are with their people. undone: given back.
ALLOTMENT_STATES = ("proposed", "given", "undone")


class AssignmentList(models.Model):
    """Who was to get which cases on a day. `lines` are [case, borrower, number, difficulty, value, reasons].

    What a lead reassigned `by_hand` names in each line besides whose the case was, and until when ("" for nobody's).
    """

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="assignment_lists")
    team = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=12, choices=[(state, state) for state in ALLOTMENT_STATES])
    lines = models.JSONField(default=list)
    left = models.JSONField(default=dict)
    given_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    by_hand = models.BooleanField(default=False, db_default=False)


#: planned: wanted by the night. queued: a contact was made of it. done: carried out by a person. superseded: a later
#: night wants something else. no_address: no number or address to do it with. not_offered: no such offer is allowed, by
#: the policy or the loan's state.
TREATMENT_STATES = ("planned", "queued", "done", "superseded", "no_address", "not_offered")


class Treatment(models.Model):
    """What the strategy wanted for a borrower on one night."""

    borrower = models.ForeignKey(
        Borrower, on_delete=models.PROTECT, related_name="treatments", db_index=False
    )
    loan_id = models.CharField(max_length=64)
    planned_on = models.DateField()
    stage = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    template = models.CharField(max_length=64)
    position = models.IntegerField()
    state = models.CharField(max_length=16, choices=[(state, state) for state in TREATMENT_STATES])
    contact = models.ForeignKey(
        "store.Contact", null=True, blank=True, on_delete=models.PROTECT, related_name="treatments"
    )
    arms = models.TextField(
        blank=True, default="", db_default="", help_text="The arms that counted, as a case has them"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["borrower", "planned_on", "position"], name="treatment_once")
        ]
        indexes = [models.Index(fields=["state", "channel"])]


class PublishedNight(models.Model):
    """A night whose decisions the desk works on."""

    as_of = models.DateField(primary_key=True)
    version = models.CharField(max_length=64)
    published_at = models.DateTimeField()
    counts = models.JSONField(default=dict)
