"""Bundles on disk: equal evidence gives equal bytes, and no bit of the zip can be turned unnoticed."""

import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.evidence.bundle import Part, part
from forbear.core.evidence.verify import verify
from forbear.interchange.documents import evidence_file
from forbear.interchange.documents.evidence_file import BundleError, BundleFile, pack
from tests.core.evidence_log import small_log
from tests.profile import examples


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("bundle") / "b1.zip"
    pack(path, small_log().parts())
    return path


def wrong(path: Path) -> list[str]:
    """What verifying the file finds."""
    try:
        with BundleFile(path) as bundle:
            found = verify(bundle).flaws
            return [str(flaw) for flaw in found or bundle.flaws()]
    except BundleError as error:
        return [str(error)]


def repacked(path: Path, target: Path, **settings_: object) -> Path:
    """The same files packed by another tool."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", **settings_) as new:
        for info in old.infolist():
            new.writestr(info.filename, old.read(info))
    return target


def test_a_bundle_is_sound_and_any_tool_can_open_it(packed):
    assert wrong(packed) == []
    with zipfile.ZipFile(packed) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[:2] == ["README.txt", "bundle.json"]
        assert {part_.name for part_ in small_log().parts()} == set(archive.namelist())
    tool = [sys.executable, "-m", "zipfile", "-t", str(packed)]
    assert subprocess.run(tool, capture_output=True, check=False).returncode == 0


def test_equal_evidence_gives_equal_bytes(packed, tmp_path):
    pack(tmp_path / "again.zip", small_log().parts())
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


@given(st.data())
@settings(max_examples=examples(150, long=3000))
def test_any_bit_of_the_file_that_is_turned_is_found(packed, data):
    content = bytearray(packed.read_bytes())
    # half of the tries go where only the zip itself is, at the end
    end = len(content) - 1
    at = data.draw(st.integers(0, end) | st.integers(end - 1200, end))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    path = packed.with_name("turned.zip")
    path.write_bytes(content)
    assert wrong(path)


def test_every_byte_of_the_zip_around_the_files_counts(packed):
    """All of them, not a sample: the head of the first file, and the directory at the end."""
    content = packed.read_bytes()
    begin = content.index(b"PK\x01\x02")
    path = packed.with_name("turned.zip")
    for at in (*range(40), *range(begin, len(content))):
        path.write_bytes(content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :])
        assert wrong(path), at


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda content: content[:-1], "can't be read"),
        (lambda content: content[: len(content) // 2], "can't be read"),
        (lambda content: b"", "can't be read"),
        (lambda content: b"no zip at all", "can't be read"),
        (lambda content: content + b"x", "not as it was packed"),
        (lambda content: b"x" + content, "not as it was packed"),
        (lambda content: content[:-2] + struct.pack("<H", 3) + b"abc", "not as it was packed"),
    ],
    ids=range(7),
)
def test_a_file_cut_or_lengthened_is_told_in_one_line(packed, tmp_path, change, says):
    path = tmp_path / "changed.zip"
    path.write_bytes(change(packed.read_bytes()))
    (line,) = wrong(path)
    assert says in line
    assert "\n" not in line


def test_a_bundle_packed_differently_is_told_from_a_changed_one(packed, tmp_path):
    (line,) = wrong(repacked(packed, tmp_path / "anew.zip"))
    assert "the files inside are as signed" in line


def test_a_compressed_zip_is_refused_without_unpacking_it(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("events.jsonl", b"0" * 50_000_000)
    (line,) = wrong(path)
    assert line.startswith("events.jsonl is compressed")


def test_a_name_that_stands_twice_is_refused(packed, tmp_path):
    path = repacked(packed, tmp_path / "twice.zip")
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr("events.jsonl", b"{}\n")
    (line,) = wrong(path)
    assert "events.jsonl twice" in line


def test_files_that_lie_over_one_another_are_refused(packed, tmp_path):
    """The directory says of every file that it is as long as the whole: a small zip that would read as a huge one."""
    content = bytearray(packed.read_bytes())
    at = content.index(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<2I", content, at + 20, len(content) - 1000, len(content) - 1000)
        at = content.find(b"PK\x01\x02", at + 4)
    path = tmp_path / "over.zip"
    path.write_bytes(content)
    (line,) = wrong(path)
    assert "more than its own size" in line


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a\\b", "events.jsonl\x1b[31m", "日记"])
def test_odd_names_are_told_and_nothing_is_unpacked(packed, tmp_path, name):
    path = repacked(packed, tmp_path / "odd.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    lines = wrong(path)
    assert any("does not belong" in line for line in lines)
    assert all(line.isprintable() for line in lines)
    assert [each.name for each in tmp_path.iterdir()] == ["odd.zip"]


def test_offsets_beyond_four_gibibytes_are_written_as_zip_tools_read_them(monkeypatch, tmp_path):
    """The limits are set low, so that the large form is used for a small file."""
    monkeypatch.setattr(evidence_file, "_MOST_ENTRIES", 5)
    path = tmp_path / "large.zip"
    pack(path, small_log().parts())
    assert path.read_bytes().count(b"PK\x06\x06") == 1
    assert wrong(path) == []


def test_a_large_offset_is_read_back():
    entries = [(b"a", 1, 0xFFFFFFF0), (b"b", 2, 0xFFFFFFF0), (b"c", 3, 5)]
    start, directory = evidence_file._directory(entries)
    assert start == 2 * 0xFFFFFFF0 + 5 + 3 * 31
    record = directory[directory.index(b"PK\x01\x02", 4) :]
    assert struct.unpack_from("<2HQ", record, 47) == (1, 8, 0xFFFFFFF0 + 31)


def test_a_file_too_large_for_a_bundle_is_told(tmp_path):
    huge = Part("events.jsonl", 1 << 32, "text/plain", lambda: iter(()))
    with pytest.raises(BundleError, match="4 GiB"):
        pack(tmp_path / "huge.zip", [huge])
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_changed_under_our_hands_leaves_no_bundle(tmp_path):
    with pytest.raises(AssertionError):
        pack(tmp_path / "b.zip", [part("a", b"x", "text/plain"), Part("b", 3, "", lambda: iter((b"x",)))])
    assert list(tmp_path.iterdir()) == []
