"""Goal: what the lender tells anew of a borrower whose case is open counts from the next night on, and no yes of a feed
undoes what a borrower told the desk themselves.

Method: a real book through the real import, a night a feed, and the door asked after each.
"""

import json
from datetime import timedelta

import pytest

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.replies.process_reply import process_reply
from forbear.channels.transport import Reply
from forbear.core.facts.contact import PlannedContact
from forbear.publish.publish import publish
from forbear.store.models import Borrower, Consent, ContactPoint, Event
from tests.actions.cases.test_payments import DAY, FEED, NOON
from tests.home_night import decided, feed_in

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_what_stays_as_it_was_is_left_as_the_desk_has_it",
    "test_no_yes_of_a_feed_undoes_what_the_borrower_said",
    "test_a_number_spelled_otherwise_is_the_same_number",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
OLD, NEW = "+8610000000001", "+8610000000002"


@pytest.fixture
def told(tmp_path):
    """Import a feed with this row for the borrower, and publish the night after it."""
    nights = iter(range(100))

    def tell(phone: str = OLD, consent: str = "true", name: str = "王小明", email: str = "") -> Borrower:
        number = next(nights)
        row = f"B1,{name},{phone},{email},zh,,Asia/Shanghai,,{consent}"
        feed_in(tmp_path / f"feed-{number}", **{**FEED, "borrowers": [row]})
        assert publish(*decided(DAY + timedelta(days=number)), NOON + timedelta(days=number)) is not None
        return Borrower.objects.get()

    return tell


def events(kind: str) -> list[dict]:
    return [json.loads(event.line)["body"] for event in Event.objects.filter(kind=kind).order_by("number")]


def in_use(kind: str = "phone") -> list[str]:
    rows = ContactPoint.objects.filter(kind=kind, invalid_at=None)
    return sorted(rows.values_list("value", flat=True))


def refused(borrower: Borrower, days: int) -> set[str]:
    """What the door says of a text to the newest number, so many days after the first noon."""
    point = borrower.points.filter(kind="phone").order_by("-pk").first()
    planned = PlannedContact("sms", "collect", "debtor", point.digest, ("L1",), automated=True, own_line=True)
    decision, _ = evaluate(borrower, planned, NOON + timedelta(days=days))
    return {refusal.rule for refusal in decision.refusals}


def test_a_new_number_takes_the_place_of_the_old_one_while_the_case_is_open(told):
    told()
    borrower = told(NEW)
    assert in_use() == [NEW]
    assert planned_call(borrower).point == ContactPoint.objects.get(digest=digest_of("phone", NEW)).digest
    old = ContactPoint.objects.get(digest=digest_of("phone", OLD))
    assert (old.source, old.invalid_at) == ("feed_before", NOON + timedelta(days=1))
    assert events("point") == [{"point": old.digest, "what": "replaced by the lender"}]
    told(OLD)
    assert in_use() == [OLD], "told again, it is in use again"
    told("")
    assert in_use() == [], "told no more, nobody is called there"


def test_what_stays_as_it_was_is_left_as_the_desk_has_it(told):
    told()
    Borrower.objects.update(name="王晓明")
    assert told().name == "王晓明", "a correction stands while the lender tells nothing new"
    assert told(email="x@example.org").name == "王小明"
    assert (in_use(), in_use("email")) == ([OLD], ["x@example.org"])
    assert events("point") == events("consent") == []


def test_a_number_found_wrong_stays_so_whatever_the_feed_tells_between(told):
    told()
    ContactPoint.objects.update(invalid_at=NOON, stopped_at=NOON)
    told(NEW)
    told(OLD)
    assert in_use() == []


def test_a_number_the_borrower_gave_is_not_the_feeds_to_take_away(told):
    borrower = told()
    given = ContactPoint.objects.get()
    given.pk, given.value, given.digest, given.source = None, "+8610000000009", "d" * 32, "borrower"
    given.save()
    ContactPoint.objects.filter(digest=digest_of("phone", OLD)).update(invalid_at=NOON)
    told(NEW)
    assert in_use() == [NEW, "+8610000000009"]
    assert planned_call(borrower).point == ContactPoint.objects.get(digest=digest_of("phone", NEW)).digest


def test_an_opt_out_at_the_branch_is_heard_the_night_after(told):
    borrower = told()
    assert "cn.opt_out" not in refused(borrower, 0)
    told(consent="false")
    assert "cn.opt_out" in refused(borrower, 1)
    assert [each["given"] for each in events("consent")] == [False]
    told(consent="true")
    assert "cn.opt_out" not in refused(borrower, 2)
    told(consent="false")
    assert "cn.opt_out" in refused(borrower, 3), "said a second time it counts a second time"


def test_no_yes_of_a_feed_undoes_what_the_borrower_said(told):
    borrower = told(consent="")
    reply = Reply("sim", "r1", "sms", OLD, "", "TD", NOON)
    process_reply(reply, NOON)
    assert not Consent.objects.filter(given=True).exists()
    for number, consent in enumerate(("true", "false", "true"), 1):
        told(consent=consent)
        assert "cn.opt_out" in refused(borrower, number), consent
    assert not Consent.objects.filter(given=True).exists()


def test_the_last_word_is_the_last_one_said_though_a_clock_was_wrong(told):
    borrower = told()
    assert Consent.objects.get().at == NOON
    # the clock of this machine stands two days back
    agree("B1", False, NOON - timedelta(days=2), actor="borrower", source="reply sms")
    assert "cn.opt_out" in refused(borrower, 1)
    agree("B1", True, NOON - timedelta(days=1), actor="borrower", source="portal")
    assert "cn.opt_out" not in refused(borrower, 1)
    # and here a day ahead: whoever said stop isn't written to until tomorrow
    agree("B1", False, NOON + timedelta(days=2), actor="borrower", source="reply sms")
    assert "cn.opt_out" in refused(borrower, 1)


@pytest.mark.parametrize("spelling", ["13800000001", "138-0000-0001", "8613800000001", "+86 138 0000 0001"])
@pytest.mark.parametrize("sender", ["+8613800000001", "8613800000001", "13800000001", "008613800000001"])
def test_a_stop_finds_its_borrower_however_either_number_is_spelled(told, spelling, sender):
    borrower = told(spelling)
    assert in_use() == ["+8613800000001"]
    reply = Reply("carrier", "r1", "sms", sender, "10690000", "STOP", NOON)
    assert process_reply(reply, NOON).borrower == borrower
    assert "cn.opt_out" in refused(borrower, 1)


def test_a_number_spelled_otherwise_is_the_same_number(told):
    told("13800000001")
    told("+86 138 0000 0001")
    assert [point.source for point in ContactPoint.objects.filter(kind="phone")] == ["feed"]
    assert events("point") == []


@pytest.mark.parametrize(
    ("phone", "zones"),
    [
        ("13800000001", ["Asia/Shanghai"]),
        ("0991-2345678", ["Asia/Shanghai", "Asia/Urumqi"]),
        ("+1 808 555 0100", ["Asia/Shanghai", "Pacific/Honolulu"]),
        ("010-65551234-801", ["Asia/Shanghai"]),
    ],
)
def test_a_borrower_is_in_the_time_zones_of_the_feed_and_of_the_number(told, phone, zones):
    assert told(phone).timezones == zones


def test_who_lives_in_xinjiang_is_in_both_its_times(tmp_path):
    row = "B1,王小明,13800000001,,zh,新疆,Asia/Shanghai,,true"
    feed_in(tmp_path / "feed", **{**FEED, "borrowers": [row]})
    publish(*decided(DAY), NOON)
    assert Borrower.objects.get().timezones == ["Asia/Shanghai", "Asia/Urumqi"]
