"""What every adapter shares: opening a foreign file, and writing the feed folder.

An adapter's SQL leaves these relations in the connection, and `write_feed` takes it from there:

* `feed_loans`, `feed_instalments`, `feed_payments`, `feed_borrowers`: the feed's columns, each a
  VARCHAR. Amounts are exact decimals in the currency's unit and dates are ISO; a value of the source
  that is neither stays as it was written, so that the feed's validation quarantines the row for
  the true reason. An absent value is NULL. Rows come in an order that the source alone decides.
  `source_row`, beside them, is the row of the source (1 is the first record) that a row was made of, the first of
  several: the quarantine names it.
* `left_out`: file, row (1 is the first record), record, loan_id, amount, reason: what the feed has no place for.
* `source_rows`: file, rows.
* `control`: measure, source, feed, left_out: sums of amounts that must add up.
"""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from forbear.core.base.problem import InputError
from forbear.engine.columnar import Connection, EngineError, one_row, quote

PACKAGE = "forbear.interchange.book.adapters"
LEFT_OUT = "adapter-left-out.csv"
NOTES = "adapter-notes.md"
TABLES = ("loans", "instalments", "payments", "borrowers")


class AdapterError(InputError):
    """The source can't be converted; the message says what is wrong, where, and how to mend it."""


def keep_account(converted: Path, target: Path) -> Path:
    """Keep what a conversion says of itself, what it left out and why, in the new folder `target`."""
    target.mkdir(parents=True)
    for name in (LEFT_OUT, NOTES):
        shutil.copyfile(converted / name, target / name)
    return target


def source_file(source: Path, name: str) -> Path:
    """The file `name` in the folder `source`; AdapterError when the folder or file is missing or empty."""
    if not source.is_dir():
        raise AdapterError(f"{source} is not a folder; give the folder that holds {name}.")
    path = source / name
    if not path.is_file():
        raise AdapterError(f"{name} is missing in {source}; put the data set's {name} there, unpacked.")
    if path.stat().st_size == 0:
        raise AdapterError(f"{path} is empty; download it again.")
    return path


def csv_relation(path: Path, needed: tuple[str, ...]) -> str:
    """A SQL relation that reads the CSV file `path` with every column as text.

    Raises AdapterError when one of the `needed` columns is missing or a column stands twice.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        header = [name.strip() for name in next(csv.reader(file), [])]
    for name in needed:
        if name not in header:
            raise AdapterError(f"{path} has no column {name}; its first line must name {', '.join(needed)}.")
    for name in header:
        if header.count(name) > 1:
            raise AdapterError(f"{path} names the column {name} twice; keep one of them.")
    columns = ", ".join(f"{quote(name)}: 'VARCHAR'" for name in header)
    return (
        f"read_csv({quote(path)}, columns = {{{columns}}}, header = true, auto_detect = false,"
        " delim = ',', quote = '\"', escape = '\"')"
    )


@contextmanager
def reading(path: Path, remedy: str) -> Iterator[None]:
    """Run the statement that reads `path`: a file the engine can't parse becomes an AdapterError."""
    try:
        yield
    except EngineError as error:
        what = " ".join(line.strip() for line in str(error).splitlines()[:2] if line.strip())
        raise AdapterError(f"{path} can't be read ({what}); {remedy}") from error


def refuse_anchor(anchor: object, name: str) -> None:
    """Refuse a day 0 for a data set that has real dates, rather than quietly ignore it."""
    if anchor is not None:
        raise AdapterError(f"{name} has real dates, so an anchor means nothing to it; leave the anchor out.")


def refuse_no_rows(connection: Connection, relation: str, path: Path) -> None:
    """Refuse a file that holds a header and nothing more."""
    if connection.execute(f"select count(*) from (select 1 from {relation} limit 1)").fetchone() == (0,):
        raise AdapterError(f"{path} has no rows; download it again.")


def write_feed(connection: Connection, target: Path, *, title: str, products: str, guesses: str) -> None:
    """Write the feed folder `target` from the adapter's relations: whole, or not at all.

    `products` is the text of products.yaml, `guesses` a paragraph on what was guessed. Raises
    AdapterError when `target` already holds something, and asserts that sums in equal sums out.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise AdapterError(f"{target} already exists; give a folder that is new or empty.")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    part.mkdir()
    try:
        for table in TABLES:
            connection.execute(
                f"copy (from feed_{table}) to {quote(part / f'{table}.parquet')} (format parquet)"
            )
        connection.execute(
            f"copy (from left_out order by file, row, record, reason) to {quote(part / LEFT_OUT)} (header)"
        )
        (part / "products.yaml").write_text(products, encoding="utf-8")
        (part / NOTES).write_text(_notes(connection, part, title, guesses), encoding="utf-8")
        if target.exists():
            target.rmdir()
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _notes(connection: Connection, part: Path, title: str, guesses: str) -> str:
    """The account of one conversion: rows in, rows out, sums, what was left out and why."""
    control = connection.execute("from control order by measure").fetchall()
    for measure, source, feed, left_out in control:
        assert source == feed + left_out, f"{measure}: {source} in, {feed} + {left_out} out"
    read = connection.execute("select file, rows from source_rows order by file").fetchall()
    wrote = [
        (table, one_row(connection.execute(f"select count(*) from {quote(part / f'{table}.parquet')}"))[0])
        for table in TABLES
    ]
    reasons = connection.execute(
        "select record, reason, count(*), coalesce(sum(amount), 0) from left_out group by all order by all"
    ).fetchall()
    blocks = [
        f"# {title}\n\nWritten by `forbear import`. {guesses.strip()}",
        _table("Rows read", ("file", "rows"), read),
        _table("Rows written", ("table", "rows"), wrote),
        _table("Sums (no amount was rounded)", ("measure", "source", "feed", "left out"), control),
        _table(f"Left out ({LEFT_OUT})", ("record", "reason", "rows", "amount"), reasons),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(heading: str, columns: tuple[str, ...], rows: list[tuple]) -> str:
    """A Markdown table under a heading."""
    if not rows:
        return f"## {heading}\n\nNone."
    lines = [columns, ("---",) * len(columns), *rows]
    return f"## {heading}\n\n" + "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
