"""Workbooks, archives, JSON, Parquet and databases: the same rows as from CSV, or a word why not."""

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from forbear.engine.columnar import connected, quote
from forbear.interchange.book.feed_files import FeedError
from tests.interchange.book.small_feed import content, quarantined
from tests.interchange.mapping.lender_files import (
    CONTRACTS,
    MAPPING,
    PAID,
    PLAN,
    import_from,
    import_mapped,
    lay,
    left_out,
)

SHEET = MAPPING.replace(
    'contracts: {files: 合同*.csv, separator: semicolon, decimal: ",", thousands: ".", dates: YYYY/M/D}',
    "contracts: {files: 台账.xlsx, sheet: 合同, header: 2, dates: YYYY/M/D}",
)


def workbook(change: Callable[[Worksheet], None] = lambda sheet: None) -> bytes:
    """The contracts as people keep them: a title over the width, a header, totals and signatures under the rows."""
    book = openpyxl.Workbook()
    book.active.title = "说明"
    sheet = book.create_sheet("合同")
    sheet.append(["2026年贷款台账"])
    sheet.merge_cells("A1:G1")
    sheet.append(["合同编号", "客户号", "客户姓名", "手机号", "放款日期", "合同金额", "状态"])
    sheet.append(["HT001", "K1", "张三", "13800000001", date(2026, 1, 5), 10000, "正常"])
    sheet.append(["HT002", "K2", "李四", 13800000002, date(2026, 1, 6), 2500.5, "结清"])
    sheet.append(["HT003", "K3", "王五", 13800000003.0, "2026/1/7", 1683.1 - 0.1, "正常"])
    change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_sheet_is_read_as_people_see_it(tmp_path):
    def below(sheet: Worksheet) -> None:
        sheet.append(["合计", None, None, None, None, 14183.5, None])
        sheet.append([])
        sheet.append(["制表人：赵六", None, None, "审核：钱七"])

    expected = content(import_mapped(tmp_path)[1])
    (tmp_path / "x").mkdir()
    report, book = import_mapped(tmp_path / "x", {"台账.xlsx": workbook(below)}, SHEET)
    assert content(book)["loans"] == expected["loans"]
    assert content(book)["borrowers"] == expected["borrowers"]
    kept = [(r["file"], r["reason"], r["first_row"]) for r in left_out(report, tmp_path / "x")]
    assert kept[:2] == [
        ("台账.xlsx [合同]", "a row of totals", "6"),
        ("台账.xlsx [合同]", "a note under the table", "8"),
    ]


def test_a_bad_cell_is_named_by_the_row_that_excel_shows(tmp_path):
    report, _ = import_mapped(
        tmp_path, {"台账.xlsx": workbook(lambda sheet: sheet.cell(4, 6, "约2500"))}, SHEET
    )
    (row,) = quarantined(report)["loans"]
    assert (row["file"], row["row"], row["column"], row["value"]) == (
        "台账.xlsx [合同]",
        "4",
        "合同金额",
        "约2500",
    )


def merge_rows(sheet: Worksheet) -> None:
    sheet.cell(4, 2, None)
    sheet.merge_cells("B3:B4")


def merge_header(sheet: Worksheet) -> None:
    sheet.merge_cells("F2:G2")


def second_table(sheet: Worksheet) -> None:
    sheet.append([])
    sheet.append(["HT009", "K9", "另一", "13800000009", date(2026, 1, 5), 1, "正常"])


def beside(sheet: Worksheet) -> None:
    sheet.cell(3, 9, "旁边")


def long_number(sheet: Worksheet) -> None:
    sheet.cell(3, 1, 6222021234567890123)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (merge_rows, r"cells among its rows are merged \(B3:B4\); unmerge them, or write merged: fill"),
        (merge_header, r"cells of its header are merged \(F2:G2\)"),
        (second_table, "row 6 is blank and row 7 goes on; if the table ends there, write end: blank"),
        (beside, "row 3 goes on beside the last column 状态"),
        (long_number, "row 3, column 合同编号 holds a number of more than 15 digits"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path, change, said):
    with pytest.raises(FeedError, match=said):
        import_mapped(tmp_path, {"台账.xlsx": workbook(change)}, SHEET)


def test_merged_cells_are_filled_where_the_mapping_says_so(tmp_path):
    mapping = SHEET.replace("header: 2", "header: 2, merged: fill")
    _, book = import_mapped(tmp_path, {"台账.xlsx": workbook(merge_rows)}, mapping)
    assert [row[1] for row in content(book)["loans"]] == ["K1", "K1", "K3"]


def test_a_sheet_ends_at_its_blank_row_where_the_mapping_says_so(tmp_path):
    mapping = SHEET.replace("header: 2", "header: 2, end: blank")
    _, book = import_mapped(tmp_path, {"台账.xlsx": workbook(second_table)}, mapping)
    assert len(content(book)["loans"]) == 3


def test_a_missing_sheet_is_named_with_the_nearest(tmp_path):
    with pytest.raises(FeedError, match="has no sheet 合同表; is 合同 meant"):
        import_mapped(tmp_path, {"台账.xlsx": workbook()}, SHEET.replace("sheet: 合同", "sheet: 合同表"))


def zipped(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return stream.getvalue()


def test_archives_are_read_as_if_they_were_unpacked(tmp_path):
    expected = content(import_mapped(tmp_path)[1])
    packed = {
        "day.zip": zipped({"合同2026.csv": CONTRACTS, "deep/plan.csv": PLAN}),
        "pay.csv.gz": gzip.compress(PAID.encode()),
    }
    mapping = MAPPING.replace("合同*.csv", "day.zip/合同*.csv").replace("plan.csv", "day.zip/*/plan.csv")
    (tmp_path / "packed").mkdir()
    _, book = import_from(tmp_path / "packed", lay(tmp_path / "packed" / "in", packed), mapping)
    assert content(book) == expected
    whole = tmp_path / "whole.zip"
    whole.write_bytes(zipped({"合同2026.csv": CONTRACTS, "plan.csv": PLAN, "pay.csv": PAID}))
    (tmp_path / "one").mkdir()
    _, book = import_from(tmp_path / "one", whole)
    assert content(book) == expected


def test_a_cut_archive_is_refused(tmp_path):
    whole = tmp_path / "whole.zip"
    whole.write_bytes(zipped({"合同2026.csv": CONTRACTS})[:-10])
    with pytest.raises(FeedError, match="is not a whole zip archive"):
        import_from(tmp_path, whole)
    (tmp_path / "cut").mkdir()
    with pytest.raises(FeedError, match=r"pay.csv.gz can't be unpacked"):
        import_from(
            tmp_path / "cut",
            lay(
                tmp_path / "in",
                {
                    "合同2026.csv": CONTRACTS,
                    "plan.csv": PLAN,
                    "pay.csv.gz": gzip.compress(PAID.encode())[:-9],
                },
            ),
        )


JSON = """\
{"meta": {"day": "2026-03-31"}, "data": {"loans": [
  {"id": 7, "lent": {"on": "2026-01-05T10:00:00Z", "amount": 100.5}, "plan": [{"due": "2026-02-05", "amount": 50},
    {"due": "2026-03-05", "amount": 50.5}], "paid": [{"no": "a", "on": "2026-02-05", "amount": 50}]},
  {"id": 8, "lent": {"on": "2026-01-06", "amount": 10}, "plan": [{"due": "2026-02-06", "amount": 10}], "paid": []}]}}
"""
OF_JSON = """\
sources:
  loans: {files: book.json, path: data.loans}
  plan: {files: book.json, path: data.loans, each: plan}
  paid: {files: book.json, path: data.loans, each: paid}
tables:
  loans:
    source: loans
    columns: {loan_id: id, borrower_id: id, product: {value: x}, currency: {value: USD}, principal: lent.amount,
      disbursed_on: lent.on, status: {value: active}}
  instalments:
    source: plan
    columns: {loan_id: parent.id, number: position, due_on: due, principal: amount}
  payments:
    source: paid
    columns: {payment_id: no, loan_id: parent.id, paid_on: on, amount: amount}
"""


def test_nested_json_becomes_several_tables(tmp_path):
    _, book = import_from(tmp_path, lay(tmp_path / "in", {"book.json": JSON}), OF_JSON)
    tables = content(book)
    assert [row[0:1] + row[5:7] for row in tables["loans"]] == [
        ("7", 10050, date(2026, 1, 5)),
        ("8", 1000, date(2026, 1, 6)),
    ]
    assert [(row[0], row[1], row[4]) for row in tables["instalments"]] == [
        ("7", 1, 5000),
        ("7", 2, 5050),
        ("8", 1, 1000),
    ]
    assert [row[:2] for row in tables["payments"]] == [("7", "a")]


def test_json_of_another_shape_is_refused_with_its_keys(tmp_path):
    with pytest.raises(FeedError, match=r"has no list called data\.loan; it has meta\.day, data\.loans"):
        import_from(
            tmp_path,
            lay(tmp_path / "in", {"book.json": JSON}),
            OF_JSON.replace("path: data.loans", "path: data.loan"),
        )
    with pytest.raises(FeedError, match="is not whole JSON"):
        import_from(tmp_path, lay(tmp_path / "cut", {"book.json": JSON[:-40]}), OF_JSON)


def test_parquet_is_read_as_text(tmp_path):
    lay(tmp_path / "in", {"合同2026.csv": CONTRACTS, "pay.csv": PAID})
    with connected() as connection:
        connection.execute(
            "copy (select * from (values ('HT001', date '2026-02-05', 1000000.0::double, 1000::bigint), "
            "('HT001', date '2026-03-05', 0, 1000)) t(ht, due, principal, interest)) "
            f"to {quote(tmp_path / 'in' / 'plan.parquet')}"
        )
    mapping = MAPPING.replace("plan.csv", "plan.parquet").replace(", date: DD/MM/YYYY", ", date: YYYY-MM-DD")
    _, book = import_from(tmp_path, tmp_path / "in", mapping)
    assert [row[4] for row in content(book)["instalments"]] == [1000000, 0]


OF_DATABASE = MAPPING.replace(
    "plan: {files: plan.csv}",
    "plan: {database: LOANS_DB, query: 'select ht, due, principal, interest from plan order by id'}",
)


def database(path: Path) -> Path:
    opened = sqlite3.connect(path)
    opened.execute(
        "create table plan (id integer primary key, ht text, due text, principal integer, interest integer)"
    )
    rows = [line.split(",") for line in PLAN.splitlines()[1:]]
    opened.executemany("insert into plan (ht, due, principal, interest) values (?, ?, ?, ?)", rows)
    opened.commit()
    opened.close()
    return path


def test_a_query_of_a_database_is_a_source(tmp_path, monkeypatch):
    expected = content(import_mapped(tmp_path)[1])
    monkeypatch.setenv("LOANS_DB", f"sqlite:///{database(tmp_path / 'loans.db')}")
    _, book = import_mapped(tmp_path, mapping=OF_DATABASE)
    assert content(book) == expected


def test_a_database_that_fails_leaves_the_book_as_it_was(tmp_path, monkeypatch):
    first, _ = import_mapped(tmp_path)
    with pytest.raises(FeedError, match="the environment has no LOANS_DB"):
        import_mapped(tmp_path, mapping=OF_DATABASE)
    monkeypatch.setenv("LOANS_DB", f"sqlite:///{database(tmp_path / 'loans.db')}")
    broken = OF_DATABASE.replace("from plan", "from plans")
    with pytest.raises(FeedError, match=r"could not be read to the end .*no such table: plans.*import again"):
        import_mapped(tmp_path, mapping=broken)
    writing = OF_DATABASE.replace(
        "'select ht, due, principal, interest from plan order by id'", "delete from plan returning *"
    )
    with pytest.raises(FeedError, match="readonly database"):
        import_mapped(tmp_path, mapping=writing)
    report, _ = import_mapped(tmp_path)
    assert report.version == first.version
    assert not report.changed
