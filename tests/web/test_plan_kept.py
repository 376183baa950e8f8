"""Goal: a plan that people can keep: affordable beside what falls due anyway, remembered, paid by its instalments.

Method: a real book with one instalment late and seven to come, nights published from it, the pages without scripts.
"""

import io
import re
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import settings as settings_of
from hypothesis import strategies as some
from pypdf import PdfReader

from forbear.actions.access.portal_access import link_for
from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.agreements.plans import Proposed, propose_plan
from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.agreements.reminders import remind_due
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.send import claim, send_one
from forbear.core.agreements.plan import (
    Budget,
    PlanLine,
    PlanPolicy,
    affordable_offers,
    busiest_month,
    check_plan,
    outstanding_lines,
    spread,
)
from forbear.core.loans.incoming import IncomingPayment
from forbear.publish.publish import publish
from forbear.store.models import Consent, Contact, Document, Hold, PaymentOrder, Plan, Promise
from forbear.web import clock as web_clock
from tests.factories.desk import Recorder, house_rules
from tests.home_night import decided, feed_in
from tests.profile import examples
from tests.web.pages import born, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FEED = {
    "loans": ["L1,B1,cash,CNY,10400.00,2026-01-01,active"],
    "instalments": [f"L1,{n},{date(2026, 1 + n, 25)},1300.00,126.00,0,0" for n in range(1, 9)],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
}
#: 2,000.00 are left in a month; the regular instalment takes 1,426.00 of them.
BUDGET = {
    "income": "￥8,000元",
    "housing": "２５００",
    "living": "3500.00",
    "dependants": "",
    "other_debts": "0",
}


class Hand:
    """The clock of the pages, moved by the story."""

    at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def hand(monkeypatch):
    made = Hand()
    monkeypatch.setattr(web_clock, "now", made)
    return made


def enter(at: datetime) -> Client:
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), at).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    return client


@pytest.fixture
def inside(tmp_path, hand):
    """The borrower's browser, signed in, where the demo's till takes payments."""
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(date(2026, 3, 10)), NOON)
    house_rules()
    (settings.HOME.folder / "payments.yaml").write_text("till: {kind: till}\n", encoding="utf-8")
    return enter(NOON)


def test_a_plan_is_offered_only_beside_what_falls_due_anyway(inside):
    page = inside.post("/my/plan", {**BUDGET, "living": "4600"}).content.decode()
    assert "a plan would be too heavy on this budget" in page
    page = inside.post("/my/plan", BUDGET).content.decode()
    assert re.findall(r'name="months"\s+value="(\d+)"', page) == ["5", "6", "12", "24"]
    assert "With your regular instalments of up to CNY 1,426.00: CNY 1,711.20 in the busiest month" in page
    assert page.count("A second person checks this plan") == 1, "beyond twelve months"


@pytest.mark.parametrize("left_out", ["income", "housing", "living"])
def test_an_empty_answer_is_no_zero(inside, left_out):
    page = inside.post("/my/plan", {**BUDGET, left_out: ""}).content.decode()
    assert f'id="id_{left_out}_error"' in page
    assert "￥8,000元" in page or left_out == "income"
    for wrong in ("1e5", "-5", "abc", "0.001", "9" * 30):
        page = inside.post("/my/plan", {**BUDGET, left_out: wrong}).content.decode()
        assert f'id="id_{left_out}_error"' in page, wrong
        assert f'value="{wrong}"' in page


def test_a_budget_is_in_no_address(inside):
    assert 'method="get"' not in inside.get("/my/plan").content.decode()
    assert "Choose a plan" not in inside.get("/my/plan?income=8000&housing=1&living=1").content.decode()


def test_a_plan_from_signing_to_its_second_instalment(inside, hand):
    """11 March signed; 7 April reminded at night's work; paid; changed; ended."""
    answer = inside.post("/my/plan", {**BUDGET, "months": "6"})
    plan = Plan.objects.get()
    assert answer["Location"] == f"/my/plan/{plan.pk}"
    page = shown(inside, answer["Location"])
    assert "Next: 10 April 2026 CNY 237.67" in page
    assert "We remind you three days before each instalment" in page
    assert 'value="237.67"' in inside.get(f"/my/pay?plan={plan.pk}").content.decode()

    paper = inside.post(f"/my/plan/{plan.pk}/paper")["Location"]
    text = "".join(
        p.extract_text() for p in PdfReader(io.BytesIO(b"".join(inside.get(paper).streaming_content))).pages
    )
    assert "CNY 237.67" in text
    assert "10 September 2026" in text
    assert verify_caller(Document.objects.get().code, NOON).paper == "plan_agreement"
    assert inside.post(f"/my/plan/{plan.pk}/paper")["Location"] == paper

    assert remind_due(NOON) == 0
    hand.at = datetime(2026, 4, 7, 4, 0, tzinfo=UTC)
    publish(*decided(date(2026, 4, 6)), hand.at)
    assert remind_due(hand.at) == 1
    assert remind_due(hand.at + timedelta(hours=1)) == 0, "once"
    (reminder,) = Contact.objects.filter(template="plan_due")
    recorder = Recorder()
    for mine in claim("w", hand.at, limit=50):
        send_one(mine, "w", {"sms": recorder}, lambda: hand.at)
    reminder.refresh_from_db()
    assert (reminder.state, reminder.purpose) == ("sent", "remind")
    assert "237.67 元 将于2026年4月10日到期" in reminder.body

    inside = enter(hand.at)
    page = inside.post("/my/pay/start", {"loan": "L1", "amount": "２３７．６７"}).content.decode()
    assert "Your plan goes on" in page
    order = PaymentOrder.objects.get()
    inside.post(f"/till/{order.pk}", {"pay": "1"})
    receipt = shown(inside, f"/my/receipt/{order.pk}")
    assert "Instalment 1 of 25 February 2026: CNY 237.67, still to pay CNY 1,188.33" in receipt
    assert "CNY 2,614.33 is still late" in receipt
    assert "Next: 10 May 2026" in shown(inside, f"/my/plan/{plan.pk}")

    page = inside.post("/my/plan", {**BUDGET, "change": "1"}).content.decode()
    months = re.findall(r'name="months"\s+value="(\d+)"', page)
    answer = inside.post("/my/plan", {**BUDGET, "change": "1", "months": months[0]})
    second = Plan.objects.latest("pk")
    plan.refresh_from_db()
    assert (plan.state, second.state, second.amount) == ("ended", "active", 261_433)
    assert Hold.objects.filter(kind="plan", lifted_at=None).count() == 1
    inside.post(f"/my/plan/{second.pk}/end", {"words": ""})
    second.refresh_from_db()
    assert second.state == "ended"
    assert not Hold.objects.filter(kind="plan", lifted_at=None).exists()
    page = shown(inside, f"/my/plan/{second.pk}")
    assert "Your plan has ended" in page
    assert "We may ask you again for what is late." in page
    assert "Make a new plan" in page
    assert page.count("—") >= len(second.lines), "what this plan asks no more is not still to be paid"


def test_reminders_that_cannot_come_are_not_promised(inside):
    inside.post("/my/plan", {**BUDGET, "months": "6"})
    plan = Plan.objects.get()
    inside.post("/my/rights/channels", {"channel": []})
    assert Consent.objects.filter(given=False).exists()
    page = shown(inside, f"/my/plan/{plan.pk}")
    assert "note the days yourself" in page
    assert "We remind you" not in page


def test_a_promise_is_brought_to_mind_the_day_before_and_a_plan_takes_its_place(inside, hand):
    made = record_promise(Offered("B1", ("L1",), 142_600, date(2026, 3, 20)), NOON, actor="borrower")
    assert isinstance(made, Promise), made
    assert remind_due(NOON) == 0
    assert remind_due(NOON + timedelta(days=8)) == 1
    assert remind_due(NOON + timedelta(days=9)) == 0
    page = inside.post("/my/plan", BUDGET).content.decode()
    assert "takes the place of the payment you promised" in page
    inside.post("/my/plan", {**BUDGET, "months": "6"})
    made.refresh_from_db()
    assert (made.state, Plan.objects.get().state) == ("cancelled", "active")


def test_a_promise_counts_until_the_plan_in_its_place_is_approved(inside, hand):
    record_promise(Offered("B1", ("L1",), 142_600, date(2026, 3, 20)), NOON, actor="borrower")
    lines = tuple(spread(142_600, 13, date(2026, 4, 8)))
    plan = propose_plan(Proposed("B1", ("L1",), lines, replaces=True), NOON, actor="borrower")
    assert isinstance(plan, Plan), plan
    assert plan.state == "proposed"
    words = shown(inside, f"/my/plan/{plan.pk}")
    assert "the payment that you promised for" in words or "该承诺仍然有效" in words
    assert Promise.objects.get().state == "open"


def test_a_part_payment_says_what_it_does_not_stop(inside):
    page = inside.post("/my/pay/start", {"loan": "L1", "amount": "1000"}).content.decode()
    assert "After this CNY 426.00 is still late" in re.sub(r"\s+", " ", page)
    assert "We go on reminding you of that" in page
    order = PaymentOrder.objects.get()
    inside.post(f"/till/{order.pk}", {"pay": "1"})
    text = shown(inside, f"/my/receipt/{order.pk}")
    assert "Instalment 1 of 25 February 2026: CNY 1,000.00, still to pay CNY 426.00" in text
    assert "CNY 426.00 is still late" in text
    order.refresh_from_db()
    page = inside.get("/my/pay").content.decode()
    assert page.count(order.payment_id) == 1, "one payment shows once"
    record_payment(
        IncomingPayment("R1", "L1", date(2026, 3, 11), 100_000, order.payment_id), NOON, actor="bank"
    )
    assert "returned by the bank, not counted" in shown(inside, "/my/pay")


@pytest.mark.parametrize("amount", ["", "0", "-1", "12000", "1e2", "一百"])
def test_an_amount_that_makes_no_sense_is_said_at_its_field_and_kept(inside, amount):
    page = inside.post("/my/pay/start", {"loan": "L1", "amount": amount}).content.decode()
    assert "_error" in page
    assert f'value="{amount}"' in page or not amount
    assert not PaymentOrder.objects.exists()


MONTHS = some.integers(0, 300_000)


@settings_of(max_examples=examples(200), deadline=None)
@given(owed=some.integers(5_000, 3_000_000), left=MONTHS, regular=some.lists(MONTHS, max_size=8))
def test_no_offer_is_more_than_is_left_beside_the_regular_instalments(owed, left, regular):
    today, terms = date(2026, 3, 11), PlanPolicy()
    running = [PlanLine(n, today + timedelta(days=14 + 30 * n), amount) for n, amount in enumerate(regular)]
    budget = Budget(income=left)
    for lines in affordable_offers(owed, budget, terms, today + timedelta(days=30), today, running):
        assert lines[0].amount + busiest_month(running, lines, today) <= left
        assert check_plan(lines, owed, today, terms, budget, running) == []
        assert sum(line.amount for line in outstanding_lines(lines, owed // 2)) == owed - owed // 2
