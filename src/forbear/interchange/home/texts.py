"""The files of a home that say what is written to people and which way it goes: templates and channels.yaml."""

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from forbear.core.content.screening import ContentRules, content_rules, parse_content, parse_words
from forbear.core.content.template import Templates, parse_templates
from forbear.core.files.reader import LANGUAGES
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.second_reader import tables


def templates(home: Home) -> Templates:
    """The approved texts of the home; ContentError or HomeError when they can't be used."""
    try:
        stamp = home.templates.stat().st_mtime_ns
    except OSError:
        stamp = 0
    return _templates(home.templates, stamp)


@lru_cache(maxsize=8)
def _templates(path: Path, stamp: int) -> Templates:
    return parse_templates(read_text(path), str(path))


def channels_text(home: Home) -> tuple[str | None, str]:
    """The text of channels.yaml, None where the home has none, and what to call it in messages."""
    path = home.folder / "channels.yaml"
    return (read_text(path), str(path)) if path.is_file() else (None, "channels.yaml (the default)")


def payments_text(home: Home) -> tuple[str, str]:
    """The text of payments.yaml and what to call it in messages; empty where the home has none."""
    path = home.folder / "payments.yaml"
    return (read_text(path), str(path)) if path.is_file() else ("", "payments.yaml")


def screening(home: Home) -> ContentRules:
    """What may not be said under the home's packs: `packs/content/NAME.yaml` for each, and the shared words.

    HomeError or ContentError when the files can't be used; then no free text leaves.
    """
    folder = home.folder / "packs" / "content"
    words = tuple(sorted(folder.glob("words-*.yaml")))
    named = tuple(path for pack in home.packs if (path := folder / pack.name).is_file())
    return _screening(tuple((path, path.stat().st_mtime_ns) for path in (*words, *named)), len(words))


@lru_cache(maxsize=4)
def _screening(stamped: tuple[tuple[Path, int], ...], word_files: int) -> ContentRules:
    paths = [path for path, _ in stamped]
    words = [parse_words(read_text(path), path.name) for path in paths[:word_files]]
    groups = [group.name for file in words for group in file.groups]
    packs = [parse_content(read_text(path), path.name, groups) for path in paths[word_files:]]
    return content_rules(packs, words, tables("content"))


@cache
def ready_rules(pack: str) -> ContentRules:
    """What may not be said by the content pack of that name that comes with Forbear, with the words beside it."""
    folder = files("forbear").joinpath("packs", "content")
    words = [
        parse_words(folder.joinpath(f"words-{value}.yaml").read_text("utf-8"), f"words-{value}.yaml")
        for value in LANGUAGES
    ]
    groups = [group.name for file in words for group in file.groups]
    read = parse_content(folder.joinpath(f"{pack}.yaml").read_text("utf-8"), f"{pack}.yaml", groups)
    return content_rules([read], words, tables("content"))
