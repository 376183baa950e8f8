"""Lists of the daily work: cases, requests, holds, what the loan system must book, the inbox."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.actions.answers.reviews import reviews_due
from forbear.actions.replies.inbox import waiting
from forbear.actions.selectors.active_holds import kept_by_requests
from forbear.actions.selectors.desk_counts import latest_night
from forbear.actions.selectors.staff_directory import active_collectors
from forbear.core.agreements.hold_kinds import BY_ACT_SOURCES, OF_HOLD
from forbear.core.agreements.request import KINDS
from forbear.core.facts.context import HOLD_KINDS
from forbear.core.replies.understanding import INTENTS
from forbear.store.access import (
    cases_for,
    holds_for,
    instructions_for,
    replies_for,
    requests_for,
    treatments_for,
)
from forbear.store.business_date import business_date
from forbear.store.models import Hold
from forbear.store.models.instruction import IN_FORCE, INSTRUCTION_STATES
from forbear.web import labels as words
from forbear.web.actors import named
from forbear.web.desk.hold_forms import KeepForm
from forbear.web.desk.listings.cells import Owner, RequestDue, RequestState
from forbear.web.forms import RowForms
from forbear.web.lists.columns import (
    Actors,
    Acts,
    Borrowers,
    Cells,
    Links,
    ListTable,
    Made,
    Moments,
    Numbers,
    People,
    Words,
)
from forbear.web.lists.filters import (
    CodeFilter,
    DayFilter,
    KeyFilter,
    ListFilter,
    NamedFilter,
    NumberFilter,
    SetFilter,
)
from forbear.web.lists.listing import Bulk, Listing
from forbear.web.request import StaffRequest

# cases


def _people() -> list[tuple[str, str]]:
    return [(str(person.pk), named(person)) for person in active_collectors()]


class CaseTable(ListTable):
    """Open cases."""

    borrower = Borrowers()
    stage = Words(_("Stage"), "stage", "stage", order="stage")
    handler = Words(_("Handler"), "handler", "handler", order="handler")
    days = Numbers(_("Days past due"), "facts__days_past_due", order="facts__days_past_due")
    value = Numbers(_("Value of a call"), "value", order="value", shown=False)
    collector = People(_("Assigned to"), "collector__number", order="collector__number")
    until = Moments(_("Until"), "leased_until", order="leased_until")
    next_at = Moments(_("Not before"), "next_at", order="next_at", shown=False)
    opened = Moments(_("Entered collections"), "opened_on", order="opened_on")
    held = Made(_("State"), lambda case: _("On hold") if case.held else pgettext_lazy("case", "Open"))


def _assigned(rows: QuerySet, request: StaffRequest) -> QuerySet:
    return rows.filter(leased_until__gt=request.now)


class CaseFilter(ListFilter):
    """By stage, handler, who has it, days past due and day of entry."""

    which = SetFilter(
        _("Which"),
        {
            "mine": (
                _("Assigned to me"),
                lambda rows, request: _assigned(rows, request).filter(collector=request.user),
            ),
            "assigned": (_("Assigned"), _assigned),
            "free": (
                _("Assigned to nobody"),
                lambda rows, request: rows.filter(Q(leased_until=None) | Q(leased_until__lte=request.now)),
            ),
            "held": (_("On hold"), lambda rows, _request: rows.filter(held=True)),
        },
    )
    stage = CodeFilter("stage", _("Stage"), "stage", words.STAGES)
    handler = CodeFilter("handler", _("Handler"), "handler", words.HANDLERS)
    collector = NamedFilter("collector_id", _("Assigned to"), _people)
    days_from = NumberFilter("facts__days_past_due", _("Days past due, at least"))
    days_to = NumberFilter("facts__days_past_due", _("Days past due, at most"), most=True)
    opened_from = DayFilter("opened_on", _("Entered from"))
    opened_to = DayFilter("opened_on", _("Entered until"), until=True)


CASES = Listing(
    "cases",
    "desk:cases",
    "desk:case:read",
    CaseTable,
    ("-value", "pk"),
    _("No cases yet. They appear once a data feed was imported and an end-of-day run was made."),
    CaseFilter,
    lambda request: cases_for(request.user).filter(closed_on=None),
    Bulk("desk:assign_cases", "desk/bulk_cases.html", "desk:case:assign"),
)

# what the strategy planned and nobody can do


class UndoneTable(ListTable):
    """What the newest night planned and nobody can do."""

    borrower = Borrowers(order="borrower_id")
    stage = Words(_("Stage"), "stage", "stage", order="stage")
    channel = Words(_("Channel"), "channel", "channel", order="channel")
    template = Cells(_("Template"), "template", order="template")
    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    planned = Moments(_("Planned on"), "planned_on", order="planned_on")


class UndoneFilter(ListFilter):
    """By channel, stage and borrower."""

    channel = CodeFilter("channel", _("Channel"), "channel", ("sms", "voice", "email", "letter", "push"))
    stage = CodeFilter("stage", _("Stage"), "stage", words.STAGES)
    borrower = KeyFilter("borrower_id", _("Borrower"))


def _undone(request: StaffRequest) -> QuerySet:
    night = latest_night()
    rows = treatments_for(request.user).filter(state="no_address")
    return rows.filter(planned_on=night.as_of) if night else rows.none()


UNDONE = Listing(
    "undone",
    "desk:undone",
    "desk:floor:read",
    UndoneTable,
    ("channel", "borrower_id", "pk"),
    _(
        "The strategy planned nothing that nobody can do. Who lacks the number or address for it is listed here."
    ),
    UndoneFilter,
    _undone,
)

# requests

#: An answer due within this is shown as due soon.
SOON = timedelta(days=3)


class RequestTable(ListTable):
    """What borrowers asked for."""

    number = Links(_("Number"), "number", "desk:request", "number", order="number")
    kind = Words(_("Kind"), "kind", "request", order="kind")
    borrower = Borrowers(order="borrower_id")
    opened = Moments(_("Requested"), "opened_at", order="opened_at")
    due = RequestDue(_("Answer by"), "due_on", order="due_on")
    state = RequestState(_("State"), "state", order="state")
    opened_by = Actors(_("Recorded by"), "opened_by", shown=False)
    review = Moments(_("Next review"), "review_on", order="review_on", shown=False)


def _open(rows: QuerySet, _request: StaffRequest) -> QuerySet:
    return rows.filter(state="open")


def _today(request: StaffRequest) -> Any:
    return business_date(request.now)


class RequestFilter(ListFilter):
    """By kind, state, borrower and days."""

    kind = CodeFilter("kind", _("Kind"), "request", KINDS)
    state = SetFilter(
        _("State"),
        {
            "open": (_("To be answered"), _open),
            "soon": (
                _("Due in 3 days"),
                lambda rows, request: rows.filter(
                    state="open", due_on__range=(_today(request), _today(request) + SOON)
                ),
            ),
            "overdue": (
                _("Overdue"),
                lambda rows, request: rows.filter(state="open", due_on__lt=_today(request)),
            ),
            "review": (_("To be reviewed"), lambda rows, request: reviews_due(rows, _today(request))),
            "answered": (_("Answered"), lambda rows, _request: rows.filter(state="answered")),
        },
        start="open",
    )
    borrower = KeyFilter("borrower_id", _("Borrower"))
    due_from = DayFilter("due_on", _("Answer by, from"))
    due_to = DayFilter("due_on", _("Answer by, until"), until=True)
    opened_from = DayFilter("opened_at", _("Requested from"), moment=True)
    opened_to = DayFilter("opened_at", _("Requested until"), until=True, moment=True)


REQUESTS = Listing(
    "requests",
    "desk:requests",
    "desk:request:answer",
    RequestTable,
    ("due_on", "pk"),
    _("No requests. Requests made online, by text or on the phone are listed by their deadline."),
    RequestFilter,
    lambda request: requests_for(request.user).select_related("borrower"),
    first_order=lambda asked: ("review_on", "pk") if asked.get("state") == "review" else None,
)

# holds


def by_hand(hold: Hold) -> bool:
    """Whether a person may end it at all."""
    return not OF_HOLD[hold.kind].by_act and hold.source not in BY_ACT_SOURCES


class HoldTable(ListTable):
    """What stops contact now."""

    kind = Words(_("Kind"), "kind", "hold", order="kind")
    borrower = Borrowers(order="borrower_id")
    loans = Made(_("Loans"), lambda hold: ", ".join(hold.loans))
    since = Moments(_("Since"), "starts_at", order="starts_at")
    until = Moments(_("Until"), "ends_at", order="ends_at")
    review = Moments(_("Next review"), "review_on", order="review_on")
    placed_by = Actors(_("Placed by"), "placed_by", order="placed_by", shown=False)
    asked_by = People(
        _("Asked to end by"), "lift_asked_by__number", order="lift_asked_by__number", shown=False
    )
    acts = Acts("desk/hold_acts.html")


def running_holds(request: StaffRequest) -> QuerySet[Hold]:
    """Holds that run now."""
    now = request.now
    rows = holds_for(request.user).select_related("borrower", "lift_asked_by")
    return rows.filter(Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None, starts_at__lte=now)


class HoldFilter(ListFilter):
    """By kind, what it waits for, borrower and days."""

    kind = CodeFilter("kind", _("Kind"), "hold", HOLD_KINDS)
    which = SetFilter(
        _("Which"),
        {
            "due": (
                _("To be reviewed"),
                lambda rows, request: rows.filter(review_on__lte=business_date(request.now)),
            ),
            "asked": (
                _("Need a second person"),
                lambda rows, _request: rows.filter(lift_asked_by__isnull=False),
            ),
        },
    )
    borrower = KeyFilter("borrower_id", _("Borrower"))
    since_from = DayFilter("starts_at", _("Since, from"), moment=True)
    since_to = DayFilter("starts_at", _("Since, until"), until=True, moment=True)
    review_from = DayFilter("review_on", _("Next review from"))
    review_to = DayFilter("review_on", _("Next review until"), until=True)


HOLDS = Listing(
    "holds",
    "desk:holds",
    "desk:hold:lift",
    HoldTable,
    ("starts_at", "pk"),
    _("Nothing is on hold. A dispute, hardship or a request to stop places a hold, and it is listed here."),
    HoldFilter,
    running_holds,
    Bulk("desk:review_holds", "desk/bulk_holds.html", "desk:hold:lift"),
    about=lambda request, rows: {
        "keep_forms": RowForms(request, KeepForm, {"today": business_date(request.now)}),
        "kept": kept_by_requests([hold.pk for hold in rows]),
        "by_hand": {hold.pk for hold in rows if by_hand(hold)},
    },
)

# what the loan system must book


class InstructionTable(ListTable):
    """What was granted here and stands in no feed yet."""

    number = Cells(_("Number"), "number", order="number")
    state = Words(_("State"), "state", "instruction_state", tagged=True, order="state")
    kind = Words(_("Kind"), "kind", "instruction", order="kind")
    loan = Cells(_("Loan"), "loan_id", order="loan_id")
    borrower = Borrowers(order="borrower_id")
    made = Moments(_("Granted"), "made_at", order="made_at")
    reference = Cells(_("Request"), "reference", order="reference", shown=False)
    note = Cells(_("Comment"), "note", shown=False)
    acts = Acts("desk/instruction_acts.html", _("Details"))


class InstructionFilter(ListFilter):
    """By state, kind, loan, borrower and day."""

    state = CodeFilter("state", _("State"), "instruction_state", INSTRUCTION_STATES)
    loan = KeyFilter("loan_id", _("Loan"))
    borrower = KeyFilter("borrower_id", _("Borrower"))
    made_from = DayFilter("made_at", _("Granted from"), moment=True)
    made_to = DayFilter("made_at", _("Granted until"), until=True, moment=True)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Those in force where no state is chosen."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(state__in=IN_FORCE)


INSTRUCTIONS = Listing(
    "instructions",
    "desk:instructions",
    "desk:instruction:read",
    InstructionTable,
    ("state", "made_at", "pk"),
    _("Everything that was granted is booked. What is granted next waits here for the loan system."),
    InstructionFilter,
    lambda request: instructions_for(request.user).select_related("borrower"),
    about=lambda _request, _rows: {"in_force": IN_FORCE},
)

# the inbox

#: What waits longer than this is late.
LATE = timedelta(days=1)
CHANNELS = ("sms", "email", "push", "portal", "letter", "voice", "call")


class InboxTable(ListTable):
    """What people wrote or said."""

    at = Moments(_("Received"), "at", order="at")
    channel = Words(_("Channel"), "channel", "channel", order="channel")
    borrower = Borrowers(order="borrower_id")
    text = Acts("desk/inbox_text.html", _("Text"))
    words = Made(_("Words"), lambda inbound: inbound.text[:1000], shown=False)
    intent = Words(_("Understood as"), "intent", "intent", order="intent")
    urgent = Made(_("Danger"), lambda inbound: gettext("Danger") if inbound.urgent else "", shown=False)
    owner = Owner(_("With"))


def _waiting(rows: QuerySet, _request: StaffRequest) -> QuerySet:
    return waiting(rows)


def _of_team(rows: QuerySet, request: StaffRequest) -> QuerySet:
    team = request.user.team
    return waiting(rows).filter(team=team) if team else rows.none()


class InboxFilter(ListFilter):
    """By state, channel, intent and borrower."""

    state = SetFilter(
        _("State"),
        {
            "waiting": (words.TABLES["inbox_state"]["waiting"], _waiting),
            "mine": (
                words.TABLES["inbox_state"]["mine"],
                lambda rows, request: waiting(rows).filter(owner=request.user, owned_until__gt=request.now),
            ),
            "team": (words.TABLES["inbox_state"]["team"], _of_team),
            "urgent": (
                words.TABLES["inbox_state"]["urgent"],
                lambda rows, _request: waiting(rows).filter(urgent=True),
            ),
            "late": (
                words.TABLES["inbox_state"]["late"],
                lambda rows, request: waiting(rows).filter(at__lt=request.now - LATE),
            ),
            "answered": (
                words.TABLES["inbox_state"]["answered"],
                lambda rows, _request: rows.filter(answered_at__isnull=False),
            ),
        },
        start="waiting",
    )
    channel = CodeFilter("channel", _("Channel"), "channel", CHANNELS)
    intent = CodeFilter("intent", _("Understood as"), "intent", INTENTS)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    at_from = DayFilter("at", _("Received from"), moment=True)
    at_to = DayFilter("at", _("Received until"), until=True, moment=True)


INBOX = Listing(
    "inbox",
    "desk:inbox",
    "desk:request:answer",
    InboxTable,
    ("-urgent", "at", "pk"),
    _("Nothing to read. What people write or say is listed here."),
    InboxFilter,
    lambda request: replies_for(request.user),
    Bulk("desk:transfer_replies", "desk/bulk_inbox.html", "desk:request:answer"),
    first_order=lambda asked: ("-at", "-pk") if asked.get("state") in ("answered", "all") else None,
)
