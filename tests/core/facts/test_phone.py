"""Goal: however a number is written, one spelling comes out; what can't be dialled is refused with a word."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.problem import Problem
from forbear.core.facts.contact import normal_point, point_digest
from forbear.core.facts.phone import PhoneNumber, read_phone, zones_of

KEY = b"k" * 32
E164 = re.compile(r"\+[1-9]\d{6,14}")


@pytest.mark.parametrize(
    ("text", "country", "right"),
    [
        *((text, "CN", "+8613800000001") for text in (
            "13800000001", "138 0000 0001", "138-0000-0001", "8613800000001", "+8613800000001", "008613800000001",
            "(+86)13800000001", "+86 138 0000 0001", "１３８００００００01", "tel:+86-138-0000-0001", " 13800000001\t",
            "\u202a+8613800000001\u202c",
        )),
        ("+86 (0)10 6555 1234", "CN", "+861065551234"),
        ("010-65551234", "CN", "+861065551234"),
        ("010-65551234-801", "CN", "+861065551234;ext=801"),
        ("010-65551234转801", "CN", "+861065551234;ext=801"),
        ("010-65551234 分机 801", "CN", "+861065551234;ext=801"),
        ("(010)65551234/801", "CN", "+861065551234;ext=801"),
        ("+44 (0)20 7946 0958", "CN", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("(415) 555-0100", "US", "+14155550100"),
        ("1-415-555-0100 x12", "US", "+14155550100;ext=12"),
        ("+39 06 1234 5678", "CN", "+390612345678"),
        ("+8613800000001", "", "+8613800000001"),
        ("+8613800000001;ext=5", "", "+8613800000001;ext=5"),
    ],
)  # fmt: skip
def test_one_number_has_one_spelling(text, country, right):
    number = read_phone(text, country)
    assert isinstance(number, PhoneNumber), number
    assert str(number) == right
    assert E164.fullmatch(number.e164)
    assert read_phone(str(number), country) == number == read_phone(str(number), "")


@pytest.mark.parametrize(
    ("text", "country", "code"),
    [
        ("13800000001 13900000002", "CN", "phone_two_numbers"),
        ("13800000001/13900000002", "CN", "phone_two_numbers"),
        ("13800000001、010-65551234", "CN", "phone_two_numbers"),
        ("13800000001或13900000002", "CN", "phone_two_numbers"),
        ("+14155550100 or +14155550101", "US", "phone_two_numbers"),
        ("1380000000113900000002", "CN", "phone_impossible"),
        ("10086", "CN", "phone_impossible"),
        ("000", "CN", "phone_impossible"),
        ("", "CN", "phone_impossible"),
        ("无", "CN", "phone_impossible"),
        ("+", "CN", "phone_impossible"),
        ("13800000001", "", "phone_impossible"),
        ("555-0100", "US", "phone_impossible"),
        ("+999123456789", "CN", "phone_impossible"),
    ],
)
def test_what_is_no_number_is_refused_with_a_word(text, country, code):
    problem = read_phone(text, country)
    assert isinstance(problem, Problem)
    assert problem.code == code


@given(st.text(max_size=60), st.sampled_from(["CN", "US", "GB", "", "XX", "中国"]))
def test_anything_gives_a_number_or_a_problem(text, country):
    number = read_phone(text, country)
    assert isinstance(number, Problem) or E164.fullmatch(number.e164)
    assert normal_point("phone", normal_point("phone", text, country), country) == normal_point(
        "phone", text, country
    )


def test_a_number_has_one_digest_and_an_extension_none_of_its_own():
    spelled = {
        point_digest("phone", text, KEY, "CN")
        for text in ("13800000001", "+8613800000001", "0086 13800000001")
    }
    assert len(spelled) == 1
    assert point_digest("phone", "010-65551234-801", KEY, "CN") == point_digest(
        "phone", "010-65551234", KEY, "CN"
    )
    assert normal_point("phone", "1069000001") == "1069000001"  # a short code keeps its digits


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+8613800000001", ["Asia/Shanghai"]),
        ("+8613999123456", ["Asia/Shanghai", "Asia/Urumqi"]),  # a block of Urumqi's mobile numbers
        ("+869912345678", ["Asia/Shanghai", "Asia/Urumqi"]),
        ("+18085550100", ["Pacific/Honolulu"]),
        ("+14155550100", ["America/Los_Angeles"]),
        ("+442079460958", ["Europe/London"]),
        ("+18005550100", []),  # belongs nowhere
        ("+447700900123", []),
        ("nonsense", []),
    ],
)
def test_a_number_tells_its_time_zones(number, zones):
    assert list(zones_of(number)) == zones
