"""`forbear verify` and `forbear evidence`, as a person at a terminal and a program meet them."""

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from django.db import connection
from pypdf import PdfReader

from forbear.cli.main import main
from forbear.cli.verify import command as verify_command
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.home.keys import public_pem
from forbear.store import guards
from forbear.store.evidence import attachment_path
from tests.core.evidence_log import KEY, OTHER_KEY, Log, small_log
from tests.factories.desk import make_borrower
from tests.store.evidence_life import recorded, write


@pytest.fixture
def bundle(tmp_path) -> Path:
    pack(tmp_path / "b1.zip", small_log().parts())
    (tmp_path / "lender.pem").write_bytes(public_pem(KEY.public_key()))
    (tmp_path / "other.pem").write_bytes(public_pem(OTHER_KEY.public_key()))
    return tmp_path / "b1.zip"


def verified(*arguments: object) -> Result:
    return CliRunner().invoke(verify_command, [str(each) for each in arguments])


def test_a_sound_bundle_with_the_lenders_key(bundle):
    found = verified(bundle, "--key", bundle.with_name("lender.pem"))
    assert found.exit_code == 0
    assert "whole and unchanged" in found.output
    assert "15 events from 2026-03-29T01:00:00Z" in found.output
    assert "signed with the key given" in found.output
    assert "anybody can make one" not in found.output


def test_without_a_key_the_reader_is_told_what_that_means(bundle):
    assert "anybody can make one" in verified(bundle).output


def test_another_lenders_key(bundle):
    found = verified(bundle, "--key", bundle.with_name("other.pem"))
    assert found.exit_code == 2
    assert "not with the key given" in found.output


def test_a_changed_bundle_names_the_place_and_nothing_personal(bundle):
    content = bundle.read_bytes()
    at = content.index("愿意 30".encode())
    bundle.write_bytes(content[:at] + "拒绝".encode() + content[at + 6 :])
    found = verified(bundle)
    assert found.exit_code == 2
    assert "personal.jsonl, line " in found.output
    assert "the note of event 7" in found.output
    assert "拒绝" not in found.output
    told = json.loads(verified(bundle, "--json").stdout)
    assert (told["sound"], told["found"]) == (False, 2)
    assert {flaw["file"] for flaw in told["flaws"]} == {"personal.jsonl"}


def test_for_a_program(bundle):
    told = json.loads(verified(bundle, "--json").stdout)
    assert (told["sound"], told["events"], told["sealed"], told["flaws"]) == (True, 15, 13, [])
    assert len(told["key_id"]) == 16


def test_beside_an_earlier_bundle(bundle):
    later = small_log()
    later.add("B1", "note", "2026-04-02T02:00:00Z")
    pack(bundle.with_name("later.zip"), later.parts())
    assert verified(bundle.with_name("later.zip"), "--earlier", bundle).exit_code == 0
    other = Log()
    other.add("B1", "note")
    pack(bundle.with_name("other.zip"), other.parts())
    found = verified(bundle.with_name("other.zip"), "--earlier", bundle)
    assert found.exit_code == 2
    assert "is not what it was in the earlier bundle" in found.output


def test_an_earlier_bundle_must_be_sound_itself_and_the_same_borrowers(bundle):
    pack(bundle.with_name("b2.zip"), small_log().parts("B2"))
    assert "another borrower's" in verified(bundle, "--earlier", bundle.with_name("b2.zip")).output
    content = bundle.read_bytes()
    bundle.with_name("bad.zip").write_bytes(content.replace(b"c291", b"c299"))
    assert "itself not as signed" in verified(bundle, "--earlier", bundle.with_name("bad.zip")).output


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a text"])
def test_no_bundle_at_all_is_one_line(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    found = verified(tmp_path / "x.zip")
    assert found.exit_code == 2
    assert "no evidence bundle" in found.output
    assert json.loads(verified(tmp_path / "x.zip", "--json").stdout)["found"] == 1


def test_a_key_that_is_none(bundle):
    found = verified(bundle, "--key", bundle)
    assert found.exit_code == 2
    assert "holds no Ed25519 public key" in found.output


# with a home and its tables


@pytest.fixture
def forbear(capsys):
    """Run one command on the tests' home; its status, what it printed and what it noted."""

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*map(str, arguments)])
        return (left.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def log(transactional_db) -> str:
    """Four days of one borrower up to now; the digest of the last recording."""
    now, digest = datetime.now(UTC), ""
    for ago in (3, 2, 1, 0):
        digest = recorded(b"talk %d" % ago, at=now - timedelta(days=ago))
        write("contact", now - timedelta(days=ago), body={"seconds": 61}, personal={"note": "one word"})
    return digest


HOME = ("--home", settings.HOME.folder)


@pytest.mark.database
def test_from_sealing_to_a_verified_bundle(forbear, log, tmp_path):
    assert forbear("evidence", "seal", *HOME)[:2] == (0, "3 days sealed.\n")
    assert forbear("evidence", "seal", *HOME)[:2] == (0, "Every day has its seal already.\n")
    handed = forbear("evidence", "export", "B1", "--out", tmp_path / "b1.zip", "--reason", "request", *HOME)
    assert handed[0] == 0, handed
    key = settings.HOME.folder / "data" / "keys" / "signing.pub.pem"
    status, told, _ = forbear("verify", tmp_path / "b1.zip", "--key", key)
    assert status == 0
    assert "9 events" in told
    assert "6 under 3 daily seals; 3 after the last seal" in told
    assert forbear("evidence", "check", *HOME)[:2] == (0, "The log is whole and unchanged.\n")
    assert json.loads(forbear("evidence", "due", "--json", *HOME)[1])["due"] == []
    assert forbear("evidence", "erase-due", *HOME)[0] == 0


@pytest.mark.database
def test_the_bundle_has_the_page_that_people_read(forbear, transactional_db, tmp_path):
    make_borrower()
    write("contact", datetime.now(UTC), body={"seconds": 61})
    assert forbear("evidence", "export", "B1", "--out", tmp_path / "b1.zip", *HOME)[0] == 0
    with ZipFile(tmp_path / "b1.zip") as bundle:
        pages = PdfReader(BytesIO(bundle.read("timeline.pdf"))).pages
    assert "全部经过" in "".join(page.extract_text() for page in pages)


@pytest.mark.database
def test_a_problem_of_the_log_is_told_with_status_two(forbear, log):
    assert forbear("evidence", "seal", *HOME)[0] == 0
    path = attachment_path(log)
    kept = path.read_bytes()
    path.write_bytes(b"noise")
    status, _, noted = forbear("evidence", "check", *HOME)
    as_json = json.loads(forbear("evidence", "check", "--json", *HOME)[1])
    path.write_bytes(kept)
    assert status == 2
    assert f"attachment {log}: was changed" in noted
    assert noted.endswith("forbear: 1 problem in the log\n")
    assert len(as_json["flaws"]) == 1


@pytest.mark.database
def test_guards_that_are_gone_can_be_put_up_again(forbear, log):
    assert forbear("evidence", "seal", *HOME)[0] == 0
    guards.take_down(connection)
    status, _, noted = forbear("evidence", "check", *HOME)
    assert status == 2
    assert "forbear evidence guard" in noted
    assert forbear("evidence", "guard", *HOME)[0] == 0
    assert forbear("evidence", "check", *HOME)[0] == 0
    assert json.loads(forbear("evidence", "guard", "--json", *HOME)[1])["put_up"] == []


@pytest.mark.database
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sale",), "No such command 'sale'"),
        (("export",), "Missing argument 'BORROWER'"),
        (("export", "B1"), "Missing option '--out'"),
        (("export", "B1", "--out", "nowhere/b.zip"), "folder does not exist"),
        (("export", "B7", "--out", "b7.zip"), "no events of borrower B7"),
        (("export", "B1", "--out", "lender.yaml"), "is there already"),
    ],
)
def test_what_a_user_can_mend_is_one_line(forbear, log, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lender.yaml").touch()
    status, _, noted = forbear("evidence", *arguments, *HOME)
    assert status == 2
    assert says in noted
    assert noted.count("\n") == 1


def test_a_changed_bundle_ends_with_status_two(forbear, bundle):
    bundle.write_bytes(bundle.read_bytes()[:-1])
    status, _, noted = forbear("verify", bundle)
    assert status == 2
    assert noted.splitlines()[-1] == f"forbear: {bundle}: 1 place is not as signed"
