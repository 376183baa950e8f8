"""How well screening does on the corpus, held to floors that it reaches.

The tuned lines are those the words were made from: they hold what was won. The held-out lines tell the truth
about new ones: short lines and known disguises are found, new ways to say an old thing in a long chat often
are not. The floors lie just under what was measured. They hold for the words alone; what the second reader adds is held
by `test_second_reader.py`.
"""

from collections import Counter

import pytest

from forbear.core.content.measure import ContentError, Line, measure, read_corpus
from forbear.core.content.rules import KINDS
from forbear.core.content.screening import screen
from tests.core.content_ready import corpus, rules, rules_of_words, words

# name of the files, language: least (precision, recall) over all kinds, and of telling lawful from unlawful
FLOORS = {
    ("tuned", "zh"): (0.99, 0.99, 0.99, 0.99),
    ("tuned", "en"): (0.99, 0.99, 0.99, 0.99),
    ("held-out-zh", "zh"): (0.92, 0.97, 0.98, 0.97),
    ("held-out-en", "en"): (0.92, 0.94, 0.97, 0.94),
    ("held-out-chats-zh", "zh"): (0.83, 0.50, 0.96, 0.86),
    ("held-out-chats-en", "en"): (0.88, 0.44, 0.88, 0.44),
}


def screening(line: Line):
    return screen(line.text, rules(line.pack), line.context)


def by_words(line: Line):
    return screen(line.text, rules_of_words(line.pack), line.context)


def lines_of(name: str, language: str) -> list[Line]:
    return [
        line
        for line in corpus()
        if (line.part == name or line.place.startswith(f"{name}.yaml")) and line.context.language == language
    ]


@pytest.mark.parametrize("name", FLOORS, ids=lambda name: "-".join(name))
def test_precision_and_recall(name):
    lines = lines_of(*name)
    assert lines
    measured = measure(lines, by_words)
    scores = (measured.overall, measured.lines)
    reached = tuple(float(share) for score in scores for share in (score.precision, score.recall))
    told = (
        "\n".join(measured.failures)
        if name[0] == "tuned"
        else f"{len(measured.failures)} lines taken wrongly"
    )
    assert all(share >= floor for share, floor in zip(reached, FLOORS[name], strict=True)), (
        f"{reached}\n{told}"
    )


def test_the_corpus_is_large_and_even():
    lines = corpus()
    assert len(lines) >= 700
    assert len({line.text for line in lines}) >= len(lines) - 6
    by_language = Counter((line.context.language, bool(line.kinds)) for line in lines)
    assert min(by_language.values()) >= 90, "lawful and unlawful, Chinese and English"
    held_out = sum(line.part == "held-out" for line in lines)
    assert len(lines) * 0.25 <= held_out <= len(lines) * 0.4
    evasions = Counter(line.evasion for line in lines if line.evasion)
    assert sum(evasions.values()) >= 80
    assert len(evasions) >= 12


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("wrong_date", "unclear")])
def test_every_kind_has_lines(kind):
    assert sum(kind in line.kinds for line in corpus()) >= 5


def test_no_word_is_found_in_a_tuned_lawful_line_and_few_are_suspected():
    lawful = [line for line in corpus() if line.part == "tuned" and not line.kinds]
    found = {line.text: screening(line).findings for line in lawful}
    assert [
        text for text, each in found.items() if any("second_reader" not in one.rule for one in each)
    ] == []
    assert sum(map(bool, found.values())) <= 0.01 * len(lawful)


def test_every_tuned_unlawful_line_is_blocked_or_looked_at_as_it_should_be():
    wrong = [
        (line.place, line.text, screening(line).severity)
        for line in corpus()
        if line.part == "tuned"
        and line.kinds
        and screening(line).severity != ("block" if line.blocked else "look")
    ]
    assert wrong == []


def test_a_held_out_lawful_line_is_hardly_ever_blocked():
    lawful = [line for line in corpus() if line.part == "held-out" and not line.kinds]
    assert len(lawful) >= 100
    blocked = sum(screening(line).severity == "block" for line in lawful)
    assert blocked <= 4


def test_every_group_of_words_finds_something():
    found = {
        use
        for line in corpus()
        for finding in screening(line).findings
        for rule in rules(line.pack).rules
        if rule.id == finding.rule
        for use in rule.uses
    }
    missing = {group.name for file in words() for group in file.groups} - found
    assert missing == set()


def test_scores_count_as_they_should():
    text = """
theme: small
part: tuned
pack: cn
language: zh
lawful: [您好, 打断你的腿]
unlawful:
  threat: [弄死你, 谢谢]
  insult: [{text: 弄死你, also: [threat]}]
look:
  authority: [我们将向法院起诉]
"""
    lines = read_corpus(text, "c.yaml")
    measured = measure(lines, screening)
    assert (measured.lawful, measured.unlawful) == (2, 4)
    threat = measured.kinds["threat"]
    assert (threat.right, threat.wrong, threat.missed) == (2, 1, 1)
    assert (float(threat.precision), float(threat.recall)) == pytest.approx((2 / 3, 2 / 3))
    assert (measured.kinds["insult"].missed, measured.kinds["authority"].right) == (1, 1)
    assert (measured.lines.right, measured.lines.wrong, measured.lines.missed) == (3, 1, 1)
    assert [failure.split(": ")[0] for failure in measured.failures] == [
        "c.yaml:6:14",
        "c.yaml:8:17",
        "c.yaml:9:12",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme: x\npart: tuned\npack: cn\nlanguage: zh\nlawfull: [a]", "c.yaml:5:1: unknown key `lawfull`"),
        ("theme: x\npart: some\npack: cn\nlanguage: zh", "c.yaml:2:7: `some` can't be the `part`"),
        ("theme: x\npart: tuned\npack: cn\nlanguage: zh\nunlawful: {threats: [a]}", "unknown key `threats`"),
        ("theme: x\npart: tuned\npack: cn\nlanguage: zh\nlawful: [{text: a, amounts: [1.234]}]", "decimals"),
        (
            "theme: x\npart: tuned\npack: cn\nlanguage: zh\nlawful: [{text: a, currency: XYZ}]",
            "is no currency",
        ),
        ("- a", "c.yaml:1:1: a corpus must be a mapping"),
    ],
)
def test_a_mistake_in_a_corpus_is_told(text, message):
    with pytest.raises(ContentError) as refused:
        read_corpus(text, "c.yaml")
    assert any(message in each for each in refused.value.messages), refused.value.messages
