"""Goal: payments that fit no loan wait on a page of the desk, where a person applies or refuses each."""

import pytest

from forbear.actions.cases.unapplied_payments import receive_payment
from forbear.core.loans.incoming import IncomingPayment
from forbear.store.models import Hold, Payment, Staff, UnappliedPayment
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.web.pages import browser_of, shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAGE = "/desk/payments/unapplied"


@pytest.fixture
def lead(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    make_borrower()
    for name, loan in (("P1", "b1 l1"), ("P2", "<b>none</b>")):
        receive_payment(IncomingPayment(name, loan, NOON.date(), 20000), NOON, actor="key:bank")
    return browser_of(Staff.objects.create_user(username="qin", password="x", role="lead", number="F1"))


def test_the_page_lists_them_with_the_loans_they_may_be_for(lead):
    page = shown(lead, PAGE)
    assert "P1" in page
    assert "B1-L1" in page
    assert "<b>none" not in lead.get(PAGE).content.decode()
    assert PAGE in lead.get("/desk/").content.decode(), "it stands in the menu"


def test_one_is_applied_and_one_refused(lead):
    first, second = UnappliedPayment.objects.order_by("pk")
    assert Hold.objects.filter(kind="unapplied", lifted_at=None).exists()
    answer = lead.post(f"{PAGE}/{first.pk}", {"act": "apply", "loan": "B1-L1"}, follow=True)
    assert "Applied." in answer.content.decode()
    assert Payment.objects.get().loan_id == "B1-L1"
    assert (
        "Please fill this in"
        in lead.post(f"{PAGE}/{second.pk}", {"act": "refuse"}, follow=True).content.decode()
    )
    lead.post(f"{PAGE}/{second.pk}", {"act": "refuse", "note": "sent back"})
    assert set(UnappliedPayment.objects.values_list("state", flat=True)) == {"applied", "refused"}
    assert "P1" not in shown(lead, PAGE)
    assert "sent back" in shown(lead, f"{PAGE}?state=all")
    assert not Hold.objects.filter(kind="unapplied", lifted_at=None).exists()


def test_a_loan_of_no_case_and_a_second_decision_change_nothing(lead):
    first = UnappliedPayment.objects.order_by("pk")[0]
    lead.post(f"{PAGE}/{first.pk}", {"act": "apply", "other": "none"})
    assert not Payment.objects.exists()
    lead.post(f"{PAGE}/{first.pk}", {"act": "apply", "other": "\tB1-L1 "})
    lead.post(f"{PAGE}/{first.pk}", {"act": "refuse", "note": "no"})
    first.refresh_from_db()
    assert (first.state, Payment.objects.count()) == ("applied", 1)


@pytest.mark.parametrize("role", ["collector", "analyst", "agency", "auditor"])
def test_others_find_no_such_page(lead, role):
    person = browser_of(Staff.objects.create_user(username=role, password="x", role=role, number=role))
    assert person.get(PAGE).status_code == 404
    assert person.post(f"{PAGE}/1", {"act": "apply", "loan": "B1-L1"}).status_code == 404
    assert not Payment.objects.exists()
