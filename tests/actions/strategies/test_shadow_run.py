"""Goal: in a shadow run nights decide and nothing leaves by any way, until two people have gone live, on record.

Method: a night is published into a home in shadow; then every way out is tried by the act that uses it, before and
after the second signature.
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.access.portal_access import Fact, enter, link_for
from forbear.actions.agency_work.agency_files import exchange, folder_of
from forbear.actions.bureaus.bureau_report import make_report
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.contacts.staff_texts import mail_seal, send_staff_texts, text_person
from forbear.actions.instructions.instruction_file import folder, write_instruction_file
from forbear.actions.instructions.instructions import instruct
from forbear.actions.strategies.shadow_run import begin_shadow, go_live, go_live_as, mark, shadow_state
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.core.loans.adjustments import Adjustment
from forbear.core.permits.built_in import SHADOW
from forbear.jobs.publish_night import publish_night
from forbear.store.access import borrower_for, contacts_for, placements_for
from forbear.store.models import (
    AccountChange,
    ApiKey,
    Borrower,
    Case,
    Contact,
    Event,
    Placement,
    PortalSession,
    Staff,
    WebhookDelivery,
    WebhookEndpoint,
)
from tests.factories.agencies import make_agency, person
from tests.factories.desk import Recorder, house_rules, wish_for
from tests.home_night import decided, feed_in

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 9)
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


@pytest.fixture
def shadow(tmp_path):
    """A home in shadow, with a night of three late borrowers at its desk."""
    house_rules()
    assert begin_shadow(NOON - timedelta(days=2), actor="command line") is None
    people = ("B1", "B2", "B3")
    feed_in(
        tmp_path / "feed",
        loans=[f"{who}-L1,{who},cash,CNY,300.00,2026-01-01,active" for who in people],
        instalments=[f"{who}-L1,1,2026-03-08,300.00,0,0,0" for who in people],
        borrowers=[f"{who},林安,+86100000000{who[1]}0,,zh,,Asia/Shanghai,1990-01-02,true" for who in people],
    )
    publish_night(*decided(DAY), NOON - timedelta(hours=3))
    yield
    mark().unlink(missing_ok=True)


def sent(now: datetime) -> int:
    """How many messages a worker hands to the provider."""
    recorder = Recorder()
    providers = {"sms": recorder, "call": recorder}
    for contact in claim("w", now, limit=50, channels=tuple(providers)):
        send_one(contact, "w", providers, lambda: now)
    return len(recorder.sent)


def test_the_night_decides_and_nothing_leaves(shadow, django_capture_on_commit_callbacks):
    assert Case.objects.count() == 3
    waiting = Contact.objects.filter(state="waiting").count()
    assert waiting == 3
    assert shadow_state().waiting == 3
    # messages wait; a call, a placement and a step at a bureau are refused by the permit gate, by one rule
    assert sent(NOON) == 0
    assert Contact.objects.filter(state="waiting").count() == waiting
    borrower = Borrower.objects.get(pk="B1")
    made = make_contact(ContactDraft("B1", wish_for(borrower, "call")), NOON, actor="test")
    assert not isinstance(made, Problem)
    assert made.answer.permit is None
    assert made.answer.refusals[0].rule == SHADOW
    # programs, agencies, the loan system, the bureau and borrowers get nothing
    key = ApiKey.objects.create(
        name="core", prefix="x", digest="x", scopes=["instructions:read"], made_at=NOON
    )
    hook = WebhookEndpoint.objects.create(
        api_key=key, url="https://example.org/", secret="s", kinds=["instruction.made"], made_at=NOON
    )
    adjustment = Adjustment("plan", "B1-L1", DAY, plan_lines=((DAY, 30_000),))
    instruct(borrower, adjustment, "CNY", NOON, source="plan", reference="1", actor="test")
    assert not enqueue_webhooks("instruction.made", {}, NOON)
    assert not WebhookDelivery.objects.filter(webhook=hook).exists()
    before = sorted(folder().glob("*"))
    assert not write_instruction_file(NOON)
    assert sorted(folder().glob("*")) == before
    agency = make_agency(now=NOON)
    out = folder_of(agency.code) / "out"
    out.mkdir(parents=True)
    assert exchange(NOON) == 0
    assert not list(out.iterdir())
    Placement.objects.create(
        agency=agency, borrower=borrower, loans=["B1-L1"], currency="CNY", placed_at=NOON
    )
    theirs = person("hx1", "agency", agency)
    own_key = ApiKey.objects.create(
        name="hx", prefix="y", digest="y", scopes=["permits:ask"], agency=agency, made_at=NOON
    )
    assert not placements_for(theirs).exists()
    assert borrower_for(theirs, "B1") is None
    assert borrower_for(own_key, "B1") is None
    assert not contacts_for(borrower).exists()
    report = make_report("cn", date(2026, 2, 28), NOON, actor="test")
    assert isinstance(report, Problem)
    assert report.code == "report_in_shadow"
    link = link_for(made.contact, NOON).rsplit("/", 1)[1]
    assert enter(link, Fact(born_on=date(1990, 1, 2)), NOON) is None
    assert not PortalSession.objects.exists()
    # live: the same ways are open
    with django_capture_on_commit_callbacks(execute=True):
        go_live(person("m1", "manager"), "十天无差异", NOON)
        done = go_live(person("c1", "compliance"), "同意", NOON)
    assert not isinstance(done, Problem)
    assert not settings.HOME.in_shadow
    assert sent(NOON) == 3
    assert enqueue_webhooks("instruction.made", {}, NOON) == 1
    assert write_instruction_file(NOON)
    exchange(NOON)
    assert list(out.iterdir())
    assert placements_for(theirs).count() == 1
    assert borrower_for(theirs, "B1") == borrower_for(own_key, "B1") == borrower
    assert contacts_for(borrower).exists()
    assert enter(link, Fact(born_on=date(1990, 1, 2)), NOON) is not None


def test_emails_to_staff_and_seals_wait_until_live_but_not_one_about_an_account(shadow):
    auditor = person("a1", "auditor")
    Staff.objects.filter(pk=auditor.pk).update(email="a1@example.org", phone="+8610000000077")
    auditor.refresh_from_db()
    change = AccountChange.objects.create(
        staff=auditor,
        what="role",
        role="lead",
        reason_note="x",
        proposed_by=auditor,
        proposed_at=NOON,
        state="proposed",
    )
    assert mail_seal(DAY, "line", "signature", NOON) == 1
    text_person(auditor, "a factor was added", NOON)
    text_person(auditor, "your role changes", NOON, change=change)
    ways = {"sms": Recorder(), "email": Recorder()}
    send_staff_texts(ways, NOON)
    assert [message.body for message in ways["email"].sent] == ["your role changes"]
    assert {message.body for message in ways["sms"].sent} == {"a factor was added", "your role changes"}
    mark().unlink()
    send_staff_texts(ways, NOON)
    assert len(ways["email"].sent) == 3
    assert any("signature" in message.body for message in ways["email"].sent)


def test_two_people_go_live_and_the_log_says_who(shadow, django_capture_on_commit_callbacks):
    manager, officer = person("m1", "manager"), person("c1", "compliance")

    def code(answer: object) -> str:
        assert isinstance(answer, Problem), answer
        return answer.code

    assert code(go_live(person("f1", "collector"), "x", NOON)) == "live_not_yours"
    assert code(go_live(manager, " ", NOON)) == "live_reason_missing"
    assert code(go_live_as("nobody", "x", NOON)) == "no_working_account"
    asked = go_live(manager, "十天无差异", NOON)
    assert not isinstance(asked, Problem)
    assert (asked.running, asked.asked_by, asked.reason) == (True, (manager.number,), "十天无差异")
    assert code(go_live(manager, "again", NOON)) == "live_own_approval"
    assert settings.HOME.in_shadow
    with django_capture_on_commit_callbacks(execute=True):
        assert not isinstance(go_live_as("c1", "同意", NOON), Problem)
    assert not settings.HOME.in_shadow
    assert code(go_live(officer, "x", NOON)) == "not_in_shadow"
    said = [
        json.loads(line)["body"]
        for line in Event.objects.filter(kind="change").values_list("line", flat=True)
    ]
    assert {"what": "went live", "by": officer.number, "asked_by": manager.number, "note": "同意"} in said
    # what was asked in a run before counts for nothing in the next
    assert begin_shadow(NOON, actor="command line") is None
    assert shadow_state().asked_by == ()
    assert code(begin_shadow(NOON, actor="command line")) == "shadow_running"


def test_a_home_from_which_something_left_has_no_shadow_run(shadow):
    mark().unlink()
    assert sent(NOON) == 3
    refused = begin_shadow(NOON, actor="command line")
    assert refused is not None
    assert refused.code == "shadow_too_late"
    assert not settings.HOME.in_shadow
