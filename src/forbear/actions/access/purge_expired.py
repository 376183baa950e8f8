"""Let go of what has served its time: sign-ins that ended, answers kept under callers' keys, news that was delivered.

None of it is evidence, and answers and news may name a borrower. Some rows at a time, so that nobody waits long.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Q, QuerySet

from forbear.actions.access.form_drafts import purge_drafts
from forbear.actions.access.portal_access import purge_old_links
from forbear.actions.access.sent_forms import KNOWN
from forbear.interchange.home import clock
from forbear.store.models import Idempotency, RateLimitBucket, SentForm, WebhookDelivery

#: For so long a caller's own key is remembered with its answer.
ANSWERS = timedelta(days=30)
#: For this long news can be delivered again; what was neither delivered nor given up stays.
NEWS = timedelta(days=90)
#: Every bucket is full again long before.
_FULL = timedelta(days=2)
_BATCH = 5_000


def purge_expired(now: datetime) -> int:
    """Delete it; how many rows."""
    finished = Q(delivered_at__isnull=False) | Q(given_up_at__isnull=False)
    return (
        purge_old_links(now)
        + purge_drafts(now)
        + sum(
            _delete(rows)
            for rows in (
                # a browser's session ends by the world's time, whatever a demo's clock says
                Session.objects.filter(expire_date__lt=now - clock.ahead(settings.HOME)),
                Idempotency.objects.filter(at__lt=now - ANSWERS),
                WebhookDelivery.objects.filter(finished, made_at__lt=now - NEWS),
                SentForm.objects.filter(sent_at__lt=now - KNOWN),
                RateLimitBucket.objects.filter(at__lt=now - _FULL),
            )
        )
    )


def _delete(rows: QuerySet) -> int:
    gone = 0
    while some := list(rows.order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        gone += rows.filter(pk__in=some).delete()[0]
    return gone
