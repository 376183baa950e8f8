"""Named functions that give an actor the rows they may see, and no others.

What `..._for(actor)` returns is narrowed further by pages; what `..._for(actor, key)` doesn't find doesn't exist for
the actor, and is answered by 404.
"""

from collections.abc import Collection, Iterable, Sequence

from django.db.models import QuerySet

from forbear.store.access.visibility import Actor, rows_for
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
    Statement,
    StatementLine,
    Treatment,
    UnappliedPayment,
    Visit,
    VisitRoute,
    Vulnerability,
    WebhookEndpoint,
    WriteOff,
)

# the borrower, and what is owed


def cases_for(actor: Actor) -> QuerySet[Case]:
    """The cases somebody may see: none without the permission, an agency's people and keys none here."""
    return rows_for("case", actor).select_related("borrower", "collector")


def case_for(actor: Actor, borrower_id: str) -> Case | None:
    """The borrower's open case, else the newest one."""
    rows = cases_for(actor).filter(borrower_id=borrower_id)
    return rows.filter(closed_on=None).first() or rows.order_by("-pk").first()


def borrower_for(actor: Actor, borrower_id: str) -> Borrower | None:
    """The borrower: of a case for staff, of a case placed with them now for an agency."""
    return rows_for("borrower", actor).filter(pk=borrower_id).first()


def borrower_at_address(actor: Actor, digests: Sequence[str]) -> Borrower | None:
    """A borrower whose number or address has one of these digests."""
    return rows_for("borrower", actor).filter(points__digest__in=digests).first()


def loans_for(actor: Actor) -> QuerySet[Loan]:
    """The loans of borrowers one may see; for an agency those that are placed with it now."""
    return rows_for("loan", actor)


def loan_for(actor: Actor, loan_id: str) -> Loan | None:
    """One of them."""
    return loans_for(actor).filter(pk=loan_id).first()


def loans_of(placements: Iterable[Placement]) -> dict[str, Loan]:
    """By their ids, the loans that placements name; these came from `placements_for`, ended or not."""
    named = {loan for placement in placements for loan in placement.loans}
    return Loan.objects.in_bulk(named)


def reported_payments_for(actor: Actor) -> QuerySet[ReportedPayment]:
    """Payments that borrowers reported, in every state, with what their rows show."""
    return rows_for("reported payment", actor).select_related("borrower", "loan", "reported_by", "decided_by")


def reported_payment_for(actor: Actor, reported_id: int) -> ReportedPayment | None:
    """One of them."""
    return reported_payments_for(actor).filter(pk=reported_id).first()


def reports_of_case(actor: Actor, borrower_id: str) -> QuerySet[ReportedPayment]:
    """Those of one borrower, the newest first."""
    return reported_payments_for(actor).filter(borrower_id=borrower_id).order_by("-reported_at", "-pk")


def payment_order_for(actor: Actor, order_id: str) -> PaymentOrder | None:
    """One of a borrower's own payment orders, with its loan."""
    return rows_for("payment order", actor).filter(pk=order_id).select_related("loan").first()


def unapplied_payments_for(actor: Actor) -> QuerySet[UnappliedPayment]:
    """Payments that fit no loan, in every state."""
    return rows_for("unapplied payment", actor).select_related("decided_by")


def unapplied_payment_for(actor: Actor, unapplied_id: int) -> UnappliedPayment | None:
    """One of them."""
    return unapplied_payments_for(actor).filter(pk=unapplied_id).first()


def penalty_differences_for(actor: Actor) -> QuerySet[PenaltyDifference]:
    """Where the lender's penalty interest is not the contract's."""
    return rows_for("penalty difference", actor).select_related("loan", "settled_by")


def penalty_difference_for(actor: Actor, difference_id: int) -> PenaltyDifference | None:
    """One of them."""
    return penalty_differences_for(actor).filter(pk=difference_id).first()


def write_offs_for(actor: Actor) -> QuerySet[WriteOff]:
    """Write-offs in every state."""
    return rows_for("write-off", actor).select_related("loan", "proposed_by")


def sales_for(actor: Actor) -> QuerySet[Sale]:
    """Sales of debts."""
    return rows_for("sale", actor).select_related("made_by", "decided_by")


def sale_for(actor: Actor, number: str) -> Sale | None:
    """One of them by its number."""
    return sales_for(actor).filter(number=number).first()


# contacts, and what was said


def contacts_for(actor: Actor) -> QuerySet[Contact]:
    """Contacts with borrowers one may see; an agency's own ones, also after the case came back; a borrower's own."""
    return rows_for("contact", actor)


def contact_for(actor: Actor, contact_id: str) -> Contact | None:
    """One of them."""
    return contacts_for(actor).filter(pk=contact_id).first()


def sample_contacts_for(actor: Actor) -> QuerySet[Contact]:
    """Contacts as examples of what a rule does, for compliance and analysts, who may see no case."""
    return rows_for("sample contact", actor)


def sample_contacts_named(actor: Actor, contact_ids: Collection[str]) -> list[Contact]:
    """Sample contacts in the order of these ids; what is not there is left out."""
    found = sample_contacts_for(actor).in_bulk(contact_ids)
    return [found[each] for each in contact_ids if each in found]


def agency_contacts_for(actor: Actor) -> QuerySet[Contact]:
    """Contacts that agencies made, for the lender's staff who look after agencies."""
    return rows_for("agency contact", actor).exclude(agency=None)


def reviewed_contact_for(actor: Actor, contact_id: str, team: str = "") -> Contact | None:
    """A contact to be reviewed; with `team` one that somebody of that team made."""
    rows = rows_for("reviewed contact", actor).filter(pk=contact_id)
    return (rows.filter(staff__team=team) if team else rows).first()


def conversations_for(actor: Actor) -> QuerySet[Conversation]:
    """What people wrote down of contacts; for an agency what its own people did."""
    return rows_for("conversation", actor)


def missing_recordings_for(actor: Actor) -> QuerySet[MissingRecording]:
    """Calls that were to be recorded and have no recording."""
    return rows_for("missing recording", actor).select_related("contact__agency", "settled_by")


def missing_recording_for(actor: Actor, missing_id: int) -> MissingRecording | None:
    """One of them."""
    return missing_recordings_for(actor).filter(pk=missing_id).first()


def hold_for(actor: Actor, hold_id: int, borrower_id: str) -> Hold | None:
    """A hold on this borrower's case."""
    return rows_for("hold", actor).filter(pk=hold_id, borrower_id=borrower_id).first()


# agreements and requests


def promise_for(actor: Actor, promise_id: int, borrower_id: str) -> Promise | None:
    """A promise of this borrower."""
    return rows_for("promise", actor).filter(pk=promise_id, borrower_id=borrower_id).first()


def promises_for(actor: Actor) -> QuerySet[Promise]:
    """Promises to pay."""
    return rows_for("promise", actor).select_related("borrower", "taken_by")


def plans_for(actor: Actor) -> QuerySet[Plan]:
    """Repayment plans."""
    return rows_for("plan", actor).select_related("borrower", "proposed_by")


def plan_for(actor: Actor, plan_id: int) -> Plan | None:
    """One of them."""
    return plans_for(actor).filter(pk=plan_id).first()


def settlements_for(actor: Actor) -> QuerySet[Settlement]:
    """Settlements."""
    return rows_for("settlement", actor).select_related("borrower", "proposed_by")


def settlement_for(actor: Actor, settlement_id: int) -> Settlement | None:
    """One of them."""
    return settlements_for(actor).filter(pk=settlement_id).first()


def requests_for(actor: Actor) -> QuerySet[Request]:
    """What borrowers asked for."""
    rows = rows_for("request", actor)
    return rows.filter(third_party="") if isinstance(actor, Borrower) else rows


def request_for(actor: Actor, number: str) -> Request | None:
    """One request by the number that the borrower was given."""
    return requests_for(actor).filter(number=number).select_related("borrower", "answered_by").first()


def vulnerabilities_for(actor: Actor) -> QuerySet[Vulnerability]:
    """What is recorded of vulnerable borrowers; what it changes is shown, why it is only on record."""
    return rows_for("vulnerability", actor).select_related("borrower")


def complaints_for(actor: Actor) -> QuerySet[Complaint]:
    """The register of complaints."""
    return rows_for("complaint", actor).select_related("request", "borrower", "about_agency", "proposed_by")


def complaint_for(actor: Actor, number: str) -> Complaint | None:
    """One of them by the number that the borrower was given."""
    return complaints_for(actor).filter(request__number=number).first()


def instructions_for(actor: Actor) -> QuerySet[Instruction]:
    """What the lender's loan system must book."""
    return rows_for("instruction", actor)


def treatments_for(actor: Actor) -> QuerySet[Treatment]:
    """What the nights planned for borrowers."""
    return rows_for("treatment", actor).select_related("borrower")


def holds_for(actor: Actor) -> QuerySet[Hold]:
    """Holds, running or over."""
    return rows_for("hold", actor)


def document_for(actor: Actor, code: str) -> Document | None:
    """A paper that a borrower took out, by its code."""
    return rows_for("document", actor).filter(code=code).first()


# visits


def visits_for(actor: Actor) -> QuerySet[Visit]:
    """Visits to borrowers one may see; for visitors those on a route that was given to them."""
    related = ("borrower", "point", "agency", "proposed_by", "decided_by", "contact", "notice")
    return rows_for("visit", actor).select_related(*related)


def visit_for(actor: Actor, visit_id: str) -> Visit | None:
    """One of them."""
    return visits_for(actor).filter(pk=visit_id).first()


def routes_for(actor: Actor) -> QuerySet[VisitRoute]:
    """The routes of visitors."""
    return rows_for("route", actor).select_related("first", "second", "made_by", "agency")


def route_for(actor: Actor, route_id: int) -> VisitRoute | None:
    """One of them."""
    return routes_for(actor).filter(pk=route_id).first()


def alarms_for(actor: Actor) -> QuerySet[Alarm]:
    """Visitors' alarms."""
    return rows_for("alarm", actor).select_related("staff", "visit__borrower", "visit__point")


def alarm_for(actor: Actor, alarm_id: int) -> Alarm | None:
    """One of them."""
    return alarms_for(actor).filter(pk=alarm_id).first()


def replies_for(actor: Actor) -> QuerySet[Inbound]:
    """What people wrote back, known or not."""
    return rows_for("reply", actor).filter(kind="reply").select_related("borrower", "alarm", "owner")


def case_replies_for(actor: Actor, borrower_id: str) -> QuerySet[Inbound]:
    """What one borrower wrote or said, for those who see their case."""
    rows = rows_for("case reply", actor).filter(kind="reply", borrower_id=borrower_id)
    return rows.select_related("answer", "request")


def reply_for(actor: Actor, inbound_id: int) -> Inbound | None:
    """One of them."""
    return replies_for(actor).filter(pk=inbound_id).first()


def reply_alarms_for(actor: Actor) -> QuerySet[ReplyAlarm]:
    """Alarms about what somebody wrote."""
    return rows_for("reply alarm", actor).select_related("inbound", "borrower", "seen_by")


# agencies


def placements_for(actor: Actor) -> QuerySet[Placement]:
    """Placements: an agency's people and keys see those that run with their own agency, and no others."""
    return rows_for("placement", actor).select_related("borrower", "agency", "worker")


def placement_for(actor: Actor, placement_id: int) -> Placement | None:
    """One of them."""
    return placements_for(actor).filter(pk=placement_id).first()


def recording_requests_for(actor: Actor) -> QuerySet[RecordingRequest]:
    """Recordings that the lender wants of agencies."""
    return rows_for("recording request", actor).select_related("contact")


def findings_for(actor: Actor, agency: str) -> QuerySet[Finding]:
    """What was found against an agency's conduct."""
    return rows_for("finding", actor).filter(agency_id=agency)


def feedback_for(actor: Actor, agency: str) -> QuerySet[Feedback]:
    """What borrowers said of an agency, once they had answered."""
    return rows_for("feedback", actor).filter(agency_id=agency, answered_at__isnull=False)


def statements_for(actor: Actor, agency: str) -> QuerySet[Statement]:
    """An agency's commission statements."""
    return rows_for("statement", actor).filter(agency_id=agency)


def statement_for(actor: Actor, statement_id: int) -> Statement | None:
    """One statement, with its agency."""
    return rows_for("statement", actor).filter(pk=statement_id).select_related("agency").first()


def statement_line_for(actor: Actor, line_id: int) -> StatementLine | None:
    """One line of a commission statement."""
    return StatementLine.objects.filter(pk=line_id, statement__in=rows_for("statement", actor)).first()


# courts and bureaus


def lawsuits_for(actor: Actor) -> QuerySet[Lawsuit]:
    """Lawsuits in every state."""
    return rows_for("lawsuit", actor).select_related("borrower")


def lawsuit_for(actor: Actor, lawsuit_id: int) -> Lawsuit | None:
    """One lawsuit, with who proposed and signed it and its letter before claim."""
    rows = lawsuits_for(actor).filter(pk=lawsuit_id)
    return rows.select_related("proposed_by", "signed_by", "letter_before_claim").first()


def credit_reports_for(actor: Actor) -> QuerySet[CreditReport]:
    """Reports to credit bureaus."""
    return rows_for("credit report", actor)


def credit_report_for(actor: Actor, report_id: int) -> CreditReport | None:
    """One of them."""
    return credit_reports_for(actor).filter(pk=report_id).first()


def credit_records_for(actor: Actor) -> QuerySet[CreditRecord]:
    """What was reported of single loans."""
    return rows_for("credit record", actor).select_related("report")


def credit_objections_for(actor: Actor) -> QuerySet[Request]:
    """Requests in which borrowers object to what was reported to a bureau."""
    return rows_for("credit objection", actor).filter(kind="credit_objection")


# the evidence log


def events_for(actor: Actor) -> QuerySet[Event]:
    """The evidence log: all of it for who may search it, a borrower's own events for them."""
    return rows_for("event", actor)


def case_events_for(actor: Actor, borrower_id: str) -> QuerySet[Event]:
    """The events of one borrower, for who may see their case."""
    return rows_for("case event", actor).filter(borrower=borrower_id)


def refusals_for(actor: Actor) -> QuerySet[Event]:
    """Events in which a contact was refused."""
    return rows_for("refusal", actor).filter(kind="refusal")


# programs


def webhooks_for(key: ApiKey) -> QuerySet[WebhookEndpoint]:
    """The webhooks that were set up with this key."""
    return rows_for("webhook", key)


def webhook_for(key: ApiKey, webhook_id: int) -> WebhookEndpoint | None:
    """One of them."""
    return webhooks_for(key).filter(pk=webhook_id).first()
