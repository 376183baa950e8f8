"""Show personal data in the clear: with a reason, on record, and within a day's allowance of the role."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max

from forbear.actions.contacts.staff_texts import text_person
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem, noop
from forbear.core.base.reason import Reason
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_start
from forbear.store.models import Borrower, Staff, UnmaskAlarm, Unmasking
from forbear.store.permissions import may
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_borrower

_ALARM = noop(
    "%(number)s has seen the personal data of %(borrowers)s borrowers today and wanted to see more: %(link)s"
)
#: Why somebody may look; the words are on the page.
REASONS = ("identify", "correct", "complaint", "legal", "audit")


def seen_by_day(since: datetime) -> list[dict[str, Any]]:
    """Who saw how many borrowers in the clear since then, by person; the most first. `times` counts each look."""
    rows = Unmasking.objects.filter(at__gte=since).order_by()
    counts = rows.values("staff__number", "staff__role").annotate(
        borrowers=Count("borrower", distinct=True), times=Count("pk"), last=Max("at")
    )
    return [dict(row) for row in counts.order_by("-borrowers", "staff__number")]


def unmask_alarms(since: datetime) -> list[UnmaskAlarm]:
    """Who wanted to see more than a day's allowance since then; the newest first."""
    return list(UnmaskAlarm.objects.filter(at__gte=since).select_related("staff").order_by("-at"))


def _allowance_problem(borrower: Borrower, staff: Staff, now: datetime) -> Problem | None:
    """Whether the day's allowance of the role is used up; the first time compliance officers are told at once.

    The same borrower again costs nothing.
    """
    Staff.objects.select_for_update().get(pk=staff.pk)
    begin = day_start(business_date(now))
    seen = set(Unmasking.objects.filter(staff=staff, at__gte=begin).values_list("borrower_id", flat=True))
    most = policy(settings.HOME).unmask.of_role(staff.role)
    if borrower.pk in seen or len(seen) < most:
        return None
    if not UnmaskAlarm.objects.filter(staff=staff, at__gte=begin).exists():
        UnmaskAlarm.objects.create(staff=staff, at=now, borrowers=len(seen))
        body = {"staff": staff.number, "what": "unmask_allowance_used", "borrowers": len(seen)}
        enqueue_webhooks("personal_data.allowance_used", body, now)
        _alarm_compliance(staff, len(seen), now)
        evidence.append("access", at=now, actor=f"staff:{staff.number}", body=body)
    return Problem(
        "unmask_allowance_used",
        "you have seen the personal data of %(most)s borrowers today, which is all your role may see in a day; "
        "ask your lead or compliance",
        most=most,
    )


def _alarm_compliance(staff: Staff, borrowers: int, now: datetime) -> None:
    for officer in Staff.objects.filter(role="compliance", is_active=True):
        language = "en" if officer.languages.startswith("en") else "zh"
        values = {"number": staff.number, "borrowers": borrowers, "link": f"{settings.HOME.url}/desk/access"}
        text_person(officer, sentence_in(language, _ALARM) % values, now)


def unmask(borrower: Borrower, staff: Staff, reason: str, now: datetime) -> dict[str, str] | Problem:
    """The name and every number and address of a borrower, by the point's id; the log says who looked and why."""
    if not may(staff.role, "borrower:personal:unmask"):
        return Problem("personal_data_not_permitted", "this needs the permission to see personal data")
    if reason not in REASONS:
        return Problem("unmask_reason_missing", "choose why you need to see it")
    with transaction.atomic():
        lock_borrower(borrower.borrower_id)
        if problem := _allowance_problem(borrower, staff, now):
            return problem
        Unmasking.objects.create(staff=staff, borrower=borrower, at=now, purpose=reason)
        evidence.append(
            "view",
            at=now,
            actor=f"staff:{staff.number}",
            borrower=borrower.borrower_id,
            body={"reason": Reason.of("unmask", purpose=reason).as_dict(), "what": ["name", "points"]},
        )
        shown = {str(point.pk): point.value for point in borrower.points.all()}
        return shown | {"name": borrower.name}
