"""For managers: figures of the portfolio from the book and the nights, with formula, version, rows and cohorts."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render

from forbear.core.base.money import minor_digits
from forbear.insight.book_kpi import (
    BOOK_BY_KEY,
    BOOK_KPIS,
    BookFigure,
    book_figure,
    book_rows,
    main_currency_of,
    vintage,
    vintage_rows,
)
from forbear.insight.cost import cost_lines, cost_rows
from forbear.insight.kpi import Period
from forbear.insight.liquidation import VERSION as LIQUIDATION
from forbear.insight.liquidation import batches, placed
from forbear.insight.scorecard import STEPS
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.store.business_date import business_date
from forbear.web.desk.dashboard_filter import chosen
from forbear.web.desk.figure_groups import PORTFOLIO, grouped
from forbear.web.guard import permission_required
from forbear.web.request import StaffRequest
from forbear.web.steady import counted
from forbear.web.tables import MOST_ROWS, table_answer

_PAGE = 50
_LATE = (30, 60, 90)
_CHOICES = (7, 30, 90)
#: For this many seconds a large book's figures are kept.
_KEPT = 900.0


def _book() -> Book | None:
    """The book, if the home has one."""
    try:
        return open_book(settings.HOME.book)
    except FeedError:
        return None


@permission_required("desk:floor:read")
def portfolio(request: StaffRequest) -> HttpResponse:
    """All figures of a period, what it cost, and the cohorts."""
    asked, book = chosen(request), _book()
    period = asked.period
    late = _number(request.GET.get("late", ""), _LATE, 30)
    shown: dict[str, object] = {
        "period": period,
        "asked": asked,
        "days": asked.days,
        "choices": _CHOICES,
        "late": late,
        "lates": _LATE,
    }
    if book is not None:
        name = f"portfolio:{book.version}:{period.name}:{late}"
        kept = counted(name, lambda: _counted(book, period, late, request.now), request.now, seconds=_KEPT)
        shown |= {"kept": kept, **kept.found}
        shown["groups"] = grouped(kept.found["figures"], PORTFOLIO)
        shown["chart"] = _chart(kept.found["cohorts"])
        shown["ages"] = range(max((len(row.shares) for row in kept.found["cohorts"]), default=0))
    return render(request, "desk/portfolio.html", shown)


def _counted(book: Book, period: Period, late: int, now: datetime) -> dict[str, object]:
    home = settings.HOME
    figures = [book_figure(kpi, book, home, period) for kpi in BOOK_KPIS]
    cash = next(each for each in figures if each.kpi.key == "collected")
    lines = cost_lines(period, cash.currency)
    currency, cohorts = vintage(book, late, business_date(now), of=period)
    return {
        "figures": figures,
        "cash": cash,
        "costs": lines,
        "cost": sum(line.amount for line in lines) if lines else None,
        "cost_share": 100 * sum(line.amount for line in lines) / cash.part if lines and cash.part else None,
        "currency": currency,
        "minor_unit": 10 ** minor_digits(currency) if currency else 1,
        "cohorts": cohorts,
        "quality": _quality(book),
        **_liquidation(now, period),
    }


def _quality(book: Book) -> list[dict[str, object]]:
    """Of each file of the last import the rows read, accepted and quarantined, and what doesn't add up: nothing."""
    found = []
    for name, parts in book.manifest["totals"].items():
        read, good, bad = (parts[key] for key in ("read", "accepted", "quarantined"))
        apart = [key for key in good if Decimal(read[key]) != Decimal(good[key]) + Decimal(bad[key])]
        found.append(
            {
                "file": name,
                "read": int(read["rows"]),
                "accepted": int(good["rows"]),
                "quarantined": int(bad["rows"]),
                "sums": len(good) - 1,
                "apart": apart,
            }
        )
    return found


def _liquidation(now: datetime, period: Period) -> dict[str, object]:
    currency, rows = placed(now, period)
    return {
        "batches": batches(rows),
        "batch_currency": currency,
        "batch_unit": 10 ** minor_digits(currency) if currency else 1,
        "steps": STEPS,
        "liquidation_version": LIQUIDATION,
    }


@permission_required("desk:floor:read")
def liquidation(request: StaffRequest) -> HttpResponse:
    """The placements behind the batches as a file."""
    currency, rows = placed(request.now, chosen(request).period)
    head = ("placement", "borrower_id", "agency", "placed_on", "currency", "amount_minor", "rate_basis_points",
            *(f"paid_{step}" for step in STEPS), *(f"net_{step}" for step in STEPS), "stayed_days")  # fmt: skip
    cells = (
        [each.placement, each.borrower, each.agency, each.on, currency, each.amount, each.rate,
         *(each.paid.get(step, "") for step in STEPS),
         *(each.net(step) if step in each.paid else "" for step in STEPS),
         "" if each.stayed is None else each.stayed]
        for each in rows[: MOST_ROWS + 1]
    )  # fmt: skip
    return table_answer(
        f"liquidation-v{LIQUIDATION}", request.GET.get("form", "csv"), head, cells, most=MOST_ROWS
    )


@permission_required("desk:floor:read")
def cost(request: StaffRequest) -> HttpResponse:
    """The contacts and commissions behind the cost as a file."""
    period, book = chosen(request).period, _book()
    currency = main_currency_of(book) if book else ""
    head = ("what", "id", "borrower_id", "loans", "at", "amount_minor")
    found = cost_rows(period, currency, MOST_ROWS + 1)
    return table_answer("cost", request.GET.get("form", "csv"), head, found, most=MOST_ROWS)


def _chart(cohorts: list) -> dict:
    """One line a cohort, by months on book."""
    ages = max((len(row.shares) for row in cohorts), default=0)
    return {
        "names": [str(age) for age in range(ages)],
        "series": [
            {"name": f"{row.month:%Y-%m}", "data": [round(share, 2) for share in row.shares]}
            for row in cohorts
            if row.shares
        ],
    }


@permission_required("desk:floor:read")
def book_kpi(request: StaffRequest, key: str) -> HttpResponse:
    """One figure: its formula, its version, its rows; also as CSV or Excel."""
    kpi, book = BOOK_BY_KEY.get(key), _book()
    if kpi is None:
        raise Http404
    asked, home = chosen(request), settings.HOME
    period, side = asked.period, "part" if request.GET.get("rows") == "part" else "whole"
    head = ("loan_id", "day", "part", "whole")
    if request.GET.get("form") in ("csv", "xlsx"):
        rows = book_rows(kpi, book, home, period, part=side == "part", limit=MOST_ROWS + 1) if book else []
        return table_answer(f"{kpi.key}-v{kpi.version}", request.GET["form"], head, rows, most=MOST_ROWS)
    page = max(1, int(request.GET.get("page", "1"))) if request.GET.get("page", "1").isdecimal() else 1
    figure = book_figure(kpi, book, home, period) if book else BookFigure(kpi, "", 0, 0, 0)
    rows = (
        book_rows(kpi, book, home, period, part=side == "part", limit=_PAGE + 1, skip=(page - 1) * _PAGE)
        if book
        else []
    )
    unit = 10 ** minor_digits(figure.currency) if figure.currency and kpi.unit == "money" else 1
    shown = {
        "figure": figure,
        "minor_unit": unit,
        "currency": figure.currency if kpi.unit == "money" else "",
        "period": period,
        "asked": asked,
        "side": side,
        "rows": rows[:_PAGE],
        "more": len(rows) > _PAGE,
        "page": page,
        "before": page - 1,
        "after": page + 1,
    }
    return render(request, "desk/book_kpi.html", shown)


@permission_required("desk:floor:read")
def cohorts(request: StaffRequest) -> HttpResponse:
    """The cohorts as a file."""
    late, book = _number(request.GET.get("late", ""), _LATE, 30), _book()
    form, period, today = request.GET.get("form", "csv"), chosen(request).period, business_date(request.now)
    if request.GET.get("rows") == "loans":
        head: tuple[str, ...] = ("month", "loan_id", "principal_minor", "first_late_on", "months_on_book")
        rows = vintage_rows(book, late, today, limit=MOST_ROWS + 1, of=period) if book else []
        cells = ([f"{row[0]:%Y-%m}", *("" if value is None else value for value in row[1:])] for row in rows)
        return table_answer(f"vintage-{late}-loans", form, head, cells)
    found = vintage(book, late, today, of=period)[1] if book else []
    ages = max((len(row.shares) for row in found), default=0)
    head = ("month", "loans", "principal_minor", *(f"month_{age}" for age in range(ages)))
    rows = [
        (f"{row.month:%Y-%m}", row.loans, row.principal, *(f"{share:.4f}" for share in row.shares))
        for row in found
    ]
    return table_answer(f"vintage-{late}", form, head, rows)


def _number(text: str, choices: tuple[int, ...], default: int) -> int:
    return int(text) if text in {str(each) for each in choices} else default
