"""Goal: what strangers wrote is erased on its day, in the desk and the log, and never what still waits or has a case.

Method: messages from numbers that nobody knows come by the real way in; the retention job runs on days around its day.
"""

from datetime import timedelta

import pytest
from django.conf import settings

from forbear.actions.replies.inbox import link_message
from forbear.actions.replies.process_reply import process_reply
from forbear.channels.transport import Reply
from forbear.jobs.erase_due import due_messages, erase_messages
from forbear.store.evidence_check import check
from forbear.store.models import Event, Inbound, PersonalValue
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
STRANGER = "+8613900000077"


def said(text: str, ref: str, days: int = 0, sender: str = STRANGER) -> Inbound:
    at = NOON + timedelta(days=days)
    made = process_reply(Reply("sms_test", ref, "sms", sender, "10690", text, at), at)
    assert isinstance(made, Inbound), made
    return made


def words() -> list[str]:
    return sorted(Inbound.objects.values_list("text", flat=True))


@pytest.fixture
def home():
    house_rules()
    (settings.HOME.folder / "policy.yaml").write_text("strangers: {keep_days: 90}\n", "utf-8")


def read(message: Inbound) -> None:
    Inbound.objects.filter(pk=message.pk).update(read_at=message.at, needs_person=False)


def test_a_message_goes_after_its_last_day_and_not_before(home):
    old, young = said("我不认识这个人，你们是谁", "1"), said("谁啊", "2", days=1)
    read(old)
    read(young)
    assert erase_messages(NOON + timedelta(days=90), "test") == 0
    moment = NOON + timedelta(days=91)
    assert due_messages(moment) == 1
    assert erase_messages(moment, "test") == 1
    assert words() == ["", "谁啊"]
    old.refresh_from_db()
    assert (old.sender, bool(old.point_digest)) == ("", True), "a digest still holds a stop"
    (event,) = Event.objects.filter(borrower="", kind="erasure")
    assert '"messages":1' in event.line
    assert "不认识" not in event.line
    assert check(moment) == []
    assert erase_messages(moment, "test") == 0


def test_what_nobody_has_read_and_what_was_linked_to_a_case_stays(home):
    make_borrower()
    unread, linked = said("你们搞错了吧", "1"), said("我是王小明，换号了", "2")
    Inbound.objects.filter(pk=unread.pk).update(needs_person=True, read_at=None)
    staff = person("zhou", "lead")
    made = link_message(linked.pk, "B1", staff, NOON + timedelta(hours=1))
    assert isinstance(made, Inbound), made
    assert erase_messages(NOON + timedelta(days=300), "test") == 0
    assert words() == ["你们搞错了吧", "我是王小明，换号了"]
    read(unread)
    assert erase_messages(NOON + timedelta(days=300), "test") == 1
    assert words() == ["", "我是王小明，换号了"]
    kept = PersonalValue.objects.filter(event__borrower="B1", event__kind="inbound", field="text")
    assert "我是王小明，换号了" in "".join(value or "" for value in kept.values_list("value", flat=True))


def test_a_stop_of_a_stranger_holds_after_its_words_are_gone(home):
    stop = said("退订", "1")
    read(stop)
    erase_messages(NOON + timedelta(days=400), "test")
    stop.refresh_from_db()
    assert (stop.text, stop.intent) == ("", "stop")
