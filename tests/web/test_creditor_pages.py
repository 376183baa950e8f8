"""Goal: a borrower's pages say of each loan to whom it is owed, and how that creditor is paid and reached."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.interchange.book.import_feed import import_feed
from forbear.publish.publish import publish
from forbear.store.models import Staff
from forbear.web import clock as web_clock
from tests.factories.creditors import DONGHU, QINGHE, collecting_for
from tests.home_night import decided
from tests.interchange.book.small_feed import write
from tests.web.pages import born, browser_of, without_lots

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
HEADER = "loan_id,borrower_id,product,currency,principal,disbursed_on,status,creditor"
LOANS = [
    "LA1,B1,cash,CNY,100.00,2026-01-01,active,donghu",
    "LB2,B1,cash,CNY,200.00,2026-01-01,active,qinghe",
    "LC3,B1,cash,CNY,300.00,2026-01-01,active,",
]


@pytest.fixture(params=["en", "zh"])
def inside(request, tmp_path, monkeypatch):
    feed = write(
        tmp_path / "feed",
        loans=[],
        instalments=[f"{loan.split(',')[0]},1,2026-03-01,{loan.split(',')[4]},0,0,0" for loan in LOANS],
        borrowers=["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
    )
    (feed / "loans.csv").write_text("\n".join([HEADER, *LOANS, ""]), encoding="utf-8")
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    with collecting_for(DONGHU, QINGHE):
        home = settings.HOME
        import_feed(home.book, feed, quarantine=home.quarantine, threads=1, creditors=home.creditor_codes)
        publish(*decided(date(2026, 3, 10)), NOON)
        token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit(
            "/", 1
        )[1]
        client = Client(headers={"Accept-Language": request.param})
        client.post("/my/", {"token": token, **born("19900131")})
        client.place = 1 if request.param == "en" else 0
        yield client


def main_of(client: Client, path: str) -> str:
    page = without_lots(client.get(path))
    return " ".join(page[page.index("<main") :].split())


def section_of(page: str, name: str) -> str:
    """The one section that speaks of a loan."""
    (part,) = [part for part in page.split("<section")[1:] if name in part]
    return part


def test_each_loan_is_shown_with_its_own_creditor(inside):
    page = main_of(inside, "/my/owe")
    bank, other = DONGHU.names[inside.place], QINGHE.names[inside.place]
    assert bank in section_of(page, "LA1")
    assert other not in section_of(page, "LA1")
    assert other in section_of(page, "LB2")
    assert bank not in section_of(page, "LC3")
    assert other not in section_of(page, "LC3")


def test_the_page_of_paying_names_each_account(inside):
    page = main_of(inside, "/my/pay")
    assert DONGHU.pay_in[inside.place] in page
    assert QINGHE.names[inside.place] in page
    own = {0: "合同", 1: "in your contract"}[inside.place]
    assert own in page


def test_who_is_collecting_and_where_to_complain(inside):
    page = main_of(inside, "/my/who")
    part = section_of(page, "…LA1" if inside.place else "尾号 LA1")
    for words in (DONGHU.names[inside.place], "95000", "+861000000101", DONGHU.pay_in[inside.place]):
        assert words in part, words
    assert QINGHE.names[inside.place] not in part
    assert "95000" in main_of(inside, "/my/rights")


@pytest.mark.parametrize("inside", ["en"], indirect=True)
def test_the_desk_sees_whose_each_loan_is(inside):
    staff = Staff.objects.create_user(username="eve", role="collector", number="E1")
    page = main_of(browser_of(staff), "/desk/case/B1/")
    assert f"LA1</b> Owed to {DONGHU.names[1]}" in page
    assert f"LB2</b> Owed to {QINGHE.names[1]}" in page
    assert "LC3</b> Owed to" not in page
