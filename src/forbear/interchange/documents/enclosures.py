"""Papers of others that letters enclose, such as the FCA's information sheets: files of the lender's, as pages behind.

A letter that says that it encloses a paper is made with it or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from forbear.core.base.problem import Problem
from forbear.interchange.home.lender import Home, HomeError
from forbear.interchange.home.texts import templates


@dataclass(frozen=True, slots=True)
class EnclosedPaper:
    """A paper to put behind a letter; `digest` is the SHA-256 of the lender's file in hex."""

    name: str
    content: bytes
    digest: str


def read_enclosure(home: Home, name: str) -> EnclosedPaper | Problem:
    """The lender's file of that name. Problem where none is named in lender.yaml, or it is no PDF with pages."""
    path = dict(home.enclosures).get(name)
    if path is None:
        return Problem(
            "enclosure_not_named",
            "the letter encloses `%(name)s`, and lender.yaml names no file for it under `enclosures`",
            name=name,
        )
    try:
        content = path.read_bytes()
        pages = len(PdfReader(BytesIO(content)).pages)
    except (OSError, PyPdfError, ValueError, KeyError, RecursionError):
        pages = 0
    if not pages:
        return Problem(
            "enclosure_unreadable",
            "the letter encloses `%(name)s`, and %(file)s is no PDF that can be read",
            name=name,
            file=path.name,
        )
    return EnclosedPaper(name, content, sha256(content).hexdigest())


def with_enclosure(letter: bytes, enclosure: EnclosedPaper) -> bytes:
    """The letter as PDF with the pages of the paper behind it; the same bytes for the same two."""
    return joined([letter, enclosure.content])


def joined(papers: Sequence[bytes]) -> bytes:
    """PDFs one behind the other; one alone as it is, and the same bytes for the same papers."""
    if len(papers) == 1:
        return papers[0]
    writer = PdfWriter(clone_from=BytesIO(papers[0]))
    for paper in papers[1:]:
        writer.append(BytesIO(paper), import_outline=False)
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def check_enclosures(home: Home) -> list[Problem]:
    """What the texts enclose and lender.yaml names no file for. HomeError for a named file that can't be used."""
    for name, path in home.enclosures:
        found = read_enclosure(home, name)
        if isinstance(found, Problem):
            raise HomeError(f"{path}: is no PDF that can be read; `enclosures` in lender.yaml names it")
    wanted = {entry.encloses for entry in templates(home).entries if entry.encloses}
    enclosures = [read_enclosure(home, name) for name in sorted(wanted)]
    return [each for each in enclosures if isinstance(each, Problem)]
