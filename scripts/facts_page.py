"""Write docs/reference/facts.md from the vocabulary in core/facts/vocabulary.py: `python scripts/facts_page.py`."""

import gettext
from pathlib import Path

from forbear.core.base.problem import rendered
from forbear.core.facts.vocabulary import FACTS, Fact, facts_known

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "facts.md"
CHINESE = gettext.translation("django", ROOT / "src" / "forbear" / "locale", ["zh_Hans"])
HEAD = """\
# Facts

<!-- Written by scripts/facts_page.py from src/forbear/core/facts/vocabulary.py; change it there. -->

A strategy's conditions are about facts, and these are all there are. A fact always has a value: where nothing
is known its default stands. An amount is written in the currency's unit (`past_due_amount >= 500.00`), a text
in single quotes (`bucket = 'M2'`). A yes-or-no fact stands alone (`not promise_open`). How conditions are
written is described in [strategy.md](../rules/strategy.md).

9999 days stands for "never", so that `days_since_payment >= 30` also holds for somebody who never paid.
"""
KNOWN = {
    "night": (
        "Known at night",
        "Computed from the book each night. Facts of a loan are those of the borrower's worst loan.",
    ),
    "desk": (
        "Known at the desk",
        "What people and their tools have noted by day. The default stands until the desk says otherwise.",
    ),
    "moment": (
        "Known only at the moment of contact",
        "A strategy can't use these: when it decides, the moment has not come. Rule packs will. The defaults are "
        "the answers that allow least.",
    ),
}
KINDS = {"int": "whole number", "money": "amount", "text": "text", "bool": "yes or no"}


def page() -> str:
    """The whole page."""
    parts = [HEAD]
    for known, (title, words) in KNOWN.items():
        parts.append(f"\n## {title}\n\n{words}\n\n")
        parts.append("| fact | of the | kind | default | meaning | 含义 |\n|---|---|---|---|---|---|\n")
        parts += [_line(fact) for fact in facts_known({known})]
    assert sum(part.startswith("| `") for part in parts) == len(FACTS), "every fact has its line"
    return "".join(parts)


def _line(fact: Fact) -> str:
    kind = KINDS[fact.kind]
    if fact.unit and fact.kind != "money":
        kind += f", {fact.unit}"
    if fact.values:
        kind += ": " + ", ".join(f"`{value}`" for value in fact.values)
    chinese = rendered(fact.meaning, CHINESE.gettext, language="zh")
    return f"| `{fact.name}` | {fact.level} | {kind} | {_default(fact)} | {fact.meaning} | {chinese} |\n"


def _default(fact: Fact) -> str:
    if isinstance(fact.default, bool):
        return "yes" if fact.default else "no"
    return f"`{fact.default!r}`" if isinstance(fact.default, str) else str(fact.default)


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
