"""Matching: the automaton and the chains against the plainest search there is, and how patterns are read."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.base.problem import Problem
from forbear.core.content.match import GAP, MAX_JOINED, Automaton, Matcher, Pattern, read_pattern
from forbear.core.content.normalize import normal_forms
from tests.profile import examples

ABC = st.text("abc", max_size=12)


@given(st.lists(st.text("ab", min_size=1, max_size=4), max_size=6), st.text("ab", max_size=20))
def test_the_automaton_finds_every_occurrence(words, text):
    expected = {
        (number, start, start + len(word))
        for number, word in enumerate(words)
        for start in range(len(text))
        if text.startswith(word, start)
    }
    assert set(Automaton(words).find(text)) == expected


def naive(pattern: Pattern, text: str) -> bool:
    """Whether any way of placing the elements in order keeps to the gaps and stays in one sentence."""
    places = [
        [(at, at + len(word)) for word in element for at in range(len(text)) if text.startswith(word, at)]
        for element in pattern.elements
    ]
    return any(
        all(
            0 <= after[0] - before[1] <= gap and "." not in text[before[1] : after[0]]
            for before, after, gap in zip(chain, chain[1:], pattern.gaps, strict=False)
        )
        for chain in itertools.product(*places)
    )


HANZI = st.text("甲乙丙.", max_size=14)
ELEMENT = st.lists(st.text("甲乙丙", min_size=1, max_size=2), min_size=1, max_size=2, unique=True).map(tuple)


@given(st.lists(ELEMENT, min_size=1, max_size=3), st.lists(st.integers(0, 4), min_size=2, max_size=2), HANZI)
@settings(max_examples=examples(500))
def test_chains_are_found_where_they_are(elements, gaps, text):
    folded = normal_forms(text)[0]
    pattern = Pattern("", tuple(elements), tuple(gaps[: len(elements) - 1]))
    hits = Matcher([pattern], frozenset(), frozenset()).find(folded)
    assert bool(hits) == naive(pattern, folded.text)
    for hit in hits:
        for (start, end), element in zip(hit.spans, pattern.elements, strict=True):
            assert folded.text[start:end] in element


def pattern_of(written: str, *, chinese: bool = True, **lists: list[str]) -> Pattern:
    read = read_pattern(written, lists, chinese=chinese)
    assert isinstance(read, Pattern), read
    return read


@pytest.mark.parametrize(
    ("written", "elements", "gaps"),
    [
        ("打断", [{"打断"}], ()),
        ("打(断|死)", [{"打断", "打死"}], ()),
        ("打(断|)你", [{"打断你", "打你"}], ()),
        ("打…你", [{"打"}, {"你"}], (GAP[True],)),
        ("打……你", [{"打"}, {"你"}], (GAP[True] * 3,)),
        ("<who>来", [{"公安来", "法院来"}], ()),
        ("起訴", [{"起诉"}], ()),
    ],
)
def test_patterns_are_read(written, elements, gaps):
    pattern = pattern_of(written, who=["公安", "法院"])
    assert [set(element) for element in pattern.elements] == elements
    assert pattern.gaps == gaps


def test_many_pairs_become_two_elements_side_by_side():
    first, second = ([f"{sign}{n}" for n in range(MAX_JOINED // 10)] for sign in "甲乙")
    pattern = pattern_of("<a><b>", a=first, b=second)
    assert [len(element) for element in pattern.elements] == [len(first), len(second)]
    assert pattern.gaps == (0,)
    matcher = Matcher([pattern], frozenset(), frozenset())
    assert matcher.find(normal_forms("甲3乙5")[0])
    assert not matcher.find(normal_forms("甲3丙乙5")[0])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("<nobody>来", "unknown list <nobody>"),
        ("打(断", "`(断` can't be read: ( and < need their ends and can't be nested"),
        ("打[断]", "`[` has no meaning in a pattern"),
        ("打断?", "`?` has no meaning in a pattern"),
        ("打…", "there is nothing to look for at an end of the pattern or between two gaps"),
        ("(|打)", "there is nothing"),
        ("打…(|)…你", "there is nothing to look for"),
    ],
)
def test_what_is_no_pattern(written, message):
    read = read_pattern(written, {}, chinese=True)
    if isinstance(read, Problem):
        assert str(read).startswith(message)
    else:
        assert written == "(|打)"
        assert read.elements == (("打",),)


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("kill you", "I kill you", True),
        ("kill you", "I skill you", False),
        ("kill you", "I kill yours", False),
        ("arrest*", "being arrested", True),
        ("arrest*", "unarrested", False),
        ("kill you", "k i l l y o u", True),
        ("go to jail", "go to. jail", False),
        ("sue…you", "sue all of you", True),
        ("sue…you", "sue. you", False),
    ],
)
def test_english_words_are_whole(written, text, found):
    pattern = pattern_of(written, chinese=False)
    assert bool(Matcher([pattern], frozenset(), frozenset()).find(normal_forms(text)[0])) == found


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("公安局", "公按局", True),
        ("公安局", "gong an ju", False),  # an English sentence is not listened to
        ("公安局", "去gonganju", True),
        ("公安局", "共按剧", False),  # nothing is written as it should be
        ("法院", "法苑", False),  # two syllables alone are too little
        ("法院…起诉", "法苑要起素", True),
        ("法院…起诉", "法援可起素", False),  # told to be another word
        ("中国画", "中国话", False),  # another word of the dictionary
        ("中国画", "中国划", True),
    ],
)
def test_sounds_are_believed_with_care(written, text, found):
    matcher = Matcher([pattern_of(written)], frozenset({0}), frozenset({"法援"}))
    hits = matcher.find(normal_forms(text)[0])
    assert bool(hits) == found
    assert all(hit.by_sound for hit in hits)


def test_what_is_spelt_rightly_is_not_heard_again():
    matcher = Matcher([pattern_of("公安局")], frozenset({0}), frozenset())
    assert [hit.by_sound for hit in matcher.find(normal_forms("公安局,公按局")[0])] == [False, True]
