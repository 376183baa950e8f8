"""Goal: what a borrower takes along is complete, readable without us, and checked by one key as it is printed."""

import io
import json
import re
import zipfile
from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.test import Client
from pypdf import PdfReader

from forbear.actions.access.verify_caller import verify_caller
from forbear.actions.requests import data_copies
from forbear.cli.verify import command
from forbear.core.evidence.log import key_hex, printed_key, read_printed_key
from forbear.core.evidence.verify import verify
from forbear.interchange.documents.evidence_file import BundleFile
from forbear.interchange.home.keys import signing_key
from forbear.store.evidence import append, store_attachment
from forbear.store.models import Agency, Borrower, Contact, CreditRecord, Document, Placement, Plan, Request
from forbear.web.borrower_labels import DATA
from forbear.web.portal import data_paper
from tests.factories.desk import NOON, PHONE, make_borrower, wished
from tests.web.pages import shown
from tests.web.test_portal import borrower as borrower
from tests.web.test_portal import inside as inside
from tests.web.test_portal import now as now

pytestmark = [pytest.mark.database, pytest.mark.django_db]
SOUND = b"RIFF\x00\x00\x00\x00WAVEfmt "


def read(answer) -> str:
    content = io.BytesIO(b"".join(answer.streaming_content))
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(content).pages))


@pytest.fixture
def lived(borrower, inside):
    """A borrower with a call on record, an agency, a plan and a request."""
    huaxin = Agency.objects.create(
        code="hx", name_zh="华信", name_en="Huaxin", registration="R-1", telephone="+861055550000"
    )
    contact = wished(borrower, "call")
    digest = store_attachment(SOUND, "audio/wav")
    append(
        "recording", at=NOON, actor="hx", borrower="B1", body={"contact": contact.pk}, attachments=[digest]
    )
    Contact.objects.filter(pk=contact.pk).update(
        at=NOON,
        state="sent",
        outcome="conversation",
        recording=digest,
        seconds=61,
        agency=huaxin,
        body="您好 😀",
    )
    Placement.objects.create(
        borrower=borrower, agency=huaxin, loans=["B1-L1"], placed_at=NOON - timedelta(days=3)
    )
    Plan.objects.create(
        borrower=borrower, loans=["B1-L1"], amount=41_200, currency="CNY", minor_unit=100, state="ended",
        lines=[[1, "2026-04-09", 41_200]], budget={"income": 600_000},
        terms={"owed": {"principal": 41_200}, "instalments": 1},
        proposed_on=NOON.date(), agreed_on=NOON.date(), ended_on=NOON.date(), reason_note="made in error",
    )  # fmt: skip
    inside.post("/my/ask/complaint", {"words": "昨天来电态度不好"})
    return digest


def test_every_name_of_a_copy_has_words_for_who_reads_it():
    """Whatever is copied of a borrower's rows is named on the paper, or left to the copy for programs."""
    models = {name: getattr(Borrower, rows).rel.related_model for name, rows in data_copies._TABLES.items()}
    nameless = []
    for section, model in (
        models | {"borrower": Borrower, "requests": Request, "credit_reports": CreditRecord}
    ).items():
        left_out = {*data_copies._LEFT_OUT, *data_copies._LEFT_OUT_OF.get(section, ())}
        names = (
            {field.name for field in model._meta.fields if field.editable} - left_out - data_paper.ROW_NUMBERS
        )
        nameless += [f"{section}: {name}" for name in sorted(names) if name not in DATA]
    assert nameless == []


def test_what_was_granted_is_in_decimals(borrower, inside):
    inside.post("/my/ask/dispute", {"words": "paid", "line": "B1-L1:1"})
    granted = {"amount": 41_200, "monthly": 500, "until": "2026-06-01", "lines": [["B1-L1", 1, 41_200]]}
    Request.objects.update(granted=granted)
    (request,) = json.loads(inside.post("/my/rights/data").content)["requests"]
    lines = [{"loan": "B1-L1", "number": 1, "amount": "412.00"}]
    assert request["granted"] == {
        "amount": "412.00",
        "monthly": "5.00",
        "until": "2026-06-01",
        "lines": lines,
    }


def test_the_copy_holds_the_values_and_who_got_them(lived, inside):
    copied = json.loads(inside.post("/my/rights/data").content)
    assert copied["numbers_and_addresses"][0]["value"] == PHONE
    assert (copied["loans"][0]["past_due_amount"], copied["loans"][0]["outstanding"]) == ("412.00", "3000.00")
    assert copied["plans"][0]["lines"] == [[1, "2026-04-09", "412.00"]]
    assert copied["plans"][0]["budget"] == {"income": "6000.00"}
    assert copied["plans"][0]["terms"] == {"owed": {"principal": "412.00"}, "instalments": 1}
    assert copied["received_by"][0]["who"] == "华信"
    assert copied["contacts"][0]["to"] == PHONE
    assert copied["recordings"][0]["sha256"] == lived
    assert "value" not in copied["cases"][0], "what the lender thinks a case is worth is its own"
    assert not re.search(r"\d{5,}\b(?=,\n)", json.dumps(copied["loans"])), "no amount in minor units"
    text = read(inside.get(inside.post("/my/rights/data", {"pdf": "1"})["Location"]))
    for part in (PHONE, "412.00", "Huaxin", "Who else got your data", "Date of birth", "31 January 1990"):
        assert part in text, part
    assert "We keep nothing of these: " in text, "what is empty is said in one sentence"
    for code in ("preferred_", "intensive", "conversation;", "True", "None"):
        assert code not in text, code


def test_the_bundle_has_a_page_that_people_read_and_is_sound(lived, inside, tmp_path):
    path = tmp_path / "evidence.zip"
    path.write_bytes(b"".join(inside.post("/my/evidence/bundle").streaming_content))
    key = printed_key(key_hex(signing_key(settings.HOME).public_key()))
    with zipfile.ZipFile(path) as packed:
        assert "timeline.pdf" in packed.namelist()
        assert key in packed.read("README.txt").decode()
        pages = PdfReader(io.BytesIO(packed.read("timeline.pdf"))).pages
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))
    for part in ("Call", "Huaxin", "昨天来电态度不好", "Plan agreed", "Placed with agency", "made in error"):
        assert part in text, part
    with BundleFile(path) as source:
        assert verify(source, (read_printed_key(key),)).flaws == []
    assert key in shown(Client(), "/verify/key")
    for given in (key, key.upper(), key.replace(" ", ""), key.replace(" ", "-")):
        done = CliRunner().invoke(command, [str(path), "--key", given])
        assert done.exit_code == 0, done.output
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + (b"x" if name == "timeline.pdf" else b""))
    with BundleFile(broken) as source:
        assert any(flaw.file == "timeline.pdf" for flaw in verify(source, ()).flaws)
    taken = tmp_path / "taken.zip"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(taken, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            if name != "timeline.pdf":
                new.writestr(name, old.read(name))
    with BundleFile(taken) as source:
        assert any(flaw.file == "timeline.pdf" for flaw in verify(source, ()).flaws)


@pytest.mark.parametrize("given", ["zz", "", "ab" * 31, "no/such/file.pem"])
def test_what_is_no_key_is_said_to_be_none(given, tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"x")
    done = CliRunner().invoke(command, [str(path), "--key", given])
    assert done.exit_code == 2
    assert "neither a key" in done.output


def test_a_recording_plays_and_anothers_does_not(lived, inside, borrower):
    page = inside.get("/my/evidence").content.decode()
    assert f'src="/my/recording/{lived}"' in page
    answer = inside.get(f"/my/recording/{lived}")
    assert (answer["Content-Type"], b"".join(answer.streaming_content)) == ("audio/wav", SOUND)
    other = wished(make_borrower("B2", phone="+8610000000002"), "call")
    theirs = store_attachment(SOUND + b"other", "audio/wav")
    Contact.objects.filter(pk=other.pk).update(at=NOON, recording=theirs)
    assert inside.get(f"/my/recording/{theirs}").status_code == 404
    assert inside.get(f"/my/recording/{'0' * 64}").status_code == 404


def test_everything_in_order_is_a_paper_that_can_be_checked(lived, inside):
    text = read(inside.get(inside.post("/my/evidence/story")["Location"]))
    assert text.index("Placed with agency") < text.index("Call")
    document = Document.objects.get(kind="timeline")
    assert verify_caller(document.code, NOON).paper == "timeline"
    assert document.made_at.date() == date(2026, 3, 10)
