"""Another key in place of one that may be known; what was made with the former one is still read, and made again."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.interchange.home.keys import ROTATED, rotate_secret, rotate_signing, seal, unseal
from forbear.store import evidence
from forbear.store.models import Factor
from forbear.store.seal_again import seal_again


def rotate_key(name: str, now: datetime, reason: str, *, actor: str) -> dict[str, object] | Problem:
    """Rotate one of `ROTATED`; what was done, as it stands in the log."""
    if name not in ROTATED:
        return Problem(
            "key_not_rotated",
            "`%(name)s` can't be rotated; these can: %(names)s. By `points` evidence names telephone numbers",
            name=name,
            names=ROTATED,
        )
    if not reason.strip():
        return Problem("reason_missing", "say why; it is saved as evidence")
    body: dict[str, object] = {"what": "key_rotated", "key": name, "note": reason.strip()[:300]}
    if name == "signing":
        former, current = rotate_signing(settings.HOME)
        body |= {"former": former, "current": current}
    else:
        rotate_secret(settings.HOME, name, now)
    if name == "fields":
        # in batches: the desk goes on, and reads what has the former key as before
        body["sealed_again"] = seal_again()
    with transaction.atomic():
        if name == "factors":
            body["sealed_again"] = _seal_factors()
        evidence.append("change", at=now, actor=actor, body=body)
    return body


def _seal_factors() -> int:
    """Seal the secrets of apps, which the former key sealed, with the new one; how many."""
    rows = list(Factor.objects.select_for_update().filter(kind="totp"))
    for row in rows:
        row.secret = seal(settings.HOME, "factors", unseal(settings.HOME, "factors", row.secret))
        row.save(update_fields=["secret"])
    return len(rows)
