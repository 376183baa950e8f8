"""Goal: what is written has the same consequence as the portal's form for it, with one confirmation of its number.

Method: replies through their real reading, then the rows, and what a worker sends under the rules of the packs.
"""

from datetime import date, timedelta
from importlib.resources import files

import pytest
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.requests.data_copies import copy_data
from forbear.actions.requests.requests import Asked, make_request
from forbear.channels.transport import Reply
from forbear.store.access import requests_for
from forbear.store.models import (
    Borrower,
    Complaint,
    Contact,
    ContactPoint,
    Hold,
    Inbound,
    PortalLink,
    Request,
)
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wish_for, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _rules():
    house_rules()


def rules_of(pack: str) -> None:
    """The rules of a country, and the approved texts for it."""
    house_rules(files("forbear.packs").joinpath(f"{pack}.yaml").read_text("utf-8"))
    texts = "consumer-cn" if pack == "cn" else "consumer-us"
    ready = files("forbear.templates").joinpath(f"{texts}.yaml").read_text("utf-8")
    settings.HOME.templates.write_text(ready, "utf-8")


def write(text: str, ref: str = "r1", at=NOON, sender: str = PHONE) -> Inbound:
    kept = process_reply(Reply("carrier", ref, "sms", sender, "1069", text, at), at)
    assert isinstance(kept, Inbound)
    return kept


def sent(at) -> list[str]:
    """What a worker sends now, as texts."""
    wire = Recorder()
    for contact_id in claim("w", at):
        send_one(contact_id, "w", {"sms": wire}, lambda: at)
    return [message.body for message in wire.sent]


@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
@pytest.mark.parametrize(
    ("text", "kind", "hold"),
    [
        ("我没有借过这笔钱，有异议", "dispute", "dispute"),
        ("I dispute this debt", "dispute", "dispute"),
        ("我失业了,实在还不起", "hardship", "hardship"),
        ("我要投诉你们", "complaint", "complaint"),
        ("prove that I owe this", "dispute", "dispute"),
        ("把借款合同发来给我看", "written_notice", "verification"),
        ("talk to my lawyer", "lawyer", "lawyer"),
        ("someone opened this in my name", "dispute", "dispute"),
    ],
)
def test_a_request_with_number_and_clock_and_one_confirmation(pack, text, kind, hold):
    rules_of(pack)
    make_borrower()
    kept = write(text)
    request = Request.objects.get()
    assert (request.kind, request.state, request.source, request.words) == (kind, "open", "reply", text)
    assert request.due_on > date(2026, 3, 10)
    assert kept.request == request
    assert Hold.objects.filter(kind=hold, lifted_at=None).exists()
    bodies = sent(NOON)
    if (pack, kind) == ("us", "lawyer"):
        assert bodies == [], "who has a lawyer is not written to, 12 CFR 1006.6(b)(2)"
    else:
        assert len(bodies) == 1
        assert request.number in bodies[0]
    again = write(text, "r2", NOON + MINUTE)
    assert Request.objects.count() == 1, "the same open request is not made twice"
    assert again.request == request
    assert sent(NOON + 2 * MINUTE) == []


def test_the_hold_is_the_requests_own():
    make_borrower()
    write("金额不对，我有异议")
    assert Request.objects.get().hold == Hold.objects.get(kind="dispute")


def test_what_is_said_beside_a_stop_is_not_lost():
    make_borrower()
    kept = write("stop texting me, talk to my lawyer")
    assert (kept.intent, kept.needs_person) == ("stop", True)
    assert Request.objects.get().kind == "lawyer"
    assert Hold.objects.filter(kind="lawyer").exists()


def test_a_death_in_the_family_is_not_the_borrowers_own():
    make_borrower()
    for number, text in enumerate(("my husband died", "我老公上个月去世了", "Mein Mann ist gestorben")):
        write(text, str(number))
    assert not Hold.objects.filter(kind="deceased").exists()
    assert not Request.objects.exists()


@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
def test_a_stop_is_confirmed_once_until_it_is_taken_back(pack):
    rules_of(pack)
    make_borrower()
    at = NOON
    counts = []
    for number, text in enumerate(("TD", "STOP", "START", "STOP")):
        write(text, str(number), at)
        at += MINUTE
        counts.append(len(sent(at)))
    assert counts == [1, 0, 0, 1]


def test_a_confirmation_of_a_stop_is_not_sent_late():
    make_borrower()
    write("STOP")
    confirmation = Contact.objects.get(template="opt_out_confirmed")
    assert confirmation.give_up_at - confirmation.queued_at == timedelta(minutes=5)


def test_a_third_persons_stop_is_for_good_and_not_answered():
    borrower = make_borrower()
    ContactPoint.objects.filter(borrower=borrower).update(party="related")
    write("STOP")
    assert ContactPoint.objects.get().stopped_at == NOON
    assert not Contact.objects.exists()


def test_a_start_is_consent_for_that_channel_and_purpose_alone():
    borrower = make_borrower()
    texted = wished(borrower)
    assert len(sent(NOON)) == 1
    assert texted.purpose == "collect"
    write("STOP", "1", NOON + MINUTE)
    write("START", "2", NOON + 2 * MINUTE)
    later = NOON + 3 * MINUTE

    def refused(channel: str, purpose: str) -> list[str]:
        (decision,) = preview(borrower.pk, [wish_for(borrower, channel, purpose)], later)
        return [refusal.rule for refusal in decision.refusals]

    assert refused("sms", "collect") == []
    assert refused("sms", "remind") == ["house.opt_out"]
    assert refused("voice", "collect") == ["house.opt_out"]


@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
def test_a_broken_link_brings_a_new_one_to_the_number_on_file(pack):
    rules_of(pack)
    make_borrower()
    kept = write("the link doesn't work")
    assert not kept.held, "who asks for a link wants an answer"
    (body,) = sent(NOON)
    assert "/my/l/" in body
    assert PortalLink.objects.get().borrower == Borrower.objects.get()


def test_a_stranger_or_one_of_two_gets_no_link():
    make_borrower("B1")
    make_borrower("B2")
    write("the link doesn't work")
    write("the link doesn't work", "2", sender="+8613900000000")
    assert not Contact.objects.exists()


def test_an_alarm_opens_a_request_in_each_case_it_concerns():
    """Two borrowers share a number: nobody is asked for money, and in both cases somebody has to look, by a day."""
    make_borrower()
    make_borrower("B2")
    write("我不想活了")
    holds = {hold.borrower_id: hold for hold in Hold.objects.filter(kind="crisis", lifted_at=None)}
    assert set(holds) == {"B1", "B2"}
    for request in Request.objects.all():
        assert (request.kind, request.state, request.words) == ("other", "open", "我不想活了")
        assert request.hold == holds[request.borrower_id]
        assert request.due_on > date(2026, 3, 10)
    assert Request.objects.count() == 2
    assert sent(NOON) == [], "nobody is written to about it"
    write("我不想活了", "r2", NOON + MINUTE)
    assert Request.objects.count() == 2


def test_news_that_stops_collection_has_its_request():
    make_borrower()
    write("I have filed for bankruptcy")
    hold = Hold.objects.get(kind="bankrupt", lifted_at=None)
    request = Request.objects.get(hold=hold)
    assert (request.kind, request.details) == ("other", {"hold_kind": "bankrupt"})


@pytest.mark.parametrize("pack", ["cn", "us", "uk"])
def test_a_third_persons_complaint_is_in_the_register_with_its_clock_and_stays_theirs(pack):
    rules_of(pack)
    borrower = make_borrower()
    ContactPoint.objects.filter(borrower=borrower).update(party="related")
    kept = write(
        "我要投诉你们，天天打电话给我" if pack == "cn" else "I want to complain, you call me every day"
    )
    request = Request.objects.get()
    complaint = Complaint.objects.get()
    assert kept.request == request
    assert (request.kind, request.details) == ("complaint", {"party": "related"})
    assert (complaint.request, complaint.came_by) == (request, "sms")
    assert complaint.law_due_on == request.due_on > date(2026, 3, 10)
    assert Hold.objects.filter(kind="complaint", lifted_at=None).exists()
    assert sent(NOON) == [], "the borrower is not written to about it"
    assert list(requests_for(borrower)) == []
    assert copy_data(borrower, NOON)["requests"] == []
    own = make_request(Asked("B1", "complaint", "不满意"), NOON, actor="borrower")
    assert own.pk != request.pk, "the borrower's own complaint is another one"
    assert list(requests_for(borrower)) == [own]
