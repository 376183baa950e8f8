"""How often somebody may still be contacted today: the rules are asked, as if each contact was made and not answered.

Nothing is counted here, so a cap of any pack, by any window, person or debt, is met as the gate will meet it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from forbear.core.facts.contact import VOICE, PastContact, PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.permits.decision import first_lawful
from forbear.core.permits.rules import Rulebook


def attempts_today(
    book: Rulebook, planned: PlannedContact, situation: ContactContext, now: datetime, most: int
) -> tuple[datetime, ...]:
    """The moments, from `now` on, of the contacts that are still lawful on this day where the borrower is.

    At most `most` of them are looked for. Each is the earliest after the one before was made and not answered (a
    message counts as delivered). The day ends when it ends in one of the borrower's time zones; without a zone
    nothing is left. `now` is aware; the moments are in its zone.
    """
    assert now.tzinfo is not None, "a moment has a time zone"
    concerned, moment = book.concerned(planned), now.astimezone(UTC)
    today = [moment.astimezone(ZoneInfo(zone)).date() for zone in situation.zones]
    found: list[datetime] = []
    while situation.zones and len(found) < most:
        lawful = first_lawful(concerned, situation, planned, moment)
        if lawful is None:
            break
        if [lawful.astimezone(ZoneInfo(zone)).date() for zone in situation.zones] != today:
            break
        found.append(lawful.astimezone(now.tzinfo))
        situation = replace(situation, past=(*situation.past, _made(planned, lawful)))
        moment = lawful
    return tuple(found)


def _made(planned: PlannedContact, at: datetime) -> PastContact:
    """The contact as rules would count it afterwards, when nobody answered it."""
    return PastContact(
        at,
        planned.channel,
        planned.purpose,
        planned.party,
        "unanswered" if planned.channel in (*VOICE, "visit") else "delivered",
        planned.point,
        planned.loans,
        planned.agency,
        answers=planned.answers,
        gives=planned.gives,
    )
