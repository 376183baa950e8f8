"""Erase personal data in the evidence once the rule packs no longer ask for it."""

from datetime import datetime

from django.conf import settings

from forbear.core.retention import DEFAULT_YEARS
from forbear.interchange.packs import rulebook
from forbear.store import retention


def retention_years() -> int:
    """For how many years this home keeps personal data: the longest that its packs ask for."""
    return rulebook(settings.HOME).parameters.get("retention_years", DEFAULT_YEARS)


def due(now: datetime) -> list[str]:
    """The borrowers of whom something is kept longer than need be."""
    return retention.due(now, retention_years())


def erase_due(now: datetime, actor: str) -> list[str]:
    """Erase what is due; whose it was. It can't be undone."""
    return retention.erase_due(now, retention_years(), actor)
