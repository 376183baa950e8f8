"""Promises of the demo's own collectors, by the real code: a call each, a promise, and what became of it.

Who keeps a promise is drawn from one list here; that it was kept or broken is found by the payments, as always.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.models import Case, Contact, Conversation, Loan, Promise, Staff

#: How many promises each collector takes, and how many of 100 are paid: one chases less and listens more.
TAKEN = {"F1001": (24, 85), "F1009": (24, 40)}
#: A promise falls due that many days after the call.
_DUE = (3, 10)
#: Of 100 who are called that many pick up.
_ANSWERS = 70
PromisedPayment = tuple[str, str, date, int]


def live_promises(
    at: Callable[[date, int, int], datetime], day: date, people: list[Staff], chance: Random, parts: int
) -> list[Promise]:
    """The collectors' day, a part of their month; the promises that will be kept."""
    cases = iter(
        Case.objects.filter(closed_on=None, handler="internal", held=False)
        .select_related("borrower")
        .order_by("borrower_id")
    )
    promised: list[tuple[Promise, int]] = []
    for turn, person in enumerate(people):
        count, keeps = TAKEN[person.number]
        for number in range(count // parts):
            for case in cases:
                now = at(day, 9 + number % 9, 10 + turn)
                if (call := _call(case, person, now, chance)) is not None:
                    promised.append((call, keeps))
                    break
    return [promise for promise, keeps in promised if chance.randrange(100) < keeps]


def pay_promises(at: Callable[[date, int, int], datetime], kept: list[Promise]) -> list[PromisedPayment]:
    """Pay them on their days; the payments as the lender's next feed has them."""
    paid: list[PromisedPayment] = []
    for promise in sorted(kept, key=lambda one: (one.due_on, one.pk)):
        name, loan = f"DEMO-P{promise.pk}", promise.loans[0]
        incoming = IncomingPayment(name, loan, promise.due_on, promise.amount)
        if not isinstance(record_payment(incoming, at(promise.due_on, 12, 0), actor="demo"), Problem):
            paid.append((name, loan, promise.due_on, promise.amount))
    return paid


def _call(case: Case, person: Staff, now: datetime, chance: Random) -> Promise | None:
    """One call, and the promise it brings; None where nobody may be called, picks up or can promise."""
    loans = list(Loan.objects.filter(borrower=case.borrower, past_due_amount__gt=0).order_by("pk"))
    planned = planned_call(case.borrower)
    if len(loans) != 1 or not planned.point:
        return None
    attempt = make_contact(
        ContactDraft(case.borrower_id, planned, staff=person), now, actor=f"staff:{person.number}"
    )
    if isinstance(attempt, Problem) or attempt.answer.permit is None:
        return None
    ended = now + timedelta(minutes=4)
    if chance.randrange(100) >= _ANSWERS:
        record_outcome(Outcome(attempt.contact.pk, "no_answer"), person, ended)
        return None
    outcome = Outcome(
        attempt.contact.pk,
        "promise",
        "willing",
        "late_income",
        seconds=170,
        disclosed=("recorded",),
        loans=(loans[0].pk,),
        amount=loans[0].past_due_amount,
        due_on=(ended + timedelta(days=chance.randint(*_DUE))).date(),
    )
    said = record_outcome(outcome, person, ended)
    if not isinstance(said, Conversation):
        return None
    # what confirms it would leave weeks too late: the demo's workers start today
    Contact.objects.filter(borrower=case.borrower, template="promise_confirmed", state="waiting").update(
        state="cancelled", outcome="not_sent", ended_at=ended, **Reason.of("day_passed").columns()
    )
    return Promise.objects.get(pk=said.effects["promise"])
