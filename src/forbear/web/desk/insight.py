"""For managers and leads: figures with their formulas and rows, the movement of arrears, the floor."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from forbear.actions.cases.reassignment import assign_case
from forbear.actions.contacts.resolve_contact import resolve_contact
from forbear.actions.selectors.desk_counts import conversations_by_staff, promises_by_staff
from forbear.actions.selectors.due_calls import planned_now
from forbear.actions.selectors.staff_directory import accounts_by_number, active_collectors, staff_account
from forbear.actions.selectors.team_now import STATES, team_now
from forbear.core.agencies.assignment import HARDER
from forbear.insight.cash import Cash, cash
from forbear.insight.goal import LEAST
from forbear.insight.goals import LIKE, MINE, goals, rows_of
from forbear.insight.goals import VERSION as GOALS_VERSION
from forbear.insight.kpi import BY_KEY, Kpi, Period, figure, figures, made, refusals_by_rule
from forbear.insight.kpi_cache import DAYS, cached_cash, cached_kpis
from forbear.insight.roll import NOT_LATE, Roll, nights_between, roll, stock
from forbear.insight.trend import trend
from forbear.interchange.book.import_log import refused_feed
from forbear.store.access import cases_for, contact_for, masked_name
from forbear.store.business_date import business_date
from forbear.store.models import Case, Staff
from forbear.web import labels as words
from forbear.web.actors import named
from forbear.web.desk.cash import agency_names, cash_panel, shown_movers
from forbear.web.desk.dashboard_filter import Chosen, chosen
from forbear.web.desk.experiments import incremental
from forbear.web.desk.figure_groups import DASHBOARD, grouped
from forbear.web.desk.first_screen import holdout_rights, tried
from forbear.web.desk.kpi_rows import cells, head, with_money
from forbear.web.desk.listings.insight import GOAL_PROMISES, GOALS, KPI_ROWS, GoalRow, PromiseRow
from forbear.web.desk.listings.oversight import OUTBOX
from forbear.web.desk.night_state import night_state
from forbear.web.desk.queue import in_order
from forbear.web.desk.row_forms import FateForm, UnsentForm
from forbear.web.desk.trends import shown_trend
from forbear.web.fields import PickField
from forbear.web.forms import Form, RowForms
from forbear.web.guard import permission_required
from forbear.web.languages import label
from forbear.web.lists.listing import answer
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.submit import submit
from forbear.web.tables import MOST_ROWS, table_answer

#: Cases in hand that the team's page shows; all of them are in the list of cases.
_IN_HAND = 30
#: For this many seconds a large book's figures are kept: they are of days, so minutes change little.
_KEPT = 300.0
_RULES = 12


@permission_required("desk:floor:read")
def dashboard(request: StaffRequest) -> HttpResponse:
    """The dawn view: how arrears moved, what was done, what came of it."""
    asked, now = chosen(request), request.now
    period = asked.period
    book = counted(f"dashboard:{period.name}", lambda: _dashboard(period, now), now, seconds=_KEPT)
    if ahead := book.found["ahead"]:
        book = replace(book, at=ahead, kept=True)
    shown = {
        "period": period,
        "asked": asked,
        "days": asked.days,
        "choices": DAYS,
        "book": book,
        "state": night_state(now),
        "refused_feed": refused_feed(settings.HOME.quarantine),
        **book.found,
        "groups": grouped(book.found["figures"], DASHBOARD),
        **_cash(asked, book.found["cash"]),
        "incremental": incremental(now),
        "tried": tried(now),
        "rights": holdout_rights(now),
        "chart_days": _days_chart(book.found["made"]),
    }
    return render(request, "desk/dashboard.html", shown)


def _cash(asked: Chosen, found: Cash) -> dict[str, object]:
    names = agency_names(asked.agencies)
    movers = shown_movers(found, names)
    return {"cash": cash_panel(found, asked.period.scope, names), "movers": movers}


def _dashboard(period: Period, now: datetime) -> dict[str, object]:
    """All that is counted for it, over the nights and the tables; `ahead` is when the figures were, if not now."""
    kept = cached_kpis(period, now)
    found, ahead = kept if kept is not None else (figures(period), None)
    nights, today = settings.HOME.nights, business_date(now)
    days = nights_between(nights, period.first, period.last)
    rows = period.scope.borrowers(period.starts, period.ends)
    only = None if rows is None else list(rows.values_list("pk", flat=True))
    moved = roll(nights, days[0], days[-1], only) if len(days) > 1 else None
    buckets = stock(nights, days, only)
    return {
        "figures": found,
        "cash": cached_cash(today, period.scope, now) or cash(today, period.scope),
        "ahead": ahead,
        "stock": buckets,
        "roll": _matrix(moved) if moved else None,
        "moved": moved,
        "chart_stock": _stock_chart(buckets),
        "made": _made_by_day(period),
        "by_rule": _refused_by_rule(period),
    }


def _refused_by_rule(period: Period) -> list[tuple[str, int]]:
    """How many contacts each rule refused, the most first."""
    return refusals_by_rule(period)[:_RULES]


def _matrix(moved: Roll) -> list[dict]:
    """The roll matrix as rows for a table: each share of the balance, with the loans behind it."""
    columns = [NOT_LATE, *moved.buckets]
    return [
        {
            "bucket": then,
            "loans": moved.whole(then)[0],
            "cells": [(moved.share(then, now), moved.cells.get((then, now), (0, 0))[0]) for now in columns],
            "worse": moved.worse(then),
            "cured": moved.cured(then),
        }
        for then in moved.buckets
    ]


def _stock_chart(buckets: list) -> dict:
    names = sorted({bucket for _, bucket, _, _ in buckets})
    days = sorted({str(day) for day, *_ in buckets})
    found = {(str(day), bucket): loans for day, bucket, loans, _ in buckets}
    return {
        "days": days,
        "series": [{"name": name, "data": [found.get((day, name), 0) for day in days]} for name in names],
    }


def _made_by_day(period: Period) -> dict[tuple[str, str], int]:
    """Contacts made by day and channel."""
    rows = period.narrow(made(period)).values("at__date", "channel").annotate(number=Count("pk")).order_by()
    return {(str(row["at__date"]), row["channel"]): row["number"] for row in rows}


def _days_chart(counts: dict[tuple[str, str], int]) -> dict:
    days = sorted({day for day, _ in counts})
    names = sorted({channel for _, channel in counts})
    series = [
        {"name": words.word("channel", name), "data": [counts.get((day, name), 0) for day in days]}
        for name in names
    ]
    return {"days": days, "series": series}


@permission_required("desk:floor:read")
def kpi(request: StaffRequest, key: str) -> HttpResponseBase:
    """One figure: its formula, its version, its rows; also as a file, and as codes for a program (`form=csv`)."""
    found = BY_KEY.get(key)
    if found is None:
        raise Http404
    asked = chosen(request)
    period = asked.period
    side = "part" if request.GET.get("rows") == "part" else "whole"
    rows = found.rows(side, period)
    rule = request.GET.get("rule", "") if key == "blocked" and side == "part" else ""
    if rule:
        rows = rows.filter(refused_rules__rule=rule)
    form = request.GET.get("form")
    if form in ("csv", "xlsx"):
        return _file(found, rows, form)
    about = {"asked": asked, "choices": DAYS, "side": side, "rule": rule}
    return answer(
        request,
        KPI_ROWS[rows.model],
        "desk/kpi.html",
        lambda _shown: _counted_kpi(found, period, rows, f"{side}:{rule}", request.now) | about,
        rows=with_money(rows),
        name=f"{found.key}-v{found.version}",
    )


def _counted_kpi(found: Kpi, period: Period, rows: QuerySet, of: str, now: datetime) -> dict[str, object]:
    """What the page of a figure shows besides its rows, which a file of them doesn't need."""
    book = counted(
        f"kpi:{found.key}:{of}:{period.name}",
        lambda: {"figure": figure(found, period), "rows": rows.count(), "trend": trend(found, period)},
        now,
        seconds=_KEPT,
    )
    return {
        "figure": book.found["figure"],
        "trend": shown_trend(book.found["trend"]),
        "book": book,
        "period": period,
    }


def _file(found: Kpi, rows: QuerySet, form: str) -> HttpResponse:
    names = head(rows.model)
    rows_shown = (cells(row, names) for row in rows.order_by("pk")[: MOST_ROWS + 1].iterator())
    return table_answer(f"{found.key}-v{found.version}", form, names, rows_shown, most=MOST_ROWS)


@permission_required("desk:floor:read")
def floor(request: StaffRequest) -> HttpResponse:
    """Who works on what: cases in hand, talks, promises kept, and how deep the queue is."""
    now = request.now
    period = Period(business_date(now), business_date(now))
    month = period.last - timedelta(days=29)
    people = active_collectors()
    done, team = _done(period, month), team_now(people, now)
    counts = Counter(one.state for one in team)
    cases = cases_for(request.user).filter(closed_on=None)
    held = list(cases.filter(leased_until__gt=now).order_by("collector__number", "pk")[: _IN_HAND + 1])
    queue = counted(f"floor:{request.user.role}", lambda: _queue(cases, now), now)
    shown = {
        "people": [(one, done.get(one.person.pk, _NOTHING)) for one in team],
        "states": [(state, counts[state]) for state in STATES],
        "held": [(case, masked_name(case.borrower.name)) for case in held[:_IN_HAND]],
        "more_held": len(held) > _IN_HAND,
        "stages": queue.found["stages"],
        "queue": queue,
    }
    shown["assign_forms"] = RowForms(request, AssignForm, {"people": people})
    return render(request, "desk/floor.html", shown)


@permission_required("desk:floor:read")
def goal_page(request: StaffRequest) -> HttpResponseBase:
    """Each collector's kept promises and what was paid on them, against what like promises give."""
    now = request.now
    today = business_date(now)
    book = counted(f"goals:{today}", lambda: {"goals": goals(today)}, now, seconds=_KEPT)
    found = book.found["goals"]
    rows = [GoalRow(person, found.results[person.pk]) for person in accounts_by_number(found.results)]
    shown = {
        "book": book,
        "goals": found,
        "usual": sorted(found.usual.items()),
        "harder": [f"{label(words)} +{adds}" for _fact, _above, adds, words in HARDER],
        "mine": MINE,
        "like": LIKE,
        "least": LEAST,
        "version": GOALS_VERSION,
    }
    name = f"goals-v{GOALS_VERSION}"
    return answer(request, GOALS, "desk/goals.html", lambda _shown: shown, rows=rows, name=name)


@permission_required("desk:floor:read")
def goal_rows(request: StaffRequest, staff_id: int) -> HttpResponseBase:
    """The promises behind one collector's figures, each with what like ones give; also as CSV or Excel."""
    person = staff_account(staff_id)
    if person is None:
        raise Http404
    today = business_date(request.now)
    found = goals(today)
    rows = [
        PromiseRow(each, found.usual[each.difficulty]) for each in rows_of(person.pk, today, found.currency)
    ]
    shown: dict[str, object] = {"person": person, "result": found.results.get(person.pk)}
    name = f"goals-v{GOALS_VERSION}-{person.number}"
    return answer(request, GOAL_PROMISES, "desk/goal_rows.html", lambda _shown: shown, rows=rows, name=name)


_NOTHING: dict[str, object] = {"talks": 0, "given": 0, "kept": None}


def _done(today: Period, month: date) -> dict[int | None, dict[str, object]]:
    """Talks of today and promises of a month by collector, each table read once."""
    talks = conversations_by_staff(today.starts)
    found = {person: _NOTHING | {"talks": number} for person, number in talks.items()}
    for each in promises_by_staff(month):
        kept = each["well"] / each["decided"] if each["decided"] else None
        before = found.get(each["taken_by"], _NOTHING)
        found[each["taken_by"]] = before | {"given": each["given"], "kept": kept}
    return found


def _queue(cases: QuerySet[Case], now: datetime) -> dict[str, object]:
    """How deep the own team's queue is, by stage."""
    stages = (
        cases.filter(Q(handler="internal") | Q(call_planned_on__isnull=False))
        .order_by("stage")
        .values("stage")
        .annotate(
            number=Count("pk"),
            free=Count(
                "pk", filter=planned_now(now) & Q(held=False) & (Q(next_at=None) | Q(next_at__lte=now))
            ),
        )
    )
    return {"stages": in_order([dict(row) for row in stages], now)}


class AssignForm(Form):
    """Who gets a case; nobody for the queue."""

    problems_at = "to"

    def __init__(self, *given: Any, people: Sequence[Staff], **more: Any) -> None:
        super().__init__(*given, **more)
        choices = [(person.number, named(person)) for person in people]
        self.fields["to"] = PickField(
            choices, blank=gettext("the queue"), label=_("Reassign to"), required=False
        )


@require_POST
@permission_required("desk:case:assign")
def assign(request: StaffRequest, case_id: int) -> HttpResponseBase:
    """Give a case to somebody else, or back to the queue."""
    if not cases_for(request.user).filter(pk=case_id).exists():
        raise Http404
    actor = f"staff:{request.user.number}"

    def act(given: dict[str, Any]) -> object:
        return assign_case(case_id, given["to"], request.now, actor=actor)

    form = AssignForm(request.POST, key=case_id, people=active_collectors())
    done = gettext("Reassigned.")
    return submit(request, form, act, lambda: floor(request), reverse("desk:floor"), done)


@permission_required("desk:outbox:resolve")
def outbox(request: StaffRequest) -> HttpResponseBase:
    """Contacts whose fate nobody knows, and those that could not be sent."""
    return answer(request, OUTBOX, "desk/outbox.html")


@require_POST
@permission_required("desk:outbox:resolve")
def settle(request: StaffRequest, contact_id: str) -> HttpResponseBase:
    """Say what became of one."""
    found = contact_for(request.user, contact_id)
    if found is None:
        raise Http404
    kind = UnsentForm if found.state == "dead" else FateForm

    def act(given: dict[str, Any]) -> object:
        return resolve_contact(contact_id, given["fate"], given["note"], request.user, request.now)

    form, done = kind(request.POST, key=contact_id), gettext("Saved.")
    return submit(request, form, act, lambda: outbox(request), reverse("desk:outbox"), done)
