"""Goal: the hours that a borrower was told bind the visitors."""

from datetime import timedelta

import pytest

from forbear.actions.field.visit_events import record_visit_events
from forbear.actions.field.visits import set_out
from forbear.core.base.problem import Problem, from_json
from forbear.core.base.reason import Reason
from forbear.store.models import Visit
from tests.actions.visits.test_visits import TOMORROW, _ended, ready
from tests.chinese import in_chinese
from tests.factories.desk import house_rules
from tests.factories.visits import AT_DOOR, VISIT_PACK, planned, told, visited, visitors

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _rules():
    house_rules(VISIT_PACK)


def test_nobody_begins_before_or_after_the_hours_that_the_borrower_was_told():
    visit, two = ready()
    for at in (AT_DOOR - timedelta(minutes=61), AT_DOOR + timedelta(minutes=60)):
        (answer,) = record_visit_events([told(visit, "start", at)], two[0], at)
        wrong = from_json(answer["wrong"])
        assert (wrong.code, str(wrong)) == ("visit_outside_hours", "the borrower was told 09:00 to 11:00")
        assert in_chinese(wrong) == "告知借款人的时间是 09:00 至 11:00"
    assert Visit.objects.get().state == "planned"
    # reported an hour later it is written down as it happened, with what was wrong
    late = AT_DOOR + timedelta(minutes=61)
    (answer,) = record_visit_events([told(visit, "start", late)], two[0], late + timedelta(hours=1))
    assert answer["conflicts"] == [Reason.of("visit_outside_hours", starts="09:00", ends="11:00").as_dict()]


def test_no_leave_is_given_once_the_hours_are_over():
    two = visitors()
    visit = planned(visited(), TOMORROW)
    refused = set_out(visit.pk, two[0], AT_DOOR + timedelta(hours=1))
    assert isinstance(refused, Problem)
    assert refused.code == "visit_hours_over"


def test_leave_that_ran_out_is_no_leave():
    visit, two = ready()
    Visit.objects.update(leave_until=AT_DOOR)
    late = AT_DOOR + timedelta(minutes=1)
    (answer,) = record_visit_events([told(visit, "start", late)], two[0], late)
    wrong = from_json(answer["wrong"])
    assert (wrong.code, str(wrong)) == ("permit_expired", "the permit has expired")
    assert in_chinese(wrong) == "许可已过期"
    (answer,) = record_visit_events([told(visit, "start", late)], two[0], late + timedelta(hours=1))
    assert answer["conflicts"] == [Reason.of("leave_expired").as_dict()]
    assert "no_leave" in _ended(visit, two, late)["lacks"]
