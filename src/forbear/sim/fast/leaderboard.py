"""Policies beside each other in the same held-out worlds: what each brought, what it cost, and how sure that is.

Each world is lived once under each policy with the same draws, so differences are taken world by world. Agencies,
doors, courts, settlements and sales are left away: what is compared is whom to contact, and how.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from importlib.resources import files
from statistics import fmean

from forbear.core.strategy.parse import parse_strategy
from forbear.sim.compare import Estimate, estimate
from forbear.sim.fast.learning import Learned, Optimiser, learn, lived_at_random
from forbear.sim.fast.policies import ByValue, Daily, Nothing, Oracle
from forbear.sim.fast.wishes import Policy, StrategyPolicy
from forbear.sim.fast.world import FastWorld, Outcome, Setting

FIRST, BEHIND = date(2026, 1, 5), 0.1
#: The held-out worlds begin at this seed; nights to learn from are of seeds far from them.
HELD_OUT, LOGGED = 1, 100_000
LADDER = "plain ladder"
#: The share of the ladder's contacts that the optimiser may make, a case and day in the mean.
_MOST = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """One policy's results, by world in the order of the seeds: cash and net of the year, contacts and so on."""

    net: list[float]
    beyond: list[float]
    contacts: list[float]
    complaints: list[float]
    unlawful: list[float]
    relapse: list[float]
    gap: list[float]
    past_due: list[float]


def _ready(name: str, title: str) -> Policy:
    text = (files("forbear") / "strategies" / f"{name}.yaml").read_text("utf-8")
    policy = StrategyPolicy(parse_strategy(text, f"{name}.yaml"), "CNY")
    policy.name = title
    return policy


def policies(learned: Learned, most: float = _MOST) -> dict[str, Callable[[FastWorld, int], Policy]]:
    """Each policy by its name; the oracle alone is given the world."""
    return {
        "nothing": lambda world, days: Nothing(),
        "everybody daily": lambda world, days: Daily(),
        LADDER: lambda world, days: _ready("consumer-cn", LADDER),
        "spaced ladder": lambda world, days: _ready("consumer-cn-spaced", "spaced ladder"),
        "value order": lambda world, days: ByValue(),
        "optimiser": lambda world, days: Optimiser(learned, most),
        "oracle (the bound)": lambda world, days: Oracle(world.people.habit, days),
    }


def learned_from(worlds: int, borrowers: int, days: int) -> Learned:
    """What nights of other worlds tell."""
    settings = [
        Setting(borrowers, FIRST, LOGGED + number, behind=BEHIND, late_stage=False)
        for number in range(worlds)
    ]
    return learn([lived_at_random(setting, days) for setting in settings])


def lived(seed: int, borrowers: int, days: int, learned: Learned) -> dict[str, Outcome]:
    """One held-out world under each policy."""
    outcomes = {}
    for name, made in policies(learned).items():
        world = FastWorld(Setting(borrowers, FIRST, seed, behind=BEHIND, late_stage=False), Nothing())
        world.policy = made(world, days)
        outcomes[name] = world.run(days)
        outcomes[name].policy = name
    return outcomes


def _one(job: tuple[int, int, int, Learned]) -> dict[str, Outcome]:
    return lived(*job)


def board(worlds: int, borrowers: int, days: int, learned: Learned, jobs: int = 1) -> dict[str, Line]:
    """All policies in all held-out worlds."""
    todo = [(seed, borrowers, days, learned) for seed in range(HELD_OUT, HELD_OUT + worlds)]
    if jobs == 1:
        outcomes = [_one(job) for job in todo]
    else:
        with ProcessPoolExecutor(jobs) as pool:
            outcomes = list(pool.map(_one, todo))
    return {name: _line([world[name] for world in outcomes], outcomes) for name in outcomes[0]}


def _line(mine: Sequence[Outcome], worlds: Sequence[Mapping[str, Outcome]]) -> Line:
    alone = [world["nothing"] for world in worlds]
    return Line(
        # of the same people for every policy: those who are late where nobody is contacted
        net=[(none.paid_late + one.net - none.paid) / 100 for one, none in zip(mine, alone, strict=True)],
        beyond=[(one.net - none.net) / 100 for one, none in zip(mine, alone, strict=True)],
        contacts=[float(sum(one.contacts.values())) for one in mine],
        complaints=[float(one.complaints) for one in mine],
        unlawful=[float(sum(one.unlawful.values())) for one in mine],
        relapse=[one.relapses / max(one.cures, 1) for one in mine],
        gap=[_gap(one) for one in mine],
        past_due=[one.owed_days / one.days / 100 for one in mine],
    )


def _gap(outcome: Outcome) -> float:
    """How much more often the one group of like cases is contacted than the other, as a share of the mean."""
    rates = [contacts / max(days, 1) for days, contacts in outcome.groups.values()]
    mean = fmean(rates)
    return abs(rates[0] - rates[1]) / mean if mean else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The optimiser against the plain ladder, by world: where it has at least 8 % more net cash; where it has at least
    equal cash (99.5 %) with half the contacts; where fewer complaints; and whether no wish was unlawful."""

    worlds: int
    more_cash: int
    half_the_contacts: int
    fewer_complaints: int
    unlawful: int
    reached: int


def verdict(lines: Mapping[str, Line]) -> Verdict:
    """Whether the goal is reached, told as it is."""
    mine, ladder = lines["optimiser"], lines[LADDER]
    pairs = range(len(mine.net))
    more = [mine.net[n] >= 1.08 * ladder.net[n] for n in pairs]
    half = [
        mine.net[n] >= 0.995 * ladder.net[n] and 2 * mine.contacts[n] <= ladder.contacts[n] for n in pairs
    ]
    fewer = [mine.complaints[n] < ladder.complaints[n] for n in pairs]
    lawful = [mine.unlawful[n] == 0 for n in pairs]
    return Verdict(
        len(pairs),
        sum(more),
        sum(half),
        sum(fewer),
        int(sum(mine.unlawful)),
        sum((more[n] or half[n]) and fewer[n] and lawful[n] for n in pairs),
    )


def summed(lines: Mapping[str, Line]) -> dict[str, dict[str, Estimate]]:
    """By policy each measure's mean with its interval, and the net's difference from the ladder's."""
    rows = {}
    for name, line in lines.items():
        rows[name] = {measure: estimate(getattr(line, measure)) for measure in Line.__slots__}
        differences = [one - other for one, other in zip(line.net, lines[LADDER].net, strict=True)]
        rows[name]["against_ladder"] = estimate(differences)
    return rows


def plain(lines: Mapping[str, Line]) -> str:
    """All of it as JSON."""
    return json.dumps(
        {"lines": {name: asdict(line) for name, line in lines.items()}, "verdict": asdict(verdict(lines))},
        ensure_ascii=False,
        indent=1,
    )
