"""A proposed mapping tried on its samples: rows before and after, and how many of them the feed's checks accept."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from forbear.engine.columnar import connected, identifier, parquet
from forbear.interchange.book.control import Totals
from forbear.interchange.book.feed_columns import TABLES
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.book.origin import MappedFeed
from forbear.interchange.mapping.mapped_feed import map_feed

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Trial:
    """`after` by table: the column names and the first rows. `totals` as an import counts them; `problem` or ""."""

    after: dict[str, tuple[list[str], list[tuple]]]
    totals: Totals
    notes: tuple[str, ...]
    problem: str


def try_mapping(text: str, feed: Path) -> Trial:
    """Map the files in `feed` and check the rows, all in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="forbear-") as name:
        scratch = Path(name)
        path = scratch / "mapping.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            mapped = map_feed(path, feed, scratch, largest_quarantine=1.0)
        except FeedError as problem:
            return Trial({}, {}, (), str(problem).replace(f"{path}:", "line "))
        after = _first_rows(mapped)
        try:
            report = import_feed(
                scratch / "book",
                mapped.folder,
                quarantine=scratch / "quarantine",
                largest_quarantine=1.0,
                mapped=mapped,
            )
        except FeedError as problem:
            return Trial(after, {}, mapped.warnings, str(problem))
        reasons = _reasons(scratch / "quarantine" / report.version)
        return Trial(after, report.totals, (*report.warnings, *reasons), "")


def _first_rows(mapped: MappedFeed) -> dict[str, tuple[list[str], list[tuple]]]:
    found = {}
    with connected() as connection:
        for name, origin in mapped.origins.items():
            source = f"({origin.scan})" if origin.scan else parquet(mapped.folder, f"{name}.parquet")
            columns = ", ".join(map(identifier, origin.columns))
            rows = connection.execute(f"select {columns} from {source} limit {SHOWN}").fetchall()
            found[name] = list(origin.columns), rows
    return found


def _reasons(quarantine: Path) -> list[str]:
    """The most frequent reason of each table's bad rows, with its own column and value."""
    reasons = []
    with connected() as connection:
        for table in TABLES:
            path = quarantine / f"{table.name}.csv"
            if not path.is_file():
                continue
            rows = connection.execute(
                'select reason, column_name, count(*), min(value) from (select reason, "column" as column_name, value '
                f"from read_csv('{path}', all_varchar = true)) group by all order by 3 desc limit 3"
            ).fetchall()
            for reason, column, count, value in rows:
                reasons.append(f"{table.name}: {count:,} × {reason} (column {column}, such as {value!r})")
    return reasons
