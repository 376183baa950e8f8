"""Lists of many cases at once: placement lists for agencies, assignment lists for collectors."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet

from forbear.store.models import AssignmentList, PlacementList, ProposedPlacement, Staff


def placement_lists() -> QuerySet[PlacementList]:
    """Placement lists, the newest first, each with its `number` of rows and how many were `placed`."""
    rows = PlacementList.objects.annotate(
        number=Count("rows"), placed=Count("rows", filter=Q(rows__state="placed"))
    )
    return rows.select_related("made_by", "signed_by").order_by("-pk")


def placement_list_of(list_id: int) -> PlacementList | None:
    """One placement list, with who made and signed it."""
    return PlacementList.objects.filter(pk=list_id).select_related("made_by", "signed_by").first()


def proposed_placements(found: PlacementList) -> QuerySet[ProposedPlacement]:
    """The rows of a placement list."""
    return ProposedPlacement.objects.filter(placement_list=found)


def former_shares(found: PlacementList) -> dict[str, int]:
    """Cases by agency on the last list before this one that was not declined; empty where there is none."""
    before = PlacementList.objects.filter(pk__lt=found.pk).exclude(state="declined").order_by("-pk").first()
    if before is None:
        return {}
    rows = ProposedPlacement.objects.filter(placement_list=before).order_by().values_list("agency_id")
    return dict(rows.annotate(Count("pk")))


def assignment_lists(team: str = "") -> QuerySet[AssignmentList]:
    """Assignment lists that were worked out for a team, or for all, the newest first."""
    rows = AssignmentList.objects.filter(by_hand=False)
    if team:
        rows = rows.filter(team=team)
    return rows.select_related("made_by").order_by("-pk")


def newest_reassignment(staff: Staff, since: datetime) -> AssignmentList | None:
    """What this person reassigned by hand last, unless that was undone or before `since`."""
    newest = AssignmentList.objects.filter(made_by=staff, by_hand=True).order_by("-pk").first()
    return newest if newest is not None and newest.state == "given" and newest.made_at >= since else None
