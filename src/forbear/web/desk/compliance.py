"""For compliance officers: what was refused and by which rule, the rules themselves, and what nobody is sure of."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from forbear.actions.cases.unmasking import seen_by_day, unmask_alarms
from forbear.actions.payments.penalty_checks import compare, resolve_difference, resolve_differences
from forbear.actions.selectors.desk_counts import compliance_backlog, contact_states
from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.selectors.penalties import cap_percent, penalty_of
from forbear.actions.selectors.staff_directory import refused_signatures
from forbear.actions.staff.account_changes import changes_of_signers
from forbear.core.base.problem import Problem
from forbear.core.loans.penalty import percent_a_day
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.policy import policy
from forbear.interchange.home.signed_packs import NOT_SIGNED, unsigned_files
from forbear.store.access import penalty_difference_for, penalty_differences_for, refusals_for
from forbear.store.business_date import business_date, day_start
from forbear.web.desk.listings.money import PENALTIES
from forbear.web.forms import ReasonForm
from forbear.web.guard import permission_required
from forbear.web.lists.bulk import ResultForm, back_to_list, refused_list
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit

_SHOWN = 100
_DAYS = 30


@permission_required("desk:compliance:read")
def refusals(request: StaffRequest) -> HttpResponse:
    """Refusals of the last days by rule; one rule's with its contacts."""
    now, rule_id = request.now, request.GET.get("rule", "")
    rules = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
    counts: Counter[str] = Counter()
    rows: list[dict[str, object]] = []
    since = now - timedelta(days=_DAYS)
    for at, line, borrower in (
        refusals_for(request.user)
        .filter(at__gte=since)
        .order_by("-id")
        .values_list("at", "line", "borrower")[:5000]
    ):
        data = json.loads(line)
        named = [each["rule"] for each in data["body"]["refused_by"]]
        counts.update(named)
        if (not rule_id or rule_id in named) and len(rows) < _SHOWN:
            rows.append({"at": at, "borrower": borrower, "body": data["body"], "actor": data["actor"]})
    book = counted("refusals", lambda: {"states": contact_states(since)}, now)
    return render(
        request,
        "desk/refusals.html",
        {
            "counts": [(rules.get(name), name, number) for name, number in counts.most_common()],
            "rows": rows,
            "rule": rules.get(rule_id),
            "rule_id": rule_id,
            "days": _DAYS,
            **compliance_backlog(business_date(now)),
            "book": book,
            **book.found,
        },
    )


@permission_required("desk:compliance:read")
def access(request: StaffRequest) -> HttpResponse:
    """Whose account was opened by whom, whose second signature didn't count, and who saw how much in the clear."""
    now = request.now
    since, today = now - timedelta(days=_DAYS), day_start(business_date(now))
    allowed = policy(settings.HOME).unmask
    shown = {
        "changes": changes_of_signers(since),
        "refused": refused_signatures(since),
        "today": [{**each, "most": allowed.of_role(each["staff__role"])} for each in seen_by_day(today)],
        "seen": seen_by_day(since),
        "alarms": unmask_alarms(since),
        "days": _DAYS,
    }
    return render(request, "desk/access.html", shown)


@permission_required("desk:compliance:read")
def rules(request: StaffRequest) -> HttpResponse:
    """Every rule in force, with its source, force and doubt."""
    book = rulebook(settings.HOME)
    shown = {
        "rules": [bound.rule for bound in book.bound],
        "packs": book.names,
        "parameters": book.parameters,
        "unsigned": [
            gettext(NOT_SIGNED[file.state]) % {"file": file.path.name}
            for file in unsigned_files(settings.HOME)
        ],
    }
    return render(request, "desk/rules.html", shown)


@permission_required("desk:compliance:read")
def penalties(request: StaffRequest) -> HttpResponseBase:
    """Loans on which the lender's penalty interest is not the contract's, the most overcharged first."""
    return answer(request, PENALTIES, "desk/penalties.html", lambda _shown: {"cap": cap_percent()})


@require_POST
@permission_required("desk:penalty:resolve")
def resolve_penalties(request: StaffRequest) -> HttpResponseBase:
    """Write down for the ticked differences what came of them."""
    form = ResultForm(request.POST)
    if not form.is_valid():
        return refused_list(request, form, "desk:penalties", lambda: penalties(request))
    asked = form.cleaned_data
    seen = penalty_differences_for(request.user).filter(pk__in=asked["id"]).values_list("pk", flat=True)
    made = resolve_differences(list(seen), asked["words"], request.user, request.now)
    if isinstance(made, Problem):
        return refused_list(request, form, "desk:penalties", lambda: penalties(request), made)
    done, left = made
    said = ngettext("%(number)s discrepancy resolved.", "%(number)s discrepancies resolved.", done)
    sentence = said % {"number": done}
    if left:
        closed = ngettext("%(number)s was closed already.", "%(number)s were closed already.", left)
        sentence = f"{sentence} {closed % {'number': left}}"
    messages.success(request, sentence)
    return back_to_list(form, "desk:penalties")


@permission_required("desk:compliance:read")
def one_penalty(request: StaffRequest, difference_id: int) -> HttpResponse:
    """One difference: the lender's figure, ours with every line of it, and what came of it."""
    row = penalty_difference_for(request.user, difference_id)
    if row is None:
        raise Http404
    found = ledger_of(row.loan.borrower_id)
    loan = next((each for each in found[0].loans if each.loan_id == row.loan_id), None) if found else None
    shown: dict[str, object] = {"row": row, "cap": cap_percent()}
    if loan is not None and found is not None:
        product = found[1].get(loan.product)
        plans = list(row.loan.borrower.plans.exclude(agreed_on=None))
        shown |= {
            "terms": product.penalty,
            "rate": percent_a_day(product.penalty) if product.penalty else None,
            "computed": penalty_of(loan, product, row.as_of, plans),
            "lines": [
                (line.number, line.amounts.penalty) for line in loan.instalments if line.amounts.penalty
            ],
            "still": compare(loan, product, row.as_of, plans) is not None,
        }
    return render(request, "desk/penalty.html", shown)


@require_POST
@permission_required("desk:penalty:resolve")
def resolve_penalty(request: StaffRequest, difference_id: int) -> HttpResponseBase:
    """Write down what came of a difference."""
    if penalty_difference_for(request.user, difference_id) is None:
        raise Http404
    form = ReasonForm(request.POST, key="penalty", name="words", rows=3, longest=2000)

    def act(given: dict[str, Any]) -> object:
        return resolve_difference(difference_id, given["words"], request.user, request.now)

    then, done = reverse("desk:penalties"), gettext("Resolved.")
    return submit(request, form, act, lambda: one_penalty(request, difference_id), then, done)
