"""The golden conditions: what each means, in Python and in DuckDB alike, or how it is refused."""

import duckdb
import pytest

from forbear.core.conditions.parse import ConditionError, parse
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT
from tests.golden.fact_reader import HERE, YES_NO, only, read_file, read_row

FOLDER = HERE / "condition"
COLUMN = {"int": "INTEGER", "money": "BIGINT", "text": "VARCHAR", "bool": "BOOLEAN"}


def cases(name: str, *keys: str) -> list:
    content = only(read_file(FOLDER / name), "theme", "cases")
    return [pytest.param(only(case, "says", *keys), id=case["says"]) for case in content["cases"]]


def in_duckdb(sql: str, row: dict) -> bool:
    columns = ", ".join(f"CAST(? AS {COLUMN[FACTS[name].kind]}) AS {name}" for name in FACTS)
    values = [row[name] for name in FACTS]
    query = f"SELECT {sql} FROM (SELECT ? AS {MINOR_UNIT}, {columns})"
    return duckdb.execute(query, [row[MINOR_UNIT], *values]).fetchone()[0]


@pytest.mark.parametrize("case", cases("values.yaml", "condition", "rows"))
def test_it_means(case):
    condition = parse(case["condition"])
    for entry in case["rows"]:
        only(entry, "facts", "currency", "holds")
        row = read_row(entry["facts"] or {}, entry.get("currency", "CNY"))
        expected = YES_NO[entry["holds"]]
        assert condition.python()(row) is expected, entry
        assert in_duckdb(condition.sql(), row) is expected, entry


@pytest.mark.parametrize("case", cases("refused.yaml", "condition", "refused"))
def test_it_is_refused(case):
    with pytest.raises(ConditionError) as caught:
        parse(case["condition"], known={"night", "desk"}, origin="")
    assert [problem.message.removeprefix(":") for problem in caught.value.problems] == case["refused"]
