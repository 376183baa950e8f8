"""Lists of those who look after others: contacts of unknown fate, missing recordings, agencies, lawsuits."""

from typing import Any

from django.db.models import Min, Q, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.actions.selectors.case_lists import placement_lists
from forbear.core.agencies.placement import ENDINGS, PROPOSED_STATES
from forbear.core.court.lawsuit import MOVES, WAYS
from forbear.store.access import contacts_for, lawsuits_for, missing_recordings_for
from forbear.store.models import Lawsuit, MissingRecording
from forbear.web import labels as words
from forbear.web.desk.listings.cells import Deadlines
from forbear.web.desk.row_forms import FateForm, UnsentForm
from forbear.web.forms import RowForms
from forbear.web.lists.columns import (
    Acts,
    Amounts,
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
    AmountFilter,
    CodeFilter,
    DayFilter,
    KeyFilter,
    ListFilter,
    NumberFilter,
    SetFilter,
)
from forbear.web.lists.listing import Listing
from forbear.web.reasons import sentence
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import bilingual

_CHANNELS = ("sms", "email", "voice", "call", "letter", "push", "visit")

# contacts of unknown fate


class OutboxTable(ListTable):
    """Contacts whose fate nobody knows, and those that could not be sent."""

    borrower = Borrowers(order="borrower_id")
    channel = Words(_("Channel"), "channel", "channel", order="channel")
    state = Words(_("State"), "state", "state", tagged=True, order="state")
    queued = Moments(_("Queued"), "queued_at", order="queued_at")
    why = Made(_("Reason"), lambda contact: sentence(contact.reason) if contact.reason else "")
    provider = Words(_("Provider"), "provider", "provider", order="provider", shown=False)
    acts = Acts("desk/outbox_acts.html", _("Result"))


class OutboxFilter(ListFilter):
    """By channel, state, borrower and day."""

    channel = CodeFilter("channel", _("Channel"), "channel", _CHANNELS)
    state = CodeFilter("state", _("State"), "state", ("unknown", "dead"))
    borrower = KeyFilter("borrower_id", _("Borrower"))
    queued_from = DayFilter("queued_at", _("Queued from"), moment=True)
    queued_to = DayFilter("queued_at", _("Queued until"), until=True, moment=True)


OUTBOX = Listing(
    "outbox",
    "desk:outbox",
    "desk:outbox:resolve",
    OutboxTable,
    ("-queued_at", "pk"),
    _(
        "None. Contacts without a certain answer from a provider appear here. They are never sent again; a person "
        "finds out what happened."
    ),
    OutboxFilter,
    lambda request: (
        contacts_for(request.user).filter(state__in=("unknown", "dead")).select_related("borrower")
    ),
    about=lambda request, _rows: {
        "fate_forms": RowForms(request, FateForm, {}),
        "unsent_forms": RowForms(request, UnsentForm, {}),
    },
)

# missing recordings


def _caller(row: MissingRecording) -> str:
    agency = row.contact.agency
    return str(bilingual(agency)) if agency else gettext("In-house")


class RecordingTable(ListTable):
    """Calls that were to be recorded and have no recording."""

    ended = Moments(_("Call ended"), "contact__ended_at", order="contact__ended_at")
    borrower = Borrowers("contact__borrower_id", name="", order="contact__borrower_id")
    provider = Words(_("Line"), "contact__provider", "provider", order="contact__provider")
    caller = Made(_("Caller"), _caller, order="contact__agency_id")
    outcome = Words(_("Outcome"), "contact__outcome", "outcome", order="contact__outcome")
    words = Cells(_("What was found"), "words", shown=False)
    acts = Acts("desk/recording_acts.html", _("Result"))


class RecordingFilter(ListFilter):
    """By state, borrower, outcome and day."""

    state = SetFilter(
        _("State"),
        {"open": (_("Unresolved"), lambda rows, _request: rows.filter(gone_at=None, settled_at=None))},
        start="open",
    )
    borrower = KeyFilter("contact__borrower_id", _("Borrower"))
    outcome = CodeFilter("contact__outcome", _("Outcome"), "outcome", ("connected", "conversation"))
    ended_from = DayFilter("contact__ended_at", _("Call ended from"), moment=True)
    ended_to = DayFilter("contact__ended_at", _("Call ended until"), until=True, moment=True)


RECORDINGS = Listing(
    "recordings",
    "desk:recordings",
    "desk:compliance:read",
    RecordingTable,
    ("-contact__ended_at", "pk"),
    _("None missing. Calls that should be recorded and have no recording after three days are listed here."),
    RecordingFilter,
    lambda request: missing_recordings_for(request.user),
)

# lawsuits


def to_decide(seen: QuerySet[Lawsuit]) -> QuerySet:
    """The lawsuits on debts of which nothing is late any more, that people have to decide on."""
    waiting = seen.filter(deadlines__kind="current", deadlines__over_at=None)
    return waiting.order_by().values_list("pk", flat=True)


class LawsuitState(Cells):
    """The state of a lawsuit, how it ended, and whether people have to decide on it."""

    def html(self, record: Any, table: Any) -> str | SafeString:
        """All three in one line."""
        text = self.cells(record, table)[0]
        if record.pk not in table.context_of.get("undecided", ()):
            return str(text)
        return format_html('{} <span class="badge tag wait">{}</span>', text, gettext("to be decided"))

    def cells(self, record: Any, table: Any) -> list[object]:
        """State and ending."""
        state = words.word("lawsuit", record.state)
        if not record.ended_reason_code:
            return [state]
        return [f"{state} · {words.word('lawsuit_ended', record.ended_reason_code)}"]


class LawsuitTable(ListTable):
    """Lawsuits, by what is due soonest."""

    number = Links(_("Case number"), "pk", "desk:lawsuit", prefix="S", order="pk")
    borrower = Borrowers(order="borrower_id")
    way = Words(_("Way"), "way", "lawsuit_procedure", order="way")
    state = LawsuitState(_("State"), "state", order="state")
    court = Cells(_("Court"), "court", order="court")
    docket = Cells(_("Docket"), "docket", order="docket")
    claimed = Amounts(_("Claimed"), "claimed", order="claimed")
    fee = Amounts(_("Court fees"), "fee", order="fee", shown=False)
    limitation = Moments(_("Limitation expires on"), "time_barred_on", order="time_barred_on", shown=False)
    due = Deadlines(_("Next due"), "due", order="due")


def _lawsuits(request: StaffRequest) -> QuerySet:
    rows = lawsuits_for(request.user)
    return rows.annotate(due=Min("deadlines__due_on", filter=Q(deadlines__over_at=None)))


def _suit_in(state: str) -> Any:
    return lambda rows, _request: rows.filter(state=state)


class LawsuitFilter(ListFilter):
    """By state, way, borrower and amount. Running ones come first."""

    state = SetFilter(
        _("State"),
        {
            "running": (_("In progress"), lambda rows, _request: rows.filter(ended_at=None)),
            "decide": (
                _("Nothing past due, to be decided"),
                lambda rows, request: rows.filter(pk__in=to_decide(lawsuits_for(request.user))),
            ),
            **{code: (words.SUITS[code], _suit_in(code)) for code in MOVES},
        },
        start="running",
    )
    way = CodeFilter("way", _("Way"), "lawsuit_procedure", WAYS)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("claimed", _("Claimed, at least"))
    amount_to = AmountFilter("claimed", _("Claimed, at most"), most=True)


LAWSUITS = Listing(
    "lawsuits",
    "desk:lawsuits",
    "desk:court:read",
    LawsuitTable,
    ("due", "pk"),
    _("None. Legal staff propose cases from the litigation candidates, and a second person approves them."),
    LawsuitFilter,
    _lawsuits,
    about=lambda request, rows: {
        "undecided": set(to_decide(lawsuits_for(request.user).filter(pk__in=[row.pk for row in rows])))
    },
)

# agencies


class PlacementListTable(ListTable):
    """Placement lists."""

    number = Links(_("List"), "pk", "desk:placement_list", order="pk")
    made = Moments(_("Date"), "made_at", order="made_at")
    state = Words(_("State"), "state", "listed", tagged=True, order="state")
    cases = Numbers(pgettext_lazy("number of", "Cases"), "number", order="number")
    placed = Numbers(_("Placed"), "placed", order="placed")
    made_by = People(_("Proposed by"), "made_by__number", order="made_by__number")
    signed_by = People(_("Approved by"), "signed_by__number", order="signed_by__number")


class PlacementListFilter(ListFilter):
    """By state and day."""

    state = CodeFilter("state", _("State"), "listed", PROPOSED_STATES)
    made_from = DayFilter("made_at", _("Proposed from"), moment=True)
    made_to = DayFilter("made_at", _("Proposed until"), until=True, moment=True)


PLACEMENT_LISTS = Listing(
    "placement-lists",
    "desk:placements",
    "desk:agency:read",
    PlacementListTable,
    ("-pk",),
    _("No list yet. Calculate one; once a second person approves it, its cases are placed."),
    PlacementListFilter,
    lambda _request: placement_lists(),
)


class ProposedTable(ListTable):
    """The cases of a placement list."""

    borrower = Borrowers(order="borrower_id")
    agency = Made(_("Agency"), lambda row: bilingual(row.agency), order="agency_id")
    amount = Amounts(_("Amount"), "amount", order="amount")
    days = Numbers(_("Days past due"), "days_past_due", order="days_past_due", shown=False)
    why = Acts("desk/proposed_why.html", _("Why"))
    stratum = Cells(_("Stratum"), "stratum", order="stratum", shown=False)
    state = Words(_("State"), "state", "listed", tagged=True, order="state")
    reason = Made(_("Reason"), lambda row: sentence(row.reason) if row.reason else "")


class ProposedFilter(ListFilter):
    """By agency, state, amount and days past due."""

    agency = KeyFilter("agency_id", _("Agency"))
    state = CodeFilter("state", _("State"), "listed", PROPOSED_STATES)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    days_from = NumberFilter("days_past_due", _("Days past due, at least"))


PROPOSED = Listing(
    "placement-list",
    "desk:placements",
    "desk:agency:read",
    ProposedTable,
    ("pk",),
    _("No case is on this list. A new one is calculated under Placement lists."),
    ProposedFilter,
)


class PlacedTable(ListTable):
    """What is and was placed with an agency."""

    borrower = Borrowers(order="borrower_id")
    amount = Amounts(_("Past due"), "amount", order="amount")
    days = Numbers(_("Days past due"), "days_past_due", order="days_past_due")
    placed = Moments(_("Since"), "placed_at", order="placed_at")
    due_back = Moments(_("Back by"), "due_back_on", order="due_back_on")
    worker = People(_("Assigned to"), "worker__number", order="worker__number", shown=False)
    ended = Moments(pgettext_lazy("agreement", "Ended"), "ended_at", order="ended_at")
    why = Words(_("Reason"), "ended_reason_code", "ending", order="ended_reason_code")
    acts = Acts("desk/placed_acts.html")


class PlacedFilter(ListFilter):
    """By whether it runs, how it ended, borrower, amount and days."""

    which = SetFilter(
        _("Which"),
        {
            "running": (_("Placed now"), lambda rows, _request: rows.filter(ended_at=None)),
            "over": (_("Ended"), lambda rows, _request: rows.exclude(ended_at=None)),
        },
    )
    why = CodeFilter("ended_reason_code", _("Reason"), "ending", ENDINGS)
    borrower = KeyFilter("borrower_id", _("Borrower"))
    amount_from = AmountFilter("amount", _("Amount, at least"))
    amount_to = AmountFilter("amount", _("Amount, at most"), most=True)
    placed_from = DayFilter("placed_at", _("Since, from"), moment=True)
    placed_to = DayFilter("placed_at", _("Since, until"), until=True, moment=True)


PLACED = Listing(
    "placed",
    "desk:agencies",
    "desk:agency:read",
    PlacedTable,
    ("-placed_at", "-pk"),
    _("No case is with this agency. Cases come when a placement list is approved."),
    PlacedFilter,
)
