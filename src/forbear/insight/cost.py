"""What collecting cost: contacts at the lender's own price for each channel, and what agencies earned.

Prices are `costs` in policy.yaml, in minor units a contact. A channel without a price costs nothing here, and a lender
a lender who named none has no figure: wages are in none of the tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from forbear.insight.kpi import Period, made
from forbear.interchange.home.policy import policy
from forbear.store.models import StatementLine


@dataclass(frozen=True, slots=True)
class CostLine:
    """One kind of cost: how many contacts at which price, or an agency's commission; `amount` in minor units."""

    what: str
    number: int
    price: int
    amount: int


def cost_lines(period: Period, currency: str) -> list[CostLine] | None:
    """Every kind of cost in the period; None when the lender named no prices and no agency earned."""
    prices = policy(settings.HOME).costs
    counts = dict(
        period.narrow(made(period, steps=True)).order_by().values_list("channel").annotate(Count("pk"))
    )
    lines = [CostLine(channel, counts.get(channel, 0), price, counts.get(channel, 0) * price)
             for channel, price in sorted(prices.items())]  # fmt: skip
    earned = (
        _earned(period, currency)
        .order_by("statement__agency")
        .values_list("statement__agency")
        .annotate(number=Count("pk"), commission=Sum("commission"))
    )
    lines += [CostLine(f"agency:{agency}", number, 0, commission) for agency, number, commission in earned]
    return lines or None


def _earned(period: Period, currency: str) -> QuerySet[StatementLine]:
    """The lines of statements made in the period, of those whom its scope chooses."""
    rows = StatementLine.objects.filter(currency=currency)
    return period.narrow(
        rows.filter(statement__made_at__gte=period.starts, statement__made_at__lt=period.ends)
    )


def cost_rows(period: Period, currency: str, limit: int) -> Iterator[tuple[object, ...]]:
    """The rows behind the cost: (what, its id, borrower, loans, moment, amount in minor units)."""
    prices = policy(settings.HOME).costs
    contacts = period.narrow(made(period, steps=True)).filter(channel__in=prices).order_by("at", "pk")
    for contact in contacts[:limit].iterator():
        loans = " ".join(contact.loans)
        yield contact.channel, contact.pk, contact.borrower_id, loans, contact.at, prices[contact.channel]
    lines = _earned(period, currency).select_related("statement")
    for line in lines.order_by("pk")[:limit].iterator():
        agency = f"agency:{line.statement.agency_id}"
        yield agency, line.payment_id, "", line.loan_id, line.paid_on, line.commission
