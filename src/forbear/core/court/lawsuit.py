"""Going to court: whether a debt may be sued on and is worth it, by which way, what each step costs, what is due when.

Nothing here knows a person's name. Amounts are minor units. A lawsuit moves only along `MOVES`; every deadline has its
clause. A debt that is out of time is never a candidate, and a step outward is asked of the rules besides.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Annotated

from forbear.core.base.least_amounts import Currency, amounts_by_currency, same_number
from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import settings_class, several, whole

#: The ways. A payment order (支付令) is China's quick order without a hearing; a small claim has one instance there.
WAYS = ("payment_order", "small_claim", "claim")

#: From each state of a lawsuit to those that may follow.
#: proposed: wants a second signature. signed: may begin. demanded: the letter before claim is out. mediating: with a
#: mediator. filed: with the court. rejected: the court did not take it. served: the person has the papers.
#: objected: an order met an objection and lapsed. judged: decided, may be appealed. appealed. in_force: can be
#: enforced. enforcing. withdrawing: settled or paid, the court has to be notified. ended, declined: over.
MOVES: Mapping[str, tuple[str, ...]] = {
    "proposed": ("signed", "declined"),
    "signed": ("demanded", "ended"),
    "demanded": ("mediating", "filed", "ended"),
    "mediating": ("filed", "ended"),
    "filed": ("served", "rejected", "withdrawing"),
    "rejected": ("filed", "ended"),
    "served": ("objected", "judged", "in_force", "withdrawing"),
    "objected": ("filed", "ended"),
    "judged": ("appealed", "in_force", "withdrawing"),
    "appealed": ("in_force", "ended", "withdrawing"),
    "in_force": ("enforcing", "ended"),
    "enforcing": ("ended", "withdrawing"),
    "withdrawing": ("ended",),
    "ended": (),
    "declined": (),
}
STATES = tuple(MOVES)
OVER = ("ended", "declined")
#: States in which a court has the case: ending it means a withdrawal there.
AT_COURT = ("filed", "served", "judged", "appealed", "enforcing")
#: States before any court has decided: until then only what is due can be asked for.
UNDECIDED = ("proposed", "signed", "demanded", "mediating", "filed", "rejected", "served", "objected")
#: States that a filing may follow: until then what is asked for goes with what is due.
UNFILED = ("proposed", "signed", "demanded", "mediating", "rejected", "objected")
#: Steps that go out to a court, each asked of the rules first.
OUTWARD = ("filed", "enforcing")

#: Kinds of hold under which no debt is taken to court. A lawyer in the matter, or a wish for no visits or calls, is
#: none of them: the court speaks with the lawyer.
STOPPING = frozenset(
    {"dispute", "hardship", "promise", "plan", "moratorium", "counsellor", "deceased", "bankrupt", "vulnerable",
     "verification", "other", "ombudsman", "military", "crisis", "bereavement", "unapplied",
     "unconfirmed", "forbearance"}
)  # fmt: skip

#: Why a lawsuit ended.
ENDINGS: Mapping[str, MessageId] = {
    "paid": noop("Paid in full"),
    "settled": noop("Settled"),
    "plan": noop("A repayment plan runs"),
    "held": noop("The borrower's situation or dispute"),
    "current": noop("What was late is paid, the rest is not due yet"),
    "dismissed": noop("Dismissed"),
    "lapsed": noop("The order lapsed and no claim followed"),
    "enforced": noop("Enforced"),
    "uncollectable": noop("Nothing to enforce on"),
    "barred": noop("Out of time"),
    "lender": noop("The lender decided not to go on"),
}

#: Why a debt is no candidate.
AGAINST: Mapping[str, MessageId] = {
    "barred": noop("It is out of time"),
    "held": noop("A hold or dispute runs"),
    "running": noop("A lawsuit runs already"),
    "mixed": noop("The loans are in several currencies"),
    "current": noop("What was late is paid, and the rest is not due yet"),
    "too_early": noop("It is not late long enough"),
    "too_small": noop("It is below the least amount"),
    "no_gain": noop("What it may bring doesn't cover what it costs"),
}


@settings_class
class CourtPolicy:
    """When a lender goes to court.

    `from_days_past_due` and `least_amount` (minor units by currency) bound what is sued on at all. `share` is how
    much of a claim comes in at the end, in basis points, by the lender's own record; `own_cost` what a lawsuit costs
    besides the court's fee, in minor units. `letter_before_claim_days` is how long that letter waits for an answer
    once it arrived, and `post_days` after how many days one counts as arrived of which no post said so.
    `mediation_days` is how long a mediation is given. `small_claim_most` is the largest small claim (民事诉讼法 165:
    half a year's average wage of the region; England: 10,000 pounds). `hurry_days` before the end of time a debt is
    marked as urgent. `decision_days` is how long people have to decide on a lawsuit on debts of which nothing is late
    any more.
    """

    from_days_past_due: Annotated[
        int,
        whole(noop("Earliest day past due"), noop("No litigation before this many days past due"), "days"),
    ] = 180
    least_amount: Annotated[
        Mapping[Currency, int],
        amounts_by_currency(),
        several(
            noop("Least amount to sue for"), noop("Smaller debts are not sued for"), "money", codes="currency"
        ),
    ] = field(default_factory=partial(same_number, 500_000))
    share: Annotated[
        int, whole(noop("Expected share recovered"), noop("Of a claim, by the lender's own record"), "basis")
    ] = 4_000
    own_cost: Annotated[
        int, whole(noop("Own cost"), noop("Cost of litigation besides the court's fee"), "minor")
    ] = 30_000
    letter_before_claim_days: Annotated[
        int, whole(noop("Time to answer"), noop("Time after the letter before claim was delivered"), "days")
    ] = 14
    post_days: Annotated[
        int,
        whole(
            noop("Counts as delivered"), noop("Time after sending, where the post does not report"), "days"
        ),
    ] = 5
    mediation_days: Annotated[
        int, whole(noop("Mediation"), noop("How long a mediation is given"), "days")
    ] = 30
    small_claim_most: Annotated[
        int, whole(noop("Largest small claim"), noop("Above it an ordinary claim is made"), "minor")
    ] = 5_000_000
    hurry_days: Annotated[
        int, whole(noop("Urgent before"), noop("This long before the limitation expires"), "days")
    ] = 180
    decision_days: Annotated[
        int, whole(noop("Time to decide"), noop("After this a case without arrears stops by itself"), "days")
    ] = 7


@dataclass(frozen=True, slots=True)
class Claimable:
    """What is asked about: `amount` is what is due and unpaid, `last_day` the last day to sue in time, None when far
    off.

    `currency` is that of the amount, `holds` are the kinds of hold that run, `running` whether a lawsuit runs
    already, `mixed` whether the loans are in several currencies, whose sum means nothing.
    """

    amount: int
    days_past_due: int
    last_day: date | None = None
    holds: Collection[str] = ()
    running: bool = False
    mixed: bool = False
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """`against` has the reasons (keys of AGAINST) why not; none means it may be proposed. Amounts in minor units."""

    way: str
    fee: int
    cost: int
    expected: int
    against: tuple[str, ...]
    urgent: bool

    @property
    def net(self) -> int:
        """What is expected to be left."""
        return self.expected - self.cost


def assess(debt: Claimable, policy: CourtPolicy, pack: str, today: date) -> Assessment:
    """Whether to sue, and how. The court's fee is the loser's in the end; it counts in full as what is risked."""
    way = way_for(debt.amount, policy, pack)
    fee, cost, expected = compute(debt.amount, way, policy, pack)
    obstacles = {
        "barred": debt.last_day is not None and today > debt.last_day,
        "held": bool(STOPPING & set(debt.holds)),
        "running": debt.running,
        "mixed": debt.mixed,
        "current": False,
        "too_early": debt.days_past_due < policy.from_days_past_due,
        "too_small": debt.amount < policy.least_amount.get(debt.currency, 0),
        "no_gain": expected <= cost,
    }
    urgent = debt.last_day is not None and today <= debt.last_day <= today + timedelta(days=policy.hurry_days)
    return Assessment(
        way,
        fee,
        cost,
        expected,
        tuple(obstacle for obstacle in AGAINST if obstacles[obstacle]),
        urgent and not obstacles["held"],
    )


def compute(amount: int, way: str, policy: CourtPolicy, pack: str) -> tuple[int, int, int]:
    """(the court's fee, all costs, what may come in) of a lawsuit for so much, in minor units."""
    fee = court_fee(pack, way, amount)
    return fee, fee + policy.own_cost, amount * policy.share // 10_000


def way_for(amount: int, policy: CourtPolicy, pack: str) -> str:
    """The quickest way that is open: an order in China, a small claim up to its bound elsewhere, else a claim."""
    if pack == "cn":
        return "payment_order"
    return _claim_for(amount, policy)


def way_ahead(state: str, way: str, amount: int, policy: CourtPolicy) -> str:
    """By which way a lawsuit in this state is filed next, if it asks for that much.

    An order that met an objection lapses and goes on as a claim (民事诉讼法 2023 art. 228).
    """
    if way == "payment_order" and state != "objected":
        return way
    return _claim_for(amount, policy)


def _claim_for(amount: int, policy: CourtPolicy) -> str:
    return "small_claim" if amount <= policy.small_claim_most else "claim"


# 诉讼费用交纳办法 (State Council order 481) art. 13: of a claim over money, by slices, in yuan and basis points.
_CN_CLAIM = ((10_000, 0), (100_000, 250), (200_000, 200), (500_000, 150), (1_000_000, 100), (2_000_000, 90),
             (5_000_000, 80), (10_000_000, 70), (20_000_000, 60), (None, 50))  # fmt: skip
_CN_LEAST = 5_000
# Civil Proceedings Fees Order 2008, fee 1.1 as amended: up to an amount in pence, a flat fee; above it 5 %, at most
# 10,000 pounds.
_UK_FLAT = ((30_000, 3_500), (50_000, 5_000), (100_000, 7_000), (150_000, 8_000), (300_000, 11_500),
            (500_000, 20_500), (1_000_000, 45_500))  # fmt: skip
_UK_MOST = 1_000_000
# Fees of courts in the United States differ by state and county; what is common for a small and for a larger claim.
_US = {"small_claim": 7_500, "claim": 35_000}


def court_fee(pack: str, way: str, amount: int) -> int:
    """What the court takes for filing, in minor units: in China a third for an order, half in simplified procedure."""
    assert amount >= 0, amount
    if pack == "cn":
        whole = _by_slices(amount, _CN_CLAIM)
        # art. 14 (3): an order costs a third of a claim; art. 16: simplified procedure, as of small claims, half
        parts = {"payment_order": 3, "small_claim": 2, "claim": 1}[way]
        return -(-whole // parts)
    if pack == "uk":
        flat = next((fee for limit, fee in _UK_FLAT if amount <= limit), None)
        return flat if flat is not None else min(_UK_MOST, -(-amount * 5 // 100))
    return _US["small_claim" if way == "small_claim" else "claim"]


def _by_slices(amount: int, slices: tuple[tuple[int | None, int], ...]) -> int:
    """The first slice costs 50 yuan, each further one its rate; rounded up to a cent."""
    total, before = _CN_LEAST * 10_000, 0
    for limit, rate in slices:
        top = amount if limit is None else min(amount, limit * 100)
        total += max(0, top - before) * rate
        before = max(before, top)
    return -(-total // 10_000)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something that is due: `ours` when the lender acts, else the other side or the court."""

    kind: str
    due_on: date
    ours: bool
    clause: str


#: What a deadline is about.
DEADLINES: Mapping[str, MessageId] = {
    "answer": noop("The borrower answers the letter before claim"),
    "mediation": noop("The mediation ends"),
    "accept": noop("The court decides whether to take it"),
    "issue": noop("The court issues the order"),
    "objection": noop("The borrower pays or objects"),
    "defence": noop("The borrower answers the claim"),
    "decide": noop("The court decides"),
    "appeal": noop("An appeal may be brought"),
    "enforce": noop("The last day to apply for enforcement"),
    "withdraw": noop("Tell the court that it is withdrawn"),
    "limit": noop("The last day a lawsuit is in time"),
    "current": noop("Nothing is late any more: decide whether it goes on"),
}

_CN = "民事诉讼法 (2023) "
#: (pack, way or "", state entered): (kind, days, years, ours, clause).
_DUE: Mapping[tuple[str, str, str], tuple[tuple[str, int, int, bool, str], ...]] = {
    ("cn", "payment_order", "filed"): (
        ("accept", 5, 0, False, _CN + "art. 226"),
        ("issue", 20, 0, False, _CN + "art. 226, 227"),
    ),
    ("cn", "payment_order", "served"): (("objection", 15, 0, False, _CN + "art. 227"),),
    ("cn", "small_claim", "filed"): (
        ("accept", 7, 0, False, _CN + "art. 126"),
        ("decide", 61, 0, False, _CN + "art. 168"),
    ),
    ("cn", "claim", "filed"): (
        ("accept", 7, 0, False, _CN + "art. 126"),
        ("decide", 92, 0, False, _CN + "art. 164"),
    ),
    ("cn", "small_claim", "served"): (("defence", 15, 0, False, _CN + "art. 128"),),
    ("cn", "claim", "served"): (("defence", 15, 0, False, _CN + "art. 128"),),
    ("cn", "claim", "judged"): (("appeal", 15, 0, False, _CN + "art. 171"),),
    ("cn", "", "in_force"): (("enforce", 0, 2, True, _CN + "art. 250"),),
    ("uk", "", "served"): (("defence", 14, 0, False, "CPR 15.4"),),
    ("uk", "", "judged"): (("appeal", 21, 0, False, "CPR 52.12"),),
    ("uk", "", "in_force"): (("enforce", 0, 6, True, "Limitation Act 1980 s. 24"),),
    ("us", "", "served"): (("defence", 30, 0, False, "state rules; the longest common time"),),
    ("us", "", "judged"): (("appeal", 30, 0, False, "state rules"),),
    ("us", "", "in_force"): (("enforce", 0, 5, True, "state law; the shortest common time"),),
}
_WITHDRAW_DAYS = 3


def arrived_on(sent: date, reported: date | None, policy: CourtPolicy, today: date) -> date | None:
    """The day a letter counts as arrived: the `reported` one, else `post_days` after it was sent; None before."""
    day = reported if reported is not None else sent + timedelta(days=policy.post_days)
    return day if day <= today else None


def deadlines(state: str, way: str, on: date, policy: CourtPolicy, pack: str) -> tuple[Deadline, ...]:
    """What is due after a lawsuit entered this state on that day, soonest first."""
    house = {
        "demanded": ("answer", policy.letter_before_claim_days, False),
        "mediating": ("mediation", policy.mediation_days, True),
        "withdrawing": ("withdraw", _WITHDRAW_DAYS, True),
    }
    due = []
    if state in house:
        kind, days, ours = house[state]
        due.append(Deadline(kind, on + timedelta(days=days), ours, "policy.yaml, court"))
    for kind, days, years, ours, clause in (
        *_DUE.get((pack, way, state), ()),
        *_DUE.get((pack, "", state), ()),
    ):
        due.append(Deadline(kind, _later(on, days, years), ours, clause))
    return tuple(sorted(due, key=lambda deadline: (deadline.due_on, deadline.kind)))


def _later(on: date, days: int, years: int) -> date:
    """A number of days later, and the same day a number of years later."""
    day = on + timedelta(days=days)
    if years:
        leap = (day.month, day.day) == (2, 29)
        day = date(day.year + years, 3, 1) if leap else day.replace(year=day.year + years)
    return day


def may_move(state: str, to: str, way: str) -> bool:
    """Whether a lawsuit may go from one state to the other: an order isn't judged, a claim isn't objected to.

    A small claim in China is decided for good (民事诉讼法 art. 165), so it has no appeal; that it comes into force
    without one is for the caller's `to`.
    """
    if to not in MOVES[state]:
        return False
    if state == "served":
        return to == "withdrawing" or (to == "judged") != (way == "payment_order")
    return not (to == "appealed" and way == "small_claim")


def ends_by(state: str, outstanding: int, settled: bool, holds: Collection[str]) -> str:
    """Why a lawsuit has to stop today, or "" while it goes on; what is paid comes first.

    A hold ends what is not yet with a court; what is there already only a payment, a settlement or a plan ends, and
    people look at the rest.
    """
    if state in OVER or state == "withdrawing":
        return ""
    if outstanding <= 0:
        return "paid"
    if settled:
        return "settled"
    if "plan" in holds:
        return "plan"
    return "held" if state not in (*AT_COURT, "in_force") and STOPPING & set(holds) else ""


def lacks_ground(state: str, past_due: int) -> bool:
    """Whether a lawsuit has nothing to ask for today: no court has decided, and of its debts nothing is past due.

    What falls due later is owed at its time (民法典 art. 675); in the United Kingdom a default that is made good
    counts as if it had not been (Consumer Credit Act 1974 s. 89). A loan that the lender called in by its contract is
    another matter: there the feed has all of it past due. What a court has decided no payment of arrears undoes.
    """
    return state in UNDECIDED and past_due <= 0
