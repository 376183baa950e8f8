"""Goal: an alarm is texted to the people on duty at once, at most once each, and a number that says no is said."""

from datetime import timedelta

import pytest

from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.staff_texts import send_staff_texts, text_alarm
from forbear.actions.staff.account_decisions import decide_change
from forbear.actions.staff.staff_accounts import change_person
from forbear.channels.transport import Report
from forbear.core.base.problem import Problem
from forbear.store.models import AccountChange, Alarm, Contact, FieldEvent, Staff, StaffText
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import NOON, Recorder
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def lead() -> Staff:
    made = person("zhou", "lead")
    made.phone = "+8613800000001"
    made.save()
    return made


def alarm() -> Alarm:
    visitor = person("v1", "visitor")
    event = FieldEvent.objects.create(
        event_id="5b3b1c1e-0000-4000-8000-000000000001",
        staff=visitor,
        kind="alarm",
        at=NOON,
        received_at=NOON,
    )
    return Alarm.objects.create(
        event=event, staff=visitor, at=NOON, received_at=NOON, place={"at": [31_230_000, 121_470_000, 10]}
    )


def test_it_is_texted_to_those_who_may_see_to_it_and_nobody_else(lead):
    collector = person("f1", "collector")
    collector.phone = "+8613800000002"
    collector.save()
    person("he", "compliance")  # has no telephone on file
    assert text_alarm(alarm(), NOON) == 1
    out = Recorder()
    assert send_staff_texts({"sms": out}, NOON) == 1
    (message,) = out.sent
    assert message.to == lead.phone
    assert "V1" in message.body
    assert "31.23000,121.47000" in message.body
    assert StaffText.objects.get().state == "sent"
    assert not Contact.objects.exists()  # no contact with a borrower, and none is counted
    assert send_staff_texts({"sms": out}, NOON + timedelta(minutes=9)) == 0


def test_a_busy_provider_is_tried_again_and_a_refusal_is_said_on_the_alarm(lead, monkeypatch):
    text_alarm(alarm(), NOON)
    assert send_staff_texts({"sms": Recorder("busy")}, NOON) == 1
    assert StaffText.objects.get().state == "waiting"
    assert send_staff_texts({"sms": Recorder("refused")}, NOON + timedelta(seconds=21)) == 1
    assert StaffText.objects.get().state == "refused"
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(minutes=1))
    assert "text refused by the number" in shown(browser_of(lead), "/desk/alarms")


def test_a_report_that_the_number_is_dead_is_said_too(lead):
    text_alarm(alarm(), NOON)
    send_staff_texts({"sms": Recorder()}, NOON)
    text = StaffText.objects.get()
    report = Report("recorder", text.provider_ref, "invalid", NOON, detail="no such number")
    assert record_delivery_report(report, NOON) == text
    text.refresh_from_db()
    assert (text.state, text.detail) == ("refused", "no such number")


def test_a_text_whose_worker_died_is_not_sent_twice(lead):
    text_alarm(alarm(), NOON)
    StaffText.objects.update(state="sending")
    assert send_staff_texts({"sms": Recorder()}, NOON + timedelta(minutes=5)) == 0
    assert StaffText.objects.get().state == "unknown"


def test_without_anybody_to_text_the_alarm_says_so(monkeypatch):
    officer = person("he", "compliance")
    assert text_alarm(alarm(), NOON) == 0
    monkeypatch.setattr(web_clock, "now", lambda: NOON + timedelta(minutes=1))
    assert "Nobody was texted" in shown(browser_of(officer), "/desk/alarms")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("13800000001", "+8613800000001"),
        ("+44 7700 900123", "+447700900123"),
        ("", ""),
        ("１３８００００００01", "+8613800000001"),
    ],
)
def test_a_telephone_is_kept_as_one_that_can_be_dialled(lead, typed, kept):
    boss, other = person("root", "administrator"), person("other", "administrator")
    change_person(
        lead.pk, {"capacity": "60", "phone": typed, "cares": "1", "note": "a new number"}, boss, NOON
    )
    for change in AccountChange.objects.filter(what="phone", state="proposed"):
        decide_change(change.pk, True, other, NOON)  # a lead signs for others, so it takes two
    changed = Staff.objects.get(pk=lead.pk)
    assert (changed.phone, changed.cares) == (kept, True)


@pytest.mark.parametrize("typed", ["12", "abc", "13800000001 13800000002"])
def test_what_is_no_telephone_is_refused(lead, typed):
    made = change_person(lead.pk, {"capacity": "60", "phone": typed}, person("root", "administrator"), NOON)
    assert isinstance(made, Problem)
    assert made.code == "phone_invalid"
