"""Personal data is erased when its time is over, not a day earlier, and never while a case is open."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from forbear.core.evidence.retention import KEEPING
from forbear.core.facts.context import HOLD_KINDS
from forbear.jobs.erase_due import due, erase_due, retention_years
from forbear.jobs.send_due import Worker
from forbear.jobs.timetable import timetable
from forbear.store import evidence
from forbear.store.evidence_check import check
from forbear.store.models import Alarm, Borrower, Case, FieldEvent, Hold, PersonalValue, Staff, Visit
from tests.factories.visits import visited
from tests.store.evidence_life import NOON, recorded, verdict_of, write

DOCS = Path(__file__).parents[2] / "docs"
#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_an_open_case_keeps_everything",
    "test_what_is_due_is_erased_and_the_chain_holds",
    "test_what_visitors_wrote_and_where_they_stood_goes_with_it",
)
pytestmark = [
    pytest.mark.postgresql(*ON_POSTGRESQL),
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]

#: Five years after the last event of B1, in Shanghai; the packs of a new home say five years.
LAST_DAY = datetime(2031, 3, 31, 4, tzinfo=UTC)
DAY_AFTER = LAST_DAY + timedelta(days=1)


def a_case(borrower: str, closed_on: date | None) -> None:
    person, _ = Borrower.objects.get_or_create(borrower_id=borrower, defaults={"loaded_at": NOON})
    Case.objects.create(
        borrower=person,
        worst_loan="L1",
        as_of=NOON.date(),
        figures_at=NOON,
        opened_on=NOON.date(),
        closed_on=closed_on,
    )


def test_the_years_come_from_the_packs():
    assert retention_years() == 5


def test_it_ends_after_the_last_day_and_not_before():
    write(personal={"note": "x"})
    assert due(LAST_DAY) == []
    assert due(DAY_AFTER) == ["B1"]


def test_an_open_case_keeps_everything():
    write(personal={"note": "x"})
    a_case("B1", None)
    assert due(DAY_AFTER + timedelta(days=9000)) == []


def test_a_case_closed_later_and_activity_later_count():
    write(personal={"note": "x"}, borrower="B1")
    a_case("B1", date(2026, 5, 1))
    write(personal={"note": "x"}, borrower="B2")
    write("contact", NOON + timedelta(days=31), "B2")
    write(personal={"note": "x"}, borrower="B3")
    write("view", NOON + timedelta(days=31), "B3")
    assert due(DAY_AFTER) == ["B3"]
    assert due(DAY_AFTER + timedelta(days=31)) == ["B1", "B2", "B3"]


def test_what_is_due_is_erased_and_the_chain_holds():
    write(personal={"note": "x", "phone": "13800000000"})
    digest = recorded(b"an old talk")
    write(borrower="B2", at=NOON + timedelta(days=60), personal={"note": "y"})
    assert erase_due(DAY_AFTER, "S-009") == ["B1"]
    assert set(PersonalValue.objects.exclude(value=None).values_list("event__borrower", flat=True)) == {"B2"}
    assert not evidence.attachment_path(digest).exists()
    assert due(DAY_AFTER) == []
    assert erase_due(DAY_AFTER, "S-009") == []
    assert check(DAY_AFTER) == []
    verdict = verdict_of()
    assert (verdict.flaws, verdict.erased_values, verdict.erased_files) == ([], 2, 1)


@pytest.mark.parametrize(
    ("kind", "more", "kept"),
    [
        ("other", {}, True),
        ("dispute", {"ends_at": DAY_AFTER + timedelta(days=1)}, True),
        ("dispute", {"ends_at": DAY_AFTER}, False),
        ("other", {"lifted_at": NOON}, False),
        ("deceased", {}, False),
    ],
)
def test_a_hold_that_keeps(kind, more, kept):
    write(personal={"note": "x"})
    person = Borrower.objects.create(borrower_id="B1", loaded_at=NOON)
    Hold.objects.create(borrower=person, kind=kind, starts_at=NOON, **more)
    assert due(DAY_AFTER) == ([] if kept else ["B1"])
    assert erase_due(DAY_AFTER, "S-009") == ([] if kept else ["B1"])


def test_the_timetable_erases():
    write(personal={"note": "x"})
    (entry,) = (each for each in timetable(Worker({}), lambda now: 0) if each.name == "erase")
    assert entry.every_seconds <= 24 * 3600
    assert entry.act() == [[], [], 0]  # it reads the clock, and nothing is that old
    assert PersonalValue.objects.exclude(value=None).count() == 1


def test_every_hold_that_keeps_is_one_and_told():
    told = (DOCS / "operate" / "retention.md").read_text("utf-8")
    for kind in KEEPING:
        assert kind in HOLD_KINDS
        assert f"`{kind}`" in told


def test_what_visitors_wrote_and_where_they_stood_goes_with_it():
    write(personal={"note": "x"})
    point = visited("B1").points.get(kind="address")
    Case.objects.update(closed_on=NOON.date())
    staff = Staff.objects.create_user("v", role="visitor", number="V1")
    told = {
        "note": "门卫说已搬走",
        "reason_note": "电话不通",
        "stopped_note": "对方改期",
        "places": {"start": [30_000_000, 120_000_000, 12]},
    }
    made = {"borrower_id": "B1", "point": point, "loans": ["B1-L1"], "proposed_at": NOON}
    ended = Visit.objects.create(visit_id="v1", state="ended", outcome="moved", ended_at=NOON, **made, **told)
    event = FieldEvent.objects.create(
        event_id="e1", staff=staff, visit=ended, kind="alarm", at=NOON, received_at=NOON
    )
    alarm = Alarm.objects.create(
        event=event,
        staff=staff,
        visit=ended,
        at=NOON,
        received_at=NOON,
        place={"at": [1, 2, 3]},
        words="有人拦路",
    )
    assert erase_due(LAST_DAY, "S-009") == []
    ended.refresh_from_db()
    assert ended.note
    assert erase_due(DAY_AFTER, "S-009") == ["B1"]
    for row in (ended, alarm):
        row.refresh_from_db()
    assert (ended.note, ended.reason_note, ended.stopped_note, ended.places) == ("", "", "", {})
    assert (alarm.place, alarm.words) == ({}, "")
    assert (ended.state, ended.outcome, ended.ended_at) == ("ended", "moved", NOON), (
        "that it was and how it ended stays"
    )
    assert due(DAY_AFTER) == []
    # a visit whose evidence went before it had words of its own is found by itself
    Visit.objects.filter(pk="v1").update(note="x")
    assert due(DAY_AFTER) == ["B1"]
    assert erase_due(DAY_AFTER, "S-009") == ["B1"]
    assert check(DAY_AFTER) == []
