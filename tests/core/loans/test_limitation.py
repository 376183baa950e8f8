"""Goal: the last day for a lawsuit is right to the day, and nothing but what the law names moves it."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.loans.limitation import EVENTS, LIMITS, limitation

CASES = yaml.load(
    (Path(__file__).parents[2] / "golden" / "limitation" / "cases.yaml").read_text("utf-8"),
    Loader=yaml.CSafeLoader,
)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_last_day(case):
    events = [tuple(event) for event in case.get("events", [])]
    found = limitation(case["pack"], case["last_due"], case.get("begun"), events, case["today"])
    assert (found.last_day, found.event) == (case["last_day"], case["event"])
    assert not found.barred(found.last_day)
    assert found.barred(found.last_day + timedelta(days=1))


@given(
    st.sampled_from(sorted(LIMITS)),
    DAYS,
    st.lists(st.tuples(st.sampled_from(EVENTS), DAYS), max_size=6),
    DAYS,
)
def test_more_events_never_shorten_it_and_their_order_does_not_matter(pack, due, events, today):
    found = limitation(pack, due, None, events, today)
    assert found == limitation(pack, due, None, list(reversed(events)), today)
    assert found.last_day >= limitation(pack, due, None, [], today).last_day
    assert found.since <= max(today, due)


@given(DAYS, DAYS, st.lists(st.tuples(st.sampled_from(EVENTS), DAYS), max_size=6), DAYS)
def test_in_china_twenty_years_are_the_end(begun, due, events, today):
    found = limitation("cn", due, begun, events, today)
    assert (found.last_day - begun).days <= 20 * 366
