"""The filter of the dashboard and of each figure's page: the same days and borrowers for all that a page shows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forbear.actions.selectors.dashboard_choices import dashboard_choices
from forbear.insight.kpi import Period
from forbear.insight.kpi_cache import DAYS, last_days
from forbear.insight.scope import Scope
from forbear.store.business_date import business_date
from forbear.web.fields import DayField, PickField
from forbear.web.forms import Form
from forbear.web.labels import word
from forbear.web.product_names import product_name
from forbear.web.request import StaffRequest
from forbear.web.steady import counted

#: The farthest day back, and the seconds for which a large book's choices are kept.
_LONGEST, _KEPT = timedelta(days=366), 300.0
_NAMES = ("product", "creditor", "stage", "agency", "team")


class DashboardForm(Form):
    """Which days, and whose figures; what is left empty narrows nothing."""

    def __init__(
        self, *given: Any, choices: Mapping[str, list[tuple[str, str]]], today: date, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        first = today - _LONGEST
        self.fields["from"] = DayField(first, today, label=pgettext_lazy("first day", "From"), required=False)
        self.fields["to"] = DayField(first, today, label=pgettext_lazy("last day", "To"), required=False)
        labels = {"product": _("Product"), "stage": _("Stage"), "agency": _("Agency"), "team": _("Team")}
        labels["creditor"] = _("Creditor")
        for name in _NAMES:
            if name == "creditor" and not choices[name]:
                continue  # all loans are the lender's own
            found = [(code, _shown(name, code, shown)) for code, shown in choices[name]]
            self.fields[name] = PickField(found, blank=_("All"), label=labels[name], required=False)


def _shown(name: str, code: str, shown: str) -> str:
    """What a choice is called in the reader's language."""
    if name == "product":
        return product_name(code)
    return word("stage", code) if name == "stage" else shown


def period_of(request: StaffRequest) -> Period:
    """The days asked for in the address, up to today, of everybody."""
    text = request.GET.get("days", "")
    return last_days(int(text) if text in {str(each) for each in DAYS} else 30, request.now)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The period with its scope, the form as it stands, and the query that leads to the same choice elsewhere."""

    period: Period
    form: DashboardForm
    query: str
    today: date
    agencies: list[tuple[str, str]]

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.period.last - self.period.first).days + 1


def chosen(request: StaffRequest) -> Chosen:
    """What the address chooses: `days` up to today, or `from` and `to`, and whose; what makes no sense is left out."""
    today = business_date(request.now)
    found = counted("dashboard-choices", dashboard_choices, request.now, seconds=_KEPT).found
    form = DashboardForm(request.GET, choices=found, today=today)
    form.is_valid()
    given = form.cleaned_data
    scope = Scope(**{name: given.get(name) or "" for name in _NAMES})
    first, last = given.get("from"), given.get("to")
    named: dict[str, str] = {name: getattr(scope, name) for name in _NAMES if getattr(scope, name)}
    if first is None and last is None:
        period = replace(period_of(request), scope=scope)
        named = {"days": str((period.last - period.first).days + 1), **named}
    else:
        last = last or today
        first = min(first or last, last)
        period = Period(first, last, scope)
        named = {"from": first.isoformat(), "to": last.isoformat(), **named}
    return Chosen(period, form, urlencode(named), today, found["agency"])
