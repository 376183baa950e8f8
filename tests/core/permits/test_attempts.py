"""Goal: what a page says is left today is what the gate would permit, contact after contact."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import AddressStatus, ContactContext
from forbear.core.permits.attempts import attempts_today
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import merge
from tests.core.judge import broken
from tests.core.permits.test_decision import GRID, MINUTE, PHASES, booked, moments_of_doubt
from tests.factories.desk import HOUSE_PACK
from tests.profile import examples

MOST = 4
#: Three in the afternoon of a Tuesday in Shanghai.
NOON = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
BOOK = merge([parse_pack(HOUSE_PACK, "house")])


def a_borrower(*past: PastContact, zones: tuple[str, ...] = ("Asia/Shanghai",)) -> ContactContext:
    """Somebody late with a number on file."""
    return ContactContext(
        facts={"past_due_amount": 100_00},
        figures_at=NOON,
        zones=zones,
        point=AddressStatus(on_file=True),
        past=past,
    )


def text_at(hours_ago: int) -> PastContact:
    """A text that arrived."""
    return PastContact(NOON - timedelta(hours=hours_ago), "sms", "collect", "debtor", "delivered")


@pytest.mark.parametrize(
    ("channel", "past", "at", "zones", "left"),
    [
        # three texts a day, and those of today count
        ("sms", (), NOON, ("Asia/Shanghai",), 3),
        ("sms", (text_at(1), text_at(5)), NOON, ("Asia/Shanghai",), 1),
        ("sms", (text_at(1), text_at(2), text_at(3)), NOON, ("Asia/Shanghai",), 0),
        # yesterday evening's doesn't
        ("sms", (text_at(20), text_at(2)), NOON, ("Asia/Shanghai",), 2),
        # only calls that were taken are capped: as many as are looked for
        ("call", (), NOON, ("Asia/Shanghai",), MOST),
        # at 22:30 the day is over, at 05:00 it has not begun but will
        ("call", (), NOON + timedelta(hours=7, minutes=30), ("Asia/Shanghai",), 0),
        ("sms", (), NOON - timedelta(hours=10), ("Asia/Shanghai",), 3),
        # in two zones an hour has to be lawful in both, today in both
        ("sms", (), NOON, ("Asia/Shanghai", "Asia/Urumqi"), 3),
        ("sms", (), NOON, ("Asia/Shanghai", "America/New_York"), 3),
        ("sms", (), NOON, ("Asia/Shanghai", "America/Los_Angeles"), 0),
        ("sms", (), NOON, (), 0),
    ],
)
def test_what_is_left_of_a_day(channel, past, at, zones, left):
    planned = PlannedContact(channel, "collect")
    assert len(attempts_today(BOOK, planned, a_borrower(*past, zones=zones), at, MOST)) == left


def test_the_first_attempt_before_hours_is_at_their_beginning():
    early = datetime(2026, 3, 10, 5, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    found = attempts_today(BOOK, PlannedContact("sms", "collect"), a_borrower(), early, MOST)
    assert found == (early.replace(hour=8),) * 3


@given(moments_of_doubt())
@settings(max_examples=examples(60), phases=PHASES)
def test_each_attempt_is_the_next_lawful_moment_of_the_day_and_none_is_missed(drawn):
    told, planned, situation, now = drawn
    found = attempts_today(booked(told), planned, situation, now, MOST)

    def lawful(known: ContactContext, at: datetime) -> bool:
        return not broken(told, planned, known, known.past, at)

    def today(at: datetime) -> bool:
        places = [ZoneInfo(zone) for zone in situation.zones]
        return all(at.astimezone(place).date() == now.astimezone(place).date() for place in places)

    known, since = situation, now
    for at in found:
        assert lawful(known, at)
        assert today(at)
        while since < at:
            assert not lawful(known, since)
            since = min(since + GRID, at)
        outcome = "delivered" if planned.channel == "sms" else "unanswered"
        told_of = (planned.channel, planned.purpose, planned.party, outcome, planned.point, planned.loans)
        known = replace(known, past=(*known.past, PastContact(at, *told_of, planned.agency)))
    if len(found) == MOST:
        return
    while today(since):
        assert not lawful(known, since)
        since += GRID if since + GRID > now + MINUTE else MINUTE
