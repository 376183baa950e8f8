"""The night is what the pure rules say: each simulated week a sample of loans is computed by `core`, one at a time.

The night decided on them in sets, by SQL of its own; what it wrote is read back from its files.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from forbear.core.loans.delinquency import arrears
from forbear.engine.columnar import connected, parquet
from forbear.interchange.book.book import Book, open_book
from forbear.interchange.book.read import parts_of, read_borrowers
from forbear.interchange.home.lender import Home
from forbear.night.run import Night, open_night
from forbear.sim.chance import Chance
from forbear.sim.people import Portfolio

#: How many borrowers are looked at: how many who are late, and how many of all.
SAMPLE = 30
_COLUMNS = (
    "loan_id, past_due_amount, past_due_principal, past_due_interest, days_past_due, oldest_unpaid_due_on, "
    "outstanding, bucket, five_class"
)


class Begun(Protocol):
    """When a world began."""

    @property
    def first(self) -> date: ...


class Nightly(Protocol):
    """What this needs of a world."""

    chance: Chance
    home: Home
    portfolio: Portfolio

    @property
    def setting(self) -> Begun: ...


def core_is_night(world: Nightly, today: date) -> list[str]:
    """The sample of the first day of each week since the world began; nothing on the others."""
    if (today - world.setting.first).days % 7:
        return []
    night = open_night(world.home.nights, today)
    if night is None:
        return [f"no night was decided for {today}"]
    drawn = world.chance.stream("core and night", today)
    late = sorted({world.portfolio.loans[name].borrower_id for name in world.portfolio.behind})
    everybody = sorted(world.portfolio.by_id)
    sample = {name for all_ in (late, everybody) for name in drawn.sample(all_, min(SAMPLE, len(all_)))}
    return differences(open_book(world.home.book), night, sorted(sample), today)


def differences(book: Book, night: Night, borrowers: Sequence[str], today: date) -> list[str]:
    """Each loan of these borrowers on which the two don't agree, with what each says."""
    if night.manifest["book_version"] != book.version:
        return [f"the night of {today} was decided on another book"]
    products, differing = book.products(), []
    with connected(1) as engine:
        for part, names in parts_of(engine, book, borrowers).items():
            written = parquet(night.folder / "arrears", f"part-{part:05d}.parquet")
            rows = engine.execute(f"select {_COLUMNS} from {written} where days_past_due > 0").fetchall()
            decided = {loan_id: tuple(values) for loan_id, *values in rows}
            for record in read_borrowers(engine, book, part, names):
                for loan in record.loans:
                    own = arrears(loan, products.get(loan.product), today)
                    computed = (
                        *(
                            own.past_due_amount,
                            own.past_due.principal,
                            own.past_due.interest,
                            own.days_past_due,
                        ),
                        *(own.oldest_unpaid_due_on, own.outstanding, own.bucket, own.five_class),
                    )
                    row = decided.get(loan.loan_id)
                    if row != (computed if own.days_past_due else None):
                        differing.append(f"{loan.borrower_id}: {loan.loan_id} night {row}, core {computed}")
    return differing
