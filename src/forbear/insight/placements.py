"""What a placement list is worked out from: agencies as the computation sees them, and what like cases bring."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime

from forbear.core.agencies.placement import PlacementPolicy
from forbear.core.agencies.placement_optimizer import WHOLE, Bidder
from forbear.insight.placement_plans import WorkedOut
from forbear.insight.scorecard import STEPS, Card, likely
from forbear.store.models import Agency

#: What a stratum nobody has worked yet is expected to bring back within the term, in basis points.
UNKNOWN = 1_500


def bidders(cards: Mapping[str, Card], free: Mapping[str, int]) -> list[Bidder]:
    """The agencies that may take cases, as the computation sees them.

    An agency nobody knows counts as average in what it recovers and as no better than the worst known in conduct that
    is still good enough: it earns trust at random.
    """
    agencies = []
    for agency in Agency.objects.filter(code__in=free).order_by("code"):
        card = cards.get(agency.code)
        index = round(card.record.shrunk * WHOLE) if card and card.record else WHOLE
        score = card.score("conduct") if card else None
        rate = card.conduct.shrunk if card and card.conduct else 0.0
        per_case = card.contacts / card.placed if card and card.placed else 0.0
        agencies.append(
            Bidder(
                agency.code,
                free[agency.code],
                tuple(agency.regions),
                tuple(agency.products),
                max(0, index),
                100 if score is None else round(score),
                round(rate / 1000 * per_case * WHOLE),
                tuple((first, rate) for first, rate in agency.schedule) or ((0, 0),),
                bool(card and card.record),
            )
        )
    return agencies


def usual(result_rows: list) -> dict[str, int]:
    """The share of a stratum that came back by the longest step, in basis points; "" for any other."""
    shares = likely(result_rows)
    known = {stratum: round(share * WHOLE) for (stratum, step), share in shares.items() if step == max(STEPS)}
    return {"": UNKNOWN} | known


def terms_of(agencies: list[Bidder], worked_out: WorkedOut, policy: PlacementPolicy, now: datetime) -> dict:
    """What a list was worked out from, to be kept with it."""
    return {
        "at": now.isoformat(),
        "agencies": {
            one.code: {
                "free": one.free,
                "index": one.index,
                "conduct": one.conduct,
                "findings": one.findings,
                "rates": [list(rate) for rate in one.rates],
            }
            for one in agencies
        },
        "policy": {each.name: getattr(policy, each.name) for each in fields(policy)},
        "net": worked_out.net,
        "net_by_lot": worked_out.net_by_lot,
        "left": worked_out.left,
    }
