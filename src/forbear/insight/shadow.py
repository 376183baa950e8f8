"""A night beside the old system's figures of the same day: what differs, by loan, and why.

Every loan is compared. Only those that differ are computed again, by the rules for one loan, to find the cause. The
list of whom the old system contacted is held against what the night planned, before the permit gate is asked.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from forbear.core.base.money import format_amount, minor_digits
from forbear.core.base.problem import MessageId, noop
from forbear.core.loans.old_system import CAUSES, OtherFigures, cause_of
from forbear.engine.columnar import Connection, connected, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.book.read import parts_of, read_borrowers
from forbear.interchange.history.old_book import OldRow
from forbear.night.run import Night

#: Why one system has somebody on its list for the day and the other hasn't.
LIST_CAUSES: dict[str, MessageId] = {
    "not_late_here": noop("Not late in Forbear"),
    "on_hold_here": noop("On hold in Forbear"),
    "with_agency_here": noop("With an agency in Forbear"),
    "not_planned_today": noop("The strategy plans nothing for them today"),
    "only_planned_here": noop("Planned by Forbear, and on no list of the old system"),
}
#: How many differences of one cause are kept of a day.
KEPT_OF_CAUSE = 200
#: The night's facts by which a case is held.
_HELD_BY = ("promise_open", "plan_active", "dispute_open", "hardship_open", "on_hold", "paused", "feed_doubt")


@dataclass(frozen=True, slots=True)
class Difference:
    """One loan: `what` is figures or list; both sides in words for a person, and the cause by its code.

    `why` says more, such as by which facts a case is held.
    """

    loan_id: str
    what: str
    ours: str
    theirs: str
    cause: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShadowComparison:
    """What of a day differs. `loans` were compared, of which `same` agree in all; `causes` counts by code."""

    as_of: str
    loans: int
    same: int
    causes: Mapping[str, int]
    differences: list[Difference]


@dataclass(frozen=True, slots=True)
class _Ours:
    borrower: str
    days: int
    amount: int
    currency: str


def words_of(cause: str) -> MessageId:
    """What a cause means."""
    return CAUSES.get(cause) or LIST_CAUSES[cause]


def compare_night(night: Night, book: Book, old: Mapping[str, OldRow]) -> ShadowComparison:
    """Hold the night against the old system's file of the same day."""
    as_of = date.fromisoformat(night.manifest["as_of"])
    with connected(2) as engine:
        late, known = _late(engine, night), _known(engine, book, sorted(old))
        found = [*_missing(late, old), *_figures(engine, book, as_of, late, known, old)]
        differing = {one.loan_id for one in found}
        if any(row.listed is not None for row in old.values()):
            # who is late on one side only is on one side's list only: the figures say why
            found += [one for one in _lists(engine, night, late, known, old) if one.loan_id not in differing]
    found.sort(key=lambda one: (one.cause, one.loan_id, one.what))
    loans = len(old.keys() | late.keys())
    return ShadowComparison(
        str(as_of),
        loans,
        loans - len({one.loan_id for one in found}),
        dict(Counter(one.cause for one in found).most_common()),
        found,
    )


def _late(engine: Connection, night: Night) -> dict[str, _Ours]:
    rows = engine.execute(
        "select loan_id, borrower_id, days_past_due, past_due_amount, currency from "
        f"{parquet(night.folder / 'arrears', 'part-*.parquet')} where days_past_due > 0 or past_due_amount > 0"
    ).fetchall()
    return {loan: _Ours(*row) for loan, *row in rows}


def _known(engine: Connection, book: Book, names: list[str]) -> dict[str, _Ours]:
    """The loans of the file that the book has, with nothing late."""
    rows = engine.execute(
        f"select loan_id, borrower_id, 0, 0, currency from {book.rows('loans')} "
        "where loan_id in (select unnest($names))",
        {"names": names},
    ).fetchall()
    return {loan: _Ours(*row) for loan, *row in rows}


def _missing(late: Mapping[str, _Ours], old: Mapping[str, OldRow]) -> Iterator[Difference]:
    for loan in sorted(late.keys() - old.keys()):
        yield Difference(loan, "figures", _shown(late[loan]), "", "missing_loan")


def _shown(one: _Ours) -> str:
    return f"{one.days} · {one.currency} {format_amount(one.amount, one.currency)}"


def _figures(
    engine: Connection,
    book: Book,
    as_of: date,
    late: Mapping[str, _Ours],
    known: Mapping[str, _Ours],
    old: Mapping[str, OldRow],
) -> Iterator[Difference]:
    """Loans whose days, amount or currency differ, each computed again for its cause."""
    differing: dict[str, tuple[_Ours, OldRow, OtherFigures]] = {}
    for loan, row in old.items():
        if loan not in known:
            theirs = f"{row.days_past_due} · {row.currency} {row.amount}".replace("  ", " ")
            yield Difference(loan, "figures", "", theirs, "unknown_loan")
            continue
        ours = late.get(loan, known[loan])
        theirs_figures = _in_minor(row, ours.currency)
        same = (ours.days, ours.amount) == (theirs_figures.days_past_due, theirs_figures.amount)
        if not same or row.currency not in ("", ours.currency):
            differing[loan] = ours, row, theirs_figures
    products = book.products()
    for record in _records(engine, book, {ours.borrower for ours, _, _ in differing.values()}):
        for loan in record.loans:
            if loan.loan_id in differing:
                ours, row, figures = differing[loan.loan_id]
                unit = 10 ** minor_digits(loan.currency)
                cause = cause_of(loan, products.get(loan.product), as_of, figures, unit) or "unexplained"
                shown = f"{row.days_past_due} · {row.currency or ours.currency} {row.amount}"
                yield Difference(loan.loan_id, "figures", _shown(ours), shown, cause)


def _in_minor(row: OldRow, currency: str) -> OtherFigures:
    """The old system's amount in minor units; part of one is rounded, as the old system would show it."""
    scaled = (row.amount * 10 ** minor_digits(currency)).to_integral_value()
    return OtherFigures(row.days_past_due, int(scaled), row.currency)


def _records(engine: Connection, book: Book, borrowers: Collection[str]) -> Iterator:
    for part, names in parts_of(engine, book, sorted(borrowers)).items():
        yield from read_borrowers(engine, book, part, names)


def _lists(
    engine: Connection,
    night: Night,
    late: Mapping[str, _Ours],
    known: Mapping[str, _Ours],
    old: Mapping[str, OldRow],
) -> Iterator[Difference]:
    """Who is on one side's list for the day and not on the other's: people, named by a loan of theirs."""
    planned: dict[str, list[str]] = {}
    for borrower, channel in engine.execute(
        f"select borrower_id, channel from {parquet(night.folder / 'treatments', 'part-*.parquet')} order by all"
    ).fetchall():
        planned.setdefault(borrower, []).append(channel)
    cases = _cases(engine, night)
    listed: dict[str, tuple[str, str]] = {}
    for loan, row in sorted(old.items()):
        if row.listed and loan in known:
            listed.setdefault(known[loan].borrower, (loan, row.listed))
    for borrower, (loan, name) in sorted(listed.items()):
        if borrower not in planned:
            cause, why = _not_planned(cases.get(borrower))
            yield Difference(loan, "list", "", name, cause, why)
    by_borrower = {ours.borrower: loan for loan, ours in sorted(late.items(), reverse=True)}
    for borrower in sorted(planned.keys() - listed.keys()):
        loan = by_borrower.get(borrower, borrower)
        if loan in old:
            yield Difference(
                loan, "list", ", ".join(dict.fromkeys(planned[borrower])), "", "only_planned_here"
            )


def _cases(engine: Connection, night: Night) -> dict[str, dict[str, object]]:
    cursor = engine.execute(f"select * from {parquet(night.folder / 'cases', 'part-*.parquet')}")
    names = [name for name, *_ in cursor.description]
    return {str(row[0]): dict(zip(names, row, strict=True)) for row in cursor.fetchall()}


def _not_planned(case: Mapping[str, object] | None) -> tuple[str, str]:
    """Why the night plans nothing for somebody, and by which facts."""
    if case is None or case.get("change") == "closed":
        return "not_late_here", ""
    if case["held"]:
        return "on_hold_here", ", ".join(name for name in _HELD_BY if case.get(name))
    return ("with_agency_here", "") if case.get("placed") else ("not_planned_today", str(case["stage"]))


def keep_comparison(folder: Path, comparison: ShadowComparison) -> Path:
    """Write it into the home, for the page and for who looks later; the day's file is replaced whole.

    Of each cause some hundred differences are kept; `causes` counts them all.
    """
    target = folder / f"{comparison.as_of}.json"
    folder.mkdir(parents=True, exist_ok=True)
    number: Counter[str] = Counter()
    kept = []
    for one in comparison.differences:
        number[one.cause] += 1
        if number[one.cause] <= KEPT_OF_CAUSE:
            kept.append(one)
    waiting = target.with_suffix(".part")
    text = json.dumps(asdict(replace(comparison, differences=kept)), ensure_ascii=False)
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(target)
    return target


def kept_days(folder: Path) -> list[date]:
    """The days of which there is a comparison, the newest first."""
    return sorted((date.fromisoformat(path.stem) for path in folder.glob("*.json")), reverse=True)


def kept_comparison(folder: Path, day: date) -> ShadowComparison:
    """One of them."""
    data = json.loads((folder / f"{day}.json").read_text(encoding="utf-8"))
    differences = [Difference(**one) for one in data.pop("differences")]
    return ShadowComparison(**data, differences=differences)


def shadow_folder(home: Path) -> Path:
    """Where a home keeps its comparisons."""
    return home / "data" / "shadow"


assert not CAUSES.keys() & LIST_CAUSES.keys(), "a cause has one meaning"
