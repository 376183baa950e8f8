"""The decision: may this contact be made now, and if not, by which rules and from when.

Every rule of the merged packs that concerns the contact is asked, in every time zone the borrower may be in. One
refusal is enough to refuse, and all of them are listed. A question that nobody answered (no time zone, facts
that could not be read) refuses too: when the permit gate can't tell, it says no.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from forbear.core.base.problem import Phrase, Refusal, noop
from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import ContactContext, Facts
from forbear.core.facts.row import rows_at
from forbear.core.facts.where import OF_THE_CLOCK
from forbear.core.permits.earliest import moments
from forbear.core.permits.rules import Bound, Count, Rule, Rulebook

#: How many times the search for a lawful moment moves on before it says that there is none in sight.
_STEPS = 400


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a wish. No refusals: it may be made now.

    `until` is the earliest moment at which no rule would refuse if nothing else happened; None when it may be
    made now, or when waiting alone doesn't help. The figures are taken to stay as fresh as they are now: with
    `if_fresh` they would be too old by then unless a night brings them up to date. `rows` are the facts by time zone.
    """

    planned: PlannedContact
    refusals: tuple[Refusal, ...]
    until: datetime | None
    rows: Mapping[str, Facts]
    packs: tuple[str, ...]
    if_fresh: bool = False

    @property
    def permitted(self) -> bool:
        """Whether the contact may be made now."""
        return not self.refusals

    @property
    def foremost(self) -> Refusal:
        """The refusal that lasts longest, one that time doesn't lift before all others; for what is not permitted."""
        return max(
            self.refusals,
            key=lambda refusal: (refusal.until is None, refusal.until.timestamp() if refusal.until else 0),
        )


def decide(book: Rulebook, planned: PlannedContact, situation: ContactContext, now: datetime) -> Decision:
    """Ask every rule of the book about the wish. `now` is aware; the answer's moments are in its zone."""
    assert now.tzinfo is not None, "a moment has a time zone"
    asked_in = now.tzinfo
    now = now.astimezone(UTC)  # moments of one zone are compared by the clock on the wall, which may go back
    concerned = book.concerned(planned)
    rows = rows_at(situation, planned, now)
    refused = [bound for bound in concerned if refuses(bound, situation, planned, now, rows)]
    refusals = tuple(_refusal(bound, situation, planned, now) for bound in refused)
    until, if_fresh = None, False
    if refused and all(refusal.until is not None for refusal in refusals):
        until = first_lawful(concerned, situation, planned, now)
    if until is not None:
        aged = rows_at(situation, planned, until)
        if_fresh = any(refuses(bound, situation, planned, until, aged) for bound in concerned)
    refusals = tuple(replace(refusal, until=_in(asked_in, refusal.until)) for refusal in refusals)
    return Decision(planned, refusals, _in(asked_in, until), rows, book.names, if_fresh)


def _in(zone: tzinfo | None, moment: datetime | None) -> datetime | None:
    return moment.astimezone(zone) if moment is not None else None


def unanswered(situation: ContactContext, rule: Rule) -> frozenset[str]:
    """The questions the rule asks that nobody has answered."""
    missing = situation.unanswered
    if not missing and situation.zones:
        return missing
    if not situation.zones:
        missing = missing | OF_THE_CLOCK | ({"counted"} if rule.count else frozenset())
    return rule.facts & missing


def refuses(
    bound: Bound, situation: ContactContext, planned: PlannedContact, now: datetime, rows: Mapping[str, Facts]
) -> bool:
    """Whether one rule that concerns the wish refuses it at `now`."""
    rule = bound.rule
    for zone, row in rows.items():
        if rule.dated:
            day = now.astimezone(ZoneInfo(zone)).date() if zone else now.date()
            if not rule.in_force(day):
                continue
        if not rule.binds_in(str(row["region"])):
            continue
        if unanswered(situation, rule):
            return True
        if rule.count is not None:
            row = row | {"counted": counted(rule.count, situation.past, planned, now, zone)}
        if bound.refuses(row):
            return True
    return False


def counted(
    count: Count, past: Sequence[PastContact], planned: PlannedContact, now: datetime, zone: str
) -> int:
    """How many contacts a rule's `count` selects at `now` for somebody in `zone`."""
    contacts = within(count, past, planned, now, zone)
    if count.by != "debt":
        return len(contacts)
    if not planned.loans:
        return len(contacts)
    return max(
        sum(loan in contact.loans or not contact.loans for contact in contacts) for loan in planned.loans
    )


def within(
    count: Count, past: Sequence[PastContact], planned: PlannedContact, now: datetime, zone: str
) -> list[PastContact]:
    """The contacts in the rule's window of calendar days where the borrower is."""
    place = ZoneInfo(zone) if zone else now.tzinfo
    first = now.astimezone(place).date() - timedelta(days=count.days - 1)
    return [
        contact
        for contact in past
        if contact.at <= now
        and count.selects(contact, planned)
        and contact.at.astimezone(place).date() >= first
    ]


def _refusal(bound: Bound, situation: ContactContext, planned: PlannedContact, now: datetime) -> Refusal:
    rule = bound.rule
    missing = unanswered(situation, rule)
    if missing:
        unclear = Phrase(
            noop("it is not clear whether this rule is met (%(facts)s unknown): %(says)s"),
            facts=tuple(sorted(missing)),
            says=rule.says,
        )
        return Refusal(rule.id, rule.clause, None, unclear, rule.force, rule.doubt)
    until = lifted(bound, situation, planned, now)
    says = Phrase("%(says)s", says=rule.says)
    return Refusal(rule.id, rule.clause, until, says, rule.force, rule.doubt)


def lifted(
    bound: Bound,
    situation: ContactContext,
    planned: PlannedContact,
    now: datetime,
    *,
    aged_at: datetime | None = None,
) -> datetime | None:
    """The first moment after `now` at which this one rule would not refuse; None when waiting can't help.

    The figures are as old as they are at `aged_at`, by default now: a night may bring them up to date.
    """
    aged_at = aged_at or now
    for moment in moments(bound.rule, situation, planned, now):
        if not refuses(
            bound, situation, planned, moment, rows_at(situation, planned, moment, aged_at=aged_at)
        ):
            return moment
    return None


def first_lawful(
    concerned: Sequence[Bound], situation: ContactContext, planned: PlannedContact, now: datetime
) -> datetime | None:
    """The first moment from `now` on at which none of the rules that concern the wish refuses it.

    Each step waits for the rule that keeps one longest. None when waiting doesn't help. The figures are as old as at
    `now`.
    """
    moment = now
    for _ in range(_STEPS):
        rows = rows_at(situation, planned, moment, aged_at=now)
        refused = [bound for bound in concerned if refuses(bound, situation, planned, moment, rows)]
        if not refused:
            return moment
        waits = [lifted(bound, situation, planned, moment, aged_at=now) for bound in refused]
        if any(wait is None for wait in waits):
            return None
        moment = max(wait for wait in waits if wait is not None)
    return None
