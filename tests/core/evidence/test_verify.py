"""Whatever is changed in a bundle is found and its place named; what was erased lawfully is not held against it."""

import hashlib
import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.base.canonical import canonical
from forbear.core.evidence.bundle import (
    ATTACHMENTS,
    EVENTS,
    FILES,
    PERSONAL,
    PROOFS,
    PUBLIC_KEY,
    README,
    SEALS,
    SEALS_SIGNATURES,
    STATEMENT,
    STATEMENT_SIGNATURE,
    Evidence,
    FileNote,
    Proof,
    Value,
    bundle,
    read_statement,
)
from forbear.core.evidence.log import Event, event_hash, key_hex, read_event, sign_line
from forbear.core.evidence.verify import MOST_FLAWS, extends, pem_key, printable
from tests.core.evidence_log import KEY, OTHER_KEY, Files, Log, small_log, verdict
from tests.profile import examples

LOG = small_log()
SOUND = LOG.files().files
RAW, OTHER_RAW = (key_hex(key.public_key()) for key in (KEY, OTHER_KEY))
LINED = (EVENTS, PROOFS, PERSONAL, SEALS, SEALS_SIGNATURES)


def copy() -> Files:
    files = Files([])
    files.files = dict(SOUND)
    return files


def resigned(files: Files) -> Files:
    """The statement made anew by somebody who holds the lender's key: only the content itself can betray them."""
    statement = read_statement(files.files[STATEMENT].rstrip(b"\n"))
    notes = {
        name: FileNote(len(content), sha256(content), "text/plain")
        for name, content in files.files.items()
        if name not in (STATEMENT, STATEMENT_SIGNATURE)
    }
    line = replace(statement, files=notes).line()
    files.files[STATEMENT] = line + b"\n"
    files.files[STATEMENT_SIGNATURE] = sign_line(line, KEY).encode() + b"\n"
    return files


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def places(files: Files) -> set[tuple[str, int]]:
    return {(flaw.file, flaw.line) for flaw in verdict(files).flaws}


def test_a_sound_bundle():
    found = verdict(LOG.files(), RAW)
    assert (found.flaws, found.sound, found.pinned) == ([], True, True)
    assert (found.events, found.sealed, found.seals) == (15, 13, 3)
    assert (found.values, found.erased_values, found.files) == (5, 2, 3)
    assert (found.borrower, found.first_at, found.last_at) == (
        "B1",
        "2026-03-29T01:00:00Z",
        "2026-04-01T03:00:00Z",
    )
    assert verdict(LOG.files("B2")).sound
    assert LOG.parts() != []
    assert [one.name for one in LOG.parts()][: len(FILES)] == list(FILES)


def test_a_bundle_of_nobody_and_of_nothing():
    assert verdict(LOG.files("B7")).sound
    assert verdict(Log().files()).sound


@given(st.sampled_from(sorted(SOUND)), st.data())
@settings(max_examples=examples(200, long=4000))
def test_any_bit_that_is_turned_is_found_in_its_file(name, data):
    files = copy()
    content = bytearray(files.files[name])
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    files.files[name] = bytes(content)
    found = verdict(files).flaws
    assert any(flaw.file == name or f"what {name} signs" in flaw.what for flaw in found)
    if name in LINED:
        line = bytes(SOUND[name][:at]).count(b"\n") + 1
        assert located(name, line, files)


def located(name: str, line: int, files: Files) -> bool:
    """Whether some flaw names this line, or the one after it: which of two that no longer fit was changed can't
    be told where nothing else vouches for either. A line that parts in two moves what follows by one."""
    return any(
        (flaw.file == name and flaw.line in (line, line + 1)) or f"line {line} of {name}" in flaw.what
        for flaw in verdict(files).flaws
    )


CHANGES = ("removed", "twice", "swapped", "moved", "empty", "foreign")


@given(st.sampled_from(LINED), st.sampled_from(CHANGES), st.booleans(), st.data())
@settings(max_examples=examples(150, long=3000))
def test_any_line_removed_added_or_moved_is_found(name, change, insider, data):
    """Also when the statement over the files was signed anew with the lender's own key."""
    files = copy()
    rows = files.lines(name)
    at = data.draw(st.integers(0, len(rows) - 1))
    if change == "removed":
        del rows[at]
    elif change == "twice":
        rows.insert(at, rows[at])
    elif change == "swapped":
        other = data.draw(st.integers(0, len(rows) - 1).filter(lambda each: each != at))
        rows[at], rows[other] = rows[other], rows[at]
    elif change == "moved":
        rows.insert(data.draw(st.integers(0, len(rows) - 1).filter(lambda each: each != at)), rows.pop(at))
    elif change == "empty":
        rows.insert(at, b"\n")
    else:
        rows.insert(at, LOG.files("B2").lines(name)[0 if name != PERSONAL else -1])
    changed = b"".join(rows)
    if changed == SOUND[name]:
        return
    files.files[name] = changed
    found = {flaw.file for flaw in verdict(resigned(files) if insider else files).flaws}
    assert found & {name, EVENTS, PERSONAL, SEALS}
    assert insider or name in found


@given(st.integers(0, 14), st.data())
@settings(max_examples=examples(75, long=1500))
def test_any_field_of_an_event_changed_by_an_insider_is_found_at_its_line(at, data):
    """The line stays a proper event in its canonical form, and the statement is signed anew."""
    files = copy()
    rows = files.lines(EVENTS)
    told = json.loads(rows[at])
    name = data.draw(st.sampled_from(sorted(set(told) - {"format"})))
    old = told[name]
    if isinstance(old, int):
        told[name] = old + data.draw(st.integers(1, 5))
    elif name in ("previous",):
        told[name] = "0" * 64
    elif isinstance(old, str):
        told[name] = {"kind": "legal", "at": "2026-03-28T00:00:00Z"}.get(name, f"{old}x")
    elif isinstance(old, list):
        told[name] = [*old, "0" * 64]
    else:
        told[name] = old | {"extra": "0" * 64}
    rows[at] = canonical(told) + b"\n"
    files.files[EVENTS] = b"".join(rows)
    assert located(EVENTS, at + 1, resigned(files))


def test_an_event_and_all_that_follow_rewritten_by_an_insider_are_found_under_their_seals():
    """The chain is made whole again; the seals still say what was there."""
    files = copy()
    previous, rows = "", []
    for at, row in enumerate(files.lines(EVENTS)):
        event = read_event(row.rstrip(b"\n"))
        body = event.body | ({"amount": 1} if at == 4 else {})
        line = replace(event, previous=previous, body=body).line()
        previous = event_hash(line)
        rows.append(line + b"\n")
    files.files[EVENTS] = b"".join(rows)
    statement = read_statement(files.files[STATEMENT].rstrip(b"\n"))
    files.files[STATEMENT] = replace(statement, head=previous).line() + b"\n"
    found = verdict(resigned(files)).flaws
    assert [(flaw.file, flaw.line) for flaw in found] == [(EVENTS, line) for line in range(5, 14)]


def test_the_tail_can_not_be_cut():
    files = copy()
    for name in (EVENTS, PROOFS, PERSONAL):
        files.files[name] = b"".join(files.lines(name)[:-1])
    assert any("is not the last of the 15" in flaw.what for flaw in verdict(resigned(files)).flaws)


def test_a_sealed_event_can_not_be_passed_off_as_unsealed():
    files = copy()
    rows = [
        canonical(json.loads(row) | {"path": "", "seal": 0, "seq": 0}) + b"\n"
        for row in files.lines(PROOFS)[:3]
    ]
    files.files[PROOFS] = b"".join([*rows, *files.lines(PROOFS)[3:]])
    assert (PROOFS, 4) in places(resigned(files))


@pytest.mark.parametrize("name", sorted(SOUND))
def test_a_missing_file_is_named(name):
    files = copy()
    del files.files[name]
    assert (name, 0) in places(files)


@pytest.mark.parametrize(
    "name", ["extra.txt", "attachments/x", "../../etc/passwd", "/etc/passwd", "", ATTACHMENTS + "0" * 64]
)
def test_a_file_too_many_is_named(name):
    files = copy()
    files.files[name] = b"x"
    assert (name, 0) in places(files)


def test_an_attachment_that_nobody_names_is_told_though_signed():
    files = copy()
    files.files[ATTACHMENTS + sha256(b"x")] = b"x"
    assert places(resigned(files)) == {(ATTACHMENTS + sha256(b"x"), 0)}


def test_an_attachment_that_is_missing_is_told_though_signed():
    files = copy()
    name = next(name for name in SOUND if name.startswith(ATTACHMENTS))
    del files.files[name]
    assert places(resigned(files)) == {(name, 0)}


def test_an_attachment_that_was_changed_is_told_though_signed():
    files = copy()
    name = next(name for name in SOUND if name.startswith(ATTACHMENTS))
    files.files[name] += b"another ending"
    assert places(resigned(files)) == {(name, 0)}


def test_another_borrowers_events_are_told_though_signed():
    files = Files(bundle(LOG.evidence("B2"), "x", "B1", "2026-04-03T00:00:00Z", KEY))
    assert {(EVENTS, line) for line in range(1, 7)} == places(files)


def test_a_number_left_out_is_told_though_signed():
    """A lender who never wrote event 2 down, and a value that would be its."""
    first = Event("a", "2026-03-31T08:00:00Z", "note", "B1", 1, "", "S-001", {})
    third = replace(first, event_id="c", number=3, previous=event_hash(first.line()))
    proofs = [Proof(number, 0, 0, b"") for number in (1, 3)]
    values = [Value(2, "note", b"s" * 16, "x")]
    files = Files(bundle(Evidence([first.line(), third.line()], proofs, values, []), "x", "B1", "", KEY))
    assert places(files) == {(EVENTS, 2), (PERSONAL, 1)}


@pytest.mark.parametrize(
    ("name", "row"),
    [(PROOFS, Proof(99, 0, 0, b"").line()), (PERSONAL, Value(99, "note", b"s" * 16, "x").line())],
)
def test_rows_of_events_that_are_not_there_are_told_though_signed(name, row):
    files = copy()
    files.files[name] += row + b"\n"
    assert places(resigned(files)) == {(name, len(files.lines(name)))}


@pytest.mark.parametrize("more", [b"x\n", b"\n", SOUND[STATEMENT]])
def test_more_than_one_statement_is_told(more):
    files = copy()
    files.files[STATEMENT] += more
    assert places(files) == {(STATEMENT, 2)}


# who signed


def forged() -> Files:
    """All of it made anew by somebody else, with a key of their own."""
    log = small_log()
    log.key = OTHER_KEY
    log.seals = []
    other = Log(OTHER_KEY)
    other.written, other.values, other.attachments = log.written, log.values, log.attachments
    other.seal("2026-03-31")
    return other.files()


def test_a_forgery_holds_together_but_bears_another_key():
    found = verdict(forged())
    assert (found.sound, found.pinned, found.key) == (True, False, OTHER_RAW)
    assert places_with_key(forged()) == {(STATEMENT, 1)}
    assert verdict(copy(), OTHER_RAW, RAW).sound


def places_with_key(files: Files) -> set[tuple[str, int]]:
    return {(flaw.file, flaw.line) for flaw in verdict(files, RAW).flaws}


def test_an_older_key_is_told_and_vouched_for_by_the_newer():
    log = Log(OTHER_KEY)
    log.add("B1", "note")
    log.seal("2026-03-30")
    log.key = KEY
    log.add("B1", "note")
    log.seal("2026-03-31")
    found = verdict(log.files(), RAW)
    assert (found.sound, len(found.older_keys)) == (True, 1)


def test_the_public_key_that_lies_inside_is_the_one_that_signed():
    files = copy()
    files.files[PUBLIC_KEY] = forged().files[PUBLIC_KEY]
    assert places(resigned(files)) == {(PUBLIC_KEY, 0)}
    assert pem_key(SOUND[PUBLIC_KEY]) == RAW
    assert pem_key(b"nonsense") == ""


def test_a_lender_who_signs_everything_anew_is_found_beside_an_earlier_bundle():
    earlier, later = small_log(), small_log()
    later.add("B1", "note", "2026-04-02T02:00:00Z")
    later.seal("2026-04-02")
    assert extends(later.files(), earlier.files()) == []
    another = Log()
    another.add("B1", "note")
    another.seal("2026-03-29")
    assert verdict(another.files(), RAW).sound
    assert [(flaw.file, flaw.line) for flaw in extends(another.files(), earlier.files())] == [
        (SEALS, 1),
        (EVENTS, 1),
    ]
    assert [(flaw.file, flaw.line) for flaw in extends(earlier.files(), later.files())] == [
        (SEALS, 4),
        (EVENTS, 16),
    ]


# personal data


def test_erasing_keeps_the_verdict():
    log = small_log()
    log.erase("B1", "note", "phone")
    found = verdict(log.files())
    assert found.flaws == []
    assert (found.values, found.erased_values) == (0, 7)
    assert "愿意".encode() not in b"".join(log.files().files.values())


def test_an_erased_recording_keeps_the_verdict():
    log = small_log()
    digest = sha256(b"wav 29")
    log.erase("B1", attachments=(digest,))
    found = verdict(log.files())
    assert (found.flaws, found.files, found.erased_files) == ([], 2, 1)


def test_a_recording_that_should_be_erased_is_told():
    log = small_log()
    digest = sha256(b"wav 29")
    log.erase("B1", attachments=(digest,))
    log.attachments[digest] = b"wav 29"
    assert places(log.files()) == {(ATTACHMENTS + digest, 0)}


def test_a_value_taken_out_without_an_erasure_is_told():
    log = small_log()
    del log.values["B1", 3, "note"]
    (flaw,) = verdict(log.files()).flaws
    assert flaw.file == PERSONAL
    assert "the note of event 3 is missing" in flaw.what


def test_a_value_that_should_be_erased_is_told():
    log = small_log()
    salt, value = log.values["B1", 3, "note"]
    log.erase("B1", "note")
    log.values["B1", 3, "note"] = salt, value
    (flaw,) = verdict(log.files()).flaws
    assert "event 3 is here, though" in flaw.what


def test_another_value_for_the_same_commitment_is_told():
    log = small_log()
    salt, _ = log.values["B1", 3, "note"]
    log.values["B1", 3, "note"] = salt, "拒绝还款"
    (flaw,) = verdict(log.files()).flaws
    assert (flaw.file, flaw.line) == (PERSONAL, 1)


# a stranger's bytes

LINE = st.binary(max_size=60) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
).map(lambda value: json.dumps(value).encode())


@given(
    st.dictionaries(
        st.sampled_from(FILES) | st.text(max_size=6), st.lists(LINE, max_size=3).map(b"\n".join), max_size=9
    )
)
@settings(max_examples=examples(150, long=3000))
def test_nothing_makes_verifying_fail(stranger):
    files = Files([])
    files.files = stranger
    assert not verdict(files).sound


@given(st.sampled_from((EVENTS, PROOFS, PERSONAL, SEALS, STATEMENT)), st.data())
@settings(max_examples=examples(150, long=3000))
def test_nothing_strange_in_a_field_makes_verifying_fail(name, data):
    files = copy()
    rows = [json.loads(row) for row in files.lines(name)]
    at = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(sorted(rows[at])))
    rows[at][field] = data.draw(
        st.sampled_from(
            [
                None,
                True,
                -1,
                0,
                10**15,
                2**70,
                "",
                "x",
                [],
                [1],
                {},
                {"x": 1},
                [[]],
                "0" * 64,
                ["0" * 64],
                {"x": {}},
            ]
        )
    )
    text = [json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows]
    files.files[name] = "".join(f"{line}\n" for line in text).encode()
    found = verdict(files)
    assert found.sound == (files.files[name] == SOUND[name])


def test_flaws_are_counted_when_there_are_too_many_to_list():
    log = Log()
    for _ in range(MOST_FLAWS + 50):
        log.add("B1", "note")
    files = log.files()
    files.files[PROOFS] = b""
    found = verdict(files)
    assert len(found.flaws) == MOST_FLAWS
    assert found.found > MOST_FLAWS + 50


def test_a_very_long_line_is_told_and_the_rest_is_read():
    files = copy()
    files.files[EVENTS] = b"x" * (3 << 20) + b"\n" + files.files[EVENTS]
    assert any("longer" in flaw.what and flaw.line == 1 for flaw in verdict(files).flaws)


def test_a_strangers_text_can_not_play_with_the_terminal():
    assert printable("a\x1b[31mb\n" + "x" * 400).startswith("a\ufffd[31mb\ufffdx")
    assert len(printable("x" * 400)) == 303


def test_a_statement_comes_back_from_its_line():
    statement = read_statement(SOUND[STATEMENT].rstrip(b"\n"))
    assert asdict(statement)["events"] == 15
    assert statement.line() + b"\n" == SOUND[STATEMENT]
    assert SOUND[README].startswith("证据包".encode())
