"""Goal: the page's figures are the promises', each person's rows are a click away, difficulty is that of the day."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.staff.new_staff import make_staff
from forbear.insight.goals import goals, rows_of
from forbear.store.models import Case, Promise, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)


def person(name: str, role: str = "collector") -> Staff:
    return make_staff(name, "a-long-passphrase-1", role, name.upper(), NOON, actor="test")


def promised(borrower, staff, state: str, difficulty: int, days_ago: int = 1, **more: object) -> None:
    told = {"amount": 1_000, "paid": 1_000 if state == "kept" else 200, "currency": "CNY"} | more
    Promise.objects.create(
        borrower=borrower, taken_by=staff, state=state, difficulty=difficulty, minor_unit=100, made_on=TODAY,
        due_on=TODAY - timedelta(days=days_ago), **told,
    )  # fmt: skip


@pytest.fixture
def desk(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    borrower, (ann, ben) = make_borrower(), (person("ann"), person("ben"))
    for n in range(6):
        promised(borrower, ann, "kept" if n < 5 else "broken", 1)
        promised(borrower, ben, "kept" if n < 2 else "broken", 3)
    promised(borrower, ben, "kept", 3, days_ago=40)
    promised(borrower, ben, "broken", 3, days_ago=100)
    promised(borrower, ben, "cancelled", 3)
    promised(borrower, ben, "kept", 3, currency="USD")
    promised(borrower, None, "kept", 3)
    return ann, ben


def test_by_hand(desk):
    ann, ben = desk
    found = goals(TODAY)
    assert (found.currency, found.usual[3].count, found.usual[1].count) == ("CNY", 7, 6)
    assert abs(found.usual[3].kept - 3 / 7) < 1e-9
    assert (found.results[ben.pk].promises, found.results[ben.pk].kept) == (6, 2)
    assert abs(found.results[ben.pk].expected - 6 * 3 / 7) < 1e-9
    assert abs(found.results[ben.pk].expected_paid - 6_000 * (3 * 1_000 + 4 * 200) / 7_000) < 1e-6
    assert abs(found.results[ann.pk].ratio - 1) < 1e-9
    assert rows_of(ben.pk, TODAY, "CNY").count() == 6


@pytest.mark.postgresql
def test_the_pages_show_the_ratio_its_formula_and_the_rows(desk, django_assert_max_num_queries):
    _, ben = desk
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(person("zhou", "lead"))
    with django_assert_max_num_queries(12):
        text = client.get("/desk/floor/goals").content.decode()
    plain = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))
    assert "BEN 6 3.0 2 2.6 0.78" in plain
    assert "The ratio is kept ÷ expected" in plain
    assert f"/desk/floor/goals/{ben.pk}" in text
    rows = client.get(f"/desk/floor/goals/{ben.pk}")
    assert rows.content.decode().count("42.9%") == 6
    file = client.get(f"/desk/floor/goals/{ben.pk}?file=csv").getvalue().decode()
    assert file.count("\n") == 7
    assert "0.4286" in file
    assert client.get(f"/desk/floor/goals/{ben.pk}?file=xlsx").status_code == 200
    zh = Client(headers={"Accept-Language": "zh"})
    zh.force_login(Staff.objects.get(username="zhou"))
    assert "预期履约" in zh.get("/desk/floor/goals").content.decode()


def test_a_promise_keeps_how_hard_its_case_was(desk):
    borrower = make_borrower("B2", phone="+8610000000002")
    Case.objects.filter(borrower=borrower).update(facts={"days_past_due": 45, "past_due_amount": 41_200})
    made = record_promise(
        Offered("B2", ("B2-L1",), 41_200, TODAY + timedelta(days=3)), NOON, staff=desk[0], actor="test"
    )
    assert made.difficulty == 2
