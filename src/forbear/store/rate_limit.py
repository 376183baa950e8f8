"""How fast somebody may ask, over all processes: a bucket of tokens that fills steadily."""

import hashlib
from datetime import datetime

from django.db import transaction

from forbear.store.models import RateLimitBucket


def take_token(who: str, now: datetime, *, per_minute: float, burst: int) -> float:
    """Take a token of this caller's bucket: 0.0 when there was one, else the seconds until there is.

    `who` may be an address: only a digest of it is kept.
    """
    name = hashlib.sha256(who.encode()).hexdigest()
    rate = per_minute / 60
    with transaction.atomic():
        full = {"tokens": burst, "at": now}
        bucket, _ = RateLimitBucket.objects.select_for_update().get_or_create(who=name, defaults=full)
        passed = max((now - bucket.at).total_seconds(), 0.0)
        tokens = min(float(burst), bucket.tokens + passed * rate)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        bucket.tokens = tokens - 1 if not wait else tokens
        bucket.at = now
        bucket.save()
        return wait
