"""Goal: the page that checks a bundle, saved and offline, says the same as `forbear verify`, whatever is in it.

Method: a bundle is changed in every way that a list of tampering names; both check the very same bytes, and the places
they name must be equal.
"""

import base64
import json
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page

from forbear.core.evidence.bundle import part
from forbear.core.evidence.log import key_hex
from forbear.core.evidence.verify import Verdict, verify
from forbear.interchange.documents.evidence_file import BundleError, BundleFile, pack
from tests.core.evidence.test_verify import resigned
from tests.core.evidence_log import KEY, OTHER_KEY, Files, small_log

LOG = small_log()
KEY_HEX, OTHER_HEX = (key_hex(key.public_key()) for key in (KEY, OTHER_KEY))
LINED = ("events.jsonl", "proofs.jsonl", "personal.jsonl", "seals.jsonl", "seals.sig")
COUNTS = (
    "events",
    "sealed",
    "seals",
    "values",
    "erased_values",
    "files",
    "erased_files",
    "first_at",
    "last_at",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory, chromium) -> Iterator[Page]:
    """The page as somebody saved it, opened from their own disk without a network."""
    saved = tmp_path_factory.mktemp("saved") / "check-bundle.html"
    saved.write_bytes(Client(headers={"Accept-Language": "en"}).get("/verify/bundle?save").content)
    context = chromium.new_context(offline=True, viewport={"width": 390, "height": 844})
    made = context.new_page()
    made.goto(saved.as_uri())
    yield made
    context.close()


def by_command(path: Path, key: str = "") -> Verdict:
    """What `forbear verify` finds, as its command puts it together."""
    try:
        with BundleFile(path) as bundle:
            verdict = verify(bundle, (key,) if key else ())
            for flaw in bundle.flaws() if verdict.sound else ():
                verdict.add(flaw.file, flaw.line, flaw.what)
    except BundleError as error:
        verdict = Verdict()
        verdict.add(path.name, 0, str(error))
    return verdict


def by_page(page: Page, path: Path, key: str = "") -> dict:
    told = base64.b64encode(path.read_bytes()).decode()
    ask = """([told, name, key]) => checkBundle(Uint8Array.from(atob(told), (each) => each.charCodeAt(0)), name, key)"""
    return page.evaluate(ask, [told, path.name, key])


def agree(page: Page, path: Path, key: str = "") -> dict:
    """Both say the same; what the page said."""
    mine, theirs = by_page(page, path, key), by_command(path, key)
    assert mine["sound"] == theirs.sound
    assert sorted((each["file"], each["line"]) for each in mine["flaws"]) == sorted(
        (each.file, each.line) for each in theirs.flaws
    )
    assert mine["found"] == theirs.found
    if path.stat().st_size and mine["events"]:
        assert {name: mine[name] for name in COUNTS} == {name: getattr(theirs, name) for name in COUNTS}
    return mine


def packed(folder: Path, files: Files) -> Path:
    path = folder / "evidence.zip"
    pack(path, [part(name, content, "x") for name, content in files.files.items()])
    return path


def flip(name: str, at: float) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        content = bytearray(files.files[name])
        content[int(at * (len(content) - 1))] ^= 1
        files.files[name] = bytes(content)

    return change


def lines(name: str, what: Callable[[list[bytes]], list[bytes]]) -> Callable[[Files], None]:
    def change(files: Files) -> None:
        files.files[name] = b"".join(what(files.lines(name)))

    return change


def without(name: str) -> Callable[[Files], None]:
    return lambda files: files.files.pop(name) and None


def with_file(name: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.files.update({name: content})


def attachment(files: Files) -> str:
    return next(name for name in files.files if name.startswith("attachments/"))


NAMES = [name for name in LOG.files().files if not name.startswith("attachments/")]
TAMPERED: dict[str, Callable[[Files], None]] = {
    **{f"{name} flipped at {at}": flip(name, at) for name in NAMES for at in (0.0, 0.37, 1.0)},
    **{f"{name} gone": without(name) for name in NAMES},
    **{f"{name} first line gone": lines(name, lambda rows: rows[1:]) for name in LINED},
    **{f"{name} last line gone": lines(name, lambda rows: rows[:-1]) for name in LINED},
    **{f"{name} line twice": lines(name, lambda rows: [*rows, rows[-1]]) for name in LINED},
    **{f"{name} swapped": lines(name, lambda rows: [rows[1], rows[0], *rows[2:]]) for name in LINED},
    **{f"{name} cut": lines(name, lambda rows: [*rows[:-1], rows[-1][:-9]]) for name in LINED},
    **{f"{name} spaced": lines(name, lambda rows: [rows[0].replace(b":", b": ", 1), *rows[1:]]) for name in LINED[:-1]},
    "a file more": with_file("notes.txt", b"hello\n"),
    "a recording more": with_file("attachments/" + "0" * 64, b"wav"),
    "a recording gone": lambda files: without(attachment(files))(files),
    "a recording changed": lambda files: flip(attachment(files), 0.5)(files),
    "not UTF-8": lines("events.jsonl", lambda rows: [rows[0].replace(b"permit", b"perm\xff"), *rows[1:]]),
    "a fraction": lines("events.jsonl", lambda rows: [rows[0].replace(b"120050", b"1200.5"), *rows[1:]]),
    "a huge number": lines("events.jsonl", lambda rows: [rows[0].replace(b"120050", b"9007199254740993"), *rows[1:]]),
    "another key's name": lines("bundle.json", lambda rows: [rows[0].replace(KEY_HEX.encode(), OTHER_HEX.encode())]),
    "nothing at all": lambda files: files.files.clear(),
}  # fmt: skip


def test_a_sound_bundle(page, tmp_path):
    path = packed(tmp_path, LOG.files())
    for key, sound in (("", True), (KEY_HEX, True), (OTHER_HEX, False)):
        assert agree(page, path, key)["sound"] is sound
    other = tmp_path / "other"
    other.mkdir()
    assert agree(page, packed(other, LOG.files("B2")))["sound"]


@pytest.mark.parametrize("name", TAMPERED)
def test_whatever_is_changed_both_name_the_same_places(page, tmp_path, name):
    for signed in (False, True):
        files = LOG.files()
        TAMPERED[name](files)
        if signed and "bundle.json" in files.files and not name.startswith("bundle."):
            files = resigned(files)
        folder = tmp_path / str(signed)
        folder.mkdir()
        mine = agree(page, packed(folder, files))
        assert signed or not mine["sound"]


def test_any_byte_of_the_file_changed_is_found(page, tmp_path):
    path = packed(tmp_path, LOG.files())
    good, chance = path.read_bytes(), random.Random(5)
    for at in [0, 4, 30, len(good) - 1, len(good) - 12, *(chance.randrange(len(good)) for _ in range(60))]:
        bad = bytearray(good)
        bad[at] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        assert not by_page(page, path)["sound"], at
        assert not by_command(path).sound, at


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all" * 100])
def test_what_is_no_bundle(page, tmp_path, content):
    path = tmp_path / "evidence.zip"
    path.write_bytes(content)
    assert not agree(page, path)["sound"]


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_was_packed_differently(page, tmp_path, compression):
    path = tmp_path / "evidence.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in LOG.files().files.items():
            archive.writestr(name, content)
    assert agree(page, path)["found"] == 1


def test_a_person_chooses_a_file_and_reads_the_verdict(page, tmp_path):
    path = packed(tmp_path, LOG.files())
    page.fill("#key", KEY_HEX)
    page.set_input_files("#bundle", path)
    page.wait_for_selector("h2.good")
    assert "Signed with the key given" in page.inner_text("#verdict")
    files = LOG.files()
    TAMPERED["events.jsonl swapped"](files)
    folder = tmp_path / "changed"
    folder.mkdir()
    page.set_input_files("#bundle", packed(folder, files).rename(folder / "changed.zip"))
    page.wait_for_selector("h2.bad")
    assert "events.jsonl : 1" in page.inner_text("#verdict")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_every_sentence_of_the_script_comes_in_the_readers_language():
    asked = {"en": None, "zh-CN": None}
    for language in asked:
        told = Client(headers={"Accept-Language": language}).get("/verify/bundle").content.decode()
        asked[language] = json.loads(re.search(r'<script id="texts"[^>]*>(.*?)</script>', told, re.DOTALL)[1])
    assert len(asked["en"]) > 60
    assert all(sentence == text for sentence, text in asked["en"].items())
    assert asked["zh-CN"].keys() == asked["en"].keys()
    assert all(re.search("[\u4e00-\u9fff]", text) for text in asked["zh-CN"].values())


def test_the_page_may_load_nothing_and_run_only_itself():
    answer = Client().get("/verify/bundle")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert len(answer.content) < 100_000
    assert "Content-Disposition" not in answer
    assert b"src=" not in answer.content
