"""Who gets which cases today: within each person's capacity, by language, skill and team, fair by difficulty.

Cases that are alike (a lot) are shared out together, so that the question stays small: how many of each lot does each
person get? A solver (`forbear.insight.assignment`) answers in two steps. First the most cash that can be
expected; then, giving up at most `GIVE_UP` of it, the fairest sharing: everybody's list equally full for their
room, equally hard and equally promising. What is here is the question and the reading of the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from forbear.core.base.problem import noop

#: The share of expected cash given up for fairness at most, in thousandths.
GIVE_UP = 10
#: (fact, above this, what it adds to a case's difficulty, what it means)
HARDER = (
    ("days_past_due", 30, 1, noop("more than 30 days late")),
    ("days_past_due", 90, 1, noop("more than 90 days late")),
    ("loans_past_due", 1, 1, noop("several loans late")),
    ("promises_broken", 0, 1, noop("a promise was broken")),
)


@dataclass(frozen=True, slots=True)
class Person:
    """A collector. `room` is how many more cases they can take; no `skills` means every stage."""

    number: str
    room: int
    languages: frozenset[str]
    skills: frozenset[str] = frozenset()
    team: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A case to be given. `before` is the number of the person who spoke with the borrower last, `team` their team.

    `value` is the cash expected of a talk, in minor units. An empty `language` or `team` means any.
    """

    case_id: int
    borrower: str
    stage: str
    language: str
    difficulty: int
    value: int
    before: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A case and who gets it; `reasons` has codes of REASONS, the narrowest first."""

    job: Job
    person: str
    reasons: tuple[str, ...]


#: Why a person gets a case: code to its words.
REASONS = {
    "spoke": noop("spoke with the borrower last"),
    "team": noop("the case is with their team"),
    "language": noop("speaks the borrower's language"),
    "skill": noop("works this stage"),
    "lead": noop("a lead gave it to them"),
    "share": noop("an even share by room, difficulty and expected cash"),
}


@dataclass(frozen=True, slots=True)
class Lot:
    """Cases that are alike: the same people may take them and they are as hard and about as valuable."""

    stage: str
    language: str
    team: str
    difficulty: int
    jobs: tuple[Job, ...]

    @property
    def value(self) -> int:
        """The mean expected cash of one, in whole minor units."""
        return sum(job.value for job in self.jobs) // len(self.jobs)


def difficulty(facts: Mapping[str, int | str | bool]) -> int:
    """How hard a case is, from 1: one more for each line of HARDER that is true of it."""
    return 1 + sum(adds for name, above, adds, _ in HARDER if int(facts.get(name) or 0) > above)


def speaks(person: Person, language: str) -> bool:
    """Whether a person speaks a borrower's language; zh-Hant is spoken by who speaks zh."""
    return not language or bool({language, language.partition("-")[0]} & person.languages)


def may_take(person: Person, lot: Lot | Job) -> bool:
    """Whether the lot's cases may be given to this person."""
    return (
        speaks(person, lot.language)
        and (not person.skills or lot.stage in person.skills)
        and lot.team in ("", person.team)
    )


def lots_of(jobs: Sequence[Job]) -> list[Lot]:
    """The jobs by what they have in common, in a fixed order. Values within a lot differ by less than twice."""
    by_kind: dict[tuple[str, str, str, int, int], list[Job]] = {}
    for job in jobs:
        key = (job.stage, job.language, job.team, job.difficulty, max(job.value, 0).bit_length())
        by_kind.setdefault(key, []).append(job)
    return [Lot(*key[:4], tuple(by_kind[key])) for key in sorted(by_kind)]


@dataclass(frozen=True, slots=True)
class AssignmentList:
    """The answer: what is given, and what isn't: `full` for want of room, `nobody` for want of somebody who may."""

    given: tuple[Assigned, ...]
    full: tuple[Job, ...] = field(default=())
    nobody: tuple[Job, ...] = field(default=())


def hand_out(
    lots: Sequence[Lot], people: Sequence[Person], counts: Mapping[tuple[int, int], int]
) -> AssignmentList:
    """Which case of each lot goes to whom, in turn, the most valuable first; then those who spoke with a borrower last
    get that case in exchange for one as hard."""
    to: dict[int, tuple[Job, str]] = {}
    full: list[Job] = []
    nobody: list[Job] = []
    for at, lot in enumerate(lots):
        left = {person.number: counts.get((at, who), 0) for who, person in enumerate(people)}
        for job in sorted(lot.jobs, key=lambda job: (-job.value, job.case_id)):
            number = job.before if left.get(job.before) else min(left, key=lambda name: (-left[name], name))
            if left[number]:
                left[number] -= 1
                to[job.case_id] = job, number
            else:
                (full if any(may_take(person, lot) for person in people) else nobody).append(job)
    _exchange(to, {person.number: person for person in people})
    given = tuple(Assigned(job, number, _reasons(job, number, people)) for job, number in to.values())
    return AssignmentList(given, tuple(full), tuple(nobody))


def _exchange(to: dict[int, tuple[Job, str]], people: Mapping[str, Person]) -> None:
    """Bring cases back to those who spoke with the borrower last, for one as hard that the other may take."""
    held: dict[tuple[str, int], list[Job]] = {}
    for job, number in to.values():
        if job.before != number:
            held.setdefault((number, job.difficulty), []).append(job)
    for job, _ in list(to.values()):
        known = people.get(job.before)
        number = to[job.case_id][1]  # as it is by now
        if known is None or number == known.number or not may_take(known, job):
            continue
        offered = held.get((known.number, job.difficulty), [])
        other = next((candidate for candidate in offered if may_take(people[number], candidate)), None)
        if other is not None:
            offered.remove(other)
            held[number, job.difficulty].remove(job)
            to[job.case_id], to[other.case_id] = (job, known.number), (other, number)
            if other.before != number:
                held[number, job.difficulty].append(other)


def _reasons(job: Job, number: str, people: Sequence[Person]) -> tuple[str, ...]:
    known = ("spoke",) if job.before == number else ()
    return (*known, *_narrowing(job, people)) or ("share",)


def _narrowing(job: Job, people: Sequence[Person]) -> tuple[str, ...]:
    """What keeps a case from some of the people."""
    reasons = []
    if job.team and any(person.team != job.team for person in people):
        reasons.append("team")
    if not all(speaks(person, job.language) for person in people):
        reasons.append("language")
    if any(person.skills and job.stage not in person.skills for person in people):
        reasons.append("skill")
    return tuple(reasons)
