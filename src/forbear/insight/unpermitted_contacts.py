"""Leaks: contacts that were made and should not have been. The target is none.

Looked for in three ways, from what is known now: a contact that left without a permit; a permit that the rules in force
refuse when they are asked again on the facts kept with it, with the contacts before it counted again, those received
late too; and what was found against a contact. A near miss is a contact that had its permit and was stopped before it
left.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from forbear.core.permits.rules import Rulebook
from forbear.insight.rule_backtest import Drafted, backtest_rules
from forbear.store.models import Contact, Finding

#: Permits asked about again in one go, the newest.
MOST = 20_000
_NAMED = 50
_LEFT = ("sending", "sent", "unknown")


@dataclass(frozen=True, slots=True)
class UnpermittedContacts:
    """What was found since a moment among `made` contacts; `again` are rules that refuse permits of then, today.

    The lists name the newest; `number` is how many contacts leaked in all, each once.
    """

    made: int
    unpermitted: list[Contact]
    again: list[Drafted]
    findings: list[Finding]
    near: list[Contact]
    asked: int
    number: int

    @property
    def rate(self) -> float | None:
        """Leaks per 100,000 contacts made; None where none was made."""
        return 100_000 * self.number / self.made if self.made else None


def made_since(since: datetime, now: datetime) -> QuerySet[Contact]:
    """Contacts that left in that time."""
    rows = Contact.objects.filter(at__gte=since, at__lte=now, state__in=_LEFT)
    return rows.exclude(outcome="not_sent")


def unpermitted_contacts(book: Rulebook, since: datetime, now: datetime) -> UnpermittedContacts:
    """All of it, since a moment."""
    contacts = made_since(since, now)
    rules = tuple(bound.rule for bound in book.bound)
    again = backtest_rules(rules, since, now, limit=MOST, examples=_NAMED, in_force=True)
    unpermitted = contacts.filter(permits=None)
    found = Finding.objects.filter(at__gte=since, at__lte=now)
    leaked = {contact for rule in again for contact in rule.contacts}
    leaked.update(unpermitted.values_list("pk", flat=True))
    leaked.update(found.exclude(contact=None).values_list("contact_id", flat=True))
    stopped = Contact.objects.filter(
        state__in=("refused", "cancelled"), permits__issued_at__gte=since, permits__issued_at__lte=now
    )
    return UnpermittedContacts(
        contacts.count(),
        list(unpermitted.order_by("-at")[:_NAMED]),
        sorted((rule for rule in again if rule.refused), key=lambda rule: -rule.refused),
        list(found.select_related("agency", "contact").order_by("-at")[:_NAMED]),
        list(stopped.distinct().order_by("-queued_at")[:_NAMED]),
        max((rule.permitted for rule in again), default=0),
        len(leaked),
    )
