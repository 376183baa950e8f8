"""Personal data in the clear has a day's allowance by role; who wants more is told of to compliance."""

from datetime import timedelta

import pytest

from forbear.actions.cases.unmasking import seen_by_day, unmask
from forbear.core.base.problem import Problem
from forbear.store.models import Event, Staff, StaffText, UnmaskAlarm, Unmasking
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.test_administration import person, signed_in

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def borrowers(policy_of):
    house_rules()
    policy_of("unmask: {collector: 3, legal: 0}\n")
    return [make_borrower(f"B{number}") for number in range(5)]


def test_a_collector_sees_so_many_and_no_more(borrowers):
    lin, officer = person("lin", "collector"), person("officer", "compliance")
    Staff.objects.filter(pk=officer.pk).update(phone="+8613800000001")
    for borrower in borrowers[:3]:
        assert "name" in unmask(borrower, lin, "identify", NOON)
    assert "name" in unmask(borrowers[0], lin, "identify", NOON), "the same borrower again costs nothing"
    for borrower in borrowers[3:]:
        assert unmask(borrower, lin, "identify", NOON).code == "unmask_allowance_used"
    assert UnmaskAlarm.objects.count() == StaffText.objects.count() == 1
    assert "LIN" in StaffText.objects.get().body
    assert Event.objects.filter(kind="access", line__contains="unmask_allowance_used").count() == 1
    assert Event.objects.filter(kind="view").count() == 4
    assert "name" in unmask(borrowers[3], lin, "identify", NOON + timedelta(days=1))


def test_each_role_has_its_own_and_nobody_anothers(borrowers):
    legal, lead = person("legal", "legal"), person("lead", "lead")
    assert isinstance(unmask(borrowers[0], legal, "legal", NOON), Problem)
    for borrower in borrowers:
        assert "name" in unmask(borrower, lead, "correct", NOON)


def test_compliance_sees_who_saw_how_much(borrowers):
    lin, officer = person("lin", "collector"), person("officer", "compliance")
    for borrower in borrowers:
        unmask(borrower, lin, "identify", NOON)
    [row] = seen_by_day(NOON - timedelta(hours=1))
    assert (row["staff__number"], row["borrowers"], row["times"]) == ("LIN", 3, 3)
    page = " ".join(signed_in(officer).get("/desk/access").content.decode().split())
    assert "Accounts and personal data" in page
    assert signed_in(lin).get("/desk/access").status_code == 404
    assert Unmasking.objects.count() == 3
