"""Send a new link to the number or address on file. Anybody may ask; the page never says whether there is any.

It goes through the permit gate like every message. Who asks isn't known yet, so nothing about the night or a stop is
waived for them: by night it waits until morning.
"""

from datetime import datetime

from django.conf import settings

from forbear.actions.access.portal_access import LINK_LIVES
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.texts import templates
from forbear.store.models import Contact, ContactPoint
from forbear.store.rate_limit import take_token

TEMPLATE = "login_link"
#: How often one number or address is sent a link: a few at once, then one every two hours.
_PER_MINUTE, _BURST = 1 / 120, 3
#: A number may be that of a few borrowers; each gets their own link.
_MOST = 3
_CHANNELS = {"phone": "sms", "email": "email"}


def send_login_links(reach: str, now: datetime) -> int:
    """Queue a link for each borrower whose own number or e-mail address this is; how many.

    While one waits there is no second: who asks again by night gets one message in the morning.
    """
    kind = "email" if "@" in reach else "phone"
    digest, channel = digest_of(kind, reach), _CHANNELS[kind]
    if take_token(f"login-link:{digest}", now, per_minute=_PER_MINUTE, burst=_BURST):
        return 0
    template = templates(settings.HOME).find(TEMPLATE, channel)
    points = ContactPoint.objects.filter(
        digest=digest, kind=kind, party="debtor", invalid_at=None, stopped_at=None
    )
    if template is None:
        return 0
    waiting = Contact.objects.filter(template=TEMPLATE, state="waiting", point_digest=digest)
    queued, has_one = 0, set(waiting.values_list("borrower_id", flat=True))
    for point in points.order_by("borrower_id")[:_MOST]:
        if point.borrower_id in has_one:
            continue
        planned = PlannedContact(
            channel,
            template.purpose,
            point=point.digest,
            automated=True,
            own_line=True,
            discloses_debt=False,
            states_identity=True,
            offers_opt_out="opt_out" in template.placeholders("en"),
        )
        draft = ContactDraft(
            point.borrower_id, planned, template=TEMPLATE, own={"days": LINK_LIVES.days}, consented=True
        )
        queued += isinstance(queue_contact(draft, now, actor="public"), Contact)
    return queued
