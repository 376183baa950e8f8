"""Goal: where the rules ask for it, nobody stands at a door unannounced, whatever was announced before."""

from datetime import timedelta

import pytest

from forbear.actions.field.visit_events import record_visit_events
from forbear.actions.field.visits import Leave, set_out
from forbear.actions.visits.cancellation import call_off
from forbear.core.base.reason import Reason
from forbear.store.models import Borrower, Case, Notice, Visit
from tests.factories.desk import NOON, house_rules
from tests.factories.visits import NOTICE_RULE, VISIT_PACK, approved, planned, told, visited, visitors

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def announced() -> Visit:
    """A visit in four days, announced at once."""
    visit = planned(visited(), NOON.date() + timedelta(days=4))
    Notice.objects.create(
        borrower_id="B1", kind="visit_notice", loan_id=visit.loans[0], given_at=NOON, contact=visit.notice
    )
    return visit


def test_each_visit_is_announced_by_a_notice_of_its_own():
    house_rules(VISIT_PACK + NOTICE_RULE)
    two = visitors()
    visit = announced()
    on_the_day = NOON + timedelta(days=3, hours=19)
    Case.objects.update(figures_at=on_the_day)
    leave = set_out(visit.pk, two[0], on_the_day)
    assert isinstance(leave, Leave)
    assert leave.answer.permit is not None
    (started,) = record_visit_events([told(leave.visit, "start", on_the_day)], two[0], on_the_day)
    assert (started["ok"], started["conflicts"]) == (True, []), "its own start doesn't use its notice up"
    end = told(visit, "end", on_the_day + timedelta(minutes=5), outcome="not_home", recordings=[])
    record_visit_events([end], two[0], on_the_day + timedelta(minutes=5))
    # four weeks later the notice of then says nothing of when somebody comes now
    later = NOON + timedelta(days=28)
    Case.objects.update(figures_at=later)
    assert approved(Borrower.objects.get(), later).notice_days == 3


def test_the_notice_of_a_visit_that_was_called_off_announces_no_other():
    house_rules(VISIT_PACK + NOTICE_RULE)
    visitors()
    visit = announced()
    later = NOON + timedelta(days=6)
    Case.objects.update(figures_at=later)
    assert isinstance(
        call_off(visit.pk, Reason.of("by_staff"), NOON + timedelta(days=2), actor="test", note="not today"),
        Visit,
    )
    assert approved(Borrower.objects.get(), later).notice_days == 3
