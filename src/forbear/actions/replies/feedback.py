"""Ask a borrower how they were treated, and take the answer: two questions, once for a talk or an end, no obligation.

The question goes out as any other contact does, through the permit gate and under its caps. The answer reaches the
scorecard and the evidence; the agency does not learn who gave it.
"""

import hashlib
import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from forbear.actions.contacts.feedback_links import feedback_token
from forbear.actions.contacts.notify_borrower import QUESTION, notify_borrower
from forbear.core.base.problem import Problem
from forbear.store import evidence
from forbear.store.models import IMPORTED, Contact, Feedback, Placement
from forbear.store.situation import lock_borrower

#: A person is asked at most once in this time, no matter who spoke with them.
EVERY = timedelta(days=30)
#: An answer is taken for so long, and what is older than this is not asked about any more.
OPEN_FOR, FRESH = timedelta(days=30), timedelta(days=2)
LONGEST_WORDS = 1_000
_TOKEN = re.compile(r"[A-Z2-7]{16}")
_MOST = 500


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def ask_due(now: datetime) -> int:
    """Ask those who had a talk in the last two days, were not asked lately, and whose case came back; how many."""
    since = now - FRESH
    talks = Contact.objects.filter(
        channel__in=("call", "voice", "visit"),
        outcome="conversation",
        ended_at__gte=since,
        party="debtor",
        feedback=None,
    ).exclude(provider=IMPORTED)  # nobody is asked how a call of the old system was
    done = 0
    for contact in talks.order_by("ended_at").select_related("borrower")[:_MOST]:
        done += ask_feedback(contact.borrower_id, now, contact=contact)
    ended = Placement.objects.filter(ended_at__gte=since).exclude(
        ended_reason_code__in=("stopped", "misconduct")
    )
    for one in ended.order_by("ended_at")[:_MOST]:
        done += ask_feedback(one.borrower_id, now, agency=one.agency_id)
    return done


def ask_feedback(
    borrower_id: str, now: datetime, *, contact: Contact | None = None, agency: str = ""
) -> bool:
    """Ask one person, unless they were asked lately or can't be reached in writing."""
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        assert borrower is not None, "a contact has its borrower"
        if Feedback.objects.filter(borrower=borrower, asked_at__gt=now - EVERY).exists():
            return False
        survey = notify_borrower(borrower, "survey", now, manner=QUESTION, actor="timetable")
        if survey is None:
            return False
        Feedback.objects.create(
            token=_digest(feedback_token(survey.contact_id)),
            borrower=borrower,
            agency_id=(contact.agency_id if contact else agency) or None,
            contact=contact,
            asked_at=now,
        )
        return True


def asked(token: str, now: datetime) -> Feedback | None:
    """What a link asks about, while an answer is still taken; None for every link that isn't one."""
    if not _TOKEN.fullmatch(token):
        return None
    rows = Feedback.objects.filter(token=_digest(token), asked_at__gt=now - OPEN_FOR)
    return rows.filter(Q(answered_at=None) | Q(answered_at__gt=now - timedelta(minutes=30))).first()


def answer_feedback(token: str, respect: str, clear: str, words: str, now: datetime) -> Feedback | Problem:
    """Take the answer, once."""
    feedback = asked(token, now)
    if feedback is None:
        return Problem("survey_closed", "this question is closed")
    marks = [int(answer) if answer in ("1", "2", "3", "4", "5") else None for answer in (respect, clear)]
    if marks == [None, None]:
        return Problem("survey_empty", "choose an answer to at least one question")
    with transaction.atomic():
        lock_borrower(feedback.borrower_id)
        done = Feedback.objects.filter(pk=feedback.pk, answered_at=None).update(
            answered_at=now, respect=marks[0], clear=marks[1], words=words.strip()[:LONGEST_WORDS]
        )
        if not done:
            return Problem("survey_answered", "your answer is here already; thank you")
        evidence.append(
            "note",
            at=now,
            actor="borrower",
            borrower=feedback.borrower_id,
            body={
                "what": "feedback",
                "agency": feedback.agency_id or "",
                "respect": marks[0] or 0,
                "clear": marks[1] or 0,
            },
            personal={"words": words.strip()[:LONGEST_WORDS]} if words.strip() else None,
        )
        feedback.refresh_from_db()
        return feedback
