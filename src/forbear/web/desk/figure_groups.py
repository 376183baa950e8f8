"""The figures of the dashboard and the portfolio by what they tell; the first of each group is the one to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Of the dashboard: the title of each group, and its figures, the one that matters most first.
DASHBOARD: Mapping[Promise, tuple[str, ...]] = {
    _("Promises, plans and settlements"): (
        "kept", "kept_amount", "ptp", "reason_known", "unable", "plan_break", "plan_break_amount", "settlement",
        "discount",
    ),
    _("Reaching borrowers"): ("rpc", "account_rpc", "connect", "reach", "penetration", "intensity", "delivered"),
    _("Conduct and complaints"): ("leaks", "blocked", "complaints", "upheld", "opt_outs"),
    _("Answers and data in time"): ("in_time", "first_answer", "read_in_day", "heard"),
}  # fmt: skip
#: The same of the portfolio.
PORTFOLIO: Mapping[Promise, tuple[str, ...]] = {
    _("Money and cures"): (
        "collected", "cured", "cured_amount", "self_cured", "self_cured_amount", "no_contact_cured",
        "no_contact_cured_amount",
    ),
    _("Falling behind"): ("entry", "fpd7", "fpd30", "again"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FigureGroup:
    """A title and its figures."""

    title: Promise
    figures: list[Any]


def grouped(figures: Iterable[Any], groups: Mapping[Promise, tuple[str, ...]]) -> list[FigureGroup]:
    """The figures in their groups and order; each is in one."""
    known = {each.kpi.key: each for each in figures}
    assert sorted(known) == sorted(key for keys in groups.values() for key in keys)
    return [FigureGroup(title, [known[key] for key in keys]) for title, keys in groups.items()]
