"""Goal: a limited-content message on a machine counts as a call and as nothing more, other words as a communication.

Source: 12 CFR 1006.2(b), (d), (j), 1006.14(b), 1006.34(a)(1). Each story is dated.
"""

from datetime import timedelta

import pytest
from django.urls import reverse

from forbear.actions.contacts.missing_recordings import ANSWERED
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.core.base.problem import Problem
from forbear.store.models import Case, Contact, Conversation, Staff
from tests.actions.contacts.test_law_stories import Desk
from tests.web.pages import browser_of

pytestmark = [pytest.mark.database, pytest.mark.django_db, pytest.mark.postgresql]


@pytest.fixture
def desk():
    return Desk("us")


@pytest.fixture
def staff():
    return Staff.objects.create_user(
        username="diaz", password="x", role="collector", number="F1001", first_name="Ana", last_name="Diaz"
    )


def call(desk: Desk, staff: Staff, at: str, result: str) -> Conversation:
    made = desk.asks(at, "call")
    assert made.answer.permit is not None, made.answer.refusals
    ended = record_outcome(Outcome(made.contact.pk, result), staff, desk.at(at) + timedelta(minutes=2))
    assert isinstance(ended, Conversation), ended
    return ended


def refused_by(desk: Desk, at: str) -> list[str]:
    return [refusal.rule for refusal in desk.asks(at, "call").answer.refusals]


def test_seven_messages_are_seven_calls_and_no_talk(desk, staff):
    for day in range(4, 11):
        call(desk, staff, f"2026-03-{day:02d}T12:00", "limited_message")
    assert refused_by(desk, "2026-03-10T13:00") == ["us.seven_calls"]
    # the first of them leaves the window; no conversation closes the week, and no notice is late
    assert refused_by(desk, "2026-03-11T12:00") == []
    assert {one.outcome for one in Contact.objects.filter(outcome__startswith="limited")} == {
        "limited_message"
    }


def test_other_words_on_a_machine_begin_the_days_of_the_validation_notice(desk, staff):
    call(desk, staff, "2026-03-02T12:00", "limited_message")
    assert refused_by(desk, "2026-03-08T12:00") == []
    Contact.objects.filter(outcome="pending").update(outcome="unanswered")
    call(desk, staff, "2026-03-09T12:00", "other_message")
    assert Contact.objects.filter(channel="call", outcome="delivered").count() == 1
    assert refused_by(desk, "2026-03-13T12:00") == []
    Contact.objects.filter(outcome="pending").update(outcome="unanswered")
    assert refused_by(desk, "2026-03-15T12:00") == ["us.validation"]


def test_the_next_call_waits_a_day_and_a_recording_is_asked_for(desk, staff):
    ended = call(desk, staff, "2026-03-10T12:00", "limited_message")
    assert Case.objects.get().next_at == ended.at + timedelta(days=1)
    assert "limited_message" in ANSWERED
    again = record_outcome(Outcome(ended.contact_id, "cease"), staff, ended.at + timedelta(minutes=1))
    assert isinstance(again, Problem), "what is over has one result; it is corrected by name"


def test_the_page_gives_the_words_to_leave(desk, staff):
    desk.asks("2026-03-10T12:00", "call")
    Case.objects.update(collector=staff)
    page = browser_of(staff).get(reverse("desk:case", args=["B1"])).content.decode()
    assert "If a machine answers, leave these words and no others:" in page
    assert "Ana Diaz" in page
    assert "Voicemail, limited message left" in page
    Contact.objects.update(outcome="unanswered")
    assert (
        "leave these words" not in browser_of(staff).get(reverse("desk:case", args=["B1"])).content.decode()
    )
