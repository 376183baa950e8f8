"""What looks unwise in a rule pack: sound, but worth a second look."""

from forbear.core.base.problem import Phrase, Problem, at_place, noop, with_hint
from forbear.core.permits.rules import Pack, Rule

#: Facts that change by themselves as time goes on, and the `until` that says so.
_CLOCK = frozenset({"local_hour", "local_weekday"})


def lint(pack: Pack) -> list[Problem]:
    """One sentence for each thing worth a look, with its place."""
    return [at_place(rule.place, what) for rule in pack.rules for what in _of_rule(rule)]


def _of_rule(rule: Rule) -> list[Problem]:
    problems: list[Problem] = []
    if not rule.facts:
        problems.append(
            Problem(
                "rule_without_facts", "`%(rule)s` reads no fact: it refuses always or never", rule=rule.id
            )
        )
    if not rule.enabled:
        off = Problem("rule_disabled", "`%(rule)s` is switched off", rule=rule.id)
        problems.append(
            with_hint(off, Phrase(noop("in doubt: %(doubt)s"), doubt=rule.doubt) if rule.doubt else None)
        )
    if not rule.enabled and rule.force == "law":
        problems.append(
            Problem("law_disabled", "`%(rule)s` is law and switched off; say why in `doubt`", rule=rule.id)
        )
    if rule.enabled and rule.doubt:
        problems.append(
            Problem(
                "rule_in_doubt",
                "`%(rule)s` rests on an uncertain source: %(doubt)s",
                rule=rule.id,
                doubt=rule.doubt,
            )
        )
    return problems + _of_time(rule)


def _of_time(rule: Rule) -> list[Problem]:
    """What a rule doesn't say about when it ends, and about whom it protects."""
    problems: list[Problem] = []
    if rule.until is None and rule.facts & _CLOCK:
        problems.append(
            Problem(
                "clock_without_until",
                "`%(rule)s` goes by the clock but has no `until`: nobody learns when they may",
                rule=rule.id,
            )
        )
    if rule.until is None and rule.count is not None:
        problems.append(
            Problem(
                "count_without_until",
                "`%(rule)s` counts in a window but has no `until: window`",
                rule=rule.id,
            )
        )
    if "discloses_debt" in rule.facts and "party" not in rule.facts and "parties" not in rule.applies:
        problems.append(
            Problem(
                "disclosure_to_borrower_forbidden",
                "`%(rule)s` forbids to name the debt to everybody, the borrower too",
                rule=rule.id,
            )
        )
    return problems
