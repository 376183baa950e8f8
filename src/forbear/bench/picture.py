"""The measured numbers as a bar chart; drawn by a process of its own from what the run tells.

The same numbers give the same bytes. The picture brings its own light ground, so it reads on a dark page too.
"""

import json
import sys
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from forbear.engine.drawing import GROUND, OURS, SOFT, STYLE, THEIRS


def draw(figures: dict, target: Path) -> None:
    """Draw the largest size of a run; the ORM loop has a scale of its own, or the rest could not be seen."""
    tasks = [
        task for task in figures["tasks"] if not task["task"].startswith(("convert", "import", "morning"))
    ]
    largest = max(task["size"] for task in tasks)
    near = [task for task in tasks if task["size"] == largest and not task["task"].startswith("orm")]
    orm = [task for task in tasks if task["task"].startswith("orm")]
    night = [task for task in near if task["task"] == "night"]
    panels = [panel for panel in (near, [*night, *orm] if orm else []) if panel]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(9, 1.5 + 0.5 * sum(map(len, panels)) + 0.6 * len(panels)), facecolor=GROUND)
        heights = [len(panel) + 0.4 for panel in panels]
        axes = figure.subplots(len(panels), 1, squeeze=False, gridspec_kw={"height_ratios": heights})[:, 0]
        for axis, panel in zip(axes, panels, strict=True):
            _bars(axis, panel)
        axes[-1].set_xlabel("seconds for a million loans (each panel has its own scale)")
        figure.suptitle(title(tasks, largest), x=0.02, ha="left", weight="bold", wrap=True)
        figure.text(0.02, 0.015, _foot(figures, largest), fontsize=8.5, color=SOFT)
        figure.tight_layout(rect=(0, 0.04, 1, 1))
        figure.savefig(
            target, format="svg", facecolor=GROUND, metadata={"Date": None, "Creator": "forbear bench"}
        )


def _bars(axis: Axes, panel: list[dict]) -> None:
    axis.set_facecolor(GROUND)
    values = [task["seconds_a_million_loans"] for task in panel]
    colours = [OURS if task["task"].startswith("night") else THEIRS for task in panel]
    places = range(len(panel))
    axis.barh(places, values, height=0.62, color=colours)
    axis.set_yticks(places, [task["title"] for task in panel])
    axis.invert_yaxis()
    axis.set_xlim(0, max(values) * 1.12)
    for place, value in zip(places, values, strict=True):
        axis.annotate(_seconds(value), (value, place), xytext=(5, 0), textcoords="offset points", va="center")
    axis.spines[["top", "right", "left"]].set_visible(False)
    axis.spines["bottom"].set_color(THEIRS)
    axis.tick_params(axis="y", length=0)


def _seconds(value: float) -> str:
    return f"{value:,.0f} s" if value >= 100 else f"{value:.2f} s"


def title(tasks: list[dict], largest: int) -> str:
    """The finding in one sentence, as far as it was measured."""
    night = next((task for task in tasks if task["task"] == "night" and task["size"] == largest), None)
    if night is None:
        return "Seconds for a million loans"
    said = []
    if night["times_read"]:
        said.append(f"takes {night['times_read'][0]:.1f} × as long as reading its columns")
    orm = [task["times_night"][0] for task in tasks if task["task"].startswith("orm") and task["times_night"]]
    if orm:
        least = min(orm)
        said.append(f"is {least:,.{0 if least >= 10 else 1}f} × as fast as a loop over an ORM")
    if not said:
        return f"The night decides {1_000_000 / night['seconds_a_million_loans']:,.0f} loans a second"
    return "The whole night " + "\nand ".join(said)


def _foot(figures: dict, largest: int) -> str:
    on = figures["machine"]
    rounds = "1 round" if figures["runs"] == 1 else f"{figures['runs']} rounds"
    return (
        f"{largest:,} loans; medians of {rounds}, tasks taking turns; {figures['threads']} threads, "
        f"{on['processor']}. The ORM loop runs in one process."
    )


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
