"""What a machine that calls says: its text to a person alone, and a limited message to whatever else listens.

Where nobody can tell who listens, the words are those for a machine. So no answering machine holds a word of a debt,
and nobody who plays it back learns of one.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.channels.transport import AnsweredCall
from forbear.core.base.problem import Problem
from forbear.core.content.limited_message import limited_message
from forbear.store import evidence
from forbear.store.models import Contact
from forbear.store.situation import lock_borrower

#: The countries by whose law the message names a person: 12 CFR 1006.2(j)(1)(iii). By the pack's name.
NAMED_IN = frozenset({"us"})
#: A person may have missed the first; a machine plays it as often as one likes.
_TIMES = {"person": 2}
_UNDER_WAY = ("sending", "sent", "unknown")


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words for a call, and how often they are said. None of them means that it hangs up."""

    words: str
    language: str
    times: int = 1


def pack_names() -> frozenset[str]:
    """The names of the lender's rule packs."""
    return frozenset(path.stem for path in settings.HOME.packs)


def machine_words(contact: Contact, language: str) -> str:
    """What this contact may leave on a machine, in `zh` or `en`; empty where there are no lawful words."""
    home, agency = settings.HOME, contact.agency
    chinese, english = home.name
    details = dict(home.contact)
    phone, person = details.get("phone", ""), details.get("person", "")
    if agency is not None:
        chinese, english, phone, person = agency.name_zh, agency.name_en, agency.telephone, ""
    named = bool(NAMED_IN & pack_names())
    business = chinese if language == "zh" else english
    made = limited_message(business, person, phone, language, named=named)
    return "" if isinstance(made, Problem) else made


def spoken_words(call: AnsweredCall, now: datetime) -> SpokenWords:
    """What is said in a call that was taken; written down with who took it.

    None for a call that is none of ours or has ended: then it hangs up.
    """
    with transaction.atomic():
        contact = (
            Contact.objects.filter(pk=call.contact_id, provider=call.provider, channel="voice")
            .filter(state__in=_UNDER_WAY, outcome="pending")
            .select_related("agency")
            .first()
        )
        if contact is None:
            return SpokenWords("", "en")
        lock_borrower(contact.borrower_id)
        return _said(contact, call, now)


def _said(contact: Contact, call: AnsweredCall, now: datetime) -> SpokenWords:
    language = "zh" if contact.language.startswith("zh") else "en"
    limited = machine_words(contact, language) if call.by in ("machine", "unknown") else ""
    words = contact.body if call.by == "person" else limited
    evidence.append(
        "report",
        at=now,
        actor=call.provider,
        borrower=contact.borrower_id,
        body={
            "contact": contact.contact_id,
            "state": "taken",
            "by": call.by,
            "said": "message" if call.by == "person" else "limited" if limited else "nothing",
        },
    )
    return SpokenWords(words, language, _TIMES.get(call.by, 1))
