"""Goal: an order goes out signed and is paid once; news counts only with its proof, its order and its amount.

Method: a provider in a process of its own on loopback, the site served, and real HTTP both ways.
"""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.staticfiles.testing import StaticLiveServerTestCase

from forbear.actions.payments.pay import SAME_WITHIN, open_order
from forbear.actions.selectors.home_channels import home_gateway, home_payments
from forbear.channels.settings import ChannelsError, parse_payments
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.store.models import Contact, Event, Loan, Payment, PaymentOrder, Request
from tests.channels.process import python_peer
from tests.factories.desk import house_rules, make_borrower, wished

pytestmark = [pytest.mark.database]
ORDER_SECRET = "whsec_" + "b29v" * 10 + "b28="
HOOK_SECRET = "whsec_" + "aGho" * 10 + "aGg="


@pytest.fixture(scope="module")
def provider():
    with python_peer("till") as peer:
        yield peer


@pytest.fixture
def site(transactional_db, settings, provider, monkeypatch):
    """A served site whose payments go to the provider, with one borrower and a text that waits."""
    monkeypatch.setenv("PAY_SECRET", ORDER_SECRET)
    monkeypatch.setenv("PAY_HOOK", HOOK_SECRET)
    (settings.HOME.folder / "payments.yaml").write_text(
        f"gate: {{kind: pay_http, url: 'http://127.0.0.1:{provider.port}/orders', secret_env: PAY_SECRET, "
        "hook_secret_env: PAY_HOOK}\n",
        encoding="utf-8",
    )
    house_rules()
    StaticLiveServerTestCase.setUpClass()
    yield StaticLiveServerTestCase.live_server_url
    StaticLiveServerTestCase.doClassCleanups()


def now() -> datetime:
    return datetime.now(UTC)


def ordered(amount: int = 41_200) -> PaymentOrder | Problem:
    borrower = Loan.objects.get().borrower if Loan.objects.exists() else make_borrower()
    till = home_gateway(now)
    made = open_order(borrower, "B1-L1", amount, till, now())
    till.close()
    return made


def news(provider, site: str, order: PaymentOrder, /, **changed: object) -> int:
    told = {
        "url": f"{site}/paid/gate",
        "order": order.order_id,
        "ref": order.provider_ref,
        "state": "paid",
        "amount": order.amount,
        "currency": order.currency,
        "paid_at": now().isoformat(),
    }
    provider.say(**told | changed)
    return provider.hear_of("answered")["status"]


def test_an_order_goes_out_signed_and_names_nobody(site, provider):
    order = ordered()
    assert order.page == f"https://pay.example.net/{order.order_id}"
    told = provider.hear_of("order")
    assert (told["good"], told["id"]) == (True, order.order_id)
    assert told["told"]["amount"] == 41_200
    assert told["told"]["notify_url"].endswith("/paid/gate")
    assert not {"B1", "B1-L1", "王小明", "10000000001"} & set(json.dumps(told).replace('"', " ").split())


def test_paid_once_however_often_it_is_told(site, provider):
    order = ordered()
    waiting = wished(order.borrower, now=now())
    for _ in range(3):
        assert news(provider, site, order) == 200
    order.refresh_from_db()
    assert order.state == "paid"
    (payment,) = Payment.objects.all()
    assert (payment.payment_id, payment.amount, payment.loan_id) == (order.payment_id, 41_200, "B1-L1")
    assert Contact.objects.get(pk=waiting.pk).state == "cancelled"
    (receipt,) = Contact.objects.filter(template="payment_receipt")
    assert (receipt.purpose, receipt.state) == ("confirm", "waiting")
    assert Event.objects.filter(kind="payment").count() == 2


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"sign": False}, 403),
        ({"late": 400}, 403),
        ({"order": "A" * 24}, 404),
        ({"state": "settled"}, 400),
        ({"amount": -5}, 400),
        ({"amount": "41200"}, 400),
        ({"paid_at": "yesterday"}, 400),
        ({"ref": "<b>"}, 400),
    ],
)
def test_news_without_its_proof_or_sense_is_not_taken(site, provider, changed, status):
    order = ordered()
    assert news(provider, site, order, **changed) == status
    order.refresh_from_db()
    assert order.state == "opened"
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"amount": 41_201}, "order_amount_differs"),
        ({"amount": 1}, "order_amount_differs"),
        ({"currency": "USD"}, "order_amount_differs"),
        ({"ref": "another"}, "order_reference_differs"),
        ({"paid_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "order_paid_at_impossible"),
    ],
)
def test_news_that_does_not_fit_the_order_pays_nothing_and_is_on_record(site, provider, changed, code):
    order = ordered()
    for _ in range(2):
        assert news(provider, site, order, **changed) == 200
    order.refresh_from_db()
    assert order.state == "doubtful"
    assert not Payment.objects.exists()
    (event,) = Event.objects.filter(kind="payment")
    assert '"doubtful"' in event.line
    asked = Request.objects.get()
    assert (asked.kind, asked.line, asked.state, asked.source) == (
        "payment_check",
        order.order_id,
        "open",
        "provider",
    )
    assert Reason.read(asked.details["doubt"]) == Reason.of(code)
    assert (asked.hold.kind, asked.hold.loans) == ("dispute", [order.loan_id])


def test_a_second_payment_of_one_order_is_for_a_person(site, provider):
    order = ordered()
    assert news(provider, site, order) == 200
    assert news(provider, site, order, ref="another") == 200
    assert Payment.objects.count() == 1
    order.refresh_from_db()
    assert order.state == "paid"
    assert Request.objects.get().kind == "payment_check"


def test_what_failed_may_still_be_paid(site, provider):
    order = ordered()
    assert news(provider, site, order, state="failed") == 200
    order.refresh_from_db()
    assert order.state == "failed"
    assert news(provider, site, order) == 200
    assert Payment.objects.count() == 1
    assert news(provider, site, order, state="failed") == 200
    order.refresh_from_db()
    assert order.state == "paid"


def test_the_same_order_is_not_opened_twice(site, provider):
    first, again, other = ordered(), ordered(), ordered(100)
    assert first.pk == again.pk != other.pk
    PaymentOrder.objects.filter(pk=first.pk).update(made_at=now() - SAME_WITHIN)
    assert ordered().pk != first.pk


@pytest.mark.parametrize("amount", [0, -1, 300_001])
def test_more_than_is_left_is_not_ordered(site, amount):
    assert isinstance(ordered(amount), Problem)
    assert not PaymentOrder.objects.exists()


@pytest.mark.parametrize("how", ["broken", "badly"])
def test_a_provider_that_fails_or_leads_elsewhere_gives_no_page(site, provider, how):
    provider.say(how=how)
    provider.hear_of("told")
    assert isinstance(ordered(), Problem)
    assert PaymentOrder.objects.get().state == "failed"
    provider.say(how="well")
    provider.hear_of("told")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a: {kind: pay_http}", "url"),
        ("a: {kind: nobody}", "kind"),
        ("a: {kind: till}\nb: {kind: till}", "one provider"),
        ("- a", "one provider"),
        ("a: {kind: pay_http, url: 'http://a.example', secret_env: X, hook_secret_env: X}", "https"),
        ("a: {kind: pay_http, url: 'https://a.example', secret_env: X, hook_secret_env: X}", "another key"),
    ],
)
def test_mistakes_are_told(text, wrong):
    with pytest.raises(ChannelsError, match=wrong):
        parse_payments(text, "payments.yaml", {"X": ORDER_SECRET})


def test_a_home_without_the_file_takes_no_payments(settings):
    assert home_payments() is None
    assert parse_payments("", "payments.yaml", os.environ) is None
