"""Goal: what a provider recorded becomes evidence of its call, once, and a provider is not asked without end."""

from datetime import timedelta
from itertools import pairwise

import pytest

from forbear.actions.contacts.missing_recordings import resolve_missing_recording
from forbear.actions.contacts.recordings import store_recording
from forbear.actions.staff.new_staff import make_staff
from forbear.channels.transport import KeepsRecordings
from forbear.channels.voice_http.adapter import VoiceHttp
from forbear.core.base.problem import Problem
from forbear.jobs.fetch_recordings import GIVE_UP_AFTER, Recordings
from forbear.store.evidence import attachment_path
from forbear.store.evidence_check import check
from forbear.store.models import Contact, Event, MissingRecording
from tests.channels.voice_http.test_voice import settings
from tests.factories.desk import NOON, make_borrower, wished
from tests.factories.messages import around

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LATER = NOON + timedelta(minutes=5)


class Exchange:
    """A provider with recordings of some calls."""

    provider, channels, records = "exchange", ("call",), True

    def __init__(self, **sounds: bytes) -> None:
        self.sounds, self.asked = sounds, []

    def recording(self, call: str) -> tuple[bytes, str] | Problem:
        """The sound of a call."""
        self.asked.append(call)
        return (
            (self.sounds[call], "audio/wav")
            if call in self.sounds
            else Problem("there is none yet", "尚无录音")
        )

    def send(self, permit, message):
        """Nothing is sent here."""
        raise AssertionError

    def close(self) -> None:
        """Nothing to close."""


def ended_call(ref: str, name: str = "B1", **more: object) -> Contact:
    contact = wished(make_borrower(name, phone=f"+861000000{ord(name[-1]):04d}"), "call")
    made = {"state": "sent", "outcome": "connected", "provider": "exchange", "ended_at": NOON} | more
    for key, value in {**made, "provider_ref": ref}.items():
        setattr(contact, key, value)
    contact.save()
    return contact


def test_it_is_kept_as_evidence_once():
    contact, line = ended_call("CA1"), Exchange(CA1=b"RIFF the talk")
    job = Recordings({"call": line, "voice": line})
    assert job.fetch_due(LATER) == 1
    contact.refresh_from_db()
    assert attachment_path(contact.recording).read_bytes() == b"RIFF the talk"
    event = Event.objects.filter(kind="recording").get()
    assert (event.borrower, contact.recording in event.line) == ("B1", True)
    assert job.fetch_due(LATER + timedelta(hours=1)) == 0
    assert line.asked == ["CA1"]
    assert store_recording(contact.contact_id, b"another", "audio/wav", LATER, actor="x") is False
    assert Event.objects.filter(kind="recording").count() == 1
    assert check(LATER) == []


@pytest.mark.parametrize(
    "more",
    [
        {"outcome": "unanswered"},
        {"outcome": "pending"},
        {"provider": "other"},
        {"provider_ref": ""},
        {"ended_at": LATER - GIVE_UP_AFTER},
        {"recording": "0" * 64},
    ],
)
def test_no_other_call_is_asked_about(more):
    contact, line = ended_call("CA1", **more), Exchange(CA1=b"RIFF")
    Contact.objects.filter(pk=contact.pk).update(**more)
    assert Recordings({"call": line}).fetch_due(LATER) == 0
    assert line.asked == []


def test_a_call_without_one_is_asked_about_ever_less_often():
    ended_call("CA1")
    ended_call("CA2", "B2")
    line = Exchange()
    job, asked_at = Recordings({"call": line}), []
    for minute in range(4 * 24 * 60):
        before = line.asked.count("CA1")
        job.fetch_due(NOON + timedelta(minutes=minute))
        if line.asked.count("CA1") > before:
            asked_at.append(minute)
    gaps = [b - a for a, b in pairwise(asked_at)]
    assert gaps == sorted(gaps)
    assert gaps[:4] == [1, 2, 4, 8]
    assert gaps[-1] == 360
    assert asked_at[-1] < GIVE_UP_AFTER / timedelta(minutes=1)
    assert line.asked.count("CA2") == len(asked_at)


def test_who_keeps_recordings(tmp_path):
    assert isinstance(VoiceHttp(settings(), around(tmp_path)), KeepsRecordings)
    assert not VoiceHttp(settings(record=False), around(tmp_path)).records
    contact, silent = ended_call("CA1"), Exchange(CA1=b"RIFF")
    silent.records = False
    assert Recordings({"call": silent}).fetch_due(LATER) == 0
    assert contact.recording == ""


AFTERWARDS = NOON + GIVE_UP_AFTER + timedelta(hours=1)


def test_one_that_never_comes_is_told_once():
    contact, job = ended_call("CA1"), Recordings({"call": Exchange()})
    assert job.miss(NOON + GIVE_UP_AFTER - timedelta(minutes=1)) == 0
    assert (job.miss(AFTERWARDS), job.miss(AFTERWARDS + timedelta(hours=1))) == (1, 0)
    row = MissingRecording.objects.get()
    assert (row.contact_id, row.gone_at, row.settled_at) == (contact.pk, None, None)
    event = Event.objects.filter(kind="recording").get()
    assert (event.borrower, '"what":"missing"' in event.line) == ("B1", True)
    assert check(AFTERWARDS) == []


@pytest.mark.parametrize(
    "more", [{"outcome": "unanswered"}, {"provider": "other"}, {"recording": "0" * 64}, {"channel": "sms"}]
)
def test_nothing_else_is_called_missing(more):
    contact = ended_call("CA1")
    Contact.objects.filter(pk=contact.pk).update(**more)
    assert Recordings({"call": Exchange()}).miss(AFTERWARDS) == 0


def test_a_line_that_records_nothing_misses_nothing():
    ended_call("CA1")
    silent = Exchange()
    silent.records = False
    assert Recordings({"call": silent}).miss(AFTERWARDS) == 0


def test_one_that_comes_after_all_is_missing_no_more():
    contact = ended_call("CA1")
    Recordings({"call": Exchange()}).miss(AFTERWARDS)
    assert store_recording(contact.contact_id, b"RIFF", "audio/wav", AFTERWARDS, actor="exchange") is True
    assert MissingRecording.objects.get().gone_at == AFTERWARDS


def test_what_came_of_one_is_written_down_once():
    ended_call("CA1")
    Recordings({"call": Exchange()}).miss(AFTERWARDS)
    officer = make_staff("officer", "a-long-passphrase-1", "compliance", "O1", NOON, actor="test")
    row = MissingRecording.objects.get()
    assert isinstance(resolve_missing_recording(row.pk, "  ", officer, AFTERWARDS), Problem)
    assert (
        resolve_missing_recording(row.pk, "the exchange was down; told to the provider", officer, AFTERWARDS)
        is None
    )
    assert isinstance(resolve_missing_recording(row.pk, "again", officer, AFTERWARDS), Problem)
    assert isinstance(resolve_missing_recording(row.pk + 1, "none", officer, AFTERWARDS), Problem)
    row.refresh_from_db()
    assert (row.settled_by, row.words) == (officer, "the exchange was down; told to the provider")
    last = Event.objects.filter(kind="recording").order_by("id").last()
    assert "exchange was down" not in last.line, "what people write is kept among the personal values"
    assert check(AFTERWARDS) == []
