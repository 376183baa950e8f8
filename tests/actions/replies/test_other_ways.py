"""Goal: what no provider brings stands in the inbox all the same, and danger in it raises the same alarm."""

import pytest
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.replies.other_ways import note_portal_words
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.replies.reading import mark_reply_read
from forbear.actions.replies.sorting import sort_message
from forbear.actions.requests.requests import Asked, make_request
from forbear.channels.transport import Reply
from forbear.core.permits.built_in import UNREAD_REPLY
from forbear.store.models import Hold, Inbound, ReplyAlarm, Staff
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def lead() -> Staff:
    house_rules()
    return Staff.objects.create_user(username="qin", password="x", role="lead", number="F1")


def on_the_portal(words: str) -> Inbound | None:
    request = make_request(Asked("B1", "hardship", words), NOON, actor="borrower")
    return note_portal_words(request, words, NOON)


def test_words_on_the_portal_wait_in_the_inbox_with_their_request(lead):
    make_borrower()
    kept = on_the_portal("我失业了，想申请分期")
    assert (kept.channel, kept.needs_person, kept.request.kind) == ("portal", True, "hardship")
    assert on_the_portal("我失业了，想申请分期") == kept, "sent twice it is one message"
    assert on_the_portal("还有，我妈住院了") != kept
    assert on_the_portal("  ") is None


def test_danger_and_demands_on_the_portal_count_at_once(lead):
    make_borrower()
    on_the_portal("我不想活了")
    assert ReplyAlarm.objects.get().borrower_id == "B1"
    on_the_portal("停止对我的一切联系")
    assert set(Hold.objects.values_list("kind", flat=True)) == {"hardship", "crisis", "cease"}


@pytest.mark.postgresql
def test_the_stop_of_somebody_unknown_holds_for_who_turns_out_to_have_the_number(lead):
    reply = Reply("carrier", "1", "sms", "+8613000000009", "1069", "别烦我，找错了吧", NOON)
    kept = process_reply(reply, NOON)
    sort_message(kept.pk, "stop", lead, NOON)
    later = make_borrower("B9", phone="+8613000000009")
    (decision,) = preview("B9", [wish_for(later)], NOON)
    assert [refusal.rule for refusal in decision.refusals] == [UNREAD_REPLY]
    other = process_reply(Reply("carrier", "2", "sms", "+8613000000010", "1069", "嗯", NOON), NOON)
    mark_reply_read(other.pk, lead, NOON)
    free = make_borrower("B8", phone="+8613000000010")
    (decision,) = preview("B8", [wish_for(free)], NOON)
    assert decision.permitted, settings.HOME
