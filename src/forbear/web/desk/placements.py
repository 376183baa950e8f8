"""Placement lists: worked out, looked at, signed by another, and placed; each row says why."""

from collections import defaultdict
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.agencies.placements import (
    candidates,
    capacity_left,
    decline_list,
    new_seed,
    propose_list,
    sign_list,
)
from forbear.actions.selectors.agency_directory import agencies_of
from forbear.actions.selectors.case_lists import (
    former_shares,
    placement_list_of,
    proposed_placements,
)
from forbear.core.base.problem import Problem
from forbear.insight.placement_plans import work_out
from forbear.insight.placements import bidders, terms_of, usual
from forbear.insight.scorecard import results, scorecards
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date
from forbear.store.models import PlacementList, ProposedPlacement
from forbear.web.call_forms import flash_problems
from forbear.web.desk.listings.oversight import PLACEMENT_LISTS, PROPOSED
from forbear.web.fields import TextField
from forbear.web.forms import ButtonForm, Form, form_on
from forbear.web.guard import permission_required
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.submit import submit
from forbear.web.tables import table_answer
from forbear.web.templatetags.forbear import bilingual


@permission_required("desk:agency:read")
def lists(request: StaffRequest) -> HttpResponseBase:
    """All lists, the newest first, and how many cases could go out now."""

    def more(_shown: ShownList) -> dict[str, object]:
        return {"ready": len(candidates()), "free": sum(capacity_left().values())}

    return answer(request, PLACEMENT_LISTS, "desk/placements.html", more)


@require_POST
@permission_required("desk:agency:propose")
def propose(request: StaffRequest) -> HttpResponse:
    """Work a list out from what is known now."""
    now = request.now
    terms = policy(settings.HOME).placement
    agencies = bidders(scorecards(now), capacity_left())
    shares = usual(results(now, business_date(now).replace(year=business_date(now).year - 1, day=1)))
    seed = new_seed()
    found = work_out(candidates(), agencies, shares, terms, seed)
    made = propose_list(found.dealt, seed, terms_of(agencies, found, terms, now), request.user, now)
    if isinstance(made, Problem):
        flash_problems(request, made)
        return redirect("desk:placements")
    return redirect("desk:placement_list", made.pk)


@permission_required("desk:agency:read")
def one(request: StaffRequest, list_id: int) -> HttpResponseBase:
    """One list: shares by agency with what moved them, then case by case."""
    found = placement_list_of(list_id)
    if found is None:
        raise Http404
    rows = proposed_placements(found)
    if request.GET.get("form"):
        return _file(found, rows, request.GET["form"])
    shares = _shares(found, rows)

    def more(_shown: ShownList) -> dict[str, object]:
        return {
            "list": found,
            "shares": shares,
            "sign_form": form_on(request, SignForm),
            "finding": _moved(shares),
            "chart": {
                "names": [row["name"] for row in shares],
                "series": [
                    {"name": gettext("At random"), "data": [row["by_lot"] for row in shares]},
                    {
                        "name": gettext("By performance"),
                        "data": [row["number"] - row["by_lot"] for row in shares],
                    },
                ],
            },
        }

    cases = rows.select_related("borrower", "agency")
    name = f"placement-list-{found.pk}"
    return answer(request, PROPOSED, "desk/placement_list.html", more, rows=cases, name=name)


def _shares(found: PlacementList, rows: QuerySet[ProposedPlacement]) -> list[dict]:
    """By agency: cases, sums, the figures they were dealt on, and the share the time before."""
    former = former_shares(found)
    all_former = sum(former.values())
    sums = {
        row["agency_id"]: row
        for row in rows.order_by()
        .values("agency_id")
        .annotate(number=Count("pk"), by_lot=Count("pk", filter=Q(chance=True)), amount=Sum("amount"))
    }
    whole = sum(row["number"] for row in sums.values())
    terms_of = found.terms.get("agencies", {})
    least = found.terms.get("policy", {}).get("least_conduct", 0)
    shares = []
    # also who got nothing: that is what the list says of their conduct
    for agency in agencies_of({*sums, *terms_of, *former}):
        row = sums.get(agency.code, {"number": 0, "by_lot": 0, "amount": 0})
        terms = defaultdict(int, terms_of.get(agency.code, {}))
        shares.append(
            {
                "code": agency.code,
                "name": bilingual(agency),
                "number": row["number"],
                "by_lot": row["by_lot"],
                "amount": row["amount"],
                "share": row["number"] / whole if whole else 0,
                "before": former.get(agency.code, 0) / all_former if all_former else None,
                "index": terms["index"],
                "conduct": terms["conduct"],
                "findings": terms["findings"],
                "free": terms["free"],
                "barred": "" if row["number"] else _barred(terms_of.get(agency.code), least),
            }
        )
    return sorted(shares, key=lambda row: (-row["number"], row["code"]))


def _barred(terms: dict | None, least: int) -> str:
    """Why an agency could get nothing; empty where it could have."""
    if terms is None:
        return gettext("took no cases then: suspended, ended or not admitted")
    if terms["conduct"] < least:
        return gettext("conduct %(conduct)s is below the policy's minimum %(least)s: no new cases") % {
            "conduct": terms["conduct"],
            "least": least,
        }
    if terms["free"] <= 0:
        return gettext("it has no room")
    return ""


def _moved(shares: list[dict]) -> str:
    """What the list did against the one before, in a sentence with its reason."""
    known = [row for row in shares if row["before"] is not None]
    if not known:
        return gettext("The first list: there is none to compare with")
    down = min(known, key=lambda row: row["share"] - row["before"])
    change = round(100 * (down["before"] - down["share"]))
    if change <= 0:
        return gettext("No agency's share has fallen")
    why = down["barred"] or (
        gettext("conduct %(conduct)s, %(findings)s findings expected in 10,000 cases")
        % {"conduct": down["conduct"], "findings": down["findings"]}
        if down["findings"]
        else gettext("conduct %(conduct)s, recovers %(index)s%% of the average")
        % {"conduct": down["conduct"], "index": f"{down['index'] / 100:.0f}"}
    )
    return gettext("%(name)s's share falls by %(change)s points: %(why)s") % {
        "name": down["name"],
        "change": change,
        "why": why,
    }


def _file(found: PlacementList, rows: QuerySet[ProposedPlacement], form: str) -> HttpResponse:
    head = ("borrower_id", "agency", "stratum", "days_past_due", "amount_minor", "currency", "by_lot", "recovered",
            "commission", "harm", "state", "reason_code", "rules")  # fmt: skip
    cells = (
        (row.borrower_id, row.agency_id, row.stratum, row.days_past_due, row.amount, row.currency, row.chance,
         *(row.worth or [0, 0, 0]), row.state, row.reason_code,
         " ".join(row.reason_params.get("rules", ())))
        for row in rows.order_by("pk").iterator()
    )  # fmt: skip
    return table_answer(f"placement-list-{found.pk}", form, head, cells)


class SignForm(Form):
    """Why a list is declined."""

    problems_at = "note"

    note = TextField(300, label=_("Why (to decline)"), required=False)


@require_POST
@permission_required("desk:agency:admit")
def sign(request: StaffRequest, list_id: int) -> HttpResponseBase:
    """Sign or decline it."""
    if placement_list_of(list_id) is None:
        raise Http404

    def act(given: dict[str, Any]) -> object:
        if ButtonForm(request.POST).pressed("decline"):
            return decline_list(list_id, request.user, request.now, given["note"])
        return sign_list(list_id, request.user, request.now)

    then = reverse("desk:placement_list", args=[list_id])
    done = gettext("Done. Each case is placed once the rules allow it.")
    return submit(request, SignForm(request.POST), act, lambda: one(request, list_id), then, done)
