"""The second reader of content: made of the lines kept in `training`, it may only have a person look."""

import gzip
import json

import pytest
from scripts.training_lines import table_sources, version_of

from forbear.core.classifier.grams import grams
from forbear.core.classifier.table import read_table
from forbear.core.content.known_lines import count_lines, read_known_lines
from forbear.core.content.normalize import normal_forms
from forbear.core.content.screening import ContentContext, ContentError, parse_content, screen
from forbear.core.content.second_reader import suspect_passages
from forbear.interchange.home.second_reader import tables
from tests.core.content_ready import rules, rules_of_words, screened
from tests.profile import LONG
from tests.tidy.tree import ROOT

PACK = {"zh": "cn", "en": "us"}
#: Least share of unlawful lines blocked or looked at, most of lawful ones blocked and looked at, just beside what was
#: measured on lines that nothing was trained on.
HELD_OUT = {
    "held-out-content-zh": (0.98, 0.0, 0.24),
    "held-out-content-en": (0.97, 0.0, 0.3),
    "held-out-content-everyday-zh": (0.99, 0.0, 0.2),
    "held-out-content-everyday-en": (0.98, 0.0, 0.25),
    "held-out-content-blunt-zh": (1.0, 0.0, 0.08),
    "held-out-content-blunt-en": (1.0, 0.0, 0.18),
    "held-out-content-letters-zh": (1.0, 0.0, 0.15),
    "held-out-content-letters-en": (1.0, 0.0, 0.18),
}


def known(name: str):
    path = ROOT / "training" / f"{name}.yaml"
    return read_known_lines(path.read_text("utf-8"), path.name)


def counted(name: str):
    language = name[-2:]
    return count_lines(
        known(name), lambda line: screen(line.text, rules(PACK[language]), line.context)
    ).by_language[language]


def test_the_shipped_tables_are_made_of_the_lines_that_stand_there():
    sources = table_sources()
    shipped = {
        path.name.removesuffix(".json.gz"): gzip.decompress(path.read_bytes()).decode()
        for path in (ROOT / "src" / "forbear" / "tables").glob("*.json.gz")
    }
    assert {name: json.loads(text)["version"] for name, text in shipped.items()} == {
        name: version_of(*source) for name, source in sources.items()
    }
    if not LONG:  # making one takes many seconds, and the libraries alone take a second to load
        return
    from scripts.train_words import made_table

    for name in sources:
        assert alike(json.loads(made_table(*sources[name])[0]), json.loads(shipped[name])), name


def alike(one, other) -> bool:
    """Whether two tables are the same but for the last digit, which differs from processor to processor."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    return abs(one - other) <= 1 if isinstance(one, int) else one == other


@pytest.mark.parametrize("language", ["zh", "en"])
def test_lines_it_was_made_of_are_found(language):
    counts = counted(f"content-{language}")
    assert counts.unlawful >= 600
    assert counts.lawful >= 600
    assert counts.blocked + counts.looked >= 0.99 * counts.unlawful
    assert counts.lawful_blocked <= 0.01 * counts.lawful
    assert counts.lawful_looked <= 0.14 * counts.lawful


@pytest.mark.parametrize("name", HELD_OUT)
def test_held_out_lines_are_found_as_often_as_was_measured(name):
    counts = counted(name)
    found, blocked, looked = HELD_OUT[name]
    assert counts.unlawful + counts.lawful >= 100
    assert counts.blocked + counts.looked >= found * counts.unlawful
    assert counts.lawful_blocked <= blocked * counts.lawful
    assert counts.lawful_looked <= looked * counts.lawful


def test_no_held_out_line_is_a_training_line():
    for language in ("zh", "en"):
        files = sorted((ROOT / "training").glob(f"content*-{language}.yaml"))
        trained = {line.text for path in files for line in known(path.stem)}
        held = [line for name in HELD_OUT if name.endswith(language) for line in known(name)]
        assert [line.text for line in held if line.text in trained] == []


def test_it_only_adds_a_look():
    lines = [line for language in ("zh", "en") for line in known(f"held-out-content-{language}")]
    for line in lines:
        pack = PACK[line.language]
        with_it = screen(line.text, rules(pack), line.context)
        without = screen(line.text, rules_of_words(pack), line.context)
        assert set(without.findings) <= set(with_it.findings)
        assert {one.answer for one in set(with_it.findings) - set(without.findings)} <= {"look"}
        if without.severity == "block":
            assert with_it.severity == "block"


def test_a_threat_in_new_words_is_looked_at_with_its_place():
    text = "您好。咱们法治社会好说话。不把钱送来，我就带几个弟兄到你家里坐坐，谁也别想走。"
    findings = [one for one in screened(text).findings if one.rule == "cn.content.second_reader"]
    new = screened("My brothers will pay your porch a visit and you will not enjoy it", "us")
    assert [one.answer for one in new.findings] == ["look"]
    assert all(text[one.start : one.end] == one.matched for one in findings)


def test_politeness_makes_nothing_lawful():
    assert suspect_passages(normal_forms("你家那条巷子黑，你一个人走路可要当心")[0], tables("content"))
    assert suspect_passages(normal_forms("您家那条巷子黑，您一个人走路可要当心")[0], tables("content"))


def test_an_approved_text_has_no_second_reader():
    text = "My brothers will pay your porch a visit and you will not enjoy it"
    assert screen(text, rules("us"), ContentContext(language="en", sender="system")).severity == "clean"


def test_what_was_asked_is_named():
    assert any(name.startswith("reader-zh@") for name in screened("您好").rules)
    assert not any(name.startswith("reader-") for name in rules_of_words("cn").names)


def test_a_rule_may_not_block_by_it():
    text = """
content: xx
rules:
  - id: xx.a
    kind: unclear
    answer: block
    uses: [second_reader]
    says: {zh: 一, en: a}
    instead: {zh: 一, en: a}
    clause: none
    force: house
"""
    with pytest.raises(ContentError) as refused:
        parse_content(text, "x.yaml", [])
    assert refused.value.messages == [
        "x.yaml:6:13: the second reader may only have a text looked at; write `answer: look`"
    ]


def test_runs_of_signs():
    assert grams("") == frozenset()
    assert {"还", "还钱", "还钱吧"} <= grams("还钱吧")
    assert {"=pay", "=pay now", " pay", "pay "} <= grams("pay now")
    assert grams("123") == grams("987")


def test_scores_are_whole_numbers_that_any_machine_gets():
    table = read_table(
        json.dumps({"version": "v", "readings": {"a": {"bias": 500, "least": 0, "weights": {"还": -1500}}}})
    )
    assert table.scores("还") == {"a": -1000}
    assert table.suspected("好") == ("a",)
    assert table.suspected("还") == ()


def test_any_text_gets_an_answer():
    for text in ("", ".", "。" * 5000, "a" * 20_000, "还 钱" * 3000, "\ud800", "😂" * 50):
        assert screened(text) is not None
