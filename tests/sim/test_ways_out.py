"""Goal: in a made-up world people ask by their pages, and debts are settled and sold, as the product does it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from forbear.sim import asks, ways_out
from forbear.sim.behaviour import HABITS, behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.faults import Faults
from forbear.sim.people import Owing, Person, Portfolio
from forbear.store.models import Case, Loan, Request, SaleLoan, Settlement, WriteOff
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = date(2026, 3, 10)


class Always(Chance):
    """Whatever may happen happens; what is chosen is the first."""

    def draw(self, *about: object) -> float:
        return 0.0


@pytest.fixture
def world():
    """One borrower, more than a year late."""
    house_rules()
    make_borrower()
    Loan.objects.update(days_past_due=400)
    loan = Owing("B1-L1", "B1", 300_000, TODAY, [(date(2025, 2, 1), 290_000, 10_000)])
    return SimpleNamespace(
        chance=Always("any"),
        trouble=Trouble(Faults(0, Chance("none"))),
        portfolio=Portfolio([Person("B1", HABITS["unwilling"], "", [loan])], TODAY),
        language="en",
        officer=person("compliance1", "compliance"),
        manager=person("manager1", "manager"),
    )


def test_a_loan_is_offered_a_settlement_and_the_ledger_knows_it(world):
    ways_out.work(world, TODAY, NOON, since=TODAY)
    offer = Settlement.objects.get()
    terms = behaviour().settlements
    by = TODAY + timedelta(days=terms.days)
    assert (offer.state, offer.by, offer.amount) == ("offered", by, int(300_000 * terms.share))
    assert world.portfolio.loans["B1-L1"].agreed == (TODAY, by, offer.amount, TODAY)
    assert not WriteOff.objects.exists(), "not on the first day"
    ways_out.work(world, TODAY + timedelta(days=7), NOON + timedelta(days=7), since=TODAY)
    assert Settlement.objects.count() == 1, "while one stands there is no second"


def test_after_four_weeks_it_is_charged_off_by_two_and_sold(world):
    world.chance = Chance("nobody is offered anything")
    assert world.chance.draw("settlement", "B1-L1", TODAY) >= behaviour().settlements.offered
    ways_out.work(world, TODAY, NOON, since=TODAY - timedelta(days=28))
    assert WriteOff.objects.get().state == "signed"
    assert SaleLoan.objects.get().state == "sold"
    loan = world.portfolio.loans["B1-L1"]
    assert (loan.gone_on, loan.late(TODAY), loan.left(TODAY)) == (TODAY, (0, 0), 0)


def test_who_is_late_and_has_a_case_asks_for_something(world):
    asks.ask(world, TODAY, NOON)
    request = Request.objects.get()
    assert request.kind in behaviour().asks.kinds
    assert (request.borrower_id, request.opened_by) == ("B1", "borrower")
    Case.objects.update(closed_on=TODAY)
    asks.ask(world, TODAY + timedelta(days=1), NOON + timedelta(days=1))
    assert Request.objects.count() == 1
