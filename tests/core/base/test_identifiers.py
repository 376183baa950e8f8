"""Goal: a name is read alike by everybody: what nobody sees around it is cut off, in Python as in the feed's SQL."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.base.identifiers import UNSEEN, bare, trimmed
from forbear.engine.columnar import connected
from forbear.interchange.book.feed_columns import LOANS, value_of

SIGNS = [
    "\t",
    "\n",
    "\r",
    "\x0b",
    " ",
    "\xa0",
    "\u1680",
    "\u2003",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2060",
    "\u3000",
    "\ufeff",
]


@pytest.mark.parametrize("sign", SIGNS, ids=lambda sign: f"{ord(sign):04x}")
def test_nothing_unseen_belongs_to_a_name(sign):
    assert trimmed(f"{sign}L 1{sign}{sign}") == "L 1"


def test_every_white_space_is_unseen_and_no_letter_or_mark_is():
    every = [chr(code) for code in range(0x10000) if not 0xD800 <= code < 0xE000]
    assert {sign for sign in every if sign.isspace()} <= set(UNSEEN)
    assert all(unicodedata.category(sign)[0] not in "NMP" for sign in UNSEEN)


def test_a_bare_name_has_letters_and_digits_alone():
    assert {bare(name) for name in ("L-001", "l001 ", "Ｌ００１", "L/001", "\tL_001")} == {"l001"}
    assert bare(" -/ ") == ""


@given(
    st.lists(
        st.text(st.sampled_from([*SIGNS, "a", "1", "贷", "-", "~", "!"]), max_size=6), min_size=1, max_size=20
    )
)
def test_the_feed_reads_names_as_programs_do(names):
    with connected(1) as engine:
        engine.execute("create temp table sent as select unnest($names) as loan_id", {"names": names})
        read = engine.execute(f"select {value_of(LOANS.column('loan_id'), 'VARCHAR')} from sent").fetchall()
    assert [name for (name,) in read] == [trimmed(name) for name in names]
