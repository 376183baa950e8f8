"""What was found clean stays clean: a rule reads again only the files that changed since it last found nothing.

For rules whose findings in a file hang on that file alone. What was clean is kept as digests under `.tools`; a change
of the rule, of the file or of its path makes another digest. A fresh clone has none, so everything is read.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.tidy.tree import ROOT

KEPT = ROOT / ".tools" / "clean"
_HERE = Path(__file__)


def unclean(
    check: Callable[[Mapping[str, str]], list[str]], pages: Mapping[str, str], *rules: Path
) -> list[str]:
    """What `check` finds in `pages` (text by path); `rules` are the files that say what it looks for."""
    made_of = b"".join(rule.read_bytes() for rule in (*rules, _HERE)) + check.__name__.encode()
    digests = {path: _digest(made_of, path, text) for path, text in pages.items()}
    place = KEPT / check.__name__
    clean = set(place.read_text("utf-8").split()) if place.is_file() else set()
    found = check({path: text for path, text in pages.items() if digests[path] not in clean})
    if not found:
        KEPT.mkdir(parents=True, exist_ok=True)
        written = place.with_name(f"{place.name}.{os.getpid()}")
        written.write_text("\n".join(sorted(digests.values())), "utf-8")
        written.replace(place)
    return found


def _digest(made_of: bytes, path: str, text: str) -> str:
    whole = hashlib.sha256(made_of)
    whole.update(f"\0{path}\0".encode())
    whole.update(text.encode("utf-8", "surrogatepass"))
    return whole.hexdigest()[:32]
