"""Goal: an offer to settle that the strategy plans comes with its sum, can be accepted, holds, and ends on its day.

Method: dated stories in each country with its own pack, texts and strategy: nights decided on a real book and
published, the letter sent by the worker, the borrower's pages by a client, payments by day and by feed.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from forbear.actions.access.portal_access import link_for
from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.agreements.settlement_offers import accept_settlement, follow_letters
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.holds.holds import place_hold
from forbear.actions.payments.charge_offs import decide_write_offs, propose_write_offs
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.book import open_book
from forbear.jobs.publish_night import publish_night
from forbear.jobs.send_due import Worker
from forbear.night.run import plan_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    ContactPoint,
    Event,
    Hold,
    Instruction,
    Loan,
    Settlement,
    Treatment,
    WriteOff,
)
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import Recorder
from tests.home_night import feed_in, night_of
from tests.profile import variants
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
CURRENCIES = {"cn": "CNY", "us": "USD", "uk": "GBP"}
PHONES = {"cn": "+8610000000001", "us": "+12125550100", "uk": "+442079460958"}
ZONES = {"cn": "Asia/Shanghai", "us": "America/New_York", "uk": "Europe/London"}
#: On which day of the stage the strategy offers a settlement.
OFFERED_ON = {"cn": 0, "us": 30, "uk": 30}
#: 180 days after the due date: the stage of long arrears begins.
LATE = date(2026, 7, 9)
POLICY = "settlement: {planned: 3000, floor: 5000, longest_days: 30, from_days_past_due: 60}\n"
ADDRESS = "12 Oak Road\nSpringfield"


@contextmanager
def lender_of(pack: str) -> Iterator[None]:
    """The home is a lender's of the country, with its own pack, texts and strategy."""
    home = settings.HOME
    for kind, name in (
        ("packs", f"{pack}.yaml"),
        ("templates", f"consumer-{pack}.yaml"),
        ("strategies", f"consumer-{pack}.yaml"),
    ):
        text = files(f"forbear.{kind}").joinpath(name).read_text("utf-8")
        (home.folder / kind / name).write_text(text, "utf-8")
    settings.HOME = replace(
        home,
        packs=(home.folder / f"packs/{pack}.yaml",),
        templates=home.folder / f"templates/consumer-{pack}.yaml",
        strategy=home.folder / f"strategies/consumer-{pack}.yaml",
        timezone=ZONES[pack],
    )
    yield
    settings.HOME = home


def loan_of(pack: str, folder: Path, **more: list[str]) -> None:
    """The book holds one loan of 1,500.00 that is late since January."""
    feed_in(
        folder,
        loans=[f"L1,B1,cash,{CURRENCIES[pack]},1500.00,2025-12-10,active"],
        instalments=["L1,1,2026-01-10,1500.00,0,0,0"],
        payments=[],
        borrowers=[f"B1,Ann Lee,{PHONES[pack]},,en,,{ZONES[pack]},1990-01-31,true"],
        **more,
    )


@pytest.fixture(params=["cn", "us", "uk"])
def country(request, tmp_path):
    """A lender of the country that waives 30 % by itself, and a loan of 1,500.00 late since January."""
    (settings.HOME.folder / "policy.yaml").write_text(POLICY, "utf-8")
    with lender_of(request.param):
        loan_of(request.param, tmp_path / "feed")
        yield request.param


def at(day: date, hour: int = 11) -> datetime:
    """An hour of the day where the lender is."""
    return datetime.combine(day, time(hour), ZoneInfo(settings.HOME.timezone)).astimezone(UTC)


def night(day: date) -> None:
    """The night of a day with what the desk knew at its end, published on the morning of the next."""
    home, now, book = settings.HOME, at(day + timedelta(days=1), 10), open_book(settings.HOME.book)
    write_desk_facts(home.desk_facts_path(day), day, now)
    strategy = home.strategy.read_text("utf-8")
    plan = plan_night(book, home.nights, day, strategy, home.strategy.name, home.desk_facts(day))
    publish_night(night_of(plan, book), book, now)


def nights(first: date, last: date) -> None:
    for days in range((last - first).days + 1):
        night(first + timedelta(days=days))


def reach_stage(pack: str) -> date:
    """The nights up to the one that plans the offer; its day."""
    night(LATE)
    borrower = Borrower.objects.get()
    ContactPoint.objects.create(
        borrower=borrower, kind="address", value=ADDRESS, digest=digest_of("address", ADDRESS), lawful=True
    )
    last = LATE + timedelta(days=OFFERED_ON[pack])
    if pack == "cn":  # the address came after the night of the first day: the next offer is 90 days on
        last = LATE + timedelta(days=90)
    # the stage goes on from night to night; those between are of no matter here
    nights(last - timedelta(days=1), last)
    return last


class Post(Recorder):
    """A printer of letters, and whatever else the strategies send."""

    channels = ("letter", "sms", "email")


def send(moment: datetime) -> list:
    """What leaves at a moment."""
    post = Post()
    worker = Worker(dict.fromkeys(post.channels, post), now=lambda: moment)
    worker.once(limit=100)
    return post.sent


def read(pdf: bytes) -> str:
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def offer_letters(sent: list) -> list[str]:
    kept = dict(Contact.objects.values_list("contact_id", "template"))
    return [
        read(message.attachments[0].content)
        for message in sent
        if kept[message.contact_id] == "settlement_offer"
    ]


@pytest.fixture
def page(monkeypatch):
    """The borrower's pages at a moment, signed in by the link of the letter, or a new one once that is over."""

    def opened(path: str, moment: datetime, **data: str) -> str:
        monkeypatch.setattr(web_clock, "now", lambda: moment)
        client = Client(headers={"Accept-Language": "en"})
        contact = Contact.objects.filter(template="settlement_offer").last()
        token = link_for(contact, moment).rsplit("/", 1)[1]
        if client.post("/my/", {"token": token, **born("19900131")}).status_code != 302:
            assert moment.date() > Settlement.objects.get().by, (
                "the letter's link works through the offer's last day"
            )
            fresh = SimpleNamespace(contact_id=f"{moment}", borrower_id=contact.borrower_id, channel="sms")
            token = link_for(fresh, moment).rsplit("/", 1)[1]
            assert client.post("/my/", {"token": token, **born("19900131")}).status_code == 302
        answer = client.post(f"/my/{path}", data, follow=True) if data else client.get(f"/my/{path}")
        assert answer.status_code == 200, path
        return " ".join(answer.content.decode().split())

    return opened


@pytest.mark.parametrize("country", variants("us", "cn", "uk"), indirect=True)
def test_an_offer_is_planned_sent_accepted_kept_and_settles(country, page):
    day = reach_stage(country)
    treatment = Treatment.objects.get(template="settlement_offer", planned_on=day)
    assert treatment.state == "queued"
    planned = Settlement.objects.get()
    assert (planned.state, planned.amount, planned.outstanding) == ("planned", 105_000, 150_000)
    assert not Hold.objects.filter(kind="promise").exists(), "nothing is promised before it is said"
    morning = day + timedelta(days=1)
    (letter,) = offer_letters(send(at(morning)))
    money = CURRENCIES[country]
    assert f"{money}1,050.00" in letter
    assert f"{money}1,500.00" in letter
    assert follow_letters(at(morning)) == 1
    offer = Settlement.objects.get()
    assert (offer.state, offer.by, offer.offered_on) == ("offered", morning + timedelta(days=30), morning)
    assert offer.hold.ends_at.date() in (offer.by, offer.by + timedelta(days=1))
    shown = page("home", at(morning))
    assert "Our offer: pay" in shown
    assert "1,050.00" in page("offer", at(morning))
    assert "You have accepted the offer." in page(f"offer/{offer.pk}/accept", at(morning), ok="1")
    offer.refresh_from_db()
    assert offer.accepted_at is not None
    events = [event.line for event in Event.objects.filter(kind="settlement").order_by("pk")]
    assert ['"accepted":true' in line for line in events] == [False, True]
    for days in (0, 1, 2):  # neither a step nor an agency while it stands
        night(morning + timedelta(days=days))
        assert Case.objects.get(closed_on=None).held
        assert not Treatment.objects.filter(planned_on=morning + timedelta(days=days)).exists()
    payday = morning + timedelta(days=3)
    made = record_payment(IncomingPayment("P1", "L1", payday, 105_000), at(payday), actor="bank")
    assert not hasattr(made, "code"), made
    offer.refresh_from_db()
    assert (offer.state, offer.paid) == ("kept", 105_000)
    assert Instruction.objects.get().kind == "settled"
    assert "Our offer: pay" not in page("home", at(payday))
    for days in (0, 1):
        night(payday + timedelta(days=days))
        assert Loan.objects.get().outstanding == 0
        assert not Case.objects.filter(closed_on=None).exists()


@pytest.mark.parametrize("country", variants("uk", "us", "cn"), indirect=True)
def test_an_offer_left_alone_lapses_and_the_ordinary_course_goes_on(country, page):
    day = reach_stage(country)
    morning = day + timedelta(days=1)
    assert len(offer_letters(send(at(morning)))) == 1
    follow_letters(at(morning))
    last = Settlement.objects.get().by
    page("home", at(morning))
    assert evaluate_due_agreements(at(last)) == 0
    assert "Our offer: pay" in page("home", at(last))
    over = last + timedelta(days=1)
    evaluate_due_agreements(at(over))
    offer = Settlement.objects.get()
    assert (offer.state, offer.hold.lifted_at is not None) == ("lapsed", True)
    assert accept_settlement(offer.pk, at(over)).code == "offer_over"
    assert "Our offer: pay" not in page("home", at(over))
    assert "Lapsed" in page("offer", at(over))
    night(over)
    assert not Case.objects.get(closed_on=None).held


@pytest.mark.parametrize("country", variants("cn", "us", "uk"), indirect=True)
@pytest.mark.parametrize("why", ["no policy", "disputed before the wire", "bankrupt"])
def test_no_offer_is_made_that_the_policy_or_the_loans_state_forbids(country, why):
    if why == "no policy":
        (settings.HOME.folder / "policy.yaml").write_text("settlement: {floor: 5000}\n", "utf-8")
    day = reach_stage(country)
    morning = at(day + timedelta(days=1))
    if why == "no policy":
        assert Treatment.objects.get(template="settlement_offer", planned_on=day).state == "not_offered"
        assert not Settlement.objects.exists()
    else:
        kind = "dispute" if why.startswith("disputed") else "bankrupt"
        place_hold("B1", kind, morning - timedelta(hours=1), actor="test")
        follow_letters(morning)
        assert Settlement.objects.get().state == "cancelled"
    assert offer_letters(send(morning)) == []
    follow_letters(morning)
    assert not Settlement.objects.filter(state="offered").exists()
    assert not Hold.objects.filter(kind="promise").exists()


@pytest.mark.parametrize("country", ["us", "uk"], indirect=True)
def test_a_charge_off_is_told_after_its_signature_once_and_by_letter(country):
    night(LATE)
    address = ContactPoint(
        borrower=Borrower.objects.get(), kind="address", value=ADDRESS, digest=digest_of("address", ADDRESS)
    )
    address.lawful = True
    address.save()
    for days in (1, 2):
        night(LATE + timedelta(days=days))
    assert not Treatment.objects.filter(template="charge_off_notice").exists(), "nobody signed one"
    signed = LATE + timedelta(days=3)
    manager, officer = person("manager1", "manager"), person("compliance1", "compliance")
    assert propose_write_offs(manager, at(signed)) == 1
    night(signed - timedelta(days=0))
    assert not Treatment.objects.filter(template="charge_off_notice").exists(), "proposed is not signed"
    signed += timedelta(days=1)
    assert decide_write_offs([WriteOff.objects.get().pk], officer, at(signed), sign=True) == 1
    night(signed)
    assert Treatment.objects.get(template="charge_off_notice").state == "queued"
    sent = send(at(signed + timedelta(days=1)))
    kept = dict(Contact.objects.values_list("contact_id", "template"))
    letters = [message for message in sent if kept[message.contact_id] == "charge_off_notice"]
    assert len(letters) == 1
    assert signed.strftime("%-d%B%Y") in read(letters[0].attachments[0].content)
    for days in (1, 2, 3):
        night(signed + timedelta(days=days))
    assert Treatment.objects.filter(template="charge_off_notice").count() == 1
