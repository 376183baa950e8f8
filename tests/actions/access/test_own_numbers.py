"""Goal: a number of the lender's own people is known as ours however it was saved and however it is asked."""

import pytest

from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.staff.new_staff import edit_staff
from forbear.store.models import Staff
from tests.factories.desk import NOON, house_rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("saved", ["010-66660000", "+86 10 6666 0000", "(010)66660000-801"])
@pytest.mark.parametrize("asked", ["01066660000", "010-6666-0000", "+861066660000", "86 10 66660000"])
def test_a_line_is_ours_in_any_spelling(saved, asked):
    house_rules()
    Staff.objects.create_user(username="lin", password="x", role="collector", number="F1")
    edit_staff("lin", {"line": saved}, NOON, actor="test")
    seen = verify_caller(asked, NOON)
    assert seen is not None
    assert seen.collector == "F1"
    assert verify_caller("010-66660001", NOON) is None


def test_a_line_that_is_no_telephone_number_stays_as_it_was_written():
    Staff.objects.create_user(username="lin", password="x", role="collector", number="F1")
    for line in ("801", "lin@pbx.example", ""):
        edit_staff("lin", {"line": line}, NOON, actor="test")
        assert Staff.objects.get().line == line
