"""Whose special care is to be looked at again."""

from datetime import date

from django.db.models import QuerySet

from forbear.store.models import Vulnerability


def reviews_of_vulnerability(rows: QuerySet[Vulnerability], today: date) -> QuerySet[Vulnerability]:
    """Of these the running ones whose review is due."""
    return rows.filter(ended_at=None, review_on__lte=today)
