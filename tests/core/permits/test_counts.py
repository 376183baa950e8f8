"""What a cap counts where a contact is about several loans, or about none that was named; when a rule binds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.core.conditions.parse import parse
from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.permits.decision import counted
from forbear.core.permits.rules import Count, Rule

NOW = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
#: About L1, about L1 and L2, and about the borrower without a loan named, all on one day.
PAST = tuple(
    PastContact(NOW - timedelta(hours=hours), "call", "collect", "debtor", "connected", "", loans)
    for hours, loans in ((3, ("L1",)), (2, ("L1", "L2")), (1, ()))
)


@pytest.mark.parametrize(
    ("by", "loans", "number"),
    [
        ("debt", ("L1",), 3),
        ("debt", ("L2",), 2),
        ("debt", ("L3",), 1),
        ("debt", ("L2", "L1"), 3),
        ("debt", (), 3),
        ("debtor", ("L3",), 3),
    ],
)
def test_of_several_debts_the_one_with_the_most_counts(by, loans, number):
    """A contact about no named loan was about each of them; a wish about none meets them all."""
    planned = PlannedContact("call", "collect", loans=loans)
    assert counted(Count(by, 1), PAST, planned, NOW, "Asia/Shanghai") == number


@pytest.mark.parametrize(("consented", "number"), [(True, 1), (False, 0)])
def test_what_the_person_had_asked_for_counts_only_where_the_rule_says_so(consented, number):
    asked_for = replace(PAST[0], consented=True)
    planned = PlannedContact("call", "collect", loans=("L1",))
    count = Count("debtor", 1, consented=consented)
    assert counted(count, (asked_for,), planned, NOW, "Asia/Shanghai") == number


@pytest.mark.parametrize(("day", "binds"), [(8, False), (9, True), (10, True), (11, False)])
def test_a_rule_binds_from_its_first_day_until_before_the_day_it_ends(day, binds):
    always = parse("days_past_due > 0")
    rule = Rule("r", {}, always, "", "house", starts=date(2026, 3, 9), ends=date(2026, 3, 11))
    assert rule.in_force(date(2026, 3, day)) is binds
