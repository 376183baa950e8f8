"""The night as a lender runs it: delinquency, facts, stages and planned treatments, written to files.

As `audited`, also the audits, the recount of some loans and the publishing.
"""

import json
from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from forbear.bench.child import Clock, answer
from forbear.interchange.book.book import Book, open_book
from forbear.night.inputs import NightInputs
from forbear.night.run import decide_here, open_night, plan_night, run_night

STRATEGY = "consumer-cn.yaml"


def strategy_text() -> str:
    """The strategy that every measured night decides by."""
    return files("forbear").joinpath("strategies", STRATEGY).read_text(encoding="utf-8")


def make_nights(spec: dict) -> dict:
    """The night before, which the measured night continues, and the night itself to compare results with."""
    book, nights = open_book(Path(spec["book"])), Path(spec["nights"])
    as_of = date.fromisoformat(spec["as_of"])
    for day in (as_of - timedelta(days=1), as_of):
        inputs = plan_night(book, nights, day, strategy_text(), STRATEGY)
        run_night(inputs, book, nights, threads=spec["threads"])
    return {"loans": book.manifest["rows"]["loans"]}


def work(spec: dict, clock: Clock) -> dict:
    """Decide the night once more and hold its files, byte for byte, against the ones decided before."""
    if spec["step"] == "prepare":
        return make_nights(spec)
    book, nights, as_of = (
        open_book(Path(spec["book"])),
        Path(spec["nights"]),
        date.fromisoformat(spec["as_of"]),
    )
    inputs = plan_night(book, nights, as_of, strategy_text(), STRATEGY)
    assert inputs.previous, "the measured night has a night before it"
    book.products()  # loads the holiday tables, a library like others, outside the clock
    decide = {"decided": _decided, "audited": _audited}[spec["step"]]
    with TemporaryDirectory(dir=spec["scratch"]) as folder:
        night = decide(inputs, book, Path(folder), spec["threads"], clock)
    known = open_night(nights, as_of)
    assert known is not None
    assert night == known.manifest["files"], "a second night over the same book gave other bytes"
    return {"loans": book.manifest["rows"]["loans"], "digest": sha256(json.dumps(night).encode()).hexdigest()}


def _decided(inputs: NightInputs, book: Book, folder: Path, threads: int, clock: Clock) -> dict[str, str]:
    with clock:
        notes = list(decide_here(inputs, list(range(book.partitions)), folder, threads))
    return dict(sorted((file, checksum) for part in notes for file, checksum in part["files"].items()))


def _audited(inputs: NightInputs, book: Book, folder: Path, threads: int, clock: Clock) -> dict[str, str]:
    with clock:
        night = run_night(inputs, book, folder, threads=threads)
    return night.manifest["files"]


if __name__ == "__main__":
    answer(work)
