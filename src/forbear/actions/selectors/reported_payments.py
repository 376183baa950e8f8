"""How much of a loan was reported as paid and is not booked yet."""

from collections.abc import Collection

from django.db.models import Sum

from forbear.store.models import ReportedPayment


def unconfirmed_on(loans: Collection[str]) -> dict[str, int]:
    """By loan what still counts, in minor units: nobody is asked for it."""
    rows = ReportedPayment.objects.filter(loan__in=loans, state="unconfirmed").values("loan").order_by("loan")
    return {row["loan"]: row["counts"] for row in rows.annotate(counts=Sum("counts"))}
