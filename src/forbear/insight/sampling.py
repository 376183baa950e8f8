"""Which contacts of a week are to be reviewed: an equal number of each person's, at random, and the same whenever it
is asked.

The lot is a digest of the contact's id and the week, so nobody chooses and anybody can check the choice.
"""

import hashlib
from collections import defaultdict
from datetime import date, datetime, timedelta

from forbear.store.business_date import day_end, day_start
from forbear.store.models import Contact

#: How many of each person's contacts a week.
EACH = 5
_BY_HAND = ("call", "visit", "sms", "email")


def sample(monday: date, *, team: str = "", per_person: int = EACH) -> list[Contact]:
    """The contacts that fell to the lot in the week of that Monday, by person; of one team if it is named."""
    assert monday.weekday() == 0, "a week begins on a Monday"
    begins, ends = day_start(monday), day_end(monday + timedelta(days=6))
    rows = Contact.objects.filter(at__gte=begins, at__lt=ends, channel__in=_BY_HAND, staff__isnull=False)
    rows = rows.exclude(outcome="not_sent")
    if team:
        rows = rows.filter(staff__team=team)
    by_person: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for contact_id, staff_id in rows.values_list("pk", "staff_id").iterator():
        by_person[staff_id].append((_lot(monday, contact_id), contact_id))
    chosen = [contact_id for lots in by_person.values() for _, contact_id in sorted(lots)[:per_person]]
    contacts = (
        Contact.objects.select_related("staff").filter(pk__in=chosen).prefetch_related("reviews__reviewer")
    )
    return sorted(contacts, key=_order)


def _order(contact: Contact) -> tuple[str, datetime]:
    """By who made it, then by when."""
    assert contact.staff is not None, "only contacts that somebody made are drawn"
    assert contact.at is not None, "they were made in that week"
    return contact.staff.number, contact.at


def _lot(monday: date, contact_id: str) -> str:
    return hashlib.sha256(f"{monday}|{contact_id}".encode()).hexdigest()
