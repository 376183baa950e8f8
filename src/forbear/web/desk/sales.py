"""Write-offs, what came in on them, and sales of debts: proposed, signed by another, each loan with its reason."""

from collections import Counter
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.payments.charge_offs import decide_write_offs, propose_write_offs, recommendations
from forbear.actions.payments.debt_sale import Buyer, decide_sale, propose_sale
from forbear.actions.payments.sale_file import sale_file_path
from forbear.core.base.problem import Problem
from forbear.core.sales.sale import EXCLUDED
from forbear.insight.recovery import recoveries, rows_of, totals
from forbear.store.access import sale_for, write_offs_for
from forbear.store.models import Sale
from forbear.web.call_forms import flash_problems, flash_result
from forbear.web.desk.listings.money import CHARGE_OFFS, SALE_LOANS, SALES
from forbear.web.fields import TextField
from forbear.web.forms import ButtonForm, Form, form_on
from forbear.web.guard import permission_required
from forbear.web.lists.bulk import BulkForm, back_to_list, refused_list
from forbear.web.lists.listing import ShownList, answer
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.tables import table_answer

_PAGE = 50
_HEAD = ("loan_id", "payment_id", "paid_on", "amount_minor", "currency", "written_off_on", "as_of")


@permission_required("desk:sale:read")
def write_offs(request: StaffRequest) -> HttpResponseBase:
    """What policy recommends, what waits for a signature, what was written off and what came in since."""
    now = request.now
    book = counted("write_offs", lambda: _book(now), now)

    def more(_shown: ShownList) -> dict[str, object]:
        return {"book": book, **book.found}

    return answer(request, CHARGE_OFFS, "desk/write_offs.html", more)


def _book(now: datetime) -> dict[str, object]:
    found = recommendations(now)
    since = recoveries()
    return {
        "recommended": found[:_PAGE],
        "recommended_count": len(found),
        "recoveries": since[:_PAGE],
        "totals": totals(since),
    }


def declines(request: StaffRequest) -> bool:
    """Whether the button to decline was pressed."""
    return ButtonForm(request.POST, "act").value("act") == "decline"


@require_POST
@permission_required("desk:sale:propose")
def propose_write_off(request: StaffRequest) -> HttpResponse:
    """Propose everything that policy recommends."""
    number = propose_write_offs(request.user, request.now)
    messages.success(request, gettext("Proposed: %(number)s.") % {"number": number})
    return redirect("desk:write_offs")


@require_POST
@permission_required("desk:sale:sign")
def sign_write_off(request: StaffRequest) -> HttpResponseBase:
    """Sign or decline the ones that were ticked."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        return refused_list(request, form, "desk:write_offs", lambda: write_offs(request))
    ids = form.cleaned_data["id"]
    seen = list(write_offs_for(request.user).filter(pk__in=ids).values_list("pk", flat=True))
    done = decide_write_offs(seen, request.user, request.now, sign=not declines(request))
    if isinstance(done, Problem):
        flash_problems(request, done)
    else:
        messages.success(request, gettext("Done: %(done)s.") % {"done": done})
    return back_to_list(form, "desk:write_offs")


@permission_required("desk:sale:read")
def recovery_file(request: StaffRequest) -> HttpResponse:
    """Every payment on a loan that was written off, for the lender's own ledger."""
    answer = table_answer("recoveries", "csv", _HEAD, rows_of(recoveries(), request.now))
    answer["Cache-Control"] = "no-store"
    return answer


@permission_required("desk:sale:read")
def sales(request: StaffRequest) -> HttpResponseBase:
    """The sales, the newest first."""
    return answer(request, SALES, "desk/sales.html", lambda _shown: {"form": form_on(request, BuyerForm)})


class BuyerForm(Form):
    """Who buys, as borrowers will read it."""

    problems_at = "name"
    field_of: ClassVar[dict[str, str]] = {"nothing_to_sell": ""}

    name = TextField(200, label=_("Buyer, as borrowers will read it"))
    registration = TextField(64, label=_("Registration"), required=False)
    telephone = TextField(32, label=_("Telephone"), required=False)
    address = TextField(300, label=_("Address"), required=False)


@require_POST
@permission_required("desk:sale:propose")
def propose(request: StaffRequest) -> HttpResponseBase:
    """Sort out what may be sold to a buyer."""

    def act(given: dict[str, Any]) -> object:
        return propose_sale(Buyer(**given), request.user, request.now)

    def then(made: Sale) -> HttpResponse:
        return redirect("desk:sale", made.number)

    return submit(request, BuyerForm(request.POST), act, lambda: sales(request), then)


def _sale(request: StaffRequest, number: str) -> Sale:
    found = sale_for(request.user, number)
    if found is None:
        raise Http404
    return found


@permission_required("desk:sale:read")
def sale(request: StaffRequest, sale_number: str) -> HttpResponseBase:
    """One sale: what is in it, and of each loan that stays why."""
    found = _sale(request, sale_number)
    rows = found.rows.select_related("loan")

    def more(shown: ShownList) -> dict[str, object]:
        stays = rows.filter(state__in=("out", "dropped")).values_list("why", flat=True)
        why = Counter(code for codes in stays for code in codes)
        sums: Counter[tuple[str, int]] = Counter()
        for row in rows.filter(state__in=("in", "sold")):
            sums[row.loan.currency, row.loan.minor_unit] += row.outstanding
        assert shown.filters is not None
        return {
            "sale": found,
            "state": shown.filters.form.cleaned_data.get("state", ""),
            "counts": sorted(Counter(rows.values_list("state", flat=True)).items()),
            "why": [(code, why[code]) for code in EXCLUDED if why[code]],
            "sums": [(amount, unit, currency) for (currency, unit), amount in sorted(sums.items())],
            "mine": found.made_by_id == request.user.pk,
        }

    return answer(request, SALE_LOANS, "desk/sale.html", more, rows=rows.all(), name=f"sale-{found.number}")


@require_POST
@permission_required("desk:sale:sign")
def sign(request: StaffRequest, sale_number: str) -> HttpResponse:
    """Sign or decline it."""
    done = decide_sale(
        _sale(request, sale_number).number,
        request.user,
        request.now,
        sign=not declines(request),
    )
    flash_result(request, done)
    return redirect("desk:sale", sale_number)


@require_POST
@permission_required("desk:sale:sign")
def passport(request: StaffRequest, sale_number: str) -> HttpResponseBase:
    """Hand the passport out; what it holds is on record in every borrower's evidence."""
    found, path = _sale(request, sale_number), sale_file_path(sale_number)
    if not found.passport or not path.is_file():
        messages.error(request, gettext("The sale passport is still being prepared."))
        return redirect("desk:sale", sale_number)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=f"sale-{sale_number}.zip")
    answer["Cache-Control"] = "no-store"
    return answer
