"""Goal: what comes in has its consequence that day, the next nights and at the permit gate, told by dates.

Method: a real book and its nights; texts over SMPP, mail over HTTP and SMTP, payments over HTTP, each through an
independent peer or a real server on loopback; the worker sends between the steps.
"""

import base64
import json
from datetime import date, timedelta
from email import message_from_bytes
from email.policy import default
from urllib.request import Request as Call
from urllib.request import urlopen

import pytest
from django.conf import settings as django_settings

from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.webhooks.api_keys import make_key
from forbear.channels.settings import parse_channels
from forbear.channels.transport import Report
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.jobs.publish_night import publish_night
from forbear.jobs.send_due import Worker
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    ContactPoint,
    Hold,
    Inbound,
    Payment,
    ReplyAlarm,
    Request,
    Staff,
    UnappliedPayment,
)
from forbear.web import clock as web_clock
from tests.actions.cases.test_payments import DAY, FEED, NOON
from tests.channels.process import PEERS, Peer, python_peer, wait_for
from tests.home_night import decided, feed_in
from tests.web.pages import browser_of, shown

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = ("test_a_stop_on_wednesday_holds_for_the_merged_customer_on_thursday_and_friday",)
pytestmark = [
    pytest.mark.postgresql(*ON_POSTGRESQL),
    pytest.mark.database,
    pytest.mark.django_db(transaction=True),
]
NUMBER = "+8613900000001"
CENTRE = """
channels: {{sms: carrier, email: post}}
providers:
  carrier: {{kind: smpp, host: 127.0.0.1, port: {sms}, system_id: lender, password_env: SMS, sender: "1069"}}
  post: {{kind: smtp, host: 127.0.0.1, port: {mail}, security: none, address: service@lender.example,
    bounces_to: back@lender.example, key_env: KEY, hook_token_env: TOKEN}}
"""
SECRETS = {"SMS": "s3cret", "KEY": "k" * 32, "TOKEN": "t" * 24}


class Lender:
    """A lender's days: the hand of every clock, its lines to the peers, its nights and its worker."""

    def __init__(self, folder, centre: Peer, post: Peer, lines: dict) -> None:
        self.now, self.folder, self.centre, self.post = NOON, folder, centre, post
        self.seen: set[str] = set()
        self.worker = Worker(lines, name="w", now=lambda: self.now)

    def night(self, owner: str, days: int) -> None:
        """The feed in which the loan is this customer's, so many days after the first, and the night after it."""
        loans = [row.replace(",B1,", f",{owner},", 1) for row in FEED["loans"]]
        people = [f"{owner},王小明,{NUMBER},,zh,,Asia/Shanghai,,true"]
        feed_in(self.folder / f"feed-{days}", **{**FEED, "loans": loans, "borrowers": people})
        self.now = NOON + timedelta(days=days)
        assert publish_night(*decided(DAY + timedelta(days=days)), self.now) is not None

    def text(self, words: str, sender: str = NUMBER) -> Inbound:
        """Somebody writes a text: the centre delivers it."""
        before = Inbound.objects.filter(kind="reply").count()
        octets = words.encode("utf-16-be").hex()
        self.centre.say(do="mo", **{"from": sender.removeprefix("+")}, to="1069", coding=8, octets=octets)
        # the answer to the receipt of an earlier text may come first: one that can't be placed yet is to be said again
        while self.centre.hear_of("deliver_sm_resp")["status"]:
            pass
        wait_for(lambda: Inbound.objects.filter(kind="reply").count() == before + 1)
        return Inbound.objects.filter(kind="reply").latest("pk")

    def sent(self) -> list[str]:
        """What the worker sends now by text, as the centre got it, whole."""
        self.worker.once()
        texts = set(Contact.objects.filter(channel="sms", state="sent").values_list("pk", flat=True))
        new, self.seen = texts - self.seen, texts
        return [self._got() for _ in new]

    def _got(self) -> str:
        words, last = "", False
        while not last:
            told = self.centre.hear_of("submit")
            octets, last = bytes.fromhex(told["octets"]), True
            if (
                told["esm_class"] & 0x40
            ):  # a part of a long text, behind its header: how many there are, which it is
                last = octets[4] == octets[5]
                octets = octets[octets[0] + 1 :]
            words += octets.decode("utf-16-be") if told["coding"] == 8 else octets.decode("latin-1")
        return words


@pytest.fixture
def lender(tmp_path, monkeypatch):
    with Peer("perl", str(PEERS / "smsc.pl")) as centre, python_peer("mail_server", "plain") as post:
        made: list[Lender] = []

        def heard(told: object) -> None:
            now = made[0].now
            taken = (
                record_delivery_report(told, now) if isinstance(told, Report) else process_reply(told, now)
            )
            if isinstance(taken, Problem):
                raise LookupError(str(taken))

        written = CENTRE.format(sms=centre.port, mail=post.port)
        lines = parse_channels(written, "channels.yaml", SECRETS).open(tmp_path, lambda: made[0].now, heard)
        made.append(Lender(tmp_path, centre, post, lines))
        monkeypatch.setattr(web_clock, "now", lambda: made[0].now)
        lines["sms"].listen()
        centre.hear_of("bind")
        try:
            yield made[0]
        finally:
            for line in set(lines.values()):
                line.close()


def remind(lender: Lender, name: str, **more: str) -> Contact:
    """The strategy wants a text to this customer today; the worker tries."""
    point = Borrower.objects.get(pk=name).points.get(kind="phone")
    planned = PlannedContact(
        "sms", more.get("purpose", "collect"), point.party, point.digest, ("L1",), own_line=True, states_identity=True,
        discloses_debt=point.party == "debtor", offers_opt_out=True,
    )  # fmt: skip
    template = more.get("template", "overdue_reminder")
    made = queue_contact(ContactDraft(name, planned, template=template), lender.now, actor="night")
    assert isinstance(made, Contact), made
    lender.worker.once()
    made.refresh_from_db()
    return made


def rules_of(contact: Contact) -> list[str]:
    return contact.reason_params.get("rules", [])


def lead() -> object:
    return browser_of(Staff.objects.create_user(username="qin", password="x", role="lead", number="F1"))


def test_a_stop_on_wednesday_holds_for_the_merged_customer_on_thursday_and_friday(lender):
    lender.night("CUST-001", 0)
    kept = lender.text("别再发了，退订")
    assert (kept.intent, kept.borrower_id) == ("stop", "CUST-001")
    (confirmation,) = lender.sent()
    assert "已为您停止此类消息" in confirmation
    for days in (1, 2):
        lender.night("CUST-777", days)
        refused = remind(lender, "CUST-777")
        assert (refused.state, "cn.opt_out" in rules_of(refused)) == ("refused", True), rules_of(refused)
    assert lender.sent() == [], "nothing but the one confirmation"


def test_words_of_suicide_raise_an_alarm_and_only_a_persons_answer_leaves(lender):
    lender.night("B1", 0)
    kept = lender.text("我不想活了，你们别逼我")
    assert (kept.urgent, kept.held) == (True, True)
    assert ReplyAlarm.objects.get().seen_at is None
    assert Hold.objects.filter(kind="crisis", lifted_at=None).exists()
    assert remind(lender, "B1").state == "refused"
    desk = lead()
    page = f"/desk/inbox/{kept.pk}"
    assert "120" in shown(desk, page), "the number of the ambulance stands there"
    early = desk.post(f"{page}/answer", {"body": "我们很担心您，请接听我们的电话。"}, follow=True)
    assert "Say what was done" in early.content.decode()
    desk.post(f"{page}/read", {"words": "已报 110，同事已电话联系上本人", "then": "stay"})
    desk.post(f"{page}/answer", {"body": "我们很担心您。现在不谈还款，您可以拨打 12356，有人愿意听您说。"})
    (answer,) = lender.sent()
    assert "12356" in answer
    lender.night("B1", 1)
    assert remind(lender, "B1").state == "refused", "the hold runs until somebody lifts it"
    kept.refresh_from_db()
    assert (kept.answer.state, kept.read_by) == ("sent", "staff:F1")


def test_a_dispute_by_text_is_a_request_with_number_clock_and_confirmation(lender):
    lender.night("B1", 0)
    lender.text("金额不对，我有异议，请核实")
    request = Request.objects.get()
    assert (request.kind, request.due_on) == ("dispute", date(2026, 3, 26))
    (confirmation,) = lender.sent()
    assert request.number in confirmation
    assert remind(lender, "B1").state == "refused"
    lender.night("B1", 1)
    assert remind(lender, "B1").state == "refused"
    lender.text("还是那句话，金额不对，有异议")
    assert lender.sent() == [], "one number, told once"
    desk = lead()
    desk.post(f"/desk/requests/{request.number}", {"outcome": "refused", "words": "已核对，金额无误。"})
    assert not Inbound.objects.filter(kind="reply", read_at=None).exists(), "who answers has read it"
    assert any(request.number in text for text in lender.sent())
    assert not Hold.objects.filter(kind="dispute", lifted_at=None).exists()


def test_the_stop_of_a_third_person_is_for_good(lender):
    lender.night("B1", 0)
    helper = "+8613900000033"
    ContactPoint.objects.create(
        borrower_id="B1", kind="phone", value=helper, digest=digest_of("phone", helper), party="related", lawful=True
    )  # fmt: skip
    lender.sent()  # the borrower's own reminder of the day
    kept = lender.text("不要再给我发短信", sender=helper)
    assert (kept.party, kept.needs_person) == ("related", False)
    assert lender.sent() == [], "a third person is not written to again, not even to confirm"
    for days in (1, 2):
        lender.night("B1", days)
        point = ContactPoint.objects.get(digest=digest_of("phone", helper))
        assert point.stopped_at is not None
        planned = PlannedContact("sms", "relay", "related", point.digest, ("L1",), discloses_debt=False)
        made = queue_contact(ContactDraft("B1", planned, template="third_party_relay"), lender.now, actor="x")
        lender.worker.once()
        assert Contact.objects.get(pk=made.pk).state in ("refused", "dead")
    assert not Contact.objects.filter(state="sent", party="related").exists()


def call(url: str, body: bytes, **headers: str) -> int:
    with urlopen(Call(url, body, headers)) as answer:
        return answer.status


def test_a_complaint_by_e_mail_comes_over_http_and_its_confirmation_leaves_over_smtp(
    lender, live_server, monkeypatch
):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    lender.night("B1", 0)
    mail = "wang@example.org"
    ContactPoint.objects.update(invalid_at=lender.now)  # the number is dead; there is only the e-mail
    ContactPoint.objects.create(
        borrower_id="B1", kind="email", value=mail, digest=digest_of("email", mail), lawful=True
    )
    (django_settings.HOME.folder / "channels.yaml").write_text(
        CENTRE.format(sms=lender.centre.port, mail=lender.post.port), "utf-8"
    )
    letter = f"From: {mail}\r\nTo: service@lender.example\r\nSubject: =?utf-8?B?5oqV6K+J?=\r\n"
    letter += "Message-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n我要投诉你们的催收员\r\n"
    for _ in range(2):  # delivered twice it is one message
        assert (
            call(
                f"{live_server.url}/hooks/post/",
                letter.encode(),
                **{"Content-Type": "message/rfc822", "Authorization": f"Bearer {SECRETS['TOKEN']}"},
            )
            == 200
        )
    request = Request.objects.get()
    assert (request.kind, Inbound.objects.get().channel) == ("complaint", "email")
    lender.worker.once()
    told = lender.post.hear_of("letter")
    confirmation = message_from_bytes(base64.b64decode(told["content"]), policy=default)
    assert confirmation["To"] == mail
    assert request.number in confirmation.get_body(("plain",)).get_content()


def test_an_unapplied_payment_holds_and_once_applied_closes_the_case(lender, live_server):
    lender.night("B1", 0)
    _, secret = make_key("bank", ["payments:write"], lender.now, actor="test")
    body = {"payment_id": "P9", "loan_id": "l-1", "paid_on": "2026-03-11", "amount": 41000}
    status = call(
        f"{live_server.url}/api/v1/payments",
        json.dumps(body).encode(),
        **{"Content-Type": "application/json", "Authorization": f"Bearer {secret}", "Idempotency-Key": "k1"},
    )
    assert status == 202
    waiting = UnappliedPayment.objects.get()
    assert Hold.objects.filter(kind="unapplied", lifted_at=None).exists()
    assert remind(lender, "B1").state == "refused"
    desk = lead()
    desk.post(f"/desk/payments/unapplied/{waiting.pk}", {"act": "apply", "loan": "L1"})
    assert Payment.objects.get(payment_id="P9").loan_id == "L1"
    assert not Hold.objects.filter(kind="unapplied", lifted_at=None).exists()
    case = Case.objects.get()
    assert case.closed_on is not None, case.facts
    lender.night("B1", 1)
    assert not Case.objects.filter(closed_on=None).exists(), "the night after it stays closed"
