"""Reading mapping.yaml: short forms written out, every mistake at once with its line, column and nearest word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from forbear.core.base.problem import FileMistakes, MessageId, Phrase, Problem, noop, with_hint
from forbear.core.files.hints import one_of
from forbear.core.files.settings import node_at, read_settings
from forbear.core.files.sheet import Sheet
from forbear.interchange.book.feed_columns import CONSENT_NAME, OF_SCHEDULES, TABLES, Table
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.feed_hints import nearest
from forbear.interchange.mapping.mapping_file import ColumnRule, MappingFile

#: Keys whose value is a number or a truth; all other values are texts, so that `No`, `1.0` and `0123` stay as written.
_NOT_TEXT = {"header", "round", "optional", "exponent"}
_LISTS = {"files", "columns", "dates", "date", "leave_out", "generated", "strip", "one_per", "nulls"}
_STR = "tag:yaml.org,2002:str"
#: Amounts that are zero where a mapping doesn't name them.
ZERO_WHERE_LEFT_OUT = ("interest", "fee", "penalty")


class MappingError(FileMistakes, FeedError):
    """A mapping that can't be used, or sources that don't fit it; `problems` has one for each mistake."""


@dataclass(slots=True)
class MappingText:
    """A mapping as it was read, and where its parts stand, so that what the sources show is said at its place."""

    mapping: MappingFile
    path: Path
    sheet: Sheet
    root: yaml.Node
    text: str
    mistakes: list[Problem] = field(default_factory=list)

    def say(self, path: Iterable[str | int], what: Problem) -> None:
        """Note a mistake at the node that the path leads to."""
        node, _ = node_at(self.root, tuple(path))
        self.sheet.say(node, what)

    def refuse(self) -> None:
        """`MappingError` with all mistakes noted until now, if there are any."""
        if self.sheet.problems:
            raise MappingError(self.sheet.ordered_problems())


def read_mapping(path: Path, text: str) -> MappingText:
    """The mapping in a text; `MappingError` with every mistake that shows without its sources."""
    like = noop("must have sources and tables")
    found = read_settings(MappingFile, text, str(path), like, reshape=_write_out)
    if isinstance(found, list):
        raise MappingError(found)
    sheet = Sheet(str(path), text)
    root = sheet.compose()
    assert root is not None, "it was read before"
    _write_out(root)
    read = MappingText(found, path, sheet, root, text)
    _check_sources(read)
    _check_tables(read)
    read.refuse()
    return read


def _write_out(root: yaml.Node) -> None:
    """Short forms in full: a word for a list of one, a block for a list of one, a name for a rule."""
    _plain_texts(root)
    for name, value in _entries(root):
        if name == "sources":
            for _, source in _entries(value):
                _list_of_one(source)
        if name == "tables" and isinstance(value, yaml.MappingNode):
            value.value = [(key, _as_list(block)) for key, block in value.value]
            for _, blocks in value.value:
                for block in blocks.value if isinstance(blocks, yaml.SequenceNode) else ():
                    _write_out_block(block)


def _write_out_block(block: yaml.Node) -> None:
    _list_of_one(block)
    for name, columns in _entries(block):
        if name == "columns" and isinstance(columns, yaml.MappingNode):
            columns.value = [(key, _as_rule(rule)) for key, rule in columns.value]
            for _, rule in columns.value:
                _list_of_one(rule)


def _entries(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _plain_texts(node: yaml.Node, seen: set[int] | None = None) -> None:
    seen = seen if seen is not None else set()
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.tag = _STR
            if isinstance(value, yaml.ScalarNode):
                value.tag = value.tag if key.value in _NOT_TEXT else _STR
            else:
                _plain_texts(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            if isinstance(value, yaml.ScalarNode):
                value.tag = _STR
            else:
                _plain_texts(value, seen)


def _as_list(node: yaml.Node) -> yaml.Node:
    if isinstance(node, yaml.SequenceNode):
        return node
    return yaml.SequenceNode("tag:yaml.org,2002:seq", [node], node.start_mark, node.end_mark)


def _as_rule(node: yaml.Node) -> yaml.Node:
    if not isinstance(node, yaml.ScalarNode):
        return node
    key = yaml.ScalarNode(_STR, "column", node.start_mark, node.end_mark)
    return yaml.MappingNode("tag:yaml.org,2002:map", [(key, node)], node.start_mark, node.end_mark)


def _list_of_one(node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        node.value = [
            (key, _as_list(value) if key.value in _LISTS and isinstance(value, yaml.ScalarNode) else value)
            for key, value in node.value
        ]


def _check_sources(read: MappingText) -> None:
    for name, source in read.mapping.sources.items():
        at = ("sources", name)
        if bool(source.files) == bool(source.database):
            read.say(
                at,
                Problem("source_without_rows", "%(source)s needs either files or a database", source=name),
            )
        if bool(source.database) != bool(source.query):
            read.say(
                at, Problem("source_query_missing", "%(source)s needs both database and query", source=name)
            )
        if source.header == 0 and not source.columns and not source.database:
            read.say(
                at,
                Problem(
                    "source_columns_missing", "%(source)s has no header, so it needs columns", source=name
                ),
            )
    for name in read.mapping.views:
        if name in read.mapping.sources:
            read.say(
                ("views", name), Problem("view_named_like_source", "%(name)s is a source already", name=name)
            )


def _check_tables(read: MappingText) -> None:
    tables = {table.name: table for table in TABLES}
    known = (*read.mapping.sources, *read.mapping.views)
    for table in TABLES:
        unneeded = table.name in OF_SCHEDULES and "accounts" in read.mapping.tables
        if table.required and not unneeded and table.name not in read.mapping.tables:
            missing = Problem("mapped_table_missing", "a feed needs the table %(table)s", table=table.name)
            read.say(("tables",), missing)
    for name, blocks in read.mapping.tables.items():
        for place, block in enumerate(blocks):
            at = ("tables", name, place)
            if block.source not in known:
                unknown = Problem(
                    "mapped_source_unknown", "%(source)s is no source or view", source=block.source
                )
                read.say((*at, "source"), with_hint(unknown, hint(block.source, known)))
            for column in block.one_per:
                if column not in block.columns:
                    unknown = Problem(
                        "mapped_one_per_unknown", "%(column)s is no column of this block", column=column
                    )
                    read.say((*at, "one_per"), with_hint(unknown, hint(column, block.columns)))
            _check_columns(read, tables[name], at, block.columns)


def hint(name: str, names: Iterable[str]) -> Phrase:
    """The nearest name there is, else all there are."""
    names = tuple(names)
    plain = name.casefold()
    inside = [each for each in names if plain in each.casefold() or each.casefold() in plain]
    near = nearest(name, names) or (inside[0] if inside else "")
    return Phrase(noop("did you mean `%(nearest)s`?"), nearest=near) if near else one_of(names[:30])


def _check_columns(
    read: MappingText, table: Table, at: tuple[str | int, ...], rules: Mapping[str, ColumnRule]
) -> None:
    names = [column.name for column in table.columns]
    for name, rule in rules.items():
        consent = table.name == "borrowers" and name.startswith(CONSENT_NAME[:8])
        if name not in names and not consent:
            unknown = Problem(
                "mapped_column_unknown", "%(table)s has no column %(column)s", table=table.name, column=name
            )
            read.say((*at, "columns", name, "[key]"), with_hint(unknown, hint(name, names)))
        given = [rule.column is not None, rule.value is not None, rule.sql is not None, bool(rule.generated)]
        if sum(given) != 1:
            read.say(
                (*at, "columns", name),
                Problem(
                    "mapped_column_origin",
                    "%(column)s needs exactly one of column, value, sql and generated",
                    column=name,
                ),
            )
    for column in table.columns:
        if column.name in rules or column.optional or column.name in ZERO_WHERE_LEFT_OUT:
            continue
        missing = Problem(
            "mapped_column_missing", "%(table)s needs %(column)s", table=table.name, column=column.name
        )
        advice = _ADVICE.get(column.name)
        read.say((*at, "columns"), with_hint(missing, advice))


_ADVICE: dict[str, MessageId] = {
    "payment_id": noop("where payments have no id, write {generated: [the columns that tell them apart]}"),
    "currency": noop("where all rows have one, write {value: CNY}"),
    "status": noop("where all loans are active, write {value: active}"),
    "product": noop("where there is one product, write {value: loan}"),
    "number": noop(
        'where instalments are not numbered, write {sql: "row_number() over (partition by loan order by due)"}'
    ),
}
