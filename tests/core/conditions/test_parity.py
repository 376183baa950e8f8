"""One condition, two meanings held equal: its SQL in DuckDB and its Python function, on random facts."""

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.conditions.parse import parse
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT
from forbear.core.loans.delinquency import FIVE_CLASSES
from tests.core.condition_texts import SOME_TEXTS, conditions, plain_conditions
from tests.profile import examples

SOME_INTS = [0, 1, 2, 3, 7, 29, 30, 31, 180, 9999, -1, -7, 10**9]
SOME_MONEY = [0, 1, 49, 50, 51, 99, 100, 101, 499_999, 500_000, 500_001, -1, 10**15, 2**53 // 10**3 + 1]

_COLUMN = {"int": "INTEGER", "money": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN"}


def rows_of(names: list[str]) -> st.SearchStrategy[list[dict]]:
    """Rows of values for some facts, in currencies of 1, 100 and 1000 minor units."""
    values = {
        "int": st.one_of(st.sampled_from(SOME_INTS), st.integers(-(10**9), 10**9)),
        "money": st.one_of(st.sampled_from(SOME_MONEY), st.integers(-(10**15), 10**15)),
        "text": st.sampled_from(SOME_TEXTS),
        "bool": st.booleans(),
    }
    cells = {name: values[FACTS[name].kind] for name in names}
    row = st.fixed_dictionaries({MINOR_UNIT: st.sampled_from([1, 100, 1000]), **cells})
    return st.lists(row, min_size=1, max_size=12)


def in_duckdb(sql: str, names: list[str], rows: list[dict]) -> list[bool]:
    """The values of a condition on many rows, in one query, over columns as narrow as a file may have."""
    columns = [f"CAST({MINOR_UNIT} AS SMALLINT) AS {MINOR_UNIT}"]
    columns += [f"CAST({name} AS {_COLUMN[FACTS[name].kind]}) AS {name}" for name in names]
    cells = ", ".join("(" + ", ".join("?" * (len(names) + 1)) + ")" for _ in rows)
    values = [value for row in rows for value in (row[MINOR_UNIT], *(row[name] for name in names))]
    table = f"(SELECT {', '.join(columns)} FROM (VALUES {cells}) AS v({', '.join([MINOR_UNIT, *names])}))"
    return [value for (value,) in duckdb.execute(f"SELECT {sql} FROM {table}", values).fetchall()]


def check(text: str, rows: list[dict], names: list[str]) -> None:
    condition = parse(text)
    function = condition.python()
    assert in_duckdb(condition.sql(), names, rows) == [function(row) for row in rows], text


@given(conditions, st.data())
@settings(max_examples=examples(150, long=3000))
def test_sql_and_python_agree(text, data):
    names = sorted(parse(text).facts)
    check(text, data.draw(rows_of(names)), names)


@given(plain_conditions, st.data())
@settings(max_examples=examples(75, long=1500))
def test_what_is_written_means_what_sql_means_by_it(text, data):
    """Precedence is SQL's own: where no money, `/` or `%` is involved, the text itself can be run."""
    names = sorted(parse(text).facts)
    rows = data.draw(rows_of(names))
    # the text is not protected against 32-bit overflow, so its facts are kept small
    small = [
        {name: value % 1000 if type(value) is int else value for name, value in row.items()} for row in rows
    ]
    function = parse(text).python()
    assert in_duckdb(text, names, small) == [function(row) for row in small], text


@pytest.mark.parametrize("text", [f"five_class = '{name}'" for name in FIVE_CLASSES])
def test_closed_values_agree(text):
    rows = [{MINOR_UNIT: 100, "five_class": name} for name in FIVE_CLASSES]
    check(text, rows, ["five_class"])


@pytest.mark.parametrize(
    "text",
    [
        "past_due_amount + 0.000001 > outstanding * 1",
        "(past_due_amount + 10.005) * 0.5 = (outstanding + 10.005) / 2",
        "past_due_amount / outstanding >= 0.3",
        "past_due_amount / (outstanding - outstanding) = 0",
        "age_years % (age_years - age_years) = 0",
        "age_years / 0 = 0",
        "age_years % 0 = 0",
        "days_past_due * days_past_due * 9 >= 0",
        "-outstanding between -5000.00 and 0.01",
    ],
)
def test_the_awkward_corners_agree(text):
    names = sorted(parse(text).facts)
    rows = [
        {MINOR_UNIT: unit} | {name: (ints if FACTS[name].kind == "int" else cash)[at] for name in names}
        for unit in (1, 100, 1000)
        for at in range(8)
        for ints in ([0, 1, -1, 30, -7, 10**9, -(10**9), 180],)
        for cash in ([0, 1, -1, 500_000, 10**15, -(10**15), 2**53 + 1, 99],)
    ]
    check(text, rows, names)
