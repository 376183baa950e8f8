"""A demo's operator: when its pages ask, the day goes on to its end, and the night is run as a lender runs it.

The commands are the lender's own: `import` with the day's feed, then `night`. The workers see to the rest.
"""

import csv
import importlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as day_time
from pathlib import Path
from subprocess import Popen
from typing import Any
from zoneinfo import ZoneInfo

from forbear.cli import import_feed, night
from forbear.cli.shared import moment, out, problem_line, today, watching
from forbear.interchange.book.generate import generate_payments
from forbear.interchange.home import demo_night
from forbear.interchange.home.demo_night import NextNight
from forbear.interchange.home.lender import DEMO_MARK, Home
from forbear.sim.feed import money, write_payments

#: At these hours of a day that is skipped the workers do what is due; then comes the night, and at last the morning.
HOURS, NIGHT, MORNING = (13, 19), day_time(5), day_time(9, 30)
#: How long the workers are waited for, at most, and how long they need to see that the clock was moved.
_MOST_SECONDS, _NOTICED_SECONDS = 60.0, 2.0


def keep_nights(home: Home, serving: Popen) -> int:
    """Run each night that the pages ask for, until they are no longer served; the status with which that ended."""
    with demo_night.operator(home):
        while (status := serving.poll()) is None:
            if demo_night.read(home).state == "asked":
                run_next_night(home)
            time.sleep(0.3)
    return status


def run_next_night(home: Home) -> None:
    """From now to the morning after the next night; what went wrong is shown on the pages and here."""
    progress = _Progress(home, _night_to_come(home))
    try:
        _live_on(home, progress)
    except Exception as error:
        line = problem_line(error) or f"{type(error).__name__}: {error}"
        out.print(f"The night of {progress.night.night} failed: {line}")
        progress.end("failed", line)
    else:
        progress.end("done")


class _Progress:
    """How the night gets on, for the pages; written at most a few times a second."""

    def __init__(self, home: Home, day: date) -> None:
        self.home, self.night, self.written = home, NextNight("running", str(day)), 0.0

    def begin(self, step: str) -> None:
        """The next step begins."""
        self._write(replace(self.night, step=step, part="", done=0, of=0))

    def part(self, part: str, done: int, of: int) -> None:
        """What is being done within the step."""
        if time.monotonic() - self.written > 0.2 or part != self.night.part:
            self._write(replace(self.night, part=part, done=done, of=of))

    def end(self, state: str, note: str = "") -> None:
        """It is over."""
        self._write(replace(self.night, state=state, part="", note=note[:300]))

    def _write(self, night: NextNight) -> None:
        self.night, self.written = night, time.monotonic()
        demo_night.write(self.home, night)


def _live_on(home: Home, progress: _Progress) -> None:
    day = date.fromisoformat(progress.night.night)
    skip_to = importlib.import_module("forbear.actions.access.demo_time").skip_to
    progress.begin("day")
    while (here := today(home)) < day:
        for hour in HOURS:
            if moment(home) < _at(home, here, day_time(hour)):
                skip_to(_at(home, here, day_time(hour)))
                _await_workers(home, progress)
        skip_to(_at(home, here + timedelta(days=1), NIGHT))
    progress.begin("feed")
    with _watched(progress):
        folder, options = write_day(home, day), ("--home", str(home.folder))
        import_feed.command.main([str(folder), "--delta", *options], standalone_mode=False)
        progress.begin("night")
        night.command.main(["--as-of", str(day), *options], standalone_mode=False)
    progress.begin("morning")
    skip_to(_at(home, day, MORNING))
    _await_workers(home, progress)


@contextmanager
def _watched(progress: _Progress) -> Iterator[None]:
    token = watching.set(progress.part)
    try:
        yield
    finally:
        watching.reset(token)


def _at(home: Home, day: date, hour: day_time) -> datetime:
    return datetime.combine(day, hour, ZoneInfo(home.timezone))


def _models() -> Any:
    return importlib.import_module("forbear.store.models")


def _night_to_come(home: Home) -> date:
    """The date of the next night: today where it was missed, else tomorrow."""
    last = _models().PublishedNight.objects.order_by("-as_of").values_list("as_of", flat=True).first()
    here = today(home)
    return here if last is not None and last < here else here + timedelta(days=1)


def _await_workers(home: Home, progress: _Progress) -> None:
    """Until the workers have sent what is due, or a minute is over: what is left they do later, as on any day."""
    contacts, began = _models().Contact.objects, time.monotonic()
    most = 0
    while (passed := time.monotonic() - began) < _MOST_SECONDS:
        due = contacts.filter(
            state__in=("waiting", "claimed", "sending"), not_before__lte=moment(home)
        ).count()
        most = max(most, due)
        progress.part("sending", most - due, most)
        if not due and passed > _NOTICED_SECONDS:
            return
        time.sleep(0.3)


def write_day(home: Home, day: date) -> Path:
    """The made-up core system's delta feed of the morning of `day`: what was paid since the demo's book was made.

    Most of it is what its people pay by their habits; the rest came in by the demo's own pages and programs.
    """
    made = json.loads((home.folder / DEMO_MARK).read_text(encoding="utf-8"))
    first, loans, seed = date.fromisoformat(made["as_of"]), made["loans"], made["seed"]
    folder = home.folder / f"feed-{day}"
    write_payments(folder, ())
    payments = folder / "payments.csv"
    generate_payments(payments, loans=loans, seed=seed, as_of=first, since=first, until=day)
    received = _models().Payment.objects.filter(received_at__gte=_at(home, first, day_time(0)))
    rows = received.order_by("pk").values_list("payment_id", "loan__loan_id", "paid_on", "amount", "reverses")
    with payments.open("a", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(
            (name, loan, on, money(amount), reverses) for name, loan, on, amount, reverses in rows
        )
    return folder
