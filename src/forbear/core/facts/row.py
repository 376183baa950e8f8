"""The row of facts that rules read, at any moment and in any time zone the borrower may be in."""

from datetime import datetime

from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import ContactContext, Facts, base_facts
from forbear.core.facts.lost import lost
from forbear.core.facts.purpose import purpose_facts
from forbear.core.facts.where import zone_facts


def rows_at(
    situation: ContactContext, planned: PlannedContact, now: datetime, *, aged_at: datetime | None = None
) -> dict[str, Facts]:
    """The facts in each time zone the borrower may be in; one row under "" when no zone is known.

    `aged_at` is the moment by which the age of the figures, and of what is known of a number, is computed where it
    isn't `now`: both may be renewed.
    """
    base = base_facts(situation, planned, now, aged_at or now)
    base |= purpose_facts(situation, planned, now)
    base["debtor_lost"] = lost(situation, now)
    return {zone: base | zone_facts(situation, planned, now, zone) for zone in situation.zones or ("",)}
