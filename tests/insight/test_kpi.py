"""Goal: each figure is its formula by hand, a whole of nothing has no value, and a figure's rows are its count."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from forbear.actions.cases.reassignment import assign_case
from forbear.actions.contacts.resolve_contact import resolve_contact
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.insight.kpi import BY_KEY, KPIS, Period, figure, figures, refusals_by_rule
from forbear.store.models import (
    Agency,
    Case,
    Consent,
    Contact,
    Conversation,
    Event,
    Finding,
    Inbound,
    Payment,
    Permit,
    Plan,
    Promise,
    RefusedRule,
    Request,
    Settlement,
    Staff,
)
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower, wished
from tests.web.pages import browser_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)
WEEK = Period(TODAY - timedelta(days=6), TODAY)


@pytest.fixture
def borrower():
    house_rules()
    return make_borrower()


def contact(borrower, channel: str, outcome: str, days_ago: int = 1, state: str = "sent") -> Contact:
    made = wished(borrower, channel)
    made.at, made.outcome, made.state = NOON - timedelta(days=days_ago), outcome, state
    made.queued_at = made.at
    made.save()
    return made


def promise(borrower, state: str, due_on: date, made_on: date = TODAY) -> Promise:
    return Promise.objects.create(
        borrower=borrower, amount=1, currency="CNY", minor_unit=100, made_on=made_on, due_on=due_on, state=state
    )  # fmt: skip


def value(key: str, period: Period = WEEK) -> tuple[int, int]:
    found = figure(BY_KEY[key], period)
    return found.part, found.whole


def test_with_nothing_there_is_no_value():
    assert [each.value for each in figures(WEEK)] == [None] * len(KPIS)


def test_calls_by_hand(borrower):
    for outcome in ("conversation", "connected", "unanswered", "unanswered", "voicemail"):
        contact(borrower, "call", outcome)
    contact(borrower, "call", "conversation", days_ago=8)
    contact(borrower, "call", "not_sent")
    promise(borrower, "open", TODAY + timedelta(days=3))
    assert value("connect") == (2, 5)
    assert value("rpc") == (1, 5)
    assert value("ptp") == (1, 1)
    assert value("penetration") == (1, 1)
    assert figure(BY_KEY["connect"], WEEK).value == 40.0


def test_what_talks_brought_to_light(borrower):
    for willingness, situation in (("unable", "lost_job"), ("willing", ""), ("", ""), ("unable", "illness")):
        talk = contact(borrower, "call", "conversation")
        Conversation.objects.create(
            borrower=borrower,
            contact=talk,
            at=NOON,
            result="will_pay",
            willingness=willingness,
            situation=situation,
        )
    contact(borrower, "call", "conversation")
    assert value("reason_known") == (2, 5)
    assert value("unable") == (2, 3)


@pytest.mark.postgresql
def test_promises_kept_by_the_day_they_were_due(borrower):
    for state, due_on in (
        ("kept", TODAY),
        ("kept", WEEK.first),
        ("broken", TODAY),
        ("cancelled", TODAY),
        ("open", TODAY),
        ("kept", WEEK.first - timedelta(days=1)),
        ("broken", TODAY + timedelta(days=1)),
    ):
        promise(borrower, state, due_on)
    assert value("kept") == (2, 3)


@pytest.mark.postgresql
def test_messages_refusals_and_opt_outs(borrower):
    contact(borrower, "sms", "delivered")
    contact(borrower, "sms", "undelivered")
    contact(borrower, "sms", "not_sent", state="refused")
    Consent.objects.create(borrower=borrower, given=False, at=NOON, source="reply sms")
    Consent.objects.create(borrower=borrower, given=False, at=NOON, source="feed")
    assert value("delivered") == (1, 2)
    contact(borrower, "sms", "pending")
    assert value("delivered") == (1, 2), "of what nobody has reported nothing is known yet"
    Contact.objects.filter(outcome="pending").delete()
    assert value("blocked") == (1, 3)
    assert value("opt_outs") == (1, 2)
    assert figure(BY_KEY["opt_outs"], WEEK).value == 500.0


@pytest.mark.postgresql
def test_complaints_and_answers_in_time(borrower):
    contact(borrower, "sms", "delivered")
    for number, (outcome, late) in enumerate((("upheld", 0), ("partly", 0), ("refused", 2))):
        Request.objects.create(
            number=f"R{number}", borrower=borrower, kind="complaint", source="desk", opened_at=NOON,
            due_on=TODAY - timedelta(days=late), state="answered", outcome=outcome, answered_at=NOON,
        )  # fmt: skip
    assert value("complaints") == (1, 1)
    assert value("upheld") == (2, 3)
    assert value("in_time") == (2, 3)


@pytest.mark.postgresql
def test_intensity_counts_contacts_over_borrowers(borrower):
    make_borrower("B2", phone="+8610000000002")
    for _ in range(3):
        contact(borrower, "sms", "delivered")
    assert value("intensity") == (3, 2)
    assert figure(BY_KEY["intensity"], WEEK).value == 1.5


@pytest.mark.postgresql
def test_amounts_are_in_one_currency_and_a_promise_is_kept_to_its_amount_at_most(borrower):
    rows = [("kept", 1_000, 1_500, "CNY"), ("broken", 2_000, 300, "CNY"), ("cancelled", 9_000, 0, "CNY")]
    rows += [("kept", 7_000, 7_000, "USD")]
    for state, amount, paid, currency in rows:
        made = promise(borrower, state, TODAY)
        Promise.objects.filter(pk=made.pk).update(amount=amount, paid=paid, currency=currency)
    found = figure(BY_KEY["kept_amount"], WEEK)
    assert (found.part, found.whole, found.currency) == (1_000 + 300, 3_000, "CNY")
    assert value("kept") == (2, 3)


def test_steps_at_a_court_or_bureau_are_no_contacts(borrower):
    contact(borrower, "sms", "delivered")
    contact(borrower, "bureau", "delivered")
    contact(borrower, "court", "not_sent", state="refused")
    assert value("intensity") == (1, 1)
    assert value("blocked") == (0, 1)
    assert value("leaks") == (2, 2), "a step without a permit leaks all the same"


@pytest.mark.postgresql
def test_settlements_and_plans_by_hand(borrower):
    staff = Staff.objects.create_user(username="s", role="lead", number="S1")
    for state, outstanding, amount, by in (
        ("kept", 1_000, 600, TODAY),
        ("lapsed", 3_000, 2_400, TODAY),
        ("cancelled", 5_000, 1, TODAY),
        ("kept", 8_000, 4_000, TODAY + timedelta(days=1)),
    ):
        Settlement.objects.create(
            borrower=borrower, amount=amount, outstanding=outstanding, currency="CNY", minor_unit=100, by=by,
            state=state, proposed_on=TODAY, offered_on=TODAY, proposed_by=staff,
        )  # fmt: skip
    assert value("settlement") == (1, 2)
    assert value("discount") == (400 + 600 + 4_000, 12_000)
    for state, amount in (("active", 900), ("broken", 100)):
        Plan.objects.create(
            borrower=borrower, amount=amount, currency="CNY", minor_unit=100, state=state, proposed_on=TODAY,
            agreed_on=WEEK.first,
        )  # fmt: skip
    assert value("plan_break") == (1, 2)
    assert value("plan_break_amount") == (100, 1_000)


@pytest.mark.postgresql
def test_leaks_are_contacts_without_a_permit_or_with_a_finding(borrower):
    leaked, found, fine = (contact(borrower, "sms", "delivered") for _ in range(3))
    agency = Agency.objects.create(code="a", name_zh="甲", name_en="A")
    for each in (found, fine):
        for _ in range(2):
            Permit.objects.create(
                permit_id=f"{each.pk[:30]}{Permit.objects.count()}", contact=each, body={}, facts=[], issued_at=NOON,
                expires_at=NOON, used_at=NOON,
            )  # fmt: skip
    for _ in range(2):
        Finding.objects.create(agency=agency, contact=found, kind="threat", at=NOON)
    assert value("leaks") == (2, 3)
    assert set(BY_KEY["leaks"].part(WEEK).values_list("pk", flat=True)) == {leaked.pk, found.pk}


@pytest.mark.postgresql
def test_payments_heard_by_the_next_day(borrower):
    for number, days in enumerate((0, 1, 2, 5)):
        Payment.objects.create(
            payment_id=f"P{number}",
            loan_id="B1-L1",
            paid_on=TODAY - timedelta(days=days),
            amount=1,
            received_at=NOON,
        )
    assert value("heard") == (2, 4)


def refused(borrower, *rules: str) -> Contact:
    made = contact(borrower, "sms", "not_sent", state="refused")
    made.reason = Reason.of("rules", rules=list(rules))
    made.save()
    RefusedRule.objects.bulk_create(RefusedRule(contact=made, rule=rule) for rule in rules)
    return made


def cells(page: str) -> list[str]:
    """The texts of a page's cells that hold nothing but text."""
    return [text.strip() for text in re.findall("<t[hd][^>]*>([^<]*)</t[hd]>", page)]


@pytest.mark.postgresql
def test_refusals_by_rule_are_a_click_from_their_contacts(manager, borrower):
    refused(borrower, "house.night", "house.calls")
    refused(borrower, "house.night")
    text = manager.get("/desk/dashboard?days=7").content.decode()
    assert "rows=part&amp;rule=house.night" in text
    rows = manager.get("/desk/kpi/blocked?days=7&rows=part&rule=house.calls").content.decode()
    assert cells(rows).count("Refused by rule") == 1
    assert (
        manager.get("/desk/kpi/blocked?days=7&rows=part&rule=house.night&form=csv").content.count(b"refused")
        == 2
    )


def test_a_rule_whose_name_begins_another_s_is_counted_apart(manager, borrower):
    refused(borrower, "us.agency_recordings")
    refused(borrower, "us.agency_recordings")
    refused(borrower, "us.agency")
    contact(borrower, "sms", "delivered")
    counts = refusals_by_rule(WEEK)
    assert counts == [("us.agency_recordings", 2), ("us.agency", 1)]
    for rule, number in counts:
        page = manager.get(f"/desk/kpi/blocked?days=7&rows=part&rule={rule}").content.decode()
        assert cells(page).count("Refused by rule") == number
        file = manager.get(f"/desk/kpi/blocked?days=7&rows=part&rule={rule}&form=csv").content
        assert file.count(b"refused") == number
    assert refusals_by_rule(Period(TODAY - timedelta(days=30), TODAY - timedelta(days=20))) == []


@pytest.fixture
def manager(borrower, monkeypatch) -> Client:
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    person = Staff.objects.create_user(username="m", password="x", role="manager", number="M1")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_figure_is_one_click_from_its_formula_and_rows(manager, borrower):
    for outcome in ("conversation", "unanswered"):
        contact(borrower, "call", outcome)
    text = manager.get("/desk/dashboard?days=7").content.decode()
    assert "/desk/kpi/rpc?days=7" in text
    assert "50.0%" in text
    text = manager.get("/desk/kpi/rpc?days=7&rows=part").content.decode()
    assert "talks with the borrower ÷ attempts" in text
    assert cells(text).count("Spoke with the borrower") == 1
    assert '<a href="/desk/case/B1/">B1</a>' in text
    assert "王" not in text
    assert manager.get("/desk/kpi/nothing").status_code == 404


def test_rows_are_told_in_the_readers_words(manager, borrower):
    """Every figure's rows, so that no table has columns or codes for programs on its page."""
    contact(borrower, "sms", "not_sent", state="refused")
    contact(borrower, "voice", "delivered")
    promise(borrower, "kept", TODAY)
    Payment.objects.create(payment_id="P1", loan_id="B1-L1", paid_on=TODAY, amount=100_050, received_at=NOON)
    Case.objects.update(opened_on=WEEK.first)
    chinese = {"Accept-Language": "zh-CN"}
    seen = set()
    for each in KPIS:
        for side in ("part", "whole"):
            page = manager.get(f"/desk/kpi/{each.key}?days=7&rows={side}", headers=chinese).content.decode()
            seen |= set(cells(page))
    assert {"规则不允许", "短信", "履约", "¥1,000.50"} <= seen
    strange = {text for text in seen if not re.fullmatch("[-–—¥0-9.,:%/ ]*|.*[\u4e00-\u9fff].*", text)}
    assert strange <= {"B1-L1"}
    files = manager.get("/desk/kpi/blocked?days=7&form=csv").content.decode("utf-8-sig")
    assert "not_sent," in files, "a file for a program has the codes"
    assert "None" not in files


def test_rows_as_files_hold_no_formulas(manager, borrower):
    Contact.objects.filter(pk=contact(borrower, "call", "conversation").pk).update(channel="=1+1")
    text = manager.get("/desk/kpi/penetration?rows=part&form=csv").content.decode("utf-8-sig")
    assert "'=1+1" in text
    assert ",=1+1" not in text
    assert manager.get("/desk/kpi/penetration?form=xlsx").content[:2] == b"PK"


def test_the_dashboard_costs_the_same_for_many(manager, borrower, django_assert_max_num_queries):
    for _ in range(20):
        contact(borrower, "call", "conversation")
    with django_assert_max_num_queries(70):
        manager.get("/desk/dashboard")


def test_a_lead_gives_a_case_to_somebody_else_on_record(borrower):
    Staff.objects.create_user(username="a", password="x", role="collector", number="F1")
    case = Case.objects.get()
    assert isinstance(assign_case(case.pk, "nobody", NOON, actor="staff:L"), Problem)
    assert assign_case(case.pk, "F1", NOON, actor="staff:L").collector.number == "F1"
    assert assign_case(case.pk, "", NOON, actor="staff:L").collector is None
    assert Event.objects.filter(kind="assignment").count() == 2


@pytest.mark.parametrize(
    ("state", "fate", "note", "after"),
    [
        ("unknown", "delivered", "the borrower said so", ("sent", "delivered")),
        ("unknown", "not_sent", "the provider's log", ("failed", "not_sent")),
        ("dead", "not_sent", "never left", ("failed", "not_sent")),
        ("dead", "delivered", "x", None),
        ("sent", "delivered", "x", None),
        ("unknown", "lost", "x", None),
        ("unknown", "delivered", " ", None),
    ],
)
def test_a_person_settles_what_nobody_knows(borrower, state, fate, note, after):
    made = contact(borrower, "sms", "pending", state=state)
    staff = Staff.objects.create_user(username="c", password="x", role="compliance", number="C1")
    done = resolve_contact(made.pk, fate, note, staff, NOON)
    made.refresh_from_db()
    if after is None:
        assert isinstance(done, Problem)
        assert made.state == state
    else:
        assert (made.state, made.outcome) == after
        assert Event.objects.filter(kind="correction").count() == 1


def test_the_time_to_the_first_answer_is_that_of_people_and_its_rows_are_the_messages(borrower, monkeypatch):
    for number, (waited, read) in enumerate(((30, 30), (90, 90), (None, 60 * 25), (None, None))):
        at = NOON - timedelta(days=2)
        Inbound.objects.create(
            provider="p", provider_ref=str(number), kind="reply", channel="sms", intent="dispute", at=at,
            borrower=borrower if number else None, needs_person=True,
            answered_at=None if waited is None else at + timedelta(minutes=waited),
            read_at=None if read is None else at + timedelta(minutes=read),
        )  # fmt: skip
    assert value("first_answer") == (120, 2)
    assert figure(BY_KEY["first_answer"], WEEK).value == 60
    assert value("read_in_day") == (2, 4)
    assert (
        figure(BY_KEY["first_answer"], Period(TODAY - timedelta(days=20), TODAY - timedelta(days=19))).value
        is None
    )
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    client = browser_of(Staff.objects.create_user(username="qin", password="x", role="lead", number="F1"))
    page = client.get("/desk/kpi/first_answer?days=30&rows=part").content.decode()
    assert page.count("Disputes it") == 2
    assert "60.0" in page
