"""Goal: a month's record follows from the ledger alone, holds against its form, and bites where it doesn't."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.bureaus import cn as bureau_cn
from forbear.core.bureaus import metro2
from forbear.core.bureaus.file_checks import LoanStanding, Month, month_end, months_before, reported_of, said
from forbear.core.bureaus.metro2_check import flaws
from forbear.core.bureaus.metro2_form import BASE, HEADER, TRAILER, read_segment
from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product
from tests.core.strategies import loans, products

GOLDEN = Path(__file__).parents[2] / "golden" / "metro2" / "base.txt"
AT = datetime(2026, 4, 2, 3, 4, 5, tzinfo=UTC)
MARCH = date(2026, 3, 31)
PRODUCT = Product("cash")
ANN = metro2.Consumer(
    "Example", "Ann", date(1990, 1, 31), "5550100", "1 Main St", "Springfield", "IL", "62701", "US"
)


def loan(*paid: tuple[str, int], status: str = "active") -> Loan:
    """Three instalments of 400.00, due on the tenth of January, February and March."""
    lines = tuple(
        Instalment(number, date(2026, number, 10), Amounts(principal=40_000)) for number in (1, 2, 3)
    )
    payments = tuple(
        Payment(f"P{number}", date.fromisoformat(on), amount, "") for number, (on, amount) in enumerate(paid)
    )
    return Loan("L1", "B1", "cash", "USD", 120_000, date(2025, 12, 10), status, lines, payments, ())


def test_month_ends():
    assert month_end(date(2024, 2, 3)) == date(2024, 2, 29)
    assert months_before(MARCH, 3) == [date(2026, 2, 28), date(2026, 1, 31), date(2025, 12, 31)]


def test_what_stood_at_the_end_of_march():
    told = reported_of(loan(("2026-01-10", 40_000), ("2026-03-20", 10_000)), PRODUCT, MARCH)
    assert (told.days_past_due, told.instalments_past_due, told.past_due, told.outstanding) == (
        49,
        2,
        70_000,
        70_000,
    )
    assert (told.first_late_on, told.paid, told.scheduled) == (date(2026, 2, 10), 10_000, 40_000)
    assert [month.days_past_due for month in told.history[:4]] == [18, 0, 0, None]
    assert told.adverse("cn")
    assert told.adverse("metro2")


def test_a_loan_is_told_once_more_when_it_is_paid_off_and_then_no_more():
    paid = loan(("2026-03-05", 120_000), status="closed")
    told = reported_of(paid, PRODUCT, MARCH)
    assert (told.status, told.closed_on, told.outstanding) == ("closed", date(2026, 3, 5), 0)
    assert reported_of(paid, PRODUCT, date(2026, 4, 30)) is None
    # what was true before it was closed stays true
    assert reported_of(paid, PRODUCT, date(2026, 2, 28)).days_past_due == 49 - 31 + 31
    assert reported_of(paid, PRODUCT, date(2025, 11, 30)) is None


def test_a_back_dated_payment_changes_what_was_said():
    before = reported_of(loan(), PRODUCT, MARCH)
    after = reported_of(loan(("2026-01-10", 120_000)), PRODUCT, date(2026, 1, 31))
    assert said(before) != said(reported_of(loan(("2026-03-31", 40_000)), PRODUCT, MARCH))
    assert said(before) == said(reported_of(loan(("2026-04-01", 40_000)), PRODUCT, MARCH))
    assert after.closed_on == date(2026, 1, 10)


@pytest.mark.parametrize(
    ("days", "status"),
    [(0, "11"), (29, "11"), (30, "71"), (59, "71"), (60, "78"), (90, "80"), (120, "82"), (150, "83"), (179, "83"),
     (180, "84"), (900, "84")],
)  # fmt: skip
def test_the_status_by_days(days, status):
    told = replace(reported_of(loan(), PRODUCT, MARCH), days_past_due=days)
    assert read_segment(metro2.record(told, ANN, "X", 100, AT))["status"] == status


def test_a_record_against_the_golden_one():
    told = reported_of(loan(("2026-01-10", 40_000), ("2026-03-20", 10_099)), PRODUCT, MARCH, disputed=True)
    line = metro2.record(told, ANN, "FENGHE", 100, AT)
    assert line == GOLDEN.read_text("ascii").rstrip("\n")
    assert len(line) == 426


def test_every_place_is_filled_once():
    for fields in (BASE, HEADER, TRAILER):
        at = 1
        for first, length, _ in fields.values():
            assert first == at
            at += length
        assert at == 427


def whole(*told: LoanStanding) -> str:
    segments = [metro2.record(one, ANN, "FENGHE", 100, AT) for one in told]
    return metro2.whole_file(segments, metro2.Reporter("Fenghe", "1 Road"), MARCH, date(2026, 4, 2))


def test_a_sound_file_holds_and_each_break_is_found():
    late, fine = (
        reported_of(loan(), PRODUCT, MARCH),
        reported_of(loan(("2026-01-02", 80_000)), PRODUCT, date(2026, 2, 28)),
    )
    text = whole(late, fine)
    assert flaws(text) == []
    lines = text.split("\n")
    breaks = {
        "date of first delinquency": lines[1][:189] + "0" * 8 + lines[1][197:],
        "status '99' is not known": lines[1][:123] + "99" + lines[1][125:],
        "is no date": lines[1][:189] + "13322026" + lines[1][197:],
        "not a number": lines[1][:154] + "12A456789" + lines[1][163:],
        "known letters": lines[1][:126] + "X" + lines[1][127:],
        "not 426": lines[1][:-1],
    }
    for words, line in breaks.items():
        found = flaws("\n".join([lines[0], line, *lines[2:]]))
        assert any(words in flaw for flaw in found), words
    assert "number of records" in flaws("\n".join([lines[0], *lines[2:]]))[0]


@given(st.data())
def test_records_of_any_loan_hold_in_both_forms(data):
    product = data.draw(products())
    drawn = data.draw(loans(product))
    ends = [month_end(each.due_on) for each in drawn.instalments] or [MARCH]
    on = data.draw(st.sampled_from([*ends, month_end(ends[-1] + timedelta(days=40))]))
    told = reported_of(drawn, product, on)
    if told is None:
        return
    # a closed loan owes nothing, whatever its lines say; until then it was open
    open_then = drawn.status == "closed" and told.status != "closed"
    now = arrears(replace(drawn, status="active") if open_then else drawn, product, on)
    assert (told.past_due, told.outstanding, told.days_past_due) == (
        now.past_due_amount, now.payoff, now.days_past_due,
    )  # fmt: skip
    unit = 100
    text = metro2.whole_file(
        [metro2.record(told, ANN, "X", unit, AT)], metro2.Reporter("X", "Y"), on, date(2030, 1, 1)
    )
    small = told.status == "written_off" and told.charged_off < unit
    assert [flaw for flaw in flaws(text) if not (small and "amount charged off" in flaw)] == []
    assert bureau_cn.flaws(bureau_cn.line(told)) == []
    read = read_segment(text.split("\n")[1])
    assert int(read["past_due"]) <= told.past_due
    assert len(read["history"]) == 24


def test_a_record_in_the_chinese_manner():
    told = reported_of(loan(("2026-01-10", 40_000)), PRODUCT, MARCH)
    read = json.loads(bureau_cn.line(told))
    assert (read["acct_status"], read["overd_prd"], read["rpy_status"], read["five_cate"]) == (
        "2",
        2,
        "2",
        "2",
    )
    assert read["rpy_status_24"] == "/" * 21 + "NN1"
    assert read["tot_overd"] == "800.00"
    assert bureau_cn.flaws(bureau_cn.line(told)) == []
    assert "has an amount" in bureau_cn.flaws(bureau_cn.line(replace(told, past_due=0)))[0]
    assert "don't agree" in bureau_cn.flaws(bureau_cn.line(replace(told, first_late_on=None)))[0]
    assert "24 months" in bureau_cn.flaws(bureau_cn.line(replace(told, history=told.history[1:])))[0]
    assert bureau_cn.flaws("{") == ["line 1: is not JSON"]


@given(st.data())
def test_the_history_is_what_arrears_says_of_each_month(data):
    product = data.draw(products())
    drawn = data.draw(loans(product))
    ends = [month_end(each.due_on) for each in drawn.instalments] or [MARCH]
    told = reported_of(drawn, product, month_end(ends[-1] + timedelta(days=data.draw(st.integers(0, 400)))))
    if told is None:
        return
    stood = replace(drawn, status="active") if drawn.status == "closed" else drawn
    opened = drawn.disbursed_on or min(each.due_on for each in drawn.instalments)
    for month in told.history:
        then = arrears(stood, product, month.on)
        expected = (then.days_past_due, then.instalments_past_due, then.past_due_amount)
        assert (month.days_past_due, month.instalments, month.past_due) == (
            (None, 0, 0) if opened > month.on else expected
        )


def test_a_month_before_the_loan_has_no_state():
    assert metro2._letter(Month(MARCH, None).days_past_due) == "B"
