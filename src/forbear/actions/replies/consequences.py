"""What follows from what somebody wrote or said: stops, holds, requests with number and clock, confirmations.

A text by the borrower opens the same request as the portal's form for it, and a person at the inbox does the same by
one click. What is sent about it goes through the outbox and its permit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from forbear.actions.access.portal_access import LINK_LIVES
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.holds.holds import place_hold
from forbear.actions.requests.requests import LONGEST_WORDS, RECEIVED, Asked, make_request
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import THIRD_PARTIES, PlannedContact
from forbear.store import evidence
from forbear.store.models import (
    OF_HOLD,
    OF_THIRD_PARTY,
    Borrower,
    Consent,
    Contact,
    ContactPoint,
    Hold,
    Inbound,
    Request,
)

#: Holds that follow from what is demanded or said: their kind, and how long they run unless somebody lifts them;
#: None is open.
HOLD_ON_DEMAND: dict[str, tuple[str, timedelta | None]] = {
    "cease": ("cease", None),
    "refusal": ("refusal", None),
    "bankrupt": ("bankrupt", None),
    "moratorium": ("moratorium", timedelta(days=60)),
    "counsellor": ("counsellor", timedelta(days=30)),
    "fraud": ("dispute", None),
    "verification": ("verification", None),
    "bereavement": ("bereavement", timedelta(days=14)),
}
#: The hold that follows from what was said, where nothing else has to be asked first.
HOLD_FOR = {
    "dispute": "dispute",
    "hardship": "hardship",
    "lawyer": "lawyer",
    "deceased": "deceased",
    "complaint": "complaint",
}
#: The request that follows from what was said or demanded, as the portal's form for it makes one.
REQUEST_FOR = {
    "lawyer": "lawyer",
    "dispute": "dispute",
    "fraud": "dispute",
    "verification": "written_notice",
    "hardship": "hardship",
    "complaint": "complaint",
}
#: Of these the request places the hold, which its answer lifts again.
HELD_BY_REQUEST = ("dispute", "hardship", "lawyer", "complaint")
#: Whose words count as the borrower's own: theirs, and those of who acts for them.
SPEAKS_FOR_BORROWER = ("debtor", "lawyer", "helper")
#: The confirmation of a stop is pointless later than this (47 CFR 64.1200(a)(12): within five minutes).
_CONFIRM_STOP_WITHIN = timedelta(minutes=5)
_ANSWERABLE = ("sms", "email")


@dataclass(frozen=True, slots=True)
class Origin:
    """From whom a message came: a borrower's case, the digest of the number or address, and whose that is.

    `digest` is empty where none is known, as of a letter.
    """

    borrower_id: str
    digest: str = ""
    party: str = "debtor"


def stop_number(origin: Origin, now: datetime, *, actor: str, channels: Iterable[str], source: str) -> None:
    """Nothing goes by these channels to this number any more ("" is every one); without a number to no one of theirs.

    A third person who says stop is left alone for good.
    """
    owner, digest = origin.borrower_id, origin.digest
    for channel in channels:
        agree(owner, False, now, actor=actor, channel=channel, point=digest, source=source)
    third = ContactPoint.objects.filter(
        borrower_id=owner, digest=digest, party__in=(*THIRD_PARTIES, "helper")
    )
    if digest and third.filter(stopped_at=None).update(stopped_at=now):
        body = {"point": digest, "what": "stopped"}
        evidence.append("point", at=now, actor="third_person", borrower=owner, body=body)


def confirm_stop(inbound: Inbound, origin: Origin, now: datetime) -> Contact | None:
    """One confirmation that the messages have stopped, the last to that number by that way; None where none is due.

    A stop that is said again is not confirmed again; a third person's isn't confirmed at all.
    """
    if inbound.channel not in _ANSWERABLE or origin.party != "debtor" or not origin.digest:
        return None
    before = Contact.objects.filter(
        borrower_id=origin.borrower_id, point_digest=origin.digest, template="opt_out_confirmed"
    ).exclude(state__in=("refused", "failed", "cancelled"))
    newest = before.order_by("-queued_at").first()
    if newest is not None and not _started_since(origin, inbound.channel, newest.queued_at):
        return None
    return _send(inbound, origin, "opt_out_confirmed", "confirm", now, give_up_at=now + _CONFIRM_STOP_WITHIN)


def _started_since(origin: Origin, channel: str, at: datetime) -> bool:
    given = Consent.objects.filter(borrower_id=origin.borrower_id, given=True, at__gt=at)
    return given.filter(channel__in=("", channel), point__in=("", origin.digest)).exists()


def send_login_link(inbound: Inbound, origin: Origin, now: datetime) -> Contact | None:
    """A new way in for who says that a link doesn't work, to the number or address on file they wrote from."""
    if inbound.channel not in _ANSWERABLE or origin.party != "debtor" or not origin.digest:
        return None
    return _send(inbound, origin, "login_link", "answer", now, own={"days": LINK_LIVES.days})


def _send(
    inbound: Inbound,
    origin: Origin,
    template: str,
    purpose: str,
    now: datetime,
    *,
    own: dict[str, int] | None = None,
    give_up_at: datetime | None = None,
) -> Contact | None:
    """Queue an approved text back to where the message came from; None when there is no such text or number."""
    planned = PlannedContact(
        inbound.channel,
        purpose,
        point=origin.digest,
        automated=True,
        own_line=True,
        discloses_debt=False,
        states_identity=True,
        offers_opt_out=True,
        answers=f"reply:{inbound.pk}",
    )
    draft = ContactDraft(
        origin.borrower_id,
        planned,
        template=template,
        own=own or {},
        give_up_at=give_up_at,
        consented=True,
    )
    made = queue_contact(draft, now, actor="house")
    return made if isinstance(made, Contact) else None


def open_request(
    origin: Origin,
    kind: str,
    words: str,
    now: datetime,
    *,
    actor: str,
    attachments: Iterable[str] = (),
    came_by: str = "",
) -> Request:
    """Open the request that the portal's form would, with its clock and hold, and tell its number once.

    One that is open already gets the words, and no second number is told.
    """
    draft = Asked(
        origin.borrower_id,
        kind,
        words.strip()[:LONGEST_WORDS],
        "reply",
        details=_details(origin, kind),
        attachments=tuple(attachments),
        came_by=came_by,
    )
    request = make_request(draft, now, actor=actor)
    assert isinstance(request, Request), "a borrower may ask for anything that has a form"
    if request.opened_at == now and f"{kind}_received" not in RECEIVED:
        notify_borrower(
            request.borrower,
            "request_received",
            now,
            reference=request.number,
            about=f"request:{request.number}",
            until=request.due_on,
        )
    return request


def _details(origin: Origin, kind: str) -> dict[str, object]:
    """Who made it, where that is not the borrower: their lawyer, or a third person."""
    if origin.party in THIRD_PARTIES:
        return {OF_THIRD_PARTY: origin.party}
    return {"role": "lawyer"} if kind == "lawyer" else {}


def open_for_hold(owner: str, hold: Hold | Problem, now: datetime, *, actor: str, inbound: Inbound) -> None:
    """A request with number and clock for what a reply stopped by itself: a person looks at it and answers for it.

    It keeps the hold while it is open. Nobody is written to about it.
    """
    if isinstance(hold, Problem) or Request.objects.filter(hold=hold, state="open").exists():
        return
    third = {OF_THIRD_PARTY: inbound.party} if inbound.party in THIRD_PARTIES else {}
    draft = Asked(
        owner,
        "other",
        inbound.text.strip()[:LONGEST_WORDS],
        "reply",
        details={OF_HOLD: hold.kind, **third},
        came_by=inbound.channel,
    )
    request = make_request(draft, now, actor=actor)
    if isinstance(request, Request) and request.hold is None:
        request.hold = hold
        request.save(update_fields=["hold"])


def request_kinds(said: Iterable[str]) -> list[str]:
    """The kinds of request that follow from all that was said, the weightiest first.

    Who disputes and asks for proof at once has made one dispute, as 12 CFR 1006.38 answers both alike.
    """
    named = set(said)
    kinds = list(dict.fromkeys(kind for name, kind in REQUEST_FOR.items() if name in named))
    return [kind for kind in kinds if kind != "written_notice" or "dispute" not in kinds]


def place_demanded_hold(owner: str, name: str, now: datetime) -> Hold | Problem:
    """The hold that a demand places by itself."""
    kind, length = HOLD_ON_DEMAND[name]
    ends = now + length if length is not None else None
    return place_hold(owner, kind, now, actor="borrower", source="reply", ends_at=ends)


def take_start(origin: Origin, channel: str, now: datetime) -> None:
    """Consent to this channel at this number, for the purpose of what was answered and for no other."""
    sent = Contact.objects.filter(borrower_id=origin.borrower_id, channel=channel, at__lte=now)
    if origin.digest:
        sent = sent.filter(point_digest=origin.digest)
    newest = sent.exclude(template="opt_out_confirmed").order_by("-at").first()
    purpose = newest.purpose if newest is not None else "collect"
    agree(
        origin.borrower_id,
        True,
        now,
        actor="borrower",
        channel=channel,
        purpose=purpose,
        point=origin.digest,
        source="reply",
    )


def wrong_person(origin: Origin, now: datetime, *, actor: str) -> None:
    """Somebody else has this number: nothing goes there any more."""
    if not origin.digest:
        return
    owner, digest = origin.borrower_id, origin.digest
    ContactPoint.objects.filter(borrower_id=owner, digest=digest).update(stopped_at=now, invalid_at=now)
    body = {"point": digest, "what": "wrong person"}
    evidence.append("point", at=now, actor=actor, borrower=owner, body=body)
    agree(owner, False, now, actor=actor, point=digest, source="wrong person")


def forbid_workplace(origin: Origin, now: datetime) -> None:
    """Not where they work: the numbers known to be there, else the one that the message came from."""
    at_work = ContactPoint.objects.filter(borrower_id=origin.borrower_id, at_workplace=True)
    named = at_work
    if not at_work.exists():
        named = ContactPoint.objects.filter(borrower_id=origin.borrower_id, digest=origin.digest)
    named.update(at_workplace=True, workplace_forbidden=True)
    body = {"point": origin.digest, "what": "not at work"}
    evidence.append("point", at=now, actor="borrower", borrower=origin.borrower_id, body=body)


def prefer_from(owner: str, hour: int, now: datetime) -> None:
    """From this hour of their day on they want contact."""
    Borrower.objects.filter(pk=owner).update(preferred_from=hour)
    body = {"what": "preferred hours", "from": hour}
    evidence.append("note", at=now, actor="borrower", borrower=owner, body=body)
