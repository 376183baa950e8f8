"""Goal: a borrower pays on a phone through the demo's till, keeps the receipt, and takes the proof of settlement.

Method: a real book of one loan, a night published from it, and the pages as a browser without scripts asks for them.
"""

import io
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from forbear.actions.access.portal_access import link_for
from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.cases.payments import record_payment
from forbear.core.loans.incoming import IncomingPayment
from forbear.publish.publish import publish
from forbear.store.models import Case, Contact, Document, Loan, Payment, PaymentOrder
from forbear.web import clock as web_clock
from tests.home_night import decided, feed_in
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FEED = {
    "loans": ["L1,B1,cash,CNY,400.00,2026-01-01,active"],
    "instalments": ["L1,1,2026-02-25,400.00,12.00,0,0"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
}


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """The borrower's browser, signed in, where the demo's till takes payments."""
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(date(2026, 3, 10)), NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    (settings.HOME.folder / "payments.yaml").write_text("till: {kind: till}\n", encoding="utf-8")
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    return client


def ordered(client: Client, amount: str = "412.00") -> PaymentOrder:
    page = client.post("/my/pay/start", {"loan": "L1", "amount": amount}).content.decode()
    return PaymentOrder.objects.get(pk=re.search(r"/till/(\w+)", page)[1])


def test_all_is_paid_and_the_proof_can_be_checked_for_good(inside):
    assert 'value="412.00"' in inside.get("/my/pay").content.decode()
    order = ordered(inside)
    assert "Nothing is really paid" in inside.get(f"/till/{order.order_id}").content.decode()
    answer = inside.post(f"/till/{order.order_id}", {"pay": "1"})
    assert answer["Location"] == f"/my/receipt/{order.order_id}"
    text = inside.get(answer["Location"]).content.decode()
    assert "Your payment has arrived" in text
    assert "Download the paid-in-full letter" in text
    assert Case.objects.get().closed_on == date(2026, 3, 11)
    assert not Contact.objects.filter(state="waiting", purpose="collect").exists()
    home = inside.get("/my/home").content.decode()
    assert "Your loans are paid in full" in home
    assert 'href="/my/pay#paid"' in home
    assert "/my/due" not in home, "nothing falls due any more"
    assert 'id="paid"' in inside.get("/my/pay").content.decode()

    path = inside.post("/my/settled", {"loan": "L1"})["Location"]
    pdf = PdfReader(io.BytesIO(b"".join(inside.get(path).streaming_content)))
    words = re.sub(r"\s+", " ", "".join(page.extract_text() for page in pdf.pages))
    document = Document.objects.get(kind="settlement_proof")
    assert "in full on 11 March 2026" in words
    assert f"{document.code[:4]}-{document.code[4:]}" in words
    assert verify_caller(document.code, NOON.replace(year=2046)) is not None
    assert inside.post("/my/settled", {"loan": "L1"})["Location"] == path


def test_pressing_twice_pays_once_and_cancelling_pays_nothing(inside):
    order = ordered(inside, "100")
    inside.post(f"/till/{order.order_id}", {"cancel": "1"})
    assert "Nothing was paid" in inside.get(f"/my/receipt/{order.order_id}").content.decode()
    order = ordered(inside, "100")
    for _ in range(2):
        inside.post(f"/till/{order.order_id}", {"pay": "1"})
    assert Payment.objects.count() == 1
    assert Loan.objects.get().outstanding == 31_200


@pytest.mark.parametrize("amount", ["", "0", "-1", "412.01", "1e2", "99999999999999999999"])
def test_an_amount_that_makes_no_sense_is_said_at_its_field(inside, amount):
    page = inside.post("/my/pay/start", {"loan": "L1", "amount": amount}).content.decode()
    assert 'id="id_amount_L1_error"' in page
    assert not PaymentOrder.objects.exists()


def test_there_is_no_proof_while_something_is_left_or_the_payment_bounced(inside):
    assert inside.post("/my/settled", {"loan": "L1"})["Location"] == "/my/pay"
    record_payment(IncomingPayment("P1", "L1", date(2026, 3, 11), 41_200), NOON, actor="bank")
    record_payment(IncomingPayment("R1", "L1", date(2026, 3, 11), 41_200, "P1"), NOON, actor="bank")
    inside.post("/my/settled", {"loan": "L1"})
    inside.post("/my/settled", {"loan": "L9"})
    assert not Document.objects.exists()


def test_nothing_of_anothers_and_no_till_but_the_demos(inside):
    order = ordered(inside)
    stranger = Client()
    assert stranger.get(f"/my/receipt/{order.order_id}")["Location"] == "/my/"
    assert inside.post("/my/pay/start", {"loan": "L2", "amount": "1"}).status_code == 404
    assert inside.get("/my/receipt/ORDER").status_code == 404
    (settings.HOME.folder / "payments.yaml").write_text("", encoding="utf-8")
    assert inside.get(f"/till/{order.order_id}").status_code == 404
    assert inside.post("/my/pay/start", {"loan": "L1", "amount": "1"}).status_code == 404
    assert inside.post("/paid/till", b"{}", content_type="application/json").status_code == 404
    assert "Pay online" not in inside.get("/my/pay").content.decode()
