"""Stories from the clauses: what people write, then what the real outbox and the permit gate do, day by day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.requests.requests import Asked, make_request
from forbear.channels.transport import Reply
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.vocabulary import facts_known
from forbear.interchange.home.packs import READY_PACKS
from forbear.interchange.home.texts import templates
from forbear.store.codes import new_code
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    ContactPoint,
    Hold,
    Inbound,
    Loan,
    Notice,
    Request,
    Staff,
)
from tests.factories.desk import PHONE, Recorder, house_rules, make_borrower

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_what_the_house_itself_confirms_and_answers_goes_out_once[cn]",
    "test_a_third_person_s_stop_needs_nobody_and_holds_for_good[cn]",
    "test_who_is_silent_on_every_number_for_three_days_is_lost",
    "test_a_fourth_call_under_another_name_is_the_fourth_call",
)
pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.postgresql(*ON_POSTGRESQL)]

ZONES = {"cn": "Asia/Shanghai", "us": "America/New_York", "uk": "Europe/London"}
SECOND, FRIEND, MAIL, STREET = "+8610000000002", "+8610000000009", "ming@example.org", "长安街 1 号"
PLACES = {"phone": PHONE, "second": SECOND, "friend": FRIEND, "mail": MAIL, "street": STREET}
KINDS = {"phone": "phone", "second": "phone", "friend": "phone", "mail": "email", "street": "address"}


class Desk:
    """One borrower under the ready rules of a country, and what is done to them by the local clock."""

    def __init__(self, country: str) -> None:
        house_rules((READY_PACKS / f"{country}.yaml").read_text("utf-8"))
        texts = READY_PACKS.parent / "templates" / f"consumer-{'cn' if country == 'cn' else 'us'}.yaml"
        settings.HOME.templates.write_text(texts.read_text("utf-8"), "utf-8")
        self.zone = ZoneInfo(ZONES[country])
        self.borrower = make_borrower(zone=ZONES[country])
        ContactPoint.objects.update(confirmed_on=datetime(2026, 3, 9, tzinfo=self.zone).date())
        for name in ("second", "mail", "street", "friend"):
            ContactPoint.objects.create(
                borrower=self.borrower,
                kind=KINDS[name],
                value=PLACES[name],
                digest=digest_of(KINDS[name], PLACES[name]),
                party="unrelated" if name == "friend" else "debtor",
                lawful=True,
            )
        facts = {fact.name: fact.default for fact in facts_known({"night"})}
        case = Case.objects.get()
        Case.objects.update(facts=facts | case.facts)
        Loan.objects.update(oldest_unpaid_due_on=date(2026, 2, 26))
        self.refs = 0

    def at(self, text: str) -> datetime:
        """A moment by the borrower's clock, with figures of an hour before."""
        moment = datetime.fromisoformat(text).replace(tzinfo=self.zone)
        Case.objects.update(figures_at=moment - timedelta(hours=1))
        return moment

    def writes(self, text: str, at: str, sender: str = "phone", channel: str = "sms") -> Inbound | Problem:
        """Somebody writes to us."""
        self.refs += 1
        moment = self.at(at).astimezone(UTC)
        return process_reply(
            Reply("carrier", f"r{self.refs}", channel, PLACES[sender], "1069", text, moment), moment
        )

    def planned(
        self, channel: str, to: str = "phone", purpose: str = "collect", **more: object
    ) -> PlannedContact:
        """A contact as a careful collector would make it."""
        third = to == "friend"
        usual = {"automated": False, "own_line": True, "states_identity": True, "recorded": True}
        usual |= {"offers_opt_out": True, "visitors": 2, "discloses_debt": not third}
        return PlannedContact(
            channel,
            purpose,
            "unrelated" if third else "debtor",
            digest_of(KINDS[to], PLACES[to]),
            ("B1-L1",),
            **(usual | more),
        )

    def asks(
        self, at: str, channel: str, to: str = "phone", purpose: str = "collect", **more: object
    ) -> Made:
        """A contact by hand, asked of the permit gate; a permit is left as made."""
        made = make_contact(
            ContactDraft("B1", self.planned(channel, to, purpose, **more)), self.at(at), actor="test"
        )
        assert isinstance(made, Made), made
        return made

    def allowed(
        self, at: str, channel: str, to: str = "phone", purpose: str = "collect", **more: object
    ) -> bool:
        """Whether such a contact gets its permit."""
        return self.asks(at, channel, to, purpose, **more).answer.permit is not None

    def called(self, at: str, outcome: str, to: str = "phone") -> None:
        """A call that was made, however it came to be."""
        moment = self.at(at)
        planned = self.planned("call", to)
        Contact.objects.create(
            contact_id=f"made {at} {to}",
            borrower=self.borrower,
            loans=["B1-L1"],
            channel="call",
            purpose="collect",
            party=planned.party,
            point_digest=planned.point,
            code=new_code(),
            state="sent",
            outcome=outcome,
            queued_at=moment,
            not_before=moment,
            give_up_at=moment,
            at=moment,
        )

    def send_waiting(self, now: datetime) -> None:
        """Send what waits."""
        Case.objects.update(figures_at=now - timedelta(hours=1))
        for contact_id in claim("w", now):
            send_one(contact_id, "w", {"sms": Recorder(), "email": Recorder()}, lambda: now)

    def outbox(self, at: str, channel: str, to: str = "phone", template: str = "") -> Contact:
        """A text of a strategy, through the outbox and its worker at once."""
        moment = self.at(at)
        text = templates(settings.HOME).find(template, channel)
        assert text is not None, template
        planned = self.planned(channel, to, text.purpose, automated=True)
        contact = queue_contact(ContactDraft("B1", planned, template=template), moment, actor="test")
        assert isinstance(contact, Contact), contact
        claimed = claim("w", moment)
        assert contact.contact_id in claimed
        send_one(contact.contact_id, "w", {"sms": Recorder(), "email": Recorder()}, lambda: moment)
        contact.refresh_from_db()
        assert contact.state != "dead", contact.reason
        return contact


@pytest.mark.parametrize("country", ["cn", "us", "uk"])
def test_what_the_house_itself_confirms_and_answers_goes_out_once(country):
    desk = Desk(country)
    now = desk.at("2026-03-10T12:00").astimezone(UTC)
    record_promise(Offered("B1", ("B1-L1",), 41_200, date(2026, 3, 13)), now, actor="borrower")
    make_request(Asked("B1", "dispute", "that is not mine"), now, actor="borrower")
    boss = Staff.objects.create_user(username="li", password="x", role="compliance", number="F1007")
    (number,) = Request.objects.values_list("number", flat=True)
    desk.send_waiting(now + timedelta(minutes=1))
    answered = answer_request(number, Answered("refused", "It is yours"), boss, now + timedelta(hours=1))
    assert isinstance(answered, Request), answered
    desk.send_waiting(now + timedelta(hours=1, minutes=1))
    sent = Contact.objects.order_by("queued_at", "template").values_list("template", "purpose", "state")
    assert sorted(sent) == [
        ("dispute_received", "answer", "sent"),
        ("promise_confirmed", "confirm", "sent"),
        ("request_answered", "answer", "sent"),
    ]
    assert not desk.allowed("2026-03-10T15:00", "sms", purpose="answer", answers=f"answer:{number}")


@pytest.mark.parametrize("country", ["cn", "us", "uk"])
def test_a_third_person_s_stop_needs_nobody_and_holds_for_good(country):
    desk = Desk(country)
    for number in ("phone", "second"):
        desk.called("2026-03-10T09:00", "invalid", number)
    assert desk.asks("2026-03-10T10:00", "call", "friend", "locate").answer.permit is not None
    kept = desk.writes("STOP" if country != "cn" else "不要再联系我", "2026-03-10T11:00", "friend")
    assert kept.needs_person is False
    for channel, purpose in (("call", "locate"), ("sms", "relay"), ("call", "relay")):
        made = desk.asks("2026-03-10T11:30", channel, "friend", purpose)
        assert f"{country}.third_stopped" in {each.rule for each in made.answer.decision.refusals}
        assert made.answer.decision.until is None


def test_who_promised_yesterday_is_not_lost():
    desk = Desk("cn")
    for day in ("06", "07", "08"):
        for number in ("phone", "second"):
            desk.called(f"2026-03-{day}T10:00", "unanswered", number)
    desk.writes("周五发工资一定还", "2026-03-09T18:00")
    made = desk.asks("2026-03-10T15:00", "call", "friend", "locate")
    assert "cn.third_only_when_lost" in {each.rule for each in made.answer.decision.refusals}


def test_who_is_silent_on_every_number_for_three_days_is_lost():
    desk = Desk("cn")
    for day in ("06", "07", "08"):
        for number in ("phone", "second"):
            desk.called(f"2026-03-{day}T10:00", "unanswered", number)
    assert desk.allowed("2026-03-10T15:00", "call", "friend", "locate")


def test_a_full_cease_ends_every_way():
    desk = Desk("us")
    desk.writes(
        "Do not contact me again in any way. Cease all communication about this debt.", "2026-03-10T10:00"
    )
    assert Hold.objects.get(lifted_at=None).kind == "cease"
    for channel, to in (("sms", "phone"), ("call", "second"), ("email", "mail"), ("letter", "street")):
        assert not desk.allowed("2026-03-10T12:00", channel, to), channel
    for purpose in ("notice", "answer", "confirm", "locate"):
        assert not desk.allowed("2026-03-10T12:00", "call", "second", purpose), purpose
    assert desk.allowed("2026-03-10T12:00", "letter", "street", "notice", gives="validation_notice")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I refuse to pay this debt.", "refusal"),
        ("leave me alone, I will not pay", "cease"),
        ("I dispute this, send verification", "dispute"),
        ("I filed for bankruptcy last week, case 26-10234", "bankrupt"),
    ],
)
def test_what_consumers_write_holds_at_once(text, kind):
    desk = Desk("us")
    kept = desk.writes(text, "2026-03-10T10:00", "mail", "email")
    assert kind in set(Hold.objects.values_list("kind", flat=True))
    assert kept.needs_person
    for channel, to in (("call", "phone"), ("sms", "second")):
        assert not desk.allowed("2026-03-10T12:00", channel, to, "collect")


def test_bankruptcy_by_text_stops_reminders_and_reports():
    desk = Desk("us")
    desk.writes("I filed for bankruptcy, chapter 7", "2026-03-10T10:00")
    assert set(Hold.objects.values_list("kind", flat=True)) == {"bankrupt"}
    assert not desk.allowed("2026-03-10T12:00", "sms", "phone", "remind")


def test_the_earliest_time_after_a_talk_is_the_eighth_day_at_eight():
    desk = Desk("us")
    desk.called("2026-03-09T10:00", "conversation")
    Notice.objects.create(
        borrower=desk.borrower,
        loan_id="B1-L1",
        kind="validation_notice",
        given_at=desk.at("2026-02-01T10:00"),
    )
    decision = desk.asks("2026-03-10T12:00", "call").answer.decision
    assert decision.until == datetime(2026, 3, 16, 8, tzinfo=desk.zone)
    assert decision.if_fresh


def test_work_and_hours_that_are_unwelcome_are_noted_and_obeyed():
    desk = Desk("us")
    desk.writes("my boss forbids calls here", "2026-03-10T10:00", "second")
    refused = desk.asks("2026-03-10T10:30", "call", "second").answer.decision.refusals
    assert "us.workplace" in {each.rule for each in refused}
    desk.writes("never before noon", "2026-03-10T10:40")
    refused = desk.asks("2026-03-10T11:30", "sms").answer.decision.refusals
    assert "us.preferred_hours" in {each.rule for each in refused}
    assert Borrower.objects.get().preferred_from == 12


@pytest.mark.parametrize(
    ("text", "kind", "days"),
    [
        ("I am in breathing space, reference BS123456", "moratorium", 60),
        ("StepChange is making a plan for me", "counsellor", 30),
    ],
)
def test_breathing_space_and_an_adviser_hold_from_the_message_on(text, kind, days):
    desk = Desk("uk")
    kept = desk.writes(text, "2026-03-10T10:00")
    assert kept.needs_person
    hold = Hold.objects.get(kind=kind)
    assert hold.ends_at - hold.starts_at == timedelta(days=days)
    assert not desk.allowed("2026-03-11T12:00", "call")
    assert not desk.allowed("2026-03-11T12:00", "call", "friend", "locate")


def test_a_third_person_is_not_visited_though_the_number_is_dead():
    desk = Desk("cn")
    for number in ("phone", "second"):
        desk.called("2026-03-10T09:00", "invalid", number)
    made = desk.asks("2026-03-10T15:00", "visit", "friend", "locate")
    assert "cn.third_visit" in {each.rule for each in made.answer.decision.refusals}


def test_a_fourth_call_under_another_name_is_the_fourth_call():
    desk = Desk("cn")
    for hour in ("09", "10", "11"):
        desk.called(f"2026-03-10T{hour}:00", "conversation")
    assert not desk.allowed("2026-03-10T15:00", "call", purpose="notice", gives="credit_notice")
    desk.writes("别再打给我了", "2026-03-10T16:00")
    for purpose in ("notice", "answer", "locate", "confirm"):
        assert not desk.allowed("2026-03-11T15:00", "call", purpose=purpose, gives="credit_notice"), purpose


def test_a_word_of_command_stops_texts_and_all_contact_stops_all():
    desk = Desk("cn")
    desk.writes("退订", "2026-03-10T10:00")
    assert not desk.allowed("2026-03-10T11:00", "sms")
    assert desk.allowed("2026-03-10T11:00", "sms", "second")
    assert desk.allowed("2026-03-10T11:00", "call")
    desk.writes("停止一切联系", "2026-03-11T10:00")
    assert not desk.allowed("2026-03-11T11:00", "call", "second")


@pytest.mark.parametrize("country", ["cn", "us", "uk"])
def test_a_cease_is_not_got_round_by_a_name(country):
    desk = Desk(country)
    desk.writes("stop all contact" if country != "cn" else "停止一切联系", "2026-03-10T10:00")
    for purpose in ("collect", "notice", "answer", "confirm", "locate", "survey", "relay"):
        assert not desk.allowed("2026-03-10T12:00", "call", "second", purpose), purpose


def test_a_notice_waits_for_the_morning():
    desk = Desk("cn")
    contact = desk.outbox("2026-03-10T03:00", "sms", template="credit_report_notice")
    assert (contact.state, contact.not_before.astimezone(desk.zone).hour) == ("waiting", 8)
    morning = desk.at("2026-03-10T08:00")
    assert claim("w", morning) == {contact.contact_id: "sms"}
    assert send_one(contact.contact_id, "w", {"sms": Recorder()}, lambda: morning) == "sent"


@pytest.mark.parametrize(("channel", "to"), [("sms", "phone"), ("email", "mail")])
def test_a_reminder_at_three_in_the_night_waits_by_every_way(channel, to):
    desk = Desk("cn")
    contact = desk.outbox("2026-03-10T03:00", channel, to, template="overdue_reminder")
    assert (contact.state, contact.not_before.astimezone(desk.zone).hour) == ("waiting", 8)


def test_start_is_for_texts_and_not_for_a_robot_s_voice():
    desk = Desk("us")
    robot = {"automated": True, "ai_voice": True, "ai_disclosed": True}
    assert not desk.allowed("2026-03-10T09:00", "voice", **robot)
    desk.writes("STOP", "2026-03-10T10:00")
    assert not desk.allowed("2026-03-10T10:30", "sms")
    desk.writes("START", "2026-03-10T11:00")
    assert desk.allowed("2026-03-10T12:00", "sms")
    assert not desk.allowed("2026-03-10T12:00", "voice", **robot)


def test_who_asks_to_be_called_is_called():
    desk = Desk("us")
    desk.called("2026-03-09T10:00", "conversation")
    assert not desk.allowed("2026-03-10T09:00", "call")
    desk.writes("please call me today at noon", "2026-03-10T09:30")
    assert desk.allowed("2026-03-10T12:00", "call")
