"""Whether a contact is what it is called: a notice that is due, the answer to a question, a confirmation.

Nobody's word is taken for it. A notice is one of those that some step needs, and stands not given already. An answer
follows something that this person said or asked, by the same way, once. A confirmation follows an act, once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.context import ContactContext
from forbear.core.facts.fact import NEVER_DAYS

#: The notice that an approved text gives, by the text's name.
NOTICE_OF = {
    **{kind: kind for kind in NOTICES},
    "bought_debt_notice": "assignment_notice",
    "credit_report_notice": "credit_notice",
    "notice_before_claim": "letter_of_claim",
    "notice_of_default": "default_notice",
}
#: Kinds given once; any other again once AGAIN_AFTER has passed, a text that is no step's notice after TEXT_AGAIN.
GIVEN_ONCE = ("assignment_notice", "validation_notice")
AGAIN_AFTER = timedelta(days=30)
TEXT_AGAIN = timedelta(days=7)
_ANNOUNCED_AGAIN = ("visit_notice",)
_DID_NOT_REACH = ("not_sent", "undelivered", "invalid", "unanswered", "voicemail", "limited_message")

Row = dict[str, int | str | bool]


def purpose_facts(situation: ContactContext, planned: PlannedContact, now: datetime) -> Row:
    """What is proved of the purpose of a planned contact."""
    asked = _asked(situation, planned, now)
    act = _act(situation, planned, now)
    return {
        "notice_due": planned.purpose == "notice" and _due(situation, planned, now),
        "answers_inbound": planned.purpose == "answer"
        and asked is not None
        and not _done(situation.past, planned, asked, now),
        "hours_since_inbound": _whole(now - asked, timedelta(hours=1)) if asked else NEVER_DAYS,
        "confirms_act": planned.purpose == "confirm"
        and act is not None
        and not _done(situation.past, planned, act, now),
        "minutes_since_act": _whole(now - act, timedelta(minutes=1)) if act else NEVER_DAYS,
    }


def _whole(length: timedelta, unit: timedelta) -> int:
    return min(int(length / unit), NEVER_DAYS)


def _due(situation: ContactContext, planned: PlannedContact, now: datetime) -> bool:
    """Whether the notice it gives was not given yet for some loan, or so long ago that it may be given again."""
    kind = planned.gives
    if kind not in NOTICES:
        return bool(kind) and kind == planned.template and not _given_lately(situation.past, kind, now)
    if kind in _ANNOUNCED_AGAIN:
        return True
    loans = planned.loans or tuple(debt.loan_id for debt in situation.debts)
    since = datetime.min.replace(tzinfo=now.tzinfo) if kind in GIVEN_ONCE else now - AGAIN_AFTER
    given = {n.loan_id for n in situation.notices if n.kind == kind and since < n.at <= now}
    return any(loan not in given for loan in loans)


def _given_lately(past: Sequence[PastContact], kind: str, now: datetime) -> bool:
    """Whether a text that no step needs went out within a week."""
    return any(
        one.gives == kind and now - TEXT_AGAIN < one.at <= now and one.outcome not in _DID_NOT_REACH
        for one in past
    )


def _asked(situation: ContactContext, planned: PlannedContact, now: datetime) -> datetime | None:
    """When what it answers was said by this person, by the way it is answered; None when nothing was.

    Nobody is answered by people at their door.
    """
    if not planned.answers or planned.channel == "visit":
        return None
    fitting = [
        inbound.at
        for inbound in situation.inbound
        if inbound.ref == planned.answers
        and inbound.party == planned.party
        and inbound.channel in ("", planned.channel)
        and inbound.at <= now
    ]
    said = max(fitting, default=None)
    return None if said is None or _stopped_since(situation, planned, said, now) else said


def _stopped_since(situation: ContactContext, planned: PlannedContact, said: datetime, now: datetime) -> bool:
    """Whether the person asked us to stop then or after it: a stop is no question."""
    stopped = any(
        not consent.given and not consent.night and consent.at >= said and consent.fits(planned)
        for consent in situation.agreed
    )
    return stopped or any(
        span.kind == "cease" and span.starts >= said and span.runs(now, planned.loans)
        for span in situation.spans
    )


def _act(situation: ContactContext, planned: PlannedContact, now: datetime) -> datetime | None:
    """The newest thing the borrower did that can be confirmed: a stop, a message, a payment, a promise, a plan."""
    acts = [consent.at for consent in situation.agreed]
    acts += [inbound.at for inbound in situation.inbound if inbound.party == planned.party]
    acts += [span.starts for span in situation.spans if span.kind in ("promise", "plan", "cease")]
    acts += [situation.agreed_at] if situation.agreed_at is not None else []
    return max((at for at in acts if at <= now), default=None)


def _done(past: Sequence[PastContact], planned: PlannedContact, since: datetime, now: datetime) -> bool:
    """Whether a contact of this purpose has answered or confirmed it already."""
    return any(
        one.purpose == planned.purpose
        and one.party == planned.party
        and since <= one.at <= now
        and one.outcome not in _DID_NOT_REACH
        and one.answers == planned.answers
        for one in past
    )
