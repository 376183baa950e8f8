"""A lender's CSV files become the book of a feed written by hand; faults are named in the files' own words."""

from datetime import date

import pytest

from forbear.interchange.book.feed_files import FeedError
from tests.interchange.book.small_feed import content, quarantined, take_in, write
from tests.interchange.mapping.lender_files import CONTRACTS, MAPPING, PAID, PLAN, import_mapped, left_out

BY_HAND = {
    "loans": [
        "HT001,K1,cash,CNY,10000.00,2026-01-05,active",
        "HT002,K2,cash,CNY,2500.50,2026-01-06,closed",
        "HT003,K3,cash,CNY,1683.00,2026-01-07,active",
    ],
    "instalments": [
        "HT001,1,2026-02-05,5000.00,10.00,0,0",
        "HT001,2,2026-03-05,5000.00,10.00,0,0",
        "HT002,1,2026-02-05,2500.50,0.10,0,0",
        "HT003,1,2026-02-05,1683.00,0,0,0",
    ],
    "payments": [
        "a,HT001,2026-02-06,5010.00,",
        "b,HT001,2026-02-06,5010.00,",
        "c,HT002,2026-02-06,2500.60,",
    ],
    "borrowers": [
        "K1,张三,13800000001,,,,,,",
        "K2,李四,13800000002,,,,,,",
        "K3,王五,13800000003,,,,,,",
    ],
}


def without_ids(book) -> dict:
    tables = content(book)
    tables["payments"] = [(loan, *rest) for loan, _, *rest in tables["payments"]]
    tables["borrowers"] = [
        tuple(pair for pair in row if pair[0] != "consent_sms") for row in tables["borrowers"]
    ]
    return tables


def test_mapped_files_are_the_book_of_a_feed_written_by_hand(tmp_path):
    report, book = import_mapped(tmp_path)
    _, by_hand = take_in(tmp_path / "other", write(tmp_path / "by_hand", **BY_HAND), country="CN")
    _, mapped = import_mapped(tmp_path, country="CN")
    assert without_ids(mapped) == without_ids(by_hand)
    assert report.quarantine is None
    assert book.manifest["sources"]["paid"] == {
        "files": ["pay.csv"],
        "columns": ["ht", "day", "amt", "kind"],
        "rows": 4,
        "left_out": 1,
    }


def test_the_same_files_again_change_nothing_and_another_mapping_does(tmp_path):
    first, _ = import_mapped(tmp_path)
    again, _ = import_mapped(tmp_path)
    assert again.version == first.version
    assert not again.changed
    other, _ = import_mapped(tmp_path, mapping=MAPPING.replace("value: cash", "value: card"))
    assert other.changed


def test_a_bad_row_is_named_by_the_lenders_own_file_row_column_and_value(tmp_path):
    contracts = (
        CONTRACTS.replace("2.500,50", "2,500.50")
        .replace("2026/1/7", "2026/1/32")
        .replace(";正常\n", ";停\n", 1)
    )
    report, _ = import_mapped(tmp_path, {"合同2026.csv": contracts})
    named = [
        (r["file"], r["row"], r["column"], r["value"], r["reason"]) for r in quarantined(report)["loans"]
    ]
    assert named == [
        (
            "合同2026.csv",
            "1",
            "状态",
            "停",
            "status is not active, closed or written_off; the mapping's words don't have it",
        ),
        ("合同2026.csv", "2", "合同金额", "2,500.50", "principal is not an amount like 1.234,50"),
        ("合同2026.csv", "3", "放款日期", "2026/1/32", "disbursed_on is not a date like 2026/03/31"),
    ]


def test_a_word_of_the_feed_that_the_mapping_does_not_have_is_refused_too(tmp_path):
    report, _ = import_mapped(tmp_path, {"合同2026.csv": CONTRACTS.replace("结清", "closed")})
    assert [row["value"] for row in quarantined(report)["loans"]] == ["closed"]


def test_too_many_bad_rows_are_refused_with_the_lenders_own_column_and_value(tmp_path):
    files = {"plan.csv": PLAN.replace("05/0", "2026-05-0")}
    with pytest.raises(FeedError) as refused:
        import_mapped(tmp_path, files, largest_quarantine=0.05)
    said = str(refused.value)
    assert "instalments from plan.csv: 4 of 4 rows are bad" in said
    assert "4 × due_on is not a date like 31/03/2026 (column due), such as '2026-05-02/2026'" in said


def test_totals_notes_and_cut_rows_are_left_out_and_counted(tmp_path):
    contracts = CONTRACTS + "合计;;;;;14.183,50;\n制表人：赵六;;;;;;\n"
    files = {"合同2026.csv": contracts, "plan.csv": PLAN + "HT003,05/03/2026\n"}
    report, book = import_mapped(tmp_path, files)
    assert len(content(book)["loans"]) == 3
    assert [(r["file"], r["reason"], r["first_row"], r["rows"]) for r in left_out(report, tmp_path)] == [
        ("合同2026.csv", "a row of totals", "4", "1"),
        ("合同2026.csv", "a note under the table", "5", "1"),
        ("plan.csv", "the row has too few columns", "5", "1"),
        ("pay.csv", "payments: the mapping's condition doesn't hold", "3", "1"),
    ]


def test_rows_behind_a_cut_one_keep_their_numbers(tmp_path):
    plan = PLAN.replace("HT002,05/02/2026,250050,10\n", "HT002,05/02/2026\nHT002,05/02/2026,250050,x\n")
    report, _ = import_mapped(tmp_path, {"plan.csv": plan})
    assert [(r["row"], r["value"]) for r in quarantined(report)["instalments"]] == [("4", "x")]


def test_many_cut_rows_refuse_the_files(tmp_path):
    with pytest.raises(
        FeedError, match=r"plan.csv: 4 of 8 rows have too few or too many columns, such as row 5"
    ):
        import_mapped(tmp_path, {"plan.csv": PLAN + "HT003,05/03/2026\n" * 4}, largest_quarantine=0.05)


def test_two_payments_alike_in_all_columns_are_two(tmp_path):
    _, book = import_mapped(tmp_path)
    ids = {row[1] for row in content(book)["payments"]}
    assert len(ids) == 3


def test_a_condition_that_an_empty_value_leaves_open_is_counted_apart(tmp_path):
    report, _ = import_mapped(tmp_path, {"pay.csv": PAID.replace(",FEE", ",")})
    assert [r["reason"] for r in left_out(report, tmp_path)] == [
        "payments: the mapping's condition can't be answered, for a value in it is empty"
    ]


def test_several_files_are_one_source_and_must_have_the_same_columns(tmp_path):
    head, *rows = CONTRACTS.splitlines(keepends=True)
    files = {"合同2026.csv": head + rows[0], "合同2027.csv": head + "".join(rows[1:])}
    _, book = import_mapped(tmp_path, files)
    assert [row[0] for row in content(book)["loans"]] == ["HT001", "HT002", "HT003"]
    with pytest.raises(
        FeedError, match=r"合同2027\.csv: lacks 状态 and has 状 besides, other than 合同2026\.csv"
    ):
        import_mapped(tmp_path, {**files, "合同2027.csv": files["合同2027.csv"].replace("状态", "状")})


@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_another_encoding_is_named_by_the_mapping(tmp_path, encoding):
    mapping = MAPPING.replace("separator: semicolon", f"separator: semicolon, encoding: {encoding}")
    _, book = import_mapped(tmp_path, {"合同2026.csv": CONTRACTS.encode("gb18030")}, mapping)
    assert ("name", "张三") in content(book)["borrowers"][0]


def test_lines_above_the_header_and_rows_under_a_blank_line_are_no_rows(tmp_path):
    contracts = f"贷款台账\n导出时间;2026-03-31\n{CONTRACTS}\n其他;表\n"
    mapping = MAPPING.replace("separator: semicolon", "separator: semicolon, header: 3, end: blank")
    _, book = import_mapped(tmp_path, {"合同2026.csv": contracts}, mapping)
    assert len(content(book)["loans"]) == 3


def test_a_file_without_header_has_its_names_in_the_mapping(tmp_path):
    mapping = MAPPING.replace(
        "plan: {files: plan.csv}",
        "plan: {files: plan.csv, header: 0, columns: [ht, due, principal, interest]}",
    )
    _, book = import_mapped(tmp_path, {"plan.csv": PLAN.split("\n", 1)[1]}, mapping)
    assert len(content(book)["instalments"]) == 4


def test_a_new_column_is_said_and_a_missing_one_refused_with_the_nearest(tmp_path):
    import_mapped(tmp_path)
    report, _ = import_mapped(
        tmp_path,
        {"pay.csv": PAID.replace("kind", "kind,teller").replace(",RPY", ",RPY,7").replace(",FEE", ",FEE,7")},
    )
    assert "pay.csv: new since the import before: teller" in report.warnings
    with pytest.raises(FeedError) as refused:
        import_mapped(tmp_path, {"plan.csv": PLAN.replace("due,", "due_date,")})
    said = str(refused.value)
    assert "plan (plan.csv) lacks due; new in it: due_date" in said
    assert "plan has no column due; did you mean `due_date`?" in said


def test_a_wrong_separator_is_named(tmp_path):
    with pytest.raises(FeedError, match="write separator: semicolon in the mapping"):
        import_mapped(tmp_path, mapping=MAPPING.replace("separator: semicolon, ", ""))


def test_a_missing_file_is_named_with_what_is_there(tmp_path):
    with pytest.raises(FeedError, match=r"plan needs plans.csv, which is missing .*is plan.csv meant"):
        import_mapped(tmp_path, mapping=MAPPING.replace("files: plan.csv", "files: plans.csv"))


def test_file_names_are_found_whatever_their_capitals(tmp_path):
    _, book = import_mapped(tmp_path, mapping=MAPPING.replace("files: plan.csv", "files: PLAN.CSV"))
    assert len(content(book)["instalments"]) == 4


def test_an_expression_reads_no_file_and_joins_work(tmp_path):
    mapping = MAPPING.replace(
        "tables:",
        "views:\n  joined: select p.*, c.放款日期 as lent from plan p join contracts c on p.ht = c.合同编号\ntables:",
        1,
    )
    mapping = mapping.replace("source: plan\n", "source: joined\n").replace(
        "due, date: DD/MM/YYYY", "lent, date: YYYY/M/D"
    )
    _, book = import_mapped(tmp_path, mapping=mapping)
    assert content(book)["instalments"][0][2] == date(2026, 1, 5)
    spying = mapping.replace("{value: cash}", "{sql: \"(select content from read_text('/etc/hostname'))\"}")
    with pytest.raises(FeedError, match="file system operations are disabled"):
        import_mapped(tmp_path, mapping=spying)


def test_the_feeds_control_file_counts_the_mapped_tables(tmp_path):
    control = (
        "file,what,value\n,business_date,2026-02-10\nloans,rows,3\npayments,amount,12520.60\n,complete,yes\n"
    )
    report, _ = import_mapped(tmp_path, {"control.csv": control})
    assert report.business_date == "2026-02-10"
    with pytest.raises(FeedError, match="payments"):
        import_mapped(tmp_path, {"control.csv": control.replace("12520.60", "12520.61")})
