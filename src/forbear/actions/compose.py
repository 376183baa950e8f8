"""What a contact says: its template filled with the newest figures, or a person's own words."""

from datetime import datetime

from django.conf import settings

from forbear.channels.transport import Message
from forbear.core.problem import Problem
from forbear.store.models import Borrower, Contact


def compose(contact: Contact, borrower: Borrower, now: datetime) -> Message | Problem:
    """The message of a contact as it would leave now; Problem when its template can't be filled."""
    zh, en = settings.HOME.name
    point = contact.point
    return Message(
        contact_id=contact.contact_id,
        channel=contact.channel,
        to=point.value if point else "",
        sender=zh if contact.language.startswith("zh") else en,
        language=contact.language,
        subject=contact.subject,
        body=contact.body,
        agent=contact.staff.line if contact.staff else "",
    )
