"""One style of placeholder for each database: the engine's statements name values as `$day`, Django's as `%s`.

The file of many statements that share values, publish/sql/write.sql, names Django's as `%(now)s`. Rows are read and
written by Django's ORM; statements made once are for the way of a permit, which every contact goes.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.tidy.tree import SRC, Module, imported, module, modules

_STATEMENT = re.compile(r"\b(select|insert into|update|delete from|where|values|limit)\b")
_QUOTED = re.compile(r"'[^']*'")
#: A question mark or a number for a value, as `= ?`, `unnest(?)`, `chr(31), ?`, `$1`, `:1`.
_OTHER_STYLE = re.compile(r"(?<=[=(,<>%])\s*\?(?=\s*(?:[,)]|::|$|\s))|\$[0-9]|(?<![:\w]):[0-9]+\b")
#: A value of Django's in a statement of the engine's, or the other way round: both in one.
_DJANGO, _ENGINE = re.compile(r"%s|%\([a-z_]+\)s"), re.compile(r"\$[a-z_]+")


def _texts(source: Module) -> Iterator[tuple[int, str]]:
    """The texts of a module, an f-string in one piece with a word for what is put in."""
    inside = {id(part) for node in source.nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in source.nodes:
        if isinstance(node, ast.JoinedStr):
            pieces = (part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
            yield node.lineno, "".join(map(str, pieces))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.lineno, node.value


def mixed(place: str, text: str) -> list[str]:
    """What is wrong with the placeholders of a text that is a statement."""
    plain = _QUOTED.sub("''", text)
    if not _STATEMENT.search(plain):
        return []
    found = [f"{place}: {other.group().strip()} for a value" for other in _OTHER_STYLE.finditer(plain)]
    if _DJANGO.search(plain) and _ENGINE.search(plain):
        found.append(f"{place}: $name and %s in one statement")
    return found


def test_values_of_statements_are_named_in_one_style():
    found = [
        what
        for source in modules()
        for line, text in _texts(source)
        for what in mixed(f"{source.path}:{line}", text)
    ]
    for path in sorted(SRC.rglob("*.sql")):
        found += mixed(path.relative_to(SRC).as_posix(), path.read_text("utf-8"))
    assert found == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("'select 1 where a = ?'", 1),
        ("'select unnest(?::bigint[]), ?'", 2),
        ("f'select {x} from t where a = $1'", 1),
        ("'insert into t values (:1)'", 1),
        ("'update t set a = %s where b = $b'", 1),
        ("'select a::bigint from t where b = $day'", 0),
        ("'update t set a = %s where b = %s'", 0),
        ("\"select regexp_full_match(a, '-?[0-9]')\"", 0),
        ("'Is that where it came from?'", 0),
    ],
)
def test_each_other_style_is_found(text, wrong):
    found = [what for line, said in _texts(module(text)) for what in mixed(str(line), said)]
    assert len(found) == wrong


#: What a permit's way goes through: store/rows.py is for these and nobody else.
UNDER_THE_GATE = {
    "forbear.actions.contacts.queue_contact",
    "forbear.actions.contacts.send",
    "forbear.actions.contacts.staff_calls",
    "forbear.store.desk_facts",
    "forbear.store.evidence",
    "forbear.store.situation",
}


def test_rows_are_read_by_the_orm_but_on_the_way_of_a_permit():
    users = {
        source.name for source in modules() for name, *_ in imported(source) if name == "forbear.store.rows"
    }
    assert users == UNDER_THE_GATE
