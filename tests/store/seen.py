"""By whom each kind of row is seen, written by hand: what tests/store/test_access.py holds the queries to."""

from dataclasses import dataclass

_CASES = {"collector", "lead", "compliance", "manager", "legal", "auditor"}
_AGENCIES = {"lead", "compliance", "analyst", "manager", "auditor"}
_COMPLIANCE = {"compliance", "analyst", "manager", "auditor"}
_COURT = {"compliance", "manager", "legal", "auditor"}
_SALES = {"compliance", "manager", "auditor"}
_VISITS = {"collector", "lead", "compliance", "manager", "auditor"}


@dataclass(frozen=True)
class Seen:
    """By whom a kind of row is seen, written out by hand: the lender's roles (of every borrower, or of those with
    cases), an agency's people, the borrower, keys (the lender's all, an agency's its own), visitors, the own key.
    """

    roles: frozenset[str] | set[str] = frozenset()
    cases: bool = False
    agency: bool = False
    own: bool = False
    keys: bool = False
    visitor: bool = False
    own_key: bool = False


SEEN = {
    "case": Seen(_CASES, cases=True),
    "borrower": Seen(_CASES, cases=True, agency=True, own=True, keys=True),
    "loan": Seen(_CASES, cases=True, agency=True, own=True, keys=True),
    "unapplied payment": Seen({"lead", "compliance"}),
    "reported payment": Seen(_CASES, cases=True, agency=True, own=True),
    "reply": Seen({"lead", "compliance"}),
    "case reply": Seen(_CASES, cases=True),
    "payment order": Seen(own=True),
    "penalty difference": Seen(_COMPLIANCE, own=True),
    "write-off": Seen(_SALES),
    "sale": Seen(_SALES),
    "contact": Seen(_CASES, cases=True, agency=True, own=True, keys=True),
    "sample contact": Seen(_COMPLIANCE),
    "agency contact": Seen(_AGENCIES),
    "reviewed contact": Seen({"lead", "compliance"}),
    "conversation": Seen(_CASES, cases=True, agency=True),
    "missing recording": Seen(_COMPLIANCE),
    "treatment": Seen(_CASES, cases=True),
    "hold": Seen(_CASES, cases=True, own=True),
    "promise": Seen(_CASES, cases=True, own=True),
    "plan": Seen(_CASES, cases=True, own=True),
    "settlement": Seen(_CASES, cases=True, own=True),
    "complaint": Seen({"lead", "compliance", "manager", "auditor"}, cases=True),
    "vulnerability": Seen(_CASES, cases=True, own=True),
    "instruction": Seen(_CASES, cases=True, own=True),
    "request": Seen(_CASES, cases=True, own=True),
    "document": Seen(own=True),
    "visit": Seen(_VISITS, cases=True, own=True, visitor=True),
    "route": Seen(_VISITS),
    "alarm": Seen(_VISITS),
    "reply alarm": Seen(_VISITS),
    "placement": Seen(_AGENCIES, agency=True, own=True, keys=True),
    "recording request": Seen(_AGENCIES, agency=True),
    "finding": Seen(_AGENCIES, agency=True),
    "feedback": Seen(_AGENCIES),
    "statement": Seen(_AGENCIES, agency=True),
    "lawsuit": Seen(_COURT),
    "credit report": Seen(_COURT),
    "credit record": Seen(_COURT, own=True),
    "credit objection": Seen(_COURT),
    "event": Seen({"compliance", "legal"}, own=True),
    "case event": Seen(_CASES, cases=True),
    "refusal": Seen(_COMPLIANCE),
    "webhook": Seen(own_key=True),
}
