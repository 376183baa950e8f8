"""Goal: a lender's normal days never stop an import, and what a person would want to see does.

A made-up lender lives on for days, in a long run for a year: a third of its loans fall due on the last day of a month,
one debit in ten of them bounces, a week of holidays is booked at once, some payments are booked late, penalty grows by
the day, a campaign doubles disbursements for a month, and 5 % of the book is sold. Each day's whole feed is compared
with the book of the day before, with the ready limits.
"""

import calendar
import csv
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

from forbear.interchange.book.comparison import Acceptance, ChangeStopped, Guard
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.feed_limits import FeedLimits
from tests.profile import LONG, rounds

FIRST, DAYS = (date(2026, 1, 1), 365) if LONG else (date(2026, 1, 27), 27)
LOANS = rounds(700, 3_000)
#: Spring Festival and the National Day week: nothing is booked, and all of it on the first day after.
HOLIDAYS = (
    (date(2026, 2, 15), date(2026, 2, 23)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 10, 1), date(2026, 10, 8)),
)
#: While it runs, twice as many loans are disbursed.
CAMPAIGN = (date(2026, 2, 1), date(2026, 3, 1))
SOLD_ON = date(2026, 9, 15) if LONG else date(2026, 2, 12)
SHARE_SOLD = 0.05


@dataclass
class MadeLoan:
    """One loan for life: its schedule, and its payments with the day on which they are booked."""

    name: str
    borrower: str
    disbursed_on: date
    lines: list[tuple[date, int, int]] = field(default_factory=list)
    payments: list[tuple[date, str, date, int, str]] = field(
        default_factory=list
    )  # booked, id, value, amount, undoes
    phone: list[tuple[date, str]] = field(default_factory=list)

    def paid(self, day: date) -> int:
        known = [row for row in self.payments if row[0] <= day]
        undone = {row[4] for row in known}
        return sum(row[3] for row in known if not row[4] and row[1] not in undone)


def worked_day(day: date) -> date:
    """The day itself, or the first on which something is booked again."""
    return next((last + timedelta(days=1) for first, last in HOLIDAYS if first <= day <= last), day)


def due_days(start: date, terms: int, at_end: bool) -> list[date]:
    days = []
    for number in range(1, terms + 1):
        month = start.month - 1 + number
        year, month = start.year + month // 12, month % 12 + 1
        last = calendar.monthrange(year, month)[1]
        days.append(date(year, month, last if at_end else min(start.day, last)))
    return days


def made_loan(chance: Random, number: int, disbursed_on: date) -> MadeLoan:
    """A loan whose borrower pays on time, late, ahead, or no more."""
    loan = MadeLoan(
        f"L{number:06d}", f"B{number if chance.random() < 0.85 else number // 7:06d}", disbursed_on
    )
    principal, terms = chance.randrange(20_000, 200_000, 100), chance.choice((3, 6, 9, 12))
    loan.lines = [
        (day, principal, 9 * principal // 1000)
        for day in due_days(disbursed_on, terms, chance.random() < 0.35)
    ]
    loan.phone = [(date.min, f"+861000{number:07d}")]
    if chance.random() < 0.3:
        loan.phone.append((FIRST + timedelta(days=chance.randrange(365)), f"+861001{number:07d}"))
    manner = chance.random()
    stops_after = chance.randrange(terms + 1) if manner > 0.95 else terms
    ahead = chance.randrange(1, terms) if 0.87 < manner <= 0.95 and terms > 3 else terms
    for place, (due_on, capital, interest) in enumerate(loan.lines):
        if place >= stops_after:
            break
        name, amount = f"{loan.name}-{place}", capital + interest
        if place == ahead:  # paid off at once, charges of what is left forgiven by nobody
            amount += sum(line[1] + line[2] for line in loan.lines[place + 1 :])
        value = due_on if manner <= 0.75 else due_on + timedelta(days=chance.randrange(1, 25))
        value = worked_day(value)
        booked = value + timedelta(days=chance.choice((0, 0, 0, 0, 1, 2)))
        loan.payments.append((booked, name, value, amount, ""))
        if value == due_on and chance.random() < 0.1:  # the debit bounces, and is paid some days later
            back = worked_day(booked + timedelta(days=1))
            again = worked_day(back + timedelta(days=chance.randrange(2, 9)))
            loan.payments += [
                (back, f"{name}-back", back, amount, name),
                (again, f"{name}-again", again, amount, ""),
            ]
        if place == ahead:
            break
    return loan


def made_lender(seed: int) -> list[MadeLoan]:
    """Loans of a year before the first day and of the days that are lived."""
    chance = Random(seed)
    span = [FIRST + timedelta(days=n) for n in range(-365, DAYS)]
    weights = [2 if CAMPAIGN[0] <= day < CAMPAIGN[1] else 1 for day in span]
    days = sorted(chance.choices(span, weights, k=LOANS))
    return [made_loan(chance, number, day) for number, day in enumerate(days)]


def write_day(folder: Path, loans: list[MadeLoan], day: date) -> Path:
    """The whole feed at the close of `day`."""
    folder.mkdir(parents=True)
    tables: dict[str, list[tuple]] = {
        "loans": [("loan_id", "borrower_id", "product", "currency", "principal", "disbursed_on", "status")],
        "instalments": [("loan_id", "number", "due_on", "principal", "interest", "fee", "penalty")],
        "payments": [("payment_id", "loan_id", "paid_on", "amount", "reverses")],
        "borrowers": [("borrower_id", "name", "phone")],
    }
    people: dict[str, tuple] = {}
    for loan in loans:
        if loan.disbursed_on > day:
            continue
        paid = loan.paid(day)
        left, oldest = paid, None
        for number, (due_on, capital, interest) in enumerate(loan.lines, 1):
            unpaid = max(0, capital + interest - left)
            left = max(0, left - capital - interest)
            late = (day - due_on).days if unpaid and due_on < day else 0
            oldest = oldest or (due_on if late else None)
            penalty = unpaid * late // 2_000
            parts = (f"{part / 100:.2f}" for part in (capital, interest, 0, penalty))
            tables["instalments"].append((loan.name, number, due_on, *parts))
        closed = paid >= sum(capital + interest for _, capital, interest in loan.lines)
        lost = oldest is not None and (day - oldest).days > 180
        status = "closed" if closed else "written_off" if lost else "active"
        whole = sum(capital for _, capital, _ in loan.lines)
        tables["loans"].append(
            (loan.name, loan.borrower, "cash", "CNY", f"{whole / 100:.2f}", loan.disbursed_on, status)
        )
        tables["payments"] += [
            (name, loan.name, value, f"{amount / 100:.2f}", undoes)
            for booked, name, value, amount, undoes in loan.payments
            if booked <= day
        ]
        people[loan.borrower] = (loan.borrower, "某人", max(row for row in loan.phone if row[0] <= day)[1])
    tables["borrowers"] += people.values()
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows(rows)
    (folder / "products.yaml").write_text("products: {cash: {}}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("seed", range(rounds(1, 2)))
def test_a_normal_day_never_stops_an_import_and_a_sale_of_the_book_does(tmp_path, seed):
    loans, stops, doubts = made_lender(seed), [], []
    limits = FeedLimits()
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if day == SOLD_ON:
            owing = [
                loan
                for loan in loans
                if loan.disbursed_on <= day and loan.paid(day) < sum(map(sum_of, loan.lines))
            ]
            sold = {loan.name for loan in Random(seed).sample(owing, int(len(owing) * SHARE_SOLD))}
            loans = [loan for loan in loans if loan.name not in sold]
        feed = write_day(tmp_path / str(day), loans, day)
        try:
            report = take(tmp_path, feed, limits, day, None)
        except ChangeStopped as stop:
            stops.append((day, [change.name for change in stop.comparison.stopping]))
            report = take(tmp_path, feed, limits, day, Acceptance("5 % of the book sold", "manager"))
        assert report.quarantined_rows == 0
        doubts += [(day, note) for note in report.warnings if "nobody is contacted" in note]
    assert stops == [(SOLD_ON, ["loans_gone"])], "the sale, and nothing else, in so many days"
    assert doubts == [], "nothing a lender does on a normal day puts a loan in doubt"


def sum_of(line: tuple[date, int, int]) -> int:
    return line[1] + line[2]


def take(root: Path, feed: Path, limits: FeedLimits, day: date, accepted: Acceptance | None):
    guard = Guard(limits, day, accepted)
    return import_feed(root / "book", feed, quarantine=root / "quarantine", guard=guard)
