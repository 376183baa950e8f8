"""Goal: who owes beside a consumer, who sold or bought, payments put off and a new number are written where the format
has them, are read back the same, and every break of a rule is found.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forbear.core.bureaus.file_checks import LoanStanding, reported_of
from forbear.core.bureaus.metro2 import AccountDetails, Consumer, Reporter, record, whole_file
from forbear.core.bureaus.metro2_check import flaws, gaps
from forbear.core.bureaus.metro2_form import SEGMENTS, length_of, read_segment, segments_of, written
from forbear.core.loans.loan import Pause
from tests.core.bureaus.test_file_checks import ANN, AT, MARCH, PRODUCT, loan

GOLDEN = Path(__file__).parents[2] / "golden" / "metro2" / "segments.txt"
BEN = Consumer(
    "Example", "Ben", date(1988, 2, 29), "5550101", ANN.address, ANN.city, ANN.state, ANN.zip, ANN.country
)
CAL = Consumer(
    "Other", "Cal", date(1970, 12, 31), "5550102", "9 Oak Ave", "Portland", "OR", "97201", "US", "Unit 4"
)


def late(**changed: object) -> LoanStanding:
    return replace(reported_of(loan(), PRODUCT, MARCH), **changed)


def told_beside(told: LoanStanding, beside: AccountDetails, whose: Consumer = ANN) -> str:
    line = record(told, whose, "FENGHE", 100, AT, extras=beside)
    return whole_file([line], Reporter("Fenghe", "1 Road"), MARCH, date(2026, 4, 2))


ALL = AccountDetails(
    (("co_borrower", BEN), ("guarantor", CAL)), "First Bank", "Old Lender", "New Owner", "OLD-1"
)


def test_lengths_are_those_of_the_format():
    lengths = {"J1": 100, "J2": 200, "K1": 34, "K2": 34, "K3": 40, "K4": 30, "L1": 54, "N1": 146}
    assert {name: length_of(fields) for name, fields in SEGMENTS.items()} == lengths
    for fields in SEGMENTS.values():
        at = 1
        for first, length, _ in fields.values():
            assert first == at
            at += length


def test_everything_beside_an_account_against_the_golden_file():
    paused = replace(loan(("2026-01-10", 120_000)), pauses=(Pause(date(2026, 1, 5), date(2026, 6, 1)),))
    deferred = reported_of(replace(paused, payments=()), PRODUCT, date(2026, 1, 9))
    assert (deferred.days_past_due, deferred.deferred_until) == (0, date(2026, 6, 1))
    lines = [
        record(late(sold_on=date(2026, 3, 20), status="sold"), ANN, "FENGHE", 100, AT, extras=ALL),
        record(deferred, ANN, "FENGHE", 100, AT, extras=AccountDetails(bought_from="Old Lender")),
        record(late(), ANN, "FENGHE", 100, AT, correction=True),
    ]
    text = whole_file(lines, Reporter("Fenghe", "1 Road"), MARCH, date(2026, 4, 2))
    assert text == GOLDEN.read_text("ascii")
    assert flaws(text) == []
    assert gaps(text) == {}
    base, found = read_segment(lines[0]), segments_of(lines[0])
    assert (base["record_descriptor"], base["account"], base["ecoa"]) == ("0848", "OLD-1", "2")
    assert (base["status"], base["rating"], base["special_comment"], base["balance"]) == (
        "05",
        "2",
        "AH",
        "0" * 9,
    )
    assert [name for name, _ in found] == ["J1", "J2", "K1", "K2", "L1"]
    told = dict(found)
    assert (told["J1"]["first_name"], told["J1"]["ecoa"]) == ("BEN", "2")
    assert (told["J2"]["city"], told["J2"]["address_2"], told["J2"]["ecoa"]) == ("PORTLAND", "UNIT 4", "5")
    assert (told["K2"]["indicator"], told["K2"]["name"], told["K1"]["creditor"]) == (
        "2",
        "NEW OWNER",
        "FIRST BANK",
    )
    assert told["L1"]["account"] == "L1"
    assert dict(segments_of(lines[1]))["K4"]["deferred_until"] == "06012026"
    assert read_segment(lines[1])["frequency"] == "D"


def test_a_charged_off_loan_that_is_sold_stays_charged_off():
    base = read_segment(record(late(charged_off=120_000, sold_on=MARCH, status="sold"), ANN, "X", 100, AT))
    assert (base["status"], base["balance"], base["charge_off"]) == ("97", "0" * 9, "000001200")


BREAKS = {
    "K1: the classification": ("K1", {"creditor": "First Bank", "classification": 16}),
    "K1: the original creditor": ("K1", {"classification": 12}),
    "K2: the indicator": ("K2", {"indicator": 3, "name": "X"}),
    "K2: who bought or sold": ("K2", {"indicator": 9, "name": "X"}),
    "K3: the agency": ("K3", {"agency": 3}),
    "K4: the indicator": ("K4", {"indicator": 3}),
    "K4: a balloon": ("K4", {"indicator": 1, "balloon_on": MARCH}),
    "K4: deferred": ("K4", {"indicator": 2}),
    "L1: the indicator": ("L1", {"indicator": 4, "account": "X"}),
    "L1: what changed": ("L1", {"indicator": 2, "account": "X"}),
    "N1: the employer": ("N1", {"city": "X"}),
    "J1: surname": ("J1", {"ecoa": "2"}),
    "J1: ecoa '' is not known": ("J1", {"surname": "X"}),
    "J1: ecoa 'Q' is not known": ("J1", {"surname": "X", "ecoa": "Q"}),
    "K4: deferred_until 13010000": ("K4", {"indicator": 2, "deferred_until": "13010000"}),
}


@pytest.mark.parametrize("words", BREAKS)
def test_each_break_of_a_segment_is_found(words):
    name, values = BREAKS[words]
    day = values.get("deferred_until", "")
    line = written(SEGMENTS[name], {"segment": name, **values})
    if isinstance(day, str) and day:
        line = line[:4] + day + line[12:]
    base = record(late(), ANN, "X", 100, AT)
    whole = f"{len(base) + len(line):04d}{base[4:]}{line}"
    found = flaws(whole_file([whole], Reporter("X", "Y"), MARCH, MARCH))
    assert any(words in flaw for flaw in found), found


def test_unknown_or_misplaced_segments_and_wrong_counts_are_found():
    text = told_beside(late(), ALL)
    header, line, trailer, _ = text.split("\n")
    assert flaws(text) == []
    torn = f"{len(line) - 1:04d}{line[4:-1]}"
    assert "no known segment" in flaws("\n".join([header, torn, trailer, ""]))[0]
    segments = [line[426:526], line[526:726], line[726:]]
    turned = line[:426] + segments[1] + segments[0] + segments[2]
    assert "in this order" in flaws("\n".join([header, turned, trailer, ""]))[0]
    twice = f"{len(line) + 54:04d}{line[4:]}{line[-54:]}"
    assert "each once" in flaws("\n".join([header, twice, trailer, ""]))[0]
    for name, at in (("k2", 290), ("j1", 38), ("born all", 362), ("telephones", 398)):
        wrong = trailer[:at] + "9" * 9 + trailer[at + 9 :]
        assert f"count of {name}" in flaws("\n".join([header, line, wrong, ""]))[0]


def test_what_a_bureau_asks_for_and_is_missing_is_counted():
    text = told_beside(
        late(), AccountDetails((("co_borrower", Consumer("Example", "Ben")),)), Consumer("Example", "Ann")
    )
    assert gaps(text) == {"address": 1, "born": 2, "city": 1, "state": 1, "zip": 1}
    assert gaps(told_beside(late(opened_on=None), ALL)) == {"opened": 1}


def test_the_clock_of_a_file_is_that_of_its_making():
    assert (
        read_segment(record(late(), ANN, "X", 1, datetime(2030, 1, 2, tzinfo=UTC)))["time_stamp"]
        == "01022030000000"
    )
