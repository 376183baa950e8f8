"""Goal: at the desk a visit is proposed, decided by another, routed and given, and an alarm is on every lead's page."""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.visits.cancellation import call_off
from forbear.core.base.reason import Reason
from forbear.jobs.plan_routes import plan_asked
from forbear.store.models import Alarm, FieldEvent, RouteSearch, Visit, VisitRoute
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules
from tests.factories.visits import NOTICE_RULE, VISIT_PACK, approved, visited, visitors
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TOMORROW = (NOON + timedelta(days=1)).date().isoformat()


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    house_rules(VISIT_PACK)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


def signed_in(name: str, role: str) -> Client:
    return browser_of(person(name, role))


@pytest.mark.postgresql
def test_from_the_case_page_to_a_pairs_route():
    visited()
    visitors()
    collector, lead = signed_in("collector1", "collector"), signed_in("lead1", "lead")
    collector.post("/desk/case/B1/visit", {"note": "电话一直打不通"})
    visit = Visit.objects.get()
    assert "Waiting for approval" in shown(collector, "/desk/case/B1/")
    assert "Visit allowed" in shown(lead, f"/desk/visits/{visit.pk}/")
    assert "Needs no announcement" in shown(lead, f"/desk/visits/{visit.pk}/")
    lead.post(f"/desk/visits/{visit.pk}/decide")
    page = shown(lead, f"/desk/routes?day={TOMORROW}")
    assert "1 approved visit waits" in page
    assert "1 pair of visitors" in page
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    assert "are being calculated" in shown(lead, f"/desk/routes?day={TOMORROW}")
    assert plan_asked(NOON)
    assert not plan_asked(NOON)
    assert "are being calculated" not in shown(lead, f"/desk/routes?day={TOMORROW}")
    route = VisitRoute.objects.get()
    page = shown(lead, f"/desk/routes/{route.pk}/")
    assert "Give the pair 1 stop" in page
    assert "王**" in page
    assert "王小明" not in page
    lead.post(f"/desk/routes/{route.pk}/sign")
    assert Visit.objects.get().state == "planned"
    assert "Given" in shown(lead, f"/desk/routes?day={TOMORROW}")
    collector.post(f"/desk/visits/{visit.pk}/call-off", {"note": "已还款"})
    assert Visit.objects.get().state == "called_off"


def test_the_page_says_why_nobody_may_go():
    house_rules(VISIT_PACK + NOTICE_RULE)
    visited()
    signed_in("collector1", "collector").post("/desk/case/B1/visit", {"note": "why"})
    visit = Visit.objects.get()
    assert "Must be announced 3 days before" in shown(
        signed_in("officer1", "compliance"), f"/desk/visits/{visit.pk}/"
    )
    house_rules(VISIT_PACK.replace("visitors < 2", "visitors < 3"))
    lead = signed_in("lead1", "lead")
    page = shown(lead, f"/desk/visits/{visit.pk}/")
    assert "Not allowed in the next 14 days" in page
    assert "house §2" in page
    lead.post(f"/desk/visits/{visit.pk}/decide")
    assert Visit.objects.get().state == "proposed"
    lead.post(f"/desk/visits/{visit.pk}/decide", {"act": "refuse", "note": "没有必要"})
    assert Visit.objects.get().state == "refused"
    assert "没有必要" in shown(lead, "/desk/visits?state=refused")


def test_a_day_on_which_nobody_can_go_is_told():
    approved(visited())
    lead = signed_in("lead1", "lead")
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    assert plan_asked(NOON)
    assert "no pair of visitors" in shown(lead, f"/desk/routes?day={TOMORROW}")
    assert not VisitRoute.objects.exists()


def test_a_day_on_which_no_visit_may_be_made_says_why():
    house_rules(VISIT_PACK + NOTICE_RULE)
    visitors()
    visit = approved(visited())
    Visit.objects.filter(pk=visit.pk).update(notice_days=3)
    lead = signed_in("lead1", "lead")
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    assert plan_asked(NOON)
    assert "No field visit can be made that day." in shown(lead, f"/desk/routes?day={TOMORROW}")
    assert RouteSearch.objects.get().said == ["not_that_day"]


def test_a_day_without_an_approved_visit_is_told():
    visitors()
    lead = signed_in("lead1", "lead")
    assert "No field visit can be made" not in shown(lead, f"/desk/routes?day={TOMORROW}")
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    assert plan_asked(NOON)
    assert "No field visit can be made that day." in shown(lead, f"/desk/routes?day={TOMORROW}")


def test_a_search_whose_worker_died_is_begun_again_and_one_that_fails_says_so(monkeypatch):
    lead = signed_in("lead1", "lead")
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    RouteSearch.objects.update(state="running", begun_at=NOON)
    assert not plan_asked(NOON + timedelta(minutes=9))
    monkeypatch.setattr("forbear.jobs.plan_routes.work_out_day", lambda *_: 1 / 0)
    assert plan_asked(NOON + timedelta(minutes=11))
    assert "the search failed" in shown(lead, f"/desk/routes?day={TOMORROW}")
    lead.post("/desk/routes/work-out", {"day": TOMORROW})
    assert RouteSearch.objects.get().state == "waiting"


def test_an_alarm_is_on_the_page_until_it_was_seen_to():
    visited()
    two = visitors()
    event = FieldEvent.objects.create(
        event_id="e", staff=two[0], kind="alarm", at=NOON - timedelta(hours=1), received_at=NOON
    )
    made = Alarm.objects.create(
        event=event,
        staff=two[0],
        at=NOON - timedelta(hours=1),
        received_at=NOON,
        place={"at": [30_000_000, 120_000_000, 9]},
    )
    lead = signed_in("lead1", "lead")
    told = shown(lead, "/desk/alarms")
    assert "30.00000, 120.00000 ±9 m" in told
    assert "there was no network" in told
    assert 'data-from="/desk/alarms"' in lead.get("/desk/").content.decode()
    assert "/desk/alarms" not in signed_in("collector1", "collector").get("/desk/").content.decode()
    lead.post(f"/desk/alarms/{made.pk}", {"words": "两人安全"})
    assert shown(lead, "/desk/alarms").strip() == ""


def test_a_visit_that_was_called_off_says_why():
    visit = approved(visited())
    call_off(visit.pk, Reason.of("by_staff"), NOON, actor="test", note="搬家了")
    assert "搬家了" in shown(signed_in("lead1", "lead"), f"/desk/visits/{visit.pk}/")
