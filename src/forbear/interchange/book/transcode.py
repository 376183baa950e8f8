"""A CSV file in another encoding as one in UTF-8, line by line the same.

Nothing is guessed: a few bytes of GBK may also be good text in another encoding, so the lender says which
it is. A byte that is no text in the encoding named stops the file.
"""

from pathlib import Path

from forbear.interchange.book.csv_shape import LONGEST_LINE
from forbear.interchange.home.lender_file import ENCODINGS

_BLOCK = 1 << 20


class NotInEncoding(ValueError):
    """The file isn't text in that encoding; `line` is the first line that isn't."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def to_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write `path`, read in `encoding` (one of ENCODINGS), to `target` in UTF-8; `NotInEncoding` when it isn't that."""
    codec, line = ENCODINGS[encoding], 1
    with path.open("rb") as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            # no character of these encodings has a line end for a second byte, so blocks may end where lines do
            block += source.readline(LONGEST_LINE)
            try:
                text = block.decode(codec)
            except UnicodeDecodeError as error:
                raise NotInEncoding(line + block.count(b"\n", 0, error.start)) from None
            out.write(text.encode("utf-8"))
            line += block.count(b"\n")
