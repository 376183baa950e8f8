"""Versions of the strategy in every state."""

from django.db.models import QuerySet

from forbear.store.models import StrategyVersion


def strategy_versions() -> QuerySet[StrategyVersion]:
    """All versions with who made, proposed and decided on them, the newest first."""
    return StrategyVersion.objects.select_related("made_by", "proposed_by", "decided_by").order_by("-pk")


def strategy_version(version_id: int) -> StrategyVersion | None:
    """One of them."""
    return strategy_versions().filter(pk=version_id).first()
