"""Goal: where the lender's penalty is not the contract's, compliance hears of it once, and the borrower sees both.

Method: a real book of two loans through the real import, a night published from it, and the nightly check.
"""

import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.cases.payments import record_payment
from forbear.actions.payments.penalty_checks import REST, check_due, check_penalties, resolve_difference
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.publish.publish import publish
from forbear.store.models import Event, PenaltyDifference, Plan, Staff
from forbear.web import clock as web_clock
from tests.home_night import decided, feed_in
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 20)
NOON = datetime(2026, 3, 21, 4, 0, tzinfo=UTC)
PRODUCTS = "products: {cash: {penalty: {contract_rate: 18, compounding: none, bears: [principal]}}}\n"
#: Ten days late on 1,000.00 at 0.075 % a day: 7.50 by contract; the first lender's lines hold 9.00.
FEED = {
    "loans": ["L1,B1,cash,CNY,1000.00,2026-02-10,active", "L2,B2,cash,CNY,1000.00,2026-02-10,active"],
    "instalments": ["L1,1,2026-03-10,1000.00,10.00,0,9.00", "L2,1,2026-03-10,1000.00,10.00,0,7.50"],
    "borrowers": [
        "B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true",
        "B2,李安,+8610000000002,,zh,,Asia/Shanghai,1990-01-31,true",
    ],
}


def brought(folder, as_of: date = DAY, **changed: list[str]) -> None:
    """Import the feed and publish its night."""
    feed_in(folder, products=PRODUCTS, **FEED | changed)
    publish(*decided(as_of), NOON)


@pytest.fixture
def desk(tmp_path):
    brought(tmp_path / "feed")


def open_ones() -> list[tuple[str, int, int, int]]:
    rows = PenaltyDifference.objects.filter(gone_at=None, settled_at=None).order_by("loan_id")
    return list(rows.values_list("loan_id", "reported", "computed", "too_much"))


@pytest.mark.postgresql
def test_it_is_told_once_a_night_and_to_the_cent(desk):
    checked = check_due(NOON)
    assert (checked.loans, checked.found) == (2, 1)
    assert open_ones() == [("L1", 900, 750, 150)]
    assert check_due(NOON) is None
    (event,) = Event.objects.filter(kind="penalty")
    assert event.borrower == "B1"
    assert '"computed":750' in event.line
    assert check_penalties(DAY, NOON, actor="test").found == 0


def test_it_ends_when_the_figures_agree_again(desk, tmp_path):
    check_due(NOON)
    brought(
        tmp_path / "again",
        date(2026, 3, 22),
        instalments=["L1,1,2026-03-10,1000.00,10.00,0,9.00", *FEED["instalments"][1:]],
    )
    assert check_due(NOON).gone == 1
    assert open_ones() == [("L2", 750, 900, -150)]


def test_it_ends_too_when_the_lender_takes_all_penalty_off(desk, tmp_path):
    check_due(NOON)
    brought(
        tmp_path / "again",
        date(2026, 3, 21),
        instalments=[row.rsplit(",", 1)[0] + ",0" for row in FEED["instalments"]],
    )
    assert check_due(NOON).gone == 1
    assert open_ones() == []


def test_a_settled_one_rests_for_a_while(desk):
    check_due(NOON)
    make_staff("he", "forbear-demo-2026", "compliance", "F1003", NOON, actor="test")
    he = Staff.objects.get()
    (row,) = PenaltyDifference.objects.all()
    assert isinstance(resolve_difference(row.pk, "  ", he, NOON), Problem)
    assert resolve_difference(row.pk, "贷款系统已更正", he, NOON) is None
    assert isinstance(resolve_difference(row.pk, "again", he, NOON), Problem)
    assert check_penalties(DAY, NOON + REST - timedelta(days=1), actor="test").found == 0
    assert check_penalties(DAY, NOON + REST + timedelta(days=1), actor="test").found == 1
    assert Event.objects.filter(kind="penalty").count() == 3


def test_a_payment_heard_of_by_day_and_a_plan_count(desk):
    made = record_payment(IncomingPayment("P1", "L1", date(2026, 3, 12), 50_000), NOON, actor="bank")
    assert not isinstance(made, Problem)
    # 2 days on 1,000.00 are 1.50; 498.50 go to interest and principal; 8 days on 511.50 are 3.07
    check_penalties(DAY, NOON, actor="test")
    assert open_ones() == [("L1", 900, 457, 443)]
    Plan.objects.create(
        borrower_id="B2", loans=["L2"], amount=1, currency="CNY", minor_unit=100, state="active",
        proposed_on=date(2026, 3, 15), agreed_on=date(2026, 3, 15),
    )  # fmt: skip
    check_penalties(DAY, NOON, actor="test")
    assert open_ones()[1] == ("L2", 750, 375, 375)


def test_compliance_sees_every_line_of_it_and_settles_it(desk):
    check_due(NOON)
    make_staff("he", "forbear-demo-2026", "compliance", "F1003", NOON, actor="test")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(Staff.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    (row,) = PenaltyDifference.objects.all()
    assert ">L1" in client.get("/desk/penalties").content.decode()
    text = re.sub(
        r"\s+", " ", re.sub("<[^>]+>", "", client.get(f"/desk/penalties/{row.pk}").content.decode())
    )
    assert "Instalment 1, 11 March 2026 to 20 March 2026: 1,000.00 × 0.075% × 10 days = CNY 7.50" in text
    assert client.post(f"/desk/penalties/{row.pk}/settle", {"words": "corrected"}).status_code == 302
    assert open_ones() == []
    assert ">L1" not in client.get("/desk/penalties").content.decode()


def test_the_borrower_sees_both_figures_and_what_comes_next(desk, monkeypatch):
    check_due(NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", client.get("/my/owe").content.decode()))
    assert "Late interest charged so far CNY 9.00 · the contract allows up to CNY 8.25 to this day" in text
    assert "The two amounts differ" in text
    # late today 1,019.00, and 7 days at 0.75 more
    assert "In 7 days 28 March 2026 CNY 1,024.25" in text
    assert "Instalment 1, 22 March 2026 to 28 March 2026: unpaid 1,000.00 × 0.075% × 7 days = 5.2500" in text
    assert "Yesterday CNY 1,018.25" in text


def test_without_a_book_there_is_nothing_to_check():
    assert check_due(NOON) is None
    assert check_penalties(DAY, NOON, actor="test") is None
