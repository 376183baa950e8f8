"""The terms that pages explain: `python scripts/terms.py` writes src/forbear/web/terms.py from docs/glossary.md.

A row of the glossary whose meaning is there in Chinese too is a term of the pages. Its English goes into the source as
messages, its Chinese into the Chinese catalogue, so that another language is one more file.

    python scripts/terms.py             write the terms and their translations
    python scripts/terms.py --check     say whether they are as the glossary has them; exit 1
"""

import argparse
import re
import runpy
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog

ROOT = Path(__file__).parents[1]
PAGE, TARGET = ROOT / "docs" / "glossary.md", ROOT / "src" / "forbear" / "web" / "terms.py"
MESSAGES = ROOT / "scripts" / "messages.py"
#: The context of a term's word among the messages: elsewhere the same English may have another translation.
CONTEXT = "term"
_ROW = re.compile(r"^\| (.+) \| (.+) \| `(\w+)` \| (.+) \|$", re.MULTILINE)
_SCREEN = re.compile(r"\*([^*]+)\*")
_HEAD = '''"""The terms that pages explain, written by scripts/terms.py from docs/glossary.md: change them there."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the trade and what it means."""

    word: Promise
    means: Promise


TERMS = {
'''


@dataclass(frozen=True, slots=True)
class Row:
    """A term of the glossary: its name in code, and word and meaning as (English, Chinese)."""

    name: str
    word: tuple[str, str]
    means: tuple[str, str]


def parted(meaning: str) -> tuple[str, str, str]:
    """A cell of meanings in English, what parts them, and Chinese; "" and "" where there is no Chinese one."""
    found = re.search(r" (?=[^\x00-\u2fff]).*$", meaning)
    return (meaning[: found.start()], " ", found[0][1:]) if found else (meaning, "", "")


def rows() -> list[Row]:
    """Every term of the glossary that pages explain."""
    found = []
    for english, chinese, name, meaning in _ROW.findall(PAGE.read_text(encoding="utf-8")):
        said, _, explained = parted(meaning)
        if explained:
            word = (_word(english, ",(:"), _word(chinese, "、（("))
            found.append(Row(name, (word[0][0].upper() + word[0][1:], word[1]), (said, explained)))
    return found


def _word(cell: str, ends: str) -> str:
    """The word of a cell: the one on screen, else what stands before an explanation or another word."""
    shown = _SCREEN.findall(cell)
    return shown[0] if shown else re.split(f"[{re.escape(ends)}]", cell)[0].strip()


def source() -> str:
    """The text of the module."""
    lines = [
        f'    "{row.name}": Term(pgettext_lazy("{CONTEXT}", "{row.word[0]}"), _("{row.means[0]}")),\n'
        for row in rows()
    ]
    text = _HEAD + "".join(lines) + "}\n"
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"],
        input=text, capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return done.stdout


def translations() -> Catalog:
    """The Chinese of all of them, as a catalogue."""
    catalogue = Catalog(locale="zh_Hans")
    for row in rows():
        catalogue.add(row.word[0], row.word[1], context=CONTEXT)
        catalogue.add(*row.means)
    return catalogue


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        if TARGET.read_text(encoding="utf-8") != source():
            sys.exit("src/forbear/web/terms.py is not as docs/glossary.md: run scripts/terms.py")
        return
    TARGET.write_text(source(), encoding="utf-8")
    messages = runpy.run_path(str(MESSAGES))
    path = messages["LOCALES"] / "zh_Hans" / "LC_MESSAGES" / "django.po"
    known = messages["catalogue"](path)
    # the glossary's words come before what the catalogue had
    messages["write"](path, messages["merged"](translations(), messages["extracted"](), known))


if __name__ == "__main__":
    main()
