"""Whether anybody of the hold-out lost a notice or an answer: counted on the latest night, with the rows behind it.

Core decides each of their cases once more as if they weren't in the hold-out. Of what it would plan, all that the law
or the strategy sends to the hold-out has to stand in the night's own plan. What they asked for has to be answered in
time like anybody's.
"""

from dataclasses import dataclass
from datetime import date

from forbear.core.strategy.model import Strategy
from forbear.core.strategy.stage import decider, goes_to_holdout
from forbear.engine.columnar import connected, parquet
from forbear.interchange.home.lender import Home
from forbear.night.run import latest_night
from forbear.store.models import Request


@dataclass(frozen=True, slots=True)
class Right:
    """A notice that is due to somebody of the hold-out, or what they asked for; `kept` unless it was lost."""

    borrower: str
    what: str
    due: date
    kept: bool


@dataclass(frozen=True, slots=True)
class Rights:
    """Those whom the hold-out leaves alone after the latest night, with what is due to them."""

    as_of: date
    borrowers: int
    notices: tuple[Right, ...]
    requests: tuple[Right, ...]

    @property
    def lost(self) -> tuple[Right, ...]:
        """What somebody lost."""
        return tuple(each for each in (*self.notices, *self.requests) if not each.kept)


def rights(home: Home, strategy: Strategy) -> Rights | None:
    """What is due to those in the hold-out; None before the first night, or without a hold-out."""
    night = latest_night(home.nights)
    if night is None or strategy.holdout is None:
        return None
    as_of = date.fromisoformat(night.manifest["as_of"])
    with connected(home.threads) as engine:
        found = engine.execute(
            f"select * from {parquet(night.folder / 'cases', 'part-*.parquet')} where in_holdout order by borrower_id"
        )
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        planned = set(
            engine.execute(
                "select borrower_id, channel, template from "
                f"{parquet(night.folder / 'treatments', 'part-*.parquet')} where borrower_id in "
                f"(select borrower_id from {parquet(night.folder / 'cases', 'part-*.parquet')} where in_holdout)"
            ).fetchall()
        )
    if night.manifest["strategy_version"] != strategy.version:
        # another strategy is in force since, and says nothing of that night
        return Rights(as_of, len(rows), (), ())
    decide = decider(strategy)
    notices = tuple(
        Right(name, f"{each.channel} {each.template}", as_of, (name, each.channel, each.template) in planned)
        for row in rows
        for name in [str(row["borrower_id"])]
        for each in decide({**row, "in_holdout": False}).treatments
        if goes_to_holdout(strategy, each)
    )
    asked = Request.objects.filter(borrower__in=[str(row["borrower_id"]) for row in rows], state="open")
    requests = tuple(
        Right(name, number, due, due >= as_of)
        for name, number, due in asked.order_by("number").values_list("borrower_id", "number", "due_on")
    )
    return Rights(as_of, len(rows), notices, requests)
