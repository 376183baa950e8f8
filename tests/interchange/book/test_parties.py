"""Goal: who or what belongs to a loan comes in by a file of its own; an address comes on one line or parted."""

from forbear.engine.columnar import connected
from forbear.interchange.book.parties import parties_of
from tests.interchange.book.small_feed import ONE_LOAN, quarantined, take_in, write

PARTS = "address_street,address_city,address_state,address_postcode,address_country"
HEAD = f"loan_id,number,role,name,born_on,phone,{PARTS}"
ROWS = [
    "L1,1,co_borrower,Ben Example,1988-02-29,5550101,1 Main St,Springfield,IL,62701,US",
    "L1,2,seller,Old Lender,,,,,,,",
    "L9,1,guarantor,Nobody,,,,,,,",
    "L1,3,uncle,Cal Other,,,,,,,",
    "L1,2,former_number,OLD-1,,,,,,,",
    "L1,4,guarantor,,,,,,,,",
    "L1,5,guarantor,Dot Other,soon,1,,,,,",
]


def feed(folder, rows, **tables):
    made = write(folder, **(ONE_LOAN | tables))
    (made / "parties.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    return made


def found(book):
    with connected(1) as engine:
        parts = [parties_of(engine, book, part) for part in range(book.partitions)]
    return {
        loan: [(p["number"], p["role"], p["name"]) for p in rows]
        for part in parts
        for loan, rows in part.items()
    }


def test_good_rows_are_kept_and_bad_ones_told(tmp_path):
    report, book = take_in(tmp_path, feed(tmp_path / "feed", ROWS))
    assert found(book) == {"L1": [(1, "co_borrower", "Ben Example"), (2, "seller", "Old Lender")]}
    bad = {row["row"]: (row["column"], row["reason"]) for row in quarantined(report)["parties"]}
    assert bad == {
        "3": ("loan_id", "no loan with this loan_id was accepted"),
        "4": ("role", "role is not one of co_borrower, guarantor, original_creditor, seller, former_number"),
        "5": ("number", "this number stands more than once in the loan; the first was kept"),
        "6": ("name", "name is empty"),
        "7": (
            "born_on",
            "born_on is not a date like 2026-03-31; phone holds something that is no part of a number",
        ),
    }
    assert {key: part["rows"] for key, part in report.totals["parties"].items()} == {
        "read": "7",
        "accepted": "2",
        "quarantined": "5",
    }
    with connected(1) as engine:
        (doubt,) = engine.execute(f"select feed_doubt from {book.rows('loans')}").fetchone()
    assert not doubt, "nothing that is owed hangs on a party"


def test_a_delta_replaces_a_party_and_keeps_the_rest(tmp_path):
    take_in(tmp_path, feed(tmp_path / "feed", ROWS[:2]))
    nothing = {"loans": [], "instalments": []}
    _, book = take_in(
        tmp_path, feed(tmp_path / "more", ["L1,2,seller,New Seller,,,,,,,"], **nothing), delta=True
    )
    assert found(book) == {"L1": [(1, "co_borrower", "Ben Example"), (2, "seller", "New Seller")]}
    _, book = take_in(tmp_path, write(tmp_path / "none", **nothing), delta=True)
    assert found(book)["L1"][1] == (2, "seller", "New Seller")
    _, book = take_in(tmp_path, write(tmp_path / "whole", **ONE_LOAN))
    assert found(book) == {}


def test_an_address_in_parts_makes_the_line_that_letters_need(tmp_path):
    folder = write(tmp_path / "feed", **ONE_LOAN)
    head = f"borrower_id,address,{PARTS}"
    rows = [
        "B1,,1 Main St,Springfield,IL,62701,US",
        "B2,As it is,1 Main St,Springfield,IL,62701,US",
        "B3,,文三路1号,杭州市,浙江省,310000,CN",
        "B4,,1 Main St,,,,",
        "B5,,,,,,",
    ]
    (folder / "borrowers.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    report, book = take_in(tmp_path, folder)
    with connected(1) as engine:
        lines = dict(engine.execute(f"select borrower_id, address from {book.rows('borrowers')}").fetchall())
    assert lines == {
        "B1": "1 Main St, Springfield, IL 62701, US",
        "B2": "As it is",
        "B3": "浙江省杭州市文三路1号",
        "B4": "1 Main St",
        "B5": "",
    }
    assert report.quarantine is None
