"""What the measured tasks need: feeds and a book. Nothing of this is measured.

They stay for the next run, under names that change with whatever could change their bytes.
"""

from datetime import date
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from forbear.bench.child import Clock, answer
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed


def make_feed(spec: dict) -> dict:
    """A generated feed in the folder named for its size, seed, date and the generator's text."""
    source = files("forbear.interchange.book")
    text = source.joinpath("generate.py").read_bytes() + source.joinpath("sql", "generate.sql").read_bytes()
    mark = sha256(text).hexdigest()[:8]
    name = f"feed-{spec['form']}-{spec['loans']}-{spec['seed']}-{spec['as_of']}-{spec['release']}-{mark}"
    folder = Path(spec["folder"]) / name
    if not folder.is_dir():
        generate_feed(
            folder,
            loans=spec["loans"],
            seed=spec["seed"],
            as_of=date.fromisoformat(spec["as_of"]),
            form=spec["form"],
            threads=spec["threads"],
        )
    return {"folder": str(folder)}


def make_book(spec: dict) -> dict:
    """The book of a feed, beside it."""
    feed = Path(spec["feed"])
    root = feed.with_name(f"{feed.name.replace('feed-parquet', 'book', 1)}-{_import_mark()}")
    if not (root / "CURRENT").is_file():
        report = import_feed(root, feed, quarantine=root / "quarantine", threads=spec["threads"])
        assert report.quarantined_rows == 0, f"the generated feed has bad rows: {report.quarantine}"
    book = open_book(root)
    return {"folder": str(root), "partitions": book.partitions}


def _import_mark() -> str:
    """Eight letters that change with any line of the import."""
    mark = sha256()
    room = files("forbear.interchange.book")
    for folder in (room, room.joinpath("sql")):
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".sql")):
                mark.update(entry.read_bytes())
    return mark.hexdigest()[:8]


STEPS = {"feed": make_feed, "book": make_book}


def work(spec: dict, clock: Clock) -> dict:
    """Take one step of getting ready."""
    with clock:
        return STEPS[spec["step"]](spec)


if __name__ == "__main__":
    answer(work)
