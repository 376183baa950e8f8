"""From a lender's own files to a feed, by a mapping: sources, views, then each table of the feed.

Rows keep where they come from. What is left out is counted and written down, and nothing is repaired.
"""

import hashlib
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from forbear.core.base.problem import Problem, with_hint
from forbear.core.files.settings import node_at
from forbear.engine.columnar import (
    Connection,
    EngineError,
    confine,
    connect,
    identifier,
    one_row,
    quote,
    unwritten,
)
from forbear.interchange.book.control_file import NAMES as CONTROL_FILES
from forbear.interchange.book.feed_columns import TABLES, Column, Table
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.origin import FILE, ROW, MappedFeed, Origin, sent_name
from forbear.interchange.home.plain_table import PlainWriter
from forbear.interchange.mapping.convert import Converted, convert
from forbear.interchange.mapping.load_sources import load_sources
from forbear.interchange.mapping.mapping_file import Block, ColumnRule
from forbear.interchange.mapping.read_mapping import ZERO_WHERE_LEFT_OUT, MappingText, hint, read_mapping
from forbear.interchange.mapping.staged import STAGED, LeftOut, Piece, Staged

LEFT_OUT = "left-out.csv"
_WHERE = "the mapping's condition doesn't hold"
_UNKNOWN = "the mapping's condition can't be answered, for a value in it is empty"


def map_feed(
    mapping_path: Path,
    feed: Path,
    scratch: Path,
    *,
    threads: int = 2,
    largest_quarantine: float = 0.05,
    before: Mapping[str, Any] | None = None,
) -> MappedFeed:
    """Make a feed folder in `scratch` of the files in `feed`.

    `before` is the account of the import before, by which new columns are known. Raises `FeedError` for sources that
    can't be read and `MappingError` for a mapping that doesn't fit them, with every mistake.
    """
    read = read_mapping(mapping_path, _text(mapping_path))
    folder = scratch / "mapped"
    folder.mkdir(parents=True)
    work = scratch / "sources"
    work.mkdir()
    connection = connect(threads, spill=scratch / "spill")
    try:
        staged, paths = load_sources(connection, read.mapping, feed, work)
        _refuse_misshapen(staged, largest_quarantine)
        confine(connection, [work, folder])
        run = _Run(connection, read, staged)
        run.make_views()
        run.check(before or {})
        read.refuse()
        origins = {
            table.name: run.write(table, folder) for table in TABLES if table.name in read.mapping.tables
        }
    finally:
        connection.close()
    _copy_beside(read, feed, folder)
    left_out = [each for source in staged.values() for piece in source.pieces for each in piece.left_out]
    left_out += run.left_out
    return MappedFeed(
        folder,
        _digest(read, paths, staged, folder),
        origins,
        (*run.warnings, *_left_out_warnings(left_out)),
        _account(staged, left_out),
        _write_left_out(left_out, scratch / LEFT_OUT),
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FeedError(f"{path}: is not UTF-8 text; save it in UTF-8") from None
    except OSError as error:
        raise FeedError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from None


class _Run:
    """One mapping at work on its loaded sources."""

    def __init__(self, connection: Connection, read: MappingText, staged: Mapping[str, Staged]) -> None:
        self.connection, self.read, self.staged = connection, read, staged
        self.columns = {name: list(source.columns) for name, source in staged.items()}
        self.left_out: list[LeftOut] = []
        self.warnings: list[str] = []

    def make_views(self) -> None:
        """The mapping's own views, in their order; a mistake is noted at the view."""
        for name, query in self.read.mapping.views.items():
            if flaw := self._flaw_of_query(f"create view {identifier(name)} as {query}"):
                self.read.say(("views", name), flaw)
            else:
                inner = identifier(f"as written: {name}")
                self.connection.execute(f"create view {inner} as {query}")
                self.columns[name] = self._described(inner)
                # all columns are text, as those of sources are
                texts = ", ".join(
                    identifier(column)
                    if column == ROW
                    else f"{identifier(column)}::varchar as {identifier(column)}"
                    for column in self.columns[name]
                )
                self.connection.execute(f"create view {identifier(name)} as select {texts} from {inner}")

    def _described(self, relation: str) -> list[str]:
        rows = self.connection.execute(f"describe select * from {relation}").fetchall()
        return [name for name, *_ in rows]

    def _flaw_of_query(self, query: str) -> Problem | None:
        """What the engine says against a query; None when nothing. Two statements in one are refused."""
        try:
            if len(self.connection.extract_statements(query)) != 1:
                return Problem(
                    "mapped_sql_several", "more than one statement; write one query without semicolons"
                )
            self.connection.execute(f"explain {query}")
        except EngineError as error:
            return Problem("mapped_sql_invalid", "the engine can't read it: %(error)s", error=_said(error))
        return None

    def check(self, before: Mapping[str, Any]) -> None:
        """Note every column, expression and condition that doesn't fit the sources."""
        missing: dict[str, list[str]] = {}
        for table, blocks in self.read.mapping.tables.items():
            for place, block in enumerate(blocks):
                if block.source in self.columns:
                    self._check_block(("tables", table, place), block, missing)
        for name, source in self.staged.items():
            new = self._new_columns(name, source, before)
            if name in missing:
                what = Problem(
                    "mapped_source_changed",
                    "%(source)s (%(files)s) lacks %(missing)s; new in it: %(new)s",
                    source=name,
                    files=source.label,
                    missing=", ".join(dict.fromkeys(missing[name])),
                    new=", ".join(new) or "nothing",
                )
                self.read.say(("sources", name), what)
            elif new and before.get(name):
                self.warnings.append(f"{source.label}: new since the import before: {', '.join(new)}")

    def _new_columns(self, name: str, source: Staged, before: Mapping[str, Any]) -> list[str]:
        known = before.get(name, {}).get("columns")
        if known is not None:
            return [column for column in source.columns if column not in known]
        used = _columns_used(self.read)
        return [column for column in source.columns if column.casefold() not in used]

    def _check_block(self, at: tuple[str | int, ...], block: Block, missing: dict[str, list[str]]) -> None:
        names = self.columns[block.source]
        folded = {name.casefold() for name in names} | {FILE, ROW}
        relation = identifier(block.source)
        for column, rule in block.columns.items():
            for name in (*([rule.column] if rule.column is not None else []), *rule.generated):
                if name.casefold() not in folded:
                    what = Problem(
                        "mapped_source_column",
                        "%(source)s has no column %(column)s",
                        source=block.source,
                        column=name,
                    )
                    self.read.say((*at, "columns", column), with_hint(what, hint(name, names)))
                    missing.setdefault(block.source, []).append(name)
            if rule.sql is not None and (
                flaw := self._flaw_of_query(f"select ({rule.sql}\n)::varchar from {relation}")
            ):
                self.read.say((*at, "columns", column, "sql"), flaw)
        if block.order and (
            flaw := self._flaw_of_query(f"select 1 from {relation} order by {block.order}\n")
        ):
            self.read.say((*at, "order"), flaw)
        if block.where and (flaw := self._flaw_of_query(f"select 1 from {relation} where ({block.where}\n)")):
            self.read.say((*at, "where"), flaw)

    def write(self, table: Table, folder: Path) -> Origin:
        """Write one table of the feed with the origin of its rows; what they come from."""
        blocks = self.read.mapping.tables[table.name]
        names = self._columns_of(table, blocks)
        made = [self._converted(block, names) for block in blocks]
        sent = [name for name in names if any(each[name].sent is not None for each in made)]
        labels = dict.fromkeys(
            self.staged[b.source].label if b.source in self.staged else b.source for b in blocks
        )
        origin = Origin(
            ", ".join(labels),
            {name: _joined(each[name].origin for each in made) for name in names},
            frozenset(sent),
            {name: made[0][name].example for name in names if made[0][name].example},
            frozenset(
                name for name in names if any(name in b.columns and b.columns[name].words for b in blocks)
            ),
        )
        for block in blocks:
            self._count_rounded(table, block)
        if piece := self._only_piece(blocks):
            scan = self._query(blocks[0], made[0], sent, names, f"({piece.scan()})")
            return replace(origin, scan=scan, rows=piece.rows - len(piece.without))
        queries = [
            self._query(block, columns, sent, names) for block, columns in zip(blocks, made, strict=True)
        ]
        target = folder / f"{table.name}.parquet"
        try:
            self.connection.execute(f"copy ({' union all '.join(queries)}) to {quote(target)} ({STAGED})")
        except EngineError as error:
            if unwritten(error):
                raise
            place = self.read.sheet.place(node_at(self.read.root, ("tables", table.name))[0])
            raise FeedError(
                f"{place}: {table.name}: an expression met a value it can't take ({_said(error)}); use try_cast"
            ) from None
        for block, columns in zip(blocks, made, strict=True):
            self._count_left_out(table.name, block)
            self._count_repeated(table.name, block, columns)
        return origin

    def _only_piece(self, blocks: tuple[Block, ...]) -> Piece | None:
        """The one file that the import can read itself: whole rows of it, and no expression that others wrote."""
        block = blocks[0]
        staged = self.staged.get(block.source)
        if len(blocks) > 1 or staged is None or len(staged.pieces) != 1 or block.where or block.one_per:
            return None
        if any(rule.sql is not None or rule.generated for rule in block.columns.values()):
            return None
        return staged.pieces[0]

    def _columns_of(self, table: Table, blocks: tuple[Block, ...]) -> dict[str, Column]:
        named = {name for block in blocks for name in block.columns} | set(ZERO_WHERE_LEFT_OUT)
        columns = {column.name: column for column in table.columns if column.name in named}
        consents = sorted(name for name in named if name.startswith("consent_"))
        return columns | (
            {name: Column(name, "truth") for name in consents} if table.name == "borrowers" else {}
        )

    def _converted(self, block: Block, columns: Mapping[str, Column]) -> dict[str, Converted]:
        source = self.read.mapping.sources.get(block.source)
        return {name: convert(_rule_of(block, name), column, source) for name, column in columns.items()}

    def _query(
        self,
        block: Block,
        made: Mapping[str, Converted],
        sent: list[str],
        names: Mapping[str, Column],
        piece: str = "",
    ) -> str:
        """SQL for a block's rows. `piece`: the file that they are read from, which gives their places, too."""
        selected = [f"{made[name].sql} as {identifier(name)}" for name in names]
        selected += [f"({made[name].sent or made[name].sql})::varchar as {sent_name(name)}" for name in sent]
        if piece:
            return f"select row_at, {', '.join(selected)}, {FILE}, {ROW} from {piece}"
        rows = f"{self._rows(block)} {_where(block)} {_first(block, made)}"
        return f"select {', '.join(selected)}, {FILE}, {ROW} from {rows}"

    def _rows(self, block: Block) -> str:
        """The block's rows, each with its file and row; of a view that gives none, the view and its own count."""
        relation = identifier(block.source)
        folded = {name.casefold() for name in self.columns[block.source]}
        if block.source in self.staged or {FILE, ROW} <= folded:
            return relation
        others = [name for name in (FILE, ROW) if name in folded]
        exclude = f"exclude ({', '.join(others)})" if others else ""
        label = quote(f"view {block.source}")
        return f"(select * {exclude}, {label} as {FILE}, row_number() over () as {ROW} from {relation})"

    def _count_repeated(self, table: str, block: Block, made: Mapping[str, Converted]) -> None:
        if not block.one_per:
            return
        counted = self.connection.execute(
            f"""select {FILE}, count(*), min({ROW}), max({ROW}) from (
                select {FILE}, {ROW} from {self._rows(block)} {_where(block)} {_first(block, made, "> 1")})
            group by all order by all"""
        ).fetchall()
        reason = f"{table}: another row of the same {', '.join(block.one_per)} counts"
        for file, rows, first, last in counted:
            self.left_out.append(LeftOut(block.source, file, reason, rows, first, last))

    def _count_left_out(self, table: str, block: Block) -> None:
        if not block.where:
            return
        counted = self.connection.execute(
            f"""select {FILE}, ({block.where}\n) is null as unknown, count(*), min({ROW}), max({ROW})
            from {self._rows(block)} where coalesce(not ({block.where}\n), true) group by all order by all"""
        ).fetchall()
        for file, unknown, rows, first, last in counted:
            reason = f"{table}: {_UNKNOWN if unknown else _WHERE}"
            self.left_out.append(LeftOut(block.source, file, reason, rows, first, last, block.where))

    def _count_rounded(self, table: Table, block: Block) -> None:
        source = self.read.mapping.sources.get(block.source)
        for column in table.columns:
            rule = block.columns.get(column.name)
            if rule is None or rule.round is None:
                continue
            exact = ColumnRule(**{**_fields(rule), "round": 6})
            rounded, whole = (
                f"try_cast({convert(r, column, source).sql} as decimal(28, 6))" for r in (rule, exact)
            )
            where = f"where ({block.where}\n)" if block.where else ""
            count, difference = one_row(
                self.connection.execute(
                    f"select count(*) filter (where a <> b), coalesce(sum(a - b), 0) "
                    f"from (select {rounded} as a, {whole} as b from {self._rows(block)} {where})"
                )
            )
            if count:
                self.warnings.append(
                    f"{table.name}: {count:,} amounts of {column.name} were rounded to {rule.round} decimals, "
                    f"together by {difference.normalize():f}"
                )


def _where(block: Block) -> str:
    return f"where ({block.where}\n)" if block.where else ""


def _first(block: Block, made: Mapping[str, Converted], which: str = "= 1") -> str:
    """SQL that keeps one row of those alike in the columns of `one_per`."""
    if not block.one_per:
        return ""
    keys = ", ".join(made[name].sql for name in block.one_per)
    order = f"{block.order}\n, " if block.order else ""
    return f"qualify row_number() over (partition by {keys} order by {order}{FILE}, {ROW}) {which}"


def _joined(origins: Iterable[str]) -> str:
    return " / ".join(dict.fromkeys(origins))


def _fields(rule: ColumnRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def _rule_of(block: Block, name: str) -> ColumnRule:
    """The rule of a column; one that this block leaves out is empty, or zero where the feed may have nothing."""
    return block.columns.get(name) or ColumnRule(value="0" if name in ZERO_WHERE_LEFT_OUT else "")


def _said(error: Exception) -> str:
    """What the engine says, on one line and without its drawing of the place."""
    return " ".join(str(error).split("\n\nLINE")[0].split())[:300]


def _columns_used(read: MappingText) -> set[str]:
    used = set()
    for blocks in read.mapping.tables.values():
        for block in blocks:
            for rule in block.columns.values():
                used |= {name.casefold() for name in (rule.column or "", *rule.generated)}
    return used


def _refuse_misshapen(staged: Mapping[str, Staged], largest: float) -> None:
    for source in staged.values():
        for piece in source.pieces:
            bad = [each for each in piece.left_out if each.misshapen]
            if len(bad) > largest * (piece.rows + len(bad)):
                raise FeedError(
                    f"{piece.label}: {len(bad):,} of {piece.rows + len(bad):,} rows have too few or too many columns, "
                    f"such as row {bad[0].first_row} ({bad[0].text[:60]}); are separator and header right?"
                )


def _copy_beside(read: MappingText, feed: Path, folder: Path) -> None:
    """The products' terms and the control file go with the feed: the feed's own before those beside the mapping."""
    beside = [feed / "products.yaml", read.path.parent / read.mapping.products]
    for path in beside:
        if path.is_file():
            shutil.copyfile(path, folder / "products.yaml")
            break
    for name in CONTROL_FILES:
        if (feed / name).is_file():
            shutil.copyfile(feed / name, folder / name)


def _digest(read: MappingText, paths: list[Path], staged: Mapping[str, Staged], folder: Path) -> str:
    """SHA-256 over the mapping, its files and what a database gave: the same again is the same feed."""
    whole = hashlib.sha256(read.text.encode())
    asked = [
        piece.path
        for name, source in staged.items()
        if read.mapping.sources[name].database
        for piece in source.pieces
    ]
    beside = [
        path for path in (folder / "products.yaml", *(folder / n for n in CONTROL_FILES)) if path.is_file()
    ]
    for path in (*paths, *asked, *beside):
        with path.open("rb") as stream:
            whole.update(hashlib.file_digest(stream, "sha256").digest())
    return whole.hexdigest()


def _left_out_warnings(left_out: list[LeftOut]) -> list[str]:
    counted: dict[tuple[str, str], int] = {}
    for each in left_out:
        counted[each.file, each.reason] = counted.get((each.file, each.reason), 0) + each.rows
    return [
        f"{file}: {rows:,} row{'s' * (rows > 1)} left out: {reason}"
        for (file, reason), rows in counted.items()
    ]


def _account(staged: Mapping[str, Staged], left_out: list[LeftOut]) -> dict[str, Any]:
    return {
        name: {
            "files": [piece.label for piece in source.pieces],
            "columns": list(source.columns),
            "rows": source.rows,
            "left_out": sum(each.rows for each in left_out if each.source == name),
        }
        for name, source in staged.items()
    }


def _write_left_out(left_out: list[LeftOut], path: Path) -> Path | None:
    if not left_out:
        return None
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = PlainWriter(stream)
        out.writerow(["source", "file", "reason", "rows", "first_row", "last_row", "text"])
        for each in left_out:
            out.writerow(
                [each.source, each.file, each.reason, each.rows, each.first_row, each.last_row, each.text]
            )
    return path
