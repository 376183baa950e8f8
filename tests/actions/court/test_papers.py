"""Goal: a court bundle holds the account to the cent, every contact and every paper, page by page under one index."""

import io
import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from pypdf import PdfReader

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.queue_contact import ContactDraft, digest_of
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.court.lawsuits import propose_lawsuit
from forbear.actions.court.papers import make_bundle
from forbear.actions.requests.written_notice import write_notice
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.documents.court_bundle import Bundle, Paper, Part, bundle_pdf
from forbear.interchange.documents.letters import Table
from forbear.store.evidence import attachment_path
from forbear.store.evidence_check import check
from forbear.store.models import (
    Borrower,
    Case,
    Document,
    Hold,
    Lawsuit,
    Notice,
    PenaltyDifference,
    Staff,
    UnappliedPayment,
)
from tests.actions.payments.test_penalty_checks import NOON, brought
from tests.factories.desk import write_pack

WORDS = {
    "channel": {"call": ("电话", "Call")},
    "outcome": {"pending": ("未知", "Not known yet")},
    "notice": {
        "written_notice": ("书面告知", "Written notice"),
        "default_notice": ("违约通知", "Default notice"),
    },
}
GOLDEN = Path(__file__).parents[2] / "golden" / "court"
CURRENCIES = {"cn": "CNY", "us": "USD", "uk": "GBP"}
LATER = NOON + timedelta(minutes=5)


@pytest.fixture(params=["cn", "us", "uk"])
def country(request):
    """A lender of that country, whose packs have no rules."""
    home, path = settings.HOME, settings.HOME.folder / "packs" / f"{request.param}.yaml"
    write_pack(path, f"pack: {request.param}\nrules: []\n")
    settings.HOME = replace(home, packs=(path,))
    policy = "court: {from_days_past_due: 1, least_amount: {CNY: 1.00, GBP: 1.00, USD: 1.00}, own_cost: 0}\n"
    (settings.HOME.folder / "policy.yaml").write_text(policy)
    yield request.param
    settings.HOME = home


@pytest.fixture
def lawsuit(country, tmp_path):
    """Three instalments late, a payment that counts and one that bounced; a lawsuit about all that is due."""
    lines = [f"L1,{number},2026-0{number}-10,5000.00,50.00,0,0" for number in (1, 2, 3)]
    lines.append("L2,1,2026-03-10,1000.00,10.00,0,7.50")
    money = CURRENCIES[country]
    loans = [
        f"L1,B1,cash,{money},15000.00,2025-12-10,active",
        f"L2,B2,cash,{money},1000.00,2026-02-10,active",
    ]
    brought(tmp_path / "feed", loans=loans, instalments=lines)
    staff = make_staff("fang", "a-long-passphrase-1", "legal", "F9", NOON, actor="test")
    Lawsuit.objects.create(
        borrower_id="B1", loans=["L1"], state="proposed", claimed=15_150_00,
        way="payment_order" if country == "cn" else "claim",
        fee=10_000, currency=money, minor_unit=100, proposed_at=NOON, proposed_by=staff,
    )  # fmt: skip
    return Lawsuit.objects.get()


@pytest.fixture
def lived(lawsuit):
    """The same after payments, a call, a promise and a notice."""
    record_payment(IncomingPayment("P1", "L1", date(2026, 3, 21), 100_000), NOON, actor="test")
    record_payment(IncomingPayment("P2", "L1", date(2026, 3, 21), 70_000), NOON, actor="test")
    record_payment(IncomingPayment("P3", "L1", date(2026, 3, 21), 70_000, "P2"), NOON, actor="test")
    planned = PlannedContact("call", "collect", point=digest_of("phone", "+8610000000001"), loans=("L1",))
    make_contact(ContactDraft("B1", planned), NOON, actor="test")
    record_promise(Offered("B1", ("L1",), 500_000, date(2026, 3, 28)), NOON, actor="test")
    assert isinstance(write_notice("B1", "zh", NOON), Document)
    Notice.objects.create(borrower_id="B1", loan_id="L1", kind="default_notice", given_at=NOON)
    made = propose_lawsuit("B1", Staff.objects.get(), NOON)
    assert isinstance(made, Problem), "a promise runs"
    return lawsuit


def bundle(lawsuit: Lawsuit) -> Lawsuit | Problem:
    return make_bundle(lawsuit.pk, LATER, actor="staff:F9", named=WORDS)


def golden(country: str, name: str) -> str:
    """An application as it has to read, without spaces."""
    return "".join((GOLDEN / f"application-{country}-{name}.txt").read_text("utf-8").split())


@pytest.mark.database
@pytest.mark.django_db
def test_the_application_states_what_the_record_holds(country, lived):
    made = bundle(lived)
    assert isinstance(made, Lawsuit), made
    assert golden(country, "lived") in "".join("".join(pages(made.bundle)).split())


@pytest.mark.database
@pytest.mark.django_db
def test_an_empty_record_is_said_to_be_empty(country, lawsuit):
    made = bundle(lawsuit)
    assert isinstance(made, Lawsuit), made
    whole = "".join("".join(pages(made.bundle)).split())
    assert golden(country, "empty") in whole
    none = "没有记录" if country == "cn" else "Noneonrecord."
    assert whole.count(none) >= 4, "payments, contacts, notices, agreements, recordings"
    assert ("（尚未立案）" if country == "cn" else "(notfiledyet)") in whole


def held(kind: str) -> None:
    Hold.objects.create(borrower_id="B1", loans=["L1"], kind=kind, starts_at=NOON, placed_by="test")


DOUBTS = {
    "court_name_missing": lambda: Borrower.objects.filter(pk="B1").update(name=""),
    "court_disputed": lambda: held("dispute"),
    "court_payment_unapplied": lambda: UnappliedPayment.objects.create(
        payment_id="X1", loan_named="L9", paid_on=date(2026, 3, 20), amount=5_000, why="unknown_loan", loans=["L1"],
        source="bank", received_at=NOON,
    ),
    "court_penalty_differs": lambda: PenaltyDifference.objects.create(
        loan_id="L1", as_of=date(2026, 3, 20), reported=900, computed=750, too_much=150, found_at=NOON
    ),
    "court_feed_doubt": lambda: Case.objects.filter(borrower="B1").update(facts={"feed_doubt": True}),
}  # fmt: skip


@pytest.mark.database
@pytest.mark.django_db
@pytest.mark.parametrize("country", ["cn"], indirect=True)
@pytest.mark.parametrize("doubt", DOUBTS)
def test_no_paper_while_a_fact_is_missing_or_in_doubt(lawsuit, doubt):
    DOUBTS[doubt]()
    made = bundle(lawsuit)
    assert isinstance(made, Problem)
    assert made.code == "court_facts_in_doubt"
    assert made.params["doubts"].code == doubt
    assert not Lawsuit.objects.get().bundle


def pages(digest: str) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(attachment_path(digest)).pages]


@pytest.mark.database
@pytest.mark.django_db
def test_the_account_the_contacts_and_the_papers_are_there(country, lived):
    zh, money = country == "cn", CURRENCIES[country]
    made = bundle(lived)
    assert isinstance(made, Lawsuit), made
    told = pages(made.bundle)
    whole = "".join(told)
    assert made.claimed == 15_150_00 - 1_000_00
    assert ("14,150.00 元" if zh else f"{money} 14,150.00") in whole
    assert ("1,000.00 元" if zh else f"{money} 1,000.00") in whole, (
        "what was paid, without the one that bounced"
    )
    for words in ("P1", "P2", "L1", "王小明", "2026年3月21日" if zh else "21 March 2026"):
        assert "".join(words.split()) in "".join(whole.split())
    assert ("电话" if zh else "Call") in whole
    assert ("承诺还款" if zh else "Promise to pay") in whole
    assert ("已冲正" if zh else "reversed") in whole
    # the index names the page on which each part begins
    parts = (
        ("二、账目", "三、联系与告知", "附件：信函")
        if zh
        else ("2. The account", "3. Contacts", "Paper: letter")
    )
    for title in parts:
        begins = [place for place, text in enumerate(told[1:], 2) if title in text]
        entry = told[0][told[0].index(title) :]
        assert begins[0] == int(re.search(r"(?:\. ?){3,}(\d+)", entry)[1]), (title, entry)
    # the letter is there as it was sent, and its digest stands above it
    assert any("SHA-256" in text for text in told)
    again = bundle(lived)
    assert len(pages(again.bundle)) == len(told), "a bundle is no paper of the next one"
    assert check(LATER) == []


def simple(papers: tuple[Paper, ...] = (), text: str = "words") -> Bundle:
    return Bundle(
        "en",
        "Bundle",
        "Lender",
        date(2026, 3, 10),
        "S1",
        (("Claimant", "Lender"),),
        (Part("1. One", (text,)),),
        papers,
    )


def test_the_same_content_gives_the_same_bytes():
    assert bundle_pdf(simple()) == bundle_pdf(simple())


def test_a_long_table_runs_over_pages_with_its_head(tmp_path):
    rows = [("No.", "Amount"), *((str(number), "1.00") for number in range(200))]
    pdf = bundle_pdf(
        Bundle("en", "B", "L", date(2026, 3, 10), "S1", (), (Part("1. One", (), (Table("T", rows),)),))
    )
    told = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(told) > 4
    assert sum("Amount" in text for text in told) >= len(told) - 2


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"", b"\x89PNG\r\n\x1a\nnot a picture"])
def test_a_paper_that_can_not_be_read_is_told(tmp_path, content):
    path = tmp_path / "paper"
    path.write_bytes(content)
    kind = "image/png" if content.startswith(b"\x89") else "application/pdf"
    told = bundle_pdf(simple((Paper("Paper 1", path, kind, "0" * 64),)))
    assert isinstance(told, Problem), told


def test_what_no_bundle_takes(tmp_path):
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    assert "not audio/wav" in str(
        bundle_pdf(simple((Paper("P", tmp_path / "x.wav", "audio/wav", "0" * 64),)))
    )
    assert "erased" in str(bundle_pdf(simple((Paper("P", tmp_path / "gone", "application/pdf", "0" * 64),))))
    assert "no sign" in str(bundle_pdf(simple(text="\U0001f600")))
