"""Goal: legal staff take a case to court through pages, a second person signs, and the borrower sees what goes on."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from playwright.sync_api import Page
from pypdf import PdfReader, PdfWriter

from forbear.actions.court.lawsuits import Moved, move_lawsuit, propose_lawsuit, sign_lawsuit, stop_due
from forbear.actions.staff.new_staff import make_staff
from forbear.store.evidence import store_attachment
from forbear.store.models import Borrower, Lawsuit, Loan, Treatment
from tests.factories.desk import house_rules, make_borrower
from tests.factories.visits import give_address
from tests.profile import variants
from tests.web.pages import browser_of
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site
from tests.web.test_portal import shown

PASSWORD = "forbear-demo-2026"
DAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()


def late_borrower(borrower) -> None:
    Loan.objects.filter(borrower=borrower).update(
        days_past_due=200,
        past_due_amount=900_000,
        outstanding=2_000_000,
        payoff=2_000_000,
        balance=2_000_000,
        principal=2_000_000,
    )
    Treatment.objects.create(
        borrower=borrower, loan_id=f"{borrower.pk}-L1", planned_on=DAY, position=0, channel="court",
        template="payment_order", stage="legal", state="planned",
    )  # fmt: skip


@pytest.fixture
def desk():
    house_rules("pack: house\nrules: []\n")
    late_borrower(make_borrower())


def signed_in(name: str, role: str) -> Client:
    staff = make_staff(
        name, PASSWORD, role, name.upper(), datetime.now(UTC) - timedelta(days=40), actor="test"
    )
    return browser_of(staff)


def paper() -> SimpleUploadedFile:
    writer, made = PdfWriter(), BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(made)
    return SimpleUploadedFile("contract.pdf", made.getvalue(), "application/pdf")


@pytest.mark.database
@pytest.mark.django_db
def test_from_the_list_to_the_court(desk):
    legal, officer = signed_in("fang", "legal"), signed_in("he", "compliance")
    assert "Order to pay" in shown(legal, "/desk/court/wanted")
    assert "CNY 3,600.00" in shown(legal, "/desk/court/wanted"), "what it may bring"
    answer = legal.post("/desk/court/propose", {"borrower": "B1"})
    address = answer["Location"]
    lawsuit = Lawsuit.objects.get()
    assert address == f"/desk/court/{lawsuit.pk}"
    assert "Record next step" not in shown(legal, address), "it waits for the second signature"
    assert legal.post(address + "/sign", {"answer": "yes"}).status_code == 404
    officer.post(address + "/sign", {"answer": "yes"})
    today = DAY.isoformat()
    legal.post(address + "/step", {"to": "demanded", "on": today, "files": [paper()], "fee": "12.50"})
    lawsuit.refresh_from_db()
    assert lawsuit.state == "demanded"
    assert [len(step.papers) for step in lawsuit.steps.order_by("pk")] == [0, 0, 1]
    page = shown(legal, address)
    assert "The borrower answers the letter before claim" in page
    assert "CNY 12.50" in page
    assert "Letter before claim sent fang FANG" in page, "colleagues are called by name and number"
    filed = {"to": "filed", "on": today, "court": "上海市浦东新区人民法院"}
    page = legal.post(address + "/step", filed).content.decode()
    assert "is unanswered" in page
    assert "上海市浦东新区人民法院" in page
    assert legal.post(address + "/step", {"to": "mediating", "on": "soon"}).status_code == 422
    assert "Choose a day." in legal.post(address + "/step", {"to": "x", "on": ""}).content.decode()
    assert "Approvals" in shown(officer, "/desk/court")
    assert f"S{lawsuit.pk}" in shown(officer, "/desk/court?state=demanded")
    assert f"S{lawsuit.pk}" not in shown(officer, "/desk/court?state=filed")
    # without a book nothing can be told line by line
    assert "import the feed first" in legal.post(address + "/bundle", follow=True).content.decode()
    assert legal.get(address + "/papers")["Location"] == address


@pytest.mark.database
@pytest.mark.django_db
def test_a_suit_without_anything_late_asks_for_a_decision_in_both_languages(desk):
    legal, officer = signed_in("fang", "legal"), signed_in("he", "compliance")
    address = legal.post("/desk/court/propose", {"borrower": "B1"})["Location"]
    officer.post(address + "/sign", {"answer": "yes"})
    assert "a decision is needed" not in shown(legal, address)
    assert "Approved to be decided" not in shown(legal, "/desk/court")
    Loan.objects.update(past_due_amount=0, days_past_due=0)
    assert stop_due(datetime.now(UTC)) == 0
    assert "Nothing is past due any more: a decision is needed" in shown(legal, address)
    assert "Approved to be decided" in shown(legal, "/desk/court?state=decide")
    chinese = legal.get(address, headers={"accept-language": "zh-CN"}).content.decode()
    assert "已无逾期，须决定" in chinese
    assert "其余分期尚未到期" in chinese
    legal.post(address + "/step", {"to": "ended", "on": DAY.isoformat(), "ending": "current"})
    assert "What was late is paid, the rest is not due yet" in shown(legal, address)
    assert Lawsuit.objects.get().ended_reason_code == "current"


@pytest.mark.database
@pytest.mark.django_db
def test_a_kept_bundle_is_handed_out_as_a_file(desk):
    legal = signed_in("fang", "legal")
    legal.post("/desk/court/propose", {"borrower": "B1"})
    lawsuit = Lawsuit.objects.get()
    lawsuit.bundle = store_attachment(paper().read(), "application/pdf")
    lawsuit.save()
    answer = legal.get(f"/desk/court/{lawsuit.pk}/papers")
    assert answer["Content-Disposition"] == f'attachment; filename="S{lawsuit.pk}.pdf"'
    assert len(PdfReader(BytesIO(b"".join(answer.streaming_content))).pages) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("width", variants(390, 1280))
def test_everybody_can_use_the_pages(chromium, site, width):
    house_rules("pack: house\nrules: []\n")
    now = datetime.now(UTC)
    legal = make_staff("fang", PASSWORD, "legal", "F9", now, actor="test")
    manager = make_staff("wang", PASSWORD, "manager", "M9", now, actor="test")
    late_borrower(Borrower.objects.get())
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale="zh-CN", base_url=site)
    page: Page = context.new_page()
    page.goto("/sign-in")
    page.fill("input[name=username]", "fang")
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    for path in ("court", "court/wanted"):
        page.goto(f"/desk/{path}")
        assert serious(page) == [], path
        assert fits(page), path
    lawsuit = propose_lawsuit("B1", legal, now)
    assert isinstance(lawsuit, Lawsuit), lawsuit
    sign_lawsuit(lawsuit.pk, True, manager, now)
    move_lawsuit(lawsuit.pk, Moved("demanded", DAY), legal, now)
    Loan.objects.update(past_due_amount=0, days_past_due=0)
    stop_due(now)
    for path in ("court", f"court/{lawsuit.pk}"):
        page.goto(f"/desk/{path}")
        assert serious(page) == [], path
        assert fits(page), path
    context.close()


@pytest.mark.database
@pytest.mark.django_db
def test_the_letter_before_claim_is_sent_from_the_page(desk):
    legal, officer = signed_in("fang", "legal"), signed_in("he", "compliance")
    address = legal.post("/desk/court/propose", {"borrower": "B1"})["Location"]
    assert "Send letter before claim" not in shown(legal, address)
    officer.post(address + "/sign", {"answer": "yes"})
    assert "Send letter before claim" in shown(legal, address)
    assert "Send letter before claim" not in shown(officer, address)
    assert officer.post(address + "/demand").status_code == 404
    told = legal.post(address + "/demand", follow=True).content.decode()
    assert "no postal address" in told
    give_address(Borrower.objects.get(pk="B1"))
    legal.post(address + "/demand")
    page = shown(legal, address)
    assert "Send letter before claim" not in page
    assert "Waiting" in page
    assert "Not yet known" in page
