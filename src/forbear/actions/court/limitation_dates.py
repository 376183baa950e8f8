"""Compute until when each long overdue debt can be sued on, from its lines, its payments and what was said and agreed.

The rules ask it (`time_barred`), so it is computed each day for every loan that could come near the end, in sets.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from forbear.actions.selectors.payments import payments_on
from forbear.core.loans.limitation import LIMITS, PLACES, Running, limitation, place_of
from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Contact, LawsuitStep, Loan, Plan, Promise, Settlement

#: A loan late for less is far from the end of the shortest time; its earlier mark, if any, is taken away.
FROM_DAYS = 365
_REACHED = ("delivered", "conversation")
_BATCH = 1_000
#: SQL for the day from which an account's limitation runs.
_ACCOUNT_SINCE = "coalesce(a.limitation_from, a.first_delinquent_on, a.late_since, a.charge_off_on)"
Events = dict[str, list[tuple[str, date]]]


def pack_of() -> str:
    """The country whose limitation counts: that of the first of the home's packs that has one, else China."""
    return next((path.stem for path in settings.HOME.packs if path.stem in LIMITS), "cn")


def compute_limitation(now: datetime) -> int:
    """Set `time_barred_on`, the first day it is too late, of every loan concerned; how many changed."""
    today, pack = business_date(now), pack_of()
    late = Loan.objects.filter(days_past_due__gte=FROM_DAYS)
    rows = {loan.loan_id: loan for loan in late.only("loan_id", "borrower_id", "time_barred_on")}
    limits = runnings(pack, rows.keys(), {row.loan_id: row.borrower_id for row in rows.values()}, today)
    changed = []
    for loan_id, running in limits.items():
        first = running.last_day + timedelta(days=1)
        if rows[loan_id].time_barred_on != first:
            rows[loan_id].time_barred_on = first
            changed.append(rows[loan_id])
    with transaction.atomic():
        Loan.objects.bulk_update(changed, ["time_barred_on"], batch_size=_BATCH)
        stale = Loan.objects.filter(days_past_due__lt=FROM_DAYS).exclude(time_barred_on=None)
        return len(changed) + stale.update(time_barred_on=None)


def runnings(pack: str, loans: Collection[str], owners: dict[str, str], today: date) -> dict[str, Running]:
    """The limitation of each loan that the book knows, by loan; `owners` gives each its borrower."""
    lines = _lines(loans)
    if not lines:
        return {}
    events: Events = defaultdict(list)
    since = min(begun or last for last, begun in lines.values())
    for paid in payments_on(lines.keys(), since):
        if paid.reversed_on is None:
            events[paid.loan_id].append(("payment", paid.paid_on))
    for loan, paid_on in _shown_payments(lines.keys()).items():
        events[loan].append(("payment", paid_on))
    _said_and_agreed(events, {loan: owners[loan] for loan in lines})
    regions = _regions({owners[loan] for loan in lines}) if pack in PLACES else {}
    return {
        loan: limitation(place_of(pack, regions.get(owners[loan], "")), last, begun, events[loan], today)
        for loan, (last, begun) in lines.items()
    }


def _lines(loans: Collection[str]) -> dict[str, tuple[date, date | None]]:
    """(last due date, first day) of each loan, from the book, one pass over each partition.

    Of an account it is the day that the lender gives, else that of the first default.
    """
    if not loans:
        return {}
    try:
        book = open_book(settings.HOME.book)
    except FeedError:
        return {}
    lines: dict[str, tuple[date, date | None]] = {}
    with connected(settings.HOME.threads) as engine:
        engine.execute("create temp table wanted (loan_id varchar)")
        engine.execute("insert into wanted select unnest($loans)", {"loans": sorted(loans)})
        for number in range(book.partitions):
            folder = book.part(number)
            rows = engine.execute(
                f"""select l.loan_id, max(i.due_on), any_value(l.disbursed_on)
                from {parquet(folder, "instalments.parquet")} i
                join {parquet(folder, "loans.parquet")} l using (loan_key)
                where l.account_on is null and l.loan_id in (select loan_id from wanted) group by l.loan_id
                union all
                select l.loan_id, {_ACCOUNT_SINCE} as since, l.disbursed_on
                from {parquet(folder, "accounts.parquet")} a
                join {parquet(folder, "loans.parquet")} l using (loan_key)
                where a.newest and since is not null and l.loan_id in (select loan_id from wanted)"""
            ).fetchall()
            lines |= {loan: (last, begun) for loan, last, begun in rows}
    return lines


def _shown_payments(loans: Collection[str]) -> dict[str, date]:
    """The last payment that each account's snapshot names, by loan."""
    book = open_book(settings.HOME.book)
    with connected(settings.HOME.threads) as engine:
        rows = engine.execute(
            f"""select loan_id, max(last_payment_on) from {book.rows("loans")}
            where last_payment_on is not null and loan_id in (select unnest($loans)) group by loan_id""",
            {"loans": sorted(loans)},
        ).fetchall()
    return dict(rows)


def _regions(owners: set[str]) -> dict[str, str]:
    """Where each borrower lives, as the feed says."""
    names = sorted(owners)
    regions: dict[str, str] = {}
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        regions |= dict(Borrower.objects.filter(pk__in=batch).values_list("pk", "region"))
    return regions


def _said_and_agreed(events: Events, owners: dict[str, str]) -> None:
    """What reached each borrower and what they agreed to, added to every loan it was about."""
    mine: dict[str, list[str]] = defaultdict(list)
    for loan, borrower in owners.items():
        mine[borrower].append(loan)
    names = sorted(mine)
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        contacts = Contact.objects.filter(
            borrower_id__in=batch, party="debtor", purpose__in=("collect", "notice"), outcome__in=_REACHED
        )
        rows: list[tuple[str, str, list[str], date | None]] = [
            ("demand", *row) for row in contacts.values_list("borrower_id", "loans", "at")
        ]
        for table, day in ((Promise, "made_on"), (Plan, "agreed_on"), (Settlement, "offered_on")):
            agreed = table.objects.filter(borrower_id__in=batch).exclude(**{day: None})
            rows += [("agreement", *row) for row in agreed.values_list("borrower_id", "loans", day)]
        filed = LawsuitStep.objects.filter(lawsuit__borrower_id__in=batch, state="filed")
        rows += [
            ("lawsuit", *row) for row in filed.values_list("lawsuit__borrower_id", "lawsuit__loans", "on")
        ]
        for kind, borrower, about, at in rows:
            assert at is not None, "what reached somebody or was agreed has its day"
            on = business_date(at) if isinstance(at, datetime) else at
            for loan in mine[borrower]:
                if not about or loan in about:
                    events[loan].append((kind, on))
