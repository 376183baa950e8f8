"""Goal: a plan says beforehand what the rules will refuse and by which rule; the gate says the same when it comes."""

import json
from datetime import timedelta

import pytest

from forbear.actions.contacts.consents import agree
from forbear.actions.contacts.outbox_preview import PreviewedContacts, preview_outbox
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.holds.holds import place_hold
from forbear.store.models import Contact, Event, Permit
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _rules():
    house_rules()


def plan(*, sms: str = "B1", opted_out: str = "B2", held: str = "B3") -> None:
    """Three contacts for this noon: one is fine, one's number was opted out, one's case is on hold for good."""
    people = [
        make_borrower(name, phone=f"+861380000000{at}") for at, name in enumerate((sms, opted_out, held))
    ]
    point = people[1].points.get(kind="phone").digest
    agree(opted_out, False, NOON, actor="borrower", channel="sms", point=point, source="test")
    place_hold(held, "dispute", NOON, actor="test", source="test")
    for borrower in people:
        wished(borrower)


def test_each_refusal_is_told_with_its_rule_before_anything_leaves():
    plan()
    events = Event.objects.count()
    assert preview_outbox(NOON) == [
        PreviewedContacts("", "sms", "refused", "house.holds", 1, ("B3",)),
        PreviewedContacts("", "sms", "refused", "house.opt_out", 1, ("B2",)),
        PreviewedContacts("", "sms", "allowed", "", 1, ("B1",)),
    ]
    assert (Permit.objects.count(), Event.objects.count()) == (0, events), "nothing is written"
    assert Contact.objects.filter(state="waiting").count() == 3


def test_the_gate_says_the_same_when_the_worker_asks():
    plan()
    previewed = {one.borrowers[0]: one.answer for one in preview_outbox(NOON)}
    out = Recorder()
    for contact in claim("w1", NOON):
        send_one(contact, "w1", {"sms": out}, lambda: NOON)
    sent = {contact.borrower_id: contact.state == "sent" for contact in Contact.objects.all()}
    assert sent == {borrower: answer == "allowed" for borrower, answer in previewed.items()}


def test_a_contact_is_asked_about_at_its_own_time():
    contact = wished(make_borrower())
    night = NOON + timedelta(hours=13)
    Contact.objects.update(not_before=night, give_up_at=night + timedelta(hours=24))
    (one,) = preview_outbox(NOON)
    assert (one.answer, one.rule) == ("later", "house.night"), contact.contact_id
    Contact.objects.update(give_up_at=night + timedelta(hours=1))
    assert preview_outbox(NOON)[0].answer == "refused", "it is pointless before it may leave"


def test_only_as_many_are_asked_about_as_wished():
    plan()
    assert sum(one.contacts for one in preview_outbox(NOON, 2)) == 2


def test_a_program_can_read_it():
    plan()
    assert json.loads(json.dumps([one.answer for one in preview_outbox(NOON)])) == [
        "refused",
        "refused",
        "allowed",
    ]
