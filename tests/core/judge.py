"""A judge who looks at contacts that were made, and says which rules of a small vocabulary they broke.

It shares no counting and no clock with the decision: a rule here is a `Told`, from which `as_yaml` writes the pack
that the decision reads. Everything is looked up in the plainest way, contact by contact and zone by zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import ContactContext

KINDS = ("cap", "hours", "weekday", "hold", "opt_out", "consent", "notice")
#: The fact by which a pack speaks of each kind of hold.
HOLD_FACTS = {
    "dispute": "dispute_open",
    "hardship": "hardship_open",
    "moratorium": "moratorium",
    "lawyer": "has_lawyer",
    "other": "on_hold",
}
NEVER = 9999
#: Whether a cap of that outcome counts a contact of this one.
COUNTS = {
    ("any", "connected"),
    ("any", "conversation"),
    ("any", "unanswered"),
    ("any", "voicemail"),
    ("any", "limited_message"),
    ("any", "invalid"),
    ("any", "delivered"),
    ("any", "undelivered"),
    ("any", "pending"),
    ("connected", "connected"),
    ("connected", "conversation"),
    ("connected", "pending"),
    ("conversation", "conversation"),
    ("conversation", "pending"),
    ("unanswered", "unanswered"),
    ("unanswered", "voicemail"),
    ("unanswered", "limited_message"),
    ("unanswered", "pending"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One rule. Which of the fields mean something goes by `kind`; the first block is for all.

    Empty `channels`, `purposes`, `parties` and `collector` mean every one. `first` is the first day it binds and
    `end` the first on which it no longer does. `spared` is "", night_consent or consent_given.
    """

    name: str
    kind: str
    channels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    collector: str = ""
    first: date | None = None
    end: date | None = None
    enabled: bool = True
    spared: str = ""
    # cap: fewer than `most` such contacts may stand in the window before another
    by: str = "debtor"
    days: int = 1
    outcome: str = "any"
    counted_channels: tuple[str, ...] = ()
    counted_parties: tuple[str, ...] = ()
    asked_for_too: bool = True
    most: int = 1
    # hours: allowed from `opens` until before `closes`; weekday: forbidden on it, 1 is Monday
    opens: int = 8
    closes: int = 21
    weekday: int = 7
    # hold: while one of this kind runs; notice: one of this kind must be `age` days old
    hold: str = "dispute"
    notice: str = "arrears_notice"
    age: int = 14


# what a pack says


def as_yaml(pack: str, rules: Sequence[Told]) -> str:
    """The text of a rule pack with these rules."""
    lines = [f"pack: {pack}", "rules:"]
    for rule in rules:
        lines += [f"  - id: {pack}.{rule.name}", "    says: {zh: 规则, en: A rule}"]
        applies = [
            f"{part}: [{', '.join(values)}]"
            for part, values in (
                ("channels", rule.channels),
                ("purposes", rule.purposes),
                ("parties", rule.parties),
                ("collectors", (rule.collector,) if rule.collector else ()),
            )
            if values
        ]
        if applies:
            lines.append(f"    applies: {{{', '.join(applies)}}}")
        lines += [f"    {line}" for line in _what(rule)]
        lines += [f"    unless: {rule.spared}"] if rule.spared else []
        lines += [f"    from: {rule.first}"] if rule.first else []
        lines += [f"    to: {rule.end}"] if rule.end else []
        lines += [] if rule.enabled else ["    enabled: false"]
        lines += ["    clause: made up", "    force: house"]
    return "\n".join(lines) + "\n"


def _what(rule: Told) -> list[str]:
    if rule.kind == "cap":
        parts = [f"by: {rule.by}", f"within: {rule.days} days", f"outcome: {rule.outcome}"]
        if rule.counted_channels:
            parts.append(f"channels: [{', '.join(rule.counted_channels)}]")
        if rule.counted_parties:
            parts.append(f"parties: [{', '.join(rule.counted_parties)}]")
        if not rule.asked_for_too:
            parts.append("consented: false")
        return [
            f"count: {{{', '.join(parts)}}}",
            f"refuse_when: counted >= {rule.most}",
            "until: window",
        ]
    since = f"days_since_{rule.notice}"
    return {
        "hours": [
            f"refuse_when: local_hour < {rule.opens} or local_hour >= {rule.closes}",
            f"until: next_local_hour({rule.opens})",
        ],
        "weekday": [f"refuse_when: local_weekday = {rule.weekday}", "until: next_local_day"],
        "hold": [f"refuse_when: {HOLD_FACTS[rule.hold]}", "until: hold_ends"],
        "opt_out": ["refuse_when: opted_out"],
        "consent": ["refuse_when: not consent_given"],
        "notice": [
            f"refuse_when: {since} < {rule.age} or {since} = {NEVER}",
            f"until: notice({rule.notice}, {rule.age})",
        ],
    }[rule.kind]


# what the judge finds


def broken(
    rules: Sequence[Told],
    planned: PlannedContact,
    situation: ContactContext,
    before: Sequence[PastContact],
    at: datetime,
) -> set[str]:
    """The names of the rules that a contact as wished would break at `at`, `before` being the contacts until then.

    Only the situation's zones, holds, notices and agreements are looked at, and those only as of `at`.
    """
    return {rule.name for rule in rules if _breaks(rule, planned, situation, before, at)}


def _breaks(
    rule: Told,
    planned: PlannedContact,
    situation: ContactContext,
    before: Sequence[PastContact],
    at: datetime,
) -> bool:
    if not rule.enabled:
        return False
    if rule.channels and planned.channel not in rule.channels:
        return False
    if rule.purposes and planned.purpose not in rule.purposes:
        return False
    if rule.parties and planned.party not in rule.parties:
        return False
    if rule.collector == "agency" and planned.agency == "":
        return False
    if rule.collector == "lender" and planned.agency != "":
        return False
    if rule.spared == "night_consent" and _newest_answer(planned, situation, at, night=True) == "yes":
        return False
    if rule.spared == "consent_given" and _newest_answer(planned, situation, at, night=False) == "yes":
        return False
    for zone in situation.zones:  # somebody may be in any of them, so each must be kept
        place = ZoneInfo(zone)
        today = at.astimezone(place).date()
        if rule.first is not None and today < rule.first:
            continue
        if rule.end is not None and today >= rule.end:
            continue
        if _forbids(rule, planned, situation, before, at, place):
            return True
    return False


def _forbids(
    rule: Told,
    planned: PlannedContact,
    situation: ContactContext,
    before: Sequence[PastContact],
    at: datetime,
    place: ZoneInfo,
) -> bool:
    if rule.kind == "cap":
        return _already(rule, planned, before, at, place) >= rule.most
    if rule.kind == "hours":
        return at.astimezone(place).hour not in range(rule.opens, rule.closes)
    if rule.kind == "weekday":
        return at.astimezone(place).weekday() + 1 == rule.weekday
    if rule.kind == "hold":
        return _held(rule, planned, situation, at)
    if rule.kind == "opt_out":
        return _newest_answer(planned, situation, at, night=False) == "no"
    if rule.kind == "consent":
        return _newest_answer(planned, situation, at, night=False) != "yes"
    assert rule.kind == "notice", rule.kind
    return not _warned(rule, planned, situation, at)


def _already(
    rule: Told, planned: PlannedContact, before: Sequence[PastContact], at: datetime, place: ZoneInfo
) -> int:
    today = at.astimezone(place).date()
    in_window = [today - timedelta(days=back) for back in range(rule.days)]
    total = 0
    of_loan = dict.fromkeys(planned.loans, 0)
    for each in before:
        if each.at > at or each.at.astimezone(place).date() not in in_window:
            continue
        if (rule.outcome, each.outcome) not in COUNTS:
            continue
        if rule.counted_channels and each.channel not in rule.counted_channels:
            continue
        if rule.counted_parties and each.party not in rule.counted_parties:
            continue
        if each.consented and not rule.asked_for_too:
            continue
        if rule.by == "number" and (planned.point == "" or each.point != planned.point):
            continue
        if rule.by != "number" and each.other:
            continue
        total += 1
        for loan in planned.loans:
            if each.loans == () or loan in each.loans:
                of_loan[loan] += 1
    if rule.by == "debt" and of_loan:
        return max(of_loan.values())
    return total


def _held(rule: Told, planned: PlannedContact, situation: ContactContext, at: datetime) -> bool:
    for span in situation.spans:
        if span.kind != rule.hold or at < span.starts:
            continue
        if span.ends is not None and span.ends <= at:
            continue
        if span.loans == () or planned.loans == ():
            return True
        if any(loan in span.loans for loan in planned.loans):
            return True
    return False


def _warned(rule: Told, planned: PlannedContact, situation: ContactContext, at: datetime) -> bool:
    """Whether every loan it is about has had the notice, and the newest is old enough."""
    loans = planned.loans or [debt.loan_id for debt in situation.debts]
    for loan in loans:
        newest = None
        for given in situation.notices:
            if given.kind != rule.notice or given.loan_id != loan or given.at > at:
                continue
            if newest is None or given.at > newest:
                newest = given.at
        if newest is None or at < newest + timedelta(days=rule.age):
            return False
    return len(loans) > 0


def _newest_answer(planned: PlannedContact, situation: ContactContext, at: datetime, *, night: bool) -> str:
    """What was last said of such a contact: "yes", "no", or "" when nothing was; at one moment no beats yes.

    A no counts from when it is on file, whatever moment it bears; a yes of later has not been said yet.
    """
    said, when = "", None
    for each in situation.agreed:
        if each.night != night or (each.at > at and each.given):
            continue
        if each.channel and each.channel != planned.channel:
            continue
        if each.purpose and each.purpose != planned.purpose:
            continue
        if each.point and each.point != planned.point:
            continue
        if when is None or each.at > when:
            said, when = "yes" if each.given else "no", each.at
        elif each.at == when and not each.given:
            said = "no"
    return said
