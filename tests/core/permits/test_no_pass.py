"""Goal: no name of a contact gets it past the hours, a stop or a hold: each purpose is asked under each ready pack."""

from functools import cache

import pytest

from forbear.core.facts.contact import PURPOSES
from forbear.core.permits.case_check import check_cases
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.rules import Rulebook, merge
from forbear.interchange.home.packs import READY_PACKS, read_with_overlays

AT_ONCE = ("sms", "email", "voice", "call", "push", "visit")
GIVEN = (
    '"visit_notice 2026-03-01T10:00", "validation_notice 2026-01-01T10:00", "credit_notice 2025-12-01T10:00"'
)
COUNTRIES = ("cn", "us", "uk")


@cache
def book(country: str) -> Rulebook:
    return merge(read_with_overlays(READY_PACKS / f"{country}.yaml"))


def permitted(
    country: str, now: str, channels: tuple[str, ...], more: str = "", party: str = "debtor"
) -> set[str]:
    """Which purposes get through by any of these channels when nothing was asked and no notice is due."""
    lines = [
        f'- {{id: "{channel} {purpose}", pack: {country}, clause: none, now: "{now}", expect: refused, '
        f"notices: [{GIVEN}], wish: {{channel: {channel}, purpose: {purpose}, party: {party}, point: q1"
        f"{', gives: none' if purpose == 'notice' else ''}{', answers: none' if purpose == 'answer' else ''}}}{more}}}"
        for channel in channels
        for purpose in PURPOSES
    ]
    cases = parse_cases("\n".join(["scenarios:", *lines]), "made up")
    return {one.case.planned.purpose for one in check_cases(book(country), cases) if one.allowed}


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("hour", ["03:00", "07:59", "22:30"])
def test_no_name_is_a_pass_at_night(country, hour):
    assert permitted(country, f"2026-03-10T{hour}", AT_ONCE) == set()


@pytest.mark.parametrize("country", COUNTRIES)
def test_at_noon_a_name_that_is_not_proved_is_none(country):
    assert permitted(country, "2026-03-10T12:00", AT_ONCE) == {"collect", "remind", "survey"}


@pytest.mark.parametrize(
    ("country", "hold", "left"),
    [
        *((country, "cease", set()) for country in COUNTRIES),
        *((country, "dispute", set()) for country in COUNTRIES),
        *((country, "lawyer", set()) for country in COUNTRIES),
        *((country, "deceased", set()) for country in COUNTRIES),
        *((country, "bankrupt", set()) for country in COUNTRIES),
        *((country, "hardship", set()) for country in COUNTRIES),
        *((country, "other", set()) for country in COUNTRIES),
        *((country, "verification", set()) for country in COUNTRIES),
        *((country, "crisis", set()) for country in COUNTRIES),
        *((country, "bereavement", set()) for country in COUNTRIES),
        *((country, "plan", {"remind", "survey"}) for country in COUNTRIES),
        *((country, "promise", {"remind", "survey"}) for country in COUNTRIES),
        ("us", "refusal", set()),
        ("uk", "moratorium", set()),
        ("uk", "counsellor", {"survey"}),
    ],
)
def test_no_name_is_a_pass_under_a_hold(country, hold, left):
    assert permitted(country, "2026-03-10T12:00", AT_ONCE, f", holds: [{hold}]") == left


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("channel", AT_ONCE)
def test_no_name_is_a_pass_by_a_channel_that_was_refused(country, channel):
    refused = f', agreed: ["optout 2026-03-01T10:00 channel={channel}"]'
    assert permitted(country, "2026-03-10T12:00", (channel,), refused) == set()


@pytest.mark.parametrize("country", COUNTRIES)
@pytest.mark.parametrize("party", ["unrelated", "employer"])
def test_nobody_else_is_contacted_while_the_borrower_can_be_reached(country, party):
    assert permitted(country, "2026-03-10T12:00", AT_ONCE, party=party) == set()
