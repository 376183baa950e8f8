"""Compresses what other people made and we serve, so that a first page is small: `python scripts/compress_static.py`.

Each text of static/vendor in the web room gets a `.gz` beside it, which the server sends to browsers that take gzip.
Our own scripts and styles are small and change often; they have none.
"""

import gzip
from pathlib import Path

VENDOR = Path(__file__).parents[1] / "src" / "forbear" / "web" / "static" / "vendor"
KINDS = (".css", ".js", ".svg")


def sources() -> list[Path]:
    """The files that are served compressed."""
    return sorted(path for path in VENDOR.iterdir() if path.suffix in KINDS)


def main() -> None:
    """Write each `.gz`; the same source gives the same bytes."""
    for path in sources():
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


if __name__ == "__main__":
    main()
