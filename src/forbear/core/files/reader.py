"""What the readers of packs and content files share: names, choices, texts by language, mistakes at their place."""

import re
from collections.abc import Iterable

import yaml

from forbear.core.base.problem import FileMistakes, MessageId, Phrase, Problem, noop, with_hint
from forbear.core.files.hints import nearest, one_of
from forbear.core.files.sheet import Entries, Sheet

LANGUAGES = ("zh", "en")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_NAMED = noop("lower-case letters, digits, _ and -")


class ContentError(FileMistakes):
    """A file of words, rules or templates that can't be used; ``problems`` has one for each mistake."""


class Reader:
    """Reads the nodes of one sheet; a method that noted a problem gives None or leaves the thing out."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def text(self, entries: Entries, key: str) -> str | None:
        """The plain value under a key."""
        return self.sheet.scalar(entries[key][1], f"`{key}`") if key in entries else None

    def name(
        self,
        entries: Entries,
        key: str,
        shape: re.Pattern[str] = NAME,
        meant: MessageId = _NAMED,
    ) -> str | None:
        """The value of a key that names something; `meant` is how its shape is described."""
        text = self.text(entries, key)
        if text is not None and not shape.fullmatch(text):
            self.sheet.say(
                entries[key][1],
                Problem(
                    "name_shape",
                    "`%(text)s` can't be the `%(key)s`; use %(meant)s",
                    text=text,
                    key=key,
                    meant=meant,
                ),
            )
            return None
        return text

    def one_of(self, entries: Entries, key: str, values: Iterable[str]) -> str | None:
        """The value of a key that must be one of `values`."""
        text, values = self.text(entries, key), tuple(values)
        if text is not None and text not in values:
            problem = Problem("choice_unknown", "`%(text)s` can't be the `%(key)s`", text=text, key=key)
            self.sheet.say(entries[key][1], with_hint(problem, self._hint(text, values)))
            return None
        return text

    def some_of(self, entries: Entries, key: str, values: Iterable[str]) -> tuple[str, ...]:
        """The values of a list, each one of `values`; none when the key is missing."""
        chosen, values = [], tuple(values)
        for node, text in self.texts(entries, key):
            if text in values:
                chosen.append(text)
            else:
                problem = Problem(
                    "choice_of_list_unknown", "`%(text)s` is none of the %(key)s", text=text, key=key
                )
                self.sheet.say(node, with_hint(problem, self._hint(text, values)))
        return tuple(chosen)

    def texts(self, entries: Entries, key: str) -> list[tuple[yaml.Node, str]]:
        """The plain values of a list, each with its node."""
        if key not in entries:
            return []
        node = entries[key][1]
        items = self.sheet.items(node, f"`{key}`")
        if not items and not getattr(node, "value", None):
            self.sheet.say(node, Problem("key_empty", "`%(key)s` is empty; leave it out", key=key))
        read = [
            (item, self.sheet.scalar(item, Phrase(noop("a value of `%(key)s`"), key=key))) for item in items
        ]
        return [(item, text) for item, text in read if text is not None]

    def both(self, entries: Entries, key: str, *, needed: bool = True) -> dict[str, str] | None:
        """A text in Chinese and in English; unless both are `needed` one stands for the other."""
        if key not in entries:
            return None
        given = self.sheet.entries(entries[key][1], f"`{key}`", LANGUAGES, LANGUAGES if needed else ())
        if not given:
            return None
        read = {name: self.sheet.scalar(node, f"`{name}`") for name, (_, node) in given.items()}
        texts = {name: text for name, text in read.items() if text is not None}
        if not texts or (needed and len(texts) < len(LANGUAGES)):
            return None
        fallback = next(iter(texts.values()))
        return {language: texts.get(language, fallback) for language in LANGUAGES}

    @staticmethod
    def _hint(text: str, values: tuple[str, ...]) -> Phrase:
        return nearest(text, values) or one_of(values)
