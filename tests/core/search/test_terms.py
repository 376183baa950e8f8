"""Goal: a caller is found by what people say of themselves, and nothing can be read out of the index.

Method: names and numbers as people write them, and properties over any text.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.search.terms import (
    digests,
    name_terms,
    number_terms,
    phone_terms,
    term_digest,
    typed_terms,
)

KEY = b"k" * 32


def finds(typed: str, terms: set[str], country: str = "CN") -> bool:
    """Whether somebody with these terms is found by what was typed."""
    words = typed_terms(typed, country)
    return bool(words) and all(word & terms for word in words)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("王小明", "王小明"),
        ("王小明", "小明"),
        ("王小明", "wangxiaoming"),
        ("王小明", "Xiaoming"),
        ("王明", "wangming"),
        ("Anna-Lena O'Neil", "o'neil"),
        ("Anna-Lena O'Neil", "ANNA-LENA"),
        ("José García", "garcia jose"),
        ("ＪＯＨＮ Smith", "john"),
        ("阿卜杜拉·买买提", "阿卜杜拉"),
        ("阿卜杜拉·买买提", "买买提"),
    ],
)
def test_a_name_is_found_by_its_parts(name, typed):
    assert finds(typed, name_terms(name))


@pytest.mark.parametrize("typed", ["王", "张小明", "明小", "", "  ", "·", "wang"])
def test_a_name_is_not_found_by_anything_else(typed):
    assert not finds(typed, name_terms("王小明"))


@pytest.mark.parametrize(
    "typed",
    [
        "+8613800002011",
        "138 0000 2011",
        "138-0000-2011",
        "１３８００００２０１１",
        "0086 138 0000 2011",
        "2011",
        "002011",
    ],
)
def test_a_number_is_found_in_any_spelling_and_by_its_end(typed):
    assert finds(typed, phone_terms("+8613800002011"))


@pytest.mark.parametrize("typed", ["138 0000 2012", "011", "02011", "1380000", "2011 2012"])
def test_a_number_is_not_found_by_another(typed):
    assert not finds(typed, phone_terms("+8613800002011"))


def test_an_id_number_is_found_whole_and_by_its_end():
    terms = number_terms("id", "11010519491231002X")
    assert finds("11010519491231002x", terms)
    assert finds("002X", terms)
    assert finds("31002x", terms)
    assert not finds("02X", terms)
    assert number_terms("id", " ") == set()


def test_several_words_narrow_it_down():
    terms = name_terms("王小明") | phone_terms("+8613800002011")
    assert finds("小明 2011", terms)
    assert not finds("小明 2012", terms)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_may_be_typed_or_be_a_name(name, typed):
    assert all(term.startswith("name:") for term in name_terms(name))
    words = typed_terms(typed, "CN")
    assert len(words) <= 8
    digests({term for word in words for term in word}, KEY)


@given(st.text(max_size=40))
def test_a_digest_tells_nothing_without_the_key(term):
    assert term_digest(term, KEY) != term_digest(term, b"j" * 32)
    assert len(term_digest(term, KEY)) == 16
