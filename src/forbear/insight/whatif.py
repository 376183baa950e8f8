"""A changed strategy, run dry: who would have been treated otherwise, day by day, on the book as it is.

Both strategies go through the real night, each in a folder that is thrown away, so a day's stages follow from the
days before it as they would have. Payments that came because somebody was contacted are in the book either way:
what is compared is treatment, never outcome. What the rule packs will refuse of either is counted with it.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

from forbear.core.strategy.least import too_small_sql
from forbear.core.strategy.model import NOTHING, Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import Connection, connected, one_row, parquet, quote
from forbear.insight.planned_context import PlannedContext
from forbear.insight.planned_refusals import StepRefusals, planned_refusals
from forbear.interchange.book.book import Book
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.planned_steps import purposes
from forbear.interchange.home.scores import scores_text
from forbear.interchange.home.strategies import strategy_on
from forbear.night.run import Night, NightError, plan_night, run_night

Progress = Callable[[str, int, int], None]
#: The most days one comparison runs over.
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Change:
    """Borrowers of one day who are at one stage now and at another under the changed strategy; "" is none."""

    before: str
    after: str
    borrowers: int


@dataclass(frozen=True, slots=True)
class Count:
    """Planned treatments of one channel and template under each strategy."""

    channel: str
    template: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class SmallAmounts:
    """Borrowers for whom a channel of their stage is not worth it under each strategy: see core.strategy.least."""

    channel: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Compared:
    """All days together. `otherwise` counts borrowers with any other treatment on any day, each once.

    `refused_before` and `refused_after` are what the rule packs surely refuse of each strategy's treatments.
    """

    from_day: date
    to_day: date
    strategy: str
    version: str
    changed_strategy: str
    changed_version: str
    borrowers: int
    otherwise: int
    stages: list[Change] = field(default_factory=list)
    treatments: list[Count] = field(default_factory=list)
    small: list[SmallAmounts] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)
    refused_before: list[StepRefusals] = field(default_factory=list)
    refused_after: list[StepRefusals] = field(default_factory=list)

    def plain(self) -> dict[str, object]:
        """The same as JSON can say it."""
        return {**asdict(self), "from_day": str(self.from_day), "to_day": str(self.to_day)}


@dataclass(frozen=True, slots=True)
class Refused:
    """What one rule surely refuses of a step's treatments under each strategy; `rule` "" is any rule."""

    channel: str
    template: str
    rule: str
    clause: str
    before: int
    after: int


def refusals_of(before: list[StepRefusals], after: list[StepRefusals]) -> list[Refused]:
    """Both strategies side by side: the steps in order, any rule first, then each by how much it refuses."""
    counts: dict[tuple[str, str, str], list[int]] = {}
    clauses: dict[str, str] = {}
    for side, rows in enumerate((before, after)):
        for row in rows:
            counts.setdefault((row.channel, row.template, row.rule), [0, 0])[side] = row.refused
            clauses[row.rule] = row.clause
    listed = [Refused(*key, clauses[key[2]], *both) for key, both in counts.items()]
    return sorted(listed, key=lambda row: (row.channel, row.template, row.rule != "", -row.after, row.rule))


def what_if(
    home: Home,
    book: Book,
    changed: Path,
    first: date,
    last: date,
    progress: Progress = lambda step, done, of: None,
    *,
    base: Path | None = None,
    examples: int = 5,
    context: PlannedContext | None = None,
) -> Compared:
    """Compare what is in force with the changed strategy over these days. NightError for days that can't be run.

    `base` is another strategy to hold it against than the one in force on each day. At most that many `examples` are
    named of who would be treated otherwise. The rules are asked of what both plan, with the desk's `context` if given.
    """
    if first > last:
        raise NightError(f"--from {first} is after --to {last}; turn them round")
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if len(days) > MOST_DAYS:
        raise NightError(f"{len(days)} days are too many at once; ask for at most {MOST_DAYS}")
    with tempfile.TemporaryDirectory(prefix="forbear-what-if-") as folder:
        ours, theirs = Path(folder) / "before", Path(folder) / "after"
        for number, day in enumerate(days):
            progress("running both strategies", number, len(days))
            now = _night(home, book, ours, day, base or strategy_on(home, day))
            then = _night(home, book, theirs, day, changed)
        progress("comparing", 0, 1)
        with connected(home.threads) as engine:
            for name, nights in (("before", ours), ("after", theirs)):
                for table in ("cases", "treatments"):
                    engine.execute(_view(name, table, nights, days))
            borrowers, otherwise = one_row(engine.execute(_SUMS))
            strategies = [
                parse_strategy(read_text(path), path.name)
                for path in (base or strategy_on(home, last), changed)
            ]
            refused = [_refused(engine, home, nights, days, context) for nights in (ours, theirs)]
            return Compared(
                first,
                last,
                now.manifest["strategy"],
                now.manifest["strategy_version"],
                then.manifest["strategy"],
                then.manifest["strategy_version"],
                borrowers,
                otherwise,
                [Change(*row) for row in engine.execute(_STAGES).fetchall()],
                [Count(*row) for row in engine.execute(_TREATMENTS).fetchall()],
                _small(engine, *strategies),
                [row[0] for row in engine.execute(_EXAMPLES.format(most=int(examples))).fetchall()],
                *refused,
            )


def _night(home: Home, book: Book, nights: Path, day: date, strategy: Path) -> Night:
    text, facts = read_text(strategy), home.desk_facts(day)
    inputs = plan_night(
        book, nights, day, text, strategy.name, facts,
        stopped=stopped_on(home, day), scores_text=scores_text(home, day),
    )  # fmt: skip
    return run_night(inputs, book, nights, threads=home.threads)


def _refused(
    engine: Connection, home: Home, nights: Path, days: list[date], context: PlannedContext | None
) -> list[StepRefusals]:
    """What the home's rules refuse of the treatments of these nights."""
    rules = tuple(bound.rule for bound in rulebook(home).bound)
    treatments = " union all ".join(_rows(nights / str(day) / "treatments", day, _STEP) for day in days)
    # to plan nothing needs no permit
    treatments = f"select * from ({treatments}) where channel <> {quote(NOTHING)}"
    cases = " union all by name ".join(_rows(nights / str(day) / "cases", day, _FACTS) for day in days)
    return planned_refusals(engine, treatments, cases, rules, purposes(home), context)


def _small(engine: Connection, before: Strategy, after: Strategy) -> list[SmallAmounts]:
    """By channel the borrowers whose stage has it and whose amount is too small for all of it, on any day."""
    counts: dict[str, list[int]] = {}
    for side, (name, strategy) in enumerate((("before", before), ("after", after))):
        stages: dict[str, list[str]] = {}
        for rule in strategy.stages:
            for treatment in rule.treatments:
                if small := too_small_sql(strategy, treatment):
                    stages.setdefault(treatment.channel, []).append(
                        f"stage = {quote(rule.stage)} and {small}"
                    )
        for channel, conditions in stages.items():
            where = " or ".join(f"({condition})" for condition in dict.fromkeys(conditions))
            number = engine.execute(f"select count(distinct borrower_id) from {name}_cases where {where}")
            counts.setdefault(channel, [0, 0])[side] = one_row(number)[0]
    return [SmallAmounts(channel, *both) for channel, both in counts.items() if any(both)]


def _view(name: str, table: str, nights: Path, days: list[date]) -> str:
    """SQL: the rows of all days of one strategy, with their day."""
    columns = "borrower_id, stage" + (
        ", channel, template" if table == "treatments" else ", days_past_due, total_past_due, currency"
    )
    rows = " union all ".join(_rows(nights / str(day) / table, day, columns) for day in days)
    return f"create view {name}_{table} as {rows}"


def _rows(folder: Path, day: date, columns: str) -> str:
    return f"select date '{day}' as day, {columns} from {parquet(folder, 'part-*.parquet')}"


def _differing() -> str:
    """SQL: borrowers with a treatment or a stage that only one strategy has."""
    parts: Iterator[str] = (
        f"(select day, borrower_id, {columns} from {a}_{table} "
        f"except all select day, borrower_id, {columns} from {b}_{table})"
        for table, columns in (("treatments", "channel, template"), ("cases", "stage, ''"))
        for a, b in (("before", "after"), ("after", "before"))
    )
    return "select distinct borrower_id from (" + " union all ".join(parts) + ")"


_STEP = "borrower_id, loan_id, channel, template, position"
_FACTS = "* exclude (loan_id, stage, handler, previous_stage, change, stage_since, held)"
_SUMS = f"""
select (select count(distinct borrower_id) from (select borrower_id from before_cases where stage <> ''
        union all select borrower_id from after_cases where stage <> '')),
    (select count(*) from ({_differing()}))
"""
_STAGES = """
select coalesce(b.stage, ''), coalesce(a.stage, ''), count(*)
from before_cases b full join after_cases a using (day, borrower_id)
where coalesce(b.stage, '') <> coalesce(a.stage, '')
group by all order by 3 desc, 1, 2
"""
_TREATMENTS = """
select channel, template, coalesce(b.number, 0), coalesce(a.number, 0)
from (select channel, template, count(*) as number from before_treatments group by all) b
full join (select channel, template, count(*) as number from after_treatments group by all) a
using (channel, template) order by 1, 2
"""
_EXAMPLES = f"select borrower_id from ({_differing()}) order by borrower_id limit {{most}}"
