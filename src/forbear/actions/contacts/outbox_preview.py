"""What the rules will say of what a strategy has planned: asked beforehand, for every contact that waits.

Nothing is written and no permit is taken. The gate is asked as if each contact left at its own time, on the facts of
now; what happens until then may change its answer.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from forbear.actions.contacts.permit_gate import evaluate
from forbear.core.permits.decision import Decision
from forbear.store.models import Contact
from forbear.store.situation import lock_borrower, planned_contact_of

#: allowed: it may leave at its time. later: it will be refused at first and may leave before it is pointless. refused:
#: it will not leave.
ANSWERS = ("allowed", "later", "refused")
#: This many borrowers are named for each rule.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class PreviewedContacts:
    """How many waiting contacts of one text and channel get one answer, by which rule, and some of their borrowers."""

    template: str
    channel: str
    answer: str
    rule: str
    contacts: int
    borrowers: tuple[str, ...]


def preview_outbox(now: datetime, most: int = 0) -> list[PreviewedContacts]:
    """The answers to the contacts that wait, refusals first; of `most` contacts, or of all for 0."""
    waiting = Contact.objects.filter(state="waiting").order_by("borrower_id", "pk")
    counts: Counter[tuple[str, str, str, str]] = Counter()
    named: dict[tuple[str, str, str, str], list[str]] = {}
    for contact in (waiting[:most] if most else waiting).iterator():
        with transaction.atomic():
            borrower = lock_borrower(contact.borrower_id)
            assert borrower is not None, "a contact is with a borrower who is there"
            moment = max(now, contact.not_before)
            decision, _ = evaluate(
                borrower, planned_contact_of(contact), moment, exclude_id=contact.contact_id
            )
        key = (contact.template, contact.channel, *_answer(decision, contact.give_up_at))
        counts[key] += 1
        examples = named.setdefault(key, [])
        if len(examples) < _NAMED and contact.borrower_id not in examples:
            examples.append(contact.borrower_id)
    found = [PreviewedContacts(*key, number, tuple(named[key])) for key, number in counts.items()]
    return sorted(found, key=_worst_first)


def first_allowed_at(now: datetime, most: int) -> datetime | None:
    """The earliest moment at which one of `most` waiting contacts may leave; None where none of them may in time."""
    moments = []
    for contact in Contact.objects.filter(state="waiting").order_by("not_before", "pk")[:most]:
        with transaction.atomic():
            borrower = lock_borrower(contact.borrower_id)
            assert borrower is not None, "a contact is with a borrower who is there"
            asked = max(now, contact.not_before)
            decision, _ = evaluate(
                borrower, planned_contact_of(contact), asked, exclude_id=contact.contact_id
            )
        until = asked if decision.permitted else decision.until
        if until is not None and until < contact.give_up_at:
            moments.append(until)
    return min(moments, default=None)


def _worst_first(one: PreviewedContacts) -> tuple[int, int, str, str, str]:
    return -ANSWERS.index(one.answer), -one.contacts, one.template, one.channel, one.rule


def _answer(decision: Decision, give_up_at: datetime) -> tuple[str, str]:
    """The answer and the rule that decides it."""
    if decision.permitted:
        return "allowed", ""
    in_time = decision.until is not None and decision.until < give_up_at
    return "later" if in_time else "refused", decision.foremost.rule
