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
from forbear.night.partition import RESULTS
from forbear.night.run import decide_here, open_night, plan_night, run_night

STRATEGY = "consumer-cn.yaml"
_ONE = """  - experiment: {name}
    eligible: days_past_due between {days}
    arms: {{a: 0.5, b: 0.5}}
    outcome: {{measure: cash, days: 30}}
    first_day: 2026-01-01
    last_day: 2027-12-31
"""
_ARMED = (
    "holdout: {share: 0.05, salt: bench, ends: {day: 30}}\nexperiments:\n"
    + "".join(
        _ONE.format(name=name, days=days)
        for name, days in (("one", "1 and 3"), ("two", "4 and 29"), ("three", "30 and 179"))
    )
    + "stages:\n"
)
_ASKED = (
    ("{push: overdue_reminder}", "{push: overdue_reminder, when: arm_of('one') <> 'b'}"),
    (
        "{email: overdue_reminder, when: has_email",
        "{email: overdue_reminder, when: arm_of('two') <> 'b' and has_email",
    ),
    ("{letter: overdue_notice, when: days", "{letter: overdue_notice, when: arm_of('three') <> 'b' and days"),
)


def strategy_text() -> str:
    """The strategy that every measured night decides by."""
    return files("forbear").joinpath("strategies", STRATEGY).read_text(encoding="utf-8")


def armed_text() -> str:
    """The same strategy with a hold-out and three experiments, each of which a treatment asks for."""
    text = strategy_text()
    for before, after in (("stages:\n", _ARMED), *_ASKED):
        assert text.count(before) >= 1, before
        text = text.replace(before, after, 1)
    return text


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
    if spec["step"] == "armed":
        return _armed(book, as_of, spec, clock)
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


def _armed(book: Book, as_of: date, spec: dict, clock: Clock) -> dict:
    """Decide a night whose arms are on record from the night before, but for those who come in."""
    book.products()
    with TemporaryDirectory(dir=spec["scratch"]) as folder:
        nights = Path(folder) / "nights"
        before = plan_night(book, nights, as_of - timedelta(days=1), armed_text(), STRATEGY)
        run_night(before, book, nights, threads=spec["threads"])
        inputs = plan_night(book, nights, as_of, armed_text(), STRATEGY)
        target = Path(folder) / "measured"
        for result in RESULTS:
            (target / result).mkdir(parents=True)
        _decided(inputs, book, target, spec["threads"], clock)
    return {"loans": book.manifest["rows"]["loans"]}


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
