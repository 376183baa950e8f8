"""What the readers of a strategy's parts have in common: names, titles and conditions of a sheet."""

import re

from forbear.core.base.problem import Problem, noop
from forbear.core.conditions.parse import Condition, ConditionError, Place, parse
from forbear.core.conditions.terms import FactTerm, walk
from forbear.core.files.sheet import Entries, Sheet

KNOWN_AT_NIGHT = frozenset({"night", "desk"})
LANGUAGES = ("zh", "en")

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TOO_EARLY = {
    "days_in_stage": Problem(
        "days_in_stage_misplaced",
        "`days_in_stage` depends on the stage; only a treatment's `when` can use it",
    ),
    "in_holdout": Problem(
        "in_holdout_misplaced",
        "`in_holdout` depends on the stage; only `hold_when` and a treatment's `when` can use it",
    ),
}


class Reader:
    """Reads the nodes of one sheet; a method that noted a problem gives None or leaves the thing out.

    ``conditions`` are those read so far, each with what finds its places in the file.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.conditions: list[tuple[Condition, Place]] = []

    def name(self, entries: Entries, key: str) -> str | None:
        """The value of a key that names something."""
        if key not in entries:
            return None
        node = entries[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        if text is not None and not _NAME.fullmatch(text):
            self.sheet.say(
                node,
                Problem(
                    "name_invalid",
                    "`%(text)s` is no name; use up to 64 lower-case letters, digits, _ and -",
                    text=text,
                ),
            )
            return None
        return text

    def title(self, parts: Entries, name: str) -> dict[str, str]:
        """The title in both languages; where one is missing the other stands in, at last the name."""
        given: dict[str, str] = {}
        if "title" in parts:
            entries = self.sheet.entries(parts["title"][1], noop("a title"), LANGUAGES) or {}
            read = {key: self.sheet.scalar(node, f"`{key}`") for key, (_, node) in entries.items()}
            given = {key: text for key, text in read.items() if text is not None}
        fallback = next(iter(given.values()), name)
        return {language: given.get(language, fallback) for language in LANGUAGES}

    def yes_or_no(self, entries: Entries, key: str) -> bool:
        """The truth under a key; false where it isn't given."""
        if key not in entries:
            return False
        node = entries[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        if text is not None and text not in ("true", "false"):
            self.sheet.say(node, Problem("truth_expected", "`%(key)s` is true or false", key=key))
        return text == "true"

    def condition(
        self,
        parts: Entries,
        key: str,
        *,
        default: str | None = None,
        before: tuple[str, ...] = (),
        arms: bool = True,
    ) -> Condition | None:
        """The condition under a key, or the default's; it can't use the facts in ``before``, which follow later."""
        if key not in parts:
            return None if default is None else parse(default, known=KNOWN_AT_NIGHT)
        node = parts[key][1]
        text = self.sheet.scalar(node, f"`{key}`")
        if text is None:
            return None
        place = self.sheet.locator(node)
        try:
            condition = parse(text, known=KNOWN_AT_NIGHT, origin=self.sheet.origin, place=place, arms=arms)
        except ConditionError as error:
            self.sheet.problems += [
                (problem.line, problem.column, problem.what) for problem in error.problems
            ]
            return None
        self.conditions.append((condition, place))
        early = [name for name in before if name in condition.facts]
        for name in early:
            uses = (part for part in walk(condition.term) if isinstance(part, FactTerm))
            first = next(part.start for part in uses if part.name == name)
            self.sheet.problems.append((*place(first), _TOO_EARLY[name]))
        return None if early else condition
