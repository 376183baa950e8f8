"""--accept REASON --by NAME: a person answers for what an import or a night would stop for, on record."""

from datetime import datetime

import click

from forbear.cli.desk import desk
from forbear.interchange.book.comparison import Acceptance
from forbear.interchange.home.lender import Home


def acceptance(home: Home, reason: str, by: str) -> Acceptance | None:
    """Who answers, and why; None when nobody does. Where there is a desk, NAME has an account there."""
    reason, by = reason.strip(), by.strip()
    if not reason and not by:
        return None
    if not reason or not by:
        raise click.UsageError("--accept REASON and --by NAME belong together: who answers for it, and why")
    if home.has_desk and not desk(home.folder, "forbear.actions.staff.feed_acceptance").may_accept(by):
        raise click.UsageError(
            f"{by} has no account at the desk that may answer for a feed; "
            "name a manager, a compliance officer or an administrator"
        )
    return Acceptance(by, reason)


def record_acceptance(home: Home, what: str, version: str, accepted: Acceptance, now: datetime) -> None:
    """Write it into the evidence where there is a desk; the home's own files have it in any case."""
    if home.has_desk:
        actions = desk(home.folder, "forbear.actions.staff.feed_acceptance")
        actions.record_acceptance(what, version, accepted.by, accepted.reason, now)
