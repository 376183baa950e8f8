"""One inbox of whatever waits for this person's signature: what changes, by how much, and who signed first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forbear.actions.selectors.approvals import WaitingApproval, approvals_of
from forbear.store.access import masked_name, plans_for, settlements_for
from forbear.store.permissions import may
from forbear.web.desk.first_screen import holdout_rights
from forbear.web.guard import permission_required
from forbear.web.languages import label
from forbear.web.request import StaffRequest

#: What each kind is called, and where it is looked at and decided.
KINDS = {
    "strategy": (_("Strategy"), "desk:strategy"),
    "scores": (_("Scores"), "desk:score"),
    "placement_list": (_("Placement list"), "desk:placement_list"),
    "agency": (_("Admission of an agency"), "desk:agency"),
    "lawsuit": (_("Lawsuit"), "desk:lawsuit"),
    "sale": (_("Debt sale"), "desk:sale"),
    "charge_off": (_("Charge-offs"), "desk:write_offs"),
    "visit": (_("Field visits"), "desk:visits"),
    "lift": (_("End of holds"), "desk:holds"),
    "reported_payment": (_("Reported payments"), "desk:reported"),
    "account_change": (_("Change of an account"), "administration:person"),
}


#: What of that page waits for a signature.
_QUERIES = {"lift": "?which=asked", "reported_payment": "?state=second"}


@permission_required("desk:approval:read")
def approvals(request: StaffRequest) -> HttpResponse:
    """What waits for a second signature, oldest first; one's own proposals last."""
    plans = settlements = []
    if may(request.user.role, "desk:agreement:sign"):
        plans = list(plans_for(request.user).filter(state="proposed").order_by("pk"))
        settlements = list(settlements_for(request.user).filter(state="proposed").order_by("pk"))
    shown = {
        "plans": [(each, masked_name(each.borrower.name)) for each in plans],
        "settlements": [(each, masked_name(each.borrower.name)) for each in settlements],
        "others": [_row(each) for each in approvals_of(request.user)],
        "rights": holdout_rights(request.now) if may(request.user.role, "desk:compliance:read") else None,
    }
    return render(request, "desk/approvals.html", shown)


def _row(each: WaitingApproval) -> dict[str, object]:
    name, page = KINDS[each.kind]
    query = _QUERIES.get(each.kind, "")
    address = reverse(page, args=[each.key] if each.key != "" else []) + query
    return {"kind": label(name), "address": address, "what": each}
