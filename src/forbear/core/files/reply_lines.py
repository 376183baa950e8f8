"""Reading a file of known replies: lines of `meaning|text` by language, with every mistake at its place."""

import re
from datetime import date

import yaml

from forbear.core.base.problem import Problem, noop, with_hint
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.reader import ContentError
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.replies.measure import MEANINGS, KnownLine

#: The day on which lines are read where the file names none: a Tuesday, so that weekdays differ.
TODAY = date(2026, 3, 10)
_LANGUAGE = re.compile(r"[a-z]{2}")
_NOTES = re.compile(r"(?:[\s|]+(?:a=[^\s|]*|d=[^\s|]*))+[\s|]*$")
_NOTE = re.compile(r"([ad])=([^\s|]*)")
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,3})?|")
_HAN = re.compile(r"[\u3400-\u9fff]")


def read_reply_lines(text: str, origin: str) -> tuple[date, tuple[KnownLine, ...]]:
    """The day the lines are written on, and the lines in the order of the file.

    ContentError with one problem for each mistake, each with its line.
    """
    sheet = Sheet(origin, text)
    root = sheet.compose()
    today, lines = TODAY, []
    if root is not None:
        entries = sheet.entries(root, noop("the file"), ("today", "urgent", *_languages(root)))
        today = _today(sheet, entries or {})
        for name, (_, node) in (entries or {}).items():
            if name != "today":
                lines += _lines(sheet, name, node)
        if not lines and not sheet.problems:
            sheet.say(root, Problem("reply_lines_none", "there are no lines of replies here"))
    if sheet.problems:
        raise ContentError(sheet.ordered_problems())
    return today, tuple(lines)


def _languages(root: yaml.Node) -> list[str]:
    """The keys that name a language by its two letters."""
    if not isinstance(root, yaml.MappingNode):
        return []
    keys = [key.value for key, _ in root.value if isinstance(key, yaml.ScalarNode)]
    return [key for key in keys if _LANGUAGE.fullmatch(key)]


def _today(sheet: Sheet, entries: Entries) -> date:
    if "today" not in entries:
        return TODAY
    node = entries["today"][1]
    written = sheet.scalar(node, "`today`")
    return (_day(sheet, node, written) if written is not None else None) or TODAY


def _day(sheet: Sheet, node: yaml.Node, written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        sheet.say(node, Problem("reply_line_day", "`%(day)s` is not a date like 2026-03-31", day=written))
        return None


def _lines(sheet: Sheet, name: str, node: yaml.Node) -> list[KnownLine]:
    """The lines under a language, or the urgent ones."""
    lines = []
    for item in sheet.items(node, f"`{name}`"):
        written = sheet.scalar(item, noop("a line"))
        if written is None:
            continue
        number = sheet.line_column(item.start_mark.index)[0]
        if name == "urgent":
            language = "zh" if _HAN.search(written) else "en"
            lines.append(KnownLine(language, written.strip(), urgent=True, number=number))
        elif line := _known(sheet, item, name, written, number):
            lines.append(line)
    return lines


def _known(sheet: Sheet, item: yaml.Node, language: str, written: str, number: int) -> KnownLine | None:
    meanings, bar, rest = written.partition("|")
    if not bar:
        sheet.say(item, Problem("reply_line_shape", "write a line as `meaning|text`"))
        return None
    wanted = tuple(meaning.strip() for meaning in meanings.split("/"))
    for meaning in wanted:
        if meaning not in MEANINGS:
            unknown = Problem(
                "reply_meaning_unknown", "`%(meaning)s` is no meaning of a reply", meaning=meaning
            )
            sheet.say(item, with_hint(unknown, nearest(meaning, MEANINGS) or one_of(MEANINGS)))
    noted = _NOTES.search(rest)
    notes = dict(_NOTE.findall(noted.group())) if noted else {}
    text = (rest[: noted.start()] if noted else rest).strip()
    if not text:
        sheet.say(item, Problem("reply_line_empty", "the line has no text after its meaning"))
        return None
    amount = notes.get("a")
    if amount is not None and not _AMOUNT.fullmatch(amount):
        sheet.say(item, Problem("reply_line_amount", "`%(amount)s` is not an amount like 150", amount=amount))
    day = _day(sheet, item, notes["d"]) if notes.get("d") else None
    return KnownLine(language, text, wanted, amount, day, number=number)
