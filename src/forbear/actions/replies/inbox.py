"""The inbox as a work list: whose a message is and until when, to whom it goes on, and to which case it belongs."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from forbear.actions.contacts.queue_contact import digest_of, stored_point
from forbear.actions.selectors.staff_directory import READERS
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, ContactPoint, Inbound, Staff
from forbear.store.situation import lock_borrower

#: How long a message stays with who took it, and with whom it was given to by somebody else.
LEASE, GIVEN_FOR = timedelta(minutes=30), timedelta(hours=12)
_KIND_OF = {"sms": "phone", "voice": "phone", "call": "phone", "email": "email", "letter": "address"}


def lock_message(inbound_id: int) -> Inbound | None:
    """The message, locked after its borrower, so that nobody else acts on it; None when there is none."""
    owner = Inbound.objects.filter(pk=inbound_id).values_list("borrower_id", flat=True).first()
    if owner is not None:
        lock_borrower(owner)
    rows = Inbound.objects.select_for_update(of=("self",)).select_related("owner", "borrower")
    return rows.filter(pk=inbound_id, kind="reply").first()


def lock_own(inbound_id: int, staff: Staff, now: datetime) -> Inbound | Problem:
    """The message, locked, and from now on with this person; Problem when it is with somebody else or not there."""
    inbound = lock_message(inbound_id)
    if inbound is None:
        return Problem("no_such_reply", "there is no reply %(number)s", number=inbound_id)
    if problem := taken_by_other(inbound, staff, now):
        return problem
    if inbound.owner_id != staff.pk or inbound.owned_until is None or inbound.owned_until < now + LEASE:
        inbound.owner, inbound.owned_until = staff, now + LEASE
        inbound.save(update_fields=["owner", "owned_until"])
    return inbound


def taken_by_other(inbound: Inbound, staff: Staff, now: datetime) -> Problem | None:
    """Who else works on it, and until when; None when it is free or this person's own."""
    if inbound.owner is None or inbound.owner_id == staff.pk:
        return None
    if inbound.owned_until is None or inbound.owned_until <= now:
        return None
    return Problem(
        "reply_taken",
        "%(number)s works on this message until %(time)s",
        number=inbound.owner.number,
        time=timezone.localtime(inbound.owned_until).strftime("%H:%M"),
    )


def take_message(inbound_id: int, staff: Staff, now: datetime) -> Inbound | Problem:
    """Take it for half an hour; taken again it is half an hour from then. Afterwards it is anybody's again."""
    with transaction.atomic():
        return lock_own(inbound_id, staff, now)


def release_message(inbound_id: int, staff: Staff, now: datetime) -> Inbound | Problem:
    """Give it back before the half hour is over."""
    with transaction.atomic():
        inbound = lock_own(inbound_id, staff, now)
        if not isinstance(inbound, Problem):
            inbound.owner, inbound.owned_until = None, None
            inbound.save(update_fields=["owner", "owned_until"])
        return inbound


def transfer_message(inbound_id: int, to: str, staff: Staff, now: datetime) -> Inbound | Problem:
    """Pass it on to a person by their number, for twelve hours, or to a team by its name.

    Problem when there is neither, or the person may not work the inbox.
    """
    with transaction.atomic():
        inbound = lock_own(inbound_id, staff, now)
        if isinstance(inbound, Problem):
            return inbound
        readers = Staff.objects.filter(is_active=True, role__in=READERS)
        person = readers.filter(number=to).first()
        if person is not None:
            inbound.owner, inbound.owned_until = person, now + GIVEN_FOR
        elif to and readers.filter(team=to).exists():
            inbound.owner, inbound.owned_until, inbound.team = None, None, to
        else:
            return Problem(
                "no_such_reader", "nobody numbered %(to)s and no team of that name works the inbox", to=to
            )
        inbound.save(update_fields=["owner", "owned_until", "team"])
        _note(inbound, "reply passed on", now, staff, to=to)
        return inbound


def transfer_messages(
    inbound_ids: Collection[int], to: str, staff: Staff, now: datetime
) -> tuple[int, int] | Problem:
    """Pass many on, or take them where `to` is one's own number: how many went, and how many others work on."""
    done = 0
    with transaction.atomic():
        rows = Inbound.objects.filter(pk__in=inbound_ids, kind="reply").order_by("borrower_id", "pk")
        for inbound_id in list(rows.values_list("pk", flat=True)):
            if to == staff.number:
                made = lock_own(inbound_id, staff, now)
            else:
                made = transfer_message(inbound_id, to, staff, now)
            if isinstance(made, Problem) and made.code not in ("reply_taken", "no_such_reply"):
                transaction.set_rollback(True)
                return made
            done += not isinstance(made, Problem)
    return done, len(inbound_ids) - done


def link_message(
    inbound_id: int, borrower_id: str, staff: Staff, now: datetime, *, own_number: bool = False
) -> Inbound | Problem:
    """Say whose case it belongs to. With `own_number` its sender is kept as a number or address of the borrower's."""
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        inbound = lock_own(inbound_id, staff, now)
        if isinstance(inbound, Problem):
            return inbound
        if inbound.borrower_id is not None and inbound.borrower_id != borrower_id:
            return Problem("reply_linked", "this message belongs to a case already")
        point = ContactPoint.objects.filter(borrower=borrower, digest=inbound.point_digest).first()
        inbound.borrower, inbound.party = borrower, point.party if point else "debtor"
        if point is None and own_number:
            _add_point(inbound, borrower, now, staff)
        inbound.save(update_fields=["borrower", "party", "point_digest"])
        evidence.append(
            "inbound",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=borrower_id,
            body={"what": "linked", "channel": inbound.channel, "point": inbound.point_digest},
            personal={"text": inbound.text},
        )
        return inbound


def _add_point(inbound: Inbound, borrower: Borrower, now: datetime, staff: Staff) -> None:
    kind = _KIND_OF.get(inbound.channel, "")
    if not kind or not inbound.sender:
        return
    digest = digest_of(kind, inbound.sender)
    fresh = {
        "kind": kind,
        "value": stored_point(kind, inbound.sender),
        "source": "borrower",
        "lawful": True,
        "confirmed_on": business_date(now),
    }
    ContactPoint.objects.get_or_create(borrower=borrower, digest=digest, defaults=fresh)
    inbound.point_digest = digest
    body = {"point": digest, "what": "given by the borrower", "party": "debtor"}
    evidence.append("point", at=now, actor=f"staff:{staff.number}", borrower=borrower.pk, body=body)


def close_message(inbound: Inbound, staff: Staff, now: datetime) -> None:
    """Note that a person has read it and is done with it; the caller holds it. Read already it keeps its reader."""
    inbound.owner, inbound.owned_until = None, None
    if inbound.read_at is None:
        inbound.read_at, inbound.read_by = now, f"staff:{staff.number}"
        _note(inbound, "reply read", now, staff)
    inbound.save()


def _note(inbound: Inbound, what: str, now: datetime, staff: Staff, **more: str) -> None:
    if inbound.borrower_id is None:
        return
    body = {"what": what, "provider": inbound.provider, "provider_ref": inbound.provider_ref, **more}
    evidence.append("note", at=now, actor=f"staff:{staff.number}", borrower=inbound.borrower_id, body=body)


def waiting_for(rows: QuerySet[Inbound], staff: Staff, now: datetime) -> QuerySet[Inbound]:
    """Of these messages those that wait and that this person may take: nobody else's, and of no other team."""
    free = Q(owner=None) | Q(owner=staff) | Q(owned_until__lte=now)
    return waiting(rows).filter(free, team__in=("", staff.team))


def waiting(rows: QuerySet[Inbound]) -> QuerySet[Inbound]:
    """Of these messages those that wait for a person: danger first, then the oldest."""
    return rows.filter(kind="reply", needs_person=True, read_at=None).order_by("-urgent", "at", "pk")


def take_next(rows: QuerySet[Inbound], staff: Staff, now: datetime) -> Inbound | None:
    """The next message that waits, from now on with this person; None when there is none.

    Two people who ask at once get two messages.
    """
    with transaction.atomic():
        free = waiting_for(rows, staff, now).select_related(None).select_for_update(skip_locked=True)
        inbound = free.first()
        if inbound is not None:
            inbound.owner, inbound.owned_until = staff, now + LEASE
            inbound.save(update_fields=["owner", "owned_until"])
        return inbound
