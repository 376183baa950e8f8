"""Goal: the night decides on what the desk knew that day: who is held isn't chased, and by day it is the same."""

from datetime import date, timedelta

import pytest

from forbear.actions.holds.holds import lift_hold, place_hold
from forbear.core.base.reason import Reason
from forbear.engine.columnar import connected, parquet
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.desk_facts import desk_facts
from forbear.store.models import Agency, Conversation, Placement, Promise
from tests.factories.desk import NOON, house_rules, make_borrower, wished

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)


@pytest.fixture
def two():
    house_rules()
    return make_borrower("B1"), make_borrower("B2", phone="+8610000000002")


def rows(path) -> dict[str, dict]:
    with connected() as engine:
        found = engine.execute(f"from {parquet(path.parent, path.name)}")
        names = [column[0] for column in found.description]
        return {row[0]: dict(zip(names[1:], row[1:], strict=True)) for row in found.fetchall()}


def test_holds_promises_placements_and_contacts_are_told(two, tmp_path):
    _, second = two
    place_hold("B1", "dispute", NOON, actor="test")
    place_hold("B1", "moratorium", NOON, actor="test")
    agency = Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin")
    Placement.objects.create(agency=agency, borrower=second, placed_at=NOON)
    Promise.objects.create(
        borrower=second, amount=1, currency="CNY", minor_unit=100, made_on=TODAY, due_on=TODAY,
        state="broken", decided_on=TODAY,
    )  # fmt: skip
    contact = wished(second)
    contact.at, contact.outcome = NOON - timedelta(days=2), "delivered"
    contact.save()
    path = tmp_path / "told" / "2026-03-10.parquet"
    assert write_desk_facts(path, TODAY, NOON) == 2
    told = rows(path)
    assert (told["B1"]["dispute_open"], told["B1"]["on_hold"], told["B1"]["placed"]) == (True, True, None)
    assert (told["B2"]["placed"], told["B2"]["promises_broken"]) == (True, 1)
    assert (told["B2"]["days_since_contact"], told["B2"]["contacts_last_7_days"]) == (2, 1)


def test_what_somebody_said_last_counts_for_a_quarter_of_a_year(two, tmp_path):
    first, second = two

    def said(borrower, days_ago, **answers):
        Conversation.objects.create(
            borrower=borrower, at=NOON - timedelta(days=days_ago), result="will_pay", **answers
        )

    said(first, 40, willingness="unwilling", situation="lost_job")
    said(first, 3, willingness="willing")
    said(first, 1)
    said(second, 91, willingness="denies", situation="dispute")
    path = tmp_path / "told.parquet"
    write_desk_facts(path, TODAY, NOON)
    assert rows(path)["B1"]["willingness"] == "willing"
    assert rows(path)["B1"]["arrears_reason"] == "lost_job", "each answer is the newest that was given"
    assert desk_facts(NOON, ["B1"]) == {"B1": {"willingness": "willing", "arrears_reason": "lost_job"}}
    assert desk_facts(NOON, ["B2"]) == {}, "what was said long ago says nothing of today"
    assert desk_facts(NOON - timedelta(days=10), ["B1"])["B1"]["willingness"] == "unwilling"


def test_a_past_night_is_told_what_was_so_then(two, tmp_path):
    hold = place_hold("B1", "dispute", NOON, actor="test")
    lift_hold(hold.pk, NOON + timedelta(days=2), actor="test", reason=Reason.of("by_staff"), note="answered")
    asked = {day: tmp_path / f"{day}.parquet" for day in (9, 10, 11, 12)}
    for day, path in asked.items():
        write_desk_facts(path, date(2026, 3, day), NOON + timedelta(days=30))
    assert [("B1" in rows(path)) for path in asked.values()] == [False, True, True, False]


def test_equal_knowledge_gives_equal_bytes(two, tmp_path):
    place_hold("B2", "hardship", NOON, actor="test")
    place_hold("B1", "dispute", NOON, actor="test")
    for name in "ab":
        write_desk_facts(tmp_path / name, TODAY, NOON)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_one_borrower_is_told_as_among_all(two):
    place_hold("B1", "promise", NOON, actor="test")
    place_hold("B2", "plan", NOON, actor="test")
    everybody = desk_facts(NOON)
    assert everybody == {"B1": {"promise_open": True}, "B2": {"plan_active": True}}
    for name in ("B1", "B2"):
        assert desk_facts(NOON, [name]) == {name: everybody[name]}
    assert desk_facts(NOON, ["nobody"]) == {}
