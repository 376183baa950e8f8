"""Cut the font of letters into pieces for the pages, so that Chinese can be read on a machine that has no font for it.

    uv run --with brotli python scripts/web_font.py

Writes src/forbear/web/static/fonts/*.woff2 and fonts.css. One piece has the signs of the pages themselves, the others
all of U+4E00 to U+9FFF in blocks; a browser fetches a piece only when it shows one of its signs and no font of the
machine has it. Names carry the digest of their content, so that a browser may keep them for ever.
"""

import hashlib
import io
import re
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1] / "src" / "forbear"
SOURCE = ROOT / "interchange" / "letter" / "NotoSansSC.otf"
TARGET = ROOT / "web" / "static" / "fonts"
FIRST, LAST, BLOCK = 0x4E00, 0x9FFF, 0x150
#: Punctuation and forms that stand amid Chinese text only. Quotes, dashes and arrows are in every font, and the faces
#: here come before the machine's own for what they have.
MARKS = (*range(0x3000, 0x3018), *range(0xFF01, 0xFF5F))
#: Fonts for Chinese that machines bring along; where one is there, nothing is fetched.
LOCAL = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "PingFang SC", "PingFangSC-Regular",
    "Microsoft YaHei", "HarmonyOS Sans SC", "MiSans", "Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
    "Droid Sans Fallback", "SimHei", "SimSun",
)  # fmt: skip


def signs_of_pages() -> set[int]:
    """The Chinese signs in the pages' own words, the words for codes and the ready texts."""
    paths = [*(ROOT / "web").rglob("*.html"), *(ROOT / "web").rglob("*.py"), *(ROOT / "core").glob("*.py")]
    paths += [
        *(ROOT / "packs").glob("*.yaml"),
        *(ROOT / "templates").glob("*.yaml"),
        *(ROOT / "strategies").glob("*.yaml"),
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    return {ord(sign) for sign in re.findall(r"[\u4e00-\u9fff]", text)}


def piece(signs: set[int]) -> bytes:
    """The font with these signs only, as WOFF2."""
    font = TTFont(SOURCE, recalcTimestamp=False)
    options = subset.Options(
        flavor="woff2", hinting=False, desubroutinize=False, layout_features=[], recalc_timestamp=False
    )
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=signs)
    cutter.subset(font)
    font.flavor = "woff2"
    kept = io.BytesIO()
    font.save(kept)
    return kept.getvalue()


def written(name: str, content: bytes) -> str:
    """Write a piece; its file's name."""
    path = TARGET / f"{name}-{hashlib.sha256(content).hexdigest()[:12]}.woff2"
    path.write_bytes(content)
    return path.name


def ranges(signs: set[int]) -> str:
    """The signs as CSS names them."""
    found, run = [], []
    for sign in [*sorted(signs), 0]:
        if run and sign != run[-1] + 1:
            found.append(f"U+{run[0]:X}" if len(run) == 1 else f"U+{run[0]:X}-{run[-1]:X}")
            run = []
        run.append(sign)
    return ",".join(found)


def face(file: str, signs: str) -> str:
    """One rule of fonts.css."""
    kept = f'src:url({file}) format("woff2");unicode-range:{signs}'
    return f'@font-face{{font-family:"Forbear Han";font-display:swap;{kept}}}\n'


def main() -> None:
    """Cut all pieces and write the style sheet."""
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.woff2"):
        old.unlink()
    known = set(TTFont(SOURCE).getBestCmap())
    css = []
    for start in range(FIRST, LAST + 1, BLOCK):
        signs = {sign for sign in range(start, min(start + BLOCK, LAST + 1)) if sign in known}
        css.append(
            face(written(f"han-{start:x}", piece(signs)), f"U+{start:X}-{min(start + BLOCK - 1, LAST):X}")
        )
    own = {sign for sign in signs_of_pages() | set(MARKS) if sign in known}
    css.append(face(written("han-pages", piece(own)), ranges(own)))
    local = ",".join(f'local("{name}")' for name in LOCAL)
    css.append(f'@font-face{{font-family:"Machine Han";src:{local};unicode-range:U+2E80-9FFF,U+FF00-FFEF}}\n')
    (TARGET / "fonts.css").write_text("".join(css), encoding="ascii")
    pieces = list(TARGET.glob("*.woff2"))
    total = sum(path.stat().st_size for path in pieces)
    sys.stdout.write(f"{len(pieces)} pieces, {total} bytes; {len(own)} signs of the pages\n")


if __name__ == "__main__":
    main()
