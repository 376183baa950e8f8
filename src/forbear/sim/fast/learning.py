"""A policy that learns from logged nights alone: what a contact brought, by kind of case, and where it pays.

The nights were lived under a policy that contacts at random (`policies.Explorer`), so like cases differ by chance
alone. By stratum of what a lender knows (days past due, amount) it is seen how many more pay within some days after a
text or a call than after nothing, how many would have paid within two months anyhow, and what complaints and upheld
disputes followed. Then HiGHS says how often each stratum gets what, within the contacts that may be made. Who of a
stratum gets it is drawn again, never more rarely than a floor, so that it could go on learning.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray

from forbear.insight.shrink import shrink
from forbear.sim.behaviour import behaviour
from forbear.sim.fast.policies import LEAST_CALL, LEAST_TEXT, TEXT, Explorer
from forbear.sim.fast.population import Ints, Numbers
from forbear.sim.fast.wishes import Known, WantedContacts
from forbear.sim.fast.world import FastWorld, Setting

#: Where the strata end: days past due, yuan past due in minor units.
_DAYS, _OWED = (2, 6, 13, 29, 59), (100_000, 300_000)
STRATA = (len(_DAYS) + 1) * (len(_OWED) + 1)
ACTIONS = ("nothing", "sms", "call")
#: Within this many days a contact is answered by money or not; who pays within the longer time pays anyhow.
SOON, WINDOW = 5, 60
#: For how long a case is left alone after a contact; the least chance of an action.
_REST, _FLOOR = 4, 0.002


@dataclass(frozen=True, slots=True)
class Logged:
    """Cases of nights that were lived: each one's stratum, what was past due, what it got (as numbers of ACTIONS);
    whether it paid soon and within the window, and the complaints and written-off amounts that followed."""

    stratum: Ints
    owed: Ints
    action: Ints
    soon: Ints
    anyhow: Ints
    complaints: Ints
    lost: Ints


def strata(known: Known) -> Ints:
    """The number of each case's stratum."""
    days = np.searchsorted(_DAYS, known["days_past_due"], side="left")
    owed = np.searchsorted(_OWED, known["total_past_due"], side="left")
    return days * (len(_OWED) + 1) + owed


class _Watched:
    """The lottery policy, and what it did kept day by day."""

    name = "lottery"

    def __init__(self, policy: Explorer) -> None:
        self.policy, self.days = policy, list[tuple[int, Ints, Ints, Ints, Ints]]()

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """What chance says."""
        wished = self.policy.wishes(day, known)
        action = np.zeros(len(known["case"]), dtype=np.int64)
        for wish in wished:
            action[wish.cases] = ACTIONS.index(wish.channel)
        may = known["may_sms"] & known["may_call"] & (known["days_since_contact"] >= _REST)
        owed = known["total_past_due"]
        self.days.append((day, known["case"][may], strata(known)[may], owed[may], action[may]))
        return wished


def lived_at_random(setting: Setting, days: int) -> Logged:
    """Live a world under the lottery policy, and keep what a lender would know of it afterwards."""
    watched = _Watched(Explorer(setting.seed))
    world = FastWorld(setting, watched)
    world.receipts, world.grievances, world.losses = [], [], []
    world.run(days)
    count = len(world.people.names)
    cash, lost = (_summed(rows, count, days) for rows in (world.receipts, world.losses))
    complaints = _summed([(borrower, day, 1) for borrower, day in world.grievances], count, days)
    rows = [row for row in watched.days if row[0] + WINDOW < days]

    def followed(sums: Ints, within: int) -> Ints:
        return np.concatenate([sums[cases, day + within] - sums[cases, day] for day, cases, *_ in rows])

    stratum, owed, action = (np.concatenate([row[place] for row in rows]) for place in (2, 3, 4))
    return Logged(
        stratum,
        owed,
        action,
        (followed(cash, SOON) * 2 >= owed).astype(np.int64),
        (followed(cash, WINDOW) >= owed).astype(np.int64),
        followed(complaints, SOON),
        followed(lost, SOON + 5),
    )


def _summed(rows: Sequence[tuple[int, int, int]], count: int, days: int) -> Ints:
    """By borrower what came in before each day; one more at the end."""
    sums = np.zeros((count, days + 1), dtype=np.int64)
    for borrower, day, amount in rows:
        sums[borrower, day + 1] += amount
    return sums.cumsum(axis=1)


@dataclass(frozen=True, slots=True)
class Learned:
    """By stratum: cases seen, and what a text and a call bring beyond nothing, in minor units, less what they cost."""

    cases: Ints
    gain: Numbers


def learn(nights: Sequence[Logged]) -> Learned:
    """The gains of each action, by stratum, from nights that were logged."""
    every = {name: np.concatenate([getattr(night, name) for night in nights]) for name in Logged.__slots__}
    cells = every["stratum"] * len(ACTIONS) + every["action"]
    counts = np.bincount(cells, minlength=STRATA * len(ACTIONS)).astype(float).reshape(STRATA, -1)

    def mean(name: str) -> Numbers:
        sums = np.bincount(cells, every[name], minlength=STRATA * len(ACTIONS)).reshape(STRATA, -1)
        return np.asarray(sums / np.maximum(counts, 1))

    soon, owed, anyhow = mean("soon"), mean("owed").mean(axis=1), mean("anyhow")[:, 0]
    spread = (soon * (1 - soon) + 1e-4) / np.maximum(counts, 1)
    harm = _harm(every)
    gain = np.full((STRATA, len(ACTIONS) - 1), -1.0)
    for action in range(1, len(ACTIONS)):
        known = [n for n in range(STRATA) if counts[n, 0] >= 30 and counts[n, action] >= 30]
        lifts = shrink(
            {
                str(n): (
                    soon[n, action] - soon[n, 0],
                    spread[n, action] + spread[n, 0],
                    int(counts[n, action]),
                )
                for n in known
            },
            least=-1.0,
        )
        complaints, lost = harm[action]
        price = behaviour().costs.contacts[ACTIONS[action]] + complaints * behaviour().costs.complaint
        for n in known:
            won = lifts[str(n)].shrunk * (1 - anyhow[n]) - lost
            gain[n, action - 1] = owed[n] * won - price
    return Learned(counts.sum(axis=1).astype(np.int64), gain)


def _harm(every: Mapping[str, Ints]) -> dict[int, tuple[float, float]]:
    """By action how many complaints follow beyond nothing, and what share of what is owed is lost to disputes."""
    harm = {}
    alone = every["action"] == 0
    for action in range(1, len(ACTIONS)):
        mine = every["action"] == action
        complaints = every["complaints"][mine].mean() - every["complaints"][alone].mean()
        lost = every["lost"][mine].sum() / max(every["owed"][mine].sum(), 1)
        before = every["lost"][alone].sum() / max(every["owed"][alone].sum(), 1)
        harm[action] = (max(float(complaints), 0.0), max(float(lost - before), 0.0))
    return harm


def shares(learned: Learned, most: float) -> Numbers:
    """How often each stratum gets a text and a call, with at most `most` contacts a case and day in the mean."""
    cases, gain = learned.cases / max(learned.cases.sum(), 1), learned.gain
    columns = gain.size
    program = highspy.Highs()
    program.silent()
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = columns, STRATA + 1
    problem.col_cost_ = -(gain * cases[:, None]).ravel()
    problem.col_lower_, problem.col_upper_ = np.zeros(columns), np.ones(columns)
    problem.row_lower_ = np.zeros(STRATA + 1)
    problem.row_upper_ = np.append(np.ones(STRATA), most)
    # each column stands in its stratum's row and in the row of all contacts
    problem.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    problem.a_matrix_.start_ = np.arange(0, 2 * columns + 1, 2)
    rows = np.column_stack([np.arange(columns) // gain.shape[1], np.full(columns, STRATA)])
    problem.a_matrix_.index_ = rows.ravel()
    problem.a_matrix_.value_ = np.column_stack([np.ones(columns), np.repeat(cases, gain.shape[1])]).ravel()
    program.passModel(problem)
    program.run()
    assert program.getModelStatus() == highspy.HighsModelStatus.kOptimal, "shares between 0 and 1 always fit"
    return np.array(program.getSolution().col_value).reshape(gain.shape)


class Optimiser:
    """The learned shares, drawn for each case and day."""

    name = "optimiser"

    def __init__(self, learned: Learned, most: float) -> None:
        self.shares = np.maximum(shares(learned, most), _FLOOR)

    def wishes(self, day: int, known: Known) -> Sequence[WantedContacts]:
        """A text or a call where the draw of the stratum says so."""
        share = self.shares[strata(known)]
        drawn: NDArray[np.float64] = np.random.default_rng((17, day)).random(len(share))
        free = known["days_since_contact"] >= _REST
        text = free & (drawn < share[:, 0]) & known["may_sms"] & (known["total_past_due"] >= LEAST_TEXT)
        call = free & (drawn >= share[:, 0]) & (drawn < share.sum(axis=1)) & known["may_call"]
        return [
            WantedContacts("sms", TEXT, text),
            WantedContacts("call", "", call & (known["total_past_due"] >= LEAST_CALL)),
        ]
