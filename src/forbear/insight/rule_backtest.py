"""What would a draft rule have refused? Asked of contacts that were really permitted.

Each permit keeps the facts it stood on, by time zone, so the rule is asked on the facts of that moment and not
on today's. What a rule counts is counted again from the contacts before it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.permits.decision import counted
from forbear.core.permits.rules import Bound, Rule, bind
from forbear.store.models import Contact, Permit
from forbear.store.situation import planned_contact_of

_EXAMPLES = 5
_HISTORY = (
    "borrower_id", "at", "channel", "purpose", "party", "outcome", "point_digest", "loans", "agency_id", "consented",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drafted:
    """Of `permitted` contacts since a moment, how many a rule would have refused, by channel, with examples.

    `unknown` are permits from before the rule's facts existed: nobody can say. `contacts` are all that it refused.
    """

    rule: str
    permitted: int
    refused: int
    unknown: int
    by_channel: dict[str, int]
    examples: tuple[str, ...]
    contacts: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Tally:
    permitted: int = 0
    unknown: int = 0
    channels: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    contacts: set[str] = field(default_factory=set)


def backtest_rules(
    rules: tuple[Rule, ...],
    since: datetime,
    now: datetime,
    *,
    limit: int | None = None,
    examples: int = _EXAMPLES,
    in_force: bool = False,
) -> list[Drafted]:
    """Ask each rule about every contact permitted from `since` until `now`, of the newest `limit` if given.

    At most that many `examples` are named of each rule. With `in_force` a rule is asked only about contacts of days on
    which it binds: never while it is switched off.
    """
    bound = [bind(rule) for rule in rules]
    drafts = {rule.id: _Tally() for rule in rules}
    permits = Permit.objects.filter(issued_at__gte=since, issued_at__lte=now)
    if limit is not None:
        beyond = permits.order_by("-issued_at").values_list("issued_at", flat=True)[limit : limit + 1].first()
        since = max(since, beyond + timedelta(microseconds=1)) if beyond else since
        permits = permits.filter(issued_at__gte=since)
    past = _History(rules, since, now)
    for permit in permits.select_related("contact").order_by("issued_at").iterator(chunk_size=2000):
        planned = planned_contact_of(permit.contact)
        for drafted_rule in bound:
            if in_force and not drafted_rule.rule.in_force(permit.issued_at.date()):
                continue
            if drafted_rule.rule.concerns(planned):
                _note(
                    drafts[drafted_rule.rule.id],
                    permit,
                    _refuses(drafted_rule, permit, planned, past),
                    examples,
                )
    return [
        Drafted(
            name,
            one.permitted,
            one.channels.total(),
            one.unknown,
            dict(one.channels),
            tuple(one.examples),
            frozenset(one.contacts),
        )
        for name, one in drafts.items()
    ]


def _note(draft: _Tally, permit: Permit, answer: bool | None, examples: int) -> None:
    draft.permitted += 1
    if answer is None:
        draft.unknown += 1
    elif answer:
        draft.channels[permit.contact.channel] += 1
        draft.contacts.add(permit.contact_id)
        if len(draft.examples) < examples:
            draft.examples.append(permit.contact_id)


class _History:
    """The contacts that rules count, by whose they are and by the number they went to; none if no rule counts."""

    def __init__(self, rules: tuple[Rule, ...], since: datetime, now: datetime) -> None:
        self.of_borrower: dict[str, list[PastContact]] = defaultdict(list)
        self.of_number: dict[str, list[PastContact]] = defaultdict(list)
        counting = [rule.count for rule in rules if rule.count]
        if not counting:
            return
        start = since - timedelta(days=max(count.days for count in counting) + 1)
        rows = Contact.objects.filter(at__gte=start, at__lte=now).order_by("at").values_list(*_HISTORY)
        for owner, at, channel, purpose, party, outcome, point, loans, agency, consented in rows.iterator():
            one = PastContact(
                at, channel, purpose, party, outcome, point, tuple(loans), agency or "", consented
            )
            self.of_borrower[owner].append(one)
            self.of_number[point].append(one)

    def before(self, permit: Permit, by: str) -> list[PastContact]:
        """What a count `by` debtor, debt or number looks at."""
        contact = permit.contact
        whose = (
            self.of_number[contact.point_digest] if by == "number" else self.of_borrower[contact.borrower_id]
        )
        return [past_contact for past_contact in whose if past_contact.at < permit.issued_at]


def _refuses(bound: Bound, permit: Permit, planned: PlannedContact, past: _History) -> bool | None:
    """Whether the rule would have refused in any time zone; None when a fact it reads was not kept."""
    count = bound.rule.count
    for row in permit.facts:
        if bound.rule.facts - row.keys() - {"counted"}:
            return None
        if count is not None:
            before = past.before(permit, count.by)
            row = row | {"counted": counted(count, before, planned, permit.issued_at, row["zone"])}
        if bound.refuses(row):
            return True
    return False
