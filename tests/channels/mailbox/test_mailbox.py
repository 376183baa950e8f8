"""Goal: every message lies in the mailbox once, whole, and can be read back as it was."""

import threading
from dataclasses import replace

import pytest

from forbear.channels.mailbox.adapter import (
    CHANNELS,
    Mailbox,
    MailboxSettings,
    addresses,
    read_message,
    read_messages,
)
from forbear.channels.mailbox.inbound import LONGEST_REPLY, reply_to, report_of
from forbear.channels.transport import Attachment
from forbear.core.base.problem import Problem
from tests.factories.messages import NOW, around, message, permit_for


@pytest.fixture
def box(tmp_path):
    return Mailbox(MailboxSettings(), around(tmp_path, "phone"))


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_message_is_kept_as_it_was(box, channel):
    sent = message(
        channel,
        subject="您好",
        unsubscribe_url="https://a.example/u/1",
        attachments=(Attachment("信.pdf", "application/pdf", b"%PDF\0\xff"),),
    )
    receipt = box.send(permit_for(sent, purpose="notice"), sent)
    assert (receipt.answer, receipt.provider, receipt.provider_ref) == ("accepted", "phone", sent.contact_id)
    (kept,) = read_messages(box.folder)
    assert (kept.message, kept.purpose, kept.at) == (sent, "notice", "2026-03-10T07:00:00Z")


def test_sent_twice_it_is_there_once_and_the_first(box):
    first = message(body="one")
    again = message(body="two", contact_id=first.contact_id)
    for each in (first, again):
        assert box.send(permit_for(each), each).answer == "accepted"
    assert [kept.message.body for kept in read_messages(box.folder)] == ["one"]
    assert [path.name for path in box.folder.iterdir()] == [f"{first.contact_id}.json"]


def test_a_reader_never_sees_half_a_message(box):
    big = "长" * 200_000
    seen, done = [], threading.Event()

    def read():
        while not done.is_set():
            seen.extend(len(kept.message.body) for kept in read_messages(box.folder))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(8):
        sent = message(body=big)
        box.send(permit_for(sent), sent)
    done.set()
    reader.join()
    assert set(seen) <= {len(big)}
    assert len(read_messages(box.folder)) == 8


def test_a_full_disk_is_busy_and_leaves_nothing(tmp_path):
    (tmp_path / "data").write_text("in the way")
    box = Mailbox(MailboxSettings(), around(tmp_path))
    sent = message()
    assert box.send(permit_for(sent), sent).answer == "busy"
    assert read_messages(box.folder) == []


def test_what_is_no_message_is_passed_over(box):
    sent = message()
    box.send(permit_for(sent), sent)
    for name, text in (("a", ""), ("b", "[]"), ("c", '{"attachments": 3}'), ("d", '{"attachments": []}')):
        (box.folder / f"{name}.json").write_text(text)
        assert read_message(box.folder / f"{name}.json") is None
    assert [kept.message for kept in read_messages(box.folder)] == [sent]


def test_messages_by_address(box):
    for to in ("+861", "+862", "+861"):
        sent = message(to=to)
        box.send(permit_for(sent), sent)
    assert len(read_messages(box.folder, "+861")) == 2
    assert sorted(addresses(box.folder)) == ["+861", "+862"]


@pytest.mark.parametrize(
    "changed", [{"contact_id": "another"}, {"channel": "email"}, {"content": "0" * 64}, {"signature": ""}]
)
def test_a_permit_for_something_else_opens_nothing(box, changed):
    sent = message()
    permit = permit_for(sent)
    with pytest.raises(AssertionError):
        box.send(replace(permit, **changed), sent)
    assert read_messages(box.folder) == []


def test_what_the_person_does_comes_back(box):
    sent = message()
    box.send(permit_for(sent), sent)
    (kept,) = read_messages(box.folder)
    report = report_of(kept, "delivered", NOW)
    assert (report.provider, report.provider_ref, report.state) == ("phone", sent.contact_id, "delivered")
    reply = reply_to(kept, "退订", NOW)
    assert (reply.sender, reply.to, reply.text, reply.channel) == (sent.to, sent.sender, "退订", "sms")
    assert reply_to(kept, "退订", NOW).provider_ref == reply.provider_ref
    assert reply_to(kept, "已还", NOW).provider_ref != reply.provider_ref


def test_what_can_not_be_is_said(box):
    sent = message()
    box.send(permit_for(sent), sent)
    (kept,) = read_messages(box.folder)
    assert isinstance(report_of(kept, "answered", NOW), Problem)
    assert isinstance(reply_to(kept, " \n", NOW), Problem)
    assert isinstance(reply_to(kept, "x" * (LONGEST_REPLY + 1), NOW), Problem)
