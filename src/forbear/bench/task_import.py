"""A feed becomes a book: every row checked, control totals proved, the book published."""

from pathlib import Path
from tempfile import TemporaryDirectory

from forbear.bench.child import Clock, answer
from forbear.interchange.book.import_feed import import_feed


def work(spec: dict, clock: Clock) -> dict:
    """Import the feed into a new book."""
    with TemporaryDirectory(dir=spec["scratch"]) as folder:
        root = Path(folder)
        with clock:
            report = import_feed(
                root / "book", Path(spec["feed"]), quarantine=root / "quarantine", threads=spec["threads"]
            )
    assert report.quarantined_rows == 0, "the generated feed has no bad rows"
    read = {name: int(parts["read"]["rows"]) for name, parts in report.totals.items()}
    return {"loans": read["loans"], "rows": sum(read.values())}


if __name__ == "__main__":
    answer(work)
