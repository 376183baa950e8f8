"""Why something was done or didn't happen: a code with its values, for programs to count and pages to explain.

Tables and evidence hold the code and the values. The sentence is made where somebody reads it, in their language.
A person's own words are never a reason here: they stand beside it, in a column or value of their own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from forbear.core.base.problem import Problem, Refusal, as_json

#: Every code and the values it takes. "" is no reason.
REASONS: dict[str, tuple[str, ...]] = {
    "": (),
    # what a person or a rule did
    "rules": ("rules",),
    "by_staff": (),
    "awaits_approval": (),
    "called_off_by_staff": (),
    "opted_out": (),
    "hold": ("kind",),
    "on_hold": (),
    "request_answered": ("request",),
    "granted": (),
    "sold": (),
    "outcome_corrected": (),
    "recalled": ("ending",),
    "rolled_back": (),
    "retention": (),
    "unmask": ("purpose",),
    "search": ("caller",),
    "data_copy": (),
    # payments and the book
    "payment": ("payment",),
    "payment_not_in_book": (),
    "payment_in_book": (),
    "unapplied_decided": ("payment",),
    "nothing_past_due": (),
    "case_closed": (),
    "loan_moved": ("loans", "borrower"),
    "loan_left": ("loans", "borrower"),
    "order_amount_differs": (),
    "order_reference_differs": (),
    "order_paid_at_impossible": (),
    "order_paid_already": (),
    # agreements
    "plan": ("state",),
    "promise": ("state",),
    "reported_payment": ("state",),
    "settlement": ("state",),
    "plan_signed": (),
    "day_passed": (),
    # contacts and their way out
    "superseded_by_night": (),
    "wrong_person": (),
    "permit_expired": (),
    "worker_stopped": (),
    "no_provider": ("channel",),
    "provider": ("detail",),
    "not_a_phone_number": (),
    "text_not_sendable": (),
    "no_registered_template": (),
    "no_own_line": (),
    "not_one_pdf": (),
    "folder_not_writable": ("error",),
    "notice_not_delivered": ("outcome",),
    "problem": ("problem",),
    # visits
    "leave_expired": (),
    "visit_outside_hours": ("starts", "ends"),
    "nobody_set_out": (),
    "visitors_did_not_go": (),
    "approval_expired": (),
    "not_decided_in_time": (),
    "agency_lost_case": (),
    "visit_called_off": ("reason",),
    # agencies and what is placed with them
    "papers_expired": ("papers",),
    "review_overdue": (),
    "case_changed": (),
    "hold_began": (),
    "agency_full": (),
    # lawsuits and credit reports
    "lawsuit_over": (),
    "lawsuit_ended": ("ending",),
    "no_case": (),
    # people
    "collector_left": (),
    "wrong_proofs": ("times",),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A declared code and its values, which JSON can hold; AssertionError for any other."""

    code: str = ""
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        assert self.code in REASONS, f"the reason {self.code} is not declared"
        missing = set(REASONS[self.code]) ^ set(self.params)
        assert not missing, f"the reason {self.code} takes {REASONS[self.code]}, not {sorted(self.params)}"

    def __bool__(self) -> bool:
        return bool(self.code)

    @classmethod
    def of(cls, code: str, **params: object) -> "Reason":
        """The reason of this code with these values."""
        return cls(code, params)

    @classmethod
    def read(cls, stored: Mapping[str, object]) -> "Reason":
        """A reason as `as_dict` wrote it; AssertionError for anything else."""
        code, params = stored["code"], stored["params"]
        assert isinstance(code, str), code
        assert isinstance(params, Mapping), params
        return cls(code, params)

    def as_dict(self) -> dict[str, object]:
        """The code and its values, as evidence and interfaces hold them."""
        return {"code": self.code, "params": dict(self.params)}

    def columns(self, prefix: str = "") -> dict[str, object]:
        """The two columns of a table that hold it."""
        return {f"{prefix}reason_code": self.code, f"{prefix}reason_params": dict(self.params)}


#: No reason, or none yet.
NO_REASON = Reason()


def refused_by(refusals: Iterable[Refusal]) -> Reason:
    """Rules refused it: all of their ids, in the order of the decision, each once."""
    return Reason.of("rules", rules=list(dict.fromkeys(refusal.rule for refusal in refusals)))


def of_problem(problem: Problem) -> Reason:
    """What was wrong with the input or the setting that it would have needed."""
    return Reason.of("problem", problem=as_json(problem))
