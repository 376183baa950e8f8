"""`forbear demo`: a small made-up lender, and two nights of it."""

import importlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from forbear.cli.demo_night import MORNING, keep_nights
from forbear.cli.desk import desk, keep_to_home
from forbear.cli.import_feed import show_report
from forbear.cli.night import decide_night, publish_night, show_night, tell_night
from forbear.cli.shared import Day, moment, out, progress_bar
from forbear.core.base.calendar import is_business_day
from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home import clock
from forbear.interchange.home.country import country_of
from forbear.interchange.home.lender import (
    DEMO_MARK,
    Home,
    HomeError,
    make_home,
    open_home,
    prove_twice,
    read_text,
)
from forbear.night.export import write_csv
from forbear.night.run import Night
from forbear.sim.demo_experiments import with_experiments

#: Once a demo's desk was opened, the mark of its folder says what was asked for.
MADE = DEMO_MARK
LENDER = "name: {zh: 丰禾消费金融, en: Fenghe Consumer Finance}"
#: Where the made-up lender is, and whose holidays it has.
ZONE, CALENDAR = ZoneInfo("Asia/Shanghai"), "CN"
#: The hour at which the demo is made; it opens half an hour later by its own clock.
_MADE_AT = time_of_day(9)


@click.command("demo")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("demo-home"), show_default=True
)
@click.option("--loans", type=click.IntRange(100, 10_000_000), default=20_000, show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**31), default=7, show_default=True)
@click.option(
    "--as-of", type=Day(), default=None, help="The night's date; else the lender's last workday up to today."
)
@click.option("--port", type=click.IntRange(1, 65_535), default=8000, show_default=True)
@click.option("--no-serve", is_flag=True, help="End when the nights are decided; open no desk.")
@click.option(
    "--quarter/--no-quarter",
    default=None,
    help="Let three agencies work for a quarter first; by itself only where the desk is opened.",
)
@click.option(
    "--browser/--no-browser",
    default=None,
    help="Open the first page in a browser; by itself where somebody sits at this terminal.",
)
@click.option("--fresh", is_flag=True, help="Make it again, though the day's demo is there as it was left.")
def command(
    folder: Path,
    loans: int,
    seed: int,
    as_of: date | None,
    port: int,
    no_serve: bool,
    quarter: bool | None,
    browser: bool | None,
    fresh: bool,
) -> None:
    """Make a small made-up lender in DIR, decide last night and tonight, and open its desk.

    It is a workday morning there, whatever the hour is here, and its pages can move the clock on. Asked for again on
    the same day, the desk is opened as it was left.
    """
    keep_to_home()
    browser = sys.stdout.isatty() if browser is None else browser
    as_of = as_of or last_workday(clock.world().astimezone(ZONE).date())
    options = {"loans": loans, "seed": seed, "as_of": as_of.isoformat(), "quarter": quarter is not False}
    if folder.exists():
        if not (folder / MADE).is_file():
            raise HomeError(f"{folder}: exists and is no demo; name another folder with --dir")
        if not no_serve and not fresh and (folder / MADE).read_text(encoding="utf-8") == json.dumps(options):
            out.print(
                f"{folder}: made earlier for this day and opened as it was left; --fresh makes it again."
            )
            _answers_at(folder, port)
            desk(folder, "forbear.store.models")
            _serve(folder, port, browser=browser)
            return
        shutil.rmtree(folder)
    _make_lender(folder, port, as_of)
    clock.move(open_home(folder), datetime.combine(as_of, _MADE_AT, ZONE))
    with progress_bar() as progress:
        progress("making up a lender", 0, 0)
        generate_feed(
            folder / "feed", loans=loans, seed=seed, as_of=as_of, form="csv", bad_rows=12, addresses=True
        )
    home = open_home(folder)
    with progress_bar() as progress:
        report = import_feed(
            home.book,
            folder / "feed",
            quarantine=home.quarantine,
            threads=home.threads,
            country=country_of(home),
            creditors=home.creditor_codes,
            progress=progress,
        )
    show_report(report)
    wanted = not no_serve if quarter is None else quarter
    lived = _live_quarter(home, folder, as_of, seed) if wanted else None
    before = decide_night(home, as_of - timedelta(days=1), home.strategy)
    night = decide_night(home, as_of, home.strategy)
    write_csv(night)
    show_night(home, night)
    _show_ways_on(night, folder)
    if lived is not None or not no_serve:
        _bring_to_desk(home, [before, night], lived)
    if not no_serve:
        (folder / MADE).write_text(json.dumps(options), encoding="utf-8")
        opening = datetime.combine(as_of, MORNING, ZONE)
        clock.move(home, max(opening, moment(home)))
        _serve(folder, port, browser=browser)


def _show_ways_on(night: Night, folder: Path) -> None:
    """Where the night's files are, and how one of its loans is explained."""
    with connected() as connection:
        planned = parquet(night.folder / "treatments", "part-*.parquet")
        loan = connection.execute(
            f"select loan_id from {planned} where channel = 'call' order by loan_id limit 1"
        ).fetchone()
    out.print(f"\nOpen {night.folder}/treatments.csv, or see why a loan stands where it stands:")
    program = Path(sys.argv[0])
    named = os.path.relpath(program) if program.is_file() else "forbear"
    out.print(f"  {named} explain {loan[0] if loan else 'LOAN'} --home {folder}")


#: The demo's people: name, role, number. Their password is in the clear because nothing behind it is real.
PEOPLE = (
    ("lin", "collector", "F1001"),
    ("qin", "collector", "F1009"),
    ("zhou", "lead", "F1002"),
    ("he", "compliance", "F1003"),
    ("wu", "analyst", "F1007"),
    ("fang", "legal", "F1006"),
    ("gu", "administrator", "F1008"),
)
PASSWORD = "forbear-demo-2026"


def last_workday(day: date) -> date:
    """The newest day up to `day` on which the made-up lender works."""
    while not is_business_day(day, CALENDAR):
        day -= timedelta(days=1)
    return day


def _live_quarter(home: Home, folder: Path, as_of: date, seed: int) -> Any:
    """Let three agencies work for a quarter on the made-up lender's cases, by the same code as any day's."""
    lived = desk(home.folder, "forbear.sim.quarter")
    make_staff = importlib.import_module("forbear.actions.staff.new_staff").make_staff
    quarter = lived.Quarter(as_of, seed)
    first = quarter.at(as_of - timedelta(days=lived.NIGHTS[0]), 8)
    staff = {
        name: make_staff(name, PASSWORD, role, number, first, actor="demo") for name, role, number in PEOPLE
    }
    quarter.begin({role: staff[name] for name, role, _ in reversed(PEOPLE)})
    for number, before in enumerate(lived.NIGHTS):
        for turn, later in enumerate(lived.LATER):
            day = as_of - timedelta(days=before - later)
            tell_night(home, day)
            publish_night(home, decide_night(home, day, home.strategy), quarter.at(day, 6))
            if (number, turn) == (0, 0):
                quarter.place(day, lived.FIRST_LIST)
            with progress_bar() as progress:
                quarter.work(day, turn, progress)
            if number + 1 == len(lived.NIGHTS):
                quarter.promise(day + timedelta(days=1), [staff["lin"], staff["qin"]])
                if turn == 0:
                    desk(home.folder, "forbear.sim.visits").live_past(day, staff["lin"], staff["zhou"])
                _decide_nights(home, as_of, range(before - later - 1, before - later - 7, -1))
        if number + 1 < len(lived.NIGHTS):
            _decide_nights(home, as_of, range(before - later - 7, lived.NIGHTS[number + 1], -7))
    (folder / "feed-since").mkdir()
    quarter.feed(folder / "feed-since")
    import_feed(
        home.book,
        folder / "feed-since",
        quarantine=home.quarantine,
        delta=True,
        threads=home.threads,
        country=country_of(home),
    )
    _decide_nights(home, as_of, range(lived.NIGHTS[-1] - lived.LATER[-1] - 7, 1, -1))
    return quarter


def _decide_nights(home: Home, as_of: date, days_before: Sequence[int]) -> None:
    """Nights on which the desk did not work: decided as any other, for the charts, and published to nobody."""
    for before in days_before:
        decide_night(home, as_of - timedelta(days=before), home.strategy)


def _bring_to_desk(home: Home, nights: list[Night], quarter: Any | None) -> None:
    """Bring the nights to the desk; the agencies' quarter ends with its statements and the next list."""
    for night in nights:
        out.print(publish_night(home, night))
    now = moment(home)
    if quarter is not None:
        quarter.end(now)
    else:
        make_staff = desk(home.folder, "forbear.actions.staff.new_staff").make_staff
        for name, role, number in PEOPLE:
            make_staff(name, PASSWORD, role, number, now, actor="demo")
    staff = importlib.import_module("forbear.store.models").Staff.objects
    visits = desk(home.folder, "forbear.sim.visits")
    today = now.astimezone(ZoneInfo(home.timezone)).date()
    visits.live_today(today, staff.get(number="F1001"), staff.get(number="F1002"), now)


def _make_lender(folder: Path, port: int, as_of: date) -> None:
    """A home with the made-up lender's name, and nobody's work in it yet."""
    make_home(folder)
    (folder / MADE).touch()
    prove_twice(folder, ["administrator"])
    settings = folder / "lender.yaml"
    text = settings.read_text(encoding="utf-8")
    text = text.replace("name: {zh: 我的贷款机构, en: My lender}", LENDER)
    settings.write_text(text.replace("address: 本机构地址", "address: 上海市示例路 100 号"), encoding="utf-8")
    _answers_at(folder, port)
    strategy = open_home(folder).strategy
    strategy.write_text(with_experiments(read_text(strategy), as_of), encoding="utf-8")
    # nothing is really paid in a demo: its till is a page of its own
    (folder / "payments.yaml").write_text("till: {kind: till}\n", encoding="utf-8")


def _answers_at(folder: Path, port: int) -> None:
    """The home's pages are at this port from now on."""
    settings = folder / "lender.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"http://localhost:\d+", f"http://localhost:{port}", text), encoding="utf-8")


def _names() -> str:
    """The accounts of the demo with their roles, in a line."""
    people = importlib.import_module("forbear.store.models").Staff.objects.order_by("pk")
    return ", ".join(f"{name} ({role})" for name, role in people.values_list("username", "role"))


def _open_browser(port: int, *, tries: int = 120) -> None:
    """Open the first page once it answers; where no browser can be opened, the address was printed."""
    for _ in range(tries):
        try:
            urllib.request.urlopen(f"http://localhost:{port}/health/live", timeout=1).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            webbrowser.open(f"http://localhost:{port}/")
            return


def _serve(folder: Path, port: int, *, browser: bool) -> None:
    """Start the workers, and serve the desk until Ctrl-C or until it is asked to end."""
    out.print(
        f"\nOpen http://localhost:{port}/ and choose whom you want to be: nobody's password is needed there."
    )
    out.print(f"To sign in by name: {_names()}; the password is {PASSWORD}. Stop with Ctrl-C.")
    program = [sys.executable, "-m", "forbear"]
    # anyone who ends this process alone ends what it started, as Ctrl-C does
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # processes of their own: one that has used the engine is none to fork servers from
    home = open_home(folder)
    clock.go_on(home)
    out.print(f"It is {moment(home).astimezone(ZONE):%A %Y-%m-%d %H:%M} there. The pages move the clock on.")
    begun = [subprocess.Popen([*program, "work", "--home", str(folder)])]
    try:
        begun.append(subprocess.Popen([*program, "serve", "--port", str(port), "--home", str(folder)]))
        if browser:
            threading.Thread(target=_open_browser, args=(port,), daemon=True).start()
        status = keep_nights(home, begun[-1])
    except KeyboardInterrupt:
        status = 0
    finally:
        for process in begun:
            process.terminate()
        for process in begun:
            process.wait()
        clock.stop(home)
    sys.exit(status)
