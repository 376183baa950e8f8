"""Amounts and dates in a text: what is read as one, and what isn't."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.money import format_amount
from forbear.core.content.amounts import amounts_in, dates_in
from forbear.core.content.normalize import normal_forms


def read(text: str) -> list[tuple[Fraction, str]]:
    return [(each.value, each.currency) for each in amounts_in(normal_forms(text)[0])]


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("412元", "412", "CNY"),
        ("412.50 元", "412.5", "CNY"),
        ("1,234.50元", "1234.5", "CNY"),
        ("￥412", "412", ""),
        ("RMB 412", "412", "CNY"),
        ("人民币412.00", "412", "CNY"),
        ("1.2万元", "12000", "CNY"),
        ("3千块", "3000", "CNY"),
        ("1.5w元", "15000", "CNY"),
        ("４１２元", "412", "CNY"),
        ("三千二百元", "3200", "CNY"),
        ("三千二元", "3200", "CNY"),
        ("三千零二元", "3002", "CNY"),
        ("两万五千元", "25000", "CNY"),
        ("壹万零伍元", "10005", "CNY"),
        ("肆佰壹拾贰元", "412", "CNY"),
        ("十五元", "15", "CNY"),
        ("一亿元", "100000000", "CNY"),
        ("三元五角", "3.5", "CNY"),
        ("$412.00", "412", "USD"),
        ("USD 1,234.50", "1234.5", "USD"),
        ("412 dollars", "412", "USD"),
        ("$5k", "5000", "USD"),
        ("£20", "20", "GBP"),
        ("欠款4120", "4120", ""),
        ("应还金额:512", "512", ""),
        ("本息合计1.5w", "15000", ""),
        ("You owe 412", "412", ""),
        ("4 1 2 0元", "4120", "CNY"),
    ],
)
def test_an_amount_is_read(text, value, currency):
    assert read(text) == [(Fraction(value), currency)]


@pytest.mark.parametrize(
    "text",
    [
        "逾期12天",
        "共2期",
        "尾号8821",
        "400-000-0000",
        "2026年3月31日",
        "年化18%",
        "工号1024",
        "欠款12天",
        "合计3次",
        "call 911",
        "元",
        "万元",
        "一起",
        "欠款3月31日前",
        "您的编号是RMB6ZE9TC8",
        "R4GBP52XCK",
    ],
)
def test_what_is_no_amount(text):
    assert read(text) == []


@given(st.integers(1, 10**11), st.sampled_from(["{}元", "¥{}", "CNY {}", "应还{}元,请处理"]))
def test_every_amount_as_we_write_it_is_read_back(minor, shape):
    plain = format_amount(minor, "CNY")
    whole, point, fraction = plain.partition(".")
    for written in (plain, f"{int(whole):,}{point}{fraction}"):
        (found,) = amounts_in(normal_forms(shape.format(written))[0])
        assert found.value * 100 == minor
        assert found.tells(minor, 100)
        assert not found.tells(minor + 1, 100)


@pytest.mark.parametrize(
    ("text", "tells", "not_these"),
    [
        ("约4千元", [400_000, 401_236, 350_000, 450_000], [349_999, 450_001]),
        ("约四千元", [401_236], [455_000]),
        ("about $4,000", [401_236], [455_000]),
        ("4千元", [400_000], [401_236]),
        ("约412.50元", [41_250, 41_255], [41_256]),
    ],
)
def test_about_is_as_exact_as_it_is_written(text, tells, not_these):
    (found,) = amounts_in(normal_forms(text)[0])
    assert [minor for minor in tells if not found.tells(minor, 100)] == []
    assert [minor for minor in not_these if found.tells(minor, 100)] == []


def test_several_amounts_each_once():
    assert read("逾期412元,含罚息12元,共三千元") == [(412, "CNY"), (12, "CNY"), (3000, "CNY")]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2026年3月31日", [(2026, 3, 31)]),
        ("3月31号前", [(0, 3, 31)]),
        ("2026-03-31", [(2026, 3, 31)]),
        ("31 March 2026", [(2026, 3, 31)]),
        ("March 31, 2026", [(2026, 3, 31)]),
        ("by 5 May", [(0, 5, 5)]),
        ("13月45日", []),
        ("may 3 people", [(0, 5, 3)]),
        ("3月", []),
    ],
)
def test_dates(text, days):
    assert [(each.year, each.month, each.day) for each in dates_in(normal_forms(text)[0])] == days


def test_a_day_without_a_year_is_any_years():
    (found,) = dates_in(normal_forms("3月31日")[0])
    assert found.is_one_of(frozenset({date(2026, 3, 31)}))
    assert not found.is_one_of(frozenset({date(2026, 3, 30)}))
    (found,) = dates_in(normal_forms("2025年3月31日")[0])
    assert not found.is_one_of(frozenset({date(2026, 3, 31)}))
