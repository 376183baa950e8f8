"""Goal: what a borrower writes back is honoured at once where it is clear, and read by a person where it isn't."""

from dataclasses import replace
from datetime import timedelta

import pytest

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.replies.reading import mark_reply_read, see_reply_alarm
from forbear.channels.transport import Reply
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.permits.built_in import UNREAD_REPLY
from forbear.store.models import Consent, Contact, ContactPoint, Event, Hold, Inbound, ReplyAlarm, Staff
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wish_for, wished

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
    confirmed = Contact.objects.get(template="opt_out_confirmed")
    assert claim("w1", NOON) == {confirmed.pk: "sms"}
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


def make_staff(number: str = "F1001") -> Staff:
    return Staff.objects.create_user(username=number, password="x", role="collector", number=number)


def refusals_for(borrower, channel="sms", purpose="collect", at=NOON):
    """What the permit gate says to a contact by the borrower's number."""
    (decision,) = preview(borrower.borrower_id, [wish_for(borrower, channel, purpose)], at)
    return [refusal.rule for refusal in decision.refusals]


@pytest.mark.postgresql
def test_until_somebody_has_read_it_only_notices_go_to_the_number():
    borrower = make_borrower()
    assert refusals_for(borrower) == []
    kept = process_reply(reply("qwerty uiop"), NOON)
    assert (kept.held, kept.needs_person, kept.urgent) == (True, True, False)
    for purpose in ("collect", "remind", "answer", "confirm"):
        assert refusals_for(borrower, purpose=purpose) == [UNREAD_REPLY]
    assert refusals_for(borrower, channel="call") == [UNREAD_REPLY]
    assert refusals_for(borrower, purpose="notice") == []
    waiting = wished(borrower)
    claim("w1", NOON)
    send_one(waiting.contact_id, "w1", {"sms": Recorder()}, lambda: NOON)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("refused", Reason.of("rules", rules=[UNREAD_REPLY]))
    read = mark_reply_read(kept.pk, make_staff(), NOON)
    assert (read.read_at, read.read_by) == (NOON, "staff:F1001")
    assert refusals_for(borrower) == []
    assert mark_reply_read(kept.pk, make_staff("F1002"), NOON + timedelta(days=1)).read_at == NOON


def test_what_is_understood_holds_nothing():
    borrower = make_borrower()
    process_reply(reply("I will pay 100 on Friday"), NOON)
    assert refusals_for(borrower) == []


def test_another_number_of_the_borrower_is_not_held():
    borrower = make_borrower()
    process_reply(reply("qwerty", sender="+8613000000007"), NOON)
    assert refusals_for(borrower) == []


@pytest.mark.postgresql
def test_a_stranger_is_kept_with_their_number_and_held_when_somebody_has_it_later():
    kept = process_reply(reply("STOP please", sender="+8613000000009"), NOON)
    assert (kept.sender, kept.held, kept.borrower) == ("+8613000000009", True, None)
    borrower = make_borrower("B9", phone="+8613000000009")
    assert refusals_for(borrower) == [UNREAD_REPLY]


def test_one_number_of_two_people_is_read_by_a_person():
    first, second = make_borrower("B1"), make_borrower("B2")
    kept = process_reply(reply("我失业了,还不起"), NOON)
    assert (kept.held, Hold.objects.count()) == (True, 0)
    assert refusals_for(first) == refusals_for(second) == [UNREAD_REPLY]


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "text", ["我不想活了", "I'm going to kill myself", "我要杀了你们", "STOP or I'll kill myself"]
)
def test_danger_holds_at_once_and_raises_an_alarm(text):
    borrower = make_borrower()
    waiting = wished(borrower)
    kept = process_reply(reply(text), NOON)
    waiting.refresh_from_db()
    assert (kept.urgent, kept.needs_person, kept.held) == (True, True, True)
    assert waiting.state == "cancelled"
    assert "crisis" in Hold.objects.values_list("kind", flat=True)
    alarm = ReplyAlarm.objects.get()
    assert (alarm.inbound, alarm.borrower, alarm.seen_at) == (kept, borrower, None)
    assert UNREAD_REPLY in refusals_for(borrower)
    process_reply(reply(text), NOON)
    assert ReplyAlarm.objects.count() == 1


def test_danger_from_a_stranger_raises_an_alarm_too():
    kept = process_reply(reply("我不想活了", sender="+8613000000000"), NOON)
    assert ReplyAlarm.objects.get().inbound == kept
    assert not Hold.objects.exists()


def test_an_alarm_stays_until_somebody_says_what_was_done():
    make_borrower()
    process_reply(reply("我不想活了"), NOON)
    staff, alarm = make_staff(), ReplyAlarm.objects.get()
    assert isinstance(see_reply_alarm(alarm.pk, "  ", staff, NOON), Problem)
    seen = see_reply_alarm(alarm.pk, "called them, a friend is there", staff, NOON)
    assert (seen.seen_at, seen.seen_by) == (NOON, staff)
    assert isinstance(see_reply_alarm(alarm.pk, "again", staff, NOON), Problem)
    assert Hold.objects.get(kind="crisis").lifted_at is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("I filed for chapter 13 bankruptcy", {"bankrupt"}),
        ("My mother died on Sunday", {"bereavement"}),
        ("他去世了", {"deceased"}),
        ("someone opened this in my name", {"dispute"}),
        ("prove that I owe this", {"verification", "dispute"}),
        ("I refuse to pay", {"refusal"}),
        ("cease all communication with me", {"cease"}),
        ("我要投诉你们", {"complaint"}),
        ("talk to my lawyer", {"lawyer"}),
        ("the link doesn't work", set()),
    ],
)
def test_what_is_demanded_or_said_holds_by_its_kind(text, kinds):
    make_borrower()
    kept = process_reply(reply(text), NOON)
    assert kept.needs_person
    assert set(Hold.objects.values_list("kind", flat=True)) == kinds


def test_not_at_work():
    make_borrower()
    process_reply(reply("don't call me at work"), NOON)
    assert ContactPoint.objects.get().workplace_forbidden


def test_of_a_death_in_the_family_a_person_finds_out_whose():
    borrower = make_borrower()
    kept = process_reply(reply("My husband passed away last week"), NOON)
    assert (kept.held, kept.asked) == (True, ["bereavement"])
    assert UNREAD_REPLY in refusals_for(borrower)


@pytest.mark.postgresql
def test_all_the_words_are_kept_and_bad_input_is_no_fault():
    make_borrower()
    long = "I have had this loan for years. " * 1000
    assert process_reply(reply(long), NOON).text == long
    for number, text in enumerate(("\ud800", "\x00", "x" * 10_000_000, "", "🛑" * 100_000)):
        kept = process_reply(reply(text, ref=f"{number}" * 400), NOON)
        assert kept.pk
    assert len({row.provider_ref for row in Inbound.objects.all()}) == 6
    assert process_reply(reply("x", ref="a\x00b", sender="\x00" * 1000), NOON).pk


@pytest.mark.parametrize(
    ("text", "command"), [("BASTA YA PUES", "stop"), ("foo", "stop"), ("", "stop"), ("START", "stop")]
)
def test_what_the_provider_took_as_a_stop_is_one(text, command):
    borrower = make_borrower()
    kept = process_reply(replace(reply(text), command="stop"), NOON)
    assert (kept.intent, kept.held) == ("stop", False)
    assert refusals_for(borrower) == ["house.opt_out"]


def test_what_the_provider_took_as_a_start_takes_the_stop_back():
    borrower = make_borrower()
    process_reply(reply("STOP"), NOON)
    process_reply(replace(reply("join", ref="r2"), command="start"), NOON)
    assert refusals_for(borrower, at=NOON + timedelta(minutes=1)) == []
