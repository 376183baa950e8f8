"""Goal: an agency is admitted on a whole, current file only; what is wrong with one is told part by part."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agencies.agency import (
    METHODS,
    AdmissionFile,
    as_written,
    check_file,
    lapsed,
    lapsing,
    read_file,
    review_due,
)

TODAY = date(2026, 3, 10)
LATER = date(2027, 3, 1)


def good(**more: object) -> AdmissionFile:
    values = {
        "licence": "91310000MA1K0000XX",
        "licence_until": LATER,
        "experience_years": 6,
        "collectors": 40,
        "methods": ("call", "letter"),
        "security": "ISO 27001",
        "security_until": LATER,
        "insurance_until": LATER,
        "undertaking_on": date(2026, 3, 1),
        "checked_on": date(2026, 3, 5),
        "contract_from": date(2026, 3, 10),
        "contract_until": LATER,
        "telephone": "+861000000010",
        "address": "某市某路 1 号",
    }
    return AdmissionFile(**(values | more))


def test_a_whole_file_admits():
    assert check_file(good(), TODAY) == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"licence": " "}, "Registration number"),
        ({"experience_years": 0}, "at least a year"),
        ({"collectors": 1}, "at least two collectors"),
        ({"methods": ()}, "the methods are"),
        ({"methods": ("call", "shouting")}, "the methods are"),
        ({"licence_until": TODAY - timedelta(days=1)}, "the licence ended"),
        ({"insurance_until": TODAY - timedelta(days=1)}, "the insurance ended"),
        ({"undertaking_on": TODAY + timedelta(days=1)}, "undertaking"),
        ({"checked_on": TODAY - timedelta(days=366)}, "looked up"),
        ({"contract_from": LATER + timedelta(days=1)}, "ends before it begins"),
        ({"telephone": ""}, "Telephone"),
    ],
)
def test_what_keeps_an_agency_out(more, said):
    found = check_file(good(**more), TODAY)
    assert len(found) == 1
    assert said in str(found[0])


def test_a_paper_is_good_on_its_last_day_and_not_after():
    file = good(insurance_until=TODAY)
    assert lapsed(file, TODAY) == []
    assert lapsed(file, TODAY + timedelta(days=1)) == ["insurance"]
    assert lapsing(file, TODAY) == [("the insurance", TODAY)]
    assert review_due(TODAY) == date(2027, 3, 10)


@given(
    st.builds(
        good,
        experience_years=st.integers(0, 99),
        collectors=st.integers(0, 10_000),
        methods=st.lists(st.sampled_from(METHODS), unique=True).map(tuple),
        checked_on=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    )
)
def test_a_file_survives_being_told(file):
    assert read_file(as_written(file)) == file


def test_every_part_that_cannot_be_read_is_named():
    told = as_written(good()) | {"licence_until": "soon", "collectors": "many", "address": "x" * 400}
    assert [str(each).split("” can't")[0] for each in read_file(told)] == [
        "“Licence good until",
        "“Collectors",
        "“Address",
    ]
