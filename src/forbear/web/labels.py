"""The words of the pages for what the tables hold as codes: English message ids, each language in its catalogue."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.core.agencies.assignment import REASONS as ASSIGNED_FOR
from forbear.core.agencies.conduct import FINDINGS
from forbear.core.agencies.placement import ENDINGS
from forbear.core.agreements.complaint import CATEGORIES, REDRESS, ROOT_CAUSES
from forbear.core.agreements.vulnerability import KINDS as CARE_KINDS
from forbear.core.agreements.vulnerability import MEASURES, TOLD_BY
from forbear.core.bureaus.events import EVENTS as CREDIT_EVENTS
from forbear.core.court.lawsuit import AGAINST, DEADLINES
from forbear.core.court.lawsuit import ENDINGS as SUIT_ENDINGS
from forbear.core.evidence.kinds import KINDS
from forbear.core.facts.contact_facts import NOTICES as FACT_NOTICES
from forbear.core.sales.charge_off import REASONS as WRITE_OFF_REASONS
from forbear.core.sales.sale import EXCLUDED
from forbear.core.staff.quality import WORDS as CRITERIA_WORDS
from forbear.core.visits.visit import LACKS, ROUTE_NOTES
from forbear.core.visits.visit import OUTCOMES as VISIT_OUTCOMES
from forbear.core.visits.visit import STATES as VISITS
from forbear.web.account_labels import (
    ACCESS,
    ACCESS_MORE,
    ACCOUNT_CHANGE_STATES,
    ACCOUNT_CHANGES,
    ACCOUNTS,
    CONTACT_LINES,
    ENCLOSURES,
    HOOKS,
    LANGUAGES,
    ORIGINS,
    PROOFS,
    ROLES,
    SCOPES,
)
from forbear.web.borrower_labels import BORROWERS
from forbear.web.languages import label, pair_of
from forbear.web.payment_labels import PAYMENTS
from forbear.web.reply_labels import REPLIES
from forbear.web.score_labels import SCORES

CHANNELS = {
    "sms": _("Text message"),
    "email": _("E-mail"),
    "voice": _("Automatic call"),
    "call": pgettext_lazy("channel", "Call"),
    "letter": _("Letter"),
    "push": _("App message"),
    "visit": _("Field visit"),
    "agency": pgettext_lazy("channel", "Agency"),
    "court": _("Litigation"),
    "bureau": _("Credit bureau"),
    "portal": _("Borrower's page"),
    "web": _("Website"),
}
#: How a complaint came.
CAME_BY = {**CHANNELS, "desk": _("At the desk"), "public": _("Website")}
#: What became of a text to the lender's own people.
STAFF_TEXTS = {
    "waiting": _("text waits to be sent"),
    "sending": _("text is being sent"),
    "sent": _("texted"),
    "refused": _("text refused by the number or its provider"),
    "unknown": _("text of unknown fate"),
}
HANDLERS = {
    "system": _("System"),
    "internal": _("In-house"),
    "agency": pgettext_lazy("channel", "Agency"),
    "legal": _("Legal"),
    "": "—",
}
STATES = {
    "waiting": pgettext_lazy("contact", "Waiting"),
    "claimed": _("Claimed by a worker"),
    "sending": _("Sending"),
    "sent": _("Sent"),
    "unknown": _("Delivery unknown"),
    "refused": _("Refused by rule"),
    "failed": _("Failed"),
    "cancelled": _("Cancelled"),
    "dead": _("Needs a person"),
}
OUTCOMES = {
    "pending": _("Not yet known"),
    "connected": pgettext_lazy("contact", "Answered"),
    "conversation": _("Spoke with the borrower"),
    "unanswered": _("No answer"),
    "voicemail": _("Voicemail"),
    "limited_message": _("Limited message left"),
    "invalid": _("Invalid number"),
    "delivered": _("Delivered"),
    "undelivered": _("Not delivered"),
    "not_sent": _("Not sent"),
}
RESULTS = {
    "promise": _("Promises to pay"),
    "will_pay": _("Says they will pay"),
    "cannot_pay": _("Can't pay now"),
    "disputes": _("Disputes it"),
    "call_back": _("Call back"),
    "no_answer": _("No answer"),
    "voicemail": _("Voicemail, nothing said"),
    "limited_message": _("Voicemail, limited message left"),
    "other_message": _("Voicemail, other words left"),
    "wrong_person": _("Wrong person"),
    "invalid": _("Number not in service"),
    "cease": _("Asks us to stop"),
    "lawyer": _("Has a lawyer"),
    "deceased": _("Has died"),
}
WILLINGNESS = {
    "willing": _("Willing"),
    "part": _("Willing in part"),
    "unable": _("Willing, not able"),
    "unwilling": _("Not willing"),
    "denies": _("Denies the debt"),
}
SITUATIONS = {
    "forgot": _("Forgot"),
    "late_income": _("Income came late"),
    "lost_job": _("Lost their job"),
    "illness": _("Illness"),
    "family": _("Family"),
    "disaster": _("Disaster"),
    "business": _("Business in trouble"),
    "too_much_debt": _("Too much debt"),
    "dispute": _("Disputes the debt"),
    "other": _("Other"),
}
HOLDS = {
    "dispute": _("Dispute"),
    "hardship": _("Hardship review"),
    "promise": _("Promise to pay open"),
    "plan": _("Repayment plan active"),
    "moratorium": _("Breathing space"),
    "counsellor": _("Debt counsellor"),
    "cease": _("Asked us to stop"),
    "lawyer": _("Lawyer"),
    "deceased": _("Deceased"),
    "bankrupt": _("Insolvency"),
    "vulnerable": _("Vulnerable customer"),
    "no_visits": _("No visits"),
    "no_calls": _("No calls"),
    "no_robots": _("No automatic calls"),
    "verification": _("Verification due"),
    "other": _("On hold"),
    "complaint": _("Complaint open"),
    "ombudsman": _("With the ombudsman"),
    "military": _("Military service"),
    "crisis": _("Mental-health crisis"),
    "bereavement": _("Bereavement"),
    "refusal": _("Refuses to pay"),
    "unapplied": _("Unapplied payment"),
    "unconfirmed": _("Reported payment, not booked yet"),
    "forbearance": _("Forbearance granted"),
}
REQUESTS = {
    "hardship": _("Help in hardship"),
    "dispute": pgettext_lazy("request", "Dispute"),
    "complaint": _("Complaint"),
    "plan": pgettext_lazy("request", "Repayment plan"),
    "extension": pgettext_lazy("request", "More time"),
    "written_notice": _("A written notice"),
    "credit_objection": _("Objection to a credit record"),
    "data_copy": _("A copy of their data"),
    "correction": _("Correct my details"),
    "wrong_person": pgettext_lazy("request", "Wrong person"),
    "report_caller": _("A suspicious caller"),
    "lawyer": _("A lawyer or helper"),
    "payment_check": _("A payment to be checked"),
    "other": _("Something else"),
}
ANSWERS = {
    "booked": _("Booked"),
    "not_received": _("Not received"),
    "done": _("Done"),
    "refused": _("Not accepted"),
    "reduced": _("Lower instalments"),
    "deferred": _("A pause"),
    "upheld": _("Upheld"),
    "partly": _("Partly upheld"),
    "corrected": _("Corrected"),
    "confirmed": _("Confirmed: wrong person"),
    "ours": _("It was us"),
    "not_ours": _("It was not us"),
    "": "—",
}
AGREEMENTS = {
    "open": _("Open"),
    "planned": _("Letter on its way"),
    "proposed": _("Waiting for approval"),
    "active": _("Active"),
    "offered": _("Active offer"),
    "kept": _("Kept"),
    "broken": _("Broken"),
    "lapsed": _("Lapsed"),
    "declined": _("Declined"),
    "cancelled": _("Cancelled"),
    "ended": pgettext_lazy("agreement", "Ended"),
    "answered": _("Answered"),
    "withdrawn": _("Withdrawn"),
}
#: The states of a request; `proposed` is a complaint that a second person has to reject.
REQUEST_STATES = {
    "open": _("To be answered"),
    "proposed": _("Needs a second person"),
    "answered": _("Answered"),
    "withdrawn": _("Withdrawn"),
}
INSTRUCTIONS = {
    "pause": _("Payments rest"),
    "due_date": _("Due date moved"),
    "line": _("Line corrected"),
    "settled": _("Settled for less"),
    "plan": pgettext_lazy("request", "Repayment plan"),
}
INSTRUCTION_STATES = {
    "open": _("Not booked yet"),
    "booked": _("Booked"),
    "contradicted": _("The feed says otherwise"),
    "withdrawn": _("Withdrawn"),
}
REASONS = {
    "identify": _("To identify the person"),
    "correct": _("To correct data"),
    "complaint": _("To answer a complaint"),
    "legal": _("For a legal step"),
    "audit": _("For an audit"),
}
FORCES = {
    "law": _("Law"),
    "standard": _("Standard"),
    "self-regulation": _("Self-regulation"),
    "house": _("House rule"),
}
#: The stages of the ready strategies; a lender's own keep their name.
STAGES = {
    "due_soon": _("Due soon"),
    "reminder": _("Reminder"),
    "conversation": _("Early"),
    "intensive": _("Mid-stage"),
    "legal": _("Legal stage"),
    "long_overdue": _("Late-stage"),
    "": "—",
}
ENDED = ENDINGS | {"": _("With the agency")}
AGENCY_STATES = {
    "proposed": _("Waiting for admission"),
    "admitted": _("Active agency"),
    "suspended": _("Suspended"),
    "ended": pgettext_lazy("agreement", "Ended"),
    "declined": _("Not admitted"),
}
SUSPENDED = {
    "misconduct": _("Misconduct"),
    "review": _("Yearly review due"),
    "papers": _("A document expired"),
    "own_plan": _("At its own request"),
    "": "—",
}
LISTED = {
    "proposed": _("Waiting for approval"),
    "signed": _("Approved, being placed"),
    "settled": _("Placed"),
    "placed": pgettext_lazy("case", "Placed"),
    "refused": _("Refused by rule"),
    "dropped": _("Not placed"),
    "declined": _("Declined"),
}
#: The parts of an agency's scorecard: name, and how it is computed.
CARD = {
    "conduct": (
        pgettext_lazy("scorecard", "Conduct"),
        _("Weighted findings per 1,000 contacts; none is 100, 50 is 0"),
    ),
    "record": (
        pgettext_lazy("scorecard", "Record"),
        _("Money recovered ÷ what similar cases brought in the same time; 1 is 50"),
    ),
    "feedback": (
        _("Borrowers' feedback"),
        _("The mean of two answers, from 1 to 5"),
    ),
}
VERSIONS = {
    "draft": _("Draft"),
    "proposed": _("Waiting for approval"),
    "canary": _("Canary"),
    "signed": _("Approved"),
    "declined": _("Declined"),
    "withdrawn": _("Withdrawn"),
}
TRIALS = {
    "": _("No dry run yet"),
    "waiting": _("Waiting for the dry run"),
    "running": _("Dry run in progress"),
    "done": _("Dry run done"),
    "failed": _("Dry run failed"),
}
#: What came of a dry run that could not be finished; others are told in their own words.
TRIED = {
    "no_night": _("There was no end-of-day run yet; a dry run needs one"),
    "error": _(
        "The dry run stopped with an error. The draft is unchanged, and the server's log has the details."
    ),
}
SALES = {
    "proposed": _("Waiting for approval"),
    "signed": _("Approved, in progress"),
    "done": pgettext_lazy("sale", "Sold"),
    "declined": _("Declined"),
    "in": _("To be sold"),
    "out": _("Left out"),
    "sold": pgettext_lazy("sale", "Sold"),
    "dropped": _("Dropped"),
}
CALLERS = {
    "not_asked": _("not asked for a date of birth"),
    "verified": _("date of birth matches"),
    "not_verified": _("date of birth does not match"),
}
PRESENCE = {
    "on_call": _("On a call"),
    "working": pgettext_lazy("presence", "At work"),
    "idle": pgettext_lazy("presence", "Idle"),
    "away": _("Away"),
}
MARKS = {
    "yes": _("Yes"),
    "partly": _("Partly"),
    "no": pgettext_lazy("scorecard", "No"),
    "none": _("Doesn't apply"),
}
VERDICTS = {"good": _("Good"), "coach": _("Could be better"), "breach": _("Should not have been so")}
EVENTS = KINDS
WAYS = {"payment_order": _("Order to pay"), "small_claim": _("Small claim"), "claim": _("Claim")}
SUITS = {
    "proposed": _("Approvals"),
    "signed": _("Approved"),
    "declined": _("Declined"),
    "demanded": _("Letter before claim sent"),
    "mediating": _("In mediation"),
    "filed": _("Filed with the court"),
    "rejected": _("Not accepted by the court"),
    "served": _("Served"),
    "objected": _("Objected to"),
    "judged": _("Judgment given"),
    "appealed": _("Appealed"),
    "in_force": _("Judgment in force"),
    "enforcing": _("Enforcement applied for"),
    "withdrawing": _("Being withdrawn"),
    "ended": pgettext_lazy("lawsuit", "Ended"),
}
NOTICES = FACT_NOTICES
ACTING = {"lawyer": _("A lawyer"), "counsellor": _("A debt adviser"), "helper": _("A relative or friend")}
PARTIES = {
    "debtor": _("The borrower"),
    "lawyer": _("Their lawyer"),
    "helper": _("Their helper"),
    "guarantor": _("Guarantor"),
    "executor": _("Executor"),
    "related": _("A relative or friend"),
    "unrelated": _("Somebody else"),
    "employer": _("Employer"),
}
FIELDS = {
    "reason": _("Reason"),
    "role": pgettext_lazy("request", "Role"),
    "name": _("Full name"),
    "phone": _("Phone"),
    "email": _("E-mail address"),
    "address": _("Address"),
    "amount": _("Amount"),
    "ref": _("The provider's reference"),
    "doubt": _("What doesn't fit"),
    "party": _("Who wrote"),
    "hold_kind": _("What it stopped"),
}
#: Others keep their code of ISO 4217.
CURRENCIES = {"CNY": _("CNY")}
CREDIT_FORMS = {"cn": _("China, month"), "cn_events": _("China, events"), "metro2": _("Metro 2, month")}
CREDIT_KINDS = {
    "monthly": _("Month's end"),
    "correction": _("Correction"),
    "withheld": _("Withheld"),
    **CREDIT_EVENTS,
}
COUNTED = {
    "any": _("all contacts"),
    "connected": _("answered"),
    "conversation": _("with the borrower"),
    "unanswered": _("unanswered"),
}
COUNTED_BY = {"debtor": _("of a borrower"), "debt": _("of a loan"), "number": _("to a number")}
TABLES: Mapping[str, Mapping[str, Any]] = {
    "counted": COUNTED,
    "provider": {"by_hand": _("dialled by hand")},
    "counted_by": COUNTED_BY,
    "credit_form": CREDIT_FORMS,
    "credit_kind": CREDIT_KINDS,
    "channel": CHANNELS,
    "against": AGAINST,
    "currency": CURRENCIES,
    "deadline": DEADLINES,
    "lawsuit": SUITS,
    "lawsuit_ended": SUIT_ENDINGS,
    "lawsuit_procedure": WAYS,
    "field": FIELDS,
    "party": PARTIES,
    "acting": ACTING,
    "handler": HANDLERS,
    "stage": STAGES,
    "state": STATES,
    "outcome": OUTCOMES,
    "came_by": CAME_BY,
    "complaint_category": {**CATEGORIES, "": "—"},
    "root_cause": {**ROOT_CAUSES, "": "—"},
    "care_kind": CARE_KINDS,
    "care_measure": MEASURES,
    "told_by": TOLD_BY,
    "staff_text": STAFF_TEXTS,
    "redress": {**REDRESS, "": "—"},
    "result": RESULTS,
    "willingness": WILLINGNESS,
    "situation": SITUATIONS,
    "hold": HOLDS,
    "reason": REASONS,
    "force": FORCES,
    "event": EVENTS,
    "request": REQUESTS,
    **BORROWERS,
    "answer": ANSWERS,
    "agreement": AGREEMENTS,
    "request_state": REQUEST_STATES,
    "instruction": INSTRUCTIONS,
    "instruction_state": INSTRUCTION_STATES,
    **PAYMENTS,
    "ending": ENDED,
    "finding": FINDINGS,
    "agency": AGENCY_STATES,
    "suspended": SUSPENDED,
    "listed": LISTED,
    "role": ROLES,
    "verdict": VERDICTS,
    "criterion": CRITERIA_WORDS,
    "mark": MARKS,
    "presence": PRESENCE,
    "caller": CALLERS,
    "version": VERSIONS,
    "trial": TRIALS,
    "tried": TRIED,
    "account": ACCOUNTS,
    "account_change": ACCOUNT_CHANGES,
    "account_change_state": ACCOUNT_CHANGE_STATES,
    "access": ACCESS,
    "assigned_for": ASSIGNED_FOR,
    "access_more": ACCESS_MORE,
    "contact_line": CONTACT_LINES,
    "enclosure": ENCLOSURES,
    "hook": HOOKS,
    "language": LANGUAGES,
    "origin": ORIGINS,
    "scope": SCOPES,
    "proof": PROOFS,
    "visit": VISITS,
    **REPLIES,
    **SCORES,
    "visit_outcome": {code: each.name for code, each in VISIT_OUTCOMES.items()},
    "lack": LACKS,
    "way": ROUTE_NOTES,
    "excluded": EXCLUDED,
    "write_off": WRITE_OFF_REASONS,
    "sale": SALES,
}


def word(table: str, code: str, chinese: bool | None = None) -> str:
    """The word for a code; the code itself where a lender has codes of its own.

    `chinese` asks for one of the two languages instead of the reader's.
    """
    text = TABLES[table].get(code)
    if text is None:
        return code
    return label(text) if chinese is None else pair_of(text)[0 if chinese else 1]
