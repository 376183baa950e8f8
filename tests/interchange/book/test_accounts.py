"""Goal: a lender without schedules gives a row of each account a day, and a row that can't be true goes no further.

Method: small feeds by hand through the real import: each flaw with its reason, snapshots that are old, loans that stand
in both tables, deltas over a book, and what the comparison with the book before says.
"""

from datetime import date

import pytest

from forbear.core.loans.delinquency import arrears
from forbear.interchange.book.comparison import ChangeStopped, Guard
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.read import find_borrower
from forbear.interchange.home.feed_limits import FeedLimits
from tests.interchange.book.small_feed import HEADERS, content, quarantined, take_in, verdicts, write

ON = "2026-03-31"
LOAN = "L1,B1,card,CNY,0,2024-01-01,active"


def row(**given):
    """A line of accounts: `past_due` and the rest by name, what isn't named is empty."""
    values = {"loan_id": "L1", "as_of": ON, "balance": "1000.00", **given}
    return ",".join(str(values.get(name, "")) for name in HEADERS["accounts"].split(","))


def state_of(book, borrower, day, loan=0):
    one = find_borrower(book, borrower).loans[loan]
    return arrears(one, book.products().get(one.product), date.fromisoformat(day))


BAD = {
    "past_due": (
        row(past_due="1000.01", days_past_due=3),
        "more is past due than the balance; balance is all that is owed, past due or not",
    ),
    "oldest_due_on": (
        row(past_due="10", oldest_due_on="2026-04-01"),
        "oldest_due_on is after as_of, the day that the row is of",
    ),
    "minimum_due": (row(minimum_due="1000.01", minimum_due_on=ON), "minimum_due is more than the balance"),
    "balance": (row(balance="-5.00"), "balance is negative"),
    "days_past_due": (row(past_due="10", days_past_due=-1), "days_past_due is negative"),
    "minimum_due_on": (
        row(minimum_due="10"),
        "minimum_due_on is empty: the day by which minimum_due is to be paid",
    ),
    "last_payment_on": (
        row(last_payment_on="2026-04-02"),
        "last_payment_on is after as_of, the day that the row is of",
    ),
    "as_of": (row(as_of="31.03.2026"), "as_of is not a date like 2026-03-31"),
}  # fmt: skip


@pytest.mark.parametrize("column", BAD)
def test_a_row_that_cannot_be_true_is_refused_with_what_and_where(tmp_path, column):
    line, reason = BAD[column]
    report, book = take_in(tmp_path, write(tmp_path / "feed", loans=[LOAN], accounts=[line]))
    (bad,) = quarantined(report)["accounts"]
    assert (bad["row"], bad["column"]) == ("1", column)
    assert reason in bad["reason"]
    assert find_borrower(book, "B1").feed_doubt, "nobody is contacted on a row that can't be true"


def test_an_amount_past_due_has_a_day_and_days_past_due_have_an_amount(tmp_path):
    lines = [row(past_due="10"), row(days_past_due=3), row(past_due="0", days_past_due=3)]
    lines += [row(past_due="5", days_past_due=3, oldest_due_on="2026-03-20")]
    loans = [LOAN, *(LOAN.replace("L1", f"L{n}") for n in (2, 3, 4))]
    lines = [line.replace("L1", f"L{n}", 1) for n, line in enumerate(lines, 1)]
    report, _ = take_in(tmp_path, write(tmp_path / "feed", loans=loans, accounts=lines))
    assert [reason for _, reason in verdicts(report, "accounts", 4)] == [
        "an amount is past due and no day says since when; send oldest_due_on or days_past_due",
        "days_past_due is given without what is past due; send past_due or its parts",
        "days_past_due is given and nothing is past due; send what is past due",
        "days_past_due is not what oldest_due_on says; send one of them",
    ]


def test_a_loan_is_given_in_one_table(tmp_path):
    tables = {
        "instalments": ["L1,1,2026-03-01,100.00,0,0,0"],
        "accounts": [row(past_due="10", days_past_due=3)],
    }
    report, book = take_in(tmp_path, write(tmp_path / "feed", loans=[LOAN], **tables))
    reason = "the loan has instalments too; send it in accounts or in instalments, not in both"
    assert verdicts(report, "accounts", 1) == [("loan_id", reason)]
    assert find_borrower(book, "B1").feed_doubt


def test_the_newest_of_several_days_counts(tmp_path):
    lines = [row(past_due="30", days_past_due=2), row(as_of="2026-03-30", past_due="99", days_past_due=1)]
    report, book = take_in(tmp_path, write(tmp_path / "feed", loans=[LOAN], accounts=lines))
    assert report.quarantined_rows == 0
    assert state_of(book, "B1", ON).past_due_amount == 3000
    assert [line[-1] for line in content(book)["accounts"]] == [False, True]


def test_a_snapshot_older_than_the_feed_is_in_doubt(tmp_path):
    loans = [LOAN, "L2,B2,card,CNY,0,2024-01-01,active"]
    old = row(as_of="2026-03-30", past_due="30", days_past_due=2)
    lines = [old, row(loan_id="L2", past_due="30", days_past_due=2)]
    report, book = take_in(tmp_path, write(tmp_path / "feed", loans=loans, accounts=lines))
    assert any("1 accounts have no snapshot of the feed's day" in warning for warning in report.warnings)
    assert [find_borrower(book, name).feed_doubt for name in ("B1", "B2")] == [True, False]
    assert report.business_date == ON
    # the doubt ends with the row of the day
    newer = write(tmp_path / "delta", accounts=[row(past_due="30", days_past_due=3)], loans=[])
    _, book = take_in(tmp_path, newer, delta=True)
    assert not find_borrower(book, "B1").feed_doubt


def test_a_delta_replaces_the_snapshot_and_its_lines(tmp_path):
    first = write(tmp_path / "feed", loans=[LOAN], accounts=[row(past_due="30", days_past_due=2)])
    _, book = take_in(tmp_path, first)
    newer = row(as_of="2026-04-01", balance="970.00", past_due="0", last_payment_on="2026-04-01")
    _, book = take_in(tmp_path, write(tmp_path / "delta", loans=[], accounts=[newer]), delta=True)
    assert state_of(book, "B1", "2026-04-01").past_due_amount == 0
    assert [line[1] for line in content(book)["instalments"]] == [3]
    paid = write(tmp_path / "paid", loans=[], accounts=[], payments=["P1,L1,2026-04-02,70.00,"])
    _, book = take_in(tmp_path, paid, delta=True)
    assert state_of(book, "B1", "2026-04-02").payoff == 90000


def test_a_product_that_moves_due_dates_has_no_accounts(tmp_path):
    products = "products: {card: {due_date_rule: following, calendar: CN}}"
    feed = write(tmp_path / "feed", loans=[LOAN], accounts=[row()], products=products)
    with pytest.raises(FeedError, match="card moves due dates, which only schedules have"):
        take_in(tmp_path, feed)


def test_a_currency_that_is_not_the_loans_is_refused(tmp_path):
    feed = write(tmp_path / "feed", loans=[LOAN], accounts=[])
    text = f"loan_id,as_of,balance,currency\nL1,{ON},100.00,USD\n"
    (feed / "accounts.csv").write_text(text, encoding="utf-8")
    report, _ = take_in(tmp_path, feed)
    assert verdicts(report, "accounts", 1) == [
        ("currency", "currency is not that of the loan; send both in one currency")
    ]


def guarded(tmp_path, name, lines, loans):
    feed = write(tmp_path / name, loans=loans, accounts=lines)
    guard = Guard(FeedLimits(), date(2026, 4, 1))
    return import_feed(tmp_path / "book", feed, quarantine=tmp_path / "quarantine", guard=guard)


def test_accounts_that_lost_their_rows_stop_the_feed(tmp_path):
    loans = [f"L{n},B{n},card,CNY,0,2024-01-01,active" for n in range(40)]
    whole = [row(loan_id=f"L{n}", past_due="30", days_past_due=2) for n in range(40)]
    guarded(tmp_path, "one", whole, loans)
    with pytest.raises(ChangeStopped, match="30 accounts without a snapshot"):
        guarded(tmp_path, "cut", [line.replace(ON, "2026-04-01", 1) for line in whole[:10]], loans)
    hundred = [row(loan_id=f"L{n}", balance="100000.00", past_due="3000", days_past_due=3) for n in range(40)]
    with pytest.raises(ChangeStopped, match="amounts changed by a factor"):
        guarded(tmp_path, "cents", [line.replace(ON, "2026-04-01", 1) for line in hundred], loans)
