"""The ready rules of content, and the corpus, for tests; read once."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from forbear.core.content.measure import Line, read_corpus
from forbear.core.content.rules import ContentPack, content_rules, parse_content
from forbear.core.content.screening import ContentContext, ContentRules, Screening, Words, parse_words, screen
from forbear.interchange.home.second_reader import tables

PACKS = ("cn", "us", "uk")
CORPUS = Path(__file__).parents[1] / "golden" / "content"


def text_of(name: str) -> str:
    """A ready file of words or rules."""
    return files("forbear").joinpath("packs", "content", f"{name}.yaml").read_text("utf-8")


@cache
def words() -> tuple[Words, ...]:
    return tuple(parse_words(text_of(f"words-{each}"), f"words-{each}.yaml") for each in ("zh", "en"))


@cache
def pack(name: str) -> ContentPack:
    groups = [group.name for file in words() for group in file.groups]
    return parse_content(text_of(name), f"{name}.yaml", groups)


@cache
def rules(name: str) -> ContentRules:
    return content_rules([pack(name)], words(), tables("content"))


@cache
def rules_of_words(name: str) -> ContentRules:
    """The same without the second reader."""
    return content_rules([pack(name)], words())


@cache
def corpus() -> tuple[Line, ...]:
    return tuple(
        line
        for path in sorted(CORPUS.glob("*.yaml"))
        for line in read_corpus(path.read_text("utf-8"), path.name)
    )


def screened(text: str, name: str = "cn", **context: object) -> Screening:
    return screen(text, rules(name), ContentContext(**context))


def kinds(text: str, name: str = "cn", **context: object) -> set[str]:
    return {finding.kind for finding in screened(text, name, **context).findings}
