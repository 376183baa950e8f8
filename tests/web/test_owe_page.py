"""Goal: each figure on a borrower's pages can be checked with a calculator, and each wish is shown as it is kept."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.publish.publish import publish
from forbear.store.models import Borrower, Instruction, Request
from forbear.web import clock as web_clock
from tests.home_night import decided, feed_in
from tests.web.pages import born, shown, without_lots

pytestmark = [pytest.mark.database, pytest.mark.django_db]
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FEED = {
    "loans": [
        "L0,B1,cash,CNY,100.00,2025-01-01,closed",
        "L1,B1,cash,CNY,800.00,2026-01-01,active",
    ],
    "instalments": [
        "L0,1,2025-02-25,100.00,2.00,0,0",
        "L1,1,2026-02-25,400.00,12.00,0,66.10",
        "L1,2,2026-03-25,400.00,12.00,5.00,0",
    ],
    "payments": [
        "P0,L0,2025-02-20,102.00,",
        "P1,L1,2026-02-20,100.00,",
        "P2,L1,2026-02-24,300.00,",
        "R2,L1,2026-02-26,300.00,P2",
    ],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
}


@pytest.fixture(params=["en", "zh"])
def inside(request, tmp_path, monkeypatch):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(date(2026, 3, 10)), NOON)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), NOON).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": request.param})
    client.post("/my/", {"token": token, **born("19900131")})
    return client


def test_parts_bounced_payments_and_the_late_loan_first(inside):
    page = without_lots(inside.get("/my/owe"))
    page = page[page.index("<main") :]
    assert page.index("L1") < page.index("L0")
    text = shown(inside, "/my/owe")
    english = "What I owe" in text
    for words in ("400.00", "12.00", "66.10", "returned by the bank" if english else "被银行退回"):
        assert words in text, words
    assert text.count("300.00") == 1, "the payment that bounced, once"
    effect = "Instalment 1 of 25 February 2026: CNY 100.00, still to pay CNY 378.10"
    assert (effect if english else "第 1 期（2026年2月25日 到期）：还 ¥100.00，还差 ¥378.10") in text
    folded = page[page.rindex("<details>", 0, page.index("L0")) :]
    assert folded.startswith("<details>")


def test_who_hears_a_complaint_next_is_named_in_the_readers_language(inside):
    page = shown(inside, "/my/rights")
    english = "Not satisfied with an answer?" in page
    assert ("the National Financial Regulatory Administration, 12378" in page) is english
    assert ("国家金融监督管理总局" in page) is not english


def test_every_step_of_a_sum_is_what_a_calculator_has(inside):
    text = shown(inside, "/my/owe")
    steps = re.findall(r"([\d,.]+) × ([\d.]+)% × (\d+) (?:days?|天) = ([\d,.]+)", text)
    for base, rate, days, exact in steps:
        product = Decimal(base.replace(",", "")) * Decimal(rate) / 100 * int(days)
        assert abs(product - Decimal(exact.replace(",", ""))) < Decimal("0.0001"), (base, rate, days)


def test_the_language_wished_for_is_shown_and_stays(inside):
    """The pages' own language is another than the one that texts should have."""
    inside.post("/my/rights/wishes", {"since": "9", "until": "18", "language": "zh"})
    page = inside.get("/my/rights").content.decode()
    assert re.search(r'<option value="zh"\s+selected', page)
    assert re.search(r'<option value="9"\s+selected', page)
    inside.post("/my/rights/wishes", {"since": "10", "until": "18", "language": "zh"})
    assert Borrower.objects.get().preferred_language == "zh"
    inside.post("/my/rights/wishes", {"since": "10", "until": "18", "language": "en"})
    assert re.search(r'<option value="en"\s+selected', inside.get("/my/rights").content.decode())


@pytest.mark.parametrize(
    ("since", "until"), [("20", "9"), ("0", "6"), ("9", "10"), ("20", "24"), ("x", "9"), ("", "")]
)
def test_hours_that_leave_no_day_are_said_at_their_field(inside, since, until):
    page = inside.post("/my/rights/wishes", {"since": since, "until": until, "language": ""}).content.decode()
    assert "_error" in page
    assert Borrower.objects.get().preferred_from is None


def test_a_dispute_names_its_line_and_its_reason(inside):
    page = inside.get("/my/ask/dispute?line=L1:1").content.decode()
    assert "L1:1" in page
    assert ("Instalment 1 of loan L1" in page) or ("贷款 L1 第 1 期" in page)
    inside.post("/my/ask/dispute", {"line": "L1:1", "reason": "paid", "words": ""})
    made = Request.objects.get()
    assert (made.line, made.details) == ("L1:1", {"reason": "paid"})
    page = inside.post("/my/ask/dispute", {"line": "L1:1", "words": ""}).content.decode()
    assert "id_words_error" in page


@pytest.mark.parametrize(
    ("pack", "said", "never"),
    [
        ("us", "AnnualCreditReport.com", "People's Bank"),
        ("uk", "Experian, Equifax and TransUnion", "People's Bank"),
        ("cn", "Nobody may look at your record without your written consent", "Experian"),
    ],
)
def test_the_credit_page_is_of_its_country(inside, settings, pack, said, never):
    settings.HOME = replace(settings.HOME, packs=(settings.HOME.folder / f"packs/{pack}.yaml",))
    inside.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    text = shown(inside, "/my/credit").replace("&#x27;", "'")
    assert said in text
    assert never not in text
    assert ("less than 30 days" in text) == (pack == "us"), "thirteen days late"
    assert "征信业" not in text


def test_a_line_that_was_corrected_says_so_and_shows_no_parts_of_nothing(inside):
    """The second instalment was found wrong in whole; nothing of it is owed and nothing hangs from an empty list."""
    Instruction.objects.create(
        number="I1", borrower_id="B1", loan_id="L1", kind="line", currency="CNY", minor_unit=100, instalment=2,
        granted_on=date(2026, 3, 10), made_at=NOON, changed_at=NOON, before=[40_000, 1_200, 500, 0],
        most=[0, 0, 0, 0], source="request", reference="RABC",
    )  # fmt: skip
    text = shown(inside, "/my/owe")
    if "What I owe" in text:
        said = "Corrected on 10 March 2026; before, it asked for CNY 417.00. You owe nothing for this instalment."
    else:
        said = "2026年3月10日已更正，更正前为 ¥417.00。 这一期无需再还。"
    assert said in text
    page = inside.get("/my/owe").content.decode()
    line = page[page.index("2 · ") : page.index("</tr>", page.index("2 · "))]
    assert "<details" not in line
