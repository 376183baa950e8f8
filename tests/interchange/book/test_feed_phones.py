"""Goal: telephone numbers are taken in any spelling, and one that can't be dialled harms nothing but itself."""

import pytest

from forbear.engine.columnar import connected
from tests.interchange.book.small_feed import ONE_LOAN, take_in, write


def taken(tmp_path, phone: str, country: str = "CN") -> tuple[int, list[str], list[str]]:
    """How many rows were quarantined, what the report warns of numbers, and the numbers in the book."""
    feed = write(tmp_path / "feed", **ONE_LOAN, borrowers=[f"B1,Ann,{phone},,zh,,Asia/Shanghai,,true"])
    report, book = take_in(tmp_path, feed, country=country)
    with connected(1) as engine:
        numbers = engine.execute(f"select phone from {book.rows('borrowers')}").fetchall()
    warned = [line for line in report.warnings if "telephone" in line]
    return report.quarantined_rows, warned, [number for (number,) in numbers]


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "+8613800000001",
        "13800000001",
        "138 0000 0001",
        "010-65551234-801",
        "010-65551234转801",
        "+44 (0)20 7946 0958",
    ],
)
def test_a_number_is_taken_in_any_spelling(tmp_path, phone):
    assert taken(tmp_path, phone) == (0, [], [phone])


@pytest.mark.parametrize("phone", ["10086", "123", "+", "000"])
def test_a_number_that_can_not_be_dialled_is_kept_with_a_warning(tmp_path, phone):
    bad, warned, numbers = taken(tmp_path, phone)
    assert (bad, numbers) == ((0, [phone]) if len(phone) > 1 else (1, []))
    assert bool(warned) == (len(phone) > 1)


@pytest.mark.parametrize(
    "phone", ["13800000001/13900000002", "1380000000113900000002", "see the file", "12ab"]
)
def test_two_numbers_and_no_number_go_to_the_quarantine(tmp_path, phone):
    assert taken(tmp_path, phone)[0] == 1


def test_without_a_country_nothing_is_lost(tmp_path):
    bad, warned, numbers = taken(tmp_path, "13800000001", country="")
    assert (bad, len(warned), numbers) == (0, 1, ["13800000001"])
