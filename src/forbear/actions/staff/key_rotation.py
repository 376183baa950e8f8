"""Another key in place of one that may be known; what was made with the former one is still read, and made again."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.facts.contact import point_digest
from forbear.interchange.home.country import country_of
from forbear.interchange.home.keys import ROTATED, point_keys, rotate_secret, rotate_signing, seal, unseal
from forbear.store import evidence
from forbear.store.digest_again import digest_all_again
from forbear.store.models import ContactPoint, Factor, Heartbeat
from forbear.store.seal_again import seal_again

#: A worker that has shown itself as lately as this is running.
_RUNNING = timedelta(minutes=2)


def rotate_key(name: str, now: datetime, reason: str, *, actor: str) -> dict[str, object] | Problem:
    """Rotate one of `ROTATED`; what was done, as it stands in the log.

    With `points` nothing else may run: who has read the former keys would look for numbers under their old names.
    """
    if name not in ROTATED:
        return Problem(
            "key_not_rotated",
            "`%(name)s` can't be rotated; these can: %(names)s",
            name=name,
            names=ROTATED,
        )
    if not reason.strip():
        return Problem("reason_missing", "say why; it is saved as evidence")
    if name == "points" and Heartbeat.objects.filter(at__gt=now - _RUNNING).exists():
        return Problem(
            "workers_running",
            "workers are running: stop `forbear serve` and `forbear work`, wait two minutes",
        )
    body: dict[str, object] = {"what": "key_rotated", "key": name, "note": reason.strip()[:300]}
    if name == "signing":
        former, current = rotate_signing(settings.HOME)
        body |= {"former": former, "current": current}
    elif name != "points":
        rotate_secret(settings.HOME, name, now)
    if name == "fields":
        # in batches: the desk goes on, and reads what has the former key as before
        body["sealed_again"] = seal_again()
    with transaction.atomic():
        if name == "factors":
            body["sealed_again"] = _seal_factors()
        if name == "points":
            body["named_again"] = _name_again(now)
        evidence.append("change", at=now, actor=actor, body=body)
    return body


def _name_again(now: datetime) -> int:
    """Name every number and search term by a new key too; how many.

    After a rotation that ended between the key and the tables, the tables follow the key that is there already.
    """
    if not _tables_are_behind():
        rotate_secret(settings.HOME, "points", now)
    return digest_all_again(point_keys(settings.HOME)[-1])


def _tables_are_behind() -> bool:
    """Whether a number that is readable has the name that the keys but the newest give it."""
    keys, country = point_keys(settings.HOME), country_of(settings.HOME)
    known = ContactPoint.objects.exclude(value="").filter(kind__in=("phone", "email", "address")).first()
    if known is None or len(keys) < 2:
        return False
    return known.digest == point_digest(known.kind, known.value, keys[:-1], country)


def _seal_factors() -> int:
    """Seal the secrets of apps, which the former key sealed, with the new one; how many."""
    rows = list(Factor.objects.select_for_update().filter(kind="totp"))
    for row in rows:
        row.secret = seal(settings.HOME, "factors", unseal(settings.HOME, "factors", row.secret))
        row.save(update_fields=["secret"])
    return len(rows)
