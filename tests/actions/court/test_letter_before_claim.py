"""Goal: a letter leaves as the sheet that evidence keeps, with the code that proves it."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.actions.contacts.send import claim, send_one
from forbear.core.base.problem import from_json
from forbear.core.facts.contact import PlannedContact
from forbear.store.evidence import attachment_path
from forbear.store.models import Contact, ContactPoint, EventAttachment
from forbear.store.problem_text import sentence_in
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def send_letter(body: str) -> tuple[Contact, Recorder]:
    house_rules()
    borrower = make_borrower()
    digest = digest_of("address", "示例街道 12 号\n100000")
    ContactPoint.objects.create(
        borrower=borrower, kind="address", value="示例街道 12 号\n100000", digest=digest
    )
    planned = PlannedContact("letter", "notice", point=digest, loans=("B1-L1",))
    contact = queue_contact(ContactDraft("B1", planned, subject="告知书", body=body), NOON, actor="test")
    recorder = Recorder()
    (mine,) = claim("w", NOON)
    send_one(mine, "w", {"letter": recorder}, lambda: NOON)
    contact.refresh_from_db()
    return contact, recorder


def test_the_sheet_that_left_is_the_one_in_evidence():
    contact, recorder = send_letter("您好，这是一封告知书。")
    assert contact.state == "sent"
    (sheet,) = recorder.sent[0].attachments
    kept = EventAttachment.objects.select_related("event").get()
    assert kept.event.kind == "letter"
    assert attachment_path(kept.attachment_id).read_bytes() == sheet.content
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(sheet.content)).pages)
    assert f"{contact.code[:4]}-{contact.code[4:]}" in text
    assert "王小明" in text


def test_a_letter_that_cannot_be_printed_waits_for_a_person():
    contact, recorder = send_letter("您好 \U0001f600")
    assert (contact.state, recorder.sent) == ("dead", [])
    assert contact.reason_code == "problem"
    problem = from_json(contact.reason_params["problem"])
    assert "U+1F600" in sentence_in("en", problem)
    assert "U+1F600" in sentence_in("zh", problem)
    assert not EventAttachment.objects.exists()
