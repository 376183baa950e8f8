"""A form that is sent twice, by a double click or by a browser that sends it again, is done once.

Each page gives its forms a token. The first of two equal forms of one page is claimed in a row of its own before
anything is done; the second waits for it and is led to where the first was led.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from forbear.store.models import SentForm

#: For so long a form is known to have been sent.
KNOWN = timedelta(hours=24)
#: What was claimed and neither done nor let go for so long was left by a process that died, and did nothing.
_LEFT = timedelta(minutes=2)


def claim_form(digest: str, now: datetime) -> SentForm | None:
    """None when this is the first, and its sender goes on; else the one before, done or still under way."""
    for _ in range(2):
        try:
            with transaction.atomic():
                SentForm.objects.create(digest=digest, sent_at=now)
        except IntegrityError:
            before = SentForm.objects.filter(digest=digest).first()
            left = {"digest": digest, "done": False, "sent_at__lt": now - _LEFT}
            if before is not None and not SentForm.objects.filter(**left).delete()[0]:
                return before
        else:
            return None
    return SentForm.objects.filter(digest=digest).first()


def form_done(digest: str, led_to: str) -> None:
    """It is done, and its sender was led there."""
    SentForm.objects.filter(digest=digest).update(done=True, led_to=led_to[:1000])


def release_form(digest: str) -> None:
    """Nothing was done, so that it can be sent again."""
    SentForm.objects.filter(digest=digest).delete()
