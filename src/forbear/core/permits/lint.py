"""What looks unwise in a rule pack: sound, but worth a second look."""

from forbear.core.base.problem import Problem, at_place
from forbear.core.permits.rules import Pack, Rule

#: Facts that change by themselves as time goes on, and the `until` that says so.
_CLOCK = frozenset({"local_hour", "local_weekday"})


def lint(pack: Pack) -> list[Problem]:
    """One sentence for each thing worth a look, with its place."""
    return [at_place(rule.place, what) for rule in pack.rules for what in _of_rule(rule)]


def _of_rule(rule: Rule) -> list[Problem]:
    found: list[Problem] = []

    def say(what: str, zh: str) -> None:
        found.append(Problem(f"`{rule.id}` {what}", f"`{rule.id}` {zh}"))

    if not rule.facts:
        say("reads no fact: it refuses always or never", "没有读取任何事实：要么总是拒绝，要么从不拒绝")
    if not rule.enabled:
        en, zh = (f" ({rule.doubt['en']})", f"（{rule.doubt['zh']}）") if rule.doubt else ("", "")
        say(f"is switched off{en}", f"已停用{zh}")
    if not rule.enabled and rule.force == "law":
        say("is law and switched off; say why in `doubt`", "是法律规定却已停用；请在 `doubt` 写明原因")
    if rule.enabled and rule.doubt:
        say(f"rests on an uncertain source: {rule.doubt['en']}", f"依据的来源尚不确定：{rule.doubt['zh']}")
    if rule.until is None and rule.facts & _CLOCK:
        say(
            "goes by the clock but has no `until`: nobody is told when they may",
            "按时刻判断却没有 `until`：无人知道何时可以联系",
        )
    if rule.until is None and rule.count is not None:
        say("counts in a window but has no `until: window`", "在窗口内计数却没有 `until: window`")
    if "discloses_debt" in rule.facts and "party" not in rule.facts and "parties" not in rule.applies:
        say(
            "forbids to tell of the debt to everybody, the borrower too",
            "禁止向任何人告知债务，包括借款人本人",
        )
    return found
