"""What first pages say of experiments: each in a line, and whether anybody of the hold-out lost what is due to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext, ngettext

from forbear.core.strategy.arms import HOLDOUT
from forbear.core.strategy.measures import MEASURES
from forbear.insight.experiments import Compared, Design, Status, designs
from forbear.insight.holdout_rights import Rights, rights
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.strategies import strategy
from forbear.store.business_date import business_date
from forbear.web.desk.experiments import Shown, arm_title, as_shown, statuses
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.tables import table_answer


@dataclass(frozen=True, slots=True)
class Tried:
    """An experiment in a line; `less` says where fewer contacts did as well."""

    shown: Shown
    less: str


def tried(now: datetime) -> list[Tried]:
    """The experiments of the strategy in force, those that run first."""
    today = business_date(now)
    read = strategy(settings.HOME, today)
    stopped = frozenset(stopped_on(settings.HOME, today))
    planned = [each for each in designs(read, today, stopped) if each.name != HOLDOUT]
    found = [Tried(as_shown(read, *each), _less(*each)) for each in statuses(planned, read.version, now)]
    return sorted(found, key=lambda each: each.shown.design.over)


def _less(design: Design, found: Status | None) -> str:
    """Which arms had surely fewer contacts and didn't do worse in what decides the experiment."""
    if found is None or found.verdict in ("broken", "early"):
        return ""
    arms = [arm_title(design, each.arm) for each in found.compared if _did_as_well(design, each)]
    if not arms:
        return ""
    said = gettext("With fewer contacts %(arms)s did no worse, as far as is shown.")
    return said % {"arms": ", ".join(arms)}


def _did_as_well(design: Design, other: Compared) -> bool:
    contacts, outcome = other.differences.get("contacts"), other.differences.get(design.outcome)
    if contacts is None or outcome is None or contacts.always.high >= 0 or other.guardrails_passed:
        return False
    _, better = MEASURES[design.outcome]
    return (outcome.always.high if better > 0 else -outcome.always.low) >= 0


@dataclass(frozen=True, slots=True)
class HoldOutRights:
    """The sentence on what is due to the hold-out, its figures in words, and the rows."""

    finding: str
    parts: tuple[str, ...]
    rights: Rights


def holdout_rights(now: datetime) -> HoldOutRights | None:
    """What is said of the hold-out's notices and answers; None without a hold-out or a night."""
    found = rights(settings.HOME, strategy(settings.HOME, business_date(now)))
    if found is None:
        return None
    lost = len(found.lost)
    finding = (
        ngettext(
            "%(lost)s notice or answer is missing in the hold-out group",
            "%(lost)s notices or answers are missing in the hold-out group",
            lost,
        )
        % {"lost": f"{lost:,}"}
        if lost
        else gettext("Nobody in the hold-out group lost a notice or an answer")
    )
    return HoldOutRights(finding, tuple(_parts(found)), found)


def _parts(found: Rights) -> Iterator[str]:
    """The figures behind it, each in a sentence."""
    left, due, asked = found.borrowers, len(found.notices), len(found.requests)
    for number, said in (
        (left, ngettext("%(n)s borrower is left alone now.", "%(n)s borrowers are left alone now.", left)),
        (
            due,
            ngettext(
                "%(n)s notice was due to them in the last end-of-day run.",
                "%(n)s notices were due to them in the last end-of-day run.",
                due,
            ),
        ),
        (asked, ngettext("%(n)s request of theirs is open.", "%(n)s requests of theirs are open.", asked)),
    ):
        yield said % {"n": f"{number:,}"}


@permission_required("desk:strategy:read")
def rights_rows(request: StaffRequest) -> HttpResponse:
    """The notices that are due to the hold-out, and its open requests, as a file."""
    found = holdout_rights(request.now)
    listed = (*found.rights.notices, *found.rights.requests) if found is not None else ()
    cells = ((each.borrower, each.what, each.due, each.kept) for each in listed)
    return table_answer(
        "holdout", request.GET.get("form", "csv"), ("borrower_id", "what", "due", "kept"), cells
    )
