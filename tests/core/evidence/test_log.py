"""Lines of the log: one spelling for one meaning, and nothing unfit in them."""

import json
from dataclasses import replace

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.canonical import LARGEST, LONGEST, canonical, read_line
from forbear.core.evidence.kinds import KINDS
from forbear.core.evidence.log import (
    EVENT_FIELDS,
    Erased,
    Erasure,
    Event,
    commitment,
    erasure_of,
    event_hash,
    key_hex,
    next_seal_problem,
    read_event,
    read_seal,
    sign_line,
    signed_by,
)
from forbear.core.permits.permit import digest
from tests.core.evidence_log import KEY, OTHER_KEY, small_log

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
NAMES = st.text("abcXYZ019_.@:/-", min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)
EVENT = Event("id", "2026-03-31T08:00:00Z", "note", "B1", 1, "", "S-001", {})


@given(VALUES)
def test_the_canonical_form_is_rfc_8785(value):
    assert canonical(value) == rfc8785.dumps(value)
    assert read_line(canonical(value)) == value


def test_it_is_the_form_that_permits_are_digested_in():
    value = {"b": 1, "a": ["x", True, None]}
    assert commitment(b"0" * 16, canonical(value)) != digest(value)
    assert canonical(value) == b'{"a":["x",true,null],"b":1}'


@pytest.mark.parametrize(
    "value", [1.0, LARGEST + 1, {"é": 1}, {1: 2}, {"": 1}, {"a b": 1}, "\ud800", {"a": {1, 2}}, b"x"]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011
        canonical(value)


def test_deep_nesting_is_refused():
    value: object = 1
    for _ in range(40):
        value = [value]
    with pytest.raises(ValueError, match="deep"):
        canonical(value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"a":1', "not JSON"),
        (b"", "not JSON"),
        (b'{"a":1,"a":1}', "canonical"),
        (b'{"b":1,"a":1}', "canonical"),
        (b'{"a": 1}', "canonical"),
        (b'{"a":1}\r', "canonical"),
        (b'{"a":"\\u0061"}', "canonical"),
        (b'{"a":"\\/"}', "canonical"),
        (b'{"a":-0}', "canonical"),
        (b'{"a":1.0}', "not whole"),
        (b'{"a":1e3}', "not whole"),
        (b'{"a":NaN}', "not whole"),
        (b'{"a":9007199254740992}', "beyond"),
        (b'{"a":' + b"9" * 9999 + b"}", "beyond"),
        (b'"\xff"', "UTF-8"),
        (b'"\\ud800"', "canonical"),
        (b"\xef\xbb\xbf1", "JSON"),
        ('"a"'.encode("utf-16"), "UTF-8"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'"' + b"x" * LONGEST + b'"', "longer"),
    ],
    ids=range(20),
)
def test_a_line_that_is_not_canonical_is_refused(line, says):
    with pytest.raises(ValueError, match=says):
        read_line(line)


@given(st.binary(max_size=40) | TEXTS.map(str.encode))
def test_any_bytes_are_read_or_refused(line):
    try:
        value = read_line(line)
    except ValueError:
        return
    assert canonical_or_none(value) in (line, None)


def canonical_or_none(value: object) -> bytes | None:
    """None for what can be read, but not written: keys that are no names."""
    try:
        return canonical(value)
    except ValueError:
        return None


def test_an_event_comes_back_from_its_line():
    for event, line in small_log().written:
        assert read_event(line) == event
        assert set(json.loads(line)) == EVENT_FIELDS


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "No name"},
        {"at": "2026-03-31 08:00:00"},
        {"number": 0},
        {"number": True},
        {"previous": "0" * 64},
        {"number": 2},
        {"number": 2, "previous": "A" * 64},
        {"borrower": None},
        {"body": []},
        {"personal": {"Name": "0" * 64}},
        {"personal": {"note": "x"}},
        {"attachments": ("x",)},
    ],
    ids=str,
)
def test_what_no_event_says_is_written_by_nobody_and_read_by_nobody(change):
    with pytest.raises(AssertionError):
        replace(EVENT, **change).line()
    told = json.loads(EVENT.line()) | {
        name: list(each) if name == "attachments" else each for name, each in change.items()
    }
    with pytest.raises(ValueError, match=r"its|is no"):
        read_event(canonical(told))


def test_a_newer_versions_kind_can_be_read_but_not_written():
    newer = canonical(json.loads(EVENT.line()) | {"kind": "gossip"})
    assert read_event(newer).kind == "gossip"
    with pytest.raises(AssertionError, match="not among those known"):
        read_event(newer).line()


def test_personal_data_in_the_clear_is_a_fault_of_ours():
    with pytest.raises(AssertionError, match="belongs among the personal values"):
        replace(EVENT, body={"phone": "13800000000"}).line()


@pytest.mark.parametrize("told", [[], {}, "x", {"format": "forbear.event.1"}, None, 7])
def test_other_lines_are_no_events_and_no_seals(told):
    with pytest.raises(ValueError, match="is no event"):
        read_event(canonical(told))
    with pytest.raises(ValueError, match="is no seal"):
        read_seal(canonical(told))


def test_a_seal_is_no_event():
    (seal, line, signature, _), *_ = small_log().seals
    assert read_seal(line) == seal
    assert signed_by(line, signature, seal.key)
    with pytest.raises(ValueError, match="is no event"):
        read_event(line)
    for change in (
        {"count": -1},
        {"count": True},
        {"root": "x"},
        {"day": 31},
        {"previous": "x"},
        {"key": ""},
    ):
        with pytest.raises(ValueError, match="no seal has"):
            read_seal(canonical(json.loads(line) | change))


def test_one_seal_after_another():
    (one, first, _, _), (two, _, _, _), *_ = small_log().seals
    assert next_seal_problem(None, b"", one) is None
    assert next_seal_problem(one, first, two) is None
    for seal, says in (
        (replace(two, number=3), "seal 3 where seal 2"),
        (replace(two, previous="0" * 64), "does not follow"),
        (replace(two, first_seq=two.first_seq + 1), "leaves out"),
        (replace(two, day=one.day), "later day"),
        (replace(two, until=one.until), "later day"),
    ):
        assert says in next_seal_problem(one, first, seal)
    assert next_seal_problem(None, b"", two)
    assert next_seal_problem(None, b"", replace(one, previous="0" * 64))


def test_a_signature_has_one_spelling_and_one_key():
    line, key = b"line", key_hex(KEY.public_key())
    signature = sign_line(line, KEY)
    assert signed_by(line, signature, key)
    assert not signed_by(b"lime", signature, key)
    assert not signed_by(line, signature, key_hex(OTHER_KEY.public_key()))
    for wrong in (signature.upper(), signature[:-2], f" {signature}", "", "é" * 128):
        assert not signed_by(line, wrong, key)
    for wrong in ("", key[:-2], key.upper() + " ", "00" * 32, "ff" * 32):
        assert not signed_by(line, signature, wrong)


def test_a_commitment_needs_the_salt():
    assert commitment(b"a" * 16, b"1") != commitment(b"b" * 16, b"1")
    with pytest.raises(AssertionError):
        commitment(b"a" * 15, b"1")


def test_an_erasure_explains_what_came_before_it():
    told = Erasure(4, ("phone",), ("d",))
    event = replace(EVENT, kind="erasure", number=5, previous="0" * 64, body=told.body())
    assert erasure_of(event) == told
    assert erasure_of(replace(event, kind="note")) is None
    assert erasure_of(replace(event, number=4)) is None
    for wrong in ({"through": True}, {"through": "4"}, {"fields": "phone"}, {"attachments": [1]}):
        assert erasure_of(replace(event, body=told.body() | wrong)) is None
    erased = Erased([told, Erasure(2, ("phone", "note"))])
    assert erased.explains_value("phone", 4)
    assert not erased.explains_value("phone", 5)
    assert not erased.explains_value("note", 3)
    assert erased.explains_attachment("d", 4)
    assert not erased.explains_attachment("d", 5)
    assert not erased.explains_attachment("e", 1)


def test_every_kind_has_a_meaning():
    assert all(KINDS.values())
    assert all(len(kind) <= 32 for kind in KINDS)


def test_the_hash_of_an_event_is_its_leaf():
    assert event_hash(b"") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
