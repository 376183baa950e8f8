"""A copy of one's data on paper: a table for each kind of row, with words in place of codes, as people read it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from unicodedata import east_asian_width

from django.utils.translation import gettext

from forbear.core.facts.vocabulary import FACTS
from forbear.interchange.documents.letters import TABLES_HERE, Table
from forbear.store.problem_text import sentence
from forbear.web.product_names import product_name
from forbear.web.templatetags.forbear import listed, spoken, word

#: The tables in which the codes of a copy have their words.
_WORDS_OF = {
    "channel": "channel",
    "outcome": "outcome_to_you",
    "party": "party",
    "stage": "stage",
    "source": "data_code",
    "purpose": "data_code",
    "language": "language",
    "preferred_language": "language",
}
#: The same where one word means another thing in each section.
_WORDS_IN = {
    ("holds", "kind"): "hold",
    ("requests", "kind"): "request",
    ("requests", "state"): "request_state",
    ("requests", "outcome"): "answer",
    ("papers", "kind"): "paper",
    ("cases", "handler"): "handler",
    ("conversations", "result"): "result",
    ("conversations", "willingness"): "willingness",
    ("conversations", "situation"): "situation",
    ("plans", "state"): "agreement",
    ("promises", "state"): "agreement",
    ("settlements", "state"): "agreement",
    ("visits", "state"): "visit",
    ("visits", "outcome"): "visit_outcome",
    ("lawsuits", "state"): "lawsuit",
    ("lawsuits", "way"): "lawsuit_procedure",
    ("numbers_and_addresses", "kind"): "data_code",
    ("contacts", "by"): "data_code",
    ("online_payments", "state"): "order",
}
#: Numbers of our own rows and codes of who acted, which say nothing to a reader; the copy for programs has them.
ROW_NUMBERS = frozenset(
    (
        "id", "borrower", "contact", "point", "route", "position", "notice", "visit_id", "bundle",
        "letter_before_claim",
        "proposed_by", "signed_by", "decided_by", "corrected_by", "taken_by", "answered_by", "reviewed_by",
        "lift_asked_by", "placed_by", "opened_by", "effects", "places", "conflicts", "third_party", "hold_kind",
        "stopped_reason_code", "stopped_reason_params", "ended_reason_code", "attachments", "provider_ref",
        "if_missed", "else", "plan", "due_change", "report",
        "reason_code", "reason_params", "arms",
    )
)  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+-]\d\d:\d\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: What is a figure of a case, and not of the person.
_CODES_OF_FACTS = {"previous_stage": "stage", "stage": "stage", "arrears_reason": "situation"} | {
    name: name for name in ("handler", "willingness", "language", "five_class")
}
#: As many columns fit beside each other, and as many signs of half a Chinese one; what is more stands row by row.
_MOST_COLUMNS, _WIDEST = 8, 86
_MICRODEGREES = frozenset(("latitude", "longitude"))

Said = dict[str, str]


def copy_on_paper(copied: Mapping[str, Any]) -> tuple[str, tuple[Table, ...]]:
    """The paragraphs and tables of a copy made by `copy_data`; what holds nothing is named in one sentence."""
    tables: list[Table] = []
    empty: list[str] = []
    for name, content in copied.items():
        if isinstance(content, str):
            continue
        rows = content if isinstance(content, list) else [content]
        if not rows:
            empty.append(word(name, "data"))
        tables += _section(name, rows, counted=isinstance(content, list))
    made = gettext("As our records stood on %(moment)s.") % {"moment": _value(copied["as_of"])}
    nothing = gettext("We keep nothing of these: %(kinds)s.") % {"kinds": listed(empty)} if empty else ""
    return "\n\n".join(part for part in (made, TABLES_HERE, nothing) if part), tuple(tables)


def _section(name: str, rows: Sequence[dict[str, object]], *, counted: bool) -> list[Table]:
    """A table of all rows where they fit beside each other, else one for each row and for each group of figures."""
    said = [_row(name, row) for row in rows]
    title = word(name, "data")
    columns = list(dict.fromkeys(column for row in said for column in row))
    fits = len(columns) <= _MOST_COLUMNS and _width(columns, said) <= _WIDEST
    groups = [_groups(row) for row in rows]
    if len(rows) > 1 and fits and not any(groups):
        lines = [[row.get(column, "") for column in columns] for row in said]
        return [Table(f"{title} ({len(rows)})", [columns, *lines], layout="list")]
    tables = []
    for place, (row, more) in enumerate(zip(said, groups, strict=True), 1):
        number = f" · {place}/{len(rows)}" if counted and len(rows) > 1 else ""
        if row:
            tables.append(Table(f"{title}{number}", list(row.items()), layout="pairs"))
        tables += [
            Table(f"{title}{number} · {word(group, 'data')}", list(pairs.items()), layout="pairs")
            for group, pairs in more.items()
        ]
    return tables


def _width(columns: Sequence[str], rows: Sequence[Said]) -> int:
    """How wide a table is, in signs of half a Chinese one: the widest of each column."""
    return sum(
        max(
            sum(1 + (east_asian_width(sign) in "WF") for sign in text)
            for text in (column, *(row.get(column, "") for row in rows))
        )
        for column in columns
    )


def _row(section: str, row: Mapping[str, object]) -> Said:
    """What a row says, by the word for each column; without what says nothing, and without its groups of figures."""
    said = {}
    for name, value in row.items():
        if name in ROW_NUMBERS or value in ("", None, [], {}) or isinstance(value, dict):
            continue
        table = _WORDS_IN.get((section, name)) or _WORDS_OF.get(name)
        said[word(name, "data")] = word(str(value), table) if table else _named(name, value)
    return said


def _groups(row: Mapping[str, object]) -> dict[str, Said]:
    """The groups of figures in a row, such as a budget or the facts of a case, each as `_row` has it."""
    return {
        name: pairs
        for name, value in row.items()
        if isinstance(value, dict) and name not in ROW_NUMBERS
        if (pairs := {_label(key): _fact(key, part) for key, part in value.items() if key not in ROW_NUMBERS})
    }


def _fact(name: str, value: object) -> str:
    if value in ("", None, [], {}):
        return "—"
    return word(str(value), _CODES_OF_FACTS[name]) if name in _CODES_OF_FACTS else _named(name, value)


def _named(name: str, value: object) -> str:
    """A value of a column: a product by its name, a place in degrees, else as `_value` says it."""
    if name == "product":
        return product_name(str(value))
    if name in _MICRODEGREES and isinstance(value, int):
        return f"{value / 1_000_000:.5f}°"
    return _value(value)


def _label(name: str) -> str:
    """The word for a column, else what a fact of this name means."""
    label = word(name, "data")
    return sentence(FACTS[name].meaning) if label == name and name in FACTS else label


def _value(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, dict):
        parts = ((name, part) for name, part in value.items() if name not in ROW_NUMBERS)
        return ", ".join(f"{_label(str(name))} {_value(part)}" for name, part in parts)
    if isinstance(value, list):
        return ", ".join(_value(part) for part in value)
    text = " ".join(str(value).split())
    if _DAY.fullmatch(text):
        return spoken(date.fromisoformat(text))
    return spoken(datetime.fromisoformat(text)) if _MOMENT.fullmatch(text) else text
