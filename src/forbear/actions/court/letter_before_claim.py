"""The letter before claim: asked for by the court step itself, sent through the permit gate like any letter, and
opening the time to pay when it arrived.

A letter that the strategy sent about the same loans lately is taken for it, so that nobody gets two. One that comes
back opens nothing: another is sent.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.actions.court.lawsuits import LOST, against_now, enter, is_current, locked_lawsuit, said_against
from forbear.actions.visits.proposals import address_of
from forbear.core.base.problem import Problem
from forbear.core.court.lawsuit import arrived_on
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.policy import policy
from forbear.interchange.home.texts import templates
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Contact, Lawsuit, Notice, Staff

TEMPLATE = "notice_before_claim"
#: A letter that left longer ago says nothing of today.
_LATELY = timedelta(days=60)
#: States of a contact on its way or arrived.
_UNDER_WAY = ("waiting", "claimed", "sending", "sent", "unknown")


def send_letter_before_claim(lawsuit_id: int, staff: Staff, now: datetime) -> Contact | Problem:
    """Put the lawsuit's letter before claim into the outbox, or take one that the strategy sent lately."""
    with transaction.atomic():
        lawsuit = locked_lawsuit(lawsuit_id)
        if lawsuit is None or lawsuit.state not in ("signed", "demanded"):
            return Problem(
                "letter_before_claim_not_due", "no such lawsuit is waiting for its letter before claim"
            )
        before = lawsuit.letter_before_claim
        if before is not None and before.state in _UNDER_WAY and before.outcome not in LOST:
            return Problem(
                "letter_before_claim_sent", "the letter before claim is on its way already, or arrived"
            )
        if lawsuit.state == "demanded" and before is None:
            return Problem(
                "letter_before_claim_by_hand",
                "the letter before claim was recorded by hand; it needs no other",
            )
        against, _ = against_now(lawsuit, now)
        barring = [ground for ground in against if ground in ("barred", "held")]
        if barring:
            return said_against(barring)
        if is_current(lawsuit, now):
            return said_against(("current",))
        letter = _sent_lately(lawsuit, now) or _letter(lawsuit, staff, now)
        if isinstance(letter, Problem):
            return letter
        lawsuit.letter_before_claim = letter
        lawsuit.save(update_fields=["letter_before_claim"])
        evidence.append(
            "legal",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=lawsuit.borrower_id,
            body={
                "lawsuit": lawsuit.pk,
                "state": lawsuit.state,
                "what": "letter before claim",
                "contact": letter.contact_id,
            },
        )
        return letter


def _sent_lately(lawsuit: Lawsuit, now: datetime) -> Contact | None:
    """The newest letter of claim that stands for every loan of the lawsuit."""
    given = Notice.objects.filter(
        borrower=lawsuit.borrower_id, kind="letter_of_claim", recalled_at=None, given_at__gt=now - _LATELY
    ).exclude(contact=None)
    for notice in given.select_related("contact").order_by("-given_at"):
        letter = notice.contact
        if (
            letter is not None
            and letter.template == TEMPLATE
            and letter.outcome not in LOST
            and set(lawsuit.loans) <= set(letter.loans)
        ):
            return letter
    return None


def _letter(lawsuit: Lawsuit, staff: Staff, now: datetime) -> Contact | Problem:
    if templates(settings.HOME).find(TEMPLATE, "letter") is None:
        return Problem(
            "no_such_letter_template",
            "there is no template `%(template)s` for letters in %(file)s",
            template=TEMPLATE,
            file=settings.HOME.templates.name,
        )
    point = address_of(lawsuit.borrower)
    if point is None:
        return Problem(
            "letter_before_claim_address_missing",
            "there is no postal address on file; the letter before claim can't be sent",
        )
    planned = PlannedContact(
        "letter",
        "sue",
        point=point.digest,
        loans=tuple(lawsuit.loans),
        own_line=True,
        discloses_debt=True,
        states_identity=True,
    )
    terms = policy(settings.HOME).court
    until = business_date(now) + timedelta(days=terms.post_days + terms.letter_before_claim_days)
    return queue_contact(
        ContactDraft(lawsuit.borrower_id, planned, template=TEMPLATE, own={"until": until}, staff=staff),
        now,
        actor=f"staff:{staff.number}",
    )


def send_letters_before_claim(now: datetime) -> int:
    """Open the time to pay of every lawsuit whose letter arrived; how many."""
    waiting = Lawsuit.objects.filter(
        ended_at=None, state__in=("signed", "demanded"), letter_before_claim__state="sent"
    )
    opened = 0
    for lawsuit_id in list(waiting.order_by("borrower_id").values_list("pk", flat=True)):
        with transaction.atomic():
            opened += _open(lawsuit_id, now)
    return opened


def _open(lawsuit_id: int, now: datetime) -> bool:
    lawsuit = locked_lawsuit(lawsuit_id)
    if lawsuit is None or lawsuit.ended_at is not None or lawsuit.letter_before_claim is None:
        return False
    letter = Contact.objects.get(pk=lawsuit.letter_before_claim.pk)
    if letter.state != "sent" or letter.outcome in LOST or letter.at is None:
        return False
    if lawsuit.state != "signed" and lawsuit.steps.filter(contact=letter).exists():
        return False
    terms = policy(settings.HOME).court
    delivered_on = (
        business_date(letter.ended_at) if letter.outcome == "delivered" and letter.ended_at else None
    )
    on = arrived_on(business_date(letter.at), delivered_on, terms, business_date(now))
    if on is None:
        return False
    last = lawsuit.steps.order_by("-on").values_list("on", flat=True).first()
    enter(lawsuit, "demanded", max(on, last) if last else on, now, "timetable", contact_id=letter.contact_id)
    promised = _promised(letter)
    if promised is not None:
        # what the letter itself says is kept, however early it arrived
        lawsuit.deadlines.filter(kind="answer", over_at=None, due_on__lt=promised).update(due_on=promised)
    return True


def _promised(letter: Contact) -> date | None:
    """Until when the letter says that it waits."""
    promised_until = letter.values.get("until")
    return date.fromisoformat(promised_until["day"]) if isinstance(promised_until, dict) else None
