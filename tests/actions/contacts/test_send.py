"""Goal: a contact leaves at most once, only with a permit, and nothing superseded leaves at all."""

from datetime import timedelta

import pytest

from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.send import (
    LEASE,
    MOST_ATTEMPTS,
    claim,
    prepare,
    record_receipt,
    recover,
    send_one,
)
from forbear.actions.holds.holds import lift_hold, place_hold
from forbear.channels.smpp.inbound import spellings
from forbear.channels.transport import Receipt, Report
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.incoming import IncomingPayment
from forbear.core.permits.permit import holds, read_permit
from forbear.interchange.home.keys import signing_key
from forbear.store.models import Case, Consent, Contact, Event, Permit
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _rules():
    house_rules()


def carried(contact: Contact, out: Recorder, now=NOON) -> Contact:
    """The contact after a worker has handled it."""
    assert list(claim("w1", now)) == [contact.contact_id]
    send_one(contact.contact_id, "w1", {"sms": out, "call": out}, lambda: now)
    contact.refresh_from_db()
    return contact


def test_a_contact_leaves_with_its_permit(settings):
    contact = carried(wished(make_borrower()), out := Recorder())
    assert (contact.state, contact.at, len(out.sent)) == ("sent", NOON, 1)
    permit = read_permit(Permit.objects.get().body)
    assert permit.contact_id == contact.contact_id
    assert holds(permit, signing_key(settings.HOME).public_key(), NOON)
    assert not holds(permit, signing_key(settings.HOME).public_key(), NOON + timedelta(minutes=2))


def test_without_a_provider_it_waits_and_is_not_counted_as_sent():
    """As in a lender's home before channels.yaml is written: nobody was contacted, and nothing is lost."""
    contact, out = wished(make_borrower()), Recorder()
    for moment in (NOON, NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)):
        assert list(claim("w1", moment)) == [contact.contact_id]
        assert send_one(contact.contact_id, "w1", {}, lambda now=moment: now) == "waiting"
    contact.refresh_from_db()
    assert (contact.at, contact.attempts) == (None, 0)
    assert contact.reason == Reason.of("no_provider", channel="sms")
    assert not Permit.objects.exists()
    assert Event.objects.filter(kind="sending").count() == 1, "told once"
    contact = carried(contact, out, NOON + timedelta(minutes=30))
    assert (contact.state, len(out.sent)) == ("sent", 1)


def test_without_a_provider_until_it_is_pointless_it_ends_unsent():
    contact = wished(make_borrower())
    late = contact.give_up_at - timedelta(minutes=5)
    assert list(claim("w1", late)) == [contact.contact_id]
    assert send_one(contact.contact_id, "w1", {}, lambda: late) == "dead"
    contact.refresh_from_db()
    assert (contact.at, contact.outcome, contact.ended_at) == (None, "not_sent", late)


@pytest.mark.postgresql
def test_what_is_not_due_is_not_claimed():
    contact = wished(make_borrower())
    Contact.objects.update(not_before=NOON + timedelta(minutes=1))
    assert claim("w1", NOON) == {}
    assert list(claim("w1", NOON + timedelta(minutes=1))) == [contact.contact_id]
    assert claim("w2", NOON + timedelta(minutes=1)) == {}


def test_at_night_it_waits_for_the_lawful_hour():
    night = NOON + timedelta(hours=8)
    contact = carried(wished(make_borrower(), now=night), out := Recorder(), night)
    assert out.sent == []
    assert (contact.state, contact.reason) == ("waiting", Reason.of("rules", rules=["house.night"]))
    assert not contact.refused_rules.exists(), "it may leave later"
    assert contact.not_before == NOON + timedelta(hours=17)


def test_a_refusal_that_time_does_not_lift_ends_it():
    borrower = make_borrower()
    contact = wished(borrower)
    Case.objects.update(facts={"days_past_due": 0, "past_due_amount": 0})
    contact = carried(contact, out := Recorder())
    assert (out.sent, contact.state) == ([], "refused")
    assert contact.reason == Reason.of("rules", rules=["house.figures"])
    assert contact.refused_rules.get().rule == "house.figures"


@pytest.mark.parametrize(("zone", "facts"), [("", True), ("Asia/Shanghai", False)])
def test_an_unanswered_question_refuses(zone, facts):
    borrower = make_borrower(zone=zone)
    contact = wished(borrower)
    if not facts:
        Case.objects.update(closed_on=NOON.date())
    contact = carried(contact, out := Recorder())
    assert (out.sent, contact.state) == ([], "refused")


@pytest.mark.postgresql
def test_the_cap_holds_over_outcomes():
    borrower = make_borrower()
    for _ in range(5):
        wished(borrower)
    out = Recorder()
    for contact_id in claim("w1", NOON):
        send_one(contact_id, "w1", {"sms": out}, lambda: NOON)
    assert len(out.sent) == 3
    assert sorted(Contact.objects.values_list("state", flat=True)) == ["sent"] * 3 + ["waiting"] * 2


@pytest.mark.parametrize(
    ("answer", "state"), [("accepted", "sent"), ("refused", "failed"), ("unknown", "unknown")]
)
def test_an_answer_leaves_its_state(answer, state):
    assert carried(wished(make_borrower()), Recorder(answer)).state == state


def test_busy_is_tried_again_later_and_later_and_then_left_to_a_person():
    borrower = make_borrower()
    contact, out, now, pauses = wished(borrower), Recorder("busy"), NOON, []
    for _ in range(MOST_ATTEMPTS - 1):
        contact = carried(contact, out, now)
        assert (contact.state, contact.at) == ("waiting", None)
        pauses.append(contact.not_before - now)
        now = contact.not_before
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
    assert carried(contact, out, now).state == "dead"
    assert Permit.objects.count() == MOST_ATTEMPTS


@pytest.mark.postgresql
def test_a_worker_that_died_before_sending_is_replaced():
    contact = wished(make_borrower())
    claim("w1", NOON)
    later = NOON + LEASE + timedelta(seconds=1)
    assert recover(NOON) == (0, 0)
    assert recover(later) == (1, 0)
    assert carried(contact, Recorder(), later).state == "sent"


@pytest.mark.postgresql
def test_a_worker_that_died_while_sending_leaves_an_unknown_that_is_never_sent_again():
    contact = wished(make_borrower())
    claim("w1", NOON)
    prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()})
    later = NOON + LEASE + timedelta(seconds=1)
    assert recover(later) == (0, 1)
    assert claim("w2", later) == {}
    assert Contact.objects.get().state == "unknown"


def test_a_permit_that_ran_out_before_the_wire_opens_nothing():
    contact, out = wished(make_borrower()), Recorder()
    assert list(claim("w1", NOON)) == [contact.contact_id]
    moments = iter([NOON, NOON + timedelta(seconds=61), NOON + timedelta(seconds=61)])
    assert send_one(contact.contact_id, "w1", {"sms": out}, lambda: next(moments)) == "waiting"
    contact.refresh_from_db()
    assert (out.sent, contact.at) == ([], None)


@pytest.mark.postgresql
def test_a_late_worker_finds_its_claim_gone():
    contact = wished(make_borrower())
    claim("w1", NOON)
    recover(NOON + LEASE + timedelta(seconds=1))
    claim("w2", NOON + LEASE + timedelta(seconds=1))
    assert isinstance(prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()}), Problem)


def test_a_report_settles_an_unknown_and_counts_once():
    contact = wished(make_borrower())
    claim("w1", NOON)
    prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()})
    record_receipt(contact.contact_id, Receipt("unknown", "recorder", "r1"), NOON)
    report = Report("recorder", "r1", "delivered", NOON + timedelta(seconds=9))
    for _ in range(2):
        record_delivery_report(report, NOON)
    contact.refresh_from_db()
    assert (contact.state, contact.outcome) == ("sent", "delivered")
    record_delivery_report(Report("recorder", "r1", "undelivered", NOON), NOON)
    contact.refresh_from_db()
    assert contact.outcome == "delivered", "a report out of order doesn't take a delivery back"


@pytest.mark.postgresql
def test_a_report_that_overtakes_the_answer_stands():
    contact = wished(make_borrower())
    claim("w1", NOON)
    prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()})
    Contact.objects.update(provider_ref="r1")
    record_delivery_report(Report("recorder", "r1", "delivered", NOON), NOON)
    assert record_receipt(contact.contact_id, Receipt("busy", "recorder", "r1"), NOON) == "sent"


def test_a_report_that_comes_before_its_reference_is_told_again_and_then_counts():
    contact = wished(make_borrower())
    claim("w1", NOON)
    prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()})
    report = Report("recorder", "r1", "delivered", NOON)
    assert isinstance(record_delivery_report(report, NOON), Problem)
    record_receipt(contact.contact_id, Receipt("accepted", "recorder", "r1"), NOON)
    record_delivery_report(report, NOON)
    contact.refresh_from_db()
    assert contact.outcome == "delivered"


@pytest.mark.postgresql
def test_a_payment_cancels_what_waits_even_when_claimed():
    borrower = make_borrower()
    contact = wished(borrower)
    notice = wished(borrower, purpose="notice")
    claim("w1", NOON)
    heard = IncomingPayment("P1", "B1-L1", NOON.date(), 41_200)
    assert not isinstance(record_payment(heard, NOON, actor="test"), Problem)
    assert isinstance(prepare(contact.contact_id, "w1", NOON, {"sms": Recorder()}), Problem)
    states = dict(Contact.objects.values_list("contact_id", "state"))
    assert states == {contact.contact_id: "cancelled", notice.contact_id: "claimed"}


def test_a_payment_told_twice_is_one_and_told_otherwise_is_refused():
    make_borrower()
    heard = IncomingPayment("P1", "B1-L1", NOON.date(), 41_200)
    first = record_payment(heard, NOON, actor="test")
    again = record_payment(heard, NOON + timedelta(hours=1), actor="test")
    assert (again.payment_id, again.received_at) == (first.payment_id, NOON)
    other = record_payment(IncomingPayment("P1", "B1-L1", NOON.date(), 1), NOON, actor="test")
    assert "reported before with other content" in str(other)
    assert other.code == "payment_id_reused"


def test_a_hold_cancels_and_refuses_until_lifted():
    borrower = make_borrower()
    wished(borrower)
    hold = place_hold("B1", "dispute", NOON, actor="test")
    assert Contact.objects.get().state == "cancelled"
    assert place_hold("B1", "dispute", NOON, actor="test") == hold
    contact = wished(borrower)
    assert carried(contact, Recorder()).state == "refused"
    assert not isinstance(
        lift_hold(hold.pk, NOON, actor="test", reason=Reason.of("by_staff"), note="answered"), Problem
    )
    assert carried(wished(borrower), Recorder()).state == "sent"


def test_a_stop_is_honoured_before_the_next_claim():
    borrower = make_borrower()
    wished(borrower)
    call = wished(borrower, "call")
    agree("B1", False, NOON, actor="borrower", channel="sms")
    assert list(claim("w1", NOON)) == [call.contact_id]
    late = wished(borrower)
    assert carried(late, Recorder()).state == "refused"


def _sent(ref: str, name: str = "B1", **more: str) -> Contact:
    contact = wished(make_borrower(name, **more))
    Contact.objects.filter(pk=contact.pk).update(
        state="sent", outcome="pending", provider="carrier", provider_ref=ref, at=NOON
    )
    return contact


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("answered", "said"),
    [("1234567", "001234567"), ("00B8BE19", "B8BE19"), ("aBc1", "ABC1"), ("12107289", "b8be19")],
)
def test_a_receipt_may_write_the_reference_otherwise(answered, said):
    contact = _sent(answered)
    report = Report("carrier", said, "delivered", NOON, spellings=spellings(said))
    for _ in range(2):
        assert record_delivery_report(report, NOON) == contact
    contact.refresh_from_db()
    assert contact.outcome == "delivered"


def test_a_reference_that_may_be_two_contacts_is_nobodys():
    _sent("aBc1")
    _sent("AbC1", name="B2", phone="+8610000000002")
    report = Report("carrier", "ABC1", "delivered", NOON, spellings=spellings("ABC1"))
    assert isinstance(record_delivery_report(report, NOON), Problem)


def test_the_reference_as_it_stands_counts_before_its_spellings():
    _sent("10")
    exact = _sent("16", name="B2", phone="+8610000000002")
    assert (
        record_delivery_report(Report("carrier", "16", "delivered", NOON, spellings=("10",)), NOON) == exact
    )


@pytest.mark.postgresql
def test_a_report_that_fits_nothing_is_kept_and_not_asked_for_for_ever():
    report = Report("carrier", "nobody", "delivered", NOON, detail="stat DELIVRD")
    assert isinstance(record_delivery_report(report, NOON), Problem)
    assert isinstance(record_delivery_report(report, NOON + timedelta(seconds=30)), Problem)
    kept = record_delivery_report(report, NOON + timedelta(minutes=3))
    assert (kept.kind, kept.text, kept.contact) == ("unmatched", "delivered stat DELIVRD", None)


def test_a_number_that_opted_out_at_the_provider_is_opted_out_here():
    first = wished(make_borrower())
    make_borrower("B2")
    claim("w1", NOON)
    prepare(first.contact_id, "w1", NOON, {"sms": Recorder()})
    refused = Receipt("refused", "recorder", detail="HTTP 400 code 21610", opted_out=True)
    assert record_receipt(first.contact_id, refused, NOON) == "failed"
    assert set(Consent.objects.values_list("borrower_id", "given", "channel")) == {
        ("B1", False, "sms"),
        ("B2", False, "sms"),
    }
