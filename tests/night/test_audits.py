"""Each blocking audit bites: what a faulty night would have written is found, and nothing is published."""

from datetime import date, timedelta

import pytest

from forbear.engine.columnar import quote
from forbear.night import audits as night_audits
from forbear.night.audits import audits
from forbear.night.run import AuditStopped, decide_here, latest_night, open_night
from tests.interchange.book.small_feed import take_in, tree_bytes, write
from tests.night.small_night import change, decide, rows

DAY = date(2024, 3, 1)
FEED = {
    "loans": [f"L{n},B{n},cash,CNY,200,2024-01-01,{'closed' if n == 6 else 'active'}" for n in range(8)],
    "instalments": [f"L{n},{k},2024-0{k + 1}-1{n},100,5,1,0" for n in range(8) for k in (1, 2)],
    "payments": [
        *(
            "P1,L1,2024-02-11,106,",
            "P2,L2,2024-02-12,50,",
            "P3,L3,2024-02-20,106,",
            "R3,L3,2024-02-25,106,P3",
        ),
        *("P5,L5,2024-02-15,-1,", "P9,L7,2024-02-29,1,"),
    ],
}

# what is done to one partition's file between deciding and auditing, and which audit must find it
TAMPERED = {
    "one_row_a_loan": ("arrears", "select * from rows union all select * from rows"),
    "one_row_a_borrower": ("cases", "select * from rows union all select * from rows"),
    "parts_make_the_whole": ("arrears", "select * replace (past_due_fee + 1 as past_due_fee) from rows"),
    "late_means_owed": ("arrears", "select * replace (past_due_amount - 1 as outstanding) from rows"),
    "payoff_covers_past_due": (
        "arrears",
        "select * replace (past_due_amount - 1 as payoff, 0 as balance) from rows",
    ),
    "late_has_case": ("cases", "select * from rows where days_past_due = 0"),
    "closed_is_quiet": ("arrears", "select * replace ('L6' as loan_id) from rows limit 1"),
    "held_is_quiet": ("cases", "select * replace (true as held) from rows"),
    "treated_has_case": ("treatments", "select * replace ('nobody' as borrower_id) from rows"),
    "doubtful_is_quiet": ("cases", "select * replace (true as feed_doubt) from rows"),
    "recount": (
        "arrears",
        "select * replace (past_due_amount + 1 as past_due_amount, past_due_fee + 1 as past_due_fee) from rows",
    ),
}
MORE = {
    "parts_make_the_whole": [
        "select * replace (-1 as past_due_penalty, past_due_principal + 1 as past_due_principal) from rows"
    ],
    "payoff_covers_past_due": ["select * replace (payoff + 1 as balance) from rows"],
    "late_means_owed": ["select * replace (null::date as oldest_unpaid_due_on) from rows"],
    "recount": [
        "select * replace (oldest_unpaid_due_on - 1 as oldest_unpaid_due_on) from rows",
        "select * from rows limit 0",
    ],
}


@pytest.fixture(scope="module")
def lender(tmp_path_factory):
    root = tmp_path_factory.mktemp("lender")
    _, book = take_in(root, write(root / "feed", **FEED), partitions=1)
    decide(root, book, DAY - timedelta(days=1))
    return root, book


def tampering(table, query):
    """A way to decide that spoils one result file after it was written and noted."""

    def spoiled(inputs, numbers, target):
        yield from decide_here(inputs, numbers, target, 1)
        change(target / table / "part-00000.parquet", query)

    return spoiled


def cases():
    for name, (table, query) in TAMPERED.items():
        for place, one in enumerate([query, *MORE.get(name, [])]):
            yield pytest.param(name, table, one, id=f"{name}-{place}")


@pytest.mark.parametrize("small", [True, False], ids=["at once", "one by one"])
@pytest.mark.parametrize(("name", "table", "query"), list(cases()))
def test_a_blocking_audit_stops_the_night(lender, name, table, query, small, monkeypatch):
    root, book = lender
    if not small:  # as a night of a large book is audited
        monkeypatch.setattr("forbear.night.audits._SMALL", 0)
    before = tree_bytes(root / "nights" / str(DAY - timedelta(days=1)))
    with pytest.raises(AuditStopped, match=r"is not published and nobody is contacted on it") as stopped:
        decide(root, book, DAY, decide=tampering(table, query))
    assert name in str(stopped.value) or name in ("one_row_a_loan", "closed_is_quiet"), (
        "the first that bites is named"
    )
    assert open_night(root / "nights", DAY) is None
    assert latest_night(root / "nights").manifest["as_of"] == str(DAY - timedelta(days=1))
    assert tree_bytes(root / "nights" / str(DAY - timedelta(days=1))) == before


def test_every_blocking_audit_is_shown_to_bite():
    blocking = {name for name, kind, *_ in audits() if kind == "blocking"} | {"recount"}
    assert blocking == set(TAMPERED)


def test_after_a_stopped_night_the_next_run_is_right(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=1)
    with pytest.raises(AuditStopped):
        decide(tmp_path, book, DAY, decide=tampering(*TAMPERED["treated_has_case"]))
    night = decide(tmp_path, book, DAY)
    clean = decide(tmp_path / "clean", book, DAY)
    assert tree_bytes(night.folder) == tree_bytes(clean.folder)


BOOK_LIES = {
    "an instalment settled that was not": ("instalments", "settled_on", "date '2024-02-01'"),
    "a reversed payment counted": ("payments", "counted", "amount"),
    "no payment counted": ("payments", "counted", "0::bigint"),
    "a running total that is off": ("instalments", "due_to_date", "due_to_date - 300"),
}


@pytest.mark.parametrize("lie", BOOK_LIES)
def test_the_recount_finds_what_the_book_made_up(tmp_path, lie):
    """The book's running totals are only a short cut: the bare ledger decides whether they are right."""
    table, column, value = BOOK_LIES[lie]
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=1)
    change(book.part(0) / f"{table}.parquet", f"select * replace (({value}) as {column}) from rows")
    if table == "payments":
        # what the importer would have made of it
        payments = f"read_parquet({quote(book.part(0) / 'payments.parquet')})"
        change(
            book.part(0) / "loans.parquet",
            f"select r.* replace (coalesce(paid, 0) as paid_total) from rows r left join "
            f"(select loan_key, sum(counted)::bigint as paid from {payments} group by 1) p using (loan_key) "
            "order by loan_key",
        )
    with pytest.raises(AuditStopped):
        decide(tmp_path, book, DAY)


def test_settled_too_late_is_only_slower(tmp_path):
    """An instalment looked at for nothing is found paid: the short cut may be left out at any time."""
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=1)
    before = rows(decide(tmp_path / "before", book, DAY), "arrears", "*")
    change(
        book.part(0) / "instalments.parquet", "select * replace (date '9999-12-31' as settled_on) from rows"
    )
    assert rows(decide(tmp_path, book, DAY), "arrears", "*") == before


def test_every_partition_is_counted_again_in_turn(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=3)
    for part in range(3):
        change(
            book.part(part) / "instalments.parquet",
            "select * replace (date '2024-02-01' as settled_on) from rows",
        )
    for place in range(3):
        with pytest.raises(AuditStopped, match="recount"):
            decide(tmp_path, book, DAY + timedelta(days=place))


def test_every_share_of_a_large_partition_is_counted_again_in_turn(tmp_path, monkeypatch):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=1)
    instalments = book.part(0) / "instalments.parquet"
    change(instalments, "select * replace (date '2024-02-01' as settled_on) from rows")
    monkeypatch.setattr(night_audits, "_RECOUNTED", 1)  # as many shares as there are loans
    for start in (0, 7):
        stops = []
        for place in range(book.manifest["rows"]["loans"]):
            try:
                decide(tmp_path, book, DAY + timedelta(days=start + place))
            except AuditStopped as stop:
                stops.append(str(stop))
        assert all("recount" in stop for stop in stops)
        assert 0 < len(stops) < book.manifest["rows"]["loans"]


def test_warnings_are_told_and_stop_nothing(tmp_path):
    _, book = take_in(tmp_path, write(tmp_path / "feed", **FEED), partitions=2)
    decide(tmp_path, book, date(2024, 2, 9))
    night = decide(tmp_path, book, date(2024, 3, 4))
    found = {audit["name"]: audit for audit in night.manifest["audits"] if audit["rows"]}
    assert set(found) == {"many_opened", "stale_payments"}
    assert found["stale_payments"]["example"] == "2024-02-29"
    assert not any(audit["blocking"] for audit in found.values())
    fresh = decide(tmp_path, book, date(2024, 3, 3))
    assert [audit["name"] for audit in fresh.manifest["audits"] if audit["rows"]] == ["many_opened"]
    assert len(rows(night, "cases", "borrower_id")) == 6
