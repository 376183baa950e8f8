"""The engine's plain conversion of a feed's CSV files to Parquet: nothing checked, nothing sorted, nothing joined."""

from pathlib import Path
from tempfile import TemporaryDirectory

from forbear.bench.child import Clock, answer
from forbear.engine.columnar import connected, one_row, quote
from forbear.interchange.book.feed_files import find_files


def work(spec: dict, clock: Clock) -> dict:
    """Convert each file as the engine does by itself, its guess of the columns' types included."""
    rows = {}
    with TemporaryDirectory(dir=spec["scratch"]) as folder, connected(spec["threads"]) as connection, clock:
        for name, path in find_files(Path(spec["feed"])).items():
            target = quote(Path(folder) / f"{name}.parquet")
            copied = connection.execute(f"copy (from read_csv({quote(path)})) to {target} (format parquet)")
            rows[name] = one_row(copied)[0]
    return {"loans": rows["loans"], "rows": sum(rows.values())}


if __name__ == "__main__":
    answer(work)
