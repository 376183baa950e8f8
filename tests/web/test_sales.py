"""Goal: write-offs and sales are looked at, signed by another and handed out; the borrower reads who owns the debt."""

from datetime import date

import pytest
from django.test import Client

from forbear.actions.holds.holds import place_hold
from forbear.actions.payments.debt_sale import sell_due
from forbear.actions.payments.sale_file import make_sale_files
from forbear.store.models import Sale, WriteOff
from forbear.web import clock as web_clock
from tests.actions.payments.test_debt_sale import PACK, late
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules
from tests.web.pages import born, browser_of, shown
from tests.web.test_portal import BORN, token_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    house_rules(PACK)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


def signed_in(name: str, role: str) -> Client:
    return browser_of(person(name, role))


@pytest.mark.postgresql
def test_from_a_recommendation_to_the_borrowers_page():
    late("B1")
    late("B2")
    manager, officer = signed_in("manager1", "manager"), signed_in("compliance1", "compliance")
    assert "Propose all 2 loans" in shown(manager, "/desk/write-offs")
    manager.post("/desk/write-offs/propose")
    assert "Waiting for approval" in shown(manager, "/desk/write-offs")
    ids = list(WriteOff.objects.values_list("pk", flat=True))
    officer.post("/desk/write-offs/sign", {"id": ids})
    assert "charged off, 2 loans" in shown(officer, "/desk/write-offs")
    assert "Long overdue, and nothing paid for long" in shown(officer, "/desk/case/B1/")
    assert b"loan_id,payment_id,paid_on" in officer.get("/desk/write-offs/recoveries.csv").content
    place_hold("B2", "vulnerable", NOON, actor="test")
    manager.post("/desk/sales/propose", {"name": "瑞安资产", "telephone": "+861000000900"})
    sale = Sale.objects.get()
    page = shown(officer, f"/desk/sales/{sale.number}/")
    assert "The borrower is vulnerable" in page
    assert "CNY 3,000.00" in page
    assert "You proposed it" not in page
    officer.post(f"/desk/sales/{sale.number}/sign")
    assert sell_due(NOON) == 1
    make_sale_files(NOON)
    assert "Sale passport" in shown(officer, f"/desk/sales/{sale.number}/")
    handed = officer.post(f"/desk/sales/{sale.number}/passport")
    assert b"".join(handed.streaming_content)[:2] == b"PK"
    assert "瑞安资产" in shown(manager, "/desk/sales")
    the_borrower_reads_it()


def the_borrower_reads_it() -> None:
    borrower = WriteOff.objects.get(loan_id="B1-L1").borrower
    borrower.born_on = date(1990, 1, 31)
    borrower.save()
    inside = Client(headers={"Accept-Language": "en"})
    inside.post("/my/", {"token": token_of(borrower), **born(BORN)})
    assert "was sold on 10 March 2026 to 瑞安资产" in shown(inside, "/my/home")
    page = shown(inside, "/my/who")
    assert "You owe no more than before" in page
    assert "+861000000900" in page


def test_what_is_declined_is_not_sold():
    late("B1")
    manager, officer = signed_in("manager1", "manager"), signed_in("compliance1", "compliance")
    assert (
        "No loan may be sold"
        in manager.post("/desk/sales/propose", {"name": "x"}, follow=True).content.decode()
    )
    manager.post("/desk/write-offs/propose")
    officer.post(
        "/desk/write-offs/sign", {"id": list(WriteOff.objects.values_list("pk", flat=True)), "act": "decline"}
    )
    assert WriteOff.objects.get().state == "declined"
