"""Two agencies at work, one good and one bad: cases are dealt to both, and the bad one tries what it may not."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.agencies.agencies import Offered, admit_agency, propose_agency
from forbear.actions.agencies.agency_findings import record_agency_finding
from forbear.actions.agencies.placements import candidates, capacity_left, place_due, propose_list, sign_list
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.core.base.problem import Problem
from forbear.insight.placement_plans import work_out
from forbear.insight.placements import bidders, terms_of, usual
from forbear.insight.scorecard import results, scorecards
from forbear.interchange.home.lender import Home
from forbear.interchange.home.policy import policy
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Person, Portfolio
from forbear.sim.staff_actions import complain
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Placement, PlacementList, Staff

#: How often an agency calls about a case, in days.
_EVERY = 3
_NAMES = {"good": ("明远", "Mingyuan"), "bad": ("华信", "Huaxin")}


class PlacementProblem(Protocol):
    """What agencies need of a world."""

    chance: Chance
    trouble: Trouble
    portfolio: Portfolio
    officer: Staff
    manager: Staff
    callers: dict[str, Staff]
    language: str
    home: Home
    tried: Counter[str]

    def reached(self, person: Person, today: date, now: datetime, *, talk: bool) -> None: ...


def admit(world: PlacementProblem, first: date, now: datetime) -> None:
    """Both are proposed by one person and admitted by another."""
    far = (first + timedelta(days=3700)).isoformat()
    for number, code in enumerate(_NAMES):
        file = {
            "licence": f"91310000SIM{number:02d}", "licence_until": far, "experience_years": "6",
            "collectors": "40", "methods": ["call"], "security": "ISO 27001", "security_until": far,
            "insurance_until": far, "undertaking_on": first.isoformat(), "checked_on": first.isoformat(),
            "contract_from": first.isoformat(), "contract_until": far, "telephone": f"+86100000010{number}",
            "address": "示例市示例路 1 号",
        }  # fmt: skip
        offered = Offered(code, *_NAMES[code], file, [[30, 1500], [90, 2500]], 100_000)
        for answer in (propose_agency(offered, world.manager, now), admit_agency(code, world.officer, now)):
            assert not isinstance(answer, Problem | list), answer
        Staff.objects.filter(pk=world.callers[code].pk).update(agency_id=code)
        world.callers[code].refresh_from_db()


def place(world: PlacementProblem, today: date, now: datetime) -> None:
    """A list is worked out from what is known, signed by a second person, and placed case by case."""
    cases = candidates()
    if not cases:
        return
    terms = policy(world.home).placement
    agencies = bidders(scorecards(now), capacity_left())
    seed = f"{world.chance.below(1 << 48, 'list', today):032x}"
    shares = usual(results(now, business_date(now) - timedelta(days=365)))
    plan = work_out(cases, agencies, shares, terms, seed)
    list_terms = terms_of(agencies, plan, terms, now)
    proposing = partial(propose_list, plan.dealt, seed, list_terms, world.manager, now)
    listed = world.trouble.doing(
        proposing, "list", today, again=lambda: PlacementList.objects.filter(seed=seed).first() or proposing()
    )
    if isinstance(listed, Problem):
        return
    signing = partial(sign_list, listed.pk, world.officer, now)
    signed = world.trouble.doing(
        signing,
        "sign",
        today,
        again=lambda: PlacementList.objects.filter(pk=listed.pk, state="signed").first() or signing(),
    )
    assert not isinstance(signed, Problem), signed
    while world.trouble.doing(partial(place_due, now), "place", today):
        pass


def work(world: PlacementProblem, today: date, now: datetime) -> None:
    """Each agency calls about its cases."""
    for number, (borrower_id, agency, loans) in enumerate(_placed()):
        if world.chance.below(_EVERY, "agency calls", borrower_id, today) == 0:
            person = world.portfolio.by_id[borrower_id]
            _call(world, person, agency, tuple(loans), today, now + timedelta(seconds=number % 3600))


def misbehave(world: PlacementProblem, today: date, now: datetime) -> None:
    """Late in the evening an agency calls all the same, or about a case that isn't its own: the permit gate says no."""
    for borrower_id, agency, loans in _placed():
        if world.chance.draw("tries", borrower_id, today) >= behaviour().agencies[agency].tries:
            continue
        person, other = world.portfolio.by_id[borrower_id], next(code for code in _NAMES if code != agency)
        for what, asks in (("late in the evening", agency), ("about another's case", other)):
            got = _ask(world, person, asks, tuple(loans), now)
            world.tried[f"an agency calls {what}: {'permitted' if got else 'refused'}"] += 1
            if got:  # where the borrower lives it is day still: a call like any other, that nobody takes
                end_contact(got, "unanswered", now + timedelta(minutes=1), actor="sim", agency=asks)


def _placed() -> list[tuple[str, str, list[str]]]:
    rows = Placement.objects.filter(ended_at=None).order_by("borrower_id", "pk")
    return list(rows.values_list("borrower_id", "agency_id", "loans"))


def _ask(
    world: PlacementProblem, person: Person, agency: str, loans: tuple[str, ...], now: datetime
) -> str | None:
    """The contact that the permit gate allowed, if it did."""
    staff = world.callers[agency]
    planned = planned_call(Borrower.objects.get(pk=person.borrower_id))
    wanted = ContactDraft(person.borrower_id, replace(planned, agency=agency, loans=loans), staff=staff)
    attempt = make_contact(wanted, now, actor=f"staff:{staff.number}")
    if isinstance(attempt, Problem) or attempt.answer.permit is None:
        return None
    return attempt.contact.pk


def _call(
    world: PlacementProblem, person: Person, agency: str, loans: tuple[str, ...], today: date, now: datetime
) -> None:
    about, nature = (person.borrower_id, agency, today), behaviour().agencies[agency]
    contact_id = world.trouble.doing(partial(_ask, world, person, agency, loans, now), "agency call", *about)
    if contact_id is None:
        return
    spoke = world.chance.draw("answers", *about) < person.habit_on(today).answers
    ending = partial(
        end_contact, contact_id, "conversation" if spoke else "unanswered", now + timedelta(minutes=4),
        actor=f"staff:{world.callers[agency].number}", seconds=120 if spoke else 0, agency=agency,
    )  # fmt: skip
    ended = world.trouble.doing(ending, "agency ends", *about)
    assert not isinstance(ended, Problem), ended
    if not spoke:
        return
    world.reached(person, today, now, talk=True)
    if world.chance.draw("offends", *about) < nature.offends:
        kind = world.chance.one_of(("insult", "content", "third_party"), "kind", *about)
        record_agency_finding(
            agency, kind, now + timedelta(hours=1), actor="sim", contact_id=contact_id, source="sim"
        )
        complain(world, person, now + timedelta(hours=2))
