"""Goal: a contact goes the whole way: wished, permitted, through a real peer, reported, proved, checkable.

Method: the ready pack and templates of a new home, the outbox, and each channel's independent peer on loopback.
Everything that the borrower could ask for afterwards is then looked up: the permit, the evidence, the code.
"""

import base64
import json
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings

import forbear
from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.contacts.delivery_reports import record_delivery_report
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.process_reply import process_reply
from forbear.channels.settings import parse_channels
from forbear.channels.transport import Reply, Report
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.permit import genuine, read_permit
from forbear.interchange.home.keys import signing_key
from forbear.store.evidence import attachment_path
from forbear.store.models import Contact, ContactPoint, Event, Permit
from tests.channels.process import PEERS, Peer, python_peer
from tests.channels.sip.phones import ECHOES, Phone, seconds_of
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
READY = Path(forbear.__file__).parent / "packs" / "cn.yaml"
PHONE = "+8613800000001"


def heard(told: Report | Reply) -> None:
    """What a provider says on its open line."""
    taken = record_delivery_report(told, NOON) if isinstance(told, Report) else process_reply(told, NOON)
    if isinstance(taken, Problem):
        raise LookupError(str(taken))


def carried(channel: str, kind: str, value: str, written: str, tmp_path: Path, environment: dict) -> Contact:
    """A reminder by this channel to this address, through the provider that `written` describes."""
    house_rules(READY.read_text("utf-8"))
    borrower = make_borrower(phone=PHONE)
    digest = digest_of(kind, value)
    if kind != "phone":
        ContactPoint.objects.create(borrower=borrower, kind=kind, value=value, digest=digest, lawful=True)
    facts = {"instalments_past_due": 1, "feed_doubt": False}
    case = borrower.cases.get()
    case.facts |= facts
    case.save()
    borrower.loans.update(oldest_unpaid_due_on=NOON.date())
    planned = PlannedContact(
        channel,
        "collect",
        point=digest,
        loans=("B1-L1",),
        own_line=True,
        states_identity=True,
        offers_opt_out=True,
        recorded=True,
    )
    own = {"body": "Hello. A payment is late. Please call us back."}
    said = own if channel == "voice" else {"template": "overdue_reminder"}
    wanted = ContactDraft("B1", planned, language="en", **said)
    contact = queue_contact(wanted, NOON, actor="night")
    assert isinstance(contact, Contact), contact
    lines = parse_channels(written, "channels.yaml", environment).open(tmp_path, lambda: NOON, heard)
    try:
        assert list(claim("w1", NOON)) == [contact.contact_id]
        assert send_one(contact.contact_id, "w1", lines, lambda: NOON) == "sent"
        wait_until(lambda: Contact.objects.get().outcome != "pending" or channel == "email")
    finally:
        for line in set(lines.values()):
            line.close()
    return Contact.objects.get()


def wait_until(true, seconds: float = 30.0) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def code_of(contact: Contact) -> str:
    return f"{contact.code[:4]}-{contact.code[4:]}"


def proved(contact: Contact, kinds: list[str]) -> None:
    """The permit is genuine, the evidence tells each step in order, and the code says who it was."""
    permit = read_permit(Permit.objects.get().body)
    assert genuine(permit, signing_key(settings.HOME).public_key())
    assert permit.contact_id == contact.contact_id
    assert (
        list(Event.objects.filter(borrower="B1").order_by("number").values_list("kind", flat=True)) == kinds
    )
    assert verify_caller(code_of(contact), NOON) is not None


def test_a_text_through_a_message_centre(tmp_path):
    with Peer("perl", str(PEERS / "smsc.pl")) as centre:
        written = f"""
channels: {{sms: carrier}}
providers:
  carrier: {{kind: smpp, host: 127.0.0.1, port: {centre.port}, system_id: lender, password_env: SMS, sender: "1069"}}
"""
        contact = carried("sms", "phone", PHONE, written, tmp_path, {"SMS": "s3cret"})
        told = centre.hear_of("submit")
    assert told["to"] == PHONE.removeprefix("+")
    assert contact.outcome == "delivered"
    assert code_of(contact) in contact.body
    proved(contact, ["planned_contact", "permit", "sending", "report"])
    process_reply(Reply("carrier", "mo-1", "sms", PHONE, "1069", "STOP", NOON), NOON)
    planned = PlannedContact("sms", "collect", point=contact.point_digest, loans=("B1-L1",), own_line=True)
    second = queue_contact(ContactDraft("B1", planned, template="overdue_reminder"), NOON, actor="night")
    assert len(claim("w1", NOON)) == 2, "it, and the one confirmation of the stop"
    assert send_one(second.pk, "w1", {"sms": Recorder()}, lambda: NOON) == "refused"


def test_a_call_over_sip_with_its_recording(tmp_path):
    with Phone(tmp_path, "phone", MORE=ECHOES) as phone:
        written = f"""
channels: {{voice: line}}
providers:
  line: {{kind: sip, domain: "{phone.domain}", sender: "+862110000", listen: 127.0.0.1, times: 1, ring: 2}}
"""
        contact = carried("voice", "phone", PHONE, written, tmp_path, {})
    assert contact.outcome == "connected"
    assert seconds_of(attachment_path(contact.recording).read_bytes()) > 2
    proved(contact, ["planned_contact", "permit", "sending", "report"])
    report = Event.objects.get(kind="report")
    assert json.loads(report.line)["attachments"] == [contact.recording]


def test_an_email_read_back(tmp_path):
    with python_peer("mail_server", "plain") as server:
        written = f"""
channels: {{email: post}}
providers:
  post: {{kind: smtp, host: 127.0.0.1, port: {server.port}, security: none, address: service@lender.example,
    bounces_to: back@lender.example, key_env: KEY}}
"""
        contact = carried("email", "email", "li@example.org", written, tmp_path, {"KEY": "k" * 32})
        told = server.hear_of("letter")
    letter = message_from_bytes(base64.b64decode(told["content"]), policy=default)
    assert letter["To"] == "li@example.org"
    assert code_of(contact) in letter.get_body(("plain",)).get_content()
    proved(contact, ["planned_contact", "permit", "sending"])
