"""What is done with a complaint of the register: looked into, answered, put off, made good, referred on.

A complaint is rejected by two people. Its answer ends the hold that it placed; redress stays on its list until it is
done; what the next instance has keeps a hold of its own.
"""

from datetime import date, datetime

from django.db import transaction

from forbear.actions.contacts.notify_borrower import notify_borrower
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.requests.complaint_register import complaint_clock, log_complaint
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.agreements.complaint import TO_BE_DONE, ComplaintFinding, check_finding
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store.business_date import business_date
from forbear.store.models import Complaint, Request, Staff
from forbear.store.situation import lock_borrower

LONGEST_NOTE = 2000


def look_into(
    request: Request, finding: ComplaintFinding | None, outcome: str, words: str, staff: Staff, now: datetime
) -> Request | Problem | list[Problem] | None:
    """Write the finding down. The request comes back open when the rejection now waits for a second person; None
    when the answer may be given. The caller holds the borrower.
    """
    if finding is None:
        return Problem("complaint_category_missing", "say what the complaint is about")
    if wrong := check_finding(finding, outcome, business_date(now)):
        return wrong
    complaint = Complaint.objects.get(pk=request.pk)
    first = complaint.proposed_by_id
    if outcome == "refused" and first == staff.pk:
        return Problem("complaint_own_rejection", "a second person must agree that the complaint is rejected")
    if outcome == "refused" and (refused := signature_problem([first], staff, now)):
        return refused
    complaint.category, complaint.root_cause = finding.category, finding.root_cause
    complaint.redress = finding.redress or "nothing"
    complaint.redress_amount = finding.amount
    complaint.redress_act = finding.act.strip()[:LONGEST_NOTE]
    complaint.redress_by = finding.redress_by if finding.redress in TO_BE_DONE else None
    loan = request.borrower.loans.order_by("-days_past_due", "loan_id").first()
    if loan is not None:
        complaint.currency, complaint.minor_unit = loan.currency, loan.minor_unit
    if outcome == "refused" and first is None:
        complaint.proposed_by, complaint.proposed_at, complaint.proposed_answer = staff, now, words.strip()
        complaint.save()
        log_complaint(complaint, "rejection proposed", now, staff, words.strip())
        request.state, request.outcome, request.answer = "open", "", ""
        return request
    complaint.referral_until = complaint_clock().referral_ends(business_date(now))
    complaint.save()
    return None


def put_off(
    number: str, until: date, note: str, staff: Staff, now: datetime
) -> Complaint | Problem | list[Problem]:
    """Answer later, with reasons that the borrower is told, never later than the law allows."""
    if not note.strip():
        return Problem("extension_note_missing", "say why the answer takes longer; the borrower reads it")
    with transaction.atomic():
        complaint = _locked(number)
        if isinstance(complaint, Problem):
            return complaint
        request = complaint.request
        if request.state != "open":
            return Problem("request_answered", "this request was answered already")
        last = complaint_clock().longest(business_date(request.opened_at))
        if last <= complaint.law_due_on:
            return Problem("complaint_no_more_time", "the law gives no more time for the final response")
        if not request.due_on < until <= last:
            return Problem(
                "extension_day_invalid",
                "the new day lies after %(due_on)s and at the latest on %(last)s",
                due_on=request.due_on,
                last=last,
            )
        request.due_on = until
        request.save(update_fields=["due_on"])
        complaint.extended_on, complaint.extended_note = business_date(now), note.strip()[:LONGEST_NOTE]
        complaint.save(update_fields=["extended_on", "extended_note"])
        log_complaint(complaint, "put off", now, staff, complaint.extended_note)
        notify_borrower(
            request.borrower,
            "complaint_delayed",
            now,
            reference=number,
            about=f"request:{number}",
            until=until,
        )
        return complaint


def redress_done(number: str, staff: Staff, now: datetime) -> Complaint | Problem:
    """What was promised is done."""
    with transaction.atomic():
        complaint = _locked(number)
        if isinstance(complaint, Problem):
            return complaint
        if complaint.redress_by is None or complaint.request.state != "answered":
            return Problem("no_redress_open", "no redress of this complaint waits to be done")
        if complaint.redress_done_at is not None:
            return Problem("redress_done_already", "it was done already")
        complaint.redress_done_at, complaint.redress_done_by = now, staff
        complaint.save(update_fields=["redress_done_at", "redress_done_by"])
        log_complaint(complaint, "redress done", now, staff)
        return complaint


def refer_on(number: str, reference: str, staff: Staff, now: datetime) -> Complaint | Problem:
    """The next instance has it, under its own number: a hold says so until that has ended."""
    with transaction.atomic():
        complaint = _locked(number)
        if isinstance(complaint, Problem):
            return complaint
        if complaint.referred_on is not None and complaint.referral_ended_on is None:
            return Problem("complaint_referred_already", "the next instance has this complaint already")
        complaint.referred_on, complaint.referred_ref = business_date(now), reference.strip()[:64]
        complaint.referral_ended_on, complaint.referral_note = None, ""
        complaint.referral_hold = place_known_hold(
            complaint.borrower_id,
            "ombudsman",
            now,
            actor=f"staff:{staff.number}",
            loans=(),
            source="request",
            own=True,
        )
        complaint.save()
        log_complaint(complaint, "referred", now, staff, complaint.referred_ref)
        return complaint


def end_referral(number: str, note: str, staff: Staff, now: datetime) -> Complaint | Problem:
    """The next instance has decided: what it decided is on record, and the hold ends."""
    if not note.strip():
        return Problem("referral_note_missing", "say what the next instance decided")
    with transaction.atomic():
        complaint = _locked(number)
        if isinstance(complaint, Problem):
            return complaint
        if complaint.referred_on is None or complaint.referral_ended_on is not None:
            return Problem("complaint_not_referred", "no other instance has this complaint")
        complaint.referral_ended_on = business_date(now)
        complaint.referral_note = note.strip()[:LONGEST_NOTE]
        complaint.save(update_fields=["referral_ended_on", "referral_note"])
        actor, reason = f"staff:{staff.number}", Reason.of("request_answered", request=number)
        lift_running(complaint.referral_hold, now, actor=actor, reason=reason)
        log_complaint(complaint, "referral ended", now, staff, complaint.referral_note)
        return complaint


def _locked(number: str) -> Complaint | Problem:
    """The complaint with its request, its borrower held."""
    found = Complaint.objects.filter(request__number=number).values_list("borrower_id", flat=True).first()
    if found is None or lock_borrower(found) is None:
        return Problem("no_such_request", "there is no request %(number)s", number=number)
    rows = Complaint.objects.select_related("request__borrower", "borrower", "referral_hold")
    return rows.get(request__number=number)
