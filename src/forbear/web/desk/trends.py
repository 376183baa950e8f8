"""A figure's last weeks as a chart whose title says the finding, and as the table behind it."""

from dataclasses import dataclass

from django.utils.translation import gettext

from forbear.insight.kpi import Figure, Period
from forbear.web.templatetags.forbear import figure, when


@dataclass(frozen=True, slots=True)
class Trend:
    """The finding, the chart and its rows: (first day, last day, figure)."""

    finding: str
    chart: dict[str, object]
    rows: list[tuple[Period, Figure]]


def shown_trend(rows: list[tuple[Period, Figure]]) -> Trend:
    """The newest week against the one before; with nothing to compare the title only says the value."""
    newest, before = rows[-1][1], rows[-2][1]
    values = {"now": figure(newest), "before": figure(before)}
    if newest.value is None:
        finding = gettext("Nothing to count in the last seven days")
    elif before.value is None:
        finding = gettext("%(now)s in the last seven days; nothing to count in the seven before") % values
    elif newest.value > before.value:
        finding = gettext("Up in the last seven days: %(now)s, from %(before)s in the seven before") % values
    elif newest.value < before.value:
        finding = (
            gettext("Down in the last seven days: %(now)s, from %(before)s in the seven before") % values
        )
    else:
        finding = gettext("%(now)s in the last seven days, as in the seven before") % values
    chart = {
        "names": [when(week.last) for week, _figure in rows],
        "series": [
            {
                "name": gettext("By week"),
                "data": [None if one.value is None else round(one.value, 1) for _week, one in rows],
            }
        ],
    }
    return Trend(finding, chart, rows)
