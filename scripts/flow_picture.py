"""Draw docs/pictures/flow.svg from the steps of docs/flow.md: `python scripts/flow_picture.py`."""

import re
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "flow.md"
PICTURE = ROOT / "docs" / "pictures" / "flow.svg"
#: A box's colours by its room: fill and border.
COLOURS = {
    "web": ("#e7f0fb", "#3b74b5"),
    "jobs": ("#e7f0fb", "#3b74b5"),
    "publish": ("#e9f5ea", "#3f8a4a"),
    "night": ("#e9f5ea", "#3f8a4a"),
    "actions": ("#fdf1df", "#b9770e"),
    "store": ("#efeaf8", "#6f55ab"),
    "channels": ("#efeaf8", "#6f55ab"),
    "interchange": ("#efeaf8", "#6f55ab"),
    "core": ("#fbe9e9", "#b04545"),
}
WIDTH, BOX, STEP, TOP = 360, 34, 52, 78


def ways() -> list[tuple[str, list[list[str]]]]:
    """Each way's heading, and its stretches: the modules of a numbered list, in order."""
    found = []
    for section in re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        stretches: list[list[str]] = []
        for number, module in re.findall(r"^(\d+)\. `([\w.]+)`", section, re.MULTILINE):
            if number == "1":
                stretches.append([])
            stretches[-1].append(module)
        found.append((section.splitlines()[0], stretches))
    return found


def box(left: int, top: int, number: int, module: str) -> str:
    """One step: its number and module, in its room's colours."""
    fill, border = COLOURS[module.split(".")[0]]
    return (
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{BOX}" rx="6" fill="{fill}" stroke="{border}"/>'
        f'<text x="{left + 14}" y="{top + 22}" fill="{border}" font-weight="bold">{number}</text>'
        f'<text x="{left + 38}" y="{top + 22}">{escape(module)}</text>'
    )


def arrow(left: int, top: int) -> str:
    """From one step down to the next."""
    middle = left + WIDTH // 2
    return f'<path d="M{middle} {top + BOX} V{top + STEP - 5}" stroke="#777" marker-end="url(#tip)"/>'


def picture() -> str:
    """The picture as SVG: a column a way, a gap between its stretches."""
    parts, bottom = [], TOP
    for column, (heading, stretches) in enumerate(ways()):
        left, top = 30 + column * (WIDTH + 60), TOP
        parts.append(f'<text x="{left}" y="46" font-size="20" font-weight="bold">{escape(heading)}</text>')
        for stretch in stretches:
            for number, module in enumerate(stretch, 1):
                parts.append(box(left, top, number, module))
                if number < len(stretch):
                    parts.append(arrow(left, top))
                top += STEP
            top += 26
        bottom = max(bottom, top)
    width = 30 + len(ways()) * (WIDTH + 60) - 30
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {bottom}" role="img" '
            'font-family="system-ui, sans-serif" font-size="15" fill="#222">',
            "<title>A payment's way and a message's way through the modules</title>",
            '<defs><marker id="tip" markerWidth="8" markerHeight="8" refX="6" refY="4" orient="auto">'
            '<path d="M0 0 L8 4 L0 8 z" fill="#777"/></marker></defs>',
            f'<rect width="{width}" height="{bottom}" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    PICTURE.write_text(picture(), "utf-8")
