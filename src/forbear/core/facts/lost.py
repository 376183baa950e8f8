"""Whether a borrower can't be reached: only then may anybody else be asked where they are.

Sources: CBA 2026 ch. 3 (number invalid, or three attempts in a row that failed); 12 CFR 1006.10; CONC 7.9. Sources of
the first say three attempts or three days: failures on three days satisfy both.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forbear.core.facts.contact import VOICE
from forbear.core.facts.context import ContactContext

#: The number of failed calls, on as many days.
LOST_AFTER = 3
#: A failure older than this says nothing of today, nor do any when the last attempt was before LAST_ATTEMPT.
FAILURES_COUNT_FOR = timedelta(days=30)
LAST_ATTEMPT = timedelta(days=14)

_SPOKE = ("connected", "conversation")
_FAILED = ("unanswered", "voicemail", "limited_message", "invalid")


def lost(situation: ContactContext, now: datetime) -> bool:
    """Whether nothing of the last weeks reached the borrower on any of their numbers, and they were silent since.

    Days are those where the borrower is; with several time zones the one with the fewest counts, and with none
    known no number of failures is enough. Every number on file counts: one that was never tried may work.
    """
    since = last_sign(situation, now)
    tried = [
        past
        for past in situation.past
        if past.party == "debtor"
        and past.channel in VOICE
        and past.outcome in _FAILED
        and past.at <= now
        and (since is None or past.at > since)
    ]
    dead = {past.point for past in tried if past.outcome == "invalid"}
    dead |= {number.point for number in situation.numbers if number.invalid}
    own = {number.point for number in situation.numbers} or {past.point for past in tried}
    if own and own <= dead:
        return True
    lately = [past for past in tried if past.at > now - FAILURES_COUNT_FOR and past.point not in dead]
    if own - dead - {past.point for past in lately}:
        return False
    if max((past.at for past in lately), default=now - LAST_ATTEMPT) <= now - LAST_ATTEMPT:
        return False
    return _fewest_days((past.at for past in lately), situation.zones) >= LOST_AFTER


def last_sign(situation: ContactContext, now: datetime) -> datetime | None:
    """When the borrower last spoke with us, wrote, paid or showed themselves; None for never."""
    signs = [past.at for past in situation.past if past.party == "debtor" and past.outcome in _SPOKE]
    signs += [inbound.at for inbound in situation.inbound if inbound.party == "debtor"]
    signs += [sign for sign in (situation.seen_at, situation.agreed_at, _paid(situation)) if sign is not None]
    return max((sign for sign in signs if sign <= now), default=None)


def _paid(situation: ContactContext) -> datetime | None:
    """The day of the last payment that the figures know, as the end of that day."""
    days = situation.facts.get("days_since_payment")
    if not isinstance(days, int) or situation.figures_at is None or not 0 <= days <= 400:
        return None
    return situation.figures_at - timedelta(days=days)


def _fewest_days(moments: Iterable[datetime], zones: tuple[str, ...]) -> int:
    """On how many days these moments fall, in the zone where they are fewest; 0 without a zone."""
    known = list(moments)
    days: list[set[date]] = [{at.astimezone(ZoneInfo(zone)).date() for at in known} for zone in zones]
    return min((len(each) for each in days), default=0)
