"""Live the leaderboard's worlds and write docs/leaderboard.md with its picture: `uv run python scripts/leaderboard.py`.

The same commit writes the same bytes. It takes some minutes on two cores; `--worlds` and `--borrowers` make it smaller.
"""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from forbear.engine.drawing import GROUND, OURS, STYLE, THEIRS
from forbear.sim.compare import Estimate
from forbear.sim.fast.leaderboard import LADDER, Line, Verdict, board, learned_from, summed, verdict

ROOT = Path(__file__).parents[1]
PAGE, PICTURE = ROOT / "docs" / "leaderboard.md", ROOT / "docs" / "pictures" / "leaderboard.svg"
_BEGIN, _END = "<!-- results: scripts/leaderboard.py -->", "<!-- end of results -->"
_CHINESE = {
    "nothing": "不联系",
    "everybody daily": "每人每天",
    LADDER: "普通阶梯",
    "spaced ladder": "疏密有度",
    "value order": "按价值",
    "optimiser": "优化策略",
    "oracle (the bound)": "全知（上限）",
}
_HEADS = {
    "en": (
        "policy", "net cash", "beyond nothing", "past due in the mean", "contacts", "complaints",
        "unlawful wishes", "relapse", "fairness gap",
    ),
    "zh": ("策略", "净回款", "比不联系多", "平均逾期额", "联系次数", "投诉", "不合规意愿", "再次逾期", "公平差距"),
}  # fmt: skip


def _money(one: Estimate) -> str:
    return f"{one.value:,.0f} ({one.low:,.0f} to {one.high:,.0f})"


def _number(one: Estimate) -> str:
    return f"{one.value:,.1f} ({one.low:,.1f} to {one.high:,.1f})"


def _percent(one: Estimate) -> str:
    return f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"


def table(rows: Mapping[str, Mapping[str, Estimate]], language: str) -> str:
    """The results as Markdown, a line for each policy."""
    heads = _HEADS[language]
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    for name, row in rows.items():
        cells = [
            name if language == "en" else _CHINESE[name],
            *(_money(row[measure]) for measure in ("net", "beyond", "past_due")),
            *(_number(row[measure]) for measure in ("contacts", "complaints", "unlawful")),
            *(_percent(row[measure]) for measure in ("relapse", "gap")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    text = "\n".join(lines)
    return text if language == "en" else text.replace(" to ", " 至 ")


def sentences(told: Verdict, language: str) -> str:
    """What became of the goal."""
    if language == "zh":
        return (
            f"在 {told.worlds} 个未用于学习的世界中，优化策略净回款比普通阶梯多 8 % 以上的有 {told.more_cash} 个；"
            f"净回款不低于其 99.5 %、联系次数不超过一半的有 {told.half_the_contacts} 个；"
            f"投诉更少的有 {told.fewer_complaints} 个。不合规意愿共 {told.unlawful} 次。"
            f"目标在 {told.reached} 个世界中达到。"
        )
    return (
        f"In {told.more_cash} of {told.worlds} worlds the optimiser has at least 8 % more net cash than the ladder. "
        f"In {told.half_the_contacts} it has at least 99.5 % of its cash with at most half its contacts. "
        f"In {told.fewer_complaints} it has fewer complaints. Its unlawful wishes are {told.unlawful}. "
        f"So the goal is reached in {told.reached} of {told.worlds}."
    )


def draw(rows: Mapping[str, Mapping[str, Estimate]], target: Path) -> None:
    """Contacts against what they bring beyond nothing, a point with its interval for each policy."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 4), facecolor=GROUND)
        axis = figure.subplots()
        axis.set_facecolor(GROUND)
        for name, row in rows.items():
            beyond, contacts = row["beyond"], row["contacts"]
            colour = OURS if name == "optimiser" else THEIRS
            spread = [[beyond.value - beyond.low], [beyond.high - beyond.value]]
            axis.errorbar(contacts.value, beyond.value, yerr=spread, fmt="o", color=colour, capsize=3)
            axis.annotate(
                name, (contacts.value, beyond.value), xytext=(6, 5), textcoords="offset points", fontsize=9
            )
        axis.axhline(0, linewidth=0.8, color=THEIRS)
        axis.set_xlabel("contacts in a year")
        axis.set_ylabel("net, beyond nothing (yuan)")
        axis.margins(x=0.15)
        axis.spines[["top", "right"]].set_visible(False)
        figure.suptitle("What contacts bring", x=0.02, ha="left", weight="bold")
        figure.tight_layout()
        metadata = {"Date": None, "Creator": "forbear"}
        figure.savefig(target, format="svg", facecolor=GROUND, metadata=metadata)


def write(lines: Mapping[str, Line]) -> None:
    """Put the results between the page's marks, in each language's part, and draw the picture."""
    rows, told = summed(lines), verdict(lines)
    text = PAGE.read_text(encoding="utf-8")
    parts = text.split(_BEGIN)
    assert len(parts) == 3, "the page has one place for each language"
    for number, language in ((1, "en"), (2, "zh")):
        _, rest = parts[number].split(_END)
        parts[number] = f"\n\n{table(rows, language)}\n\n{sentences(told, language)}\n\n{_END}{rest}"
    PAGE.write_text(_BEGIN.join(parts), encoding="utf-8")
    draw(rows, PICTURE)


def main() -> None:
    """Learn, live and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--worlds", type=int, default=20)
    options.add_argument("--borrowers", type=int, default=1000)
    options.add_argument("--days", type=int, default=365)
    options.add_argument("--logged", type=int, default=6)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    learned = learned_from(chosen.logged, chosen.borrowers * 3 // 2, chosen.days)
    write(board(chosen.worlds, chosen.borrowers, chosen.days, learned, chosen.jobs))


if __name__ == "__main__":
    main()
