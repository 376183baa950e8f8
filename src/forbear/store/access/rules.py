"""The one rule of who sees which rows: a table from kinds of rows to who is shown them, and its only reader.

Who asks is a person of staff (the lender's, an agency's, a visitor, an auditor), a borrower who is in, or a program's
key. Nothing is shown that the table does not name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.db.models import Model, Q, QuerySet

from forbear.store.models import (
    Alarm,
    ApiKey,
    Borrower,
    Case,
    Contact,
    Conversation,
    CreditRecord,
    CreditReport,
    Document,
    Event,
    Feedback,
    Finding,
    Hold,
    Lawsuit,
    Loan,
    MissingRecording,
    PaymentOrder,
    PenaltyDifference,
    Placement,
    Plan,
    Promise,
    RecordingRequest,
    Request,
    Sale,
    Settlement,
    Staff,
    Statement,
    Visit,
    VisitRoute,
    WebhookEndpoint,
    WriteOff,
)
from forbear.store.permissions import may

Actor = Staff | Borrower | ApiKey

CASES = "desk:case:read"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is shown the rows of one kind. A field left empty shows that sort of actor none.

    `desk`: with all these permissions the lender's staff see every row; where CASES is one of them, only rows of
    borrowers with a case. `agency`: with this permission an agency's people see what `of_agency` says of its code.
    `visitor`: with this one visitors see what `of_visitor` says of them. `scopes`: with one of these a key of the
    lender sees every row, a key of an agency what `of_agency` says; with `of_key` any key sees its own rows only.
    `of_borrower`: the lookup to the borrower's id; `own`: whether borrowers see their own rows by it.
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

#: Every kind of row that belongs to somebody, by the name its door has.
RULES: Mapping[str, Rule] = {
    # the borrower, and what is owed
    "case": Rule(Case, (CASES,)),
    "borrower": Rule(
        Borrower, (CASES,), _AGENCY, _borrowers_with_agency, scopes=("contacts:write", "permits:ask"),
        of_borrower="pk", own=True,
    ),
    "loan": Rule(
        Loan, (CASES,), _AGENCY, _loans_with_agency, scopes=("placements:read", "placements:write"), own=True
    ),
    "payment order": Rule(PaymentOrder, own=True),
    "penalty difference": Rule(
        PenaltyDifference, ("desk:compliance:read",), of_borrower="loan__borrower_id", own=True
    ),
    "write-off": Rule(WriteOff, ("desk:sale:read",)),
    "sale": Rule(Sale, ("desk:sale:read",)),
    # contacts, and what was said
    "contact": Rule(
        Contact, (CASES,), _AGENCY, _by_agency, scopes=("contacts:read", "contacts:write"), own=True
    ),
    "sample contact": Rule(Contact, ("desk:compliance:read",)),
    "agency contact": Rule(Contact, ("desk:agency:read",)),
    "reviewed contact": Rule(Contact, ("desk:review:make",)),
    "conversation": Rule(Conversation, (CASES,), _AGENCY, _talks_of_agency),
    "missing recording": Rule(MissingRecording, ("desk:compliance:read",)),
    "hold": Rule(Hold, (CASES,), own=True),
    # agreements and requests
    "promise": Rule(Promise, (CASES,), own=True),
    "plan": Rule(Plan, (CASES,), own=True),
    "settlement": Rule(Settlement, (CASES,), own=True),
    "request": Rule(Request, (CASES,), own=True),
    "document": Rule(Document, own=True),
    # visits
    "visit": Rule(
        Visit, (CASES, "desk:visit:read"), visitor="field:visit:make", of_visitor=_on_route, own=True
    ),
    "route": Rule(VisitRoute, ("desk:visit:read",)),
    "alarm": Rule(Alarm, ("desk:visit:read",)),
    # agencies
    "placement": Rule(
        Placement, ("desk:agency:read",), _AGENCY, _with_agency,
        scopes=("placements:read", "placements:write"), own=True,
    ),
    "recording request": Rule(RecordingRequest, ("desk:agency:read",), _AGENCY, _by_agency),
    "finding": Rule(Finding, ("desk:agency:read",), _STATEMENTS, _by_agency),
    "feedback": Rule(Feedback, ("desk:agency:read",)),
    "statement": Rule(Statement, ("desk:agency:read",), _STATEMENTS, _by_agency),
    # courts and bureaus
    "lawsuit": Rule(Lawsuit, ("desk:court:read",)),
    "credit report": Rule(CreditReport, ("desk:credit:read",)),
    "credit record": Rule(CreditRecord, ("desk:credit:read",), own=True),
    "credit objection": Rule(Request, ("desk:credit:read",)),
    # the evidence log
    "event": Rule(Event, ("desk:evidence:read",), of_borrower="borrower", own=True),
    "case event": Rule(Event, (CASES,), of_borrower="borrower"),
    "refusal": Rule(Event, ("desk:compliance:read",), of_borrower="borrower"),
    # programs
    "webhook": Rule(WebhookEndpoint, scopes=("webhooks:manage",), of_key=_hooks_of),
}  # fmt: skip


def rows_for(kind: str, actor: Actor) -> QuerySet:
    """All rows of a kind that this actor may see; no rows for anybody the rule does not name."""
    rule = RULES[kind]
    shown = _shown(rule, actor)
    rows = rule.model._default_manager.all()
    return rows.none() if shown is None else rows.filter(shown)


def _shown(rule: Rule, actor: Actor) -> Q | None:
    """Which of the rows are shown: an empty condition for all, None for none."""
    if isinstance(actor, Staff):
        return _shown_to_staff(rule, actor) if actor.is_active else None
    if isinstance(actor, ApiKey):
        return _shown_to_key(rule, actor) if actor.revoked_at is None else None
    if isinstance(actor, Borrower):
        return Q(**{rule.of_borrower: actor.pk}) if rule.own else None
    return None


def _shown_to_staff(rule: Rule, staff: Staff) -> Q | None:
    if rule.desk and all(may(staff.role, permission) for permission in rule.desk):
        if CASES not in rule.desk or rule.model is Case:
            return Q()
        return Q(**{f"{rule.of_borrower}__in": Case.objects.values("borrower_id")})
    if rule.of_agency and staff.agency_id and may(staff.role, rule.agency):
        return rule.of_agency(staff.agency_id)
    if rule.of_visitor and may(staff.role, rule.visitor):
        return rule.of_visitor(staff)
    return None


def _shown_to_key(rule: Rule, key: ApiKey) -> Q | None:
    if not set(rule.scopes) & set(key.scopes):
        return None
    if rule.of_key:
        return rule.of_key(key)
    if not key.agency_id:
        return Q()
    return rule.of_agency(key.agency_id) if rule.of_agency else None
