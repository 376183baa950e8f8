"""Goal: a worker lives through a database that is away and a file that somebody is in the middle of changing."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import OperationalError

from forbear.actions.contacts.send import claim
from forbear.core.base.problem import Problem, at_place
from forbear.core.permits.pack import PackError
from forbear.jobs import timetable
from forbear.jobs.send_due import Worker, give_way
from forbear.store.models import Contact
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower, wished

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopping(monkeypatch):
    """Nobody waits."""
    monkeypatch.setattr(timetable, "_AFTER_TROUBLE_SECONDS", 0.0)
    return threading.Event()


@pytest.fixture
def broken_pack():
    """The home's pack as somebody left it in the middle of a line."""
    house_rules("pack: house\nrules: [")


def failing(error: Exception):
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OperationalError("server closed"), "bad: the database does not answer (OperationalError)"),
        (
            PackError(
                [at_place("cn.yaml:3:1", Problem("no_rule", "no rule")), Problem("more", "there is more")]
            ),
            "bad: cn.yaml:3:1: no rule",
        ),
    ],
)
def test_the_other_jobs_go_on(stopping, caplog, error, says):
    done = []
    entries = [
        timetable.Entry("bad", 0.0, failing(error)),
        timetable.Entry("good", 0.0, lambda: done.append(1)),
    ]
    assert timetable._round(entries, {}, stopping) is False
    assert done == [1]
    assert says in caplog.text


def test_our_own_faults_are_not_hidden(stopping):
    with pytest.raises(AssertionError, match="a slip"):
        timetable._round([timetable.Entry("bad", 0.0, failing(AssertionError("a slip")))], {}, stopping)


def test_nothing_is_sent_under_a_pack_that_can_not_be_read(stopping, broken_pack, caplog):
    contact = wished(make_borrower(), "sms")
    line = Recorder()
    worker = Worker({"sms": line}, now=lambda: NOON)
    timetable._round([timetable.Entry("send", 0.0, worker.once)], {}, stopping)
    assert line.sent == []
    assert "send: " in caplog.text
    contact.refresh_from_db()
    assert (contact.state, contact.at) == ("claimed", None)
    assert claim("another", NOON) == {}
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("carried", [(), ("email",)])
def test_what_no_provider_carries_waits(carried):
    contact = wished(make_borrower(), "sms")
    worker = Worker({channel: Recorder() for channel in carried}, now=lambda: NOON)
    assert worker.once() == 0
    contact.refresh_from_db()
    assert (contact.state, contact.claimed_by) == ("waiting", "")
    assert claim("another", NOON) == {contact.contact_id: "sms"}


@pytest.fixture
def two_jobs(monkeypatch):
    """A timetable that a test fills; no channel is opened."""
    entries: list[timetable.Entry] = []
    monkeypatch.setattr(timetable, "timetable", lambda worker, deliver: entries)
    monkeypatch.setattr(timetable, "_IDLE_SECONDS", 0.01)
    # the real ones would be taken from this process's one connection to the tests' database
    monkeypatch.setattr(timetable, "close_old_connections", lambda: None)
    monkeypatch.setattr(timetable.connections, "close_all", lambda: None)
    monkeypatch.setattr(timetable.signal, "signal", lambda number, act: None)
    # a beat in the other thread would wait for this test's own transaction
    monkeypatch.setattr(timetable, "beat", lambda name, now: None)
    return entries


def test_messages_leave_while_a_long_job_runs(two_jobs):
    sent, long_job_may_end = threading.Event(), threading.Event()
    in_time = []

    def long_job() -> None:
        in_time.append(sent.wait(10))
        long_job_may_end.set()

    def send() -> int:
        sent.set()
        if long_job_may_end.is_set():
            raise KeyboardInterrupt
        return 0

    two_jobs += [timetable.Entry("long", 60.0, long_job), timetable.Entry("send", 0.0, send, lane="sending")]
    with pytest.raises(KeyboardInterrupt):
        timetable.work()
    assert in_time == [True]


def test_a_fault_in_a_job_ends_the_worker_and_is_told(two_jobs):
    two_jobs += [
        timetable.Entry("bad", 60.0, failing(AssertionError("a slip"))),
        timetable.Entry("send", 0.0, lambda: 0, lane="sending"),
    ]
    with pytest.raises(AssertionError, match="a slip"):
        timetable.work()


def test_a_clock_that_jumped_makes_every_job_due(stopping, monkeypatch):
    times, done = [NOON], []
    monkeypatch.setattr(timetable, "clock", lambda: times[-1])
    monkeypatch.setattr(timetable, "_IDLE_SECONDS", 0.0)

    def act() -> None:
        done.append(1)

    def steps() -> None:
        if len(done) == 1 and len(times) == 1:
            times.append(NOON + timedelta(hours=1))
        elif len(done) == 2:
            stopping.set()

    entries = [timetable.Entry("each hour", 3600.0, act), timetable.Entry("steps", 0.0, steps)]
    timetable._keep_at(entries, stopping)
    assert len(done) == 2, "a second time an hour later, though no second went by"


def test_workers_give_way_to_who_serves_pages():
    with ThreadPoolExecutor(1) as pool:  # a priority is a thread's own
        before = pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result()
        for _ in range(2):
            pool.submit(give_way).result()
            assert pool.submit(os.getpriority, os.PRIO_PROCESS, 0).result() == max(before, 10)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_without_a_provider_everything_waits():
    contact = wished(make_borrower(), "sms")
    assert Worker({}, now=lambda: NOON).once() == 0
    contact.refresh_from_db()
    assert contact.state == "waiting"


def test_one_round_says_how_much_each_job_did(stopping):
    did: dict[str, int] = {}
    entries = [
        timetable.Entry("some", 0.0, lambda: [2, (1, True), None]),
        timetable.Entry("whether", 0.0, lambda: True),
        timetable.Entry("none", 0.0, lambda: 0),
    ]
    for _ in range(2):
        timetable._round(entries, {}, stopping, did)
    assert did == {"some": 8, "whether": 2}
