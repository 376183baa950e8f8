"""Letters as PDF: set by typst with a font that comes with the package, so they look the same on every machine.

What a letter says is data to the typesetter, never markup. A sign that the font lacks would print as a box; it is
reported as a problem instead, so that no letter leaves that can't be read.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from importlib.resources import as_file, files
from io import BytesIO
from typing import Literal

import segno
import typst
from django.utils.translation import gettext, override

from forbear.core.base.problem import MessageId, Problem, noop

_HERE = files("forbear.interchange.documents").joinpath("letter")

_WORDS = {
    "date": noop("Date"),
    "reference": noop("Reference"),
    "page_of": noop("Page {page} of {pages}"),
    "check_title": noop("Verification code"),
    "check_text": noop(
        "To make sure that this letter is ours, scan the picture, or enter the code at {url}. "
        "You can also call the number in your contract. "
        "We never ask you to pay into a private person's account."
    ),
}


def words_in(language: str, words: Mapping[str, MessageId]) -> dict[str, str]:
    """The words of a printed page in its language; `zh` is Chinese in simplified characters."""
    with override("zh-hans" if language == "zh" else language):
        return {name: gettext(word) for name, word in words.items()}


#: The paragraph of a body in whose place the tables stand; without it they follow the body.
TABLES_HERE = "[tables]"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text, the header first; the first column is set left, the others right. `sums`: the last row is a sum.

    In the layout `list` all columns are set left; in `pairs` there is no header, but a name and what it is in each row.
    """

    title: str
    rows: Sequence[Sequence[str]]
    sums: bool = False
    layout: Literal["amounts", "list", "pairs"] = "amounts"


@dataclass(frozen=True, slots=True)
class Slip:
    """A form at the letter's end to be cut off and sent back: choices with a box, indented 0 or 1, and the address."""

    title: str
    about: str
    hint: str
    choices: tuple[tuple[int, str], ...]
    send_to_title: str
    send_to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. `language` is zh or en; `to` and `sender_rows` are the lines of an address.

    `body` has paragraphs parted by an empty line; `tables` stand in the place of TABLES_HERE, or behind it. `code`
    proves the letter at `verify_url`, to which a QR code leads.
    """

    language: str
    sender: str
    sender_rows: tuple[str, ...]
    to: tuple[str, ...]
    on: date
    reference: str
    subject: str
    body: str
    code: str
    verify_url: str
    tables: tuple[Table, ...] = ()
    slip: Slip | None = None

    @property
    def check_address(self) -> str:
        """The page that says whether this letter is the lender's, with its code filled in; "" without a code."""
        return f"{self.verify_url}?q={self.code.replace('-', '')}" if self.code else ""


def letter_pdf(letter: Letter) -> bytes | Problem:
    """The letter as PDF; the same bytes for the same letter. Problem when it has a sign that the font lacks."""
    words = words_in(letter.language, _WORDS)
    fields = {
        "language": letter.language,
        "sender": letter.sender,
        "sender_rows": list(letter.sender_rows),
        "to_rows": list(letter.to),
        "details": [[words["date"], _date(letter)], [words["reference"], letter.reference]],
        "subject": letter.subject,
        "paragraphs": [part.split("\n") for part in _parts(letter.body)],
        "tables_at": _parts(letter.body).index(TABLES_HERE) if TABLES_HERE in _parts(letter.body) else -1,
        "tables": [table_fields(table) for table in letter.tables],
        "slip": asdict(letter.slip) if letter.slip else None,
        "code": letter.code,
        "check_title": words["check_title"],
        "check_text": words["check_text"].replace("{url}", letter.verify_url),
        "page_of": words["page_of"],
        "footer": f"{letter.sender} · {letter.reference}",
    }
    text = json.dumps(fields, ensure_ascii=False)
    lacking = lacking_signs(text)
    if lacking:
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in lacking[:5])
        return Problem(
            "letter_sign_missing",
            "a letter can't be printed: the font has no sign for %(signs)s",
            signs=named,
        )
    made_at = datetime.combine(letter.on, time(), UTC)
    with as_file(_HERE) as folder:
        return typst.compile(
            str(folder / "letter.typ"),
            root=str(folder),
            font_paths=[str(folder)],
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"letter": text, "qr": _qr(letter.check_address)},
            timestamp=int(made_at.timestamp()),
        )


def table_fields(table: Table) -> dict[str, object]:
    """A table as the typesetter reads it."""
    rows = [list(row) for row in table.rows]
    return {"title": table.title, "rows": rows, "sums": table.sums, "layout": table.layout}


def _parts(body: str) -> list[str]:
    return [part for part in body.strip().split("\n\n") if part.strip()]


def _qr(address: str) -> str:
    """The picture of an address, as SVG; "" for none."""
    if not address:
        return ""
    picture = BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", xmldecl=False, border=2, scale=4)
    return picture.getvalue().decode("utf-8")


def _date(letter: Letter) -> str:
    on = letter.on
    return f"{on.year}年{on.month}月{on.day}日" if letter.language == "zh" else f"{on:%-d %B %Y}"


def lacking_signs(text: str) -> list[str]:
    """The signs of a text that the font of letters can't print, in their order; line ends don't count."""
    printable = _printable()
    return [sign for sign in dict.fromkeys(text) if ord(sign) not in printable and sign not in "\n\r\t"]


@lru_cache(maxsize=1)
def _printable() -> frozenset[int]:
    code_points: set[int] = set()
    for line in _HERE.joinpath("signs.txt").read_text(encoding="ascii").split():
        first, last = line.split("-")
        code_points.update(range(int(first, 16), int(last, 16) + 1))
    return frozenset(code_points)
