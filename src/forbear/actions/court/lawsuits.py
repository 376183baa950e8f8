"""Lawsuits: proposed, signed by a second person, taken step by step, and stopped once there is nothing to sue for.

A step outward (filing, enforcement) is asked of the rules on the newest facts, like every contact, and doesn't happen
without their permit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.agencies.recalls import recall_of_borrower
from forbear.actions.contacts.cancellation import cancel_contacts
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.court.claim_amount import differs, in_ledger, out_of_date, owed, renew, way_to
from forbear.actions.court.limitation_dates import pack_of, runnings
from forbear.actions.selectors.active_holds import holds_of, kinds_of
from forbear.actions.selectors.creditors import of_one_creditor
from forbear.actions.selectors.ledger import ledgers_of
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.base.problem import Problem, joined
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.court.lawsuit import (
    AGAINST,
    AT_COURT,
    ENDINGS,
    OUTWARD,
    OVER,
    UNDECIDED,
    Assessment,
    Claimable,
    assess,
    court_fee,
    deadlines,
    ends_by,
    lacks_ground,
    may_move,
)
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Lawsuit, LawsuitDeadline, LawsuitStep, Loan, Settlement, Staff
from forbear.store.situation import lock_borrower, lock_row

#: How a contact ended that never reached the borrower.
LOST = ("undelivered", "invalid", "not_sent")
#: A court that the strategy wanted longer ago, and not again since, is wanted no more.
_WANTED_LATELY = timedelta(days=30)
#: Lawsuits looked at together.
_BATCH = 500


def assessed(borrower: Borrower, now: datetime) -> tuple[Assessment, list[Loan]]:
    """Whether all that a borrower owes one creditor late may and should be sued on, and the loans it is about."""
    loans = of_one_creditor(borrower.loans.filter(past_due_amount__gt=0, sold_at=None).order_by("loan_id"))
    running = Lawsuit.objects.filter(borrower=borrower, ended_at=None).exists()
    ((_, assessment, _currency),) = _assess_all([borrower], now, running=running)
    return assessment, loans


def propose_lawsuit(borrower_id: str, staff: Staff, now: datetime) -> Lawsuit | Problem:
    """Propose to sue on all the borrower owes one creditor late; Problem with each reason against it."""
    with transaction.atomic():
        borrower = lock_borrower(borrower_id)
        if borrower is None:
            return Problem(
                "no_such_borrower",
                "there is no borrower %(borrower_id)s with a case",
                borrower_id=borrower_id,
            )
        assessment, loans = assessed(borrower, now)
        if not loans:
            return Problem("nothing_past_due", "nothing is past due")
        if len({loan.currency for loan in loans}) > 1:
            return Problem(
                "lawsuit_currencies_mixed", "the loans are in several currencies; a lawsuit is about one"
            )
        if assessment.against:
            return said_against(assessment.against)
        barred = [loan.time_barred_on for loan in loans if loan.time_barred_on]
        lawsuit = Lawsuit.objects.create(
            borrower=borrower,
            loans=[loan.loan_id for loan in loans],
            way=assessment.way,
            state="proposed",
            claimed=sum(loan.past_due_amount for loan in loans),
            fee=assessment.fee,
            cost=assessment.cost,
            expected=assessment.expected,
            currency=loans[0].currency,
            minor_unit=loans[0].minor_unit,
            time_barred_on=min(barred, default=None),
            proposed_at=now,
            proposed_by=staff,
        )
        enter(lawsuit, "proposed", business_date(now), now, f"staff:{staff.number}")
        return lawsuit


def sign_lawsuit(
    lawsuit_id: int, yes: bool, staff: Staff, now: datetime, words: str = ""
) -> Lawsuit | Problem:
    """The second signature, or a no with its reason; a signed case comes back from its agency at once."""
    with transaction.atomic():
        lawsuit = locked_lawsuit(lawsuit_id)
        if lawsuit is None or lawsuit.state != "proposed":
            return Problem("no_lawsuit_to_approve", "no such lawsuit is waiting for approval")
        if lawsuit.proposed_by_id == staff.pk:
            return Problem(
                "own_lawsuit_approval",
                "a lawsuit must be approved by somebody other than the person who proposed it",
            )
        if not yes and not words.strip():
            return Problem("lawsuit_reason_missing", "say why not; it is saved with the lawsuit")
        if yes and (refused := signature_problem([lawsuit.proposed_by_id], staff, now)):
            return refused
        if yes:
            grounds, _ = against_now(lawsuit, now)
            if grounds:
                return said_against(("current",) if is_current(lawsuit, now) else grounds)
            renew(lawsuit, owed(lawsuit, now)[1])
        lawsuit.signed_by, actor = staff, f"staff:{staff.number}"
        if not yes:
            lawsuit.ended_at, lawsuit.ended_reason_code = now, "lender"
        lawsuit.save()
        enter(lawsuit, "signed" if yes else "declined", business_date(now), now, actor, words=words)
        if yes:
            recall_of_borrower(lawsuit.borrower, "legal", now, actor=actor, loans=lawsuit.loans)
        return lawsuit


def against_now(lawsuit: Lawsuit, now: datetime) -> tuple[tuple[str, ...], list[Loan]]:
    """What stands against a lawsuit today, itself not counted."""
    assessment, loans = assessed(lawsuit.borrower, now)
    return tuple(ground for ground in assessment.against if ground != "running"), loans


@dataclass(frozen=True, slots=True)
class Moved:
    """A step as a person notes it: to which state, on which day, and what else is known. `fee` in minor units.

    `ending` is why it ended, a key of ENDINGS; `papers` are digests of kept files.
    """

    to: str
    on: date
    words: str = ""
    fee: int = 0
    court: str = ""
    docket: str = ""
    ending: str = ""
    papers: tuple[str, ...] = field(default=())


def move_lawsuit(lawsuit_id: int, moved: Moved, staff: Staff, now: datetime) -> Lawsuit | Problem:
    """Note a step of a signed lawsuit; a step outward needs its permit, and nothing is filed out of time."""
    with transaction.atomic():
        lawsuit = locked_lawsuit(lawsuit_id)
        if lawsuit is None or lawsuit.state in (*OVER, "proposed"):
            return Problem("no_running_lawsuit", "no such lawsuit is running")
        problem = _step_problem(lawsuit, moved, now)
        if problem is None and moved.to == "filed":
            renew(lawsuit, owed(lawsuit, now)[1])
            problem = out_of_date(lawsuit)
        if problem is not None:
            return problem
        actor, contact_id = f"staff:{staff.number}", None
        if moved.to in OUTWARD:
            permit_result = _ask_permit(lawsuit, staff, now, actor)
            if isinstance(permit_result, Problem):
                return permit_result
            contact_id = permit_result
        if moved.to == "filed":
            lawsuit.way = way_to(lawsuit)
            lawsuit.fee = court_fee(pack_of(), lawsuit.way, lawsuit.claimed)
        lawsuit.court, lawsuit.docket = (
            moved.court.strip() or lawsuit.court,
            moved.docket.strip() or lawsuit.docket,
        )
        if moved.to == "ended":
            lawsuit.ended_at, lawsuit.ended_reason_code = (
                now,
                moved.ending or lawsuit.ended_reason_code or "lender",
            )
        lawsuit.save()
        enter(lawsuit, moved.to, moved.on, now, actor, moved.words, moved.fee, moved.papers, contact_id)
        return lawsuit


def said_against(reasons: Iterable[str]) -> Problem:
    """What speaks against a lawsuit, or a step of it."""
    return joined(Problem(f"lawsuit_{reason}", AGAINST[reason]) for reason in reasons)


def _step_problem(lawsuit: Lawsuit, moved: Moved, now: datetime) -> Problem | None:
    """What can't be right about a step."""
    if not may_move(lawsuit.state, moved.to, lawsuit.way):
        return Problem(
            "lawsuit_step_invalid",
            "a lawsuit that is %(state)s can't become %(next)s",
            state=lawsuit.state,
            next=moved.to,
        )
    last = lawsuit.steps.latest("on").on
    if not last <= moved.on <= business_date(now):
        return Problem(
            "lawsuit_day_invalid", "the day lies between the step before, %(last)s, and today", last=last
        )
    if moved.fee < 0:
        return Problem("fee_below_zero", "a fee is not below zero")
    if moved.to == "ended" and moved.ending not in ENDINGS and lawsuit.state != "withdrawing":
        return Problem(
            "lawsuit_ending_missing", "say why it ended: one of %(endings)s", endings=tuple(ENDINGS)
        )
    if moved.to == "filed" and not (moved.court.strip() or lawsuit.court):
        return Problem("court_missing", "name the court")
    if (
        moved.to == "filed"
        and lawsuit.letter_before_claim is not None
        and lawsuit.letter_before_claim.outcome in LOST
    ):
        return Problem(
            "letter_before_claim_returned",
            "the letter before claim came back; send another, and the time to pay starts again when it arrives",
        )
    waits = lawsuit.deadlines.filter(kind="answer", over_at=None, due_on__gte=business_date(now)).first()
    if moved.to == "filed" and waits is not None:
        return Problem(
            "letter_before_claim_running",
            "the letter before claim can be answered until %(due_on)s",
            due_on=waits.due_on,
        )
    if moved.to in OUTWARD:
        against, _ = against_now(lawsuit, now)
        barring = [ground for ground in against if ground in ("barred", "held")]
        if barring and moved.to == "filed":
            return said_against(barring)
        if moved.to == "filed" and is_current(lawsuit, now):
            return said_against(("current",))
    return None


def _ask_permit(lawsuit: Lawsuit, staff: Staff, now: datetime, actor: str) -> str | Problem:
    """The permit for a step at court, kept as a contact; Problem with the rules that refuse it."""
    planned = PlannedContact(
        "court", "sue", loans=tuple(lawsuit.loans), automated=False, states_identity=True
    )
    attempt = make_contact(ContactDraft(lawsuit.borrower_id, planned, staff=staff), now, actor=actor)
    if isinstance(attempt, Problem):
        return attempt
    if attempt.answer.permit is None:
        return joined(refusal.with_clause() for refusal in attempt.answer.refusals)
    return attempt.contact.contact_id


def locked_lawsuit(lawsuit_id: int) -> Lawsuit | None:
    """The lawsuit, its borrower held."""
    return lock_row(Lawsuit, lawsuit_id, "letter_before_claim")


def enter(
    lawsuit: Lawsuit,
    state: str,
    on: date,
    now: datetime,
    actor: str,
    words: str = "",
    fee: int = 0,
    papers: tuple[str, ...] = (),
    contact_id: str | None = None,
) -> None:
    """Enter a state: the step, what is due from it, and the evidence. What was due before is over."""
    lawsuit.state = state
    lawsuit.save(update_fields=["state"])
    if state in OVER:
        _keep_back(lawsuit, now, actor, reason=Reason.of("lawsuit_over"))
    LawsuitStep.objects.create(
        lawsuit=lawsuit,
        state=state,
        on=on,
        at=now,
        by=actor,
        fee=fee,
        words=words.strip()[:2000],
        papers=list(papers),
        contact_id=contact_id,
    )
    past = lawsuit.deadlines.filter(over_at=None)
    if state in UNDECIDED:  # no step puts the decision off
        past = past.exclude(kind="current")
    past.update(over_at=now)
    due = deadlines(state, lawsuit.way, on, policy(settings.HOME).court, pack_of())
    LawsuitDeadline.objects.bulk_create(
        LawsuitDeadline(
            lawsuit=lawsuit,
            kind=deadline.kind,
            due_on=deadline.due_on,
            ours=deadline.ours,
            clause=deadline.clause,
        )
        for deadline in due
    )
    evidence.append(
        "legal",
        at=now,
        actor=actor,
        borrower=lawsuit.borrower_id,
        body={
            "lawsuit": lawsuit.pk,
            "state": state,
            "way": lawsuit.way,
            "on": on.isoformat(),
            "loans": lawsuit.loans,
            "amount": lawsuit.claimed,
            "currency": lawsuit.currency,
            "fee": fee,
            "contact": contact_id or "",
            "reason": _ended(lawsuit).as_dict(),
        },
        personal={"words": words.strip()[:2000]} if words.strip() else None,
        attachments=papers,
    )


def _ended(lawsuit: Lawsuit) -> Reason:
    """Why it ended or is to end; no reason while it goes on."""
    ending = lawsuit.ended_reason_code
    return Reason.of("lawsuit_ended", ending=ending) if ending else NO_REASON


def stop_lawsuit(borrower: Borrower, now: datetime, *, actor: str) -> bool:
    """Stop the borrower's lawsuit if there is nothing to sue for any more; the caller holds the borrower.

    What is with a court has to be withdrawn there, which is then the lender's own deadline; the rest ends here. One on
    debts of which nothing is late any more waits for people to decide before it stops.
    """
    lawsuit = Lawsuit.objects.select_related("borrower").filter(borrower=borrower, ended_at=None).first()
    if lawsuit is None:
        return False
    left, late = owed(lawsuit, now)
    kept = Settlement.objects.filter(
        borrower=borrower, state="kept", by__gte=business_date(lawsuit.proposed_at)
    )
    done = any(not hold.loans or set(hold.loans) >= set(lawsuit.loans) for hold in kept)
    ending = ends_by(lawsuit.state, left, done, kinds_of(holds_of([borrower.pk], now), borrower.pk))
    ending = ending or _undecided(lawsuit, lacks_ground(lawsuit.state, late), now, actor)
    if not ending:
        renew(lawsuit, late)
        return False
    lawsuit.ended_reason_code = ending
    at_court = lawsuit.state in AT_COURT
    if not at_court:
        lawsuit.ended_at = now
    lawsuit.save(update_fields=["ended_reason_code", "ended_at"])
    enter(lawsuit, "withdrawing" if at_court else "ended", business_date(now), now, actor)
    return True


def _undecided(lawsuit: Lawsuit, current: bool, now: datetime, actor: str) -> str:
    """ "current" once the time to decide on a lawsuit on debts of which nothing is late is over, else ""."""
    waits = _decision(lawsuit)
    if current and waits is not None:
        return "current" if waits.due_on < business_date(now) else ""
    if not current and waits is None:
        return ""
    body = {"lawsuit": lawsuit.pk, "state": lawsuit.state}
    if waits is not None:
        lawsuit.deadlines.filter(pk=waits.pk).update(over_at=now)
        body |= {"what": "something is late again"}
    else:
        due_on = business_date(now) + timedelta(days=policy(settings.HOME).court.decision_days)
        lawsuit.deadlines.create(kind="current", due_on=due_on, ours=True, clause="policy.yaml, court")
        _keep_back(lawsuit, now, actor, reason=Reason.of("nothing_past_due"))
        body |= {"what": "nothing is late any more", "decide_by": due_on.isoformat()}
    evidence.append("legal", at=now, actor=actor, borrower=lawsuit.borrower_id, body=body)
    return ""


def _decision(lawsuit: Lawsuit) -> LawsuitDeadline | None:
    """Until when people have to decide on a lawsuit without anything late; None where it has."""
    return lawsuit.deadlines.filter(kind="current", over_at=None).first()


def _keep_back(lawsuit: Lawsuit, now: datetime, actor: str, *, reason: Reason) -> None:
    """A letter that announces what doesn't come, or not now, doesn't leave."""
    if lawsuit.letter_before_claim_id is not None:
        cancel_contacts(
            lawsuit.borrower,
            now,
            actor=actor,
            reason=reason,
            which=lambda one: one.pk == lawsuit.letter_before_claim_id,
        )


def is_current(lawsuit: Lawsuit, now: datetime) -> bool:
    """Whether nothing that an undecided lawsuit is about is late today."""
    return lacks_ground(lawsuit.state, owed(lawsuit, now)[1])


def _may_stop(lawsuits: list[Lawsuit], now: datetime) -> list[str]:
    """Of these lawsuits' borrowers those of whom something may end it or change what it asks for.

    It takes a few queries for hundreds. Nobody is held meanwhile: `stop_lawsuit` decides under the lock.
    """
    borrower_ids = []
    for start in range(0, len(lawsuits), _BATCH):
        batch = lawsuits[start : start + _BATCH]
        names = [lawsuit.borrower_id for lawsuit in batch]
        ledgers = ledgers_of(names)
        holds = holds_of(names, now)
        kept = set(
            Settlement.objects.filter(borrower_id__in=names, state="kept").values_list(
                "borrower_id", flat=True
            )
        )
        rows = Loan.objects.filter(loan_id__in=[loan for lawsuit in batch for loan in lawsuit.loans])
        at_desk = {name: (left, late) for name, left, late in rows.values_list(*_OWED)}
        decide_by = dict(
            LawsuitDeadline.objects.filter(lawsuit__in=batch, kind="current", over_at=None).values_list(
                "lawsuit", "due_on"
            )
        )
        for lawsuit in batch:
            is_held = lawsuit.borrower_id in kept or bool(kinds_of(holds, lawsuit.borrower_id))
            known = [at_desk.get(loan, (0, 0)) for loan in lawsuit.loans]
            left, late = (sum(pair) for pair in zip(*known, strict=True))
            booked = in_ledger(lawsuit, ledgers.get(lawsuit.borrower_id), now) or (left, late)
            current, by = lacks_ground(lawsuit.state, booked[1]), decide_by.get(lawsuit.pk)
            decided = current != (by is not None) or (by is not None and by < business_date(now))
            if is_held or decided or min(left, booked[0]) <= 0 or differs(lawsuit, booked[1]):
                borrower_ids.append(lawsuit.borrower_id)
    return borrower_ids


_OWED = ("loan_id", "payoff", "past_due_amount")


def stop_due(now: datetime) -> int:
    """Stop every lawsuit that has nothing to sue for any more; how many."""
    running = Lawsuit.objects.filter(ended_at=None).exclude(state="withdrawing").order_by("borrower_id")
    stopped = 0
    for name in _may_stop(list(running), now):
        with transaction.atomic():
            borrower = lock_borrower(name)
            assert borrower is not None, "a lawsuit has its borrower"
            stopped += stop_lawsuit(borrower, now, actor="timetable")
    return stopped


def candidates(now: datetime) -> list[tuple[Borrower, Assessment, str]]:
    """Borrowers whom the strategy would take to court, none of the hold-out, with the currency of what is assessed;
    first what may be proposed, of that what is soonest out of time, then the largest gain.
    """
    wanted = Borrower.objects.filter(
        treatments__channel="court",
        treatments__state="planned",
        treatments__planned_on__gt=business_date(now) - _WANTED_LATELY,
        cases__closed_on=None,
    ).exclude(lawsuits__ended_at=None, lawsuits__isnull=False)
    left_alone = Borrower.objects.filter(cases__closed_on=None, cases__facts__in_holdout=True)
    rows = list(wanted.exclude(pk__in=left_alone.values("pk")).distinct().order_by("pk"))
    assessed = [row for row in _assess_all(rows, now) if row[2]]
    return sorted(assessed, key=lambda row: (bool(row[1].against), not row[1].urgent, -row[1].net, row[0].pk))


def _assess_all(
    rows: list[Borrower], now: datetime, *, running: bool = False
) -> list[tuple[Borrower, Assessment, str]]:
    """The assessment of many borrowers, each table and the book asked once; "" as currency where nothing is late."""
    names = [borrower.pk for borrower in rows]
    holds, today, pack = holds_of(names, now), business_date(now), pack_of()
    mine: dict[str, list[Loan]] = {name: [] for name in names}
    for loan in Loan.objects.filter(borrower_id__in=names, past_due_amount__gt=0, sold_at=None):
        mine[loan.borrower_id].append(loan)
    owners = {loan.loan_id: loan.borrower_id for loans in mine.values() for loan in loans}
    lasts = {
        loan: running_time.last_day
        for loan, running_time in runnings(pack, owners.keys(), owners, today).items()
    }
    terms, assessments = policy(settings.HOME).court, []
    for borrower in rows:
        loans = of_one_creditor(mine[borrower.pk])
        days = [lasts[loan.loan_id] for loan in loans if loan.loan_id in lasts]
        currency = loans[0].currency if loans else ""
        debt = Claimable(
            sum(loan.past_due_amount for loan in loans),
            max((loan.days_past_due for loan in loans), default=0),
            min(days, default=None),
            kinds_of(holds, borrower.pk),
            running,
            len({loan.currency for loan in loans}) > 1,
            currency,
        )
        assessments.append((borrower, assess(debt, terms, pack, today), currency))
    return assessments
