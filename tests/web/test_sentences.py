"""What the system writes beside contacts and events is shown in the reader's language, and who acted by their name."""

import ast
from pathlib import Path

import pytest

import forbear
from forbear.interchange.home.packs import rulebook
from forbear.web.sentences import actor, sentence
from tests.core.condition_texts import is_chinese

ROOT = Path(forbear.__file__).parent


def written() -> list[str]:
    """Every reason in the code that acts: after `because=`, or assigned to `because`; a value in it is `plan`."""
    found = set()
    for path in [*ROOT.glob("actions/*.py"), *ROOT.glob("jobs/*.py"), *ROOT.glob("night/*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (isinstance(node, ast.keyword) and node.arg == "because") or (
                isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).rpartition(".")[2] == "because"
            ):
                value = node.value
            else:
                continue
            if isinstance(value, ast.Constant) and value.value and isinstance(value.value, str):
                found.add(value.value)
            elif isinstance(value, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "plan" for part in value.values]
                found.add("".join(parts))
    return sorted(found)


def test_the_code_is_read():
    assert {"hold: plan", "payment plan", "nobody set out in time"} <= set(written())


@pytest.mark.parametrize("because", written())
def test_every_reason_is_told_in_chinese(because):
    assert is_chinese(sentence(because, True)), because
    assert not is_chinese(sentence(because, False)), because


def test_reasons_with_codes_have_their_words():
    assert sentence("hold: dispute", True) == "暂停：异议处理中"
    assert sentence("recalled: paid", False) == "taken back: Nothing is past due any more"
    assert sentence("no provider is set up for sms", True) == "没有为短信设置服务商"


def test_what_had_changed_before_a_visit_is_told_with_its_own_reason():
    assert sentence("called_off: hold: dispute", True) == "这次上门已取消：暂停：异议处理中"
    assert sentence("called_off: hold: dispute", False) == "the visit was called off: on hold: Dispute"
    assert sentence("called_off: 对方来电改期", True) == "这次上门已取消：对方来电改期"
    assert sentence("leave_over", True) == "许可已过期"


def test_somebody_s_own_words_stay():
    for words in ("月底发工资", "HTTP 503 without a code", "", "Called twice.", "see a.b"):
        assert sentence(words, True) == words


def test_rules_are_told_as_what_they_say(settings):
    rules = [bound.rule for bound in rulebook(settings.HOME).bound][:2]
    both = ", ".join(rule.id for rule in rules)
    assert sentence(both, True) == "；".join(rule.says["zh"] for rule in rules)
    assert sentence(both, False) == "; ".join(rule.says["en"] for rule in rules)
    assert sentence("no.such_rule", True) == "no.such_rule"


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("vm:20713", "自动发送", "sending worker"),
        ("staff:F1001", "F1001", "F1001"),
        ("borrower", "借款人", "the borrower"),
        ("provider:sms_aliyun", "服务商 sms_aliyun", "provider sms_aliyun"),
        ("key:ab12", "接口 ab12", "program ab12"),
        ("somebody", "somebody", "somebody"),
    ],
)
def test_who_acted_is_told(name, zh, en):
    assert (actor(name, True), actor(name, False)) == (zh, en)
