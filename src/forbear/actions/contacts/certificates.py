"""Whether somebody may call at all under the lender's rules: some ask for a collector's certificate."""

from datetime import datetime

from django.conf import settings

from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.packs import rulebook
from forbear.store.business_date import business_date
from forbear.store.certificates import CERTIFIED, certified_until
from forbear.store.models import Staff


def uncertified(staff: Staff, now: datetime) -> Problem | None:
    """Why the rules let this person call nobody today; None when they may, or no rule asks for a certificate."""
    today = business_date(now)
    call = PlannedContact("call", "collect", agency=staff.agency_id or "", automated=False)
    asking = [
        bound.rule
        for bound in rulebook(settings.HOME).concerned(call)
        if CERTIFIED in bound.rule.facts and bound.rule.in_force(today)
    ]
    if not asking:
        return None
    until = certified_until((staff.number,), staff.agency_id or "")
    if until is not None and until >= today:
        return None
    rule = asking[0]
    if until is None:
        return Problem(
            "certificate_missing",
            "you can't call: rule %(rule)s (%(clause)s) asks for a collector's certificate, and none is on file",
            rule=rule.id,
            clause=rule.clause,
        )
    return Problem(
        "certificate_expired",
        "you can't call: rule %(rule)s (%(clause)s) asks for a collector's certificate, and yours ended on %(day)s",
        rule=rule.id,
        clause=rule.clause,
        day=until,
    )
