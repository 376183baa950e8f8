"""Goal: an account is made by the password's rules, or with none at all; then no password opens it."""

from datetime import UTC, datetime

import pytest

from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)


def test_without_a_password_none_opens_it():
    made = make_staff("lin", None, "collector", "F1", NOON, actor="test")
    assert not made.has_usable_password()
    for tried in ("", "None", made.password):
        assert not made.check_password(tried)


@pytest.mark.parametrize("password", ["", "short", "1234567890123"])
def test_a_weak_password_makes_no_account(password):
    assert isinstance(make_staff("lin", password, "collector", "F1", NOON, actor="test"), Problem)
    assert not isinstance(
        make_staff("lin", "a-long-passphrase-1", "collector", "F1", NOON, actor="test"), Problem
    )
