"""Seals take every event once, in an order that keeps each borrower's; and one is found whatever was changed."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from forbear.core.evidence.log import EvidenceError, key_hex, read_seal
from forbear.jobs.seal_day import seal_day as seal_job
from forbear.store import evidence, guards
from forbear.store.business_date import day_end
from forbear.store.evidence_check import check
from forbear.store.evidence_seal import seal_day, seal_due
from forbear.store.models import Attachment, DailySeal, Event, EvidenceLeaf
from tests.core.evidence_log import KEY, OTHER_KEY
from tests.store.evidence_life import NOON, erased, exported, live, recorded, verdict_of, write

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_a_seal_takes_the_days_events_and_no_later_one",
    "test_sealing_again_changes_nothing",
    "test_an_event_whose_transaction_ends_after_the_seal_is_in_the_next",
    "test_days_are_sealed_in_their_order",
    "test_a_whole_life_is_sound",
    "test_tampering_in_the_database_is_found_and_located[an event's words]",
    "test_tampering_in_the_database_is_found_and_located[the last event]",
    "test_tampering_in_the_database_is_found_and_located[a personal value erased in silence]",
    "test_tampering_in_the_database_is_found_and_located[two places]",
    "test_tampering_in_the_database_is_found_and_located[a seal]",
    "test_tampering_in_the_database_is_found_and_located[the end of a chain]",
    "test_tampering_in_the_database_is_found_and_located[which file]",
    "test_lines_and_values_that_are_no_json_are_told_and_nothing_fails",
)
pytestmark = [
    pytest.mark.postgresql(*ON_POSTGRESQL),
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]

DAY = date(2026, 3, 31)
MIDNIGHT = datetime(2026, 3, 31, 16, tzinfo=UTC)  # in Shanghai
NEXT = MIDNIGHT + timedelta(hours=1)
KEYS = (key_hex(KEY.public_key()),)


def order() -> list[tuple[str, int]]:
    """The sealed events in the order of the log."""
    return list(EvidenceLeaf.objects.order_by("seq").values_list("event__borrower", "event__number"))


def test_a_day_ends_where_the_lender_is():
    assert day_end(DAY) == MIDNIGHT


def test_a_seal_takes_the_days_events_and_no_later_one():
    write(borrower="B1")
    write(borrower="B2")
    write(borrower="B1", at=MIDNIGHT)
    seal = seal_day(DAY, NEXT, KEY)
    assert (seal.count, order()) == (2, [("B1", 1), ("B2", 1)])
    later = seal_day(DAY + timedelta(days=1), NEXT + timedelta(days=1), KEY)
    assert (later.first_seq, later.count, order()[-1]) == (3, 1, ("B1", 2))
    assert check(NEXT + timedelta(days=1), KEYS) == []


def test_sealing_again_changes_nothing():
    write()
    first = seal_day(DAY, NEXT, KEY)
    write()
    again = seal_day(DAY, NEXT + timedelta(days=3), OTHER_KEY)
    assert (again.line, again.signature) == (first.line, first.signature)
    assert EvidenceLeaf.objects.count() == 1


def test_a_late_event_goes_into_the_next_seal():
    write(at=NOON)
    seal_day(DAY, NEXT, KEY)
    write(at=NOON - timedelta(days=9), borrower="B2")
    assert seal_day(DAY + timedelta(days=1), NEXT + timedelta(days=1), KEY).count == 1
    assert check(NEXT + timedelta(days=1), KEYS) == []


def test_clocks_that_differ_do_not_turn_a_borrowers_events_around():
    write(at=MIDNIGHT + timedelta(seconds=2), borrower="B1")
    write(at=MIDNIGHT - timedelta(seconds=1), borrower="B1")
    write(at=MIDNIGHT + timedelta(seconds=1), borrower="B1")
    assert seal_day(DAY, NEXT, KEY).count == 2
    assert order() == [("B1", 1), ("B1", 2)]


def test_an_event_of_a_far_day_is_sealed_when_that_day_is_over():
    write(at=NOON + timedelta(days=30), borrower="B9")
    for ago in range(40):
        write(at=NOON + timedelta(days=ago))
        seal_day(DAY + timedelta(days=ago), NEXT + timedelta(days=ago), KEY)
    assert EvidenceLeaf.objects.count() == Event.objects.count() == 41
    assert EvidenceLeaf.objects.get(event__borrower="B9").seal.day == DAY + timedelta(days=30)


def test_an_event_whose_transaction_ends_after_the_seal_is_in_the_next():
    """On PostgreSQL it has a smaller primary key than events that were sealed before it could be seen."""
    if connection.vendor == "sqlite":
        with transaction.atomic(), pytest.raises(AssertionError, match="not over yet"):
            seal_day(DAY, NOON, KEY)
        return
    second = connection.copy()
    try:
        second.set_autocommit(False)
        with second.cursor() as cursor:
            line = write(borrower="B3").line
            cursor.execute(
                "insert into store_evidencechain (borrower, number, hash) values ('B4', 1, %s)",
                [hash_of(line, "B4")],
            )
            cursor.execute(
                "insert into store_event (event_id, borrower, number, kind, at, line, hash) "
                "values ('late', 'B4', 1, 'note', %s, %s, %s)",
                [NOON, renamed(line, "B4"), hash_of(line, "B4")],
            )
        write(borrower="B5")
        assert seal_day(DAY, NEXT, KEY).count == 2
        second.commit()
    finally:
        second.close()
    assert seal_day(DAY + timedelta(days=1), NEXT + timedelta(days=1), KEY).count == 1
    assert order()[-1] == ("B4", 1)
    assert check(NEXT + timedelta(days=1), KEYS) == []


def renamed(line: str, borrower: str) -> str:
    told = evidence.core.read_event(line.encode())
    return (
        evidence.core.Event(
            "late", told.at, told.kind, borrower, told.number, told.previous, told.actor, {}, {}, ()
        )
        .line()
        .decode()
    )


def hash_of(line: str, borrower: str) -> str:
    return evidence.core.event_hash(renamed(line, borrower).encode())


def test_every_day_that_is_over_is_sealed():
    assert seal_due(NEXT, KEY) == []
    write(at=NOON - timedelta(days=2))
    assert [seal.day.day for seal in seal_due(NEXT, KEY)] == [29, 30, 31]
    assert seal_due(NEXT, KEY) == []
    assert [read_seal(seal.line.encode()).count for seal in DailySeal.objects.order_by("number")] == [1, 0, 0]
    write()
    assert [DailySeal.objects.get(number=number).day for number in seal_job(NEXT + timedelta(days=2))] == [
        date(2026, 4, 1),
        date(2026, 4, 2),
    ]


def test_days_are_sealed_in_their_order():
    seal_day(DAY, NEXT, KEY)
    with pytest.raises(AssertionError, match="after"):
        seal_day(DAY - timedelta(days=1), NEXT, KEY)


def test_a_whole_life_is_sound():
    live()
    erased("B1", "phone")
    verdict = verdict_of()
    assert verdict.flaws == []
    assert (verdict.sealed, verdict.seals, verdict.erased_values) == (6, 2, 3)
    assert verdict.events == 11  # three days of three, the erasing, and the handing out
    assert check(NEXT, KEYS) == []


def test_a_bundle_tells_that_it_was_handed_out():
    live(1)
    assert b'"kind":"export"' in exported().lines("events.jsonl")[-1]
    assert b'"kind":"export"' in exported("B2").lines("events.jsonl")[-1]


def test_a_bundle_has_only_what_is_the_borrowers():
    live()
    told = b"".join(exported("B2").files.values())
    assert "B2 愿意还款".encode() in told
    assert b"B1" not in told


def test_a_borrower_without_events_has_no_bundle():
    assert evidence.lock_chain("B7") == 0


def test_history_sealed_anew_with_another_key_is_told():
    """Somebody with the whole database, but without the lender's key."""
    live(1)
    seal_day(DAY, NEXT, OTHER_KEY)
    (flaw,) = check(NEXT, KEYS)
    assert "which is not the lender's" in flaw.what


def test_a_newer_key_vouches_for_the_seals_of_the_older():
    seal_day(DAY, NEXT, OTHER_KEY)
    seal_day(DAY + timedelta(days=1), NEXT + timedelta(days=1), KEY)
    assert check(NEXT + timedelta(days=1), KEYS) == []


# whoever owns the database can take the guards down, and is found

TAMPERED = {
    "an event's words": (
        "update store_event set line = replace(line, 'c-2', 'c-9') where line like '%c-2%'",
        "its line has another hash",
    ),
    "an event's words and hash": (None, "event 1 of borrower B1"),
    "a column": ("update store_event set kind = 'view' where kind = 'permit'", "not what its columns say"),
    "an event's number": (
        "update store_event set number = 40 where borrower = 'B1' and number = 5",
        "event 40 of borrower B1",
    ),
    "the last event": (
        "delete from store_event where borrower = 'B1' and number = 8",
        "borrower B1: should have 9 events",
    ),
    "a personal value": (
        "update store_personalvalue set value = '\"other\"' where id = (select min(id) from store_personalvalue)",
        "not the one that was committed to",
    ),
    "a personal value erased in silence": (
        "update store_personalvalue set value = null, salt = null where id = (select min(id) from store_personalvalue)",
        "lacks its note",
    ),
    "two places": (
        "update store_evidenceleaf set seq = case seq when 1 then -2 when 2 then -1 end where seq in (1, 2)",
        "seal 1 of 2026-03-29",
    ),
    "the order of two borrowers' events": (None, "seal 1 of 2026-03-29: does not fit its events"),
    "a seal": (
        "update store_dailyseal set line = replace(line, '2026-03-29', '2026-03-28') where number = 1",
        "has not the signature",
    ),
    "a seal's signature": (
        "update store_dailyseal set signature = replace(signature, '0', '1') where number = 2",
        "seal 2 of 2026-03-30",
    ),
    "the end of a chain": (
        "update store_evidencechain set hash = 'x' where borrower = 'B2'",
        "is not the event that was kept as the last one",
    ),
    "a chain's end gone": ("delete from store_evidencechain where borrower = 'B2'", "another last event"),
    "which file": ("delete from store_eventattachment", "other attachments"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_in_the_database_is_found_and_located(what):
    live()
    assert check(NEXT, KEYS) == []
    sql, place = TAMPERED[what]
    guards.take_down(connection)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("set local session_replication_role = replica")
            else:
                cursor.execute("pragma defer_foreign_keys = on")
            _tamper(cursor, what, sql)
    finally:
        guards.put_up(connection)
    told = [str(flaw) for flaw in check(NEXT, KEYS)]
    assert any(place in line for line in told), told


def _tamper(cursor: object, what: str, sql: str | None) -> None:
    if what == "the last event":
        for table, column in (("eventattachment", "event_id"), ("personalvalue", "event_id")):
            cursor.execute(
                f"delete from store_{table} where {column} = "
                "(select id from store_event where borrower = 'B1' and number = 9)"
            )
        sql = sql.replace("= 8", "= 9")
    if what == "the order of two borrowers' events":
        for old, new in ((2, -1), (3, 2), (-1, 3)):
            cursor.execute("update store_evidenceleaf set seq = %s where seq = %s", [new, old])
        return
    if sql is not None:
        cursor.execute(sql)
        assert cursor.rowcount > 0
        return
    event = Event.objects.get(borrower="B1", number=1)
    line = event.line.replace("c-2", "c-9")
    hashed = evidence.core.event_hash(line.encode())
    cursor.execute("update store_event set line = %s, hash = %s where id = %s", [line, hashed, event.pk])


def tampered(sql: str) -> None:
    """What somebody does who owns the database."""
    guards.take_down(connection)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        guards.put_up(connection)


def test_lines_and_values_that_are_no_json_are_told_and_nothing_fails():
    live(1)
    erased("B1", "phone")
    tampered("update store_event set line = '{' where kind = 'erasure'")
    tampered("update store_personalvalue set value = '{', salt = 'x' where field = 'note'")
    told = [str(flaw) for flaw in check(NEXT, KEYS)]
    assert any("is not JSON" in line for line in told)
    assert any("lacks its phone" in line for line in told)
    assert any("not the one that was committed to" in line for line in told)
    with pytest.raises(EvidenceError, match="forbear evidence check"):
        exported()


@pytest.mark.parametrize("lost", ["salt", "value"])
def test_a_value_of_which_half_is_lost_is_damage_and_not_an_erased_one(lost):
    live(1)
    tampered(f"update store_personalvalue set {lost} = null where field = 'note'")
    assert any("lacks its note" in str(flaw) for flaw in check(NEXT, KEYS))
    with pytest.raises(EvidenceError, match="forbear evidence check"):
        exported()


def test_a_damaged_file_is_handed_out_as_it_is_and_found():
    digest = recorded(b"will be damaged")
    evidence.attachment_path(digest).write_bytes(b"noise")
    assert {flaw.file for flaw in verdict_of().flaws} == {f"attachments/{digest}"}
    evidence.attachment_path(digest).unlink()
    with pytest.raises(EvidenceError, match="forbear evidence check"):
        exported()


def test_a_lost_file_is_told():
    digest = recorded(b"will be lost")
    evidence.attachment_path(digest).unlink()
    (flaw,) = check(NEXT)
    assert flaw.file == f"attachment {digest}"
    assert "has lost its file" in flaw.what


def test_a_file_that_should_be_gone_is_told():
    digest = recorded(b"should be gone")
    erased("B1", attachments=(digest,))
    evidence.attachment_path(digest).write_bytes(b"should be gone")
    assert [flaw.file for flaw in check(NEXT)] == [f"attachment {digest}"]
    assert Attachment.objects.get().erased_at is not None


def test_an_event_from_the_future_is_told():
    write(at=NEXT + timedelta(days=2))
    assert ["still to come" in flaw.what for flaw in check(NEXT)] == [True]
