"""Goal: a seal bears the time of an authority; a log made again, with database and all our keys, doesn't fit it.

The authority is OpenSSL's own, `openssl ts`; it also checks what we kept.
"""

import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from forbear.core.evidence.log import key_hex
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.seal_anchor import SEALS, known_outside
from forbear.interchange.home.time_stamps import (
    keep_stamp,
    stamp_flaws,
    stamp_folders,
    stamp_request,
    stamped,
)
from forbear.jobs.seal_day import go_on, seal_day, stamp_seals
from forbear.store.evidence_check import check, lines
from forbear.store.models import DailySeal, Event
from tests.store.evidence_life import NOON
from tests.store.test_seal_anchor import days, rewrite
from tests.store.test_seal_anchor import outside as outside

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True), pytest.mark.process]
CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamp]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[req]
distinguished_name = name
[name]
"""


@dataclass
class Authority:
    """A time stamp authority: its folder, its address, and what it may do to an answer before it leaves."""

    folder: Path
    url: str = ""
    spoil: bool = False
    asked: int = 0

    def openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def answer(self, query: bytes) -> bytes:
        """What OpenSSL answers to a query."""
        self.asked += 1
        (self.folder / "query").write_bytes(query)
        signer = ["-signer", "tsa.pem", "-inkey", "tsa.key"]
        self.openssl("ts", "-reply", "-config", "ts.cnf", "-queryfile", "query", *signer, "-out", "reply")
        content = bytearray((self.folder / "reply").read_bytes())
        if self.spoil:
            content[-20] ^= 1
        return bytes(content)

    def confirms(self, line: Path, stamp: Path) -> bool:
        """Whether OpenSSL finds that a stamp stands for a file."""
        command = [
            "openssl",
            "ts",
            "-verify",
            "-data",
            line,
            "-in",
            stamp,
            "-CAfile",
            self.folder / "root.pem",
        ]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0


@pytest.fixture
def authority(tmp_path, settings, outside) -> Iterator[Authority]:
    folder = tmp_path / "authority"
    folder.mkdir()
    made = Authority(folder)
    (folder / "ts.cnf").write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ["req", "-config", "ts.cnf", "-newkey", "rsa:2048", "-nodes", "-days", "3650"]
    made.openssl(
        *new, "-x509", "-extensions", "ca", "-subj", "/CN=root", "-keyout", "root.key", "-out", "root.pem"
    )
    made.openssl(*new[:6], "-subj", "/CN=stamps", "-keyout", "tsa.key", "-out", "tsa.csr")
    by = ["-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3650"]
    made.openssl(
        "x509", "-req", "-in", "tsa.csr", *by, "-extfile", "ts.cnf", "-extensions", "stamp", "-out", "tsa.pem"
    )

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = made.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/"
    settings.HOME = replace(settings.HOME, time_stamp_url=made.url, time_stamp_roots=folder / "root.pem")
    for path in stamp_folders(settings.HOME)[0].glob("*"):
        path.unlink()
    yield made
    server.shutdown()


def test_each_seal_is_stamped_once_and_anybody_checks_it(authority, outside):
    days()
    assert stamp_seals(NOON) == DailySeal.objects.count() > 2
    assert stamp_seals(NOON) == 0
    assert authority.asked == DailySeal.objects.count()
    for folder in stamp_folders(django_settings.HOME):
        for number, line in lines().items():
            assert (folder / f"seal-{number}.line").read_text() == line
            assert authority.confirms(folder / f"seal-{number}.line", folder / f"seal-{number}.tsr")
    assert not authority.confirms(outside / "stamps" / "seal-1.line", outside / "stamps" / "seal-2.tsr")
    assert stamp_flaws(django_settings.HOME, lines()) == []


def test_a_log_made_again_with_database_and_keys_does_not_fit_the_stamps(authority, outside):
    """An event and all seals are cut out, all files of seals gone, and the service signs again with the real key."""
    days()
    stamp_seals(NOON)
    copies = {folder: sorted(folder.iterdir()) for folder in stamp_folders(django_settings.HOME)}
    rewrite(Event.objects.filter(borrower="B1").order_by("number")[2])
    for folder in (outside, django_settings.HOME.folder / "data" / "keys"):
        for path in (*folder.glob("heads-*.jsonl"), folder / SEALS):
            path.unlink(missing_ok=True)
    seal_day(NOON + timedelta(days=6))
    now = NOON + timedelta(days=6)
    own = (key_hex(signing_key(django_settings.HOME).public_key()),)
    assert check(now, own, known=known_outside(django_settings.HOME)) == [], (
        "nothing inside tells it any more"
    )
    found = stamp_flaws(django_settings.HOME, lines())
    assert found
    assert all("is not the one that was stamped at" in what for _, what in found)
    assert copies == {folder: sorted(folder.iterdir()) for folder in copies}
    gone = stamp_flaws(django_settings.HOME, {})
    assert all("is not in the database any more" in what for _, what in gone)


def test_a_stamp_of_another_authority_or_a_spoiled_one_is_not_kept(authority):
    days()
    authority.spoil = True
    assert stamp_seals(NOON) == 0
    assert stamped(django_settings.HOME) == set()
    number, line = next(iter(lines().items()))
    assert keep_stamp(django_settings.HOME, number, line, b"no stamp", stamp_request(line))
    authority.spoil = False
    old = authority.answer(stamp_request(line).as_bytes())
    assert keep_stamp(django_settings.HOME, number, line, old, stamp_request(line)), (
        "it answers another question"
    )


def test_an_authority_that_is_away_stops_nothing(authority, settings):
    days()
    settings.HOME = replace(settings.HOME, time_stamp_url="http://127.0.0.1:9/")
    assert stamp_seals(NOON) == 0
    settings.HOME = replace(settings.HOME, time_stamp_url=authority.url)
    assert stamp_seals(NOON) > 0
    settings.HOME = replace(settings.HOME, time_stamp_roots=None)
    with pytest.raises(HomeError, match="time_stamp_roots"):
        keep_stamp(settings.HOME, 1, "x", authority.answer(stamp_request("x").as_bytes()), stamp_request("x"))


def test_after_a_restored_backup_the_lost_stamps_are_put_aside(authority):
    days()
    stamp_seals(NOON)
    moved = go_on(NOON, "test", "restored")
    assert any("seal-1.tsr" in path for path in moved)
    assert stamped(django_settings.HOME) == set()
