"""A provider's pace: no more than that many messages a second, over all workers."""

from datetime import datetime, timedelta

from django.db import transaction

from forbear.store.models import ProviderThrottle


def await_turn(provider: str, per_second: float, now: datetime) -> timedelta:
    """Book the next free moment of a provider; how long to wait for it.

    A row per provider holds when it is free again, so the pace holds over all processes.
    """
    if per_second <= 0:
        return timedelta(0)
    gap = timedelta(seconds=1 / per_second)
    with transaction.atomic():
        ProviderThrottle.objects.get_or_create(provider=provider, defaults={"free_at": now})
        row = ProviderThrottle.objects.select_for_update().get(provider=provider)
        turn = max(row.free_at, now)
        row.free_at = turn + gap
        row.save()
    return turn - now
