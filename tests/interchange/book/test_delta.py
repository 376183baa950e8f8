"""A delta laid over the book gives the book that the whole feed would give; a bad row in it changes nothing."""

import errno
import os
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from tests.interchange.book.small_feed import (
    HEADERS,
    ONE_LOAN,
    content,
    take_in,
    tree_bytes,
    verdicts,
    write,
)
from tests.profile import LONG, rounds

BASE = {
    "loans": [f"L{n},B{n // 2},cash,CNY,300,2024-01-01,active" for n in range(8)],
    "instalments": [f"L{n},{k},2024-0{k + 1}-10,100,0,0,0" for n in range(8) for k in (1, 2, 3)],
    "payments": ["P1,L0,2024-02-10,100,", "P2,L1,2024-02-10,40,", "R2,L1,2024-02-12,40,P2", "P3,L2,2024-02-10,30,"],
    "borrowers": [f"B{n},Ann,123,,,,,,true" for n in range(4)],
    "pauses": ["L3,2024-02-01,", "L3,2024-05-01,2024-05-09"],
}  # fmt: skip
KEYS = {"loans": (0,), "instalments": (0, 1), "payments": (1, 0), "borrowers": (0,), "pauses": (0, 1)}


def merged(base, delta):
    """The whole feed that the two amount to: a delta's row replaces the row of the same key."""
    rows = {}
    for part in (base, delta):
        for table, lines in part.items():
            for line in lines:
                values = line.split(",")
                rows.setdefault(table, {})[tuple(values[k] for k in KEYS[table])] = line
    return {table: list(lines.values()) for table, lines in rows.items()}


@pytest.fixture(scope="module")
def based(tmp_path_factory):
    """Put the book of BASE under a folder; each number of partitions is imported once for all tests."""
    made = {}

    def put(root, partitions):
        if partitions not in made:
            made[partitions] = tmp_path_factory.mktemp("base")
            take_in(made[partitions], write(made[partitions] / "feed", **BASE), partitions=partitions)
        shutil.copytree(made[partitions], root, dirs_exist_ok=True)
        return open_book(root / "book")

    return put


def as_one(root, whole):
    """The book of a whole feed, in one part: what a book says doesn't hang on its parts."""
    return take_in(root / "whole", write(root / "whole-feed", **whole), partitions=1)[1]


def laid_over(root, *feeds):
    """The books of the first feed with the others laid over it, and of all as one whole feed."""
    for place, feed in enumerate(feeds):
        folder = write(root / f"feed-{place}", **feed)
        report, book = take_in(root / "parts", folder, delta=place > 0, partitions=0 if place else 3)
    whole = feeds[0]
    for feed in feeds[1:]:
        whole = merged(whole, feed)
    return report, book, as_one(root, whole)


DELTAS = {
    "a changed instalment": {"instalments": ["L0,2,2024-03-12,90,5,0,0"]},
    "a due date moved past the next": {
        "instalments": ["L0,1,2024-03-25,100,0,0,0", "L0,2,2024-03-25,100,0,0,0"]
    },
    "a new instalment": {"instalments": ["L0,4,2024-05-10,50,0,0,0"]},
    "a new payment": {"payments": ["P9,L0,2024-03-10,100,"]},
    "a backdated payment": {"payments": ["P9,L1,2024-01-15,100,"]},
    "a corrected payment": {"payments": ["P1,L0,2024-02-11,99,"]},
    "a corrected payment that was reversed": {"payments": ["P2,L1,2024-02-10,40,", "R2,L1,2024-02-13,,P2"]},
    "a reversal of an earlier payment": {"payments": ["R1,L0,2024-03-01,100,P1"]},
    "a reversal taken back by its row": {"payments": ["R2,L1,2024-02-12,1,"]},
    "a new loan of a known borrower": {
        "loans": ["N1,B1,cash,CNY,100,2024-02-01,active"],
        "instalments": ["N1,1,2024-03-01,100,0,0,0"],
        "payments": ["P1,N1,2024-03-01,1,"],
    },
    "a new borrower": {
        "loans": ["A1,B00,cash,CNY,100,2024-02-01,active"],
        "instalments": ["A1,1,2024-03-01,100,0,0,0"],
        "borrowers": ["B00,New,,,,,,1990-01-01,false"],
    },
    "a closed loan": {"loans": ["L4,B2,cash,CNY,300,2024-01-01,closed"]},
    "another product": {"loans": ["L4,B2,aaa,CNY,300,2024-01-01,active"]},
    "another phone": {"borrowers": ["B3,Ann,456,,,,,,false"]},
    "an ended pause": {"pauses": ["L3,2024-02-01,2024-02-20"]},
    "nothing": {},
}


def loans_of(case: str) -> set[str]:
    """The loans and borrowers that a delta has rows of."""
    rows = [(table, line.split(",")) for table, lines in DELTAS[case].items() for line in lines]
    return {values[1 if table == "payments" else 0] for table, values in rows}


def together() -> list[tuple[str, ...]]:
    """The cases of DELTAS, those that touch no loan in common in one delta; in a long run each in its own."""
    if LONG:
        return [(case,) for case in DELTAS]
    groups: list[tuple[str, ...]] = []
    for case in DELTAS:
        free = next((each for each in groups if not any(loans_of(one) & loans_of(case) for one in each)), ())
        groups = [each for each in groups if each != free] + [(*free, case)]
    return groups


@pytest.mark.parametrize("cases", together(), ids=" and ".join)
def test_a_delta_gives_what_the_whole_feed_gives(based, tmp_path, cases):
    delta: dict[str, list[str]] = {}
    for case in cases:
        for table, lines in DELTAS[case].items():
            delta.setdefault(table, []).extend(lines)
    based(tmp_path / "parts", 3)
    report, book = take_in(tmp_path / "parts", write(tmp_path / "delta", **delta), delta=True)
    assert report.quarantined_rows == 0
    assert content(book) == content(as_one(tmp_path, merged(BASE, delta)))


@pytest.mark.parametrize(("refused", "copied"), [(errno.EOPNOTSUPP, True), (errno.ENOSPC, False)])
def test_where_a_disk_knows_no_links_the_unchanged_files_are_copied(tmp_path, monkeypatch, refused, copied):
    def link(*_):
        raise OSError(refused, os.strerror(refused))

    monkeypatch.setattr("os.link", link)
    if not copied:
        with pytest.raises(OSError, match="No space"):
            laid_over(tmp_path, BASE, DELTAS["a changed instalment"])
        return
    _, book, whole = laid_over(tmp_path, BASE, DELTAS["a changed instalment"])
    assert content(book) == content(whole)
    assert all(path.stat().st_nlink == 1 for path in book.folder.rglob("*.parquet"))


def test_a_due_date_moved_past_that_of_an_unchanged_instalment_is_taken_as_it_is(tmp_path, based):
    """Money fills instalments as they fall due, so their numbers may run otherwise; the next delta keeps it so."""
    before = based(tmp_path, 1)
    delta = {"instalments": ["L0,1,2024-03-25,100,0,0,0"]}
    report, after = take_in(tmp_path, write(tmp_path / "delta", **delta), delta=True)
    others = [row for row in content(before)["instalments"] if row[0] != "L0"]
    assert [row for row in content(after)["instalments"] if row[0] != "L0"] == others
    assert len([row for row in content(after)["instalments"] if row[0] == "L0"]) == 3, "no line is lost"
    assert report.quarantined_rows == 0
    assert doubted(after) == set()
    _, later = take_in(tmp_path, write(tmp_path / "later", payments=["P90,L3,2024-02-20,1,"]), delta=True)
    of_loan = [row for row in content(later)["instalments"] if row[0] == "L0"]
    assert of_loan == [row for row in content(after)["instalments"] if row[0] == "L0"]


BAD_ROWS = {
    "not an amount": {"instalments": ["L0,2,2024-03-10,many,0,0,0"]},
    "a reversal under the name of a payment": {"payments": ["P1,L0,2024-02-10,100,P77"]},
    "a reversal of a reversal": {"payments": ["P3,L1,2024-02-10,40,R2"]},
    "a second reversal": {"payments": ["R3,L1,2024-02-10,40,P2"]},
    "a negative payment": {"payments": ["P1,L0,2024-02-10,-100,"]},
    "a bad loan": {"loans": ["L0,B0,cash,CNY,300,2024-01-01,gone"]},
    "another borrower": {"loans": ["L0,B9,cash,CNY,300,2024-01-01,active"]},
    "a bad pause": {"pauses": ["L3,2024-02-01,2024-01-20"]},
    "a bad borrower": {"borrowers": ["B0,Ann,12x,,,,,,true"]},
}


@pytest.mark.parametrize("case", BAD_ROWS)
def test_a_bad_row_replaces_nothing_and_raises_doubt(tmp_path, based, case):
    before = based(tmp_path, 2)
    report, after = take_in(tmp_path, write(tmp_path / "delta", **BAD_ROWS[case]), delta=True)
    assert report.quarantined_rows == 1
    assert plain(after) == plain(before)
    (table,) = BAD_ROWS[case]
    named = BAD_ROWS[case][table][0].split(",")[1 if table == "payments" else 0]
    wanted = {"L0", "L1"} if table == "borrowers" else {named}
    assert wanted <= doubted(after), "nobody is contacted on half a ledger"
    assert doubted(after) <= wanted | {"L0", "L1"}, "and no stranger is doubted"


def test_an_amount_corrected_under_a_reversal_that_names_the_old_one(tmp_path, based):
    """Whatever becomes of the two rows, a payment that a row of the book reverses does not count."""
    based(tmp_path, 1)
    _, after = take_in(tmp_path, write(tmp_path / "delta", payments=["P2,L1,2024-02-10,50,"]), delta=True)
    found = content(after)["payments"]
    reversed_ids = {(row[0], row[4]) for row in found if row[4]}
    assert [row for row in found if (row[0], row[1]) in reversed_ids and row[5]] == []


def test_doubt_stays_until_the_row_is_mended(tmp_path):
    bad = {
        **BASE,
        "payments": [*BASE["payments"], "P9,L5,2024-02-10,-1,"],
        "borrowers": ["B0,Ann,12x,,,,,,true"],
    }
    _, book = take_in(tmp_path, write(tmp_path / "feed", **bad), partitions=2)
    assert doubted(book) == {"L0", "L1", "L5"}
    _, book = take_in(tmp_path, write(tmp_path / "d1", payments=["P8,L5,2024-02-10,1,"]), delta=True)
    assert doubted(book) == {"L0", "L1", "L5"}, "another row of the loan mends nothing"
    _, book = take_in(tmp_path, write(tmp_path / "d2", loans=[BASE["loans"][5]]), delta=True)
    assert doubted(book) == {"L0", "L1", "L5"}, "nor does the loan's own row: the payment is still missing"


def test_doubt_clears_with_the_mended_row(tmp_path):
    bad = {
        **BASE,
        "payments": [*BASE["payments"], "P9,L5,2024-02-10,-1,"],
        "borrowers": ["B0,Ann,12x,,,,,,true"],
    }
    take_in(tmp_path, write(tmp_path / "feed", **bad), partitions=2)
    mended = {"payments": ["P9,L5,2024-02-10,1,"], "borrowers": ["B0,Ann,123,,,,,,true"]}
    _, book = take_in(tmp_path, write(tmp_path / "delta", **mended), delta=True)
    assert doubted(book) == set()


def test_a_whole_feed_clears_all_doubt(tmp_path):
    bad = {**BASE, "payments": ["P9,L5,2024-02-10,-1,"]}
    _, book = take_in(tmp_path, write(tmp_path / "feed", **bad))
    assert doubted(book) == {"L5"}
    _, book = take_in(tmp_path, write(tmp_path / "mended", **BASE))
    assert doubted(book) == set()


TWO_LOANS = ["L1,B1,cash,CNY,100,,active", "L2,B1,cash,CNY,100,,active", "L3,B2,cash,CNY,100,,active"]
DOUBTS = {
    "a loan that stands twice": ({"loans": [*TWO_LOANS, "L1,B1,cash,CNY,999,,closed"]}, {"L1"}),
    "another loan of the borrower": ({"loans": [*TWO_LOANS, "L4,B1,cash,ZZZ,1,,active"]}, {"L1", "L2"}),
    "a borrower who stands twice": ({"borrowers": ["B1,Ann,123,,,,,,", "B1,Bea,456,,,,,,"]}, {"L1", "L2"}),
    "a bad borrower": ({"borrowers": ["B1,Ann,12x,,,,,,"]}, {"L1", "L2"}),
    "a bad instalment": ({"instalments": ["L1,1,soon,1,0,0,0"]}, {"L1"}),
    "an instalment that stands twice": (
        {"instalments": ["L1,1,2024-02-10,1,0,0,0", "L1,1,2024-02-10,2,0,0,0"]},
        {"L1"},
    ),
    "an instalment sent twice word for word": ({"instalments": ["L1,1,2024-02-10,1,0,0,0"] * 2}, set()),
    "a payment sent twice word for word": ({"payments": ["P1,L1,2024-02-10,1,"] * 2}, set()),
    "a bad payment": ({"payments": ["P1,L1,2024-02-10,-1,"]}, {"L1"}),
    "a reversal of nothing": ({"payments": ["P1,L1,2024-02-10,1,P0"]}, {"L1"}),
    "a bad pause": ({"pauses": ["L1,2024-02-10,2024-02-09"]}, {"L1"}),
    "a payment of an unknown loan": ({"payments": ["P1,L9,2024-02-10,1,"]}, set()),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_a_row_in_quarantine_puts_its_borrower_in_doubt(tmp_path, case):
    """At least the loan; the night asks for any loan of the borrower, so all of them are a borrower's doubt."""
    rows, wanted = DOUBTS[case]
    report, book = take_in(tmp_path, write(tmp_path / "feed", **{"loans": TWO_LOANS, **rows}), partitions=2)
    assert report.quarantined_rows == 1
    assert bool(doubted(book)) == bool(wanted)
    assert doubted(book) <= {"L1", "L2"}, "nobody else's"


def plain(book):
    """The book's content but for its doubts."""
    found = content(book)
    found["loans"] = [row[:-2] for row in found["loans"]]
    return found


def doubted(book):
    return {row[0] for row in content(book)["loans"] if row[-2]}


def test_new_terms_hold_for_every_loan(tmp_path, based):
    """A delta that brings other product terms moves the due dates in every partition."""
    based(tmp_path, 4)
    terms = "products:\n  cash: {due_date_rule: following, calendar: CN}\n"
    delta = write(tmp_path / "delta", products=terms, payments=["P9,L0,2024-03-10,1,"])
    _, book = take_in(tmp_path, delta, delta=True)
    whole = merged(BASE, {"payments": ["P9,L0,2024-03-10,1,"]})
    _, one = take_in(tmp_path / "whole", write(tmp_path / "all", products=terms, **whole))
    assert content(book) == content(one)


def test_untouched_partitions_keep_their_bytes(tmp_path, based):
    book = based(tmp_path, 4)
    before = {n: tree_bytes(book.part(n)) for n in range(4)}
    _, after = take_in(tmp_path, write(tmp_path / "delta", payments=["P9,L0,2024-03-10,1,"]), delta=True)
    changed = [n for n in range(4) if tree_bytes(after.part(n)) != before[n]]
    assert len(changed) == 1
    assert after.manifest["partitions_written"] == 1


def test_a_delta_needs_a_book(tmp_path):
    with pytest.raises(FeedError, match="holds no book yet"):
        take_in(tmp_path, write(tmp_path / "feed", **ONE_LOAN), delta=True)


def test_the_same_delta_twice_changes_nothing_more(tmp_path):
    take_in(tmp_path, write(tmp_path / "feed", **BASE))
    delta = write(tmp_path / "delta", payments=["P9,L0,2024-03-10,1,", "R1,L0,2024-03-01,100,P1"])
    _, once = take_in(tmp_path, delta, delta=True)
    found = content(once)
    report, twice = take_in(tmp_path, delta, delta=True)
    assert content(twice) == found
    assert report.quarantined_rows == 0


def made_up(seed: int) -> tuple[dict, list[dict]]:
    """A book and three deltas of everything that may come, all of it acceptable."""
    dice = random.Random(seed)
    loans = [f"L{n:02d}" for n in range(12)]
    owner = {loan: f"B{dice.randrange(5)}" for loan in loans}
    start = date(2024, 1, 1)
    paid: dict[tuple[str, str], str] = {}

    def instalment(loan: str, number: int) -> str:
        due_on = start + timedelta(days=30 * number + dice.randrange(30))
        return f"{loan},{number},{due_on},{dice.randrange(1, 200)}.{dice.randrange(100):02d},{dice.randrange(9)},0,1"

    def payment(loan: str) -> str:
        name = f"P{len(paid)}"
        paid[loan, name] = f"{dice.randrange(1, 250)}.{dice.randrange(100):02d}"
        return f"{name},{loan},{start + timedelta(days=dice.randrange(200))},{paid[loan, name]},"

    def reversals(count: int) -> list[str]:
        chosen = dice.sample(sorted(paid), min(count, len(paid)))
        rows = [f"R-{name},{loan},2024-06-01,{paid[loan, name]},{name}" for loan, name in chosen]
        for key in chosen:
            del paid[key]
        return rows

    def feed(known: list[str], new: list[str]) -> dict:
        rows = {
            "loans": [
                f"{loan},{owner[loan]},{dice.choice('abc')},CNY,500,{start},active"
                for loan in new + dice.sample(known, min(1, len(known)))
            ],
            "instalments": [instalment(loan, k) for loan in new for k in range(1, 5)]
            + [instalment(loan, dice.randrange(1, 6)) for loan in dice.sample(known, min(3, len(known)))],
            "payments": reversals(2) if known else [],
            "borrowers": [f"{owner[loan]},Ann,{dice.randrange(100, 999)},,,,,,true" for loan in new[:1]],
            "pauses": [f"{loan},{start + timedelta(days=dice.randrange(90))}," for loan in new[:1]],
        }
        rows["payments"] += [payment(dice.choice(known + new)) for _ in range(8)]
        return rows

    deltas = [feed(loans[:6], []), feed(loans[:6], loans[6:9]), feed(loans[:9], loans[9:])]
    paid_later, paid = paid, {}
    assert paid_later
    return feed([], loans[:6]), deltas


@pytest.mark.parametrize("seed", range(rounds(2, 4)))
def test_deltas_upon_deltas_give_what_the_whole_feed_gives(tmp_path, seed):
    base, deltas = made_up(seed)
    report, book, whole = laid_over(tmp_path, base, *deltas)
    assert report.quarantined_rows == 0
    assert content(book) == content(whole)


def test_forms_and_orders_of_one_feed_give_one_book(tmp_path):
    """CSV or Parquet, whatever the order of rows and the number of partitions."""
    base, _ = made_up(7)
    _, book = take_in(tmp_path / "csv", write(tmp_path / "feed", **base))
    shuffled = {table: random.Random(1).sample(lines, len(lines)) for table, lines in base.items()}
    _, other = take_in(tmp_path / "shuffled", write(tmp_path / "feed-2", **shuffled), partitions=5, threads=1)
    assert content(other) == content(book)
    _, third = take_in(tmp_path / "parquet", as_parquet(tmp_path / "feed", tmp_path / "feed-3"))
    assert content(third) == content(book)
    report, again = take_in(tmp_path / "csv", tmp_path / "feed")
    assert (report.changed, again.version) == (False, book.version)


def as_parquet(source: Path, target: Path) -> Path:
    """The same feed in the types a warehouse would write."""
    kinds = {
        "principal": "decimal(18, 2)",
        "interest": "double",
        "fee": "integer",
        "penalty": "decimal(38, 3)",
    }
    kinds |= {
        "amount": "double",
        "due_on": "date",
        "paid_on": "timestamp",
        "disbursed_on": "date",
        "number": "bigint",
    }
    kinds |= {"consent_sms": "boolean", "starts_on": "date", "ends_on": "date", "born_on": "date"}
    target.mkdir()
    from_csv = "read_csv({0}, all_varchar = true, header = true, delim = ',', nullstr = '')"
    with connected() as connection:
        for table, header in HEADERS.items():
            if not (source / f"{table}.csv").is_file():
                continue
            columns = ", ".join(
                f"{name}::{kinds.get(name, 'varchar')} as {name}" for name in header.split(",")
            )
            rows = from_csv.format(quote(source / f"{table}.csv"))
            where = quote(target / f"{table}.parquet")
            connection.execute(f"copy (select {columns} from {rows}) to {where} (format parquet)")
    return target


def test_rows_of_a_delta_are_numbered_as_sent(tmp_path):
    take_in(tmp_path, write(tmp_path / "feed", **BASE))
    rows = ["P7,L0,2024-03-10,1,", "P8,L0,2024-03-10,-1,", "P9,L99,2024-03-10,1,"]
    report, _ = take_in(tmp_path, write(tmp_path / "delta", payments=rows), delta=True)
    assert [bool(found) for found in verdicts(report, "payments", 3)] == [False, True, True]
