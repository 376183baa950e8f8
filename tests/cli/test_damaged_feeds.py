"""Goal: no damaged feed chases anybody: it is refused, or its loans are in doubt, and the next whole feed mends it.

Each goes through the real import, night, publishing, worker and permit gate, upon a lender with a history. Who owes
nothing is counted from the bare rows of the right feed.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from forbear.actions.staff.feed_acceptance import may_accept, record_acceptance
from forbear.cli import import_feed as import_command
from forbear.cli.night import decide_night, require_fresh_book
from forbear.core.base.problem import InputError
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.comparison import Acceptance, ChangeStopped
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.generate import PRODUCTS_YAML
from forbear.interchange.book.import_log import import_lines, last_import
from forbear.interchange.home.lender import Home
from forbear.jobs.publish_night import publish_night
from forbear.jobs.send_due import Worker
from forbear.night.run import AuditStopped, NightError, open_night
from forbear.store.models import Contact, Event, Staff
from tests.factories.desk import Recorder
from tests.interchange.book.damages import DOUBTFUL, REFUSED
from tests.interchange.book.days import Tables, made_lender, on_day, owing_nothing, write_feed
from tests.profile import LONG, rounds, variants

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 11, 29)
LOANS = 600
CHANNELS = ("sms", "voice", "email", "push", "letter", "call")


@dataclass(frozen=True, slots=True)
class History:
    """A home with a book and two nights, the tables of its days, and folders with whole feeds."""

    home: Home
    old: Tables
    today: Tables
    tomorrow: Tables
    folder: Path


def at(day: date, hour: int) -> datetime:
    """A moment in UTC."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def import_it(home: Home, feed: Path, monkeypatch: pytest.MonkeyPatch, day: date, *more: str) -> Result:
    """`forbear import` early on the day after `day`, where the lender is."""
    monkeypatch.setattr(import_command, "moment", lambda _home: at(day, 20))
    return CliRunner().invoke(import_command.command, [str(feed), "--home", str(home.folder), *more])


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("history")
    home = replace(settings.HOME, folder=folder / "home")
    copytree(settings.HOME.folder, home.folder)
    whole = made_lender(folder / "source", DAY + timedelta(days=1), LOANS)
    with pytest.MonkeyPatch.context() as patch:
        for back in (2, 1):
            day = DAY - timedelta(days=back)
            feed = write_feed(folder / str(day), on_day(whole, day), PRODUCTS_YAML)
            assert import_it(home, feed, patch, day).exit_code == 0
            decide_night(home, day, home.strategy)
    return History(
        home,
        on_day(whole, DAY - timedelta(days=31)),
        on_day(whole, DAY),
        on_day(whole, DAY + timedelta(days=1)),
        folder,
    )


@pytest.fixture
def home(history):
    """The tests' home with that history, whose desk works on the night before."""
    mine = settings.HOME
    for name in ("book", "nights", "quarantine"):
        copytree(getattr(history.home, name), getattr(mine, name), dirs_exist_ok=True)
    bring(mine, DAY - timedelta(days=1))
    return mine


def bring(home: Home, day: date) -> None:
    """Decide the night of a day unless it is there, and bring it to the desk."""
    night = open_night(home.nights, day) or decide_night(home, day, home.strategy)
    publish_night(night, open_book(home.book), at(day, 21))


def sent_to(day: date) -> set[str]:
    """Whom the worker contacts on the morning after `day`, through the permit gate."""
    now = at(day + timedelta(days=1), 2)
    recorder = Recorder()
    worker = Worker(dict.fromkeys(CHANNELS, recorder), now=lambda: now)
    while worker.once(limit=500):
        pass
    contacts = [message.contact_id for message in recorder.sent]
    return set(Contact.objects.filter(pk__in=contacts).values_list("borrower_id", flat=True))


def doubtful(book: Book) -> set[str]:
    """The borrowers of loans in doubt."""
    with connected() as connection:
        rows = connection.execute(f"select borrower_id from {book.rows('loans')} where feed_doubt").fetchall()
    return {borrower for (borrower,) in rows}


def spoilt(tmp_path: Path, history: History, damage) -> Path:
    feed = write_feed(tmp_path / "feed", history.today, PRODUCTS_YAML)
    damage(feed, history.today, history.old)
    return feed


def next_day_is_well(home: Home, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole feed of the next day passes without a word, and nobody who owes nothing is contacted after it."""
    tomorrow = DAY + timedelta(days=1)
    feed = write_feed(tmp_path / "next", history.tomorrow, PRODUCTS_YAML)
    done = import_it(home, feed, monkeypatch, tomorrow)
    assert done.exit_code == 0, done.output
    assert "What changed" not in done.output
    assert "row in quarantine" not in done.output
    assert doubtful(open_book(home.book)) == set()
    require_fresh_book(home, tomorrow)
    bring(home, tomorrow)
    contacted = sent_to(tomorrow)
    assert contacted, "those who are late are contacted"
    assert not contacted & owing_nothing(history.tomorrow, tomorrow)


def test_a_whole_feed_passes_without_a_word(home, history, tmp_path, monkeypatch):
    feed = write_feed(tmp_path / "feed", history.today, PRODUCTS_YAML)
    done = import_it(home, feed, monkeypatch, DAY)
    assert done.exit_code == 0
    assert "What changed" not in done.output
    bring(home, DAY)
    contacted = sent_to(DAY)
    assert contacted
    assert not contacted & owing_nothing(history.today, DAY)
    next_day_is_well(home, history, tmp_path, monkeypatch)


def test_a_damaged_feed_is_refused(home, history, tmp_path, monkeypatch, subtests):
    """In turn at one lender's, for none of them changes anything."""
    before = open_book(home.book).version
    for number, (case, damage) in enumerate(list(REFUSED.items())[:: rounds(3, 1)]):
        with subtests.test(case):
            refused = len(import_lines(home.quarantine))
            done = import_it(home, spoilt(tmp_path / str(number), history, damage), monkeypatch, DAY)
            assert isinstance(done.exception, FeedError), (done.output, done.exception)
            assert any(
                word in str(done.exception).lower()
                for word in ("send", "save", "name", "mend", "import the", "wait")
            ), done.exception
            assert open_book(home.book).version == before
            assert last_import(home.quarantine).verdict == "refused"
            assert len(import_lines(home.quarantine)) == refused + 1
            with pytest.raises(NightError, match="the last import"):
                require_fresh_book(home, DAY)
            assert sent_to(DAY) == set(), "what waits from the day before waits on"


@pytest.mark.parametrize("case", DOUBTFUL)
def test_damaged_rows_put_their_loans_in_doubt(home, history, tmp_path, monkeypatch, case):
    done = import_it(home, spoilt(tmp_path, history, DOUBTFUL[case]), monkeypatch, DAY)
    assert done.exit_code == 0, (done.output, done.exception)
    assert doubtful(open_book(home.book)), done.output
    bring(home, DAY)
    contacted = sent_to(DAY)
    assert not contacted & owing_nothing(history.today, DAY)
    assert not contacted & doubtful(open_book(home.book))
    if LONG or case == next(iter(DOUBTFUL)):  # the next day is the same for all: the whole feed of that day
        next_day_is_well(home, history, tmp_path, monkeypatch)


@pytest.mark.parametrize("case", variants("payments cut at a row's end", "a workbook called CSV"))
def test_the_next_whole_feed_mends_it(home, history, tmp_path, monkeypatch, case):
    done = import_it(home, spoilt(tmp_path, history, REFUSED[case]), monkeypatch, DAY)
    assert isinstance(done.exception, InputError)
    next_day_is_well(home, history, tmp_path, monkeypatch)


def test_a_person_answers_for_what_changed(home, history, tmp_path, monkeypatch):
    feed = spoilt(tmp_path, history, REFUSED["a twentieth of the loans gone"])
    stopped = import_it(home, feed, monkeypatch, DAY)
    assert isinstance(stopped.exception, ChangeStopped)
    assert {change.name for change in stopped.exception.comparison.stopping} == {"loans_gone"}
    assert "loans gone" in stopped.output
    report = next(home.quarantine.glob("*-changes.csv")).read_text(encoding="utf-8")
    assert "loans gone" in report
    half = import_it(home, feed, monkeypatch, DAY, "--accept", "sold")
    assert half.exit_code == 2
    assert "belong together" in half.output
    monkeypatch.setattr(import_command, "acceptance", lambda home, reason, by: Acceptance(by, reason))
    monkeypatch.setattr(
        import_command,
        "record_acceptance",
        lambda *about: record_acceptance(*about[1:3], "boss", "", about[4]),
    )
    taken = import_it(
        home, feed, monkeypatch, DAY, "--accept", "a twentieth of the book was sold", "--by", "boss"
    )
    assert taken.exit_code == 0, taken.output
    last = last_import(home.quarantine)
    assert (last.verdict, last.by, last.reason) == ("imported", "boss", "a twentieth of the book was sold")
    assert Event.objects.filter(kind="change", line__contains="feed_accepted").count() == 1
    assert doubtful(open_book(home.book)) == set()
    require_fresh_book(home, DAY)


def test_who_may_answer():
    assert may_accept("anybody"), "nobody at the desk may yet"
    Staff.objects.create_user(username="boss", password=None, role="manager", number="M1")
    Staff.objects.create_user(username="lin", password=None, role="collector", number="F1")
    assert [may_accept(name) for name in ("boss", "lin", "anybody")] == [True, False, False]


def test_a_feed_that_stopped_coming(home, history, tmp_path, monkeypatch):
    """No import for some days: no night on the old book, and no contact from the second day on."""
    feed = write_feed(tmp_path / "feed", history.today, PRODUCTS_YAML)
    assert import_it(home, feed, monkeypatch, DAY).exit_code == 0
    bring(home, DAY)
    require_fresh_book(home, DAY + timedelta(days=4))
    with pytest.raises(NightError, match="more than 3 days"):
        require_fresh_book(home, DAY + timedelta(days=5))
    require_fresh_book(home, DAY + timedelta(days=5), Acceptance("boss", "a holiday"))
    with pytest.raises(AuditStopped, match=r"the audit \w+ found .*--accept REASON"):
        decide_night(home, DAY + timedelta(days=5), home.strategy)
    late = DAY + timedelta(days=2)
    publish_night(decide_night(home, late, home.strategy), open_book(home.book), at(late, 21))
    assert sent_to(late) == set(), "a night of today on figures of the day before yesterday"
    accepted = Acceptance("boss", "a holiday")
    night = decide_night(home, DAY + timedelta(days=5), home.strategy, accepted=accepted)
    assert night.manifest["accepted"] == {"by": "boss", "reason": "a holiday"}


def test_a_control_file_is_checked_and_may_be_required(home, history, tmp_path, monkeypatch):
    feed = write_feed(tmp_path / "feed", history.today, PRODUCTS_YAML)
    with (home.folder / "lender.yaml").open("a", encoding="utf-8") as stream:
        stream.write("")
    text = (home.folder / "lender.yaml").read_text(encoding="utf-8")
    (home.folder / "lender.yaml").write_text(
        text.replace("require_control: false", "require_control: true"), "utf-8"
    )
    missing = import_it(home, feed, monkeypatch, DAY)
    assert "require_control" in str(missing.exception)
    rows = {name: len(table) for name, table in history.today.items()}
    lines = ["file,what,value", f",business_date,{DAY}", *(f"{name},rows,{n}" for name, n in rows.items())]
    (feed / "control.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    assert "complete mark" in str(import_it(home, feed, monkeypatch, DAY).exception)
    (feed / "control.csv").write_text("\n".join([*lines, ",complete,yes", ""]), encoding="utf-8")
    assert import_it(home, feed, monkeypatch, DAY).exit_code == 0
    assert open_book(home.book).manifest["business_date"] == str(DAY)
    assert home.feed_at == datetime(2026, 11, 29, 16, tzinfo=UTC), "the end of the business date in Shanghai"
