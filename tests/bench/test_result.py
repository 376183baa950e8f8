"""Medians and ratios, from numbers that a person can check."""

import json

import pytest

from forbear.bench.measure import Plan
from forbear.bench.report import (
    BEGIN,
    END,
    as_json,
    import_rows,
    markdown,
    morning_rows,
    rows,
    write_markdown,
)
from forbear.bench.result import Measured, against, against_plain, findings, ratio
from forbear.bench.tasks import TASKS

BY_NAME = {task.name: task for task in TASKS}


def measured(name: str, seconds: list[float], *, size: int = 1_000_000, loans: int = 0, **told) -> Measured:
    found = Measured(BY_NAME[name], size)
    for value in seconds:
        found.add(
            {
                "loans": loans or size,
                "seconds": value,
                "processor_seconds": 2 * value,
                "peak_bytes": 2**20,
                **told,
            }
        )
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


def test_an_import_is_held_against_the_plain_conversion_by_processor_time():
    plain = measured("convert-csv", [9.0, 9.0], rows=22_000_000)
    import_ = Measured(BY_NAME["import-csv"], 1_000_000)
    for processor in (27.0, 45.0):
        import_.add(
            {"loans": 1_000_000, "seconds": 9.0, "processor_seconds": processor, "peak_bytes": 3 * 2**30}
        )
    found = against_plain(import_, [plain, import_])
    assert (found.low, found.middle, found.high) == pytest.approx((1.5, 2.0, 2.5)), "18 seconds each round"
    assert import_rows([plain, import_])[1][5:] == ("36.00", "2.00 (1.50–2.50)", "3,072 MiB")
    assert against_plain(measured("night", [1.0, 1.0]), [plain]) is None


def test_the_morning_is_one_figure_with_its_parts():
    parts = {"import": 30.0, "night": 1.0, "publish": 60.0}
    morning = measured("morning", [91.0], parts=parts)
    assert morning_rows([morning]) == [
        (BY_NAME["morning"].title, "1,000,000", "91.00", "30.00", "1.00", "60.00", "182.00", "1 MiB")
    ]
    assert rows([morning]) == import_rows([morning]) == []


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
