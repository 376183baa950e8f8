"""Today's cases assigned to collectors by a solver (HiGHS): see `forbear.core.agencies.assignment` for the question."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import highspy
import numpy as np
from django.db.models import Count, OuterRef, Q, Subquery

from forbear.actions.selectors.due_calls import planned_now
from forbear.core.agencies.assignment import (
    GIVE_UP,
    AssignmentList,
    Job,
    Lot,
    Person,
    difficulty,
    hand_out,
    lots_of,
    may_take,
)
from forbear.insight.solver import quiet_solver
from forbear.store.models import Case, Conversation, Staff

#: Cases looked at for each free place: the most valuable first, with some to choose from.
_CHOICE = 3
_NO_END = highspy.kHighsInf
Row = tuple[float, float, list[tuple[int, float]]]


def work_out(people: Sequence[Person], jobs: Sequence[Job]) -> AssignmentList:
    """Share the jobs out. The same question always has the same answer."""
    lots = lots_of(jobs)
    pairs = [
        (number, who)
        for number, lot in enumerate(lots)
        for who, person in enumerate(people)
        if person.room > 0 and may_take(person, lot)
    ]
    shares: dict[tuple[int, int], float] = {}
    if pairs:
        shares = dict(zip(pairs, _fairest(lots, people, pairs), strict=True))
    order = sorted(range(len(lots)), key=lambda lot: -lots[lot].value)
    rooms = [max(person.room, 0) for person in people]
    counts = whole_numbers(shares, [len(lot.jobs) for lot in lots], rooms, order)
    return hand_out(lots, people, counts)


def _fairest(lots: Sequence[Lot], people: Sequence[Person], pairs: list[tuple[int, int]]) -> list[float]:
    """How many of each lot each person gets: the most cash first, then the fairest within GIVE_UP of it."""
    worth = [lots[lot].value + 1 for lot, _ in pairs]
    bounds = [
        *_sums(pairs, 0, [len(lot.jobs) for lot in lots]),
        *_sums(pairs, 1, [max(person.room, 0) for person in people]),
    ]
    most_cash = _solve([-value for value in worth], bounds)
    total, best = sum(most_cash), sum(value * share for value, share in zip(worth, most_cash, strict=True))
    if total < 1:
        return most_cash
    hard = sum(lots[lot].difficulty * share for (lot, _), share in zip(pairs, most_cash, strict=True)) / total
    full = total / sum(max(person.room, 0) for person in people)
    all_worth = [(at, float(value)) for at, value in enumerate(worth)]
    rows: list[Row] = [*bounds, (best * (1000 - GIVE_UP) / 1000 - 1e-6, _NO_END, all_worth)]
    # for each person three numbers more: how far their list is from equally hard, equally promising and equally full
    apart = len(pairs)
    for who, person in enumerate(people):
        mine: list[tuple[int, float]] = [
            (at, lots[lot].difficulty - hard) for at, (lot, other) in enumerate(pairs) if other == who
        ]
        rich = [(at, worth[at] * total / best - 1) for at, (_, other) in enumerate(pairs) if other == who]
        size = [(at, 1.0) for at, (_, other) in enumerate(pairs) if other == who]
        for terms, middle in ((mine, 0.0), (rich, 0.0), (size, full * max(person.room, 0))):
            rows.append((middle, _NO_END, [*terms, (apart, 1.0)]))
            rows.append((-_NO_END, middle, [*terms, (apart, -1.0)]))
            apart += 1
    return _solve([0.0] * len(pairs) + [1.0] * (apart - len(pairs)), rows)[: len(pairs)]


def _sums(pairs: list[tuple[int, int]], side: int, limits: Sequence[int]) -> list[Row]:
    """A bound on the sum over each lot (side 0) or person (side 1)."""
    terms: list[list[tuple[int, float]]] = [[] for _ in limits]
    for at, pair in enumerate(pairs):
        terms[pair[side]].append((at, 1.0))
    return [(0.0, float(limit), term) for limit, term in zip(limits, terms, strict=True) if term]


def _solve(costs: list[float], rows: list[Row]) -> list[float]:
    """The numbers from 0 up with the least cost within the rows."""
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(costs), len(rows)
    program.col_cost_ = np.array(costs)
    program.col_lower_ = np.zeros(len(costs))
    program.col_upper_ = np.full(len(costs), _NO_END)
    program.row_lower_ = np.array([low for low, _, _ in rows])
    program.row_upper_ = np.array([high for _, high, _ in rows])
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.cumsum([0, *(len(terms) for _, _, terms in rows)])
    program.a_matrix_.index_ = np.array([at for _, _, terms in rows for at, _ in terms])
    program.a_matrix_.value_ = np.array([value for _, _, terms in rows for _, value in terms])
    solver = quiet_solver()
    solver.passModel(program)
    solver.run()
    status = solver.getModelStatus()
    assert status == highspy.HighsModelStatus.kOptimal, f"giving nothing is always possible ({status})"
    return [max(0.0, value) for value in solver.getSolution().col_value]


def whole_numbers(
    shares: Mapping[tuple[int, int], float], sizes: Sequence[int], rooms: Sequence[int], order: Sequence[int]
) -> dict[tuple[int, int], int]:
    """Shares by (lot, person) as whole numbers: lots in their `order` get what their shares add up to, the largest
    fractions rounded up first; then whatever still has room.

    No lot gives more than it has and nobody gets more than their room.
    """
    counts = {pair: int(share + 1e-6) for pair, share in shares.items()}
    left, room = list(sizes), list(rooms)
    for (lot, person), number in counts.items():
        left[lot] -= number
        room[person] -= number
    assert min(left, default=0) >= 0 <= min(room, default=0), "the shares are within the bounds"
    of_lot: dict[int, list[tuple[int, int]]] = {}
    for pair in sorted(shares, key=lambda pair: (counts[pair] - shares[pair], pair)):
        of_lot.setdefault(pair[0], []).append(pair)
    wanted = {lot: round(sum(shares[pair] - counts[pair] for pair in pairs)) for lot, pairs in of_lot.items()}
    for at_most in (wanted, dict(enumerate(sizes))):
        for lot in order:
            for pair in of_lot.get(lot, ()):
                cap = 1 if at_most is wanted else left[lot]
                more = min(cap, at_most[lot], left[lot], room[pair[1]])
                counts[pair] += more
                at_most[lot] -= more
                left[lot] -= more
                room[pair[1]] -= more
    return counts


def people_of(team: str, now: datetime) -> list[Person]:
    """Who can take cases: collectors of a team, or of all teams, with the room that is left beside what they hold."""
    rows = Staff.objects.filter(role="collector", is_active=True, creditors="").annotate(
        holding=Count("cases", filter=Q(cases__closed_on=None, cases__leased_until__gt=now))
    )
    if team:
        rows = rows.filter(team=team)
    return [
        Person(
            member.number,
            max(member.capacity - member.holding, 0),
            frozenset(member.languages.replace(",", " ").split()),
            frozenset(member.skills.replace(",", " ").split()),
            member.team,
        )
        for member in rows.order_by("number")
    ]


def jobs_of(places: int, now: datetime) -> list[Job]:
    """The cases to be given, the most valuable first: those that the night planned a call for, free and not put off."""
    spoke = Conversation.objects.filter(borrower=OuterRef("borrower"), staff__isnull=False).order_by("-at")
    rows = (
        Case.objects.filter(planned_now(now), closed_on=None, held=False)
        .filter(Q(leased_until=None) | Q(leased_until__lte=now), Q(next_at=None) | Q(next_at__lte=now))
        .annotate(
            before=Subquery(spoke.values("staff__number")[:1]), team=Subquery(spoke.values("staff__team")[:1])
        )
        .order_by("-value", "id")
        .values_list("pk", "borrower_id", "stage", "borrower__language", "facts", "value", "before", "team")
    )
    return [
        Job(pk, borrower, stage, language, difficulty(facts), value, before or "", team or "")
        for pk, borrower, stage, language, facts, value, before, team in rows[: places * _CHOICE]
    ]
