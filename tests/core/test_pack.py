"""A rule is the same rule wherever it stands, and a draft may be one, several, or a pack."""

from importlib.resources import files

import pytest

from forbear.core.pack import PackError, parse_draft, parse_pack, written_rule


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
