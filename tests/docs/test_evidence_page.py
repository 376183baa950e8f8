"""The page on evidence: its example is the format's, and its verifier really tells sound bundles from others."""

from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature

from forbear.cli.evidence import command
from forbear.core.evidence.bundle import EVENTS, PERSONAL, PROOFS, SEALS, part
from forbear.core.evidence.log import event_hash, key_hex
from forbear.interchange.documents.evidence_file import pack
from tests.core.evidence_log import KEY, OTHER_KEY, Log, small_log
from tests.docs.pages import marked, page, untold

PAGE = "docs/rules/evidence.md"
RAW = key_hex(KEY.public_key())


def block(language: str, mark: str) -> str:
    """The page's one block of this mark."""
    (found,) = marked(language, mark)
    assert found.page == PAGE
    return found.text


def example() -> Log:
    log = Log()
    log.add("B1", "permit", "2026-03-31T01:00:00Z", {"contact": "c-1", "channel": "sms"})
    log.add("B2", "note", "2026-03-31T01:30:00Z")
    log.add("B1", "note", "2026-03-31T02:00:00Z", {"contact": "c-1"}, {"note": "愿意下月还款"})
    log.seal("2026-03-31")
    return log


@pytest.mark.parametrize(
    ("name", "mark"), [(EVENTS, "events"), (PERSONAL, "personal"), (SEALS, "seals"), (PROOFS, "proofs")]
)
def test_the_example_is_what_is_written(name, mark):
    assert example().files().files[name].decode() == block("json", f"evidence-{mark}")


def test_the_examples_chain_is_as_told():
    first, second = block("json", "evidence-events").splitlines()
    assert f'"previous":"{event_hash(first.encode())}"' in second


@pytest.fixture(scope="module")
def check():
    """The page's own verifier."""
    names: dict = {}
    exec(compile(block("python", "evidence-verifier"), PAGE, "exec"), names)
    return names["check"]


def test_the_pages_verifier_accepts_what_is_sound(check, tmp_path):
    for number, log in enumerate((example(), small_log(), Log())):
        path = tmp_path / f"{number}.zip"
        pack(path, log.parts())
        assert check(path, RAW) == sum(event.borrower == "B1" for event, _ in log.written)


@pytest.fixture
def tampered(tmp_path) -> Path:
    """A sound bundle's path; a test changes what lies there."""
    pack(tmp_path / "b1.zip", small_log().parts())
    return tmp_path / "b1.zip"


def test_the_pages_verifier_refuses_another_key(check, tampered):
    with pytest.raises(InvalidSignature):
        check(tampered, key_hex(OTHER_KEY.public_key()))


@pytest.mark.parametrize("words", ["愿意 30", "13800000000", "wav 29", "c291"])
def test_the_pages_verifier_refuses_changed_bytes(check, tampered, words):
    parts = small_log().files().files
    name = next(name for name, each in parts.items() if words.encode() in each)
    parts[name] = parts[name].replace(words.encode(), words[::-1].encode())
    pack(tampered, [part(each, text, "") for each, text in parts.items()])
    with pytest.raises(AssertionError):
        check(tampered, RAW)


def test_the_pages_verifier_misses_a_value_that_nobody_erased(check, tampered):
    log = small_log()
    del log.values["B1", 3, "note"]
    pack(tampered, log.parts())
    with pytest.raises(AssertionError):
        check(tampered, RAW)


def test_every_file_of_a_bundle_and_every_command_is_told():
    names = [name for name in small_log().files().files if "/" not in name]
    assert untold(PAGE, *names, "attachments/") == []
    told = page(PAGE) + page("docs/operate/retention.md")
    assert [name for name in command.commands if f"forbear evidence {name}" not in told] == []
