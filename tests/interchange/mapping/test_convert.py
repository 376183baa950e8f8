"""What a rule makes of a text: the value that a person would read, or the text with its mark, never another number."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.engine.columnar import connected
from forbear.interchange.book.feed_columns import Column
from forbear.interchange.book.origin import UNREAD
from forbear.interchange.mapping.convert import convert, generated_sql
from forbear.interchange.mapping.date_styles import engine_style, unknown_parts
from forbear.interchange.mapping.mapping_file import ColumnRule
from tests.profile import examples

AMOUNT, DAY, KEY = Column("amount", "amount"), Column("due_on", "date"), Column("product", "key")
STATUS, TRUTH, WHOLE = Column("status", "key"), Column("consent_sms", "truth"), Column("number", "whole")


def made(rule: dict, column: Column, *texts: str | None) -> list[str | None]:
    """What each text becomes."""
    sql = convert(ColumnRule(column="x", **rule), column, None).sql
    with connected() as connection:
        rows = connection.execute(
            f"select {sql} from (select unnest($texts::varchar[]) as x, unnest(range($count)) as n) order by n",
            {"texts": list(texts), "count": len(texts)},
        ).fetchall()
    return [value for (value,) in rows]


EUROPEAN = {"decimal": ",", "thousands": "."}


@pytest.mark.parametrize(
    ("rule", "text", "value"),
    [
        ({}, "1234.50", "1234.50"),
        ({}, "1,234.50", "1,234.50"),
        ({}, "", ""),
        (EUROPEAN, "1.234,50", "1234.50"),
        (EUROPEAN, "1234,5", "1234.5"),
        (EUROPEAN, "1.234.567", "1234567"),
        (EUROPEAN, "1.234", "1234"),
        (EUROPEAN, "1.23", None),
        (EUROPEAN, "1,234.50", None),
        (EUROPEAN, "", ""),
        ({"decimal": ","}, "1.234", None),
        ({"decimal": ","}, "12,5", "12.5"),
        ({"decimal": ","}, "1,2,3", None),
        ({"thousands": ","}, "1,00,000.50", "100000.50"),
        ({"thousands": ","}, "1,2345", None),
        ({"unit": "cents"}, "168300", "1683.00"),
        ({"unit": "cents"}, "-5", "-0.05"),
        ({"unit": "cents"}, "1.5", "0.015"),
        ({"unit": "thousands"}, "1.5", "1500"),
        ({"unit": "ten_thousands"}, "0.35", "3500"),
        ({"unit": "cents"}, "100", "1.00"),
        ({"unit": "cents"}, "168300 ", "1683"),
        ({"strip": ["¥", "元"]}, "¥ 1683.00", "1683.00"),
        ({"strip": ["元"]}, "(5元)", "-5"),
        ({"strip": ["¥"]}, "€5", None),
        ({"sign": "flip"}, "-5.50", "5.5"),
        ({"sign": "drop"}, "-400", "400"),
        ({"sign": "drop"}, "x", None),
        ({"exponent": True}, "4e+05", "400000"),
        ({"strip": ["¥"]}, "4e+05", None),
        ({"exponent": True}, "1_000", None),
        ({"round": 2}, "610.5567", "610.56"),
        ({"round": 2}, "610.555", "610.56"),
        ({"round": 0}, "-2.5", "-3"),
        ({"decimal": ","}, "1,12345678901", None),
        ({"empty": "0"}, "", "0"),
        ({"empty": "0"}, "5", "5"),
    ],
)
def test_amounts(rule, text, value):
    (found,) = made(rule, AMOUNT, text)
    assert (found or "") == (UNREAD + text if value is None else value)


@pytest.mark.parametrize(
    ("styles", "text", "value"),
    [
        (["DD/MM/YYYY"], "31/03/2026", "2026-03-31"),
        (["DD/MM/YYYY"], "1/3/2026 10:05", "2026-03-01"),
        (["DD/MM/YYYY"], "03/31/2026", None),
        (["DD/MM/YYYY"], "2026-03-31", "2026-03-31"),
        (["M/D/YYYY"], "3/1/2026", "2026-03-01"),
        (["YYYYMMDD"], "20260331", "2026-03-31"),
        (["YYYYMMDD"], "2026331", None),
        (["YYMMDD"], "930705", "1993-07-05"),
        (["YYYY年M月D日"], "2026年3月1日", "2026-03-01"),
        (["MON-YYYY"], "Dec-2011", "2011-12-01"),
        (["D-MON-YYYY"], "5-MAR-2026", "2026-03-05"),
        (["excel"], "46112", "2026-03-31"),
        (["excel"], "46112.75", "2026-03-31"),
        (["unix"], "1774915200", "2026-03-31"),
        (["DD/MM/YYYY", "YYYYMMDD"], "20260331", "2026-03-31"),
        (["DD/MM/YYYY"], " ", ""),
        ([], "2026-03-31T08:00:00Z", "2026-03-31"),
        ([], "31/03/2026", "31/03/2026"),
        (["DD/MM/YYYY"], "31/03/20266", None),
        (["unix_ms"], "x", None),
    ],
)
def test_days(styles, text, value):
    (found,) = made({"date": styles}, DAY, text)
    assert (found or "") == (UNREAD + text if value is None else value)


def test_a_zone_says_whose_day_a_moment_is():
    rule = {"zone": "Asia/Shanghai"}
    assert made(rule, DAY, "2026-03-31T20:00:00Z", "2026-03-31T20:00:00+08:00", "x", None) == [
        *("2026-04-01", "2026-03-31", f"{UNREAD}x", None)
    ]


def test_words_by_kind_of_column():
    words = {"words": {"正常": "active", "PAID": "closed"}}
    assert made(words, STATUS, "正常", " paid ", "active", "", None) == [
        "active",
        "closed",
        f"{UNREAD}active",
        "",
        None,
    ]
    assert made({**words, "otherwise": "active", "empty": "closed"}, STATUS, "?", "") == ["active", "closed"]
    assert made({"words": {"Y": "true"}}, TRUTH, "y", "maybe") == ["true", f"{UNREAD}maybe"]
    assert made({"words": {"Cash": "cash-loan"}}, KEY, "cash", "Card") == ["cash-loan", "Card"]
    assert made({}, WHOLE, "3.0", "3.5", "12") == ["3", "3.5", "12"]


@settings(max_examples=examples(150))
@given(
    st.decimals(-(10**9), 10**9, places=2), st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")])
)
def test_an_amount_written_in_any_style_is_read_back(value, marks):
    decimal, thousands = marks
    text = f"{value:,.2f}".translate({ord(","): thousands, ord("."): decimal})
    (found,) = made({"decimal": decimal, "thousands": thousands}, AMOUNT, text)
    assert Decimal(found or "x") == value


@settings(max_examples=examples(150))
@given(st.text(st.sampled_from("0123456789.,-+ eE()¥"), max_size=9))
def test_no_text_becomes_a_number_that_it_does_not_say(text):
    (found,) = made({"decimal": ",", "unit": "cents"}, AMOUNT, text)
    if found is None or found.startswith(UNREAD) or not re.fullmatch(r" *[+-]?[0-9]+([.][0-9]*)? *", found):
        return  # the feed reads no amount there, and the row is refused
    plain = text.strip().replace("(", "-").replace(")", "")
    try:
        said = Decimal(plain.replace(",", "."))
    except InvalidOperation:
        said = None
    assert "." not in text
    assert said is not None
    assert Decimal(found) == said / 100


@settings(max_examples=examples(150))
@given(
    st.dates(date(1970, 1, 1), date(2068, 12, 31)),
    st.sampled_from(["DD/MM/YYYY", "YYMMDD", "YYYYMMDD", "D-MON-YYYY", "MM.DD.YYYY"]),
)
def test_a_day_written_in_any_style_is_read_back(day, style):
    assert made({"date": [style]}, DAY, day.strftime(engine_style(style))) == [day.isoformat()]


@pytest.mark.parametrize(
    "style", ["DD/MM", "YYYY", "DD/MM/YYYY %d", "DD/MM/YYYY hh", "QQ/MM/YYYY", "DD DD/MM/YYYY", ""]
)
def test_what_is_no_style_is_refused(style):
    assert unknown_parts(style)


def test_generated_ids_are_stable_and_rows_alike_are_numbered():
    with connected() as connection:
        rows = (
            "(values ('a', '1', 'f', 2), ('a', '1', 'f', 1), ('a1', '', 'f', 3), ('a', null, 'f', 4)) "
            "t(x, y, source_file, source_row)"
        )
        ids = connection.execute(
            f"select source_row, {generated_sql(('x', 'y'))} from {rows} order by 1"
        ).fetchall()
    one, two, three, four = (text for _, text in ids)
    assert two == f"{one}-2"
    assert len({one, three, four}) == 3
    assert max(map(len, (one, two, three, four))) <= 64
