"""What a published night chose: its table read again, who has what, and who is treated otherwise than by the ladder."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from forbear.core.strategy.choice import CHOICE_FACT
from forbear.core.strategy.model import Choose, Strategy
from forbear.core.strategy.stage import decider
from forbear.engine.columnar import Connection, parquet, quote
from forbear.insight.choice_cases import Cell, Planned
from forbear.insight.choice_program import Limit, Solved, Sums, solve
from forbear.insight.choice_table import worths
from forbear.insight.choice_values import Value
from forbear.night.choice import OPTION
from forbear.night.run import Night


@dataclass(frozen=True, slots=True)
class Kept:
    """A night's table: values and cells as they were, and what was expected of the choice and of the ladder."""

    days: int
    options: tuple[str, ...]
    shares: Mapping[str, tuple[int, ...]]
    cells: tuple[Cell, ...]
    values: tuple[Value, ...]
    rates: Mapping[str, float]
    running_calls: float
    limits: tuple[Limit, ...]
    chosen: Sums
    plain: Sums
    missing: tuple[str, ...]


def kept_table(night: Night) -> Kept | None:
    """The table that a night chose by; None where it chose nothing."""
    path = night.folder / "choice.json"
    if not path.is_file():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    cells = tuple(
        Cell(
            *(name.rpartition("/")[0], int(name.rpartition("/")[2]), cases),
            tuple(Planned(**each) for each in found["planned"][name]),
        )
        for name, cases in sorted(found["cases"].items())
    )
    return Kept(
        found["days"],
        tuple(found["options"]),
        {name: tuple(shares) for name, shares in found["cells"].items()},
        cells,
        tuple(Value(**each) for each in found["values"]),
        found["complaints_a_contact"],
        found["running_calls"],
        tuple(Limit(**each) for each in found["limits"]),
        Sums(**found["chosen"]),
        Sums(**found["plain"]),
        tuple(found["missing"]),
    )


def fits(kept: Kept, choose: Choose) -> bool:
    """Whether a table is of these options and days."""
    return kept.days == choose.days and kept.options == tuple(option.name for option in choose.options)


def with_budget(kept: Kept, choose: Choose, complaints: Decimal) -> Solved:
    """What the night would have chosen with another budget of complaints for 1,000 borrowers."""
    worth = worths(choose, kept.values, kept.rates, kept.cells)
    changed = replace(choose, limits=replace(choose.limits, complaints=complaints))
    return solve(changed, kept.cells, worth, kept.running_calls)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A case that is treated otherwise than by the ladder: its option, and what of the ladder's plan is left out."""

    borrower_id: str
    option: str
    cell: str
    left_out: tuple[tuple[str, str], ...]


def counts(engine: Connection, night: Night) -> dict[str, tuple[int, int]]:
    """By option how many cases have it, and how many got it on this night."""
    cases = parquet(night.folder / "cases", "part-*.parquet")
    rows = engine.execute(
        f"select {OPTION}, count(*), count(*) filter (where choice_cell <> '') from {cases} "
        f"where {OPTION} <> '' group by 1"
    ).fetchall()
    return {option: (have, got) for option, have, got in rows}


def otherwise(engine: Connection, night: Night, strategy: Strategy, most: int) -> Iterator[Otherwise]:
    """The first cases that the night treats otherwise than the ladder would, as core decides them."""
    choose = strategy.choose
    assert choose is not None, "asked of strategies with a choice"
    cases = parquet(night.folder / "cases", "part-*.parquet")
    others = ", ".join(quote(option.name) for option in choose.options[1:])
    found = engine.execute(
        f"select * from {cases} where {OPTION} in ({others}) and not held and stage <> '' order by borrower_id"
    )
    names = [column[0] for column in found.description or ()]
    decide = decider(strategy)
    shown = 0
    while shown < most and (rows := found.fetchmany(500)):
        for row in _rows(names, rows):
            left = decide(row).left_out
            if left and shown < most:
                shown += 1
                plan = tuple((each.channel, each.template) for each in left)
                yield Otherwise(
                    str(row["borrower_id"]), str(row[CHOICE_FACT]), str(row["choice_cell"] or ""), plan
                )


def _rows(names: Sequence[str], rows: Sequence[tuple]) -> Iterator[dict[str, Any]]:
    return (dict(zip(names, row, strict=True)) for row in rows)
