"""The log's writer: chains without gaps, one transaction with the act, files before rows, nothing changed later."""

import hashlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from forbear.core.base.reason import Reason
from forbear.core.evidence.log import read_event
from forbear.store import evidence, guards
from forbear.store.evidence_check import check
from forbear.store.models import Attachment, Event, EvidenceChain, PersonalValue
from tests.store.evidence_life import NOON, erased, exported, live, recorded, write

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_each_event_follows_the_one_before",
    "test_many_events_are_chained_in_their_order",
    "test_an_event_needs_a_transaction",
    "test_an_act_that_fails_leaves_no_event",
    "test_the_database_refuses_changes",
    "test_the_end_of_a_chain_only_moves_on",
    "test_rows_are_not_replaced",
    "test_a_session_that_plays_a_replica_is_refused_too",
    "test_a_personal_value_can_only_be_emptied",
    "test_missing_guards_are_told",
    "test_eight_workers_write_one_chain",
    "test_workers_with_many_chains_each_do_not_block_one_another_for_good",
    "test_equal_files_kept_at_once_are_one",
    "test_a_kill_between_file_and_row_leaves_no_dangling_reference",
    "test_erasing_empties_the_values_and_says_so",
    "test_an_erased_file_goes_unless_somebody_else_needs_it",
)
pytestmark = [
    pytest.mark.postgresql(*ON_POSTGRESQL),
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]

LATER = NOON + timedelta(minutes=1)
# every table of the log, a column of it, and the name of its rows' own key
TABLES = (
    ("store_event", "line", "id"),
    ("store_event", "borrower", "id"),
    ("store_dailyseal", "signature", "number"),
    ("store_evidenceleaf", "event_id", "seq"),
    ("store_eventattachment", "event_id", "id"),
    ("store_personalvalue", "value", "id"),
    ("store_attachment", "media_type", "sha256"),
)


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def failing(act: Callable) -> None:
    """An act in a transaction that is rolled back."""
    with transaction.atomic():
        act()
        raise RuntimeError


def test_each_event_follows_the_one_before():
    first, second, other = write(), write("permit"), write(borrower="B2")
    assert [read_event(event.line.encode()).previous for event in (first, second, other)] == [
        "",
        first.hash,
        "",
    ]
    assert [event.number for event in (first, second, other)] == [1, 2, 1]
    assert EvidenceChain.objects.get(borrower="B1").hash == second.hash


def test_many_events_are_chained_in_their_order():
    with transaction.atomic():
        made = evidence.append_many(
            evidence.Entry("note", NOON, "night", {"place": place}, f"B{place % 3}") for place in range(30)
        )
    assert [event.number for event in made] == [place // 3 + 1 for place in range(30)]
    assert check(LATER) == []


def test_an_event_needs_a_transaction():
    with pytest.raises(AssertionError, match="one transaction"):
        evidence.append("note", at=NOON, actor="S-001", body={})
    with pytest.raises(AssertionError, match="one transaction"):
        evidence.store_attachment(b"", "audio/wav")


def test_an_act_that_fails_leaves_no_event():
    write()
    with pytest.raises(RuntimeError):
        failing(lambda: evidence.append("note", at=NOON, actor="S-001", body={}, borrower="B1"))
    assert write().number == 2
    assert check(LATER) == []


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"kind": "gossip"}, "kind is not among those known"),
        ({"body": {"phone": "13800000000"}}, "belongs among the personal values"),
        ({"body": {"rate": 0.5}}, "float"),
        ({"body": {"amount": 2**53}}, "beyond"),
        ({"personal": {"Note": "x"}}, "hashes by name"),
        ({"personal": {"note": 1.5}}, "float"),
        ({"attachments": ("abc",)}, "attachments are not hashes"),
    ],
)
def test_what_no_event_may_say_is_a_fault_of_ours(entry, says):
    with pytest.raises(AssertionError, match=says) as fault:
        write(**({"kind": "note"} | entry))
    assert "13800000000" not in str(fault.value)
    assert Event.objects.count() == 0


def test_an_event_can_not_name_a_file_that_is_not_kept():
    digest = hashlib.sha256(b"never kept").hexdigest()
    with pytest.raises(DatabaseError):
        write(attachments=(digest,))


def test_personal_values_are_not_in_the_event():
    event = write(personal={"note": "愿意下月还款", "phone": "13800000000"})
    assert "13800000000" not in event.line
    assert "还款" not in event.line
    salts = set(PersonalValue.objects.values_list("salt", flat=True))
    assert len(salts) == 2
    assert all(len(salt) == 32 for salt in salts)


# the database's own guard


@pytest.mark.parametrize(("table", "column", "key"), TABLES)
def test_the_database_refuses_changes(table, column, key):
    live(2)
    with connection.cursor() as cursor:
        cursor.execute(f"select {key}, {column} from {table} order by 1 limit 1")
        first, value = cursor.fetchone()
    other = value + 1000 if isinstance(value, int) else f"x{value[1:]}"
    with pytest.raises(DatabaseError, match="only grows"):
        run(f"update {table} set {column} = %s where {key} = %s", other, first)
    with pytest.raises(DatabaseError, match="only grows"):
        run(f"delete from {table} where {key} = %s", first)
    assert check(LATER) == []


def test_the_end_of_a_chain_only_moves_on():
    live(2)
    for sql in (
        "update store_evidencechain set number = number - 1 where borrower = 'B1'",
        "update store_evidencechain set borrower = 'B9' where borrower = 'B1'",
        "delete from store_evidencechain where borrower = 'B1'",
    ):
        with pytest.raises(DatabaseError, match="only grows"):
            run(sql)


@pytest.mark.parametrize(
    "table", ["event", "evidenceleaf", "dailyseal", "eventattachment", "personalvalue", "attachment"]
)
def test_rows_are_not_replaced(table):
    """On SQLite INSERT OR REPLACE deletes the old row without asking; on PostgreSQL TRUNCATE does."""
    live(2)
    if connection.vendor == "sqlite":
        sql = f"insert or replace into store_{table} select * from store_{table}"
    else:
        sql = f"truncate store_{table} cascade"
    with pytest.raises(DatabaseError, match="only grows"):
        run(sql)
    assert check(LATER) == []


def test_a_session_that_plays_a_replica_is_refused_too():
    if connection.vendor == "sqlite":
        assert guards.missing(connection) == []
        return
    write()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local session_replication_role = replica")
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            cursor.execute("delete from store_event")


def test_a_personal_value_can_only_be_emptied():
    write(personal={"note": "x"})
    for sql in (
        "update store_personalvalue set value = null",
        "update store_personalvalue set salt = null",
        "update store_personalvalue set value = null, salt = null, field = 'other'",
    ):
        with pytest.raises(DatabaseError, match="only grows"):
            run(sql)
    run("update store_personalvalue set value = null, salt = null")


def test_missing_guards_are_told():
    guards.take_down(connection)
    try:
        assert any("no longer forbids" in flaw.what for flaw in check(LATER))
    finally:
        guards.put_up(connection)
    assert guards.missing(connection) == []


# many at once


def at_once(count: int, work: Callable) -> list[BaseException]:
    """Run `work(number)` in threads that start together; what went wrong in them."""
    gate, wrong = threading.Barrier(count), []

    def one(number: int) -> None:
        gate.wait()
        try:
            work(number)
        except BaseException as error:  # a thread's own exception would only be printed
            wrong.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


def test_eight_workers_write_one_chain():
    def work(number: int) -> None:
        for place in range(10):
            write(body={"worker": number, "place": place}, borrower="B1" if place % 2 else f"B-{number}")

    assert at_once(8, work) == []
    mine = list(Event.objects.filter(borrower="B1").order_by("number"))
    assert [event.number for event in mine] == list(range(1, 41))
    assert [event.pk for event in mine] == sorted(event.pk for event in mine)
    assert Event.objects.count() == 80
    assert check(LATER) == []


def test_workers_with_many_chains_each_do_not_block_one_another_for_good():
    def work(number: int) -> None:
        names = [f"B{place}" for place in range(6)]
        for _ in range(5):
            with transaction.atomic():
                evidence.append_many(
                    evidence.Entry("note", NOON, "night", {}, name)
                    for name in (names if number % 2 else reversed(names))
                )

    assert at_once(8, work) == []
    assert set(EvidenceChain.objects.values_list("number", flat=True)) == {40}
    assert check(LATER) == []


def test_equal_files_kept_at_once_are_one():
    assert at_once(8, lambda number: recorded(b"the same", f"B{number}")) == []
    assert Attachment.objects.count() == 1
    assert check(LATER) == []


# files


def test_a_file_lies_under_its_digest():
    digest = recorded(b"a talk")
    path = settings.HOME.folder / "data" / "attachments" / digest[:2] / digest[2:]
    assert path.read_bytes() == b"a talk"
    assert path.stat().st_mode & 0o077 == 0
    assert Attachment.objects.get().size == 6


def test_a_damaged_file_is_mended_when_its_bytes_come_again():
    digest = recorded(b"a talk that was damaged")
    evidence.attachment_path(digest).write_bytes(b"noise")
    assert any("was changed" in flaw.what for flaw in check(LATER))
    recorded(b"a talk that was damaged", "B2")
    assert check(LATER) == []


def _keep_and_die(content: bytes) -> None:
    """In a process of its own: the file is kept, and the process killed before its row is committed."""
    with transaction.atomic():
        evidence.store_attachment(content, "audio/wav")
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_kill_between_file_and_row_leaves_no_dangling_reference():
    content = b"a talk and a kill"
    connection.close()
    child = multiprocessing.get_context("fork").Process(target=_keep_and_die, args=(content,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    path = evidence.attachment_path(hashlib.sha256(content).hexdigest())
    assert path.read_bytes() == content
    assert Attachment.objects.count() == 0
    assert check(LATER) == []
    assert recorded(content) == hashlib.sha256(content).hexdigest()
    assert check(LATER) == []


def test_a_kill_while_writing_the_file_leaves_nothing_under_its_name(monkeypatch):
    content = b"a talk that is never whole"

    def dies(descriptor: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    connection.close()
    monkeypatch.setattr(evidence.os, "fsync", dies)
    child = multiprocessing.get_context("fork").Process(target=_keep_and_die, args=(content,))
    child.start()
    child.join()
    monkeypatch.undo()
    assert child.exitcode == -signal.SIGKILL
    assert not evidence.attachment_path(hashlib.sha256(content).hexdigest()).exists()
    assert Attachment.objects.count() == 0


# erasing


def test_erasing_empties_the_values_and_says_so():
    write(personal={"note": "x", "phone": "13800000000"})
    write(borrower="B2", personal={"phone": "13900000000"})
    event = read_event(erased("B1", "phone").line.encode())
    assert event.body == {
        "through": 1,
        "fields": ["phone"],
        "attachments": [],
        "reason": {"code": "retention", "params": {}},
    }
    kept = set(PersonalValue.objects.exclude(value=None).values_list("event__borrower", "field"))
    assert kept == {("B1", "note"), ("B2", "phone")}
    assert check(LATER) == []


def test_an_erased_file_goes_unless_somebody_else_needs_it():
    mine, shared = recorded(b"mine"), recorded(b"shared")
    recorded(b"shared", "B2")
    erased("B1", attachments=(mine, shared, "0" * 64))
    assert not evidence.attachment_path(mine).exists()
    assert evidence.attachment_path(shared).exists()
    assert check(LATER) == []
    assert f"attachments/{shared}" not in exported("B1").files
    assert f"attachments/{shared}" in exported("B2").files
    erased("B2", attachments=(shared,))
    assert not evidence.attachment_path(shared).exists()
    assert check(LATER) == []
    assert Attachment.objects.get(sha256=mine).erased_at is not None
    recorded(b"mine")
    assert Attachment.objects.get(sha256=mine).erased_at is None
    assert check(LATER) == []


def test_a_file_stays_when_its_erasing_fails():
    digest = recorded(b"still needed")
    with pytest.raises(RuntimeError):
        failing(
            lambda: evidence.erase("B1", NOON, "S-009", attachments=(digest,), reason=Reason.of("retention"))
        )
    assert check(LATER) == []
