"""Whether a pack gets its cases right: what it permits unlawfully, refuses though lawful, or lifts at a wrong time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from forbear.core.base.problem import Problem, at_place
from forbear.core.permits.cases import PackCase
from forbear.core.permits.decision import Decision, decide
from forbear.core.permits.rules import Rulebook


@dataclass(frozen=True, slots=True)
class CaseAnswer:
    """What was answered to a case: whether `allowed`, until when not, and by which rules with their clauses."""

    allowed: bool
    until: datetime | None = None
    refused_by: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A case and what the rules said: whether `allowed`, until when not, and by which rules with their clauses."""

    case: PackCase
    allowed: bool
    until: datetime | None
    refused_by: tuple[tuple[str, str], ...]

    @property
    def leak(self) -> bool:
        """Permitted though the clause forbids it."""
        return self.allowed and not self.case.allowed

    @property
    def wrong_refusal(self) -> bool:
        """Refused though the clause allows it."""
        return not self.allowed and self.case.allowed

    @property
    def wrong_time(self) -> bool:
        """Refused as it should be, but another earliest lawful moment is named than the case has."""
        if self.allowed or self.case.allowed or not self.case.waits:
            return False
        return self.until != self.case.until

    @property
    def right(self) -> bool:
        """Whether nothing is wrong with the answer."""
        return not (self.leak or self.wrong_refusal or self.wrong_time)


def concerned(pack_names: Iterable[str], cases: Iterable[PackCase]) -> list[PackCase]:
    """The cases of these packs; those of other packs are passed over."""
    names = set(pack_names)
    return [case for case in cases if case.pack in names]


def answer_of(decision: Decision) -> CaseAnswer:
    """What a decision answers."""
    refused_by = tuple((refusal.rule, refusal.clause) for refusal in decision.refusals)
    return CaseAnswer(decision.permitted, decision.until, refused_by)


def check_cases(
    book: Rulebook, cases: Iterable[PackCase], ask: Callable[[PackCase], CaseAnswer] | None = None
) -> list[CaseResult]:
    """Put each case to the rules. `ask` puts it another way, as through a database."""

    def decided(case: PackCase) -> CaseAnswer:
        return answer_of(decide(book, case.planned, case.context, case.now))

    return [
        CaseResult(case, answer.allowed, answer.until, answer.refused_by)
        for case in cases
        for answer in ((ask or decided)(case),)
    ]


def wrong_case(one: CaseResult) -> Problem:
    """The sentence about a case that a pack gets wrong: its file and line, its id and its clause."""
    assert not one.right, "only of a wrong answer"
    case, clause = one.case.id, one.case.clause
    if one.leak:
        wrong = Problem(
            "case_leaks",
            "case %(case)s is permitted and must not be: %(clause)s",
            case=case,
            clause=clause,
        )
    elif one.wrong_refusal:
        wrong = Problem(
            "case_refused",
            "case %(case)s is refused by %(rules)s and is lawful: %(clause)s",
            case=case,
            rules=tuple(rule for rule, _ in one.refused_by),
            clause=clause,
        )
    else:
        wrong = Problem(
            "case_time_wrong",
            "case %(case)s is lawful at another time: %(clause)s",
            case=case,
            clause=clause,
        )
    return at_place(one.case.place, wrong)


def summary(results: list[CaseResult]) -> dict[str, object]:
    """The score as a program reads it."""
    return {
        "cases": len(results),
        "right": sum(one.right for one in results),
        "leaks": [one.case.id for one in results if one.leak],
        "wrong_refusals": [one.case.id for one in results if one.wrong_refusal],
        "wrong_times": [one.case.id for one in results if one.wrong_time],
    }
