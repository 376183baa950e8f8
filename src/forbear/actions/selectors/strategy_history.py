"""Versions of the strategy in every state."""

from django.db.models import QuerySet

from forbear.core.strategy.canary import canary_name
from forbear.store.models import StrategyStep, StrategyVersion


def strategy_versions() -> QuerySet[StrategyVersion]:
    """All versions with who made, proposed and decided on them, the newest first."""
    return StrategyVersion.objects.select_related("made_by", "proposed_by", "decided_by").order_by("-pk")


def strategy_version(version_id: int) -> StrategyVersion | None:
    """One of them."""
    return strategy_versions().filter(pk=version_id).first()


def strategy_steps(version_id: int) -> list[StrategyStep]:
    """The steps of a version's canary with who decided each, the newest first."""
    rows = StrategyStep.objects.filter(strategy_id=version_id).select_related("decided_by")
    return list(rows.order_by("-decided_at", "-pk"))


def share_now(version: StrategyVersion) -> int:
    """The share of the borrowers that a version decides, or is to, in millionths."""
    steps = [step for step in strategy_steps(version.pk) if not step.undone]
    return steps[0].share if steps else version.share


def steps_of_canary(experiment: str) -> list[StrategyStep]:
    """The steps of the versions whose canary has that name, the newest first."""
    rows = StrategyStep.objects.select_related("strategy").order_by("-decided_at", "-pk")
    return [step for step in rows if canary_name(step.strategy.version) == experiment]
