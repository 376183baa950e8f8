"""Facts of the moment that have a rule of their own."""

from datetime import UTC, datetime

import pytest

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import ContactContext, lost
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
    assert lost(ContactContext(facts={}, figures_at=None, zones=zones, past=past), WISH, now) is lost_then


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
