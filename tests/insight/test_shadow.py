"""Goal: ten days beside a made-up old system: each of ten planted differences is found from its day on, by its cause.

Method: the old system is forty lines of plain Python here that know nothing of Forbear: the oldest instalment first,
days from the due date. Each day a small book's night is compared with its file; from day to day one more of its loans
goes wrong in its own way. What is found must be exactly what was planted by then.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from forbear.core.base.problem import InputError
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product
from forbear.core.loans.old_system import CAUSES, OtherFigures, cause_of
from forbear.engine.columnar import connected, quote
from forbear.insight.shadow import (
    LIST_CAUSES,
    compare_night,
    keep_comparison,
    kept_comparison,
    kept_days,
    words_of,
)
from forbear.interchange.history.old_book import read_old_book
from forbear.interchange.history.read_history import HistoryError
from forbear.night.run import plan_night, run_night
from tests.interchange.book.small_feed import take_in, write

FIRST = date(2026, 3, 16)
DAYS = 10
STRATEGY = """
strategy: plain
title: {zh: 简单, en: Plain}
hold_when: dispute_open
stages:
  - stage: late
    title: {zh: 逾期, en: Late}
    when: days_past_due >= 1
    handler: system
    treatments: [{sms: overdue_reminder}]
"""
#: What goes wrong on which day, with the loan and the cause that must be named.
PLANTED = (
    ("PAID", "payment_not_in_feed"),
    ("FEED", "payment_only_in_feed"),
    ("BACK", "reversal_only_in_feed"),
    ("ALLOC", "other_allocation"),
    ("DUE", "other_due_date"),
    ("HELD", "on_hold_here"),
    ("ROUND", "rounding"),
    ("GHOST", "unknown_loan"),
    ("GONE", "missing_loan"),
    ("MONEY", "currency"),
)
LOANS = [*(loan for loan, _ in PLANTED if loan != "GHOST"), "SAME", "FINE"]
DUE_ON = (date(2026, 1, 20), date(2026, 2, 20), date(2026, 3, 20))
EACH = 10_050


@dataclass
class OldSystem:
    """The old system's own ledger: what was paid by loan, in cents, and what goes wrong in it."""

    paid: dict[str, int] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    def row(self, loan: str, day: date) -> tuple[int, int]:
        """Days past due and cents past due."""
        paid, oldest, late = self.paid.get(loan, 0), None, 0
        due = [on for on in DUE_ON if on < day]
        for on in reversed(due) if loan in self.wrong and loan == "ALLOC" else due:
            taken = min(paid, EACH)
            paid -= taken
            if taken < EACH:
                late += EACH - taken
                oldest = min(oldest or on, on)
        days = (day - oldest).days if oldest else 0
        if loan == "DUE" and loan in self.wrong and days:
            days += 1
        return days, late

    def file(self, day: date) -> str:
        """The day's file; the list is everybody who is late."""
        lines = ["loan_id,days_past_due,amount,currency,list"]
        for loan in LOANS:
            if loan == "GONE" and loan in self.wrong:
                continue
            days, late = self.row(loan, day)
            amount = f"{late / 100:.2f}"
            if loan == "ROUND" and loan in self.wrong:
                amount = f"{(late + 37) / 100:.2f}"
            currency = "USD" if loan == "MONEY" and loan in self.wrong else "CNY"
            listed = "" if loan == "HELD" and loan not in self.wrong else "短信" if days else ""
            lines.append(f"{loan},{days},{amount},{currency},{listed}")
        if "GHOST" in self.wrong:
            lines.append("GHOST,12,100.00,CNY,")
        return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Every borrower paid the first instalment but for one; three have more to tell."""
    root = tmp_path_factory.mktemp("shadow")
    feed = write(
        root / "feed",
        loans=[f"{loan},B-{loan},cash,CNY,301.50,2025-12-20,active" for loan in LOANS],
        instalments=[
            f"{loan},{number},{on},{EACH / 100:.2f},0,0,0"
            for loan in LOANS
            for number, on in enumerate(DUE_ON, start=1)
        ],
        payments=[
            *(f"{loan}-1,{loan},2026-01-20,100.50," for loan in LOANS),
            "FEED-2,FEED,2026-03-01,30.00,",
            "BACK-2,BACK,2026-03-02,100.50,",
            "BACK-3,BACK,2026-03-05,100.50,BACK-2",
            "FINE-2,FINE,2026-02-20,100.50,",
            "FINE-3,FINE,2026-03-20,100.50,",
        ],
    )
    _, book = take_in(root, feed)
    facts = root / "desk_facts.parquet"
    with connected() as engine:
        held = "select 'B-HELD' as borrower_id, true as dispute_open"
        engine.execute(f"copy ({held}) to {quote(facts)} (format parquet)")
    return root, book, facts


def old_system() -> OldSystem:
    """As its ledger is while nothing is wrong: the same payments as in the feed."""
    paid = dict.fromkeys(LOANS, EACH)
    return OldSystem(paid | {"FEED": EACH + 3_000, "FINE": 3 * EACH})


#: What the ledger of the old system has otherwise from the day on which it goes wrong.
OTHERWISE = {"PAID": EACH + 4_000, "FEED": EACH, "BACK": 2 * EACH}


def test_ten_planted_differences_are_found_each_from_its_day_on(world):
    root, book, facts = world
    old, planted = old_system(), set()
    for number in range(DAYS + 1):
        day = FIRST + timedelta(days=number)
        if number:
            loan, cause = PLANTED[number - 1]
            old.wrong.add(loan)
            planted.add((loan, cause))
            old.paid |= {loan: OTHERWISE[loan]} if loan in OTHERWISE else {}
        night = run_night(
            plan_night(book, root / "nights", day, STRATEGY, "plain.yaml", facts), book, root / "nights"
        )
        path = root / f"{day}.csv"
        path.write_text(old.file(day), encoding="utf-8")
        found = compare_night(night, book, read_old_book(path))
        assert {(one.loan_id, one.cause) for one in found.differences} == planted, day
        assert found.loans == len(LOANS) + ("GHOST" in old.wrong)
        assert found.same == found.loans - len(planted)
        keep_comparison(root / "kept", found)
    last = FIRST + timedelta(days=DAYS)
    assert kept_days(root / "kept")[0] == last
    (held,) = [one for one in found.differences if one.cause == "on_hold_here"]
    assert (held.theirs, held.why) == ("短信", "dispute_open")
    assert kept_comparison(root / "kept", last) == found


PRODUCT = Product("cash")
LOAN = Loan(
    "L1",
    "B1",
    "cash",
    "CNY",
    100_000,
    instalments=(
        Instalment(1, date(2026, 1, 20), Amounts(8_000, 1_500, 300, 200)),
        Instalment(2, date(2026, 2, 20), Amounts(8_000, 1_500, 0, 0)),
    ),
    payments=(Payment("P1", date(2026, 1, 25), 1_000),),
)
ON = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("theirs", "cause"),
    [
        (OtherFigures(40, 18_500), ""),
        (OtherFigures(40, 18_500, "USD"), "currency"),
        (OtherFigures(40, 1_850_000), "unit"),
        (OtherFigures(40, 18_499), "rounding"),
        (OtherFigures(40, 18_401), "rounding"),
        (OtherFigures(40, 16_000), "component"),
        (OtherFigures(9, 9_500), "payment_not_in_feed"),
        (OtherFigures(0, 0), "payment_not_in_feed"),
        (OtherFigures(40, 19_500), "payment_only_in_feed"),
        (OtherFigures(41, 18_500), "other_due_date"),
        (OtherFigures(9, 18_500), "other_allocation"),
        (OtherFigures(38, 18_500), "other_day"),
        (OtherFigures(77, 77_777), "unexplained"),
    ],
)
def test_each_cause_is_named_only_where_it_gives_the_very_figures(theirs, cause):
    assert cause_of(LOAN, PRODUCT, ON, theirs, 100) == cause


def test_a_small_shortfall_that_the_product_lets_pass_is_its_tolerance():
    lenient = Product("cash", tolerance=Decimal("200.00"))
    assert cause_of(LOAN, lenient, ON, OtherFigures(40, 18_500), 100) == "tolerance"


def test_every_cause_has_its_words():
    assert all(words_of(cause) for cause in (*CAUSES, *LIST_CAUSES))


def test_every_mistake_of_the_old_systems_file_is_named(tmp_path: Path):
    path = tmp_path / "old.csv"
    path.write_text("loan_id,days,amount\n", encoding="utf-8")
    with pytest.raises(HistoryError) as found:
        read_old_book(path)
    assert found.value.messages == [
        "old.csv:1:2: the column `days` is not known; it is one of loan_id, days_past_due, amount, currency, list",
        "old.csv:1: the column `days_past_due` is missing",
    ]
    path.write_text(
        'loan_id,days_past_due,amount,currency\nL1,3,"1,200.50",CNY\nL1,3,1,CNY\n,1,1,\nL2,-1,1,\nL3,1,abc,\nL4,1,1,RMB\nL5\n',
        encoding="utf-8",
    )
    with pytest.raises(HistoryError) as found:
        read_old_book(path)
    assert found.value.messages == [
        "old.csv:3:loan_id: loan L1 is there twice",
        "old.csv:4:loan_id: is empty",
        "old.csv:5:days_past_due: `-1` is not a number of days",
        "old.csv:6:amount: `abc` is not an amount",
        "old.csv:7:currency: `RMB` is no currency",
        "old.csv:8: has 1 values, and the header has 4",
    ]
    path.write_bytes("loan_id,days_past_due,amount\n借款,1,1\n".encode("gb18030"))
    assert read_old_book(path, "gbk")["借款"].listed is None
    with pytest.raises(InputError, match="is not text in utf-8"):
        read_old_book(path)
