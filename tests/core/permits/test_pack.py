"""A rule is the same rule wherever it stands, and a draft may be one, several, or a pack."""

from importlib.resources import files

import pytest

from forbear.core.permits.lint import lint
from forbear.core.permits.pack import PackError, parse_draft, parse_pack, written_rule
from forbear.core.permits.rules import PARAMETERS, merge
from tests.chinese import in_chinese
from tests.core.condition_texts import is_chinese


@pytest.mark.parametrize("name", ["cn", "us", "uk"])
def test_a_rule_taken_out_of_its_pack_is_the_same_rule(name):
    path = files("forbear").joinpath("packs", f"{name}.yaml")
    text = path.read_text("utf-8")
    pack = parse_pack(text, str(path))
    for rule in pack.rules:
        assert parse_draft(written_rule(text, rule.id)) == (rule,), rule.id
    assert parse_draft(text) == pack.rules
    assert written_rule(text, "cn.no_such_rule") == ""


def test_a_draft_s_mistakes_have_the_draft_s_lines():
    rule = "- id: a.b\n  says: {zh: x, en: y}\n  refuse_when: automated\n  clause: c\n  force: house\n"
    assert [each.id for each in parse_draft(rule)] == ["a.b"]
    with pytest.raises(PackError, match=r"draft:6:7: rule `a\.b` is already on line 1"):
        parse_draft(rule + rule)
    with pytest.raises(PackError, match="draft:1:1: a rule has no `id:`"):
        parse_draft("force: house")
    with pytest.raises(PackError, match="draft:1:1: the file is empty"):
        parse_draft("")


def test_a_pack_s_mistakes_are_told_in_chinese_too():
    wrong = """\
- id: NO NAME
  says: {zh: x}
  applies: {channels: [pigeon]}
  count: {by: nobody, within: a while, outcome: [x]}
  refuse_when: counted >= 3 and daze = 1
  until: soon
  clause: [c]
  force: strong
  from: 2025-02-30
  to: yesterday
  enabled: maybe
  more: 1
"""
    with pytest.raises(PackError) as caught:
        parse_draft(wrong)
    assert len(caught.value.problems) >= 12
    assert [each for each in caught.value.problems if not is_chinese(in_chinese(each))] == []
    assert any(in_chinese(each).startswith("draft:") for each in caught.value.problems)


@pytest.mark.parametrize("name", ["cn", "us", "uk"])
def test_what_looks_unwise_in_a_pack_is_told_in_chinese_too(name):
    pack = parse_pack(files("forbear").joinpath("packs", f"{name}.yaml").read_text("utf-8"), name)
    assert [each for each in lint(pack) if not is_chinese(in_chinese(each))] == []


#: What binds the lender most where packs differ: records are kept the longest, answers come the soonest.
STRICTEST = {
    "retention_years": 9,
    "credit_record_years": 9,
    "all_in_rate_percent": 2,
    "limitation_years": 2,
    "complaint_days": 2,
    "complaint_acknowledge_days": 2,
    "complaint_longest_days": 2,
    "complaint_referral_days": 9,
    "objection_days": 2,
    "hardship_days": 2,
}


def test_of_several_packs_the_strictest_parameter_counts():
    texts = [
        f"pack: {name}\nrules: []\nparameters: {{{', '.join(f'{key}: {value}' for key in PARAMETERS)}}}\n"
        for name, value in (("one", 9), ("two", 2), ("three", 5))
    ]
    assert merge([parse_pack(text, "made up") for text in texts]).parameters == STRICTEST
