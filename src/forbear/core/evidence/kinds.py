"""Every kind of event the evidence log knows, with its meaning.

A kind not listed here can't be written. Its `body` holds ids, codes, amounts in minor units, moments and
digests; what names or describes a person goes among the event's personal values, which can be erased.
"""

from forbear.core.base.problem import MessageId, noop

#: kind: meaning
KINDS: dict[str, MessageId] = {
    "planned_contact": noop("Contact queued"),
    "permit": noop("A contact was permitted"),
    "refusal": noop("A contact was refused, and by which rules"),
    "sending": noop("Contact sent, or not sent"),
    "report": noop("What the provider reported of a contact"),
    "cancelled": noop("Planned contacts were cancelled"),
    "contact": noop("A contact that was made, and its outcome"),
    "inbound": noop("The borrower wrote or called"),
    "recording": noop("A recording"),
    "letter": noop("A letter"),
    "notice": noop("A notice that the law or the contract asks for"),
    "view": noop("Personal data was looked at"),
    "export": noop("Evidence or a list was handed out"),
    "erasure": noop("Personal data was erased"),
    "correction": noop("An earlier record was corrected"),
    "consent": noop("Consent was given or taken back"),
    "point": noop("A number or address was added, stopped or found invalid"),
    "hold": noop("On hold"),
    "hold_lifted": noop("Hold lifted"),
    "case_opened": noop("Entered collections"),
    "case_closed": noop("Left collections"),
    "stage": noop("A case moved to another stage"),
    "assignment": noop("Case assigned"),
    "note": noop("A note on the case"),
    "payment": noop("Payment received or reversed"),
    "reported_payment": noop("A payment that the borrower reported, and what became of it"),
    "promise": noop("Promise to pay"),
    "plan": noop("A repayment plan, and its changes"),
    "settlement": noop("A settlement"),
    "vulnerability": noop("Special care for a vulnerable borrower, and its reviews"),
    "hardship": noop("A request for hardship help, and the decision"),
    "dispute": noop("A dispute, and how it was answered"),
    "complaint": noop("A complaint, and how it was answered"),
    "placement": noop("A case was placed with an agency"),
    "recall": noop("A case was recalled from an agency"),
    "visit": noop("Field visit"),
    "legal": noop("A step at court or in arbitration"),
    "instruction": noop("An instruction to the lender's loan system, and what its feed says"),
    "penalty": noop("The lender's penalty interest differs from ours, and what came of it"),
    "write_off": noop("A write-off"),
    "sale": noop("A debt was sold"),
    "credit_report": noop("A report to a credit bureau"),
    "agency": noop("A change to an outside agency"),
    "change": noop("A change of strategy, rules or settings"),
    "access": noop("A change to who may do what"),
    "session": noop("Somebody of the staff signed in or out"),
}
