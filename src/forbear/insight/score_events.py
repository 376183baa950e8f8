"""What the desk knows of contacts and promises, for those who learn scores from it."""

from datetime import date

from forbear.insight.score_rows import Events
from forbear.store.business_date import business_date, local_time
from forbear.store.models import Contact, Promise

#: What says that somebody answered a call.
_ANSWERED = frozenset({"connected", "conversation"})


def score_events(until: date) -> Events:
    """The contacts that left, and the promises that were kept or broken, up to a day."""
    made = (
        Contact.objects.filter(at__isnull=False)
        .exclude(outcome__in=("not_sent", "pending"))
        .order_by("at", "pk")
        .values_list("borrower_id", "at", "channel", "outcome")
    )
    contacts = [
        (borrower, business_date(at), local_time(at).hour, channel == "call", outcome in _ANSWERED)
        for borrower, at, channel, outcome in made.iterator()
        if at is not None and business_date(at) <= until
    ]
    promised = Promise.objects.filter(state__in=("kept", "broken"), made_on__lte=until).order_by("pk")
    promises = [
        (borrower, day, state == "kept")
        for borrower, day, state in promised.values_list("borrower_id", "made_on", "state").iterator()
    ]
    return Events(contacts, promises)
