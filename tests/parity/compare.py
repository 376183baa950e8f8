"""Runs two real nights over loans and holds every figure against core, one borrower at a time."""

import json
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from forbear.core.conditions.terms import arm_fact
from forbear.core.facts.borrower import Borrower, facts_of
from forbear.core.facts.vocabulary import facts_known
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.core.loans.loan import Loan
from forbear.core.loans.products import Products
from forbear.core.scores.model import ScoreModel
from forbear.core.scores.score import score_facts
from forbear.core.strategy.arms import HOLDOUT, InArm, active, arm_facts, arms_on
from forbear.core.strategy.choice import CHOICE, ChoiceTable, choice_table
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import decider, stage_change
from forbear.engine.columnar import connect, quote
from forbear.interchange.book.book import open_book
from forbear.interchange.book.comparison import Acceptance
from forbear.interchange.book.import_feed import import_feed
from forbear.night.run import Night, plan_night, run_night
from tests.core.score_models import made_model
from tests.parity.feeds import write_feed

STRATEGY = Path(__file__).with_name("everything.yaml")
DAYS_BETWEEN = 3
#: Ended between the two nights.
STOPPED = frozenset({"halted"})
#: Counts from the second night on.
SCORES = made_model(1)
#: Probabilities of some cells; the others have the ladder and the floors.
CHOICE_TABLE = json.dumps(
    {
        "cells": {
            f"{days}.{amount}.{language}.{mail}/{mask}": [100_000, 250_000, 250_001, 399_999]
            for days in range(3)
            for amount in range(2)
            for language in range(3)
            for mail in range(2)
            for mask in (11, 13, 15)
        }
    }
)
Desk = Mapping[str, Mapping[str, int | bool | str]]


def hold_equal(
    lender: Products,
    loans: list[Loan],
    borrowers: Mapping[str, Borrower],
    desk: Desk,
    as_of: date,
    partitions: int,
    texts: tuple[str, str] | None = None,
) -> int:
    """Assert that the night of `as_of`, after one three days before, equals core; returns the loans compared.

    `texts` are the strategies of the two nights; without them both have the one that asks for everything.
    """
    texts = texts or (STRATEGY.read_text(encoding="utf-8"),) * 2
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_feed(root / "feed", lender, loans, borrowers.values())
        report = import_feed(
            root / "book",
            root / "feed",
            quarantine=root / "quarantine",
            partitions=partitions,
            largest_quarantine=0,
        )
        assert report.quarantined_rows == 0, "these loans are all acceptable"
        told = _desk_file(desk, root / "desk.parquet")
        book = open_book(root / "book")
        before = as_of - timedelta(days=DAYS_BETWEEN)
        nights = {}
        for day, text in zip((before, as_of), texts, strict=True):
            begins = date.fromisoformat(book.manifest["first_day"] or str(day))
            if day < begins:
                continue
            stopped = tuple(sorted(STOPPED)) if day == as_of else ()
            refused = _refused_file(borrowers, root / "refused.parquet")
            inputs = plan_night(
                *(book, root / "nights", day, text, "everything.yaml", told),
                all_facts=True,
                stopped=stopped,
                choice=CHOICE_TABLE,
                refused=refused,
                scores_text=SCORES.text if day == as_of else "",
            )
            nights[day] = run_night(
                inputs, book, root / "nights", accepted=Acceptance("made-up days", "test")
            )
        stages: dict[str, tuple[str, date]] = {}
        arms: dict[str, dict[str, InArm]] = {}
        for day, night in nights.items():
            stopped = STOPPED if day == as_of else frozenset()
            text = texts[1] if day == as_of else texts[0]
            scores = SCORES if day == as_of else None
            stages = _compare(night, text, lender, loans, borrowers, desk, day, stages, arms, stopped, scores)
            assert _recorded(night) == {who: theirs for who, theirs in arms.items() if theirs}
    return len(loans)


def _refused_file(borrowers: Mapping[str, Borrower], path: Path) -> Path:
    """Some of the borrowers with options that the gate would refuse, as `_table` has them."""
    connection = connect()
    connection.execute("create table t (borrower_id varchar, option varchar)")
    rows = sorted(_table(borrowers).refused)
    if rows:
        connection.executemany("insert into t values (?, ?)", [list(row) for row in rows])
    connection.execute(f"copy t to {quote(path)} (format parquet)")
    connection.close()
    return path


def _table(borrowers: Mapping[str, Borrower]) -> ChoiceTable:
    refused = [(who, option) for who in borrowers if who[-1] in "24" for option in ("messages", "calls")]
    refused += [(who, "nothing") for who in borrowers if who[-1] in "13"]
    return ChoiceTable(choice_table(CHOICE_TABLE), frozenset(refused))


def _desk_file(desk: Desk, path: Path) -> Path | None:
    if not desk:
        return None
    facts = facts_known({"desk"})
    kinds = {"int": "integer", "bool": "boolean", "text": "varchar"}
    connection = connect()
    connection.execute(
        f"create table t (borrower_id varchar, {', '.join(f'{f.name} {kinds[f.kind]}' for f in facts)})"
    )
    rows = [[who, *(told.get(fact.name) for fact in facts)] for who, told in desk.items()]
    connection.executemany(f"insert into t values ({', '.join('?' * (1 + len(facts)))})", rows)
    connection.execute(f"copy t to {quote(path)} (format parquet)")
    connection.close()
    return path


def _compare(
    night: Night,
    text: str,
    lender: Products,
    loans: list[Loan],
    borrowers: Mapping[str, Borrower],
    desk: Desk,
    day: date,
    before: dict[str, tuple[str, date]],
    arms: dict[str, dict[str, InArm]],
    stopped: frozenset[str],
    scores: ScoreModel | None,
) -> dict[str, tuple[str, date]]:
    """Assert one night equal to core; returns each borrower's stage and since when. `arms` is the record."""
    late = _rows(night, "arrears", "loan_id")
    cases = _rows(night, "cases", "borrower_id")
    treatments: dict[str, list[tuple[str, str]]] = {}
    for row in _list(night, "treatments"):
        treatments.setdefault(row["borrower_id"], []).append((row["channel"], row["template"]))
    strategy = parse_strategy(text, "everything.yaml")
    judge = decider(strategy)
    owned: dict[str, list[Loan]] = {}
    for loan in loans:
        owned.setdefault(loan.borrower_id, []).append(loan)
        _compare_loan(late.pop(loan.loan_id, None), arrears(loan, lender.get(loan.product), day), loan)
    assert not late, f"the night has loans that core has not: {sorted(late)}"
    table = _table(borrowers)
    after, doubted = {}, _with_an_old_account(loans)
    for who, theirs in owned.items():
        previous, since = before.get(who, ("", day))
        known = {"feed_doubt": who in doubted, "previous_stage": previous, "desk": desk.get(who)}
        facts = facts_of(borrowers[who], theirs, lender, day, lookahead=True, **known)
        stage, handler, held, wanted = "", "", False, []
        theirs_now: dict[str, InArm] = {}
        if facts is not None:
            facts |= score_facts(scores, facts)
            given = (strategy, who, facts, arms.get(who, {}), day, stopped, table)
            theirs_now = arms_on(*given)
            facts |= arm_facts(*given)
            stage = judge(facts).stage
            facts["days_in_stage"] = (day - since).days if stage and stage == previous else 0
            decision = judge(facts)
            handler, held = decision.handler, decision.held
            wanted = [(rule.channel, rule.template) for rule in decision.treatments]
        case = cases.pop(who, None)
        expected = bool(stage or previous or (facts and facts["days_past_due"]))
        assert (case is not None) == expected, f"{who} on {day}: case {case}, core's facts {facts}"
        if case is None:
            continue
        arms[who] = theirs_now or arms.get(who, {})
        if facts is not None:
            counting = {each.experiment: each.arm for each in active(strategy, theirs_now, day, stopped)}
            names = [HOLDOUT, CHOICE, *(each.name for each in strategy.experiments)]
            drawn = {name: case[arm_fact(name)] for name in names}
            assert drawn == {name: counting.get(name, "") for name in names}, f"{who} on {day}"
        assert case["stage"] == stage, f"{who} on {day}: {case} {facts}"
        assert (case["handler"], case["held"]) == (handler, held)
        assert (case["previous_stage"], case["change"]) == (previous, stage_change(previous, stage))
        assert treatments.pop(who, []) == wanted, f"{who} on {day}: {facts}"
        if facts is not None:
            told = {name: case[name] for name in facts if name in case}
            assert told == {name: value for name, value in facts.items() if name in told}, f"{who} on {day}"
            assert len(told) >= len(facts_known({"night", "desk"})) - 1, "every fact is compared"
        if stage:
            after[who] = (stage, since if stage == previous else day)
            assert case["stage_since"] == after[who][1]
    assert not cases, f"the night has cases that core has not: {sorted(cases)}"
    assert not treatments, f"the night treats whom core does not: {sorted(treatments)}"
    return after


def _recorded(night: Night) -> dict[str, dict[str, InArm]]:
    """The arms on record after a night."""
    return {
        row["borrower_id"]: {
            name: InArm(name, arm, row[f"odds:{name}"], row[f"since:{name}"])
            for column, arm in row.items()
            if arm is not None and column.startswith("arm:")
            for name in [column.removeprefix("arm:")]
        }
        for row in _list(night, "arms")
    }


def _with_an_old_account(loans: list[Loan]) -> set[str]:
    """The borrowers of accounts whose snapshot is older than the feed, whose day is that of the newest."""
    snapshots = [loan.account for loan in loans if loan.account is not None]
    newest = max((snapshot.as_of for snapshot in snapshots), default=None)
    return {
        loan.borrower_id
        for loan in loans
        if loan.account is not None and loan.account.as_of != newest and loan.status != "closed"
    }


def _compare_loan(row: dict | None, found: Arrears, loan: Loan) -> None:
    if not found.days_past_due:
        assert row is None, f"{loan}: the night has {row}"
        return
    assert row is not None, f"{loan}: core has {found}"
    same = {
        "days_past_due", "days_delinquent", "oldest_unpaid_due_on", "delinquent_since", "oldest_unpaid_number",
        "instalments_past_due", "past_due_amount", "outstanding", "payoff", "balance", "credit", "paused_days",
        "paused", "bucket", "five_class",
    }  # fmt: skip
    expected = {name: getattr(found, name) for name in same}
    for part in ("principal", "interest", "fee", "penalty"):
        expected[f"past_due_{part}"] = getattr(found.past_due, part)
    assert {name: row[name] for name in expected} == expected, loan


def _rows(night: Night, table: str, key: str) -> dict[str, dict]:
    return {row[key]: row for row in _list(night, table)}


def _list(night: Night, table: str) -> list[dict]:
    connection = connect()
    found = connection.execute(f"select * from read_parquet({quote(night.folder / table / '*.parquet')})")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    connection.close()
    return sorted(rows, key=lambda row: (row["borrower_id"], row.get("position", 0)))
