"""Write which mobile numbers belong to Xinjiang, from the places that the library phonenumbers knows.

    uv run python scripts/xinjiang_numbers.py

The library's table of places takes seconds and 200 MB to load, so the one question the product asks of it is answered
here once. Run it again when the library is raised.
"""

import textwrap
from pathlib import Path

FILE = Path(__file__).parents[1] / "src/forbear/core/facts/xinjiang.py"
TOP = '''"""Mobile numbers of Xinjiang: the first seven digits after +86, as ranges.

Written by scripts/xinjiang_numbers.py.
"""

from bisect import bisect_right

_RANGES = """
'''
END = '''
"""
_PAIRS = sorted((int(first), int(last)) for first, last in (each.split("-") for each in _RANGES.split()))
_FIRST = [first for first, _ in _PAIRS]


def is_mobile_of_xinjiang(e164: str) -> bool:
    """Whether the operator gave this number's block (ITU-T E.164) to Xinjiang."""
    if not e164.startswith("+861") or len(e164) != 14:
        return False
    block = int(e164[3:10])
    at = bisect_right(_FIRST, block)
    return at > 0 and block <= _PAIRS[at - 1][1]
'''


def main() -> None:
    """Read the library's places, and write the ranges."""
    from phonenumbers.geodata import GEOCODE_DATA

    blocks: set[int] = set()
    for prefix, places in GEOCODE_DATA.items():
        number = prefix.removeprefix("86")
        if prefix.startswith("861") and "新疆" in places.get("zh", "") and 4 <= len(number) <= 7:
            width = 10 ** (7 - len(number))
            blocks |= set(range(int(number) * width, (int(number) + 1) * width))
    words = " ".join(f"{first}-{last}" for first, last in _ranges(sorted(blocks)))
    FILE.write_text(TOP + textwrap.fill(words, 116, break_on_hyphens=False) + END, "utf-8")


def _ranges(blocks: list[int]) -> list[tuple[int, int]]:
    ranges: list[tuple[int, int]] = []
    for block in blocks:
        if ranges and block == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], block)
        else:
            ranges.append((block, block))
    return ranges


if __name__ == "__main__":
    main()
