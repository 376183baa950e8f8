"""The agencies the lender works with, and how many cases are with each."""

from collections.abc import Collection

from django.db.models import Count, QuerySet

from forbear.store.models import Agency, Placement


def agencies() -> QuerySet[Agency]:
    """All agencies in every state, by code."""
    return Agency.objects.order_by("code")


def agencies_of(codes: Collection[str]) -> QuerySet[Agency]:
    """The agencies with these codes."""
    return Agency.objects.filter(code__in=codes)


def agency_of(code: str) -> Agency | None:
    """One agency, with who proposed and admitted it."""
    return Agency.objects.filter(code=code).select_related("proposed_by", "admitted_by").first()


def is_agency(code: str) -> bool:
    """Whether there is an agency of this code."""
    return Agency.objects.filter(code=code).exists()


def cases_by_agency() -> dict[str, int]:
    """How many placements run with each agency."""
    rows = Placement.objects.filter(ended_at=None).order_by().values_list("agency_id")
    return dict(rows.annotate(Count("pk")))
