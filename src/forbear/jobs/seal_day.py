"""Shortly after midnight: seal what the days before brought."""

from datetime import datetime

from django.conf import settings

from forbear.interchange.home.keys import signing_key
from forbear.store.evidence_seal import seal_due


def seal_day(now: datetime) -> list[int]:
    """Seal every day that is over and has no seal yet; the numbers of the seals made. Safe to run at any time."""
    return [seal.number for seal in seal_due(now, signing_key(settings.HOME))]
