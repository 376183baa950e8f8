"""A case's activity: one entry for each contact with all that came of it, its words and texts, and one for the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from forbear.store.access import case_events_for, contacts_for, conversations_for, masked_name
from forbear.store.models import Borrower, Contact, Conversation, Promise, Staff
from forbear.web import actors
from forbear.web.desk.timeline import Happened, imported_from, timeline
from forbear.web.labels import word
from forbear.web.templatetags.forbear import money, when

#: An address in a message may open the borrower's own pages: only its site is shown.
_ADDRESS = re.compile(r"(https?://[^/\s]+)/\S+")


@dataclass(slots=True)
class Entry:
    """What happened, newest first: a contact from wish to outcome, or one event of another kind.

    `talk` is what a person wrote down of it, `text` the message as it left (the borrower's name masked, addresses cut
    after their site). `events` are the lines of evidence behind it.
    """

    at: datetime
    what: str
    details: list[str]
    actor: str
    events: list[Happened] = field(default_factory=list)
    refused: list = field(default_factory=list)
    talk: Conversation | None = None
    text: str = ""
    contact: Contact | None = None

    @property
    def number(self) -> int:
        """The newest event's number in the evidence log, by which the entry is found on the page."""
        return self.events[0].number


def activity(reader: Staff, borrower: Borrower, promises: Sequence[Promise] = ()) -> list[Entry]:
    """The newest of what happened with a borrower, in three queries; `promises` give their events amount and day."""
    lines = timeline(case_events_for(reader, borrower.pk))
    ids = {line.body["contact"] for line in lines if line.body.get("contact")}
    contacts = {row.pk: row for row in contacts_for(reader).filter(pk__in=ids).select_related("staff")}
    talks = {
        row.contact_id: row
        for row in conversations_for(reader)
        .filter(contact__in=ids)
        .select_related("staff")
        .order_by("at", "pk")
    }
    promised = {promise.pk: promise for promise in promises}
    entries: list[Entry] = []
    of_contact: dict[str, Entry] = {}
    for line in lines:
        contact = contacts.get(line.body.get("contact", ""))
        entry = of_contact.get(contact.pk) if contact else None
        if entry is None:
            entry = _entry(line, contact, talks.get(contact.pk) if contact else None, borrower)
            entries.append(entry)
            if contact:
                of_contact[contact.pk] = entry
        if line.body.get("promise") in promised:
            entry.details.insert(0, _promised(promised[line.body["promise"]]))
        entry.events.append(line)
        entry.refused += line.refused
    return entries


def _entry(line: Happened, contact: Contact | None, talk: Conversation | None, borrower: Borrower) -> Entry:
    if contact is None:
        return Entry(line.at, line.what, list(line.details), line.actor)
    ended = word("outcome", contact.outcome) if contact.outcome != "pending" else word("state", contact.state)
    details = [word("result", talk.result) if talk else ended]
    if talk:
        details += [word("willingness", talk.willingness)] if talk.willingness else []
        details += [word("situation", talk.situation)] if talk.situation else []
    if contact.party != "debtor":
        details.insert(0, word("party", contact.party))
    details.append(imported_from(line.body))
    return Entry(
        contact.at or line.at,
        word("channel", contact.channel),
        [each for each in details if each],
        actors.of_contact(contact),
        talk=talk,
        text=shown_text(contact, borrower),
        contact=contact,
    )


def shown_text(contact: Contact, borrower: Borrower) -> str:
    """A message as it left, without what opens the borrower's pages and with their name masked; "" for a talk."""
    text = "\n".join(part for part in (contact.subject, contact.body) if part)
    if borrower.name:
        text = text.replace(borrower.name, masked_name(borrower.name))
    return _ADDRESS.sub(r"\1/…", text)


def _promised(promise: Promise) -> str:
    return f"{money(promise.amount, promise.minor_unit, promise.currency)} · {when(promise.due_on)}"
