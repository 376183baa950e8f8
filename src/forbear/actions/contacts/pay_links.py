"""A link to pay, sent from the case: an approved text with the borrower's own link, through the permit gate."""

from datetime import datetime

from django.conf import settings

from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.texts import templates
from forbear.store.models import Borrower, Contact, ContactPoint, Staff

TEMPLATE = "payment_link"
_KIND = {"sms": "phone", "email": "email"}


def send_pay_link(borrower: Borrower, channel: str, staff: Staff, now: datetime) -> Contact | Problem:
    """Queue it for the borrower's newest number or address; it counts among their contacts as any reminder."""
    template = templates(settings.HOME).find(TEMPLATE, channel)
    if template is None:
        return Problem(
            "no_such_template",
            "there is no template `%(template)s` for %(channel)s in %(file)s",
            template=TEMPLATE,
            channel=channel,
            file=settings.HOME.templates.name,
        )
    points = ContactPoint.objects.filter(
        borrower=borrower, kind=_KIND[channel], party="debtor", invalid_at=None, stopped_at=None
    )
    point = points.order_by("-pk").first()
    if point is None:
        return Problem("channel_address_missing", "There is no number or address for it.")
    loans = borrower.loans.filter(past_due_amount__gt=0).order_by("loan_id").values_list("loan_id", flat=True)
    if not loans:
        return Problem("nothing_past_due", "nothing is past due")
    planned = PlannedContact(
        channel,
        template.purpose,
        point=point.digest,
        loans=tuple(loans),
        template=TEMPLATE,
        automated=False,
        own_line=True,
        discloses_debt=True,
        states_identity=True,
        offers_opt_out=True,
    )
    draft = ContactDraft(borrower.borrower_id, planned, template=TEMPLATE, staff=staff)
    return queue_contact(draft, now, actor=f"staff:{staff.number}")
