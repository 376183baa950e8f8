"""Goal: no text breaks the reader, disguises don't hide a stop, and days and amounts are right or absent."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.replies.dates import FURTHEST, find_amount, find_day, han_number
from forbear.core.replies.normalize import normal, one_slip
from forbear.core.replies.understanding import INTENTS, SURE, understand
from forbear.core.replies.words import COMMANDS, SAID

TUESDAY = date(2026, 3, 10)
SIGNS = st.sampled_from(
    [
        *"stopSTOP退订不要再发还了没吗 ,。?!0123456789月号元$£ \u200b\u0301🛑👍ＴＤ",
        " stop ",
        "don't ",
        "paid ",
        "明天",
    ]
)


@given(st.one_of(st.text(), st.lists(SIGNS, max_size=40).map("".join)), st.sampled_from(["zh", "en", ""]))
def test_any_text_is_understood_somehow(text, language):
    told = understand(text, language, TUESDAY)
    assert told.intent in INTENTS
    assert 0 <= told.confidence <= 100
    assert told.intent not in told.also or told.intent == "unclear"
    assert told.day is None or TUESDAY <= told.day <= TUESDAY + FURTHEST
    assert told == understand(text, language, TUESDAY)


def spaced(word: str) -> str:
    return " ".join(word)


def full_width(word: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in word)


def hidden(word: str) -> str:
    return "\u200b".join(word)


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        str.title,
        spaced,
        full_width,
        hidden,
        lambda word: f"  {word}!!  ",
        lambda word: f"“{word}”",
    ],
)
@pytest.mark.parametrize(
    "word",
    ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe", "退订", "td", "拒收", "不要再发"],
)
def test_a_stop_shows_through_any_disguise(word, disguise):
    told = understand(disguise(word))
    assert told.intent == "stop"
    assert not told.needs_person


@given(
    st.sampled_from(COMMANDS["stop"]),
    st.sampled_from(["", "please ", "ok ", "麻烦", "请"]),
    st.sampled_from(["", " thanks", "谢谢", "!", "。"]),
)
def test_politeness_changes_nothing(word, before, after):
    assert understand(before + word + after).intent == "stop"


@given(
    st.sampled_from(
        ["I already paid", "wrong number", "he died", "我还了", "没钱", "我要投诉", "什么", "好"]
    ),
    st.sampled_from(["stop", "please stop", "退订", "别再发了"]),
)
def test_a_stop_beside_other_words_is_a_stop(words, stop):
    assert understand(f"{words}, {stop}").intent == "stop"
    assert understand(f"{stop}. {words}").intent == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "stop\n" * 400,
        "不要" * 5000,
        "a" * 100_000,
        "还" * 3000,
        "don't " * 2000,
        "1 " * 5000,
        "," * 9000,
        "s t o p " * 500,
    ],
)
def test_no_text_takes_long(text):
    began = time.monotonic()
    understand(text, "zh", TUESDAY)
    assert time.monotonic() - began < 1.0


def test_every_intent_but_the_unclear_has_its_words():
    assert set(SAID) == set(INTENTS) - {"unclear"}


def test_vague_words_need_a_person():
    told = understand("I will pay soon")
    assert told.confidence < SURE
    assert told.needs_person


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明天", date(2026, 3, 11)),
        ("大后天", date(2026, 3, 13)),
        ("今天", TUESDAY),
        ("周二", TUESDAY),
        ("周一", date(2026, 3, 16)),
        ("下周一", date(2026, 3, 16)),
        ("下周二", date(2026, 3, 17)),
        ("星期天", date(2026, 3, 15)),
        ("10号", TUESDAY),
        ("9号", date(2026, 4, 9)),
        ("31号", date(2026, 3, 31)),
        ("下个月31号", None),
        ("二十五号", date(2026, 3, 25)),
        ("2月30号", None),
        ("1月5日", None),  # next January is too far away
        ("5月1日", date(2026, 5, 1)),
        ("月底", date(2026, 3, 31)),
        ("下月底", date(2026, 4, 30)),
        ("十天后", date(2026, 3, 20)),
        ("明天或者后天", None),
        ("3/15", date(2026, 3, 15)),
        ("tomorrow", date(2026, 3, 11)),
        ("tuesday", TUESDAY),
        ("next tuesday", date(2026, 3, 17)),
        ("monday", date(2026, 3, 16)),
        ("the 1st", date(2026, 4, 1)),
        ("20 march", date(2026, 3, 20)),
        ("april 2nd", date(2026, 4, 2)),
        ("in 5 days", date(2026, 3, 15)),
        ("end of the month", date(2026, 3, 31)),
        ("monday or friday", None),
        ("soon", None),
    ],
)
def test_days(text, day):
    assert find_day(text, TUESDAY, "zh") == day


def test_a_date_with_a_stroke_is_read_in_chinese_only():
    assert find_day("3/4 pay", date(2026, 3, 1), "zh") == date(2026, 3, 4)
    assert find_day("3/4 pay", date(2026, 3, 1), "en") is None


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(0, 92))
def test_a_day_that_is_named_in_full_is_that_day(today, ahead):
    day = today + timedelta(days=ahead)
    assert find_day(f"{day.month}月{day.day}日", today, "zh") == day
    assert find_day(f"{day.day} {day:%B}".lower(), today, "en") == day


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("500元", "500"),
        ("五百块", "500"),
        ("一千二百元", "1200"),
        ("一千二元", "1200"),
        ("一万零五十元", "10050"),
        ("两万元", "20000"),
        ("2万元", "20000"),
        ("1.5万元", "15000"),
        ("$50.50", "50.50"),
        ("£1200", "1200"),
        ("还500", "500"),
        ("pay 75", "75"),
        ("还15号", ""),
        ("还3天", ""),
        ("500元或者600元", ""),
        ("500元, 就500元", "500"),
        ("0元", ""),
        ("13800000001", ""),
    ],
)
def test_amounts(text, amount):
    assert find_amount(text) == amount


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9))
def test_chinese_numbers(thousands, hundreds, tens, ones):
    signs = "零一二三四五六七八九"
    text = f"{signs[thousands]}千{signs[hundreds]}百{signs[tens]}十{signs[ones]}"
    assert han_number(text) == thousands * 1000 + hundreds * 100 + tens * 10 + ones


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("stop", "stpo", True),
        ("stop", "sto", True),
        ("stop", "sstop", True),
        ("stop", "shop", True),
        ("stop", "start", False),
        ("stop", "pots", False),
        ("stop", "stop", True),
        ("", "a", True),
        ("ab", "ba", True),
        ("abc", "cab", False),
    ],
)
def test_one_slip(one, other, expected):
    assert one_slip(one, other) is expected
    assert one_slip(other, one) is expected


@given(st.text(max_size=200))
def test_the_one_spelling_is_its_own(text):
    once = normal(text)
    assert "\n" not in once
    assert once == once.strip(" ,")
