"""What a rule pack is: numbered rules, each with its condition, its source and its force."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from forbear.core.conditions.parse import Condition
from forbear.core.conditions.to_python import Row
from forbear.core.facts.contact import OUTCOMES, PastContact, PlannedContact

#: How binding the source is, from most to least.
FORCES = ("law", "standard", "self-regulation", "house")
#: What a `count` may select by outcome. A pending contact is counted by every one of them.
COUNTED = ("any", "rang", "connected", "conversation", "unanswered")
#: Whose contacts a `count` adds up.
COUNT_BY = ("debtor", "debt", "number")
COLLECTORS = ("lender", "agency")

#: What a rule may be limited to, and what a wish says of it.
_PARTS: dict[str, Callable[[PlannedContact], str]] = {
    "channels": lambda planned: planned.channel,
    "purposes": lambda planned: planned.purpose,
    "parties": lambda planned: planned.party,
    "collectors": lambda planned: "agency" if planned.agency else "lender",
}
COUNTED_OUTCOMES = {
    "any": None,
    "rang": tuple(outcome for outcome in OUTCOMES if outcome not in ("invalid", "not_sent")),
    "connected": ("pending", "connected", "conversation"),
    "conversation": ("pending", "conversation"),
    "unanswered": ("pending", "unanswered", "voicemail", "limited_message"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """Which past contacts a rule counts, by the lender and all agencies together.

    `by` debtor: this borrower's; debt: the one of the contact's loans with the most; number: to the same
    number or address, no matter whose it is. `days` are calendar days where the borrower is, today included.
    Empty `channels`, `parties` or `purposes` mean all. `consented` False leaves out contacts the person had asked
    for, `same_person` those with anybody else. `rang` is every outcome where the number dialled was reached.
    """

    by: str
    days: int
    outcome: str = "any"
    channels: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    consented: bool = True
    same_person: bool = False
    purposes: tuple[str, ...] = ()

    def selects(self, past: PastContact, planned: PlannedContact) -> bool:
        """Whether a contact counts, apart from its day and its loans."""
        outcomes = COUNTED_OUTCOMES[self.outcome]
        return (
            past.outcome != "not_sent"
            and (outcomes is None or past.outcome in outcomes)
            and (not self.channels or past.channel in self.channels)
            and (not self.parties or past.party in self.parties)
            and (not self.purposes or past.purpose in self.purposes)
            and (not self.same_person or _one_person(past, planned))
            and (self.consented or not past.consented)
            and (
                (bool(planned.point) and past.point == planned.point)
                if self.by == "number"
                else not past.other
            )
        )


def _one_person(past: PastContact, planned: PlannedContact) -> bool:
    """Whether an earlier contact was with the person a planned one is for.

    A borrower, a guarantor or a lawyer is one person by several numbers. Of unrelated people there may be many, so
    the number or address tells one from another.
    """
    if past.party != planned.party:
        return False
    return planned.party not in ("unrelated", "employer") or past.point == planned.point


@dataclass(frozen=True, slots=True)
class Until:
    """How waiting lifts a rule. `kind` is one of UNTIL_KINDS, `number` its hour or its days."""

    kind: str
    number: int = 0
    notice: str = ""


#: next_local_hour(8): the clock where the borrower is. preferred_hours: the hour from which they want it.
#: window: the counted contacts leave the window.
#: hold_ends: a hold with an end runs out. notice(kind, 14): that many days after that notice was sent;
#: service(kind, 15): at midnight that many days after it was served.
UNTIL_KINDS = (
    *("next_local_hour", "preferred_hours", "next_local_day", "window", "hold_ends", "notice", "service"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it refuses a contact it applies to when `refuse_when` holds and `unless` doesn't.

    `applies` has, by part (channels, purposes, parties, collectors), the values it is about; a part left out
    means all. It is in force from `starts` until before `ends`. `doubt` says what is uncertain in the source;
    `enabled` False switches it off. `regions` are those of its pack's place, in one spelling; none means everywhere.
    """

    id: str
    says: dict[str, str] = field(hash=False)
    refuse_when: Condition
    clause: str
    force: str
    unless: Condition | None = None
    count: Count | None = None
    until: Until | None = None
    applies: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    starts: date = date.min
    ends: date = date.max
    doubt: dict[str, str] = field(default_factory=dict, hash=False)
    enabled: bool = True
    place: str = field(default="", compare=False)
    regions: frozenset[str] = frozenset()

    @property
    def facts(self) -> frozenset[str]:
        """The facts it reads."""
        place = frozenset({"region"}) if self.regions else frozenset[str]()
        return self.refuse_when.facts | (self.unless.facts if self.unless else frozenset()) | place

    def binds_in(self, region: str) -> bool:
        """Whether it binds where the borrower lives."""
        return not self.regions or region_name(region) in self.regions

    def concerns(self, planned: PlannedContact) -> bool:
        """Whether it is about such a contact at all."""
        return all(_PARTS[part](planned) in values for part, values in self.applies.items())

    @property
    def dated(self) -> bool:
        """Whether there are days on which it doesn't bind."""
        return not self.enabled or self.starts != date.min or self.ends != date.max

    def in_force(self, day: date) -> bool:
        """Whether it binds on `day`."""
        return self.enabled and self.starts <= day < self.ends


def region_name(region: str) -> str:
    """One spelling of a region as feeds write it: `US-MA`, `ma` and `MA` are one."""
    plain = " ".join(region.casefold().replace("_", "-").split())
    country, dash, rest = plain.partition("-")
    return rest if dash and len(country) == 2 and rest else plain


#: What a pack may fix beside its rules: (what it is, which of several is strictest).
PARAMETERS: dict[str, tuple[str, Callable[[list[int]], int]]] = {
    "retention_years": ("Years for which records of contact are kept after a case ends", max),
    "credit_record_years": ("Years for which an adverse credit record stays", max),
    "all_in_rate_percent": ("Cap on interest, penalty and fees together, percent a year", min),
    "limitation_years": ("Years after which a debt is time-barred", min),
    "complaint_days": ("Days in which a complaint is answered", min),
    "complaint_acknowledge_days": ("Business days in which a complaint is acknowledged in writing", min),
    "complaint_longest_days": ("Days to which an answer to a complaint may be put off with reasons", min),
    "complaint_referral_days": ("Days in which a complainant may go on to the next instance", max),
    "objection_days": ("Days in which an objection to a credit record is answered", min),
    "hardship_days": ("Days in which a request for help is answered", min),
}


@dataclass(frozen=True, slots=True)
class Pack:
    """A rule pack as read from its file. `version` is the first 12 hex digits of the SHA-256 of its text.

    A pack of a place says which one it stands `on`, and in which `regions` its rules bind.
    """

    name: str
    title: dict[str, str] = field(hash=False)
    rules: tuple[Rule, ...]
    parameters: dict[str, int] = field(hash=False)
    version: str
    origin: str = field(default="", compare=False)
    on: str = ""
    regions: frozenset[str] = frozenset()

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id, if the pack has it."""
        return next((rule for rule in self.rules if rule.id == rule_id), None)


@dataclass(frozen=True, slots=True)
class Bound:
    """A rule ready to be asked: its conditions compiled."""

    rule: Rule
    refuses: Callable[[Row], bool] = field(compare=False)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All packs of a lender merged: every rule binds, so the strictest wins.

    `names` are the packs as `name@version`; `parameters` has the strictest of each.
    """

    bound: tuple[Bound, ...]
    names: tuple[str, ...]
    parameters: dict[str, int] = field(hash=False)
    _reads: dict[str, bool] = field(init=False, default_factory=dict, hash=False, compare=False, repr=False)
    _by_kind: dict[tuple[str, str, str, bool], tuple[Bound, ...]] = field(
        init=False, default_factory=dict, hash=False, compare=False, repr=False
    )

    def reads(self, fact: str) -> bool:
        """Whether a rule that is not switched off reads the fact; worked out once for each fact."""
        found = self._reads.get(fact)
        if found is None:
            found = any(fact in bound.rule.facts for bound in self.bound if bound.rule.enabled)
            self._reads[fact] = found
        return found

    def concerned(self, planned: PlannedContact) -> tuple[Bound, ...]:
        """The rules that are about such a contact at all; worked out once for each kind of contact."""
        kind = (planned.channel, planned.purpose, planned.party, bool(planned.agency))
        found = self._by_kind.get(kind)
        if found is None:
            found = tuple(bound for bound in self.bound if bound.rule.concerns(planned))
            self._by_kind[kind] = found
        return found

    @property
    def longest_window(self) -> int:
        """Days of history that any rule counts, or needs to tell whether a borrower is lost; at least 30."""
        return max([30, *(b.rule.count.days for b in self.bound if b.rule.count)])


def bind(rule: Rule) -> Bound:
    """The rule with its conditions, and its place, compiled into one function of a row."""
    refuse_when = rule.refuse_when.python()
    refuses = refuse_when
    if rule.unless is not None:
        unless = rule.unless.python()

        def refuses(row: Row) -> bool:
            return refuse_when(row) and not unless(row)

    if not rule.regions:
        return Bound(rule, refuses)
    return Bound(rule, lambda row: rule.binds_in(str(row["region"])) and refuses(row))


def merge(packs: list[Pack]) -> Rulebook:
    """One rulebook of several packs."""
    assert packs, "a lender has at least one rule pack"
    parameters: dict[str, list[int]] = {}
    for pack in packs:
        assert not (pack.regions and pack.parameters), "the reader refuses parameters of a place"
        for name, value in pack.parameters.items():
            parameters.setdefault(name, []).append(value)
    return Rulebook(
        tuple(bind(rule) for pack in packs for rule in pack.rules),
        tuple(f"{pack.name}@{pack.version}" for pack in packs),
        {name: PARAMETERS[name][1](values) for name, values in parameters.items()},
    )
