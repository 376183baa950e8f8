"""Goal: a payment told on the phone is recorded on its case, seen by a second person, and shown where it counts."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from forbear.actions.access import portal_access
from forbear.store.models import (
    Borrower,
    Contact,
    Event,
    Hold,
    Loan,
    PaymentOrder,
    Placement,
    ReportedPayment,
    Staff,
)
from forbear.web import clock as web_clock
from tests.factories.agencies import late_case, make_agency, person, place_all
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
CASE, LIST = "/desk/case/B1/", "/desk/payments/reported"
PHOTO = b"\x89PNG\r\n\x1a\n" + b"receipt"
TOLD = {"loan": "B1-L1", "amount": "412", "paid_on": "2026-03-09", "way": "branch", "reference": "回单77"}


@pytest.fixture
def lin(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    return browser_of(person("lin", "collector"))


def told(desk, **changed):
    return desk.post(f"{CASE}payment", {**TOLD, **changed})


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("../receipt.png", PHOTO, "image/png")


def test_it_is_recorded_and_the_page_says_what_follows(lin):
    assert told(lin).status_code == 302
    words = shown(lin, CASE)
    assert "Recorded. Nobody asks for CNY 412.00 until it is booked, or 2026-03-15 at the latest." in words
    assert "Not booked yet CNY 412.00 · 2026-03-09 · Cash at a branch" in words
    assert "Don't ask for CNY 412.00 until 2026-03-15." in words.replace("&#x27;", "'")
    assert Hold.objects.get(lifted_at=None).kind == "unconfirmed"
    assert Loan.objects.get().past_due_amount == 41_200
    assert "A payment that the borrower reported" in words
    told(lin)
    assert ReportedPayment.objects.count() == 1, "sent twice it is one"
    assert "回单77" not in "".join(Event.objects.values_list("line", flat=True))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"amount": "１２３456"}, "at most all that the loan owes"),
        ({"amount": ""}, "Please fill this in"),
        ({"paid_on": "2026-03-12"}, "Choose 2026-03-10 or earlier"),
        ({"paid_on": "2025-12-12"}, "or later"),
        ({"loan": "B9-L1"}, "Choose one from the list"),
        ({"way": ""}, "Choose one from the list"),
        ({"proofs": SimpleUploadedFile("a.exe", b"MZ", "image/png")}, "only PDF, JPEG, PNG"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(lin, changed, says):
    answer = told(lin, **changed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says.lower() in page.lower()
    assert "回单77" in page
    assert not ReportedPayment.objects.exists()


def test_a_loan_in_another_currency_is_not_offered_beside_an_amount_in_this_one(lin):
    loan = Loan.objects.get()
    loan.pk, loan.currency, loan.days_past_due = "B1-L2", "JPY", 3
    loan.save()
    page = lin.get(CASE).content.decode()
    assert 'value="B1-L1"' in page
    assert 'value="B1-L2"' not in page
    assert "Choose one from the list" in told(lin, loan="B1-L2").content.decode()


def test_a_large_one_waits_among_the_approvals_with_its_proof(lin, policy_of):
    policy_of("reported_payment: {second_above: {CNY: 100.00}}")
    assert "needs proof" in told(lin).content.decode()
    told(lin, proofs=photo())
    row = ReportedPayment.objects.get()
    assert "a second person looks at it" in shown(lin, CASE)
    assert lin.post(f"{LIST}/{row.pk}", {"act": "approve"}, follow=True).status_code == 200
    row.refresh_from_db()
    assert row.decided_by is None
    qin = browser_of(person("qin", "lead"))
    assert f'{LIST}?state=second"' in qin.get("/desk/approvals").content.decode()
    proof = qin.get(f"{LIST}/{row.pk}/proof/1")
    assert b"".join(proof.streaming_content) == PHOTO
    assert "attachment" in proof["Content-Disposition"]
    assert Event.objects.filter(kind="view").count() == 1
    assert qin.get(f"{LIST}/{row.pk}/proof/2").status_code == 404
    answer = qin.post(f"{LIST}/{row.pk}", {"act": "approve", "from": "case"}, follow=True)
    assert "Approved. It counts until 2026-03-15." in answer.content.decode()
    assert f'{LIST}?state=second"' not in qin.get("/desk/approvals").content.decode()
    assert qin.post(f"{LIST}/{row.pk}", {"act": "end"}).status_code == 422
    qin.post(f"{LIST}/{row.pk}", {"act": "end", "note": "of another loan"})
    row.refresh_from_db()
    assert (row.state, row.note) == ("refused", "of another loan")
    assert "of another loan" in shown(qin, f"{LIST}?state=all")
    file = qin.get(f"{LIST}?state=all&became=refused&file=csv")
    assert b"B1-L1" in b"".join(file.streaming_content)


def test_a_collector_withdraws_only_their_own(lin):
    told(lin)
    row = ReportedPayment.objects.get()
    mei = browser_of(person("mei", "collector"))
    assert "Why it counts no more" not in shown(mei, LIST)
    assert (
        "or a lead refuses it" in mei.post(f"{LIST}/{row.pk}", {"act": "end", "note": "x"}).content.decode()
    )
    lin.post(f"{LIST}/{row.pk}", {"act": "end", "note": "wrong case"})
    row.refresh_from_db()
    assert row.state == "withdrawn"
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_one_that_was_not_found_stands_in_the_day_of_who_recorded_it(lin):
    told(lin)
    title = "Reported payments that were not found"
    assert title not in shown(lin, "/desk/")
    ReportedPayment.objects.update(state="lapsed", counts=0, ends_on=NOON.date() - timedelta(days=1))
    assert f"{title} 王** B1 CNY 412.00 2026-03-09" in shown(lin, "/desk/")
    assert title not in shown(browser_of(person("mei", "collector")), "/desk/")


def test_agency_and_borrower_see_what_was_reported(lin, client):
    late_case("B7")
    house = make_agency()
    (placed,) = place_all().rows.all()
    assert placed.borrower_id == "B7"
    loan = Loan.objects.get(borrower="B7")
    row = ReportedPayment.objects.create(
        borrower_id="B7", loan=loan, paid_on=NOON.date(), amount=5_000, counts=5_000, way="transfer",
        ends_on=NOON.date() + timedelta(days=5), reported_at=NOON, reported_by=Staff.objects.get(username="lin"),
    )  # fmt: skip
    page = f"/agency/case/{Placement.objects.get().pk}/"
    hua = browser_of(person("hua", "agency", house))
    assert "Don't ask for CNY 50.00 until 2026-03-15." in shown(hua, page).replace("&#x27;", "'")
    client.cookies["forbear_my"] = portal_access._begin(Borrower.objects.get(pk="B7"), NOON)
    client.cookies["django_language"] = "en"
    words = shown(client, "/my/home")
    assert "You told us that you paid CNY 50.00" in words
    ReportedPayment.objects.filter(pk=row.pk).update(state="lapsed", counts=0)
    assert "We have not found the CNY 50.00" in shown(client, "/my/home")
    assert "Not found in time" in shown(hua, page)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_a_link_to_pay_is_queued_for_the_permit_gate(lin, channel):
    answer = lin.post(f"{CASE}pay-link", {"channel": channel}, follow=True)
    if channel == "email":
        assert "There is no number or address for it." in answer.content.decode()
        return
    assert "Queued. It is sent as soon as contact is allowed." in answer.content.decode()
    contact = Contact.objects.get(template="payment_link")
    assert (contact.purpose, contact.state, contact.loans) == ("remind", "waiting", ["B1-L1"])


def test_orders_and_receipts_stand_with_the_payments(lin):
    PaymentOrder.objects.create(
        order_id="O1", borrower_id="B1", loan_id="B1-L1", amount=41_200, currency="CNY", minor_unit=100,
        state="failed", provider="till", made_at=NOON - timedelta(hours=1),
    )  # fmt: skip
    assert "Not paid CNY 412.00 for B1-L1, payment page opened on 2026-03-10 14:00" in shown(lin, CASE)
