"""Files of words and rules: what a good one gives, and all that is wrong with a bad one, each at its place."""

import hashlib
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.content.rules import CHECKS, KINDS
from forbear.core.content.screening import (
    ContentContext,
    ContentError,
    content_rules,
    parse_content,
    parse_words,
    screen,
)
from tests.core.content_ready import PACKS, pack, text_of, words
from tests.docs.pages import page, untold
from tests.profile import examples

WORDS = """\
words: zh
lists:
  who: [公安, 法院]
denials: [不会]
fine: [不会飞]
quoting: [您说]
sounds_fine: [法援]
groups:
  - group: police
    sounds: true
    polite: true
    phrases: [<who>…抓你]
    unless: [自称]
    denials: true
"""
RULES = """\
content: small
title: {zh: 小, en: Small}
required:
  - {parts: [identity, code], channels: [sms], purposes: [collect], senders: [agency], clause: house §1}
rules:
  - id: small.police
    kind: authority
    answer: block
    uses: [police, amounts]
    applies: {senders: [agency]}
    says: {zh: 不可, en: No}
    instead: {zh: 您好, en: Hello}
    clause: house §2
    force: house
    doubt: {zh: 未核对, en: Not checked}
"""


def refused(parse, *arguments) -> list[str]:
    with pytest.raises(ContentError) as caught:
        parse(*arguments)
    return caught.value.messages


def test_a_good_file_of_words():
    read = parse_words(WORDS, "w.yaml")
    (group,) = read.groups
    assert (read.language, group.name, group.sounds, group.deniable) == ("zh", "police", True, True)
    assert [set(element) for element in group.phrases[0].elements] == [{"公安", "法院"}, {"抓你", "抓您"}]
    assert read.sounds_fine == {"法援"}
    assert read.version == hashlib.sha256(WORDS.encode()).hexdigest()[:12]


def test_a_good_pack():
    read = parse_content(RULES, "r.yaml", ["police"])
    (rule,) = read.rules
    assert (rule.id, rule.kind, rule.answer, rule.uses) == (
        "small.police",
        "authority",
        "block",
        ("police", "amounts"),
    )
    assert rule.applies == {"senders": ("agency",)}
    assert rule.doubt == {"zh": "未核对", "en": "Not checked"}
    assert rule.place == "r.yaml:6:5"
    (needed,) = read.required
    assert (needed.parts, needed.channels, needed.purposes) == (("identity", "code"), ("sms",), ("collect",))
    assert needed.concerns("sms", "collect", "agency")
    assert not needed.concerns("email", "collect", "agency")
    assert not needed.concerns("sms", "notice", "agency")
    assert not needed.concerns("sms", "collect", "system")


@pytest.mark.parametrize(
    ("text", "sender", "found"),
    [
        ("公安来抓你", "agency", True),
        ("法院来抓您", "agency", True),
        ("公安来抓你", "internal", False),
        ("公安不会抓你", "agency", False),
        ("公安不会飞,来抓你", "agency", True),
        ("自称公安来抓你", "agency", False),
        ("您说“公安来抓你”", "agency", False),
        ("法苑来抓你", "agency", True),
        ("法援来抓你", "agency", False),
    ],
)
def test_a_small_pack_does_as_it_says(text, sender, found):
    read = content_rules([parse_content(RULES, "r.yaml", ["police"])], [parse_words(WORDS, "w.yaml")])
    findings = screen(text, read, ContentContext(sender=sender)).findings
    assert [each.rule for each in findings] == ["small.police"] * found
    assert read.names[0].startswith("content-small@")
    assert len(read.required) == 1


def test_a_rule_that_is_switched_off_says_nothing():
    text = RULES + "    enabled: false\n"
    read = content_rules([parse_content(text, "r.yaml", ["police"])], [parse_words(WORDS, "w.yaml")])
    assert screen("公安来抓你", read, ContentContext(sender="agency")).findings == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("words: zh", "words: fr", "w.yaml:1:8: `fr` can't be the `words`; it is one of zh, en"),
        ("<who>…抓你", "<whom>…抓你", "w.yaml:12:15: unknown list <whom>"),
        ("<who>…抓你", "抓(你", "w.yaml:12:15: `(你` can't be read"),
        ("sounds: true", "sounds: perhaps", "w.yaml:10:13: `perhaps` can't be the `sounds`"),
        (
            "phrases: [<who>…抓你]",
            "phrasess: [a]",
            "w.yaml:12:5: unknown key `phrasess` in a group; did you mean",
        ),
        ("group: police", "group: Police", "w.yaml:9:12: `Police` can't be the `group`"),
        ("denials: [不会]", "denials: []", "w.yaml:4:10: `denials` is empty; leave it out"),
    ],
)
def test_a_mistake_in_words_is_told_at_its_place(old, new, message):
    assert any(
        each.startswith(message) for each in refused(parse_words, WORDS.replace(old, new, 1), "w.yaml")
    )


def test_a_group_given_twice():
    text = WORDS + "  - {group: police, phrases: [a]}\n"
    assert refused(parse_words, text, "w.yaml") == ["w.yaml:15:13: group `police` is already on line 9"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "kind: authority",
            "kind: authorities",
            "r.yaml:7:11: `authorities` can't be the `kind`; did you mean",
        ),
        (
            "uses: [police, amounts]",
            "uses: [polices]",
            "r.yaml:9:12: `polices` is none of the uses; did you mean",
        ),
        (
            "answer: block",
            "answer: stop",
            "r.yaml:8:13: `stop` can't be the `answer`; it is one of block, look",
        ),
        ("force: house", "force: strong", "r.yaml:14:12: `strong` can't be the `force`"),
        ("    clause: house §2\n", "", "r.yaml:6:5: a rule has no `clause:`"),
        ("says: {zh: 不可, en: No}", "says: {zh: 不可}", "r.yaml:11:11: `says` has no `en:`"),
        ("id: small.police", "id: police", "r.yaml:6:9: `police` can't be the `id`"),
        (
            "senders: [agency]}\n    says",
            "senders: [agencies]}\n    says",
            "r.yaml:10:25: `agencies` is none",
        ),
        ("parts: [identity, code]", "parts: [name]", "r.yaml:4:14: `name` is none of the parts"),
        ("kind: authority", "kind: [authority]", "r.yaml:7:11: `kind` must be a plain value, not a list"),
    ],
)
def test_a_mistake_in_rules_is_told_at_its_place(old, new, message):
    text = RULES.replace(old, new, 1)
    assert text != RULES
    told = refused(parse_content, text, "r.yaml", ["police"])
    assert any(each.startswith(message) for each in told), told


def test_all_mistakes_are_told_at_once():
    text = RULES.replace("authority", "x").replace("block", "y").replace("police, ", "z, ")
    assert len(refused(parse_content, text, "r.yaml", ["police"])) == 3


@given(st.text(max_size=80))
@settings(max_examples=examples(150))
def test_any_text_is_refused_in_the_right_way(text):
    # a text of chance is a good file by a miracle only, so that being refused in the right way is all there is
    assert refused(parse_words, text, "w")
    assert refused(parse_content, text, "r", [])


@pytest.mark.parametrize("name", PACKS)
def test_ready_packs_are_whole(name):
    read = pack(name)
    blocked = {rule.kind for rule in read.rules if rule.answer == "block"}
    assert blocked == set(KINDS) - {"wrong_date", "unclear"}
    assert all(rule.enabled and rule.clause and rule.id.startswith(f"{name}.content.") for rule in read.rules)
    assert all(rule.force == "house" for rule in read.rules if "house" in rule.clause.split(";")[0])
    groups = {group.name for file in words() for group in file.groups}
    used = {use for rule in read.rules for use in rule.uses}
    assert used <= groups | set(CHECKS)
    for rule in read.rules:
        if rule.answer == "block" and not set(rule.uses) <= set(CHECKS):
            assert (
                any(use.startswith("en_") for use in rule.uses) or rule.id == "cn.content.court_consequence"
            ), f"{rule.id} knows no English"


def test_every_group_is_used_by_a_pack():
    used = {use for name in PACKS for rule in pack(name).rules for use in rule.uses}
    assert {group.name for file in words() for group in file.groups} - used == set()


@pytest.mark.parametrize("name", ["words-zh", "words-en", *PACKS])
def test_ready_files_say_where_they_go_wrong(name):
    """A letter struck out of a key is refused: nothing in these files is ignored."""
    text = text_of(name)
    key = "phrases:" if name.startswith("words") else "instead:"
    broken = text.replace(f"    {key}", f"    {key[1:]}", 1)
    if name.startswith("words"):
        assert refused(parse_words, broken, name)
    else:
        assert refused(parse_content, broken, name, [group.name for file in words() for group in file.groups])


def test_every_kind_and_check_is_told():
    assert untold("docs/rules/content.md", *KINDS) == []
    told = " ".join(re.findall(r"```text\n(.*?)```", page("docs/rules/content.md"), re.DOTALL))
    assert [each for each in CHECKS if each not in told] == []
