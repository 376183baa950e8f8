"""The lists of promises, plans and settlements."""

from django.http.response import HttpResponseBase

from forbear.web.desk.listings.agreements import PLANS, PROMISES, SETTLEMENTS
from forbear.web.guard import permission_required
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest

_PAGE = "desk/agreement_list.html"


@permission_required("desk:case:read")
def promises(request: StaffRequest) -> HttpResponseBase:
    """Promises to pay, the latest due first."""
    return answer(request, PROMISES, _PAGE, lambda _shown: {"which": "promises"})


@permission_required("desk:case:read")
def plans(request: StaffRequest) -> HttpResponseBase:
    """Repayment plans, the newest first."""
    return answer(request, PLANS, _PAGE, lambda _shown: {"which": "plans"})


@permission_required("desk:case:read")
def settlements(request: StaffRequest) -> HttpResponseBase:
    """Settlement offers, the newest first."""
    return answer(request, SETTLEMENTS, _PAGE, lambda _shown: {"which": "settlements"})
