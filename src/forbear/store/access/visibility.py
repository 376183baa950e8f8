"""Who sees which rows, in one place: a table from kinds of rows to who is shown them, and its only reader.

Who asks is a person of staff (the lender's, an agency's, a visitor, an auditor), a borrower who is in, or a program's
key. Nothing is shown that the table does not name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Model, Q, QuerySet

from forbear.store.models import (
    Alarm,
    ApiKey,
    Borrower,
    Case,
    Complaint,
    Contact,
    Conversation,
    CreditRecord,
    CreditReport,
    Document,
    Event,
    Feedback,
    Finding,
    Hold,
    Inbound,
    Instruction,
    Lawsuit,
    Loan,
    MissingRecording,
    PaymentOrder,
    PenaltyDifference,
    Placement,
    Plan,
    Promise,
    RecordingRequest,
    ReplyAlarm,
    ReportedPayment,
    Request,
    Sale,
    Settlement,
    Staff,
    Statement,
    Treatment,
    UnappliedPayment,
    Visit,
    VisitRoute,
    Vulnerability,
    WebhookEndpoint,
    WriteOff,
)
from forbear.store.permissions import may

Actor = Staff | Borrower | ApiKey

CASES = "desk:case:read"


@dataclass(frozen=True, slots=True)
class Visibility:
    """Who is shown the rows of one kind. A field left empty shows that sort of actor none.

    `desk`: with all these permissions the lender's staff see every row; where CASES is one of them, only rows of
    borrowers with a case. `agency`: with this permission an agency's people see what `of_agency` says of its code.
    `visitor`: with this one visitors see what `of_visitor` says of them. `scopes`: with one of these a key of the
    lender sees every row, a key of an agency what `of_agency` says; with `of_key` any key sees its own rows only.
    `of_borrower`: the lookup to the borrower's id, "" for what is no borrower's; `own`: whether borrowers see their own
    rows by it.
    """

    model: type[Model]
    desk: tuple[str, ...] = ()
    agency: str = ""
    of_agency: Callable[[str], Q] | None = None
    visitor: str = ""
    of_visitor: Callable[[Staff], Q] | None = None
    scopes: tuple[str, ...] = ()
    of_key: Callable[[ApiKey], Q] | None = None
    of_borrower: str = "borrower_id"
    own: bool = False


def _by_agency(code: str) -> Q:
    """Rows that name the agency."""
    return Q(agency_id=code)


def _with_agency(code: str) -> Q:
    """Placements that run with the agency."""
    return Q(agency_id=code, ended_at=None)


def _borrowers_with_agency(code: str) -> Q:
    """Borrowers whose case is with the agency now."""
    return Q(pk__in=Placement.objects.filter(_with_agency(code)).values("borrower_id"))


def _loans_with_agency(code: str) -> Q:
    """Loans that the agency's running placements are about; a list of names in each, so they are read first."""
    named = Placement.objects.filter(_with_agency(code)).values_list("loans", flat=True)
    return Q(pk__in={loan for loans in named for loan in loans})


def _reports_with_agency(code: str) -> Q:
    """Reported payments on loans that the agency's running placements are about."""
    named = Placement.objects.filter(_with_agency(code)).values_list("loans", flat=True)
    return Q(loan__in={loan for loans in named for loan in loans})


def _talks_of_agency(code: str) -> Q:
    """Conversations that the agency's people had."""
    return Q(staff__agency_id=code)


def _on_route(staff: Staff) -> Q:
    """Visits on a route that was given to this visitor, as one of two."""
    return Q(route__state="given") & (Q(route__first_id=staff.pk) | Q(route__second_id=staff.pk))


def _hooks_of(key: ApiKey) -> Q:
    """Webhooks that were set up with the key and have not ended."""
    return Q(api_key_id=key.pk, ended_at=None)


_AGENCY, _STATEMENTS = "agency:case:work", "agency:statement:read"

#: Every kind of row that belongs to somebody.
VISIBILITY: Mapping[str, Visibility] = {
    # the borrower, and what is owed
    "case": Visibility(Case, (CASES,)),
    "borrower": Visibility(
        Borrower, (CASES,), _AGENCY, _borrowers_with_agency, scopes=("contacts:write", "permits:ask"),
        of_borrower="pk", own=True,
    ),
    "loan": Visibility(
        Loan, (CASES,), _AGENCY, _loans_with_agency, 
        scopes=("contacts:write", "payments:write", "permits:ask", "placements:read", "placements:write"),
        own=True,
    ),
    "unapplied payment": Visibility(UnappliedPayment, ("desk:payment:apply",), of_borrower=""),
    "reported payment": Visibility(ReportedPayment, (CASES,), _AGENCY, _reports_with_agency, own=True),
    "payment order": Visibility(PaymentOrder, own=True),
    "penalty difference": Visibility(
        PenaltyDifference, ("desk:compliance:read",), of_borrower="loan__borrower_id", own=True
    ),
    "write-off": Visibility(WriteOff, ("desk:sale:read",)),
    "sale": Visibility(Sale, ("desk:sale:read",), of_borrower=""),
    # contacts, and what was said
    "contact": Visibility(
        Contact, (CASES,), _AGENCY, _by_agency, scopes=("contacts:read", "contacts:write"), own=True
    ),
    "sample contact": Visibility(Contact, ("desk:compliance:read",)),
    "agency contact": Visibility(Contact, ("desk:agency:read",)),
    "reviewed contact": Visibility(Contact, ("desk:review:make",)),
    "conversation": Visibility(Conversation, (CASES,), _AGENCY, _talks_of_agency),
    "missing recording": Visibility(MissingRecording, ("desk:compliance:read",), of_borrower="contact__borrower_id"),
    "treatment": Visibility(Treatment, (CASES,)),
    "hold": Visibility(Hold, (CASES,), own=True),
    # agreements and requests
    "promise": Visibility(Promise, (CASES,), own=True),
    "plan": Visibility(Plan, (CASES,), own=True),
    "settlement": Visibility(Settlement, (CASES,), own=True),
    "request": Visibility(Request, (CASES,), own=True),
    # what it changes is for all who work the case, why it is only by `read_why`
    "vulnerability": Visibility(Vulnerability, (CASES,), own=True),
    "complaint": Visibility(Complaint, (CASES, "desk:complaint:read")),
    "instruction": Visibility(Instruction, (CASES,), own=True),
    "document": Visibility(Document, own=True),
    # visits
    "visit": Visibility(
        Visit, (CASES, "desk:visit:read"), visitor="field:visit:make", of_visitor=_on_route, own=True
    ),
    "route": Visibility(VisitRoute, ("desk:visit:read",), of_borrower=""),
    # strangers' words are among them, which belong to no case
    "reply": Visibility(Inbound, ("desk:request:answer",)),
    "case reply": Visibility(Inbound, (CASES,)),
    # also of what a stranger wrote, so by those who see visitors' alarms
    "reply alarm": Visibility(ReplyAlarm, ("desk:visit:read",)),
    "alarm": Visibility(Alarm, ("desk:visit:read",), of_borrower="visit__borrower_id"),
    # agencies
    "placement": Visibility(
        Placement, ("desk:agency:read",), _AGENCY, _with_agency,
        scopes=("placements:read", "placements:write"), own=True,
    ),
    "recording request": Visibility(
        RecordingRequest, ("desk:agency:read",), _AGENCY, _by_agency, of_borrower="contact__borrower_id"
    ),
    "finding": Visibility(Finding, ("desk:agency:read",), _STATEMENTS, _by_agency),
    "feedback": Visibility(Feedback, ("desk:agency:read",)),
    "statement": Visibility(Statement, ("desk:agency:read",), _STATEMENTS, _by_agency, of_borrower=""),
    # courts and bureaus
    "lawsuit": Visibility(Lawsuit, ("desk:court:read",)),
    "credit report": Visibility(CreditReport, ("desk:credit:read",), of_borrower=""),
    "credit record": Visibility(CreditRecord, ("desk:credit:read",), own=True),
    "credit objection": Visibility(Request, ("desk:credit:read",)),
    # the evidence log
    "event": Visibility(Event, ("desk:evidence:read",), of_borrower="borrower", own=True),
    "case event": Visibility(Event, (CASES,), of_borrower="borrower"),
    "refusal": Visibility(Event, ("desk:compliance:read",), of_borrower="borrower"),
    # programs
    "webhook": Visibility(WebhookEndpoint, scopes=("webhooks:manage",), of_key=_hooks_of),
}  # fmt: skip


def rows_for(kind: str, actor: Actor) -> QuerySet:
    """All rows of a kind that this actor may see; no rows for anybody the table does not name."""
    seen = VISIBILITY[kind]
    shown = _shown(seen, actor)
    rows = seen.model._default_manager.all()
    return rows.none() if shown is None else rows.filter(shown)


def _shown(seen: Visibility, actor: Actor) -> Q | None:
    """Which of the rows are shown: an empty condition for all, None for none.

    In a shadow run nobody outside the lender is shown anything: no agency's people or programs, and no borrower.
    """
    if settings.HOME.in_shadow and (isinstance(actor, Borrower) or actor.agency_id):
        return None
    if isinstance(actor, Staff):
        shown = _shown_to_staff(seen, actor) if actor.is_active else None
        return _of_creditors(seen, shown, actor.only_creditors)
    if isinstance(actor, ApiKey):
        shown = _shown_to_key(seen, actor) if actor.revoked_at is None else None
        return _of_creditors(seen, shown, actor.only_creditors)
    if isinstance(actor, Borrower):
        return Q(**{seen.of_borrower: actor.pk}) if seen.own else None
    return None


def _of_creditors(seen: Visibility, shown: Q | None, creditors: list[str]) -> Q | None:
    """What is shown, for an actor who is limited to these creditors; an empty list is no limit.

    Rows of borrowers all of whose loans are of these creditors: a case, its figures and its talks are about a person,
    and a part of them would tell of the other debts. What belongs to no borrower is shown to no such actor.
    """
    if shown is None or not creditors or seen.of_key:
        return shown
    if not seen.of_borrower:
        return None
    theirs = Loan.objects.filter(creditor__in=creditors).values("borrower_id")
    others = Loan.objects.exclude(creditor__in=creditors).values("borrower_id")
    lookup = f"{seen.of_borrower}__in"
    return shown & Q(**{lookup: theirs}) & ~Q(**{lookup: others})


def _shown_to_staff(seen: Visibility, staff: Staff) -> Q | None:
    if seen.desk and all(may(staff.role, permission) for permission in seen.desk):
        if CASES not in seen.desk or seen.model is Case:
            return Q()
        return Q(**{f"{seen.of_borrower}__in": Case.objects.values("borrower_id")})
    if seen.of_agency and staff.agency_id and may(staff.role, seen.agency):
        return seen.of_agency(staff.agency_id)
    if seen.of_visitor and may(staff.role, seen.visitor):
        return seen.of_visitor(staff)
    return None


def _shown_to_key(seen: Visibility, key: ApiKey) -> Q | None:
    if not set(seen.scopes) & set(key.scopes):
        return None
    if seen.of_key:
        return seen.of_key(key)
    if not key.agency_id:
        return Q()
    return seen.of_agency(key.agency_id) if seen.of_agency else None
