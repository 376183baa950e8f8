"""Goal: a written notice is its country's own form, states the account to the cent, and says truly who writes.

Method: a real book of one loan with two late instalments, one payment that counts and one that bounced; the notice by
the portal's act and as the letter of a strategy, read back from the PDF.
"""

import io
import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
import typst
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from forbear.actions.access.portal_access import link_for
from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.requests.written_notice import write_notice
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.documents.enclosures import check_enclosures
from forbear.interchange.home.lender import HomeError
from forbear.jobs.send_due import Worker
from forbear.store.evidence import attachment_path
from forbear.store.models import (
    Agency,
    Borrower,
    Contact,
    ContactPoint,
    Document,
    Event,
    Hold,
    Placement,
    Request,
    WriteOff,
)
from forbear.web import clock as web_clock
from tests.actions.payments.test_penalty_checks import NOON, brought
from tests.factories.desk import Recorder
from tests.web.pages import born

pytestmark = [pytest.mark.database, pytest.mark.django_db]
CURRENCIES = {"cn": "CNY", "us": "USD", "uk": "GBP"}
#: What every notice of a country says, in either language.
SAID = {
    "us": {
        "en": (
            "On 10 December 2025, the day of the loan, you owed USD 5,000.00",
            "charged this amount in interest + USD 100.00",
            "in fees and late charges + USD 29.00",
            "paid this amount toward the debt - USD 1,050.00",
            "credited this amount - USD 0.00",
            "Total amount of the debt now USD 4,079.00",
            "Past due in all USD 1,079.00",
            "Call or write to us by 26 April 2026",
            "www.cfpb.gov/debt-collection",
            "How do you want to respond?",
            "This is not my debt.",
            "The amount is wrong.",
            "name and address of the original creditor",
        ),
        "zh": ("2025年12月10日（放款日）所欠", "现欠总额 USD 4,079.00", "您想怎样答复？", "2026年4月26日"),
    },
    "uk": {
        "en": (
            "section 86B of the Consumer Credit Act 1974",
            "Sums in arrears GBP 1,079.00",
            "2 10 February 2026 GBP 1,079.00 GBP 0.00 GBP 1,079.00",
            "StepChange",
            "National Debtline",
            "MoneyHelper",
            "Breathing Space",
            "Financial Ombudsman",
        ),
        "zh": ("第 86B 条", "欠款合计 GBP 1,079.00", "StepChange", "Breathing Space"),
    },
    "cn": {
        "zh": (
            "合同（贷款）编号 L1",
            "年利率 18%",
            "逾期部分每日罚息 0.075%",
            "2 2026年2月10日",
            "1,079.00 元",
            "第六百七十五条（按期还本）",
            "12378",
            "没有委托外部机构",
        ),
        "en": (
            "Contract (loan) number L1",
            "Interest a year 18%",
            "articles 674",
            "Past due in all CNY 1,079.00",
        ),
    },
}


@cache
def two_pages(name: str) -> bytes:
    """A paper of somebody else's: two pages that say which it is."""
    return typst.compile(
        f"FCA {name.replace('_', ' ')} page one #pagebreak() page two".encode(), format="pdf"
    )


def paper(folder: Path, name: str) -> Path:
    """The paper as a file."""
    made = folder / f"{name}.pdf"
    made.write_bytes(two_pages(name))
    return made


@pytest.fixture(params=["cn", "us", "uk"])
def country(request, tmp_path):
    """A lender of the country, with the loan in its book and an agency on file."""
    pack, money = request.param, CURRENCIES[request.param]
    home = settings.HOME
    for kind, name in (("packs", f"{pack}.yaml"), ("templates", f"consumer-{pack}.yaml")):
        text = files(f"forbear.{kind}").joinpath(name).read_text("utf-8")
        (home.folder / kind / name).write_text(text, "utf-8")
    zone = {"cn": "Asia/Shanghai", "us": "America/New_York", "uk": "Europe/London"}[pack]
    sheets = ("arrears_sheet", "default_sheet") if pack == "uk" else ()
    old, settings.HOME = (
        home,
        replace(
            home,
            packs=(home.folder / f"packs/{pack}.yaml",),
            templates=home.folder / f"templates/consumer-{pack}.yaml",
            timezone=zone,
            enclosures=tuple((name, paper(home.folder, name)) for name in sheets),
        ),
    )
    dues = [
        (1, "2026-01-10", 0),
        (2, "2026-02-10", 29),
        (3, "2026-04-10", 0),
        (4, "2026-05-10", 0),
        (5, "2026-06-10", 0),
    ]
    brought(
        tmp_path / "feed",
        loans=[f"L1,B1,cash,{money},5000.00,2025-12-10,active"],
        instalments=[f"L1,{n},{day},1000.00,50.00,0,{penalty}.00" for n, day, penalty in dues],
        payments=["P1,L1,2026-01-10,1050.00,", "P2,L1,2026-02-12,700.00,", "P3,L1,2026-02-14,700.00,P2"],
        borrowers=["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,1990-01-31,true"],
    )
    Agency.objects.create(
        code="ag1",
        name_zh="华信催收",
        name_en="Huaxin Collections",
        address="1 Elm Street",
        telephone="+1999",
    )
    yield pack
    settings.HOME = old


def read(pdf: bytes) -> str:
    """The text without its spaces, which readers of a PDF put between signs as they like."""
    return "".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def has(text: str, said: str) -> bool:
    return "".join(said.split()) in text


def notice(language: str) -> str:
    made = write_notice("B1", language, NOON)
    assert isinstance(made, Document), made
    pdf = attachment_path(made.sha256).read_bytes()
    return read(pdf)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_the_countrys_own_form_and_adds_up(country, language):
    text = notice(language)
    for said in SAID[country][language]:
        assert has(text, said), said
    for never in ("委托丰禾", "on behalf of", "[tables]", "{", "受测试"):
        assert not has(text, never), never
    assert has(text, "debt collector") is False, "a creditor that collects itself is none"


def test_the_portal_gives_it_and_its_code_is_known(country, monkeypatch):
    client = Client(headers={"Accept-Language": "en"})
    digest = digest_of("phone", "+8610000000001")
    planned = PlannedContact("sms", "collect", point=digest, loans=("L1",), template="overdue_reminder")
    contact = queue_contact(ContactDraft("B1", planned, template="overdue_reminder"), NOON, actor="test")
    token = link_for(contact, NOON).rsplit("/", 1)[1]
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    assert client.post("/my/", {"token": token, **born("19900131")}).status_code == 302
    path = client.post("/my/rights/notice")["Location"]
    answer = client.get(path)
    assert answer["Content-Disposition"].startswith("attachment")
    document = Document.objects.get()
    text = read(b"".join(answer.streaming_content))
    assert has(text, f"{document.code[:4]}-{document.code[4:]}")
    assert verify_caller(document.code, NOON) is not None
    assert Request.objects.get().outcome == "done"
    assert not Hold.objects.filter(lifted_at=None).exists()


def test_where_an_agency_collects_the_notice_names_it(country):
    Placement.objects.create(agency_id="ag1", borrower_id="B1", loans=["L1"], placed_at=NOON)
    assert has(notice("en"), "Huaxin Collections collects this debt for it")


def letter(template: str, *, agency: str = "", language: str = "en") -> str:
    """The letter of a strategy's step, as it would leave."""
    borrower, address = Borrower.objects.get(), "12 Oak Road\nSpringfield"
    digest = digest_of("address", address)
    ContactPoint.objects.get_or_create(
        borrower=borrower, kind="address", digest=digest, defaults={"value": address, "lawful": True}
    )
    planned = PlannedContact(
        "letter", "notice", point=digest, loans=("L1",), agency=agency, template=template
    )
    contact = queue_contact(
        ContactDraft("B1", planned, template=template, language=language), NOON, actor="test"
    )
    assert isinstance(contact, Contact), contact
    message = compose(contact, borrower, NOON)
    assert not isinstance(message, Problem), message
    return read(message.attachments[0].content)


def test_a_notice_of_the_strategy_holds_the_same_account(country):
    template = {"cn": "written_notice", "us": "validation_notice", "uk": "arrears_notice"}[country]
    text = letter(template)
    money = CURRENCIES[country]
    assert has(text, f"{money} 1,079.00")
    assert has(text, f"{money} 4,079.00")
    assert has(text, "How do you want to respond?") is (country == "us")
    assert not has(text, "is a debt collector")


def test_an_agencys_notice_is_sent_in_its_name(country):
    template = {"cn": "written_notice", "us": "validation_notice", "uk": "arrears_notice"}[country]
    text = letter(template, agency="ag1")
    said = "Huaxin Collections is a debt collector. We are trying to collect a debt that you owe to"
    assert has(text, said) is (country == "us")
    assert has(text, "Huaxin Collections writes to you for") is (country != "us")
    assert has(text, "1 Elm Street")


@pytest.mark.parametrize("country", ["uk"], indirect=True)
def test_a_default_notice_gives_the_days_of_the_act(country):
    text = letter("notice_of_default")
    assert has(text, "section 87(1) of the Consumer Credit Act 1974")
    # 21 March 2026 is a Saturday; it counts as served on Tuesday the 24th, 14 days before the 7th
    assert has(text, "pay GBP 1,079.00 on or before 7 April 2026")
    assert has(text, "time order")


@pytest.mark.parametrize("country", ["uk"], indirect=True)
def test_the_information_sheet_that_is_said_to_be_enclosed_is_behind_the_notice(country):
    for template, sheet, says in (
        ("arrears_notice", "arrears_sheet", "information sheet about arrears"),
        ("notice_of_default", "default_sheet", "information sheet about default"),
    ):
        text = letter(template)
        assert has(text, "We enclose the F")
        assert has(text, says)
        assert text.endswith("".join(f"FCA {sheet.replace('_', ' ')} page one page two".split()))
    assert notice("en").endswith("pageonepagetwo"), "the notice of the portal, too"
    assert check_enclosures(settings.HOME) == []


@pytest.mark.parametrize("country", ["uk"], indirect=True)
@pytest.mark.parametrize("how", ["not named", "gone", "no PDF"])
def test_without_the_sheet_no_notice_says_that_it_is_enclosed(country, how):
    path = dict(settings.HOME.enclosures)["arrears_sheet"]
    if how == "not named":
        settings.HOME = replace(settings.HOME, enclosures=())
        assert [each.code for each in check_enclosures(settings.HOME)] == ["enclosure_not_named"] * 2
    else:
        path.unlink() if how == "gone" else path.write_text("<html>not here</html>", "utf-8")
        with pytest.raises(HomeError, match="is no PDF"):
            check_enclosures(settings.HOME)
    made = write_notice("B1", "en", NOON)
    assert made.code in ("enclosure_not_named", "enclosure_unreadable")
    assert not Document.objects.exists()
    with pytest.raises(AssertionError, match="enclosure_"):
        letter("arrears_notice")
    assert has(letter("ways_to_pay"), "Pay only through the official channels"), (
        "what encloses nothing leaves"
    )


@pytest.mark.parametrize("country", ["uk"], indirect=True)
def test_the_evidence_of_the_letter_holds_the_digest_of_the_sheet(country):
    letter("arrears_notice")
    queued = Contact.objects.get(template="arrears_notice")
    queued.planned |= {"states_identity": True, "own_line": True, "offers_opt_out": True}
    queued.save()
    post = Recorder()
    Worker({"letter": post}, now=lambda: NOON + timedelta(hours=5)).once()
    (message,) = post.sent
    event = json.loads(Event.objects.get(kind="letter").line)
    file = dict(settings.HOME.enclosures)["arrears_sheet"]
    assert event["body"]["encloses"] == {"arrears_sheet": sha256(file.read_bytes()).hexdigest()}
    assert read(message.attachments[0].content).endswith("pageonepagetwo")


def test_what_the_book_can_not_state_is_not_stated(country, tmp_path):
    money = CURRENCIES[country]
    loans = [f"L1,B1,cash,{money},900.00,2025-12-10,active"]
    brought(tmp_path / "again", loans=loans, instalments=["L1,1,2026-01-10,1000.00,50.00,0,0"], payments=[])
    made = write_notice("B1", "en", NOON)
    assert isinstance(made, Problem)
    assert made.code == "notice_account_unknown"
    assert not Document.objects.exists()
    assert not Request.objects.exists()


@pytest.mark.parametrize("country", ["us", "uk"], indirect=True)
def test_a_letter_before_placement_needs_no_agencys_name_yet(country):
    assert has(letter("notice_before_placement"), "We tell you its name first.")


@pytest.mark.parametrize("country", ["us", "uk"], indirect=True)
def test_a_charge_off_is_told_with_its_day_and_not_before_it_was_signed(country):
    with pytest.raises(AssertionError, match="charge_off_notice"):
        letter("charge_off_notice")
    staff = make_staff("fang", "a-long-passphrase-1", "legal", "F9", NOON, actor="test")
    WriteOff.objects.create(
        loan_id="L1", borrower_id="B1", amount=407_900, state="signed", proposed_at=NOON, proposed_by=staff,
        decided_at=NOON, decided_by=staff,
    )  # fmt: skip
    assert has(letter("charge_off_notice"), "On 21 March 2026 your loan ending L1 was charged off")
