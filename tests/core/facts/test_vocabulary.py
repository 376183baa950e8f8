"""The vocabulary is complete, consistent and safe to use as column names."""

import re

import duckdb
import pytest

from forbear.core.conditions.words import FUNCTIONS, KEYWORDS
from forbear.core.facts.vocabulary import FACTS, KINDS, KNOWN, LEVELS, MINOR_UNIT, default_row, facts_known
from tests.chinese import in_chinese

TYPES = {"int": int, "money": int, "text": str, "bool": bool}


@pytest.mark.parametrize("fact", FACTS.values(), ids=list(FACTS))
def test_each_fact_is_whole(fact):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", fact.name)
    assert fact.kind in KINDS
    assert fact.known in KNOWN
    assert fact.level in LEVELS
    assert type(fact.default) is TYPES[fact.kind]
    assert fact.meaning
    assert re.search(r"[\u4e00-\u9fff]", in_chinese(fact.meaning)), "the Chinese meaning is in Chinese"
    assert fact.name not in (*FUNCTIONS, *KEYWORDS, MINOR_UNIT)
    assert not fact.values or fact.kind == "text"
    assert (fact.unit == "currency") == (fact.kind == "money")


def test_every_fact_can_be_a_bare_column_name():
    columns = ", ".join(f"1 AS {name}" for name in FACTS)
    assert duckdb.execute(f"SELECT {', '.join(FACTS)} FROM (SELECT {columns})").fetchall()


def test_facts_are_listed_by_when_they_are_known():
    night, moment = facts_known({"night"}), facts_known({"moment"})
    assert [fact.name for fact in night][:2] == ["days_past_due", "days_delinquent"]
    assert "local_hour" in {fact.name for fact in moment}
    assert not {fact.name for fact in night} & {fact.name for fact in moment}
    assert facts_known(set(KNOWN)) == list(FACTS.values())


def test_default_row_has_every_fact_and_the_minor_unit():
    row = default_row(minor_unit=1000)
    assert set(row) == {*FACTS, MINOR_UNIT}
    assert row[MINOR_UNIT] == 1000
    assert row["days_since_contact"] == 9999


def test_an_untold_moment_allows_least():
    row = default_row()
    assert row["local_hour"] == 0, "an unknown hour counts as night"
    assert row["night_consent"] is False
