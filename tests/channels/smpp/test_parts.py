"""Goal: any text survives the alphabets and the cutting, and no character is broken between two parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.channels.smpp.parts import GSM, UCS2, decode, encode, part_header, split_header

WHOLE = st.text(st.characters(exclude_categories=("Cs",)), max_size=700)
PLAIN = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà^{}\\[~]|€\f"
)


@given(WHOLE)
def test_what_is_written_is_read(text):
    coding, parts = encode(text)
    assert "".join(decode(part, coding) for part in parts) == text
    assert coding == UCS2 or set(text) <= set(PLAIN) | set(map(chr, range(32, 127)))
    most = {GSM: (160, 153), UCS2: (140, 134)}[coding][len(parts) > 1]
    assert all(len(part) <= most for part in parts)


@given(st.text(PLAIN, max_size=400))
def test_the_plain_alphabet_needs_no_ucs2(text):
    assert encode(text)[0] == GSM


@pytest.mark.parametrize("filler", range(4))
@pytest.mark.parametrize("sign", ["€", "😀", "𠮷"])
def test_no_character_is_cut(sign, filler):
    coding, parts = encode("a" * filler + sign * 200)
    assert len(parts) > 1
    assert all("\ufffd" not in decode(part, coding) for part in parts)
    assert all(
        decode(part, coding).strip("a") == sign * (len(decode(part, coding).strip("a"))) for part in parts
    )


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        ("@", b"\0"),
        ("€", b"\x1be"),
        ("Ü§", b"\x5e\x5f"),
        ("a`", "a`".encode("utf-16-be")),
        ("^", b"\x1b\x14"),
    ],
)
def test_known_encodings(text, octets):
    assert encode(text)[1] == [octets]


@pytest.mark.parametrize(
    ("octets", "coding", "default", "text"),
    [
        (b"\x00\x11", 0, "gsm", "@_"),
        (b"@_", 0, "ascii", "@_"),
        (b"\xe9", 0, "latin1", "é"),
        (b"\xe9", 3, "gsm", "é"),
        (b"hi\xff", 1, "gsm", "hi\ufffd"),
        (b"\x90\x00\x8b\xa2", 8, "gsm", "退订"),
        (b"\x1b\x1b", 0, "gsm", ""),
        (b"\x1b", 0, "gsm", ""),
        (b"\x90", 8, "gsm", "\ufffd"),
    ],
)
def test_what_comes_in(octets, coding, default, text):
    assert decode(octets, coding, default=default).strip() == text


@given(st.binary(max_size=200), st.integers(0, 255), st.sampled_from(["gsm", "ascii", "latin1"]))
def test_no_octets_break_it(octets, coding, default):
    assert isinstance(decode(octets, coding, default=default), str)
    whole, rest = split_header(octets)
    assert octets.endswith(rest)
    assert whole is None or len(whole) == 3


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (part_header(7, 3, 2) + b"abc", ((7, 3, 2), b"abc")),
        (bytes((6, 8, 4, 1, 2, 3, 2)) + b"abc", ((258, 3, 2), b"abc")),
        (bytes((4, 5, 2, 1, 1)) + b"abc", (None, b"abc")),
        (bytes((9, 5, 2, 1, 1, 0, 3, 7, 3, 2)) + b"x", ((7, 3, 2), b"x")),
        (b"\x50ab", (None, b"\x50ab")),
        (b"", (None, b"")),
    ],
)
def test_headers(octets, expected):
    assert split_header(octets) == expected
