"""What must hold of visits and of lawsuits: no visit unannounced, unpermitted or at night; none filed alone."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forbear.sim.people import Portfolio
from forbear.sim.place import Place
from forbear.store.models import Lawsuit, LawsuitDeadline, LawsuitStep, Permit, Visit

#: Steps of a lawsuit that go out to a court.
_OUTWARD = ("filed", "enforcing")


def visits_lawful(place: Place, portfolio: Portfolio, since: datetime | None) -> list[str]:
    """Each visit that began was approved by another, announced where that is asked, permitted, by two, and by day."""
    begun = Visit.objects.exclude(started_at=None).select_related("notice")
    rows = list(begun if since is None else begun.filter(started_at__gte=since))
    permits = _used_permits([row.contact_id for row in rows if row.contact_id])
    broken = []
    for row in rows:
        began, zone = row.started_at, ZoneInfo(portfolio.by_id[row.borrower_id].zone)
        assert began is not None, "only visits that began were asked for"
        held = [moment for moment in permits.get(row.contact_id or "", ()) if moment <= began]
        if not held or row.leave_until is None or began > row.leave_until:
            broken.append(f"{row.borrower_id}: visited without a permit")
        if row.decided_by_id is None or row.decided_by_id == row.proposed_by_id:
            broken.append(f"{row.borrower_id}: visited, and nobody else had agreed")
        if len(set(row.visitors)) < 2:
            broken.append(f"{row.borrower_id}: visited by {len(set(row.visitors))}")
        if not place.opens <= began.astimezone(zone).hour < place.closes:
            broken.append(f"{row.borrower_id}: visited at {began.astimezone(zone):%H:%M}")
        days = max(row.notice_days, place.visit_notice)
        if days and not _announced(row, began - timedelta(days=days)):
            broken.append(f"{row.borrower_id}: visited, and it had not been announced {days} days before")
    return broken


def _announced(row: Visit, by: datetime) -> bool:
    notice = row.notice
    return (
        notice is not None
        and notice.state in ("sent", "unknown")
        and notice.at is not None
        and notice.at <= by
    )


def _used_permits(contacts: Iterable[str]) -> dict[str, list[datetime]]:
    permits: dict[str, list[datetime]] = {}
    rows = Permit.objects.filter(contact_id__in=list(contacts), used_at__isnull=False)
    for contact, issued in rows.values_list("contact_id", "issued_at"):
        permits.setdefault(contact, []).append(issued)
    return permits


def lawsuits_lawful(portfolio: Portfolio, today: date) -> list[str]:
    """Two signed what was filed, it asked for no more than was due, each step outward was permitted, and nothing goes
    on once all is paid.
    """
    lawsuits = {row.pk: row for row in Lawsuit.objects.all()}
    steps: dict[int, list[LawsuitStep]] = {}
    for step in LawsuitStep.objects.order_by("pk"):
        steps.setdefault(step.lawsuit_id, []).append(step)
    outward = [step for taken in steps.values() for step in taken if step.state in _OUTWARD]
    permits = _used_permits([step.contact_id for step in outward if step.contact_id])
    broken = []
    for step in outward:
        row = lawsuits[step.lawsuit_id]
        if (
            row.signed_by_id is None
            or row.signed_by_id == row.proposed_by_id
            or not _signed(steps[row.pk], step)
        ):
            broken.append(f"{row.borrower_id}: {step.state} without a second signature")
        if not permits.get(step.contact_id or ""):
            broken.append(f"{row.borrower_id}: {step.state} without a permit")
        if (step.state, step.on) == ("filed", today):
            due = sum(portfolio.loans[name].due_as_it_began(today) for name in row.loans)
            if row.claimed > due:
                broken.append(f"{row.borrower_id}: filed for {row.claimed} when {due} was due")
    waited = dict(
        LawsuitDeadline.objects.filter(kind="answer").order_by("due_on").values_list("lawsuit_id", "due_on")
    )
    broken += [
        f"{lawsuits[step.lawsuit_id].borrower_id}: filed on {step.on}, the letter waits until {waited[step.lawsuit_id]}"
        for step in outward
        if step.state == "filed" and step.lawsuit_id in waited and step.on <= waited[step.lawsuit_id]
    ]
    for row in lawsuits.values():
        left = sum(portfolio.loans[name].left(today, reported=True) for name in row.loans)
        if row.ended_at is None and row.state != "withdrawing" and left <= 0:
            broken.append(f"{row.borrower_id}: the lawsuit is {row.state}, though all is paid")
    return broken


def _signed(taken: list[LawsuitStep], filed: LawsuitStep) -> bool:
    return any(step.state == "signed" and step.pk < filed.pk for step in taken)
