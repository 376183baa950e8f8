"""The pages of the documentation, and the blocks of code in them."""

import re
from dataclasses import dataclass
from functools import cache

from tests.tidy.tree import ROOT, files

_BLOCK = re.compile(r"^```(\w*)[ ]*([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """One fenced block: ```` ```language mark ````, the page it is on and the line where its text begins."""

    page: str
    line: int
    language: str
    mark: str
    text: str

    @property
    def name(self) -> str:
        """Where it is, for a test's name."""
        return f"{self.page}:{self.line}"


@cache
def pages() -> dict[str, str]:
    """The text of every page by its path."""
    return {path.as_posix(): (ROOT / path).read_text("utf-8") for path in files() if path.suffix == ".md"}


def page(path: str) -> str:
    """The text of one page."""
    return pages()[path]


def section(path: str, heading: str) -> str:
    """The part of a page under a heading, up to the next of the same depth or above."""
    found = re.search(
        rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,2}} |\Z)", page(path), re.MULTILINE | re.DOTALL
    )
    assert found, f"{path} has no heading {heading!r}"
    return found.group(2)


def blocks(text: str, path: str) -> list[Block]:
    """The fenced blocks of one page's text."""
    return [
        Block(
            path,
            text[: found.start(3)].count("\n") + 1,
            found.group(1),
            found.group(2).strip(),
            found.group(3),
        )
        for found in _BLOCK.finditer(text)
    ]


def marked(language: str, mark: str) -> list[Block]:
    """All blocks of the pages whose mark begins with the word `mark`."""
    return [
        block
        for path, text in pages().items()
        for block in blocks(text, path)
        if block.language == language and block.mark.split()[:1] == [mark]
    ]


def untold(path: str, *names: str) -> list[str]:
    """Those of the names that a page does not have in code marks."""
    in_code = set(re.findall(r"`([^`\n]+)`", page(path)))
    return [name for name in names if name not in in_code]
