"""Medians and ratios, from numbers that a person can check."""

import json

import pytest

from forbear.bench.measure import Plan
from forbear.bench.report import BEGIN, END, as_json, import_rows, markdown, rows, write_markdown
from forbear.bench.result import Measured, against, findings, ratio
from forbear.bench.tasks import TASKS

BY_NAME = {task.name: task for task in TASKS}


def measured(name: str, seconds: list[float], *, size: int = 1_000_000, loans: int = 0, **told) -> Measured:
    found = Measured(BY_NAME[name], size)
    for value in seconds:
        found.add({"loans": loans or size, "seconds": value, "peak_bytes": 2**20, **told})
    return found


def test_a_ratio_is_taken_inside_each_round():
    read, night = measured("read", [1.0, 2.0, 4.0]), measured("night", [3.0, 4.0, 40.0])
    found = ratio(night, read)
    assert (found.middle, found.low, found.high) == pytest.approx((3.0, 2.0, 10.0))


def test_a_sample_is_compared_loan_for_loan():
    night = measured("night", [2.0])
    loop = measured("orm-sqlite", [20.0], loans=20_000)
    assert against(loop, "night", [night, loop]).middle == pytest.approx(500)


def test_only_the_same_size_is_compared():
    small, large = measured("read", [1.0], size=1000), measured("night", [1.0], size=2000)
    assert against(large, "read", [small, large]) is None


def test_an_import_is_not_compared_with_reading():
    read, import_ = measured("read", [1.0]), measured("import-csv", [9.0], rows=22_000_000)
    assert against(import_, "read", [read, import_]) is None
    assert import_rows([read, import_])[0][2:5] == ("22,000,000", "9.00", "2,444,444")
    assert len(rows([read, import_])) == 1


@pytest.mark.parametrize(("large", "word"), [(20.0, "linear."), (40.0, "more than linear.")])
def test_two_sizes_tell_how_time_grows(large, word):
    nights = [measured("night", [2.0]), measured("night", [large], size=10_000_000)]
    assert findings(nights)[0].endswith(f": {word}")


def test_one_size_tells_nothing_of_growth():
    assert findings([measured("night", [2.0])]) == []


def plan(tmp_path) -> Plan:
    return Plan((1_000_000,), 3, 2, 20_000, 1, tmp_path, frozenset({"read", "night"}))


def test_a_row_says_how_far_the_rounds_lie_apart(tmp_path):
    both = [measured("read", [1.0, 1.0, 1.0]), measured("night", [2.0, 3.0, 4.0])]
    assert rows(both)[1][4] == "3.00 (2.00–4.00)"
    page = markdown(plan(tmp_path), both)
    assert "| The night | 1,000,000 | 3.00 | 3.00 | 3.00 (2.00–4.00) |  | 1.00 | 333,333 | 1 MiB |" in page
    assert "medians of 3 rounds" in page


def test_json_has_every_round(tmp_path):
    told = json.loads(as_json(plan(tmp_path), [measured("night", [2.0, 3.0, 4.0])]))
    assert told["tasks"][0]["seconds"] == [2.0, 3.0, 4.0]
    assert told["tasks"][0]["times_read"] is None


def test_a_file_without_marks_is_written_whole(tmp_path):
    path = tmp_path / "table.md"
    write_markdown(path, "first\n")
    write_markdown(path, "second\n")
    assert path.read_text("utf-8") == "second\n"


def test_a_page_keeps_what_is_around_the_marks(tmp_path):
    path = tmp_path / "page.md"
    path.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write_markdown(path, "new\n")
    write_markdown(path, "new\n")
    assert path.read_text("utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
