"""Answers to programs that are given again: one row for each key and the caller's own Idempotency-Key."""

from datetime import datetime

from forbear.store.models import ApiKey, Idempotency


def claim_answer(api_key: ApiKey, name: str, request: str, now: datetime) -> Idempotency:
    """Take the caller's key for this request, in the caller's transaction; IntegrityError where it is taken."""
    return Idempotency.objects.create(api_key=api_key, key=name, request=request, status=0, answer={}, at=now)


def complete_answer(claimed: Idempotency, status: int, answer: object) -> None:
    """Store what was answered, to be given again."""
    claimed.status, claimed.answer = status, answer
    claimed.save(update_fields=["status", "answer"])


def release_answer(claimed: Idempotency) -> None:
    """Give the caller's key back: what failed may be mended and asked again."""
    claimed.delete()


def answer_given(api_key: ApiKey, name: str) -> Idempotency | None:
    """What was answered under the caller's key before."""
    return Idempotency.objects.filter(api_key=api_key, key=name).first()
