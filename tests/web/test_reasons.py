"""Goal: every reason has a sentence in either language, made where it is read, with its values in words."""

import re

import pytest

from forbear.core.agencies.agency import PAPERS
from forbear.core.base.problem import Problem, as_json
from forbear.core.base.reason import NO_REASON, REASONS, Reason
from forbear.interchange.home.packs import rulebook
from forbear.store.problem_text import sentence_in
from forbear.web import labels as words
from forbear.web.reasons import _WORDS, SENTENCES, sentence
from tests.core.condition_texts import is_chinese

#: A value of each name, where any text will not do.
VALUES = {
    "rules": ["no.such_rule"],
    "papers": ["licence"],
    "reason": Reason.of("hold", kind="dispute").as_dict(),
    "times": 10,
    "problem": as_json(Problem("letter_address_missing", "a letter needs a postal address")),
}


def values(code: str) -> dict[str, object]:
    """Values that fit a code: a code of the table of words where it has one."""
    found = {}
    for name in REASONS[code]:
        table = _WORDS.get((code, name))
        found[name] = next(iter(words.TABLES[table])) if table else VALUES.get(name, "X1")
    return found


@pytest.mark.parametrize("code", sorted(set(REASONS) - {""}))
def test_every_reason_has_its_sentence_in_both_languages(code):
    reason = Reason(code, values(code))
    zh, en = sentence(reason, True), sentence(reason, False)
    if code != "rules":
        assert is_chinese(zh), zh
        assert not is_chinese(en), en
    assert "%(" not in zh + en
    assert zh
    assert en


@pytest.mark.parametrize("code", sorted(set(REASONS) - {""}))
def test_a_sentence_tells_every_value(code):
    assert set(re.findall(r"%\((\w+)\)s", str(SENTENCES[code]))) == set(REASONS[code])


def test_no_reason_says_nothing():
    assert (sentence(NO_REASON, True), sentence(NO_REASON, False)) == ("", "")
    assert SENTENCES.keys() == REASONS.keys() - {""}


def test_values_that_are_codes_are_told_in_words():
    assert sentence(Reason.of("hold", kind="dispute"), True) == "停催：异议处理中"
    assert sentence(Reason.of("recalled", ending="paid"), False) == "taken back: Nothing is past due any more"
    assert sentence(Reason.of("no_provider", channel="sms"), True) == "没有为短信设置服务商"
    assert sentence(Reason.of("papers_expired", papers=["licence", "insurance"]), True) == (
        "资质已到期：营业执照、责任保险"
    )
    assert all(is_chinese(sentence_in("zh", each)) for each in PAPERS.values())


def test_what_had_changed_before_a_visit_is_told_with_its_own_reason():
    changed = Reason.of("visit_called_off", reason=Reason.of("hold", kind="dispute").as_dict())
    assert sentence(changed, True) == "这次上门已取消：停催：异议处理中"
    assert sentence(changed, False) == "the visit was called off: on hold: Dispute"
    assert sentence(Reason.of("leave_expired"), True) == "许可已过期"


def test_a_provider_s_own_words_stay():
    for detail in ("HTTP 503 without a code", "isv.BUSINESS_LIMIT_CONTROL", "100 % sure, {0} %s"):
        for chinese in (True, False):
            assert sentence(Reason.of("provider", detail=detail), chinese).endswith(detail)


def test_rules_are_told_as_what_they_say(settings):
    rules = [bound.rule for bound in rulebook(settings.HOME).bound][:2]
    both = Reason.of("rules", rules=[rule.id for rule in rules])
    assert sentence(both, True) == "；".join(rule.says["zh"] for rule in rules)
    assert sentence(both, False) == "; ".join(rule.says["en"] for rule in rules)
    assert sentence(Reason.of("rules", rules=["no.such_rule"]), True) == "no.such_rule"
