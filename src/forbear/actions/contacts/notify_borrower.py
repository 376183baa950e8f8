"""Tell the borrower what was agreed or has arrived: an approved text into the outbox, through the permit as all are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings

from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.core.content.template import Money, Template
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.country import language_of
from forbear.interchange.home.texts import templates
from forbear.store.models import Borrower, Consent, Contact, ContactPoint, Request

#: The kind of address that each channel of writing needs, the quickest first.
_NEEDS = {"sms": "phone", "push": "device", "email": "email", "letter": "address"}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text comes: whether the borrower `requested` it, whether it `must` come although they switched a way off,
    whether it names the debt, and whether it says how to stop such texts.
    """

    requested: bool = True
    must: bool = False
    discloses_debt: bool = True
    offers_opt_out: bool = False


#: The answer to something they did.
ANSWER = Manner()
#: What the law or the contract requires them to be notified of.
NOTICE = Manner(requested=False, must=True)
#: A reminder of what they agreed themselves, before its day.
REMINDER = Manner(requested=False, offers_opt_out=True)
#: A question of ours.
QUESTION = Manner(requested=False, discloses_debt=False, offers_opt_out=True)


def notify_borrower(
    borrower: Borrower,
    template: str,
    now: datetime,
    *,
    loans: tuple[str, ...] = (),
    reference: str = "",
    about: str = "",
    manner: Manner = ANSWER,
    actor: str = "house",
    **own: Money | date | int | str,
) -> Contact | None:
    """Queue the text by the first way that it has, the borrower has an address for and hasn't switched off.

    `about` names what it answers or confirms, as the permit gate knows it: `request:AB12CD34`. None where there is no
    such way: then it stands on the borrower's pages only. What a third person asked is no business of the borrower's,
    and a person answers it. The caller holds the borrower.
    """
    if about.startswith("request:") and _of_third_party(about.removeprefix("request:")):
        return None
    for way, channel, point in _ways(borrower, template, manner):
        planned = PlannedContact(
            channel,
            way.purpose,
            point=point.digest,
            loans=loans,
            automated=True,
            own_line=True,
            discloses_debt=manner.discloses_debt,
            states_identity=True,
            offers_opt_out=manner.offers_opt_out or "opt_out" in way.placeholders(text_language(borrower)),
            answers=about,
        )
        # a number of the house's own, drawn by chance: nobody's words, in which RMB6… would be an amount
        values: Mapping[str, Money | date | int | str] = {"reference": reference} if reference else {}
        contact = queue_contact(
            ContactDraft(
                borrower.borrower_id,
                planned,
                template=template,
                own={**own, **values},
                consented=manner.requested,
                confirmed=True,  # the reference is the house's own, and nobody is there to ask
            ),
            now,
            actor=actor,
        )
        if isinstance(contact, Contact):
            return contact
    return None


def _of_third_party(number: str) -> bool:
    return Request.objects.filter(number=number).exclude(third_party="").exists()


def text_language(borrower: Borrower) -> str:
    """The language whose words a text to them has."""
    return language_of(settings.HOME, borrower.preferred_language or borrower.language)


def reachable(borrower: Borrower, template: str, manner: Manner = ANSWER) -> bool:
    """Whether there is any way by which the text could come."""
    return next(_ways(borrower, template, manner), None) is not None


def _ways(borrower: Borrower, template: str, manner: Manner) -> Iterator[tuple[Template, str, ContactPoint]]:
    """The ways of a text to the borrower, the quickest first: the text, its channel, the number or address."""
    known = templates(settings.HOME)
    for channel, kind in _NEEDS.items():
        way = known.find(template, channel)
        point = _newest(borrower, kind) if way is not None else None
        if way is not None and point is not None and (manner.must or not _switched_off(borrower, channel)):
            yield way, channel, point


def _newest(borrower: Borrower, kind: str) -> ContactPoint | None:
    """The borrower's own newest address of a kind that works and isn't stopped."""
    working = ContactPoint.objects.filter(
        borrower=borrower, kind=kind, party="debtor", invalid_at=None, stopped_at=None
    )
    return working.order_by("-pk").first()


def _switched_off(borrower: Borrower, channel: str) -> bool:
    """Whether the borrower's newest word on this channel is no."""
    said = Consent.objects.filter(
        borrower=borrower, channel__in=("", channel), purpose="", point="", night=False
    )
    newest = said.order_by("-at", "-pk").first()
    return newest is not None and not newest.given
