"""Facts of the moment that have a rule of their own."""

from datetime import UTC, datetime, timedelta

import pytest

from forbear.core.facts.contact import CHANNELS, PastContact, PlannedContact
from forbear.core.facts.context import ConsentRecord, ContactContext
from forbear.core.facts.lost import lost
from forbear.core.facts.row import rows_at
from forbear.core.permits.decision import decide
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import merge

WISH = PlannedContact("call", "locate", "unrelated")


def failed(*moments: str) -> tuple[PastContact, ...]:
    return tuple(
        PastContact(datetime.fromisoformat(at).astimezone(UTC), "call", "collect", "debtor", "unanswered")
        for at in moments
    )


@pytest.mark.parametrize(
    ("zones", "lost_then"),
    [
        (("America/Los_Angeles",), False),
        (("Europe/London",), True),
        (("Europe/London", "America/Los_Angeles"), False),
        ((), False),
    ],
)
def test_days_of_failure_are_those_where_the_borrower_is(zones, lost_then):
    past = failed("2026-06-01T15:00-07:00", "2026-06-01T18:00-07:00", "2026-06-02T18:00-07:00")
    now = datetime.fromisoformat("2026-06-02T19:00-07:00")
    assert lost(ContactContext(facts={}, figures_at=None, zones=zones, past=past), now) is lost_then


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("about", ["the channel", "everything"])
def test_an_opt_out_counts_on_every_channel(channel, about):
    """Of one channel or of all; who said nothing, or spoke of another channel, has not opted out."""
    now = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
    planned = PlannedContact(channel, "collect")

    def opted_out(*records: ConsentRecord) -> object:
        return rows_at(ContactContext(facts={}, figures_at=now, zones=(), agreed=records), planned, now)[""][
            "opted_out"
        ]

    said = now - timedelta(days=1)
    other = next(name for name in CHANNELS if name != channel)
    assert opted_out(ConsentRecord(False, said, channel if about == "the channel" else "")) is True
    assert opted_out(ConsentRecord(False, said, other)) is False
    assert opted_out() is False


@pytest.mark.parametrize(("given", "opted_out"), [(False, True), (True, False)], ids=["opt-out", "consent"])
def test_an_opt_out_that_a_wrong_clock_dated_later_counts_at_once(given, opted_out):
    """Somebody who said no is never made to wait; a yes of tomorrow has not been said yet."""
    now = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
    later = ConsentRecord(given, now + timedelta(hours=9))
    situation = ContactContext(facts={}, figures_at=now, zones=(), agreed=(later,))
    row = rows_at(situation, PlannedContact("sms", "collect"), now)[""]
    assert (row["opted_out"], row["consent_given"]) == (opted_out, False)


def test_the_hour_that_comes_twice_is_told_apart_whatever_zone_the_moment_is_in():
    text = """
pack: house
rules:
  - id: house.one
    says: {zh: 一次, en: once}
    count: {by: debtor, within: 1 day}
    refuse_when: counted >= 1
    clause: house
    force: house
"""
    made = datetime.fromisoformat("2026-11-01T05:45+00:00")
    asked = datetime.fromisoformat("2026-11-01T01:30-05:00")
    past = (PastContact(made, "call", "collect", "debtor", "connected"),)
    situation = ContactContext(facts={}, figures_at=None, zones=("America/New_York",), past=past)
    book = merge([parse_pack(text, "house")])
    for now in (asked, asked.astimezone(UTC)):
        assert not decide(book, WISH, situation, now).permitted
