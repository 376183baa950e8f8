"""Repayment plans: what may be offered, agreeing one, the second signature, and judging it by the payments.

While a plan is kept nothing is chased. A missed instalment is notified and worked out with the borrower; only that
many as the policy says break the plan.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.agreements.agreement import agreed_loans
from forbear.actions.agreements.promises import cancel_promise, payments_of
from forbear.actions.contacts.cancellation import cancel_answers
from forbear.actions.contacts.notify_borrower import notify_borrower, text_language
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.instructions.instructions import instruct, withdraw
from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.signatures.second_signature import signature_problem
from forbear.core.agreements.plan import (
    Budget,
    PlanLine,
    PlanPolicy,
    affordable_offers,
    check_plan,
    needs_second_signature,
    offers,
    plan_state,
)
from forbear.core.agreements.promise import Paid
from forbear.core.agreements.request import due_on
from forbear.core.base.problem import Problem, noop
from forbear.core.base.reason import NO_REASON, Reason
from forbear.core.content.template import Money, day_text, money_text
from forbear.core.loans.account import NOT_DUE
from forbear.core.loans.adjustments import Adjustment
from forbear.core.loans.allocation import allocate, counted_payments
from forbear.interchange.home.country import language_of
from forbear.interchange.home.policy import policy
from forbear.store import evidence
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, Hold, Loan, Plan, Request, Staff
from forbear.store.problem_text import sentence_in
from forbear.store.situation import lock_row

#: How long a plan may wait for its second signature while nothing is chased.
_SIGNING = timedelta(days=3)
_RUNNING = ("proposed", "active")
#: Plans that payments are judged by: a bounced payment takes a kept one back, a late posting a broken one.
JUDGED = ("active", "kept", "broken")


@dataclass(frozen=True, slots=True)
class Proposed:
    """A plan as somebody wants it: `lines` sum to what is past due on `loans`, all of one currency.

    `replaces`: it takes the place of the plan or promise that runs, once it runs itself. What waits for its second
    signature may be declined, and then the borrower keeps what they had.
    """

    borrower_id: str
    loans: tuple[str, ...]
    lines: tuple[PlanLine, ...]
    budget: Budget | None = None
    replaces: bool = False


def lines_of(plan: Plan) -> list[PlanLine]:
    """A stored plan's instalments."""
    return [PlanLine(number, date.fromisoformat(due_on), amount) for number, due_on, amount in plan.lines]


def late_loans(borrower_id: str, among: Collection[str] = ()) -> list[Loan]:
    """The borrower's late loans of the latest-paid one's currency and creditor; `among` narrows them to these."""
    rows = Loan.objects.filter(borrower_id=borrower_id, past_due_amount__gt=0, sold_at=None)
    if among:
        rows = rows.filter(loan_id__in=among)
    late = list(rows.order_by("-days_past_due", "loan_id"))
    return [loan for loan in late if loan.one_debt == late[0].one_debt]


def plan_offers(
    borrower_id: str, monthly: int | Budget, now: datetime, *, among: Collection[str] = ()
) -> list[list[PlanLine]]:
    """The plans the policy allows for what is past due, the shortest first; the first instalment within a month.

    `monthly` is an amount in minor units, or a budget from which what can be afforded is computed, beside the
    instalments of the borrower that go on falling due; `among` narrows the loans to these.
    """
    late, today = late_loans(borrower_id, among), business_date(now)
    owed = sum(loan.past_due_amount for loan in late)
    if owed == 0:
        return []
    terms = policy(settings.HOME).plan
    first_on = today + timedelta(days=min(30, terms.first_within))
    if isinstance(monthly, Budget):
        running = running_instalments(borrower_id, late[0].currency, today)
        return affordable_offers(owed, monthly, terms, first_on, today, running)
    return offers(owed, monthly, terms, first_on)


def running_instalments(borrower_id: str, currency: str, today: date) -> list[PlanLine]:
    """What of all the borrower's loans in a currency is still to fall due, by day; none where no book is known."""
    ledger = ledger_of(borrower_id)
    if ledger is None:
        return []
    record, products = ledger
    due = []
    for loan in record.loans:
        if loan.currency != currency or not loan.owes(today):
            continue
        product = products.get(loan.product)
        spreads = allocate(
            loan.instalments,
            sum(payment.amount for payment in counted_payments(loan.payments, today)),
            product.allocation_order,
            due_date_rule=product.due_date_rule,
            calendar=product.calendar,
        ).spreads
        due += [
            PlanLine(each.instalment.number, each.falls_due_on, each.unpaid.total)
            for each in spreads
            if today <= each.falls_due_on < NOT_DUE and each.unpaid.total
        ]
    return sorted(due, key=lambda line: line.due_on)


def propose_plan(
    wanted: Proposed, now: datetime, *, actor: str, staff: Staff | None = None
) -> Plan | list[Problem]:
    """Agree a plan. Within one signature's limits it begins at once; above them it waits for a second person.

    `staff` is who agreed it with the borrower, None when the borrower did it themselves. Nothing is chased meanwhile.
    """
    terms, today = policy(settings.HOME).plan, business_date(now)
    with transaction.atomic():
        about = agreed_loans(wanted.borrower_id, wanted.loans, noop("a plan"), now)
        if isinstance(about, Problem):
            return [about]
        borrower, loans = about
        owed = sum(loan.past_due_amount for loan in loans)
        running = running_instalments(borrower.pk, loans[0].currency, today) if wanted.budget else []
        problems = check_plan(wanted.lines, owed, today, terms, wanted.budget, running)
        problems += [] if wanted.replaces else _in_its_way(borrower)
        if problems:
            return problems
        waits = needs_second_signature(wanted.lines, terms)
        _replace(borrower, now, actor, states=("proposed",) if waits else _RUNNING)
        plan = Plan.objects.create(
            borrower=borrower,
            loans=sorted(wanted.loans),
            amount=owed,
            currency=loans[0].currency,
            minor_unit=loans[0].minor_unit,
            lines=[[line.number, line.due_on.isoformat(), line.amount] for line in wanted.lines],
            terms=_terms(loans, wanted.lines),
            budget=asdict(wanted.budget) if wanted.budget else {},
            state="proposed" if waits else "active",
            proposed_on=today,
            agreed_on=None if waits else today,
            proposed_by=staff,
        )
        plan.hold = _hold(plan, now, actor, now + _SIGNING if waits else _last_moment(plan, terms))
        plan.save()
        _log_event(plan, "", now, actor)
        if not waits:
            _begin(plan, borrower, now, actor)
        return plan


def _begin(plan: Plan, borrower: Borrower, now: datetime, actor: str) -> None:
    """A plan that runs: the loan system is told, and the borrower."""
    dues = tuple((line.due_on, line.amount) for line in lines_of(plan))
    for loan_id in plan.loans:
        adjustment = Adjustment("plan", loan_id, business_date(now), plan_lines=dues)
        instruct(borrower, adjustment, plan.currency, now, source="plan", reference=str(plan.pk), actor=actor)
    _confirm(plan, borrower, now)


def _in_its_way(borrower: Borrower) -> list[Problem]:
    """The plan or promise that runs, which a plan that doesn't replace it can't stand beside."""
    problems = []
    if borrower.plans.filter(state__in=_RUNNING).exists():
        problems.append(Problem("plan_open", "there is a plan already; end it first if it is replaced"))
    if borrower.promises.filter(state="open").exists():
        problems.append(
            Problem(
                "promise_open_before_plan",
                "there is an open promise; cancel it first if the plan replaces it",
            )
        )
    return problems


def _replace(borrower: Borrower, now: datetime, actor: str, *, states: Collection[str], by: int = 0) -> None:
    """End the plans in these states in whose place the plan `by` comes; with one that runs its promises end too."""
    note = sentence_in(language_of(settings.HOME, borrower.language), noop("Replaced by a new plan"))
    for plan in borrower.plans.filter(state__in=states).exclude(pk=by):
        end_plan(plan.pk, now, actor=actor, note=note)
    for promise in borrower.promises.filter(state="open") if "active" in states else ():
        cancel_promise(promise.pk, now, actor=actor, reason=Reason.of("plan", state="ended"))


def _confirm(plan: Plan, borrower: Borrower, now: datetime) -> None:
    """What was agreed, to keep: by e-mail or letter, where there is an address."""
    language = text_language(borrower)
    lines = [
        f"{number}. {day_text(date.fromisoformat(due_on), language)} · "
        f"{money_text(Money(amount, plan.currency), language)}"
        for number, due_on, amount in plan.lines
    ]
    notify_borrower(
        borrower,
        "plan_agreed",
        now,
        about=f"plan:{plan.pk}",
        loans=tuple(plan.loans),
        outstanding=Money(plan.amount, plan.currency),
        count=len(plan.lines),
        plan="\n".join(lines),
    )


def _terms(loans: list[Loan], lines: tuple[PlanLine, ...]) -> dict[str, object]:
    """The six terms a Chinese card plan must have (商业银行信用卡业务监督管理办法 art. 70), kept for every plan.

    1 what is owed, its parts and currency; 2 period, currency, days and amount of each instalment; 3 what is charged
    meanwhile; 4 no new credit until it is paid; 5 duties, and what follows when they aren't kept; 6 whatever else.
    """
    return {
        "owed": {
            part: sum(getattr(loan, f"past_due_{part}") for loan in loans)
            for part in ("principal", "interest", "fee", "penalty")
        },
        "currency": loans[0].currency,
        "instalments": len(lines),
        "first_on": lines[0].due_on.isoformat(),
        "last_on": lines[-1].due_on.isoformat(),
        "charged_meanwhile": 0,
        "no_new_credit_until_paid": True,
        "if_missed": "the borrower gets a message; the plan ends after the number of missed instalments in the policy",
        "else": "paying sooner costs nothing",
    }


def _last_moment(plan: Plan, terms: PlanPolicy) -> datetime:
    """The end of the last day on which the plan can still be kept."""
    return day_end(lines_of(plan)[-1].due_on + timedelta(days=terms.grace_days))


def _hold(plan: Plan, now: datetime, actor: str, ends_at: datetime) -> Hold:
    return place_known_hold(
        plan.borrower_id,
        "plan",
        now,
        actor=actor,
        loans=tuple(plan.loans),
        ends_at=ends_at,
        source="plan",
        own=True,
    )


def sign_plan(plan_id: int, staff: Staff, now: datetime) -> Plan | Problem:
    """The second signature, by somebody who didn't propose it."""
    with transaction.atomic():
        plan = lock_row(Plan, plan_id, "hold")
        if plan is None or plan.state != "proposed":
            return Problem("no_plan_to_approve", "no such plan is waiting for approval")
        if plan.proposed_by_id == staff.pk:
            return Problem(
                "plan_own_approval",
                "a plan must be approved by somebody other than the person who proposed it",
            )
        if refused := signature_problem([plan.proposed_by_id], staff, now):
            return refused
        actor, terms = f"staff:{staff.number}", policy(settings.HOME).plan
        # what ran when it was proposed has gone on until now
        _replace(plan.borrower, now, actor, states=("active",), by=plan.pk)
        plan.state, plan.signed_by, plan.agreed_on = "active", staff, business_date(now)
        lift_running(plan.hold, now, actor=actor, reason=Reason.of("plan_signed"))
        plan.hold = _hold(plan, now, actor, _last_moment(plan, terms))
        plan.save()
        _log_event(plan, "proposed", now, actor)
        _begin(plan, plan.borrower, now, actor)
        _end_help(plan, now, actor)
        evaluate_plans(plan.borrower, now, actor=actor, reason=Reason.of("plan_signed"))
        plan.refresh_from_db()
        return plan


def _end_help(plan: Plan, now: datetime, actor: str) -> None:
    """The plan that a request was granted runs: the hold of the request has done its work."""
    for request in Request.objects.filter(borrower=plan.borrower_id, granted__plan=plan.pk).select_related(
        "hold"
    ):
        reason = Reason.of("request_answered", request=request.number)
        lift_running(request.hold, now, actor=actor, reason=reason)


def _reopen(plan: Plan, now: datetime) -> None:
    """A plan that was granted and then declined grants nothing: its request waits for an answer again."""
    terms = policy(settings.HOME)
    for request in Request.objects.filter(borrower=plan.borrower_id, granted__plan=plan.pk):
        request.state, request.outcome, request.answered_at, request.answered_by = "open", "", None, None
        request.granted, request.answer, request.review_on = {}, "", None
        request.due_on = due_on(request.kind, business_date(now), terms.calendar, terms.clocks)
        request.save()


def end_plan(plan_id: int, now: datetime, *, actor: str, note: str) -> Plan | Problem:
    """Decline a plan that waits, or end one that runs; collection may go on."""
    if not note.strip():
        return Problem("plan_end_reason_missing", "say why the plan ends; the borrower will read it")
    with transaction.atomic():
        plan = lock_row(Plan, plan_id, "hold")
        if plan is None or plan.state not in _RUNNING:
            return Problem("no_running_plan", "no such plan is running")
        plan.reason_note = note.strip()[:300]
        _end(plan, now, actor, Reason.of("plan", state="ended"))
        return plan


def end_settled_plans(borrower: Borrower, loans: Collection[str], now: datetime, *, actor: str) -> int:
    """End the plans of loans that were settled: nothing is owed by them any more. The caller holds the borrower."""
    running = Plan.objects.filter(borrower=borrower, state__in=_RUNNING).select_related("hold").order_by("pk")
    settled = [plan for plan in running if set(plan.loans) <= set(loans)]
    for plan in settled:
        _end(plan, now, actor, Reason.of("settlement", state="kept"))
    return len(settled)


def _end(plan: Plan, now: datetime, actor: str, reason: Reason) -> None:
    before, plan.state, plan.ended_on = plan.state, "ended", business_date(now)
    lift_running(plan.hold, now, actor=actor, reason=reason)
    plan.save()
    withdraw(plan.borrower, "plan", str(plan.pk), now, actor=actor)
    cancel_answers(plan.borrower, f"plan:{plan.pk}", now, actor=actor, reason=reason)
    if before == "proposed":
        _reopen(plan, now)
    _log_event(plan, before, now, actor, reason)


def plans_moved(
    plans: Sequence[Plan], payments: Sequence[Paid], today: date, terms: PlanPolicy
) -> list[tuple[Plan, str, int]]:
    """Of these plans those that stand otherwise than is written: each with its state and what was paid."""
    moved_plans = []
    for plan in plans:
        assert plan.agreed_on is not None, "a plan that began has its day"
        paid = sum(
            payment.amount
            for payment in payments
            if payment.loan_id in plan.loans and payment.paid_on >= plan.agreed_on
        )
        state = plan_state(lines_of(plan), paid, today, terms)
        if (state, paid) != (plan.state, plan.paid):
            moved_plans.append((plan, state, paid))
    return moved_plans


def evaluate_plans(borrower: Borrower, now: datetime, *, actor: str, reason: Reason = NO_REASON) -> int:
    """Judge the borrower's plans again by the payments since each began; how many changed. The caller holds them.

    A plan kept by a payment that bounced runs again, one broken before a late posting was received, too.
    """
    changed, terms, today = 0, policy(settings.HOME).plan, business_date(now)
    plans = list(Plan.objects.filter(borrower=borrower, state__in=JUDGED).order_by("pk"))
    for plan, state, paid in plans_moved(plans, payments_of(borrower) if plans else [], today, terms):
        before, plan.state, plan.paid = plan.state, state, paid
        if before != state:
            changed += 1
            plan.ended_on = None if state == "active" else today
            if state == "active":
                plan.hold = _hold(plan, now, actor, _last_moment(plan, terms))
            else:
                lift_running(plan.hold, now, actor=actor, reason=Reason.of("plan", state=state))
                withdraw(borrower, "plan", str(plan.pk), now, actor=actor)
            _log_event(plan, before, now, actor, reason)
        plan.save()
    return changed


def _log_event(plan: Plan, before: str, now: datetime, actor: str, reason: Reason = NO_REASON) -> None:
    evidence.append(
        "plan",
        at=now,
        actor=actor,
        borrower=plan.borrower_id,
        body={
            "plan": plan.pk,
            "from": before,
            "state": plan.state,
            "amount": plan.amount,
            "currency": plan.currency,
            "instalments": len(plan.lines),
            "paid": plan.paid,
            "reason": reason.as_dict(),
        },
        personal={"note": plan.reason_note} if plan.reason_note else None,
    )
