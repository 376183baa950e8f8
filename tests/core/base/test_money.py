"""Money is read and written exactly, or refused with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.money import (
    LARGEST_AMOUNT,
    currencies,
    format_amount,
    is_currency,
    minor_digits,
    parse_amount,
)
from forbear.core.base.problem import Problem, Refusal
from tests.core.strategies import CURRENCIES

in_range = st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT)
currency = st.sampled_from(CURRENCIES)


@pytest.mark.parametrize(
    ("code", "digits"),
    [("CNY", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("VND", 0), ("KWD", 3), ("TND", 3), ("IDR", 2)],
)
def test_decimals_of_a_currency(code, digits):
    assert minor_digits(code) == digits


@pytest.mark.parametrize("code", ["CNY", "EUR", "GBP", "XOF", "MRU", "VES", "HKD", "SLE"])
def test_a_currency_in_use(code):
    assert is_currency(code)


@pytest.mark.parametrize("code", ["", "cny", "RMB", "CNH", "DEM", "HRK", "XAU", "XXX", "XTS", "ZWR", "ANG"])
def test_not_a_currency_in_use(code):
    assert not is_currency(code)


def test_an_unknown_currency_is_a_bug_of_the_caller():
    with pytest.raises(AssertionError, match="RMB"):
        minor_digits("RMB")


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [
        ("1234.5", "CNY", 123450),
        ("1234.50", "CNY", 123450),
        ("1234.5000", "CNY", 123450),
        ("0.01", "CNY", 1),
        ("0", "CNY", 0),
        ("-0", "CNY", 0),
        ("-12.34", "CNY", -1234),
        ("007", "CNY", 700),
        (" 5 ", "CNY", 500),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1.001", "KWD", 1001),
        ("10000000000000", "CNY", LARGEST_AMOUNT),
        ("10000000000000.00", "CNY", LARGEST_AMOUNT),
    ],
)
def test_amounts_that_can_be_held(text, code, minor):
    assert parse_amount(text, code) == minor


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1,000.00",
        "1e3",
        "1E3",
        "nan",
        "NaN",
        "inf",
        "-inf",
        "+1",
        ".5",
        "5.",
        "1.2.3",
        "--1",
        "１２",
        "1 000",
        "0x10",
        "1_000",
        "¥5",
        "12-",
        "\t5",
        "5\n",
    ],
)
def test_text_that_is_no_amount(text):
    problem = parse_amount(text, "CNY")
    assert isinstance(problem, Problem)
    assert "is not an amount" in str(problem)
    assert "1234.00" in str(problem)


@pytest.mark.parametrize(
    ("text", "code"), [("1.001", "CNY"), ("0.5", "JPY"), ("1.0001", "KWD"), ("-0.001", "USD")]
)
def test_more_decimals_than_the_currency_has(text, code):
    problem = parse_amount(text, code)
    assert isinstance(problem, Problem)
    assert f"decimals that {code} has" in str(problem)


@pytest.mark.parametrize("text", ["10000000000000.01", "99999999999999", "9" * 5000, "-" + "9" * 40])
def test_an_absurd_amount_is_refused_shortly(text):
    problem = parse_amount(text, "CNY")
    assert isinstance(problem, Problem)
    assert "larger than any amount" in str(problem)
    assert len(str(problem)) < 120


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [
        (123450, "CNY", "1234.50"),
        (1, "CNY", "0.01"),
        (0, "CNY", "0.00"),
        (-1, "USD", "-0.01"),
        (5, "JPY", "5"),
        (-5, "JPY", "-5"),
        (1001, "KWD", "1.001"),
    ],
)
def test_written_plainly(minor, code, text):
    assert format_amount(minor, code) == text


@given(in_range, currency)
def test_what_is_written_is_read_back(minor, code):
    assert parse_amount(format_amount(minor, code), code) == minor


@given(st.text(), currency)
def test_any_text_is_read_or_refused(text, code):
    read = parse_amount(text, code)
    assert isinstance(read, Problem) or abs(read) <= LARGEST_AMOUNT


@given(st.integers(0, LARGEST_AMOUNT), st.integers(0, LARGEST_AMOUNT), currency)
def test_reading_keeps_the_order_of_amounts(one, other, code):
    texts = [format_amount(n, code) for n in (one, other)]
    assert (one < other) == (parse_amount(texts[0], code) < parse_amount(texts[1], code))


def test_a_refusal_reads_as_a_sentence_with_its_rule():
    refusal = Refusal("cn.night", "GB/T 45251-2025 §5.3", None, "It is night where the borrower lives")
    assert str(refusal) == "It is night where the borrower lives (cn.night, GB/T 45251-2025 §5.3)"


@pytest.mark.parametrize("code", ["XCG", "ZWG", "SLE", "EUR", "VES", "MRU", "KWD"])
def test_currencies_in_use_are_known(code):
    assert is_currency(code)
    assert code in currencies()
    assert parse_amount(format_amount(123_456, code), code) == 123_456


@pytest.mark.parametrize("code", ["BGN", "HRK", "SLL", "ANG", "ZWL", "CUC", "DEM", "XXX", "XAU", "xcg", ""])
def test_withdrawn_currencies_are_not(code):
    assert not is_currency(code)
    assert code not in currencies()
