"""What was granted counts over the night, too: the staged rows of those borrowers say what was promised to them.

A night decides on the book as the feed has it. Where something was granted that the feed doesn't show yet, or a loan
was sold, core computes the borrower again. The desk gets that: no case where nothing is late, and no treatment that the
promised figures don't call for.
"""

import json
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection

from forbear.actions.instructions.instructions import compare_with_feed
from forbear.actions.selectors.ledger import Ledger, book_lines_of, with_paid_and_granted
from forbear.core.facts.borrower import Standing, facts_of, standing, worst
from forbear.core.facts.vocabulary import facts_known
from forbear.core.scores.score import score_facts
from forbear.core.strategy.arms import facts_by_day
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.queue import expected_cash
from forbear.core.strategy.stage import days_in, decide, looks_ahead
from forbear.interchange.book.book import open_book
from forbear.interchange.book.ledger_lines import read_ledger_lines
from forbear.interchange.home.scores import scores_on
from forbear.interchange.home.strategies import strategy as the_strategy
from forbear.store.business_date import day_end
from forbear.store.desk_facts import desk_facts
from forbear.store.models import Case, Instruction, Loan
from forbear.store.models.instruction import IN_FORCE
from forbear.store.sql_value import SqlValue

#: A stage, and the day since which a case is in it.
InStage = tuple[str, date]
_AT_NIGHT = frozenset(fact.name for fact in facts_known({"night"}))
_LOAN_ROW = """
update new_loan set days_past_due = %s, past_due_amount = %s, past_due_principal = %s, past_due_interest = %s,
    past_due_fee = %s, past_due_penalty = %s, outstanding = %s, payoff = %s, balance = %s, bucket = %s,
    oldest_unpaid_due_on = %s
where loan_id = %s
"""
_CASE_ROW = """
update new_case set worst_loan = %s, stage = %s, handler = %s, held = %s, facts = %s, value = %s where borrower_id = %s
"""


def stage_granted(as_of: date, now: datetime) -> int:
    """Put what was granted into the staging tables; how many borrowers. The caller has staged the night."""
    names = set(Instruction.objects.filter(state__in=IN_FORCE).values_list("borrower_id", flat=True))
    names |= set(Loan.objects.filter(sold_at__isnull=False).values_list("borrower_id", flat=True))
    if not names:
        return 0
    staged, desk = _staged_cases(), _desk_stages(sorted(names))
    books = _newest_lines(sorted(names), staged.keys())
    compare_with_feed({name: record.loans for name, (record, _) in books.items()}, now)
    strategy = the_strategy(settings.HOME, as_of)
    known = desk_facts(min(now, day_end(as_of) - timedelta(microseconds=1)), sorted(books)) if books else {}
    records = with_paid_and_granted([record for record, _ in books.values()])
    done = 0
    for (name, (_, products)), record in zip(books.items(), records, strict=True):
        if name in staged:
            _restage(
                name, (record, products), strategy, as_of, staged[name], desk.get(name), known.get(name, {})
            )
            done += 1
    return done


def _newest_lines(names: list[str], staged: Collection[str]) -> dict[str, Ledger]:
    """Their lines in the book of this night: those staged as new, else those that the desk has already.

    Of those whom the night gives no case the desk's lines may be old: the book itself is read.
    """
    ledgers = book_lines_of([name for name in names if name in staged])
    ledgers |= book_lines_of([name for name in names if name not in staged], published=False)
    marks = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(f"select borrower_id, lines from new_ledger where borrower_id in ({marks})", names)
        rows = cursor.fetchall()
    if rows:
        products = open_book(settings.HOME.book).products()
        for name, lines in rows:
            read = lines if isinstance(lines, dict) else json.loads(lines)
            ledgers[name] = (read_ledger_lines(name, read), products)
    return ledgers


def _staged_cases() -> dict[str, tuple[str, dict, str]]:
    """The stage, the facts and the arms of each borrower whom the night gives a case."""
    with connection.cursor() as cursor:
        cursor.execute("select borrower_id, stage, facts, coalesce(arms, '') from new_case")
        return {
            name: (stage, facts if isinstance(facts, dict) else json.loads(facts), arms)
            for name, stage, facts, arms in cursor.fetchall()
        }


def _desk_stages(names: list[str]) -> dict[str, InStage]:
    """The stage in which the desk has each open case, and since when."""
    return {
        name: (stage, as_of - timedelta(days=int(facts.get("days_in_stage", 0))))
        for name, stage, facts, as_of in Case.objects.filter(
            borrower_id__in=names, closed_on=None
        ).values_list("borrower_id", "stage", "facts", "as_of")
    }


def _restage(
    name: str,
    ledger: Ledger,
    strategy: Strategy,
    as_of: date,
    staged: tuple[str, dict, str],
    desk: InStage | None,
    known: dict,
) -> None:
    record, products = ledger
    standings = [standing(loan, products.get(loan.product), as_of) for loan in record.loans]
    facts = facts_of(
        record.borrower,
        record.loans,
        products,
        as_of,
        lookahead=looks_ahead(strategy),
        feed_doubt=record.feed_doubt,
        previous_stage=str(staged[1].get("previous_stage", "")),
        desk=known,
    )
    if facts is not None:
        facts |= score_facts(scores_on(settings.HOME, as_of), facts)
        facts |= facts_by_day(strategy, staged[2], bool(staged[1].get("in_holdout")), facts)
    with connection.cursor() as cursor:
        for one in standings:
            cursor.execute(_LOAN_ROW, _loan_row(one))
        cursor.execute("delete from new_treatment where borrower_id = %s", [name])
        decision = decide(strategy, facts) if facts is not None else None
        if facts is None or decision is None or not decision.stage:
            cursor.execute("delete from new_case where borrower_id = %s", [name])
            cursor.execute("delete from new_ledger where borrower_id = %s", [name])
            return
        # where what was granted moved it, the night has it in another stage: each would be the first day there
        facts["days_in_stage"] = (
            int(staged[1].get("days_in_stage", 0))
            if decision.stage == staged[0]
            else days_in(decision.stage, desk, as_of)
        )
        decision = decide(strategy, facts)
        seen = [one for one in standings if one.in_sight(looks_ahead(strategy))]
        loan_id = worst(seen).loan.loan_id
        at_night = json.dumps(
            {fact: value for fact, value in facts.items() if fact in _AT_NIGHT},
            default=str,
        )
        value = expected_cash(int(facts["days_past_due"]), int(facts["total_past_due"]))
        row: list[SqlValue] = [
            loan_id,
            decision.stage,
            decision.handler,
            decision.held,
            at_night,
            value,
            name,
        ]
        cursor.execute(_CASE_ROW, row)
        (rule,) = (rule for rule in strategy.stages if rule.stage == decision.stage)
        for treatment in decision.treatments:
            position = (
                rule.treatments.index(treatment) if treatment in rule.treatments else len(rule.treatments)
            )
            cursor.execute(
                "insert into new_treatment (borrower_id, loan_id, stage, channel, template, position) "
                "values (%s, %s, %s, %s, %s, %s)",
                [name, loan_id, decision.stage, treatment.channel, treatment.template, position],
            )


def _loan_row(one: Standing) -> list[SqlValue]:
    late = one.arrears
    parts = late.past_due
    return [
        *(
            late.days_past_due,
            late.past_due_amount,
            parts.principal,
            parts.interest,
            parts.fee,
            parts.penalty,
        ),
        *(
            late.outstanding,
            late.payoff,
            late.balance,
            late.bucket,
            late.oldest_unpaid_due_on,
            one.loan.loan_id,
        ),
    ]
