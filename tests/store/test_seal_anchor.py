"""Goal: somebody with the database alone can't cut evidence out and have the service sign the rest again."""

import logging
import os
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.db import connection

from forbear.actions.agency_work.agency_files import exchange, folder_of
from forbear.cli.evidence import command
from forbear.core.evidence.anchor import Known, cut_problem, read_seals
from forbear.core.evidence.log import EvidenceError, key_hex, read_event
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.seal_anchor import SEALS, anchor_folders, anchor_seals, known_outside
from forbear.jobs.seal_day import go_on, note_heads, seal_day
from forbear.store import evidence, guards
from forbear.store.evidence_check import check
from forbear.store.evidence_seal import all_seals
from forbear.store.models import Agency, DailySeal, Event, EvidenceChain, Staff, StaffText
from tests.store.evidence_life import NOON, write

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_an_event_cut_out_with_all_seals_is_found_and_never_signed_again",
    "test_todays_last_event_cut_off_is_missed_before_any_seal",
    "test_after_a_restored_backup_the_log_goes_on_and_says_so",
)
pytestmark = [
    pytest.mark.postgresql(*ON_POSTGRESQL),
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(autouse=True)
def outside(settings, tmp_path):
    """Two folders of seals, both new: the home's own, and one on other storage."""
    keys = settings.HOME.folder / "data" / "keys"
    for path in (*keys.glob("heads-*.jsonl"), keys / SEALS):
        path.unlink(missing_ok=True)
    settings.HOME = replace(settings.HOME, seal_folders=(tmp_path / "elsewhere",))
    yield tmp_path / "elsewhere"
    for path in (*keys.glob("heads-*.jsonl"), keys / SEALS):
        path.unlink(missing_ok=True)


def days(count: int = 4) -> None:
    """Some days with events of two borrowers, each sealed the morning after; the last is still open."""
    for day in range(count):
        at = NOON + timedelta(days=day)
        for borrower in ("B1", "B2"):
            write("permit", at, borrower, body={"contact": f"{borrower}-{day}"})
            write("note", at, borrower)
        note_heads(at)
        if day < count - 1:
            seal_day(at + timedelta(hours=14))


def flaws(settings, now) -> list[str]:
    keys = (key_hex(signing_key(settings.HOME).public_key()),)
    return [str(flaw) for flaw in check(now, keys, known=known_outside(settings.HOME))]


def rewrite(cut: Event | None) -> None:
    """What somebody with the database alone can do: cut an event, chain the rest again, take down all seals."""
    with connection.cursor() as cursor:
        guards.take_down(connection)
        cursor.execute("delete from store_evidenceleaf")
        cursor.execute("delete from store_dailyseal")
        if cut is not None:
            cursor.execute("delete from store_event where id = %s", [cut.pk])
            previous, number, hashed = "", 0, ""
            for event in Event.objects.filter(borrower=cut.borrower).order_by("number"):
                number += 1
                told = replace(
                    evidence.core.read_event(event.line.encode()), number=number, previous=previous
                )
                hashed = evidence.core.event_hash(told.line())
                cursor.execute(
                    "update store_event set number = %s, line = %s, hash = %s where id = %s",
                    [number, told.line().decode(), hashed, event.pk],
                )
                previous = hashed
            cursor.execute(
                "update store_evidencechain set number = %s, hash = %s where borrower = %s",
                [number, hashed, cut.borrower],
            )
        guards.put_up(connection)


def test_a_log_that_nobody_touched_is_whole(settings, outside):
    days()
    assert flaws(settings, NOON + timedelta(days=3)) == []
    for folder in anchor_folders(settings.HOME):
        kept = read_seals((folder / SEALS).read_bytes(), "x")
        assert [seal.number for seal in kept] == list(range(1, DailySeal.objects.count() + 1))
        assert (folder / SEALS).stat().st_mode & 0o077 == 0


def test_an_event_cut_out_with_all_seals_is_found_and_never_signed_again(settings):
    days()
    rewrite(Event.objects.get(borrower="B1", number=2))
    assert check(NOON + timedelta(days=6), known=Known()) != [], (
        "days without a seal are a flaw even where nothing is known outside"
    )
    found = flaws(settings, NOON + timedelta(days=3))
    assert [each for each in found if "is not in the database any more" in each]
    with pytest.raises(EvidenceError, match="the database has it no more"):
        seal_day(NOON + timedelta(days=3, hours=14))
    assert not DailySeal.objects.exists()


def test_the_same_is_found_though_somebody_sealed_it_anew(settings, outside):
    """Even with the key, and with the home's own file: the folder elsewhere has the seals as they were."""
    days()
    rewrite(Event.objects.get(borrower="B1", number=2))
    own, other = anchor_folders(settings.HOME)
    other.rename(other.with_name("away"))
    (own / SEALS).unlink()
    for path in own.glob("heads-*.jsonl"):
        path.unlink()
    seal_day(NOON + timedelta(days=3))
    assert flaws(settings, NOON + timedelta(days=3)) == [], "who has all of it can make a whole new log"
    shutil.rmtree(other, ignore_errors=True)
    other.with_name("away").rename(other)
    found = flaws(settings, NOON + timedelta(days=3))
    assert [each for each in found if f"though {other / SEALS} has it" in each]


def test_the_last_seals_cut_off_are_missed(settings):
    days()
    with connection.cursor() as cursor:
        guards.take_down(connection)
        last = DailySeal.objects.latest("number").number
        cursor.execute("delete from store_evidenceleaf where seal_id = %s", [last])
        cursor.execute("delete from store_dailyseal where number = %s", [last])
        guards.put_up(connection)
    (found,) = flaws(settings, NOON + timedelta(days=3))
    assert f"seal {last} of" in found
    assert "is not in the database any more" in found


def test_todays_last_event_cut_off_is_missed_before_any_seal(settings):
    """Its chain's head is rewritten too: only what was written down within the hour shows it."""
    days()
    last = Event.objects.filter(borrower="B1").latest("number")
    before = Event.objects.get(borrower="B1", number=last.number - 1)
    with connection.cursor() as cursor:
        guards.take_down(connection)
        cursor.execute("delete from store_event where id = %s", [last.pk])
        cursor.execute(
            "update store_evidencechain set number = %s, hash = %s where borrower = 'B1'",
            [before.number, before.hash],
        )
        guards.put_up(connection)
    assert EvidenceChain.objects.get(borrower="B1").number == before.number
    assert flaws(settings, NOON + timedelta(days=3)) == [
        f"event with the hash {last.hash}: is gone, though it was written down outside the database"
    ]


def test_a_full_disk_leaves_no_half_a_line(settings, outside, monkeypatch):
    days(2)
    before = (outside / SEALS).read_bytes()
    write(at=NOON + timedelta(days=1))
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, content[: len(content) // 2]))
    seal_day(NOON + timedelta(days=1, hours=14))
    assert (outside / SEALS).read_bytes() == before
    monkeypatch.undo()
    anchor_seals(settings.HOME, all_seals())
    assert len(read_seals((outside / SEALS).read_bytes(), "x")) == DailySeal.objects.count()


def test_heads_of_a_day_are_kept_for_a_week(settings, outside):
    for day in range(10):
        write(at=NOON + timedelta(days=day))
        note_heads(NOON + timedelta(days=day))
    kept = sorted(path.name for path in outside.iterdir())
    assert kept[0] == f"heads-{date(2026, 3, 31) + timedelta(days=2)}.jsonl"
    assert len(kept) == 8


def test_an_old_copy_of_the_database_is_not_sealed_over(settings):
    days(2)
    seals = all_seals()
    days_later = NOON + timedelta(days=1, hours=14)
    write(at=NOON + timedelta(days=1))
    seal_day(days_later)
    newest = known_outside(settings.HOME)
    problem = cut_problem(newest, [(number, line) for number, line, _ in seals])
    assert problem is not None
    assert "an old copy of the database was put back" in problem


def test_after_a_restored_backup_the_log_goes_on_and_says_so(settings, outside):
    days()
    with connection.cursor() as cursor:
        guards.take_down(connection)
        cursor.execute("delete from store_evidenceleaf where seal_id > 1")
        cursor.execute("delete from store_dailyseal where number > 1")
        guards.put_up(connection)
    later = NOON + timedelta(days=3, hours=14)
    with pytest.raises(EvidenceError, match="go-on"):
        seal_day(later)
    moved = go_on(later, "command line: Zhou", "disk lost")
    assert {path.name for path in outside.glob("before-restore-*")} <= {
        path.rsplit("/", 1)[1] for path in moved
    }
    told = Event.objects.filter(kind="change").latest("pk")
    assert read_event(told.line.encode()).body["seals_lost"] == [2, 3]
    assert seal_day(later + timedelta(days=1)) != []
    assert flaws(settings, later + timedelta(days=1)) == []


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_caught_up_with(settings, outside, caplog):
    outside.write_text("a file where the folder should be")
    with caplog.at_level(logging.ERROR):
        days(2)
    assert "seals can't be written down there" in caplog.text
    assert DailySeal.objects.exists()
    outside.unlink()
    anchor_seals(settings.HOME, all_seals())
    assert len(read_seals((outside / SEALS).read_bytes(), "x")) == DailySeal.objects.count()


def test_anybody_with_one_old_seal_can_hold_the_log_against_it(settings, tmp_path):
    days()
    seal = DailySeal.objects.get(number=1)
    kept = tmp_path / "kept.jsonl"
    kept.write_text(seal.line + "\n")
    keys = (key_hex(signing_key(settings.HOME).public_key()),)
    known = Known(tuple(read_seals(kept.read_bytes(), "kept")))
    assert check(NOON + timedelta(days=3), keys, known=known) == []
    rewrite(Event.objects.get(borrower="B1", number=1))
    (settings.HOME.folder / "data" / "keys" / SEALS).unlink()
    found = [str(flaw) for flaw in check(NOON + timedelta(days=3), keys, known=known)]
    assert f"seal 1 of {seal.day}: is not in the database any more, though kept has it" in found


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"line": 3}', "x" * 100, '{"line": "{}"}', "\x00"])
def test_a_file_that_has_no_seals_is_told_by_its_line(text, tmp_path):
    with pytest.raises(EvidenceError, match="kept:2: is no seal"):
        read_seals(b"\n" + text.encode() + b"\n", "kept")
    path = tmp_path / "kept.jsonl"
    path.write_text(text)
    done = CliRunner().invoke(command, ["check", "--against", str(path), "--home", str(tmp_path)])
    assert done.exit_code != 0


def test_each_seal_is_published_to_auditors_and_agencies(settings, outside):
    """Who fetches a file or keeps an e-mail has one seal; that is enough to show a log that was made again."""
    auditor = Staff.objects.create_user(username="au", role="auditor", number="AU", email="au@audit.example")
    Staff.objects.create_user(username="lin", role="collector", number="F1", email="lin@lender.example")
    Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin", capacity=1, state="admitted")
    folder = folder_of("huaxin")
    folder.mkdir(parents=True)
    days()
    exchange(NOON)
    mails = list(StaffText.objects.filter(channel="email").order_by("made_at"))
    assert {mail.staff_id for mail in mails} == {auditor.pk}
    assert [line in mail.body for mail, (_, line, _) in zip(mails, all_seals(), strict=True)] == [True] * 3
    published = (folder / "out" / "seals.jsonl").read_bytes()
    rewrite(Event.objects.get(borrower="B1", number=2))
    theirs = Known(tuple(read_seals(published, "the agency's file")))
    found = [str(flaw) for flaw in check(NOON + timedelta(days=3), known=theirs)]
    assert [each for each in found if "though the agency's file has it" in each]
