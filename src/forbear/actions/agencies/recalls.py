"""A case comes back from an agency: at once, on record, and with everything the agency still had waiting cancelled."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.agencies.placement import ENDINGS, RECALLED_BY_HOLD
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store import evidence
from forbear.store.models import Agency, Borrower, Contact, Loan, Placement
from forbear.store.situation import lock_borrower

#: How many cases one transaction takes back when an agency is stopped or a night has changed much.
_BATCH = 500


def end_placement(placement: Placement, ending: str, now: datetime, *, actor: str) -> bool:
    """End one placement, if it still runs; the caller holds its borrower."""
    assert ending in ENDINGS, ending
    running = Placement.objects.filter(pk=placement.pk, ended_at=None)
    if not running.update(ended_at=now, ended_reason_code=ending):
        return False
    placement.ended_at, placement.ended_reason_code = now, ending
    cancel_contacts(
        placement.borrower,
        now,
        actor=actor,
        reason=Reason.of("recalled", ending=ending),
        which=lambda contact: contact.agency_id == placement.agency_id,
    )
    evidence.append(
        "recall", at=now, actor=actor, borrower=placement.borrower_id, body=_body(placement, ending)
    )
    enqueue_webhooks("placement.recalled", _webhook_payload(placement), now, agency=placement.agency_id)
    return True


def recall_of_borrower(
    borrower: Borrower, ending: str, now: datetime, *, actor: str, loans: Iterable[str] = ()
) -> int:
    """End the borrower's placements about these loans, or all; how many. The caller holds the borrower."""
    about = set(loans)
    running = Placement.objects.filter(borrower=borrower, ended_at=None).select_related("borrower")
    matching = [one for one in running if not about or not one.loans or about & set(one.loans)]
    return sum(end_placement(one, ending, now, actor=actor) for one in matching)


def recall_for_hold(borrower: Borrower, kind: str, loans: Iterable[str], now: datetime, *, actor: str) -> int:
    """What a hold of this kind does to placements."""
    ending = RECALLED_BY_HOLD.get(kind)
    return recall_of_borrower(borrower, ending, now, actor=actor, loans=loans) if ending else 0


def recall_case(
    placement_id: int, ending: str, now: datetime, *, actor: str, agency: str = "", words: str = ""
) -> Placement | Problem:
    """Take one case back, or give it back: `agency` limits it to that agency's own; `words` say why."""
    with transaction.atomic():
        named = Placement.objects.filter(pk=placement_id)
        placement = (named.filter(agency_id=agency) if agency else named).select_related("borrower").first()
        if placement is None or lock_borrower(placement.borrower_id) is None:
            return Problem("no_such_placement", "there is no such placement")
        if not end_placement(placement, ending, now, actor=actor):
            return Problem("case_returned", "this case came back already")
        if words.strip():
            body = {"placement": placement.pk, "what": ending}
            details = {"note": words.strip()[:4000]}
            evidence.append(
                "note", at=now, actor=actor, borrower=placement.borrower_id, body=body, personal=details
            )
        return placement


def recall_all(agency: Agency, ending: str, now: datetime, *, actor: str) -> int:
    """Take every case of an agency back, in the caller's transaction; how many.

    In sets: borrowers are held and their events written in the order of their names, as everywhere.
    """
    assert transaction.get_connection().in_atomic_block, "the agency stops and its cases come back together"
    return _recall_set(Placement.objects.filter(agency=agency, ended_at=None), ending, now, actor)


def _recall_set(placed: QuerySet[Placement], ending: str, now: datetime, actor: str) -> int:
    done = 0
    wanted = list(placed.order_by("borrower_id").values_list("pk", flat=True))
    for start in range(0, len(wanted), _BATCH):
        batch = list(Placement.objects.filter(pk__in=wanted[start : start + _BATCH]).order_by("borrower_id"))
        names = sorted({one.borrower_id for one in batch})
        list(Borrower.objects.select_for_update().filter(borrower_id__in=names).order_by("borrower_id"))
        running = [one for one in batch if one.ended_at is None]
        keys = [one.pk for one in running]
        done += Placement.objects.filter(pk__in=keys, ended_at=None).update(
            ended_at=now, ended_reason_code=ending
        )
        waiting = Contact.objects.filter(
            borrower_id__in=names,
            agency_id__in={one.agency_id for one in running},
            state__in=("waiting", "claimed"),
        )
        reason = Reason.of("recalled", ending=ending)
        waiting.update(state="cancelled", outcome="not_sent", ended_at=now, **reason.columns())
        evidence.append_many(
            evidence.Entry("recall", now, actor, _body(one, ending), one.borrower_id) for one in running
        )
        for one in running:
            one.ended_at, one.ended_reason_code = now, ending
            enqueue_webhooks("placement.recalled", _webhook_payload(one), now, agency=one.agency_id)
    return done


def recall_paid(borrower: Borrower, now: datetime, *, actor: str) -> int:
    """End the placements whose loans have nothing past due any more; how many. The caller holds the borrower."""
    done = 0
    for one in list(Placement.objects.filter(borrower=borrower, ended_at=None).order_by("pk")):
        one.borrower = borrower
        late = Loan.objects.filter(borrower=borrower, past_due_amount__gt=0)
        if not (late.filter(loan_id__in=one.loans) if one.loans else late).exists():
            done += end_placement(one, "paid", now, actor=actor)
    return done


def _body(placement: Placement, ending: str) -> dict:
    return {
        "placement": placement.pk,
        "agency": placement.agency_id,
        "reason": Reason.of("recalled", ending=ending).as_dict(),
        "loans": placement.loans,
    }


def _webhook_payload(placement: Placement) -> dict:
    return {
        "placement_id": placement.pk,
        "borrower_id": placement.borrower_id,
        "reason": Reason.of("recalled", ending=placement.ended_reason_code).as_dict(),
    }
