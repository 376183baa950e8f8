"""Reviews of contacts: written by a lead or compliance officer, read by the person who made the contact."""

from datetime import datetime

from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import Contact, Review, Staff
from forbear.store.models.review import VERDICTS

_LONGEST = 2000


def review_contact(
    contact_id: str, verdict: str, words: str, staff: Staff, now: datetime
) -> Review | Problem:
    """Say of a contact how it was; nobody reviews their own, and a verdict but `good` says why."""
    if verdict not in VERDICTS:
        return Problem("review_result_missing", "choose how the contact was")
    text = words.strip()[:_LONGEST]
    if verdict != "good" and not text:
        return Problem("review_comment_missing", "say what could be better, or what was wrong: they read it")
    with transaction.atomic():
        contact = Contact.objects.select_related("staff").filter(pk=contact_id).exclude(at=None).first()
        if contact is None or contact.staff is None:
            return Problem("review_contact_invalid", "a review is of a contact that one of our people made")
        if contact.staff_id == staff.pk:
            return Problem("own_review", "somebody else reviews what you did")
        if Review.objects.filter(contact=contact, reviewer=staff).exists():
            return Problem("review_exists", "you have reviewed this contact already")
        review = Review.objects.create(
            contact=contact, staff=contact.staff, reviewer=staff, at=now, verdict=verdict, words=text
        )
        body = {"what": "reviewed", "contact": contact.pk, "verdict": verdict, "of": contact.staff.number}
        evidence.append(
            "note", at=now, actor=f"staff:{staff.number}", borrower=contact.borrower_id, body=body,
            personal={"words": text} if text else {},
        )  # fmt: skip
        return review


def read_review(review_id: int, staff: Staff, now: datetime) -> Review | Problem:
    """The person has read what was said of their contact."""
    with transaction.atomic():
        review = Review.objects.select_for_update().filter(pk=review_id, staff=staff).first()
        if review is None:
            return Problem("no_such_review", "there is no such review of yours")
        if review.seen_at is None:
            review.seen_at = now
            review.save(update_fields=["seen_at"])
        return review
