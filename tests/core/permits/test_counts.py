"""What a cap counts where a contact is about several loans, or about none that was named."""

from datetime import UTC, datetime, timedelta

import pytest

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.permits.decision import counted
from forbear.core.permits.rules import Count

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
