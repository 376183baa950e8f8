"""Suits: proposed, signed by a second person, taken step by step, and stopped as soon as there is nothing to sue for.

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
from forbear.actions.contacts.queue_contact import Wanted
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.court.claim_amount import differs, in_book, out_of_date, owed, renew, way_to
from forbear.actions.court.limitation_dates import pack_of, runnings
from forbear.actions.selectors.active_holds import holds_of, kinds_of
from forbear.actions.selectors.ledger import ledgers_of
from forbear.core.base.problem import Problem, joined
from forbear.core.court.lawsuit import (
    AGAINST,
    AT_COURT,
    ENDINGS,
    OUTWARD,
    OVER,
    UNDECIDED,
    Assessment,
    Debt,
    assess,
    court_fee,
    deadlines,
    ends_by,
    lacks_ground,
    may_move,
)
from forbear.core.facts.contact import Wish
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import today_of
from forbear.store.models import Borrower, Loan, Settlement, Staff, Suit, SuitDeadline, SuitStep
from forbear.store.situation import hold_borrower, hold_row

#: How a contact ended that never reached the borrower.
LOST = ("undelivered", "invalid", "not_sent")
#: A court that the strategy wanted longer ago, and not again since, is wanted no more.
_WANTED_LATELY = timedelta(days=30)
#: Suits looked at together.
_BATCH = 500


def assessed(borrower: Borrower, now: datetime) -> tuple[Assessment, list[Loan]]:
    """Whether all that a borrower owes late may and should be sued on, and the loans it is about."""
    loans = list(borrower.loans.filter(past_due_amount__gt=0, sold_at=None).order_by("loan_id"))
    running = Suit.objects.filter(borrower=borrower, ended_at=None).exists()
    ((_, found),) = _assess_all([borrower], now, running=running)
    return found, loans


def propose_suit(borrower_id: str, staff: Staff, now: datetime) -> Suit | Problem:
    """Propose to sue on all the borrower owes late; Problem with each reason against it."""
    with transaction.atomic():
        borrower = hold_borrower(borrower_id)
        if borrower is None:
            return Problem(
                f"there is no borrower {borrower_id} with a case", f"没有借款人 {borrower_id} 的案件"
            )
        found, loans = assessed(borrower, now)
        if not loans:
            return Problem("nothing of theirs is late", "该借款人没有逾期")
        if len({loan.currency for loan in loans}) > 1:
            return Problem(
                "the loans are in several currencies; a suit is about one",
                "贷款有多种货币，一件诉讼只针对一种",
            )
        if found.against:
            return said_against(found.against)
        barred = [loan.time_barred_on for loan in loans if loan.time_barred_on]
        suit = Suit.objects.create(
            borrower=borrower,
            loans=[loan.loan_id for loan in loans],
            way=found.way,
            state="proposed",
            claimed=sum(loan.past_due_amount for loan in loans),
            fee=found.fee,
            cost=found.cost,
            expected=found.expected,
            currency=loans[0].currency,
            minor_unit=loans[0].minor_unit,
            time_barred_on=min(barred, default=None),
            proposed_at=now,
            proposed_by=staff,
        )
        enter(suit, "proposed", today_of(now), now, f"staff:{staff.number}")
        return suit


def sign_suit(suit_id: int, yes: bool, staff: Staff, now: datetime, words: str = "") -> Suit | Problem:
    """The second signature, or a no with its reason; a signed case comes back from its agency at once."""
    with transaction.atomic():
        suit = held_suit(suit_id)
        if suit is None or suit.state != "proposed":
            return Problem("no such suit waits for a signature", "没有等待签字的这件诉讼")
        if suit.proposed_by_id == staff.pk:
            return Problem(
                "a suit is signed by somebody other than who proposed it", "诉讼须由提交人以外的人签字"
            )
        if not yes and not words.strip():
            return Problem("say why not; it is kept with the suit", "请写明不同意的原因，会与诉讼一起保存")
        if yes:
            found, _ = against_now(suit, now)
            if found:
                return said_against(("current",) if is_current(suit, now) else found)
            renew(suit, owed(suit, now)[1])
        suit.signed_by, actor = staff, f"staff:{staff.number}"
        if not yes:
            suit.ended_at, suit.ended_because = now, "lender"
        suit.save()
        enter(suit, "signed" if yes else "declined", today_of(now), now, actor, words=words)
        if yes:
            recall_of_borrower(suit.borrower, "legal", now, actor=actor, loans=suit.loans)
        return suit


def against_now(suit: Suit, now: datetime) -> tuple[tuple[str, ...], list[Loan]]:
    """What stands against a suit today, itself not counted."""
    found, loans = assessed(suit.borrower, now)
    return tuple(each for each in found.against if each != "running"), loans


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


def move_suit(suit_id: int, moved: Moved, staff: Staff, now: datetime) -> Suit | Problem:
    """Note a step of a signed suit; a step outward needs its permit, and nothing is filed out of time."""
    with transaction.atomic():
        suit = held_suit(suit_id)
        if suit is None or suit.state in (*OVER, "proposed"):
            return Problem("no such suit runs", "没有进行中的这件诉讼")
        wrong = _wrong(suit, moved, now)
        if wrong is None and moved.to == "filed":
            renew(suit, owed(suit, now)[1])
            wrong = out_of_date(suit)
        if wrong is not None:
            return wrong
        actor, contact_id = f"staff:{staff.number}", None
        if moved.to in OUTWARD:
            asked = _ask(suit, staff, now, actor)
            if isinstance(asked, Problem):
                return asked
            contact_id = asked
        if moved.to == "filed":
            suit.way = way_to(suit)
            suit.fee = court_fee(pack_of(), suit.way, suit.claimed)
        suit.court, suit.docket = moved.court.strip() or suit.court, moved.docket.strip() or suit.docket
        if moved.to == "ended":
            suit.ended_at, suit.ended_because = now, moved.ending or suit.ended_because or "lender"
        suit.save()
        enter(suit, moved.to, moved.on, now, actor, moved.words, moved.fee, moved.papers, contact_id)
        return suit


def said_against(reasons: Iterable[str]) -> Problem:
    """What speaks against a suit, or a step of it."""
    return joined(Problem(AGAINST[each][1], AGAINST[each][0]) for each in reasons)


def _wrong(suit: Suit, moved: Moved, now: datetime) -> Problem | None:
    """What can't be right about a step."""
    if not may_move(suit.state, moved.to, suit.way):
        return Problem(
            f"a suit that is {suit.state} doesn't become {moved.to}",
            f"状态为 {suit.state} 的诉讼不能变为 {moved.to}",
        )
    last = suit.steps.order_by("-on").values_list("on", flat=True).first()
    if moved.on > today_of(now) or (last is not None and moved.on < last):
        return Problem(
            f"the day lies between the step before, {last}, and today", f"日期须在上一步 {last} 与今天之间"
        )
    if moved.fee < 0:
        return Problem("a fee is not below zero", "费用不能小于零")
    if moved.to == "ended" and moved.ending not in ENDINGS and suit.state != "withdrawing":
        return Problem(
            f"say why it ended: one of {', '.join(ENDINGS)}", f"请写明如何结束：{'、'.join(ENDINGS)}"
        )
    if moved.to == "filed" and not (moved.court.strip() or suit.court):
        return Problem("name the court", "请写明法院")
    if moved.to == "filed" and suit.demand is not None and suit.demand.outcome in LOST:
        return Problem(
            "the letter before claim came back; send another, its arrival opens the time to pay anew",
            "起诉前告知函被退回，请另寄一封，送达后重新起算还款期限",
        )
    waits = suit.deadlines.filter(kind="answer", over_at=None, due_on__gte=today_of(now)).first()
    if moved.to == "filed" and waits is not None:
        return Problem(
            f"the letter before claim waits for its answer until {waits.due_on}",
            f"起诉前告知函的答复期到 {waits.due_on} 为止",
        )
    if moved.to in OUTWARD:
        against, _ = against_now(suit, now)
        found = [each for each in against if each in ("barred", "held")]
        if found and moved.to == "filed":
            return said_against(found)
        if moved.to == "filed" and is_current(suit, now):
            return said_against(("current",))
    return None


def _ask(suit: Suit, staff: Staff, now: datetime, actor: str) -> str | Problem:
    """The permit for a step at court, kept as a contact; Problem with the rules that refuse it."""
    wish = Wish("court", "sue", loans=tuple(suit.loans), automated=False, states_identity=True)
    made = make_contact(Wanted(suit.borrower_id, wish, staff=staff), now, actor=actor)
    if isinstance(made, Problem):
        return made
    if made.answer.permit is None:
        refused = made.answer.decision.refusals
        return joined(each.with_clause() for each in refused)
    return made.contact.contact_id


def held_suit(suit_id: int) -> Suit | None:
    """The suit, its borrower held."""
    return hold_row(Suit, suit_id, "demand")


def enter(
    suit: Suit,
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
    suit.state = state
    suit.save(update_fields=["state"])
    if state in OVER:
        _keep_back(suit, now, actor, because="the suit is over")
    SuitStep.objects.create(
        suit=suit,
        state=state,
        on=on,
        at=now,
        by=actor,
        fee=fee,
        words=words.strip()[:2000],
        papers=list(papers),
        contact_id=contact_id,
    )
    past = suit.deadlines.filter(over_at=None)
    if state in UNDECIDED:  # no step puts the decision off
        past = past.exclude(kind="current")
    past.update(over_at=now)
    due = deadlines(state, suit.way, on, policy(settings.HOME).court, pack_of())
    SuitDeadline.objects.bulk_create(
        SuitDeadline(suit=suit, kind=each.kind, due_on=each.due_on, ours=each.ours, clause=each.clause)
        for each in due
    )
    evidence.append(
        "legal",
        at=now,
        actor=actor,
        borrower=suit.borrower_id,
        body={
            "suit": suit.pk,
            "state": state,
            "way": suit.way,
            "on": on.isoformat(),
            "loans": suit.loans,
            "amount": suit.claimed,
            "currency": suit.currency,
            "fee": fee,
            "contact": contact_id or "",
            "because": suit.ended_because,
        },
        personal={"words": words.strip()[:2000]} if words.strip() else None,
        attachments=papers,
    )


def stop_suit(borrower: Borrower, now: datetime, *, actor: str) -> bool:
    """Stop the borrower's suit if there is nothing to sue for any more; the caller holds the borrower.

    What is with a court has to be withdrawn there, which is then the lender's own deadline; the rest ends here. One on
    debts of which nothing is late any more waits for people to decide before it stops.
    """
    suit = Suit.objects.select_related("borrower").filter(borrower=borrower, ended_at=None).first()
    if suit is None:
        return False
    left, late = owed(suit, now)
    kept = Settlement.objects.filter(borrower=borrower, state="kept", by__gte=today_of(suit.proposed_at))
    done = any(not each.loans or set(each.loans) >= set(suit.loans) for each in kept)
    because = ends_by(suit.state, left, done, kinds_of(holds_of([borrower.pk], now), borrower.pk))
    because = because or _undecided(suit, lacks_ground(suit.state, late), now, actor)
    if not because:
        renew(suit, late)
        return False
    suit.ended_because = because
    at_court = suit.state in AT_COURT
    if not at_court:
        suit.ended_at = now
    suit.save(update_fields=["ended_because", "ended_at"])
    enter(suit, "withdrawing" if at_court else "ended", today_of(now), now, actor)
    return True


def _undecided(suit: Suit, current: bool, now: datetime, actor: str) -> str:
    """ "current" once the time to decide on a suit on debts of which nothing is late is over, else ""."""
    waits = _decision(suit)
    if current and waits is not None:
        return "current" if waits.due_on < today_of(now) else ""
    if not current and waits is None:
        return ""
    body = {"suit": suit.pk, "state": suit.state}
    if waits is not None:
        suit.deadlines.filter(pk=waits.pk).update(over_at=now)
        body |= {"what": "something is late again"}
    else:
        due_on = today_of(now) + timedelta(days=policy(settings.HOME).court.decision_days)
        suit.deadlines.create(kind="current", due_on=due_on, ours=True, clause="policy.yaml, court")
        _keep_back(suit, now, actor, because="nothing is late any more")
        body |= {"what": "nothing is late any more", "decide_by": due_on.isoformat()}
    evidence.append("legal", at=now, actor=actor, borrower=suit.borrower_id, body=body)
    return ""


def _decision(suit: Suit) -> SuitDeadline | None:
    """Until when people have to decide on a suit without anything late; None where it has."""
    return suit.deadlines.filter(kind="current", over_at=None).first()


def _keep_back(suit: Suit, now: datetime, actor: str, *, because: str) -> None:
    """A letter that announces what doesn't come, or not now, doesn't leave."""
    if suit.demand_id is not None:
        cancel_contacts(
            suit.borrower, now, actor=actor, because=because, which=lambda one: one.pk == suit.demand_id
        )


def is_current(suit: Suit, now: datetime) -> bool:
    """Whether nothing that an undecided suit is about is late today."""
    return lacks_ground(suit.state, owed(suit, now)[1])


def _may_stop(suits: list[Suit], now: datetime) -> list[str]:
    """Of these suits' borrowers those of whom something may end it or change what it asks for, by a few queries for
    hundreds of them.

    Nobody is held meanwhile: `stop_suit` decides under the lock.
    """
    found = []
    for start in range(0, len(suits), _BATCH):
        batch = suits[start : start + _BATCH]
        names = [suit.borrower_id for suit in batch]
        ledgers_of(names)  # in one pass, for each of them
        holds = holds_of(names, now)
        kept = set(
            Settlement.objects.filter(borrower_id__in=names, state="kept").values_list(
                "borrower_id", flat=True
            )
        )
        rows = Loan.objects.filter(loan_id__in=[loan for suit in batch for loan in suit.loans])
        at_desk = {name: (left, late) for name, left, late in rows.values_list(*_OWED)}
        decide_by = dict(
            SuitDeadline.objects.filter(suit__in=batch, kind="current", over_at=None).values_list(
                "suit", "due_on"
            )
        )
        for suit in batch:
            told = suit.borrower_id in kept or bool(kinds_of(holds, suit.borrower_id))
            known = [at_desk.get(loan, (0, 0)) for loan in suit.loans]
            left, late = (sum(each) for each in zip(*known, strict=True))
            booked = in_book(suit, now) or (left, late)
            current, by = lacks_ground(suit.state, booked[1]), decide_by.get(suit.pk)
            decided = current != (by is not None) or (by is not None and by < today_of(now))
            if told or decided or min(left, booked[0]) <= 0 or differs(suit, booked[1]):
                found.append(suit.borrower_id)
    return found


_OWED = ("loan_id", "outstanding", "past_due_amount")


def stop_due(now: datetime) -> int:
    """Stop every suit that has nothing to sue for any more; how many."""
    running = Suit.objects.filter(ended_at=None).exclude(state="withdrawing").order_by("borrower_id")
    stopped = 0
    for name in _may_stop(list(running), now):
        with transaction.atomic():
            borrower = hold_borrower(name)
            assert borrower is not None, "a suit has its borrower"
            stopped += stop_suit(borrower, now, actor="timetable")
    return stopped


def candidates(now: datetime, most: int = 200) -> list[tuple[Borrower, Assessment]]:
    """Borrowers whom the strategy would take to court, those soonest out of time first, then the largest gain."""
    wanted = Borrower.objects.filter(
        treatments__channel="court",
        treatments__state="planned",
        treatments__planned_on__gt=today_of(now) - _WANTED_LATELY,
        cases__closed_on=None,
    ).exclude(suits__ended_at=None, suits__isnull=False)
    rows = list(wanted.distinct().order_by("pk")[:most])
    found = _assess_all(rows, now)
    return sorted(found, key=lambda row: (bool(row[1].against), not row[1].urgent, -row[1].net, row[0].pk))


def _assess_all(
    rows: list[Borrower], now: datetime, *, running: bool = False
) -> list[tuple[Borrower, Assessment]]:
    """The assessment of many borrowers, each table and the book asked once."""
    names = [borrower.pk for borrower in rows]
    holds, today, pack = holds_of(names, now), today_of(now), pack_of()
    mine: dict[str, list[Loan]] = {name: [] for name in names}
    for loan in Loan.objects.filter(borrower_id__in=names, past_due_amount__gt=0, sold_at=None):
        mine[loan.borrower_id].append(loan)
    owners = {loan.loan_id: loan.borrower_id for loans in mine.values() for loan in loans}
    lasts = {loan: found.last_day for loan, found in runnings(pack, owners.keys(), owners, today).items()}
    terms, found = policy(settings.HOME).court, []
    for borrower in rows:
        loans = mine[borrower.pk]
        days = [lasts[loan.loan_id] for loan in loans if loan.loan_id in lasts]
        debt = Debt(
            sum(loan.past_due_amount for loan in loans),
            max((loan.days_past_due for loan in loans), default=0),
            min(days, default=None),
            kinds_of(holds, borrower.pk),
            running,
        )
        found.append((borrower, assess(debt, terms, pack, today)))
    return found
