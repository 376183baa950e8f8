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


class ReadsAsUtf8(ValueError):
    """The file was said to be in an encoding that has a sign for nearly each byte, and all of it is good UTF-8."""


def to_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write `path`, read in `encoding` (one of ENCODINGS), to `target` in UTF-8.

    `NotInEncoding` or `ReadsAsUtf8` when it isn't that. UTF-8 by chance is no text of Western Europe.
    """
    codec, line = ENCODINGS[encoding], 1
    foreign, reads = False, codec == "cp1252"
    with path.open("rb") as source, target.open("wb") as out:
        while block := source.read(_BLOCK):
            # no character of these encodings has a line end for a second byte, so blocks may end where lines do
            block += source.readline(LONGEST_LINE)
            try:
                text = block.decode(codec)
            except UnicodeDecodeError as error:
                raise NotInEncoding(line + block.count(b"\n", 0, error.start)) from None
            if reads and not block.isascii():
                foreign, reads = True, _is_utf8(block)
            out.write(text.encode("utf-8"))
            line += block.count(b"\n")
    if foreign and reads:
        raise ReadsAsUtf8(path)


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
