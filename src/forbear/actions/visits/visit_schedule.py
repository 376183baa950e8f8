"""What a visitor's phone needs of today, and no more: names and addresses only while there is leave to go there."""

from collections import Counter
from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from forbear.actions.contacts.compose import shown_code, values_for
from forbear.actions.visits.visit_hours import announced_hours
from forbear.core.base.problem import Problem
from forbear.core.content.template import Money, money_text, render
from forbear.interchange.home.texts import templates
from forbear.store.access import masked_name, masked_point
from forbear.store.business_date import business_date
from forbear.store.models import Contact, Staff, Visit, VisitRoute


def day_schedule(staff: Staff, now: datetime, language: str) -> dict:
    """Today's route of this person, stop by stop."""
    route = (
        VisitRoute.objects.filter(Q(first=staff) | Q(second=staff), day=business_date(now), state="given")
        .select_related("first", "second")
        .order_by("-pk")
        .first()
    )
    rows = route.visits.select_related("borrower", "point", "contact").order_by("position") if route else ()
    return {
        "day": business_date(now).isoformat(),
        "now": now.isoformat(),
        "person": staff.number,
        "pair": [route.first.number, route.second.number] if route else [],
        "lender": settings.HOME.name[0 if language == "zh" else 1],
        "verify": f"{settings.HOME.url}/verify",
        "phone": dict(settings.HOME.contact).get("phone", ""),
        "visits": [stop_of(visit, now, language) for visit in rows],
    }


def stop_of(visit: Visit, now: datetime, language: str) -> dict:
    """One stop: masked, until there is leave and the visit is not over."""
    fields = {
        "id": visit.pk,
        "position": visit.position,
        "state": visit.state,
        "arrives": f"{timezone.localtime(visit.arrives_at):%H:%M}",
        "name": masked_name(visit.borrower.name),
        "address": masked_point("address", visit.point.value),
        "area": visit.point.area,
        "lacks": visit.lacks,
        "conflicts": _conflicts(visit),
    }
    contact, until = visit.contact, visit.leave_until
    going = visit.state == "under_way" or (visit.state == "planned" and until is not None and until > now)
    if contact is None or not going or contact.outcome != "pending":
        return fields
    assert until is not None, "a visit has leave before it is under way"
    hours = announced_hours(visit)
    assert hours is not None, "a visit is on a route before there is leave"
    return fields | {
        "announced": [moment.isoformat() for moment in hours],
        "name": visit.borrower.name,
        "address": visit.point.value,
        "code": shown_code(contact.code),
        "visitors": visit.visitors,
        "leave_until": until.isoformat(),
        "owed": _owed(visit, language),
        "words": _words(visit, contact, now, language),
        **({"started": visit.started_at.isoformat()} if visit.started_at else {}),
    }


def _conflicts(visit: Visit) -> list[dict]:
    """Why it should not have begun; where it had been called off, with the words of who did that."""
    return [
        conflict | ({"note": visit.stopped_note} if conflict["code"] == "visit_called_off" else {})
        for conflict in visit.conflicts
    ]


def _owed(visit: Visit, language: str) -> list[str]:
    """Past due by currency, as people write it."""
    owed: Counter[str] = Counter()
    for loan in visit.borrower.loans.filter(loan_id__in=visit.loans):
        owed[loan.currency] += loan.past_due_amount
    return [money_text(Money(amount, currency), language) for currency, amount in sorted(owed.items())]


def _words(visit: Visit, contact: Contact, now: datetime, language: str) -> str:
    """What to say at the door, from the approved texts; empty where the lender has none."""
    template = templates(settings.HOME).find("field_visit", "visit")
    if template is None:
        return ""
    said = (visit.borrower.preferred_language or visit.borrower.language or language)[:2]
    values = {**values_for(contact, visit.borrower, now, said), "agent": "、".join(visit.visitors)}
    text = render(template, "zh" if said == "zh" else "en", values)
    return "" if isinstance(text, Problem) else text.body
