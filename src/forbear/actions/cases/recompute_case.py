"""Compute a borrower's case again by day: the same pure rules as the night's, on the book and what was received since.

Nothing is patched: a back-dated, bounced or corrected payment needs no special case. A case whose arrears are
gone closes, one whose payment bounced opens again, with the figures before and after in evidence.
"""

from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.agencies.recalls import recall_paid
from forbear.actions.agreements.evaluation import evaluate_agreements
from forbear.actions.cases.notice_reviews import review_notices
from forbear.actions.selectors.ledger import Ledger, ledger_of
from forbear.core.base.reason import Reason
from forbear.core.facts.borrower import facts_of, standing, worst
from forbear.core.facts.vocabulary import facts_known
from forbear.core.loans.products import Products
from forbear.core.scores.score import score_facts
from forbear.core.strategy.arms import facts_by_day
from forbear.core.strategy.queue import expected_cash
from forbear.core.strategy.stage import days_in, decide, looks_ahead
from forbear.interchange.book.read import BorrowerRecord
from forbear.interchange.home.scores import scores_on
from forbear.interchange.home.strategies import strategy as the_strategy
from forbear.store import evidence
from forbear.store.business_date import business_date
from forbear.store.desk_facts import desk_facts
from forbear.store.models import Borrower, Case, Loan

#: Figures of this age are refused by every pack: nobody is contacted on a case that couldn't be computed.
_UNKNOWN = datetime(1970, 1, 1, tzinfo=UTC)
#: What recomputing may change of a case.
_RECKONED = (
    *("worst_loan", "stage", "handler", "held", "facts", "value", "as_of", "figures_at", "closed_on"),
    *("collector", "leased_until"),
)
_AT_NIGHT = frozenset(fact.name for fact in facts_known({"night"}))


def recompute_case(
    borrower: Borrower, now: datetime, *, actor: str, reason: Reason, book_lines: Ledger | None = None
) -> None:
    """Recompute the borrower's open case. The caller holds the borrower.

    Without a book nothing is asked for until a night has run: the case's figures count as unknown. `book_lines` are
    the borrower's where the caller has read many at once.
    """
    assert transaction.get_connection().in_atomic_block, (
        "the figures and what they follow from commit together"
    )
    ledger = ledger_of(borrower.borrower_id, book_lines)
    if ledger is None:
        Case.objects.filter(borrower=borrower, closed_on=None).update(figures_at=_UNKNOWN)
        evaluate_agreements(borrower, now, actor=actor, reason=reason)
        return
    before = _seen(borrower)
    _write(borrower, *ledger, business_date(now), now)
    if evaluate_agreements(borrower, now, actor=actor, reason=reason):
        # a settlement that was kept settles its loans, one that wasn't doesn't any more
        ledger = ledger_of(borrower.borrower_id, book_lines) or ledger
        _write(borrower, *ledger, business_date(now), now)
    review_notices(borrower, *ledger, now, actor=actor, reason=reason)
    recall_paid(borrower, now, actor=actor)
    after = _seen(borrower)
    if before != after:
        kind = "case_closed" if before[0] and not after[0] else "case_opened" if not before[0] else "stage"
        evidence.append(
            kind,
            at=now,
            actor=actor,
            borrower=borrower.borrower_id,
            body={
                "reason": reason.as_dict(),
                "from": before[0],
                "to": after[0],
                "past_due_before": before[1],
                "past_due": after[1],
            },
        )


def _open_case(borrower: Borrower) -> Case | None:
    return Case.objects.filter(borrower=borrower, closed_on=None).first()


def _last_case(borrower: Borrower) -> Case | None:
    closed = Case.objects.filter(borrower=borrower, closed_on__isnull=False)
    return closed.order_by("-closed_on", "-pk").first()


def _seen(borrower: Borrower) -> tuple[str, int]:
    """(stage, past due) of the open case; ("", 0) when there is none."""
    case = _open_case(borrower)
    return (case.stage, int(case.facts.get("total_past_due", 0))) if case else ("", 0)


def _write(
    borrower: Borrower, record: BorrowerRecord, products: Products, today: date, now: datetime
) -> None:
    strategy = the_strategy(settings.HOME, today)
    standings = [standing(loan, products.get(loan.product), today) for loan in record.loans]
    for one in standings:
        arrears = one.arrears
        Loan.objects.filter(loan_id=one.loan.loan_id, borrower=borrower).update(
            days_past_due=arrears.days_past_due,
            past_due_amount=arrears.past_due_amount,
            past_due_principal=arrears.past_due.principal,
            past_due_interest=arrears.past_due.interest,
            past_due_fee=arrears.past_due.fee,
            past_due_penalty=arrears.past_due.penalty,
            outstanding=arrears.outstanding,
            payoff=arrears.payoff,
            balance=arrears.balance,
            bucket=arrears.bucket,
            oldest_unpaid_due_on=arrears.oldest_unpaid_due_on,
            as_of=today,
        )
    case = _open_case(borrower) or _last_case(borrower)
    facts = facts_of(
        record.borrower,
        record.loans,
        products,
        today,
        lookahead=looks_ahead(strategy),
        feed_doubt=record.feed_doubt,
        previous_stage=case.stage if case else "",
        desk=desk_facts(now, [borrower.borrower_id]).get(borrower.borrower_id, {}),
    )
    if case is None:
        return
    if facts is not None:
        facts |= score_facts(scores_on(settings.HOME, today), facts)
        facts |= facts_by_day(strategy, case.arms, bool(case.facts.get("in_holdout")), facts)
    stage = decide(strategy, facts).stage if facts is not None else ""
    if facts is None or not stage:
        case.closed_on = case.closed_on or today
        case.collector, case.leased_until = None, None
    else:
        since = case.as_of - timedelta(days=int(case.facts.get("days_in_stage", 0)))
        facts["days_in_stage"] = days_in(stage, (case.stage, since), today)
        decision = decide(strategy, facts)
        seen = [one for one in standings if one.in_sight(looks_ahead(strategy))]
        case.worst_loan = worst(seen).loan.loan_id
        case.stage, case.handler, case.held = decision.stage, decision.handler, decision.held
        case.facts = {name: value for name, value in facts.items() if name in _AT_NIGHT}
        case.value = expected_cash(int(facts["days_past_due"]), int(facts["total_past_due"]))
        case.closed_on = None
    case.as_of, case.figures_at = today, now
    case.save(update_fields=_RECKONED)
