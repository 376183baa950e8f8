"""Goal: a draft rule is held against what was really permitted, on the facts of then, and changes nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.core.permits.pack import parse_draft
from forbear.insight.rule_backtest import backtest_rules
from forbear.store.models import Contact, Permit, Staff
from forbear.web import clock as web_clock
from forbear.web.desk import rule_backtest
from tests.factories.desk import NOON, house_rules, make_borrower, wish_for

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OPEN_PACK = """
pack: house
rules:
  - id: house.figures
    says: {zh: 数据过旧, en: The figures are old}
    refuse_when: figures_age_hours > 9000
    clause: house §6
    force: house
"""
TUESDAYS = """
id: house.tuesdays
says: {zh: 周二不打电话, en: No calls on Tuesdays}
applies: {channels: [call]}
refuse_when: local_weekday = 2
clause: house §7
force: house
"""
ONE_A_NUMBER = """
- id: house.number
  says: {zh: 同一号码七天一次, en: One call to a number in seven days}
  applies: {channels: [call]}
  count: {by: number, channels: [call], within: 7 days}
  refuse_when: counted >= 1
  clause: house §8
  force: house
- id: house.debtor
  says: {zh: 同一人七天一次, en: One call to a person in seven days}
  applies: {channels: [call]}
  count: {by: debtor, channels: [call], within: 7 days}
  refuse_when: counted >= 1
  clause: house §9
  force: house
"""


@pytest.fixture(autouse=True)
def permitted():
    """Two people who share a number, called on Monday and on Tuesday; the one also on the Monday before."""
    house_rules(OPEN_PACK)
    for name, days_ago in (("B1", 8), ("B1", 1), ("B2", 0)):
        borrower = make_borrower(name) if not Contact.objects.filter(borrower_id=name) else None
        planned = wish_for(borrower or Contact.objects.filter(borrower_id=name).first().borrower, "call")
        made = make_contact(ContactDraft(name, planned), NOON - timedelta(days=days_ago), actor="test")
        assert made.answer.permit is not None
        end_contact(made.contact.contact_id, "unanswered", NOON - timedelta(days=days_ago), actor="test")


def tried(text: str, days: int = 30, most: int | None = None):
    return {
        one.rule: one
        for one in backtest_rules(parse_draft(text), NOON - timedelta(days=days), NOON, limit=most)
    }


def test_the_facts_are_those_of_then():
    told = tried(TUESDAYS)["house.tuesdays"]
    assert (told.permitted, told.refused, told.unknown, told.by_channel) == (3, 1, 0, {"call": 1})
    assert told.examples == tuple(Contact.objects.filter(borrower_id="B2").values_list("pk", flat=True))
    assert tried(TUESDAYS.replace("[call]", "[sms]"))["house.tuesdays"].permitted == 0


@pytest.mark.postgresql
def test_what_a_rule_counts_is_counted_again():
    told = tried(ONE_A_NUMBER)
    assert told["house.number"].refused == 1, "the other borrower's call the day before counts"
    assert told["house.debtor"].refused == 0, "eight days are more than seven"
    assert tried(ONE_A_NUMBER.replace("7 days", "9 days"))["house.debtor"].refused == 1


def test_what_was_not_kept_is_not_guessed():
    for permit in Permit.objects.all():
        permit.facts = [{k: v for k, v in row.items() if k != "local_weekday"} for row in permit.facts]
        permit.save()
    told = tried(TUESDAYS)["house.tuesdays"]
    assert (told.permitted, told.refused, told.unknown) == (3, 0, 3)


@pytest.mark.parametrize(
    ("days", "most", "asked"), [(30, None, 3), (5, None, 2), (30, 2, 2), (30, 3, 3), (1, 1, 1)]
)
def test_only_so_far_back(days, most, asked):
    assert tried(TUESDAYS, days, most)["house.tuesdays"].permitted == asked


@pytest.fixture
def officer(monkeypatch) -> Client:
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    person = Staff.objects.create_user(username="he", password="x", role="compliance", number="F1003")
    client = Client(headers={"accept-language": "en"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_officer_tries_a_change_of_a_rule(officer):
    started = officer.get("/desk/rules/backtest?rule=house.figures").content.decode()
    assert "refuse_when: figures_age_hours &gt; 9000" in started
    text = (
        "id: house.figures\nsays: {zh: x, en: y}\nrefuse_when: local_weekday = 2\nclause: c\nforce: house\n"
    )
    page = officer.post("/desk/rules/backtest", {"text": text, "days": "7"}).content.decode()
    assert "changes a rule in force" in page
    assert "2 contacts were permitted in this time" in page
    assert '<a href="/desk/case/B2/">B2</a>' in page
    assert Permit.objects.count() == 3
    assert Contact.objects.filter(state="refused").count() == 0


def test_mistakes_are_told_by_their_lines_of_the_draft(officer):
    text = "id: house.x\nsays: {zh: x, en: y}\nrefuse_when: nonsense > 2\nclause: c\nforce: house\n"
    page = officer.post("/desk/rules/backtest", {"text": text, "days": "30"}).content.decode()
    assert "draft:3:14: unknown fact `nonsense`" in page
    assert "Would be refused" not in page


def test_few_permits_are_looked_at_when_there_are_many(officer, monkeypatch):
    monkeypatch.setattr(rule_backtest, "MOST", 2)
    page = officer.post("/desk/rules/backtest", {"text": TUESDAYS, "days": "30"}).content.decode()
    assert "Only the newest 2 were looked at" in page
