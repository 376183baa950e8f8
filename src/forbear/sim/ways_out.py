"""How a debt ends without being paid in full: charged off and sold, or settled for less than all.

The lender's people sign by the product's own way; the world's ledger then asks nobody for it any more.
"""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from forbear.actions.agreements.plans import late_loans
from forbear.actions.agreements.settlements import SettlementWanted, propose_settlement
from forbear.actions.payments.charge_offs import decide_write_offs, propose_write_offs
from forbear.actions.payments.debt_sale import Buyer, decide_sale, propose_sale, sell_due
from forbear.core.base.problem import Problem
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble
from forbear.sim.people import Portfolio
from forbear.store.models import Loan, Sale, Settlement, Staff, WriteOff

_BUYER = Buyer("Buyer Ltd", "R-1", "+10005550100", "1 Example Street")
_EVERY = timedelta(days=28)


class Ending(Protocol):
    """What this needs of a world."""

    chance: Chance
    trouble: Trouble
    portfolio: Portfolio
    officer: Staff
    manager: Staff


def work(world: Ending, today: date, now: datetime, *, since: date) -> None:
    """Once a week some of the long overdue are offered a settlement; every four weeks what is charged off is sold."""
    if (today - since).days % 7 == 0:
        _settle(world, today, now)
    if today > since and (today - since) % _EVERY == timedelta():
        _charge_off(world, today, now)
        _sell(world, today, now)


def _settle(world: Ending, today: date, now: datetime) -> None:
    terms = behaviour().settlements
    overdue = Loan.objects.filter(days_past_due__gte=terms.from_days, past_due_amount__gt=0)
    for loan in overdue.order_by("pk"):
        about = (loan.pk, today)
        if world.chance.draw("settlement", *about) >= terms.offered or len(late_loans(loan.borrower_id)) != 1:
            continue
        by = today + timedelta(days=terms.days)
        wanted = SettlementWanted(loan.borrower_id, (loan.pk,), int(loan.payoff * terms.share), by)
        offering = partial(propose_settlement, wanted, world.manager, now)

        def again(loan: Loan = loan, offering: partial = offering) -> Settlement | list[Problem]:
            made = Settlement.objects.filter(borrower=loan.borrower_id, state="offered")
            return made.first() or offering()

        offer = world.trouble.doing(offering, "settlement", *about, again=again)
        if isinstance(offer, Settlement) and offer.state == "offered":
            pays_on = None
            if world.chance.draw("accepts", *about) < terms.accepted:
                pays_on = today + timedelta(days=world.chance.below(terms.days, "settles", *about))
            world.portfolio.loans[loan.pk].agree(today, by, offer.amount, pays_on)


def _charge_off(world: Ending, today: date, now: datetime) -> None:
    world.trouble.doing(partial(propose_write_offs, world.manager, now), "charge off", today)
    waiting = list(WriteOff.objects.filter(state="proposed").order_by("pk").values_list("pk", flat=True))
    if waiting:
        deciding = partial(decide_write_offs, waiting, world.officer, now, sign=True)
        # anyone whose word was cut off is asked about what still waits
        world.trouble.doing(deciding, "charge off signed", today)


def _sell(world: Ending, today: date, now: datetime) -> None:
    proposing = partial(propose_sale, _BUYER, world.manager, now)
    proposed = world.trouble.doing(
        proposing, "sale", today, again=lambda: Sale.objects.filter(state="proposed").first() or proposing()
    )
    if isinstance(proposed, Problem):
        return  # nothing that may be sold
    signing = partial(decide_sale, proposed.number, world.officer, now, sign=True)
    world.trouble.doing(signing, "sale signed", today)
    world.trouble.doing(partial(sell_due, now), "sold", today)
    for name in Loan.objects.filter(sold_at=now).values_list("pk", flat=True):
        world.portfolio.loans[name].gone_on = today
