"""A wrong result of a call is corrected on record within a set time, and what it did is undone."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from forbear.actions.agreements.promises import cancel_promise
from forbear.actions.holds.holds import lift_running
from forbear.actions.replies.record_outcome import RESULTS, Outcome, do_result
from forbear.actions.requests.requests import withdraw_request
from forbear.core.agreements.hold_kinds import OF_HOLD
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Case, Consent, Contact, ContactPoint, Conversation, Hold, Promise, Staff
from forbear.store.permissions import may
from forbear.store.situation import lock_row

#: How long after it was saved a result may be corrected.
WITHIN = timedelta(hours=2)
_CORRECTED = Reason.of("outcome_corrected")


def correct_outcome(
    conversation_id: int, outcome: Outcome, staff: Staff, now: datetime
) -> Conversation | Problem | list[Problem]:
    """Give the call another result: what the wrong one did is undone, then the right one is done.

    By who saved it, or a lead. Where the wrong result stopped contact for a reason that only two people may end,
    somebody else than who saved it corrects it.
    """
    if outcome.result not in RESULTS:
        return Problem("call_result_missing", "choose a result, and answers from the lists")
    if outcome.result == "promise" and (outcome.amount <= 0 or outcome.due_on is None):
        return Problem("promise_incomplete", "a promise has an amount and a day; give both")
    with transaction.atomic():
        conversation = lock_row(Conversation, conversation_id, "contact", "staff")
        if conversation is None or conversation.contact is None:
            return Problem("no_such_conversation", "there is no such call result")
        if wrong := _unfit(conversation, outcome, staff, now):
            return wrong
        done = _correct(conversation, outcome, staff, now)
        if isinstance(done, list):
            transaction.set_rollback(True)
        return done


def _unfit(conversation: Conversation, outcome: Outcome, staff: Staff, now: datetime) -> Problem | None:
    if now > conversation.at + WITHIN:
        return Problem(
            "correction_too_late",
            "a result is corrected within %(hours)s hours",
            hours=WITHIN.seconds // 3600,
        )
    if outcome.result == conversation.result:
        return Problem("result_unchanged", "this is the result already")
    own, leads = conversation.staff_id == staff.pk, may(staff.role, "desk:hold:lift")
    if not own and not leads:
        return Problem("correction_not_yours", "who saved a result corrects it, or a lead")
    hold = Hold.objects.filter(pk=conversation.effects.get("hold"), lifted_at=None).first()
    if hold is not None and OF_HOLD[hold.kind].two and own:
        return Problem(
            "correction_needs_second", "somebody else must correct this result: it stopped all contact"
        )
    return None


def _correct(
    conversation: Conversation, outcome: Outcome, staff: Staff, now: datetime
) -> Conversation | list[Problem]:
    contact, actor, before = conversation.contact, f"staff:{staff.number}", conversation.result
    assert contact is not None, "checked before"
    contact.borrower = conversation.borrower
    _undo(conversation, now, actor)
    result = RESULTS[outcome.result]
    Contact.objects.filter(pk=contact.pk).update(outcome=result.outcome)
    did = do_result(replace(outcome, contact_id=contact.pk), contact, staff, now)
    if isinstance(did, list):
        return did
    conversation.result, conversation.effects = outcome.result, did
    conversation.corrected_at, conversation.corrected_by = now, staff
    if outcome.note:
        conversation.note = f"{conversation.note}\n\n{outcome.note}".strip()[-4000:]
    conversation.save()
    Case.objects.filter(borrower=conversation.borrower, closed_on=None).update(
        next_at=outcome.again_at or now + result.pause,
        callback_at=outcome.again_at,
        callback_by=conversation.staff if outcome.again_at else None,
    )
    evidence.append(
        "correction",
        at=now,
        actor=actor,
        borrower=conversation.borrower_id,
        body={
            "what": "call result",
            "contact": contact.pk,
            "from": before,
            "result": outcome.result,
            "outcome": result.outcome,
        },
        personal={"note": outcome.note} if outcome.note else None,
    )
    return conversation


def _undo(conversation: Conversation, now: datetime, actor: str) -> None:
    """What the wrong result did, and nobody has changed since, is as it was before it."""
    did = conversation.effects
    if "hold" in did:
        hold = Hold.objects.filter(pk=did["hold"], lifted_at=None).first()
        lift_running(hold, now, actor=actor, reason=_CORRECTED)
    if "request" in did:
        withdraw_request(str(did["request"]), now, actor=actor, reason=_CORRECTED)
    if "promise" in did and Promise.objects.filter(pk=did["promise"], state="open").exists():
        cancel_promise(int(did["promise"]), now, actor=actor, reason=_CORRECTED)
    if "consent" in did:
        Consent.objects.filter(pk=did["consent"]).delete()
    if "point" in did:
        ContactPoint.objects.filter(pk=did["point"]).update(stopped_at=None, invalid_at=None)
        point = ContactPoint.objects.get(pk=did["point"])
        body = {"point": point.digest, "what": "not somebody else's: the result was wrong"}
        evidence.append("point", at=now, actor=actor, borrower=conversation.borrower_id, body=body)
    called = conversation.contact
    if conversation.result == "invalid" and called is not None and called.point_id is not None:
        ContactPoint.objects.filter(pk=called.point_id).update(invalid_at=None)
