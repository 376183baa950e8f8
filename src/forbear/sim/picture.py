"""The course of worlds as pictures, one for each measure; drawn by a process of its own from what it is given.

The same numbers give the same bytes. A picture brings its own light ground, so it reads on a dark page too.
"""

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from forbear.engine.drawing import GROUND, OURS, STYLE, THEIRS

LINES = ((THEIRS, "--"), (OURS, "-"))
#: Each picture: its measure, its title, whether days are added up, and the unit that figures are divided by.
PICTURES = (
    ("cash", "paid", "Cash paid, added up", True, 100),
    ("past_due", "owed_late", "Past due", False, 100),
    ("roll", "late_30", "Loans 30 days late or more", False, 1),
    ("contacts", "contacts", "Contacts that reached somebody, added up", True, 1),
    ("refusals", "refused", "Contacts that the rules refused, added up", True, 1),
    ("complaints", "complaints", "Complaints, added up", True, 1),
)


def draw(series: dict[str, dict[str, list[float]]], folder: Path) -> None:
    """Draw every measure, a line for each strategy."""
    for name, measure, title, added, unit in PICTURES:
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(8, 3.6), facecolor=GROUND)
            axis = figure.subplots()
            axis.set_facecolor(GROUND)
            for (label, line), (colour, dashes) in zip(series.items(), LINES, strict=False):
                values = [value / unit for value in line[measure]]
                values = _added(values) if added else values
                days = range(1, len(values) + 1)
                axis.plot(days, values, dashes, color=colour, linewidth=2.2, label=label)
            axis.set_xlabel("day")
            axis.set_ylim(bottom=0)
            axis.margins(x=0.01)
            axis.yaxis.set_major_formatter(
                FuncFormatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}")
            )
            axis.spines[["top", "right"]].set_visible(False)
            if len(series) > 1:
                axis.legend(frameon=False, loc="best")
            figure.suptitle(title, x=0.02, ha="left", weight="bold")
            figure.tight_layout()
            target = folder / f"{name}.svg"
            metadata = {"Date": None, "Creator": "forbear sim"}
            figure.savefig(target, format="svg", facecolor=GROUND, metadata=metadata)


def _added(values: list[float]) -> list[float]:
    total, sums = 0.0, []
    for value in values:
        total += value
        sums.append(total)
    return sums


if __name__ == "__main__":
    draw(json.loads(sys.stdin.read()), Path(sys.argv[1]))
