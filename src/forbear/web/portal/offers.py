"""Settlement offers as their borrower sees them: what is to be paid by when, what is waived then, and a yes."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.agreements.settlement_offers import accept_settlement
from forbear.core.base.problem import Problem
from forbear.store.access import settlement_for
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Loan, Settlement
from forbear.web.call_forms import flash_problems
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest

_SHOWN = 10
#: What a borrower is shown: nothing that was only planned or proposed.
_MADE = ("offered", "kept", "lapsed", "cancelled")


def standing_offers(request: BorrowerRequest) -> list[Settlement]:
    """The offers that stand today, the newest first."""
    rows = _made(request.borrower).filter(state="offered", by__gte=business_date(request.now))
    return list(rows.order_by("-pk"))


def by_offer(offers: list[Settlement], loans: list[Loan]) -> dict[str, int]:
    """What the newest offer leaves to pay on each of its loans, the latest-paid loan first."""
    if not offers:
        return {}
    left, asked = max(offers[0].amount - offers[0].paid, 0), {}
    for loan in loans:
        if loan.pk in offers[0].loans:
            asked[loan.pk] = min(left, loan.payoff)
            left -= asked[loan.pk]
    return {loan_id: amount for loan_id, amount in asked.items() if amount}


def _made(borrower: Borrower) -> QuerySet[Settlement]:
    """The offers that were made to them; one that was taken back before it was made is none."""
    return borrower.settlements.filter(state__in=_MADE, offered_on__isnull=False)


@own
def offers(request: BorrowerRequest) -> HttpResponse:
    """Every offer: the standing ones with a yes, then what became of earlier ones."""
    standing = standing_offers(request)
    past = _made(request.borrower).exclude(pk__in=[offer.pk for offer in standing]).order_by("-pk")[:_SHOWN]
    shown = {
        "standing": [
            (offer, offer.outstanding - offer.amount, max(offer.amount - offer.paid, 0)) for offer in standing
        ],
        "past": list(past),
    }
    return render(request, "portal/offer.html", shown)


@require_POST
@own
def accept(request: BorrowerRequest, settlement_id: int) -> HttpResponse:
    """Say yes to an offer; it is kept by its payment."""
    if settlement_for(request.borrower, settlement_id) is None:
        raise Http404
    made = accept_settlement(settlement_id, request.now)
    if isinstance(made, Problem):
        flash_problems(request, made)
    else:
        messages.success(request, gettext("You have accepted the offer."))
    return redirect("portal:offers")
