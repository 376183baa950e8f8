"""A bundle of documents for a court as one PDF: index with page numbers, written parts, then every paper, page by page.

Set by typst like the letters, with the same font; the same content gives the same bytes.
"""

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from importlib.resources import as_file, files
from pathlib import Path

import typst
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from forbear.core.base.problem import Problem, noop
from forbear.interchange.documents.letters import Table, lacking_signs, table_fields, words_in

_HERE = files("forbear.interchange.documents").joinpath("letter")
_WORDS = {
    "page_of": noop("Page {page} of {pages}"),
    "index_title": noop("Index"),
    "none": noop("None on record."),
}
_KINDS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True, slots=True)
class Part:
    """A written part; a paragraph's lines are parted by a line end."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A kept file that goes in as it is: PDF, JPEG or PNG."""

    title: str
    path: Path
    media_type: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything a bundle holds; `details` are pairs of a word and what it is."""

    language: str
    title: str
    sender: str
    on: date
    reference: str
    details: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    papers: tuple[Paper, ...] = field(default=())


def bundle_pdf(bundle: Bundle) -> bytes | Problem:
    """The bundle as PDF. Problem when a paper can't be read, or a text has a sign that the font lacks."""
    papers: list[dict[str, str | int]] = []
    sources: dict[str, Path] = {}
    for number, paper in enumerate(bundle.papers, 1):
        pages = _pages(paper)
        if isinstance(pages, Problem):
            return pages
        kind = _KINDS[paper.media_type]
        name = f"paper-{number}.{kind}"
        mark = f"SHA-256 {paper.sha256}"
        papers.append(
            {
                "title": paper.title,
                "file": name,
                "kind": kind,
                "pages": pages,
                "mark": mark,
            }
        )
        sources[name] = paper.path
    fields = {
        "language": bundle.language,
        "title": bundle.title,
        "sender": bundle.sender,
        "details": [list(pair) for pair in bundle.details],
        "footer": f"{bundle.sender} · {bundle.reference}",
        "parts": [_part(part) for part in bundle.parts],
        "papers": papers,
        **words_in(bundle.language, _WORDS),
    }
    text = json.dumps(fields, ensure_ascii=False)
    if lacking := lacking_signs(text):
        named = ", ".join(f"{sign} (U+{ord(sign):04X})" for sign in lacking[:5])
        return Problem(
            "bundle_sign_missing",
            "the bundle can't be printed: the font has no sign for %(signs)s",
            signs=named,
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, source in sources.items():
            shutil.copyfile(source, folder / name)
        return _compiled(folder, text, bundle.on)


def _part(part: Part) -> dict[str, object]:
    return {
        "title": part.title,
        "paragraphs": [text.split("\n") for text in part.paragraphs if text.strip()],
        "tables": [table_fields(table) for table in part.tables],
    }


def _pages(paper: Paper) -> int | Problem:
    """How many pages a paper has; a picture has one."""
    if paper.media_type not in _KINDS:
        return Problem(
            "bundle_type_unknown",
            "%(title)s: a bundle takes PDF, JPEG and PNG, not %(media_type)s",
            title=paper.title,
            media_type=paper.media_type,
        )
    if not paper.path.is_file():
        return Problem(
            "bundle_file_gone", "%(title)s: the file is not there; it may have been erased", title=paper.title
        )
    if paper.media_type != "application/pdf":
        return 1
    try:
        return len(PdfReader(paper.path).pages)
    except (PyPdfError, OSError, ValueError):
        return Problem("bundle_pdf_unreadable", "%(title)s: the PDF can't be read", title=paper.title)


def _compiled(folder: Path, text: str, on: date) -> bytes | Problem:
    with as_file(_HERE) as home:
        shutil.copyfile(home / "bundle.typ", folder / "bundle.typ")
        (folder / "bundle.json").write_text(text, encoding="utf-8")
        try:
            return typst.compile(
                str(folder / "bundle.typ"),
                root=str(folder),
                font_paths=[str(home)],
                ignore_system_fonts=True,
                format="pdf",
                timestamp=int(datetime.combine(on, time(), UTC).timestamp()),
            )
        except typst.TypstError as error:
            # a paper that pypdf reads and the typesetter doesn't, such as one under a password
            return Problem("bundle_not_typeset", "the bundle can't be set: %(error)s", error=error.message)
