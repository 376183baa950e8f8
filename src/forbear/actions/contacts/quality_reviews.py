"""Reviews of contacts: written by a lead or compliance officer, read by the person who made the contact."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.staff.quality import score, scorecard_problem
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.evidence import attachment_path
from forbear.store.models import Attachment, Contact, Review, Staff
from forbear.store.models.review import VERDICTS

_LONGEST = 2000


def review_contact(
    contact_id: str, verdict: str, words: str, staff: Staff, now: datetime, *, marks: Mapping[str, str]
) -> Review | Problem:
    """Say of a contact how it was, by the lender's scorecard; nobody reviews their own.

    A verdict but `good`, and any "no", says why. Under the lender's score none is good.
    """
    if verdict not in VERDICTS:
        return Problem("review_result_missing", "choose how the contact was")
    text, terms = words.strip()[:_LONGEST], policy(settings.HOME).review
    weights = terms.asked()
    if wrong := scorecard_problem(marks, weights, verdict, text, terms.passes_from):
        return wrong
    with transaction.atomic():
        contact = Contact.objects.select_related("staff").filter(pk=contact_id).exclude(at=None).first()
        if contact is None or contact.staff is None:
            return Problem("review_contact_invalid", "a review is of a contact that one of our people made")
        if contact.staff_id == staff.pk:
            return Problem("own_review", "somebody else reviews what you did")
        if Review.objects.filter(contact=contact, reviewer=staff).exists():
            return Problem("review_exists", "you have reviewed this contact already")
        review = Review.objects.create(
            contact=contact, staff=contact.staff, reviewer=staff, at=now, verdict=verdict, words=text,
            marks=dict(marks), weights=weights, score=score(marks, weights),
        )  # fmt: skip
        body = {
            "what": "reviewed", "contact": contact.pk, "verdict": verdict, "of": contact.staff.number,
            "score": review.score, "marks": review.marks,
        }  # fmt: skip
        evidence.append(
            "note", at=now, actor=f"staff:{staff.number}", borrower=contact.borrower_id, body=body,
            personal={"words": text} if text else {},
        )  # fmt: skip
        return review


def read_review(review_id: int, staff: Staff, now: datetime, *, answer: str = "") -> Review | Problem:
    """The person has read what was said of their contact; what they say to it stands beside it, on record."""
    with transaction.atomic():
        review = Review.objects.select_for_update().filter(pk=review_id, staff=staff).first()
        if review is None:
            return Problem("no_such_review", "there is no such review of yours")
        if review.seen_at is None:
            review.seen_at, review.answer = now, answer.strip()
            review.save(update_fields=["seen_at", "answer"])
            evidence.append(
                "note", at=now, actor=f"staff:{staff.number}", borrower=review.contact.borrower_id,
                body={"what": "review_read", "contact": review.contact_id, "reviewer": review.reviewer.number},
                personal={"words": review.answer} if review.answer else {},
            )  # fmt: skip
        return review


def hear_recording(contact: Contact, staff: Staff, now: datetime) -> tuple[Path, str] | None:
    """The recording of a contact under review, with its media type; None without one. Who heard it is on record."""
    kept = (
        Attachment.objects.filter(pk=contact.recording, erased_at=None).first() if contact.recording else None
    )
    if kept is None or not attachment_path(kept.sha256).is_file():
        return None
    with transaction.atomic():
        body = {"contact": contact.pk, "what": "recording"}
        evidence.append(
            "view", at=now, actor=f"staff:{staff.number}", borrower=contact.borrower_id, body=body
        )
    return attachment_path(kept.sha256), kept.media_type
