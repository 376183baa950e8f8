"""Each effect of an answer, done: what `core.agreements.answers` declares is what happens here, and nothing else.

An effect returns what stands in its way, and then nothing of the answer is done. The caller holds the borrower and
is in the transaction of the answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings

from forbear.actions.agencies.recalls import recall_of_borrower
from forbear.actions.agreements.plans import Proposed, late_loans, propose_plan
from forbear.actions.answers.differences import hold_difference
from forbear.actions.answers.moved_due_dates import write_due_change
from forbear.actions.cases.payments import cancel_pending_contacts
from forbear.actions.holds.holds import lift_running, place_known_hold
from forbear.actions.instructions.instructions import instruct
from forbear.actions.requests.data_copies import copy_data
from forbear.actions.requests.due_dates import next_dues
from forbear.actions.requests.fulfil_request import grant
from forbear.actions.requests.written_notice import write_notice
from forbear.core.agreements.answers import Answer, Granted
from forbear.core.agreements.plan import PlanLine, spread
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.adjustments import Adjustment
from forbear.interchange.home.country import language_of
from forbear.store.business_date import business_date, day_end
from forbear.store.models import Borrower, Case, Document, Hold, Loan, Plan, Request, Staff

Wrong = Problem | list[Problem] | None
#: The first instalment of a plan that an answer grants falls due after so long.
_FIRST_AFTER = timedelta(days=30)


@dataclass(slots=True)
class Work:
    """An answer being carried out; `did` is what it made, for the record."""

    request: Request
    answer: Answer
    granted: Granted
    now: datetime
    actor: str
    staff: Staff
    did: dict[str, object] = field(default_factory=dict)
    plan: Plan | None = None

    @property
    def borrower(self) -> Borrower:
        """Whose request it is."""
        return self.request.borrower

    @property
    def today(self) -> date:
        """The lender's day."""
        return business_date(self.now)


def carry_out(work: Work) -> Wrong:
    """Do every effect in the order of the table; what went wrong, or None when all is done."""
    for name in work.answer.effects:
        if wrong := _DOES[name](work):
            return wrong
    return None


def _pause(work: Work) -> Wrong:
    """A hold until the day, an instruction for each loan that owes anything, and the case computed again."""
    assert work.granted.until is not None, "checked before"
    write_pause(work.request, work.granted.until, work.answer.grace_days, work.now, actor=work.actor)
    return None


def write_pause(request: Request, until: date, grace_days: int, now: datetime, *, actor: str) -> Hold:
    """Payments rest until the end of `until`; nobody is asked for anything before `grace_days` more have passed."""
    borrower = request.borrower
    hold = place_known_hold(
        borrower.borrower_id,
        "forbearance",
        now,
        actor=actor,
        loans=tuple(request.loans),
        ends_at=day_end(until + timedelta(days=grace_days)),
        source="answer",
        review_on=request.review_on,
        own=True,
    )
    loans = Loan.objects.filter(borrower=borrower, payoff__gt=0, sold_at=None).order_by("pk")
    named = loans.filter(pk__in=request.loans) if request.loans else loans
    for loan in named:
        adjustment = Adjustment("pause", loan.loan_id, business_date(now), on=until + timedelta(days=1))
        instruct(
            borrower, adjustment, loan.currency, now, source="request", reference=request.number, actor=actor
        )
    request.hold, before = hold, request.hold
    if before is not None and before.pk != hold.pk:
        lift_running(before, now, actor=actor, reason=Reason.of("request_answered", request=request.number))
    reason = Reason.of("granted")
    cancel_pending_contacts(borrower, [loan.loan_id for loan in named], now, actor=actor, reason=reason)
    return hold


def _plan(work: Work) -> Wrong:
    """A plan of the monthly amount for all that is late; above one person's limits it waits for a second."""
    late = late_loans(work.borrower.borrower_id, work.request.loans)
    owed = sum(loan.past_due_amount for loan in late)
    if not owed:
        return Problem("nothing_past_due", "nothing is past due")
    months = -(-owed // work.granted.monthly)
    lines: list[PlanLine] = spread(owed, months, work.today + _FIRST_AFTER)
    wanted = Proposed(work.borrower.borrower_id, tuple(loan.loan_id for loan in late), tuple(lines))
    plan = propose_plan(wanted, work.now, actor=work.actor, staff=work.staff)
    if not isinstance(plan, Plan):
        return plan
    work.did["plan"], work.plan = plan.pk, plan
    return None


def _due_date(work: Work) -> Wrong:
    """The next instalment falls due on the new day."""
    assert work.granted.to is not None, "checked before"
    dues = next_dues(work.borrower.borrower_id, work.now)
    loan_id = str(work.request.details.get("loan", "")) or next(iter(work.request.loans), "")
    if not loan_id and len(dues) == 1:
        loan_id = next(iter(dues))
    due = dues.get(loan_id)
    if due is None:
        return Problem("no_instalment_to_move", "this loan has no instalment that falls due")
    if work.granted.to <= due.due_on:
        return Problem(
            "new_day_too_early", "the new day lies after the old due date %(due_on)s", due_on=due.due_on
        )
    change = write_due_change(work.borrower, loan_id, due, work.granted.to, work.now, actor=work.actor)
    work.did["due_change"] = change.pk
    return None


def _difference(work: Work) -> Wrong:
    """What was found wrong is asked for no more, line by line."""
    amount = work.granted.amount if "amount" in work.answer.needs else 0
    held = hold_difference(work.request, amount, work.now, actor=work.actor)
    if isinstance(held, Problem):
        return held
    work.did["lines"] = held
    return None


def _recalled(work: Work) -> Wrong:
    """The case leaves whom the complaint is about."""
    recall_of_borrower(work.borrower, "lender", work.now, actor=work.actor)
    Case.objects.filter(borrower=work.borrower, closed_on=None).update(collector=None, leased_until=None)
    return None


def _stays(work: Work) -> Wrong:
    """The hold of the request goes on, with the day on which a person looks at it."""
    hold = work.request.hold
    if hold is not None:
        hold.review_on = work.request.review_on
        hold.save(update_fields=["review_on"])
    return None


def _hold_ends(work: Work) -> Wrong:
    """What the request stopped goes on, except while the plan that replaces it waits for its second signature."""
    waits = work.plan is not None and work.plan.state == "proposed"
    hold = work.request.hold
    if hold is None or hold.kind == "forbearance" or waits:
        return None
    reason = Reason.of("request_answered", request=work.request.number)
    lift_running(hold, work.now, actor=work.actor, reason=reason)
    return None


def _record(work: Work) -> Wrong:
    """What the fields of the request say is on file."""
    grant(work.request, work.now, actor=work.actor)
    return None


def _paper(work: Work) -> Wrong:
    """The notice is written."""
    language = language_of(settings.HOME, work.borrower.language)
    paper = write_notice(work.borrower.borrower_id, language, work.now)
    if not isinstance(paper, Document):
        return paper
    work.did["document"] = paper.code
    return None


def _copy(work: Work) -> Wrong:
    """The copy is made, and is on record."""
    copy_data(work.borrower, work.now)
    return None


def _by_others(work: Work) -> Wrong:
    """Done by what other effects do, or before them: holds call placements back, instructions and reports follow from
    what is held, and a complaint's register is written as it is looked into.
    """
    return None


_DOES: Mapping[str, Callable[[Work], Wrong]] = {
    "pause": _pause,
    "plan": _plan,
    "due_date": _due_date,
    "difference": _difference,
    "recalled": _recalled,
    "stays": _stays,
    "hold_ends": _hold_ends,
    "register": _by_others,
    "record": _record,
    "paper": _paper,
    "copy": _copy,
    "barred": _by_others,
    "instruction": _by_others,
    "bureau": _by_others,
    "notice": _by_others,
}
