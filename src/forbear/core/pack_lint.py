"""What looks unwise in a rule pack: sound, but worth a second look."""

from forbear.core.pack_rules import Pack, Rule

#: Facts that change by themselves as time goes on, and the `until` that says so.
_CLOCK = frozenset({"local_hour", "local_weekday"})


def lint(pack: Pack) -> list[str]:
    """One sentence for each thing worth a look, with its place."""
    return [f"{rule.place}: {what}" for rule in pack.rules for what in _of_rule(rule)]


def _of_rule(rule: Rule) -> list[str]:
    found = []
    if not rule.facts:
        found.append(f"`{rule.id}` reads no fact: it refuses always or never")
    if not rule.enabled:
        found.append(f"`{rule.id}` is switched off" + (f" ({rule.doubt['en']})" if rule.doubt else ""))
    if not rule.enabled and rule.force == "law":
        found.append(f"`{rule.id}` is law and switched off; say why in `doubt`")
    if rule.enabled and rule.doubt:
        found.append(f"`{rule.id}` rests on an uncertain source: {rule.doubt['en']}")
    if rule.until is None and rule.facts & _CLOCK:
        found.append(f"`{rule.id}` goes by the clock but has no `until`: nobody is told when they may")
    if rule.until is None and rule.count is not None:
        found.append(f"`{rule.id}` counts in a window but has no `until: window`")
    if "discloses_debt" in rule.facts and "party" not in rule.facts and "parties" not in rule.applies:
        found.append(f"`{rule.id}` forbids to tell of the debt to everybody, the borrower too")
    return found
