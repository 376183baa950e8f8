"""Cut the font of letters from Noto Sans CJK: every Chinese sign it has, and Latin, without what print doesn't need.

    python scripts/letter_font.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Writes src/forbear/interchange/documents/letter/NotoSansSC.otf and, beside it, which signs it has: one range a line.
"""

import sys
from itertools import pairwise
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

HERE = Path(__file__).resolve().parents[1] / "src" / "forbear" / "interchange" / "letter"
FAMILY = "Noto Sans CJK SC"
#: Latin with its accents, punctuation, currency and letter-like signs, arrows, maths, boxes, CJK punctuation, forms.
BLOCKS = (
    (0x20, 0x2FF), (0x370, 0x451), (0x2000, 0x23FF), (0x2460, 0x27BF), (0x2E80, 0x33FF), (0x3400, 0x9FFF),
    (0xF900, 0xFAFF), (0xFE10, 0xFE6F), (0xFF00, 0xFFEF), (0x20000, 0x323AF),
)  # fmt: skip


def main(source: Path) -> None:
    """Cut and write the font."""
    font = next(
        font for font in TTCollection(source, lazy=False).fonts if font["name"].getDebugName(1) == FAMILY
    )
    wanted = {sign for sign in font.getBestCmap() if any(low <= sign <= high for low, high in BLOCKS)}
    options = subset.Options()
    options.layout_features = ["kern", "tnum", "pnum"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.hinting = False
    options.recalc_timestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    font.save(HERE / "NotoSansSC.otf")
    (HERE / "signs.txt").write_text("\n".join(ranges(sorted(wanted))) + "\n", encoding="ascii")
    sys.stdout.write(f"{len(wanted)} signs\n")


def ranges(signs: list[int]) -> list[str]:
    """Runs of neighbours, as hexadecimal `first-last`."""
    starts = [sign for before, sign in pairwise([-2, *signs]) if sign != before + 1]
    ends = [sign for sign, after in pairwise([*signs, -2]) if after != sign + 1]
    return [f"{start:x}-{end:x}" for start, end in zip(starts, ends, strict=True)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
