"""Screening: what it finds, where, how sure it is, and that no text and no disguise upsets it."""

import time
from datetime import date

import opencc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forbear.core.content.rules import KINDS
from forbear.core.content.screening import Screening, proposal
from tests.core.content_ready import PACKS, corpus, kinds, rules, screened
from tests.profile import examples

# lines that say nothing by an amount, a sender or a reader, so that they stand alone
PLAIN_ZH = [
    line
    for line in corpus()
    if line.context.language == "zh"
    and line.kinds
    and line.blocked
    and not line.evasion
    and line.part == "tuned"
    and line.context.amounts is None
]
PLAIN_EN = [
    line
    for line in corpus()
    if line.context.language == "en"
    and line.kinds
    and line.blocked
    and not line.evasion
    and line.part == "tuned"
    and line.context.amounts is None
]


def matched(found: Screening) -> list[str]:
    return [finding.matched for finding in found.findings]


# where


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("再不还钱就打断你的腿。", ["打断你的腿"]),
        ("再不还钱就打 断·你​的 腿。", ["打 断·你​的 腿"]),
        ("您好。弄死你。谢谢。弄死你。", ["弄死你", "弄死你"]),
        ("法苑已经立案", ["法苑已经立案"]),
        ("W e  w i l l  h u r t  y o u.", ["h u r t  y o u"]),
        ("Pay, or we k1ll you", ["k1ll you"]),
        ("Your bill. Go to hell. Thanks.", ["Go to hell"]),
    ],
)
def test_the_very_words_are_highlighted(text, words):
    found = screened(text)
    assert matched(found) == words
    assert all(text[each.start : each.end] == each.matched for each in found.findings)


def test_a_finding_says_the_rule_its_source_and_what_to_say_instead():
    (found,) = screened("再不还钱就打断你的腿。").findings
    assert (found.rule, found.kind, found.answer, found.force) == (
        "cn.content.threat",
        "threat",
        "block",
        "law",
    )
    assert "刑法 第293条之一" in found.clause
    assert found.message["zh"] == "不得威胁、恐吓借款人或其家人"
    assert found.suggestion["en"].startswith("Your payment is late.")
    assert found.doubt["en"]
    assert not found.disguised


@pytest.mark.parametrize(("text", "disguised"), [("弄死你", False), ("弄 死 你", True), ("nongsi你", True)])
def test_a_disguise_is_told(text, disguised):
    assert [each.disguised for each in screened(text).findings if each.answer == "block"] == [disguised]


@pytest.mark.parametrize(
    ("text", "severity"),
    [("您好,您的账单已出。", "clean"), ("我们将向法院起诉。", "look"), ("弄死你", "block"), ("", "clean")],
)
def test_severity(text, severity):
    assert screened(text).severity == severity


def test_what_needs_a_look_is_silent_in_a_sentence_that_is_blocked():
    assert [each.answer for each in screened("我知道你老婆在哪上班。你看着办。").findings] == [
        "block",
        "look",
    ]


# meant or not

DENIED = [
    ("我们会去你单位。", "我们不会去你单位。"),
    ("我们会威胁你,打断你的腿。", "我们绝不会威胁、辱骂您,也不会打断你的腿。"),
    ("他们骂你骗子。", "您说“他们骂我骗子”,我们已处理。"),
    ("公安局已立案。", "如有人自称公安局已立案,请勿相信。"),
    ("You will go to jail.", "You will not go to jail."),
    ("We tell your boss.", "We will never tell your boss, your family or your friends."),
    ("The police are coming.", 'You wrote "the police are coming"; nobody sent them.'),
]


@pytest.mark.parametrize(("meant", "not_meant"), DENIED)
def test_a_denial_a_warning_and_a_quotation_take_the_meaning_away(meant, not_meant):
    assert screened(meant).severity == "block"
    assert screened(not_meant).severity != "block"


@pytest.mark.parametrize(
    "text",
    [
        "不得不找人收拾你了。",
        "我们不会只打电话,今晚就打断你的腿。",
        "我们不会发短信,打断你的腿。",
        "您说过的事我们已经转交专人处理,请您放心“弄死你”。",
        "如果你不还,你会坐牢的。",
        "我们不会骗你。明天就打断你的腿。",
        "我们说:“弄死你”。",
        "If you do not pay, you will go to jail.",
        "We do not joke. We will break your legs.",
        'We said "I will hurt you".',
    ],
)
def test_what_only_looks_like_a_denial_does_not(text):
    assert screened(text).severity == "block"


# to whom, from whom, about what


def test_a_third_person_hears_nothing_of_the_debt():
    text = "您好,请王先生就他的账单回电。"
    assert kinds(text) == set()
    for party in ("related", "unrelated", "employer"):
        assert kinds(text, party=party) == {"disclosure"}
    assert kinds("请王先生方便时回电。", party="unrelated") == set()
    assert kinds("他在我们这有412元。", party="unrelated") == {"disclosure"}


def test_own_names_are_no_finding():
    text = "请王先生致电诚信贷款。"
    assert kinds(text, party="unrelated") == {"disclosure"}
    assert kinds(text, party="unrelated", names=frozenset({"诚信贷款"})) == set()
    assert kinds(text + "他欠款了。", party="unrelated", names=frozenset({"诚信贷款"})) == {"disclosure"}


def test_legal_staff_may_name_a_step_at_court():
    text = "法院已受理支付令申请。"
    assert screened(text, sender="agency").severity == "block"
    assert screened(text, sender="legal").severity == "clean"
    assert screened("打断你的腿", sender="legal").severity == "block"


def test_amounts_are_checked_when_the_ledger_is_known():
    text = "您欠款412元,剩余本金3,000.00元。"
    assert kinds(text) == set()
    assert kinds(text, amounts=frozenset({41_200, 300_000})) == set()
    assert matched(screened(text, amounts=frozenset({41_200}))) == ["3,000.00元"]
    assert len(screened(text, amounts=frozenset()).findings) == 2
    assert matched(screened("$412.00", amounts=frozenset({41_200}))) == ["$412.00"], "another currency"
    assert kinds("$412.00", "us", amounts=frozenset({41_200}), currency="USD") == set()
    assert kinds("412 yen is JPY 412", "us", amounts=frozenset({412}), currency="JPY", minor_unit=1) == set()


def test_dates_are_checked_when_they_are_known():
    text = "请于2026年3月31日前还款。"
    assert kinds(text) == set()
    assert kinds(text, dates=frozenset({date(2026, 3, 31)})) == set()
    assert kinds(text, dates=frozenset({date(2026, 4, 1)})) == {"wrong_date"}


# disguises: what is found plainly is found in each of them

TRADITIONAL = opencc.OpenCC("s2t")
DISGUISES_ZH = {
    "traditional": TRADITIONAL.convert,
    "spaced": " ".join,
    "dotted": "·".join,
    "dashed": "-".join,
    "zero width": "\u200b".join,
    "variation selectors": "\ufe0f".join,
    "emoji between": "😀".join,
    "soft hyphens": "\u00ad".join,
}
DISGUISES_EN = {
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "zero width": "\u200b".join,
    "accents": "\u0301".join,
    "upper case": str.upper,
    "bold mathematics": lambda text: "".join(
        chr(0x1D41A + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text.lower()
    ),
    "circled": lambda text: "".join(
        chr(0x24D0 + ord(c) - ord("a")) if "a" <= c <= "z" else c for c in text.lower()
    ),
    "lookalikes": lambda text: text.translate(str.maketrans("aeopcxi", "аеорсхі")),
}


@pytest.mark.parametrize("disguise", DISGUISES_ZH)
def test_chinese_disguises(disguise):
    change = DISGUISES_ZH[disguise]
    assert len(PLAIN_ZH) > 120
    missed = [
        line.text
        for line in PLAIN_ZH
        if screened(change(line.text), party=line.context.party).severity != "block"
    ]
    # a stop put between every two signs also takes away the stops that were there
    assert len(missed) <= len(PLAIN_ZH) * 0.02, missed


@pytest.mark.parametrize("disguise", DISGUISES_EN)
def test_english_disguises(disguise):
    change = DISGUISES_EN[disguise]
    assert len(PLAIN_EN) > 80
    missed = [
        line.text
        for line in PLAIN_EN
        if screened(change(line.text), "us", party=line.context.party).severity != "block"
    ]
    assert missed == []


# every text

HARD = st.text(
    st.one_of(
        st.sampled_from(
            "打断你的腿不会法院公安警察,。、“”\"' .,!$¥0123456789万千元块约killpolice🚔👮💀\u200b\ufe0f\ud800氵去"
        ),
        st.characters(),
    ),
    max_size=60,
)


@given(HARD, st.sampled_from(PACKS), st.sampled_from(["debtor", "unrelated"]))
@settings(max_examples=examples(150, long=3000))
@example("氵", "cn", "debtor")
@example("*kill*", "us", "debtor")
@example("“", "cn", "debtor")
@example("ﷺ㍿㊗", "cn", "unrelated")
def test_every_text_gets_an_answer(text, pack, party):
    found = screened(
        text, pack, party=party, amounts=frozenset({41_200}), dates=frozenset({date(2026, 3, 31)})
    )
    assert found == screened(
        text, pack, party=party, amounts=frozenset({41_200}), dates=frozenset({date(2026, 3, 31)})
    )
    places = [(each.start, each.end) for each in found.findings]
    assert places == sorted(places, key=lambda place: place[0])
    for each in found.findings:
        assert 0 <= each.start < each.end <= len(text)
        assert each.matched == text[each.start : each.end]
        assert each.kind in KINDS
    assert found.severity in ("clean", "look", "block")
    proposal(text, found, "zh")


@given(st.text("甲乙丙丁 ,。", max_size=12), st.text("甲乙丙丁 ,。", max_size=12))
@settings(max_examples=examples(50, long=1000))
def test_harmless_words_around_change_nothing(before, after):
    text = f"{before}。打断您的腿。{after}"
    assert [each.rule for each in screened(text).findings] == ["cn.content.threat"]


@pytest.mark.parametrize(
    "text", ["打断你的腿", "你", "不会", "“", "三千", "1,", "a b ", "警🚔", "kill you ", "爆通讯录"]
)
def test_time_grows_with_length_only(text):
    """Eight times the text takes about eight times as long; with backtracking it would take sixty-four."""

    def cost(length: int) -> float:
        long = text * (length // len(text))
        least = float("inf")
        for _ in range(2):
            start = time.process_time()
            screened(long)
            least = min(least, time.process_time() - start)
        return least

    cost(2000)
    assert cost(16_000) < 24 * max(cost(2000), 0.002)


# instead


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_suggestion_may_be_said(pack, language):
    for rule in rules(pack).rules:
        text = rule.instead[language]
        party = "unrelated" if rule.id.endswith("third_person") else "debtor"
        assert screened(text, pack, party=party).severity == "clean", (rule.id, text)


def test_a_proposal_keeps_what_is_lawful():
    text = "您好,王先生。再不还就打断你的腿!砍死你!请回电。"
    found = screened(text)
    proposed = proposal(text, found, "zh")
    assert (
        proposed == "您好,王先生。您的还款已逾期。若您有困难，请告诉我们，我们可以一起商量还款安排。请回电。"
    )
    assert screened(proposed).severity == "clean"
    assert proposal("您好。", screened("您好。"), "zh") == "您好。"


def test_every_proposal_for_a_tuned_line_may_be_said():
    for line in (*PLAIN_ZH, *PLAIN_EN):
        party = line.context.party
        found = screened(line.text, line.pack, party=party)
        proposed = proposal(line.text, found, line.context.language)
        assert screened(proposed, line.pack, party=party).severity == "clean", (line.text, proposed)
