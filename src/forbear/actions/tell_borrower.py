"""Tell the borrower what was agreed or has arrived: an approved text into the outbox, through the permit as all are."""

from collections.abc import Mapping
from datetime import date, datetime

from django.conf import settings

from forbear.actions.wish_contact import Wanted, wish_contact
from forbear.core.contact import Wish
from forbear.core.template import Money
from forbear.interchange.texts import templates
from forbear.store.models import Borrower, Consent, Contact, ContactPoint

#: The kind of address that each channel of writing needs, the quickest first.
_NEEDS = {"sms": "phone", "push": "device", "email": "email", "letter": "address"}


def tell_borrower(
    borrower: Borrower,
    template: str,
    now: datetime,
    *,
    loans: tuple[str, ...] = (),
    reference: str = "",
    **own: Money | date | int | str,
) -> Contact | None:
    """Queue the text by the first way that it has, the borrower has an address for and hasn't switched off.

    None where there is no such way: then it stands on the borrower's pages only. The caller holds the borrower.
    """
    known = templates(settings.HOME)
    for channel, kind in _NEEDS.items():
        found = known.find(template, channel)
        point = (
            ContactPoint.objects.filter(
                borrower=borrower, kind=kind, party="debtor", invalid_at=None, stopped_at=None
            )
            .order_by("-pk")
            .first()
        )
        if found is None or point is None or _switched_off(borrower, channel):
            continue
        wish = Wish(
            channel,
            found.purpose,
            point=point.digest,
            loans=loans,
            automated=True,
            own_line=True,
            discloses_debt=True,
            states_identity=True,
        )
        values: Mapping[str, str] = {"reference": reference} if reference else {}
        made = wish_contact(
            Wanted(borrower.borrower_id, wish, template=template, values=values, own=own, consented=True),
            now,
            actor="house",
        )
        if isinstance(made, Contact):
            return made
    return None


def _switched_off(borrower: Borrower, channel: str) -> bool:
    """Whether the borrower's newest word on this channel is no."""
    newest = (
        Consent.objects.filter(
            borrower=borrower, channel__in=("", channel), purpose="", point="", night=False
        )
        .order_by("-at", "-pk")
        .first()
    )
    return newest is not None and not newest.given
