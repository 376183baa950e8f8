"""What the desk knows of borrowers and the night decides on: holds, promises, placements, contacts so far.

One function for all borrowers at a night and for one borrower by day, so both decide on the same.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet

from forbear.core.facts import facts_known
from forbear.core.situation import HOLD_KINDS
from forbear.store.models import Contact, Hold, Placement, Promise

Facts = dict[str, int | bool]

#: What a night may ask of the desk; a kind of hold without a fact of its own puts the case on hold.
_NAMES = frozenset(fact.name for fact in facts_known({"desk"}))
#: Outcomes by which a contact reached the borrower.
_REACHED = ("connected", "conversation", "delivered")
#: Kinds of hold that stop all chasing, though the night has no fact of their own for them.
_STOPS_ALL = ("moratorium", "cease", "deceased", "bankrupt", "verification", "other")


def desk_facts(moment: datetime, borrowers: Collection[str] | None = None) -> dict[str, Facts]:
    """By borrower what differs from the facts' defaults, as it stood at `moment`; of all, or of these only."""
    found: dict[str, Facts] = defaultdict(dict)
    for borrower, kind in _running(moment, borrowers):
        name = "on_hold" if kind in _STOPS_ALL else HOLD_KINDS[kind]
        if name in _NAMES:
            found[borrower][name] = True
    placed = _of(Placement.objects.filter(placed_at__lte=moment), borrowers)
    for borrower in placed.filter(Q(ended_at=None) | Q(ended_at__gt=moment)).values_list(
        "borrower_id", flat=True
    ):
        found[borrower]["placed"] = True
    today = _day(moment)
    broken = _of(Promise.objects.filter(state="broken", decided_on__lte=today), borrowers)
    for borrower, count in broken.order_by().values_list("borrower_id").annotate(Count("pk")):
        found[borrower]["promises_broken"] = count
    for borrower, last, recent in _contacts(moment, today, borrowers):
        if last is not None:
            found[borrower]["days_since_contact"] = (today - _day(last)).days
        if recent:
            found[borrower]["contacts_last_7_days"] = recent
    return dict(found)


def _running(moment: datetime, borrowers: Collection[str] | None) -> QuerySet:
    """(borrower, kind) of the holds that ran at the moment."""
    rows = _of(Hold.objects.filter(starts_at__lte=moment), borrowers)
    return (
        rows.filter(Q(ends_at=None) | Q(ends_at__gt=moment), Q(lifted_at=None) | Q(lifted_at__gt=moment))
        .values_list("borrower_id", "kind")
        .distinct()
    )


def _contacts(moment: datetime, today: date, borrowers: Collection[str] | None) -> QuerySet:
    """(borrower, the last contact that reached them, how many contacts in the last seven days)."""
    week = datetime.combine(
        date.fromordinal(today.toordinal() - 6), datetime.min.time(), ZoneInfo(settings.HOME.timezone)
    )
    rows = _of(Contact.objects.filter(at__lte=moment), borrowers)
    return (
        rows.order_by()
        .values("borrower_id")
        .annotate(last=Max("at", filter=Q(outcome__in=_REACHED)), recent=Count("pk", filter=Q(at__gte=week)))
        .values_list("borrower_id", "last", "recent")
    )


def _of(rows: QuerySet, borrowers: Collection[str] | None) -> QuerySet:
    return rows if borrowers is None else rows.filter(borrower_id__in=borrowers)


def _day(moment: datetime) -> date:
    """The lender's date at a moment."""
    return moment.astimezone(ZoneInfo(settings.HOME.timezone)).date()
