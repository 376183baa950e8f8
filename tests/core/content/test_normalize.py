"""Folding: one spelling for many disguises, and the way back to the letters that were written."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forbear.core.content.normalize import EMOJI_WORDS, normal_forms, normal_phrase
from forbear.core.content.sound import sounds_of, spelt_syllables, syllable
from tests.profile import examples

FOLDED = [
    # what is between Hanzi goes, what ends a clause or a sentence stays
    ("公 安 局", "公安局"),
    ("公-安_局", "公安局"),
    ("公,安,局", "公安局"),
    ("公。安。局", "公安局"),
    ("您好，王先生。请还款！", "您好,王先生.请还款."),
    ("威胁、恐吓", "威胁、恐吓"),
    ("公\u200b安\ufe0f局", "公安局"),
    ("法😀院", "法院"),
    # forms
    ("ＡＢＣ１２３", "abc123"),
    ("ⓟⓐⓨ 𝐧𝐨𝐰", "pay now"),
    ("hürt naïve", "hurt naive"),
    ("法院傳票起訴", "法院传票起诉"),
    ("灋院 㓥", "法院杀"),
    ("氵去阝完", "法院"),
    ("扌丁断", "打断"),
    ("言斥 木娄", "诉楼"),
    ("рolice аnd cоurt", "police and court"),
    ("🇸🇧", "sb"),
    ("㊗㊙", ""),
    # words spelt apart
    ("p o l i c e", "police"),
    ("p.o.l.i.c.e now", "police now"),
    ("w e  w i l l", "we will"),
    ("I am a man", "i am a man"),
    ("a b", "a b"),
    # digits and signs for letters
    ("k1ll @rrest j@il 1d1ot k!ll 5tupid", "kill arrest jail idiot kill stupid"),
    ("f*ck", "f*ck"),
    ("5k 412rmb 4usd 3 days 1.5w 2nd", "5k 412rmb 4usd 3 days 1.5w 2nd"),
    ("$412.00 and ¥1,234.50", "$412.00 and ¥1,234.50"),
    ("won't we’ll ＇s", "wont well s"),
    ("4 1 2 0元", "4120元"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "folded"), FOLDED)
def test_folding(text, folded):
    assert normal_forms(text)[0].text == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [("👮来了", "警察来了"), ("you 🔪", "you stab"), ("死💀了", "死死了")],
)
def test_emoji_are_read_as_words_and_as_nothing(text, words):
    nothing, meant = normal_forms(text)
    assert meant.text == words
    assert nothing.text == "".join(sign for sign in text if sign not in EMOJI_WORDS).strip()


@pytest.mark.parametrize(
    ("text", "part", "original"),
    [
        ("x公 安 局y", "公安局", "公 安 局"),
        ("扌丁断", "打断", "扌丁断"),
        ("弄\u200b死你", "弄死", "弄\u200b死"),
        ("a p.o.l.i.c.e man", "police", "p.o.l.i.c.e"),
        ("hu\u0308rt", "hurt", "hu\u0308rt"),
    ],
)
def test_the_way_back(text, part, original):
    normal = normal_forms(text)[0]
    at = normal.text.index(part)
    start, end = normal.span(at, at + len(part))
    assert text[start:end] == original


@given(st.text(max_size=40))
@settings(max_examples=examples(400))
@example("氵去" * 3)
@example("\ud800\udfff")
@example("ﷺ")
@example("İ")
def test_places_are_in_order_and_inside(text):
    for normal in normal_forms(text):
        assert len(normal.text) == len(normal.starts) == len(normal.ends) == len(normal.joined)
        assert all(
            0 <= start < end <= len(text) for start, end in zip(normal.starts, normal.ends, strict=True)
        )
        assert list(normal.starts) == sorted(normal.starts)
        sounds = sounds_of(normal)
        assert all(0 <= a < b <= len(normal.text) for a, b in zip(sounds.starts, sounds.ends, strict=True))


@given(st.text("公安法院言斥氵去打断傳你的腿殺👮 pay now,.。", max_size=12))
def test_a_phrase_is_folded_as_a_text_is(text):
    assert normal_phrase(text) == normal_forms(text)[0].text


@given(st.text("公安法院打断你的腿 pay now,.。", max_size=20))
def test_folding_a_folded_text_changes_nothing(text):
    once = normal_phrase(text)
    assert normal_phrase(normal_phrase(once)) == normal_phrase(once)


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("法苑", ("fa", "yuan")),
        ("fayuan的", ("fa", "yuan", "de")),
        ("gong an局", ("gong", "an", "ju")),
        ("律师,hello", ("lv", "shi", ",", "hello")),
        ("弄sǐ你", ("nong", "si", "ni")),
    ],
)
def test_sounds(text, syllables):
    assert sounds_of(normal_forms(text)[0]).syllables == syllables


@pytest.mark.parametrize(
    ("word", "syllables"),
    [
        ("gongan", ("gong", "an")),
        ("fayuan", ("fa", "yuan")),
        ("zuolao", ("zuo", "lao")),
        ("hello", None),
        ("x" * 30, None),
        ("a", None),
    ],
)
def test_spelt_syllables(word, syllables):
    assert spelt_syllables(word) == syllables


def test_a_rare_character_is_its_own_syllable():
    assert syllable("\U00020000")
