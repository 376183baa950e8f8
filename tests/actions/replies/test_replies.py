"""Goal: what a borrower writes back is honoured at once where it is clear, and read by a person where it isn't."""

from datetime import timedelta

import pytest

from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.process_reply import process_reply
from forbear.channels.transport import Reply
from forbear.core.base.reason import Reason
from forbear.store.models import Consent, Contact, ContactPoint, Event, Hold, Inbound
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _rules():
    house_rules()


def reply(text: str, ref: str = "r1", sender: str = PHONE) -> Reply:
    return Reply("carrier", ref, "sms", sender, "1069", text, NOON)


@pytest.mark.parametrize("text", ["TD", "STOP", "退订", "别再发了"])
def test_a_stop_is_honoured_before_the_next_claim(text):
    borrower = make_borrower()
    waiting = wished(borrower)
    process_reply(reply(text), NOON)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert claim("w1", NOON) == {}
    late = wished(borrower)
    claim("w1", NOON)
    send_one(late.contact_id, "w1", {"sms": Recorder()}, lambda: NOON)
    late.refresh_from_db()
    assert (late.state, late.reason) == ("refused", Reason.of("rules", rules=["house.opt_out"]))


def test_a_stop_counts_for_everybody_with_that_number():
    make_borrower("B1")
    make_borrower("B2")
    process_reply(reply("STOP"), NOON)
    assert set(Consent.objects.filter(given=False).values_list("borrower_id", flat=True)) == {"B1", "B2"}


@pytest.mark.parametrize(
    ("text", "hold"), [("这不是我的债,金额不对", "dispute"), ("我失业了,实在还不起,申请减免", "hardship")]
)
def test_what_is_clear_holds_at_once(text, hold):
    waiting = wished(make_borrower())
    process_reply(reply(text), NOON)
    assert list(Hold.objects.values_list("kind", flat=True)) == [hold]
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"


def test_a_wrong_person_is_not_written_to_again():
    waiting = wished(make_borrower())
    process_reply(reply("你打错了,我不认识这个人"), NOON)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert ContactPoint.objects.get().stopped_at == NOON


def test_a_claim_to_have_paid_moves_no_money_but_is_read():
    make_borrower()
    kept = process_reply(reply("我昨天已经还了"), NOON)
    assert (kept.intent, kept.needs_person) == ("paid", True)
    assert not Hold.objects.exists()


def test_what_is_unclear_goes_to_a_person_and_does_nothing():
    waiting = wished(make_borrower())
    kept = process_reply(reply("嗯"), NOON)
    assert kept.needs_person
    waiting.refresh_from_db()
    assert waiting.state == "waiting"


def test_the_same_reply_delivered_again_counts_once():
    make_borrower()
    first = process_reply(reply("STOP"), NOON)
    assert process_reply(reply("STOP"), NOON + timedelta(minutes=1)) == first
    assert Inbound.objects.count() == 1
    # the bare word stops texts and what a robot says there, each once; people may still call
    assert sorted(Consent.objects.values_list("channel", "given")) == [("sms", False), ("voice", False)]


def test_a_stranger_is_kept_for_a_person():
    kept = process_reply(reply("STOP", sender="+8613000000000"), NOON)
    assert (kept.borrower, kept.needs_person) == (None, True)
    assert not Contact.objects.exists()


def test_the_words_are_personal():
    make_borrower()
    process_reply(reply("我住院了,还不上"), NOON)
    assert not Event.objects.filter(line__contains="住院").exists()
