"""Goal: a printing house finds each letter once, whole, with the address for its envelope."""

import hashlib
import json

import pytest

from forbear.channels.letter_folder.adapter import LetterFolder, LetterSettings
from forbear.channels.transport import Attachment
from tests.factories.messages import around, message, permit_for

PDF = Attachment("letter.pdf", "application/pdf", b"%PDF-1.7 one sheet")


@pytest.fixture
def house(tmp_path):
    return LetterFolder(LetterSettings(), around(tmp_path, "printer"))


def test_a_letter_lies_there_with_its_address_and_digest(house):
    sent = message("letter", to="示例街道 12 号\n100000 北京", subject="告知书", attachments=(PDF,))
    receipt = house.send(permit_for(sent, purpose="notice"), sent)
    assert (receipt.answer, receipt.provider_ref) == ("accepted", sent.contact_id)
    told = json.loads((house.folder / f"{sent.contact_id}.json").read_text(encoding="utf-8"))
    assert told["to"] == ["示例街道 12 号", "100000 北京"]
    assert (house.folder / told["file"]).read_bytes() == PDF.content
    assert told["sha256"] == hashlib.sha256(PDF.content).hexdigest()


def test_a_letter_sent_twice_lies_there_once_and_the_first(house):
    first = message("letter", attachments=(PDF,))
    again = message(
        "letter",
        contact_id=first.contact_id,
        attachments=(Attachment("letter.pdf", "application/pdf", b"%PDF other"),),
    )
    for each in (first, again):
        assert house.send(permit_for(each), each).answer == "accepted"
    assert (house.folder / f"{first.contact_id}.pdf").read_bytes() == PDF.content
    assert len(list(house.folder.iterdir())) == 2


def test_without_a_sheet_it_is_refused_and_on_a_broken_disk_it_waits(house, tmp_path):
    bare = message("letter")
    assert house.send(permit_for(bare), bare).answer == "refused"
    (tmp_path / "letters").write_text("a file where the folder should be")
    sent = message("letter", attachments=(PDF,))
    assert house.send(permit_for(sent), sent).answer == "busy"
