"""Cash on the dashboard: what came in today and this month, against target and last month, what moved, and its rows."""

from dataclasses import dataclass

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from forbear.insight.cash import IN_HOUSE, Cash, Mover, cash_rows
from forbear.insight.scope import Scope
from forbear.interchange.home.policy import policy
from forbear.web.desk.dashboard_filter import chosen
from forbear.web.desk.listings.cash import CASH_ROWS, Received
from forbear.web.guard import permission_required
from forbear.web.languages import label
from forbear.web.lists.listing import answer
from forbear.web.product_names import product_name
from forbear.web.request import StaffRequest
from forbear.web.templatetags.forbear import money


@dataclass(frozen=True, slots=True)
class CashPanel:
    """The panel: the cash, the finding as a sentence and what moved most, targets in minor units (None: none set)."""

    cash: Cash
    finding: str
    why: str
    target: int | None
    target_today: int | None
    chart: dict[str, object]


def cash_panel(found: Cash, scope: Scope, agencies: dict[str, str]) -> CashPanel:
    """What the page says of it. A target is the whole book's, so a chosen part of it has none."""
    monthly = policy(settings.HOME).cash_target.get(found.currency) if scope.is_all else None
    target = None if monthly is None else found.target_to_date(monthly)
    today = None if monthly is None else found.target_to_date(monthly) // found.today.day
    return CashPanel(found, _finding(found), _why(found, agencies), target, today, _chart(found, monthly))


def _finding(found: Cash) -> str:
    """The title: how the month stands against the last."""
    values = {"month": _money(found, found.month)}
    if not found.last_month:
        return gettext("Cash this month: %(month)s; nothing came in last month to the same day") % values
    share = (found.month - found.last_month) * 100 / found.last_month
    values["share"] = f"{abs(share):.0f}%"
    if round(share) == 0:
        return gettext("Cash this month: %(month)s, as much as last month to the same day") % values
    if share > 0:
        return gettext("Cash this month: %(month)s, %(share)s more than last month to the same day") % values
    return gettext("Cash this month: %(month)s, %(share)s less than last month to the same day") % values


def _why(found: Cash, agencies: dict[str, str]) -> str:
    """What moved most in the direction in which all moved; "" where nothing did."""
    total = found.month - found.last_month
    named = [(product_name(each.key), each) for each in found.products]
    named += [(agencies.get(each.key, each.key), each) for each in found.agencies]
    moved = [(name, each) for name, each in named if each.change * total > 0]
    if not moved:
        return ""
    name, most = max(moved, key=lambda each: abs(each[1].change))
    values = {"name": name, "change": _money(found, abs(most.change))}
    if most.change > 0:
        return gettext("Most of it: %(name)s, %(change)s more") % values
    return gettext("Most of it: %(name)s, %(change)s less") % values


def _money(found: Cash, amount: int) -> str:
    return money(amount, found.minor_unit, found.currency)


def _chart(found: Cash, monthly: int | None) -> dict[str, object]:
    """Cash added up by day of the month, in whole units of the currency."""
    before = found.today.replace(day=1)
    last = max((day for day in found.by_day if day < before), default=found.same_day)
    lines = {
        gettext("This month"): found.curve(found.today),
        gettext("Last month"): found.curve(max(last, found.same_day)),
    }
    if monthly is not None:
        lines[gettext("Target")] = [monthly * day // 31 for day in range(1, 32)]
    unit = found.minor_unit
    series = [{"name": name, "data": [each // unit for each in sums]} for name, sums in lines.items()]
    return {"names": [str(day) for day in range(1, 32)], "series": series}


def shown_movers(found: Cash, agencies: dict[str, str]) -> list[tuple[str, Mover]]:
    """Each part by its name: agencies, then products."""
    named = [(agencies.get(each.key, each.key), each) for each in found.agencies]
    return named + [(product_name(each.key), each) for each in found.products]


def agency_names(choices: list[tuple[str, str]]) -> dict[str, str]:
    """By code what each agency is called; the lender's own team has the empty code."""
    return {IN_HOUSE: label(gettext("In-house")), **dict(choices)}


@permission_required("desk:floor:read")
def cash_page(request: StaffRequest) -> HttpResponseBase:
    """Every payment behind the cash of this month and the last, also as CSV or Excel."""
    asked = chosen(request)
    currency, unit, rows = cash_rows(asked.today, asked.period.scope)
    listed = [
        Received(row, currency, unit) for row in sorted(rows, key=lambda row: row.paid_on, reverse=True)
    ]
    shown: dict[str, object] = {"asked": asked}
    return answer(request, CASH_ROWS, "desk/cash.html", lambda _shown: shown, rows=listed, name="cash-v1")
