"""Which holds run now, of many borrowers at once or of one."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from forbear.store.models import Hold, Request

#: Up to that many names go into the statement; of more, all running holds are read and the others left out here.
_NAMED = 1_000
Holds = dict[str, list[tuple[str, list[str]]]]


def holds_of(borrowers: Collection[str], now: datetime) -> Holds:
    """By borrower the kinds of hold that run, each with the loans it is about (none: all); who has none is left out."""
    holds: Holds = {}
    rows = Hold.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now), lifted_at=None, starts_at__lte=now)
    if len(borrowers) <= _NAMED:
        rows = rows.filter(borrower_id__in=borrowers)
    for borrower, kind, about in rows.values_list("borrower_id", "kind", "loans"):
        if borrower in borrowers:
            holds.setdefault(borrower, []).append((kind, about))
    return holds


def kinds_of(holds: Holds, borrower_id: str) -> set[str]:
    """The kinds of hold that run on a borrower, whichever loans they are about."""
    return {kind for kind, _ in holds.get(borrower_id, ())}


def kept_by_requests(holds: Collection[int]) -> set[int]:
    """Of these holds, by id, those that an open request keeps."""
    rows = Request.objects.filter(hold__in=holds, state="open").values_list("hold_id", flat=True)
    return {hold for hold in rows if hold is not None}
