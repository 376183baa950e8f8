"""What would a draft rule have refused? Asked of contacts that were really permitted.

Each permit keeps the facts it stood on, by time zone, so the rule is asked on the facts of that moment and not
on today's. What a rule counts is counted again from the contacts before it.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from forbear.core.compliance import counted
from forbear.core.contact import PastContact
from forbear.core.pack_rules import Bound, Rule, bind
from forbear.store.models import Contact, Permit
from forbear.store.situation import wish_of

_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Drafted:
    """Of `permitted` contacts since a moment, how many a rule would have refused, by channel, with examples.

    `unknown` are permits from before the rule's facts existed: nobody can say.
    """

    rule: str
    permitted: int
    refused: int
    unknown: int
    by_channel: dict[str, int]
    examples: tuple[str, ...]


def try_rules(rules: tuple[Rule, ...], since: datetime, now: datetime) -> list[Drafted]:
    """Ask each rule about every contact permitted from `since` until `now`."""
    bound = [bind(rule) for rule in rules]
    seen: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    channels: dict[str, Counter[str]] = defaultdict(Counter)
    examples: dict[str, list[str]] = defaultdict(list)
    longest = max([1, *(rule.count.days for rule in rules if rule.count)])
    past = _history(since - timedelta(days=longest + 1), now)
    permits = Permit.objects.filter(issued_at__gte=since, issued_at__lte=now).select_related("contact")
    for permit in permits.order_by("issued_at").iterator(chunk_size=2000):
        for each in bound:
            if not each.rule.concerns(wish_of(permit.contact)):
                continue
            seen[each.rule.id] += 1
            answer = _refuses(each, permit, past[permit.contact.borrower_id])
            if answer is None:
                unknown[each.rule.id] += 1
            elif answer:
                channels[each.rule.id][permit.contact.channel] += 1
                if len(examples[each.rule.id]) < _EXAMPLES:
                    examples[each.rule.id].append(permit.contact_id)
    return [
        Drafted(
            rule.id,
            seen[rule.id],
            channels[rule.id].total(),
            unknown[rule.id],
            dict(channels[rule.id]),
            tuple(examples[rule.id]),
        )
        for rule in rules
    ]


def _history(since: datetime, now: datetime) -> dict[str, list[PastContact]]:
    found: dict[str, list[PastContact]] = defaultdict(list)
    rows = Contact.objects.filter(at__gte=since, at__lte=now).order_by("at")
    names = (
        "borrower_id",
        "at",
        "channel",
        "purpose",
        "party",
        "outcome",
        "point_digest",
        "loans",
        "agency_id",
    )
    for owner, at, channel, purpose, party, outcome, point, loans, agency in rows.values_list(*names):
        found[owner].append(
            PastContact(at, channel, purpose, party, outcome, point, tuple(loans), agency or "")
        )
    return found


def _refuses(bound: Bound, permit: Permit, past: list[PastContact]) -> bool | None:
    """Whether the rule would have refused in any time zone; None when a fact it reads was not kept."""
    for row in permit.facts:
        zone = row["zone"]
        if bound.rule.facts - row.keys() - {"counted"}:
            return None
        if bound.rule.count is not None:
            before = [each for each in past if each.at < permit.issued_at]
            number = counted(bound.rule.count, before, wish_of(permit.contact), permit.issued_at, zone)
            row = row | {"counted": number}
        if bound.refuses(row):
            return True
    return False
