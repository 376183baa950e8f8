"""Home Credit: invented rows of the data set's form, checked row by row in the feed."""

from datetime import date
from decimal import Decimal

import pytest

from forbear.core.loans.products import parse_products
from forbear.interchange.book.adapters import ADAPTERS, NOTES, AdapterError
from tests.interchange.book.adapter_feed import left_out, rows, same_files, total

convert = ADAPTERS["home-credit"].convert
HEADER = (
    "SK_ID_PREV,SK_ID_CURR,NUM_INSTALMENT_VERSION,NUM_INSTALMENT_NUMBER,"
    "DAYS_INSTALMENT,DAYS_ENTRY_PAYMENT,AMT_INSTALMENT,AMT_PAYMENT"
)
PAID_IN_PARTS = ("7001,901,1.0,2,-40.0,-41.0,100.125,60.08", "7001,901,1.0,2,-40.0,-20.0,100.125,40.045")
NOT_PAID = "7001,901,1.0,3,-10.0,,100.125,"


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def write(source, *lines, name="installments_payments.csv", header=HEADER):
    (source / name).write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")


def converted(source, anchor=None):
    target = source.parent / "feed"
    convert(source, target, anchor=anchor)
    return target


def test_an_instalment_paid_in_parts_is_one_instalment_and_two_payments(source):
    write(source, *PAID_IN_PARTS, NOT_PAID)
    feed = converted(source)
    assert rows(feed, "loans") == [
        ("7001", "901", "instalment-loan", "KWD", "200.250", None, "active"),
    ]
    assert rows(feed, "instalments") == [
        ("7001", "2", "2017-11-22", "100.125", "0.000", "0.000", "0.000"),
        ("7001", "3", "2017-12-22", "100.125", "0.000", "0.000", "0.000"),
    ]
    assert rows(feed, "payments") == [
        ("row-1", "7001", "2017-11-21", "60.080", None),
        ("row-2", "7001", "2017-12-12", "40.045", None),
    ]
    assert rows(feed, "borrowers") == [("901", *[None] * 7)]
    assert left_out(feed) == []


def test_the_anchor_is_day_0(source):
    write(source, *PAID_IN_PARTS)
    feed = converted(source, anchor=date(2020, 3, 1))
    assert rows(feed, "instalments", "due_on") == [("2020-01-21",)]


def test_versions_that_one_payment_met_together_are_parts_of_one_instalment(source):
    write(source, "7001,901,1.0,1,-40.0,-45.0,450.0,495.0", "7001,901,2.0,1,-40.0,-45.0,45.0,495.0")
    feed = converted(source)
    assert rows(feed, "instalments", "number", "principal") == [("1", "495.000")]
    assert rows(feed, "payments", "payment_id", "amount") == [("row-2", "495.000")]
    assert left_out(feed) == [
        (
            "installments_payments.csv",
            "1",
            "payment",
            "7001",
            "495.000",
            "the same payment is listed against version 2 of this instalment too",
        )
    ]


def test_a_newer_version_replaces_an_amount_that_was_not_met(source):
    write(
        source,
        "7001,901,1.0,1,-40.0,,450.0,",
        "7001,901,2.0,1,-35.0,,90.0,",
        "7001,901,1.0,2,-10.0,-12.0,450.0,45.0",
        "7001,901,3.0,2,-10.0,-8.0,90.0,45.0",
    )
    feed = converted(source)
    assert rows(feed, "instalments", "number", "due_on", "principal") == [
        ("1", "2017-11-27", "90.000"),
        ("2", "2017-12-22", "90.000"),
    ]
    assert rows(feed, "payments", "payment_id", "amount") == [("row-3", "45.000"), ("row-4", "45.000")]
    assert [line[1:] for line in left_out(feed)] == [
        ("1", "instalment", "7001", "450.000", "version 2 of the calendar replaced this amount"),
        ("3", "instalment", "7001", "450.000", "version 3 of the calendar replaced this amount"),
    ]


def test_the_same_payment_under_versions_it_does_not_cover_counts_once(source):
    write(source, "7001,901,1.0,1,-40.0,-40.0,90.0,90.0", "7001,901,2.0,1,-40.0,-40.0,90.0,90.0")
    feed = converted(source)
    assert rows(feed, "instalments", "principal") == [("90.000",)]
    assert rows(feed, "payments", "amount") == [("90.000",)]
    assert [line[2] for line in left_out(feed)] == ["instalment", "payment"]


def test_a_payment_of_nothing_is_left_out_and_its_instalment_stays(source):
    write(source, "7001,901,0.0,1,-40.0,-45.0,450.0,0.0")
    feed = converted(source)
    assert rows(feed, "loans", "product") == [("revolving-loan",)]
    assert rows(feed, "instalments", "principal") == [("450.000",)]
    assert rows(feed, "payments") == []
    assert [line[1:] for line in left_out(feed)] == [
        ("1", "payment", "7001", "0.000", "a payment of nothing is no payment")
    ]


def test_what_cannot_be_read_arrives_as_it_was_written(source):
    write(
        source,
        "7001,901,1.0,1,soon,-45.0,12.3456,late",
        "7001,901,1.0,one,365243.0,yesterday,,1e3",
        "A-7,,1.0,1.5,-10.0,,4.5,",
        ",902,1.0,1,-10.0,-9.0,4.5,",
    )
    feed = converted(source)
    assert sorted(rows(feed, "instalments", "loan_id", "number", "due_on", "principal"), key=str) == [
        ("7001", "1", "soon", "12.3456"),
        ("7001", "one", "365243.0", None),
        ("A-7", "1.5", "2017-12-22", "4.500"),
        (None, "1", "2017-12-22", "4.500"),
    ]
    assert rows(feed, "payments", "loan_id", "paid_on", "amount") == [
        ("7001", "2017-11-17", "late"),
        ("7001", "yesterday", "1e3"),
        (None, "2017-12-23", None),
    ]
    assert rows(feed, "loans", "loan_id", "borrower_id") == [("7001", "901"), ("A-7", None)]


def test_the_monthly_balances_say_whether_a_loan_is_over(source):
    write(
        source,
        NOT_PAID,
        "7002,901,1.0,1,-40.0,-40.0,90.0,90.0",
        "7003,901,1.0,1,-40.0,,90.0,",
        "7004,901,1.0,1,-40.0,,90.0,",
    )
    header = "SK_ID_PREV,SK_ID_CURR,MONTHS_BALANCE,NAME_CONTRACT_STATUS,SK_DPD"
    balances = (
        "7001,901,-1,Completed,0",
        "7001,901,-2,Active,0",
        "7002,901,-1,Completed,0",
        "7003,901,-1,Amortized debt,9",
        "7004,901,-1,Vanished,9",
        "7005,901,-1,Active,0",
    )
    write(source, *balances, name="POS_CASH_balance.csv", header=header)
    feed = converted(source)
    assert rows(feed, "loans", "loan_id", "status") == [
        ("7001", "closed"),
        ("7002", "active"),  # paid: its ledger says so
        ("7003", "written_off"),
        ("7004", "Vanished"),
    ]
    reason = "installments_payments.csv has no instalment of this loan"
    assert left_out(feed) == [("POS_CASH_balance.csv", "6", "loan", "7005", "", reason)]


def test_the_application_gives_product_principal_and_day(source):
    write(source, NOT_PAID, "7002,901,1.0,1,-40.0,-40.0,90.0,90.0")
    header = "SK_ID_PREV,SK_ID_CURR,NAME_CONTRACT_TYPE,AMT_CREDIT,DAYS_DECISION"
    applications = (
        "7001,901,Cash loans,4500.0,-70",
        "7002,901,XNA,0.0,-3",
        "7002,901,Cash loans,90.0,-60",
        "7009,901,Consumer loans,90.0,-60",
    )
    write(source, *applications, name="previous_application.csv", header=header)
    feed = converted(source)
    assert rows(feed, "loans", "loan_id", "product", "principal", "disbursed_on") == [
        ("7001", "cash-loan", "4500.000", "2017-10-23"),
        ("7002", "instalment-loan", "90.000", None),  # a decision after the first due date is no disbursement
    ]
    assert [line[1::4] for line in left_out(feed)] == [
        ("3", "an earlier row is about the same loan"),
        ("4", "installments_payments.csv has no instalment of this loan"),
    ]


def test_sums_in_are_sums_out(source):
    lines = [
        f"{7000 + n % 40},{900 + n % 20},{n % 3}.0,{1 + n % 5},-{10 + n}.0,-{9 + n}.0,{n}.045,{n % 7}.135"
        for n in range(400)
    ]
    write(source, *lines, NOT_PAID)
    feed = converted(source)
    paid = sum(Decimal(line.split(",")[-1]) for line in lines)
    out = [(line[4],) for line in left_out(feed) if line[2] == "payment"]
    assert total(rows(feed, "payments", "amount")) + total(out) == paid
    due = sum({line.rsplit(",", 3)[0]: Decimal(line.split(",")[6]) for line in lines}.values())
    out = [(line[4],) for line in left_out(feed) if line[2] == "instalment"]
    assert total(rows(feed, "instalments", "principal")) + total(out) == due + Decimal("100.125")


def test_the_same_source_gives_the_same_bytes(source):
    write(source, *[f"{7000 + n % 90},{900 + n % 20},1.0,{n},-{n}.0,-{n}.0,4.5,4.5" for n in range(5000)])
    one, other = source.parent / "one", source.parent / "other"
    convert(source, one, anchor=None)
    convert(source, other, anchor=None)
    assert same_files(one, other)


def test_products_and_notes_go_along(source):
    write(source, *PAID_IN_PARTS)
    feed = converted(source)
    products = parse_products((feed / "products.yaml").read_text(encoding="utf-8"), "products.yaml")
    assert products.known("revolving-loan")
    assert "| payments | 100.125 | 100.125 | 0.000 |" in (feed / NOTES).read_text(encoding="utf-8")


def test_windows_line_ends_a_byte_order_mark_and_other_columns_are_read(source):
    text = f"{HEADER},EXTRA\r\n7001,901,1.0,2,-40.0,-41.0,100.125,60.08,x\r\n"
    (source / "installments_payments.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert rows(converted(source), "payments", "amount") == [("60.080",)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "installments_payments.csv is missing in .*; put the data set's"),
        ("", "is empty; download it again"),
        (HEADER + "\n", "has no rows; download it again"),
        (HEADER.replace("AMT_PAYMENT", "AMOUNT") + "\n1,2\n", "has no column AMT_PAYMENT; its first line"),
        (HEADER + ",AMT_PAYMENT\n", "names the column AMT_PAYMENT twice; keep one"),
        (HEADER + "\n7001,901,1.0\n", r"can't be read \(.*Line: 2.*\); download it again, whole"),
    ],
)
def test_a_bad_source_is_one_clear_sentence_and_nothing_is_written(source, content, message):
    if content is not None:
        (source / "installments_payments.csv").write_text(content, encoding="utf-8")
    with pytest.raises(AdapterError, match=message) as caught:
        converted(source)
    assert "\n" not in str(caught.value)
    assert list(source.parent.iterdir()) == [source]


def test_a_source_that_is_no_folder_is_refused(tmp_path):
    with pytest.raises(AdapterError, match="nowhere is not a folder; give the folder that holds"):
        convert(tmp_path / "nowhere", tmp_path / "feed", anchor=None)


def test_a_broken_optional_file_is_refused(source):
    write(source, NOT_PAID)
    (source / "POS_CASH_balance.csv").write_text("SK_ID_PREV\n7001\n", encoding="utf-8")
    with pytest.raises(AdapterError, match="has no column MONTHS_BALANCE"):
        converted(source)


def test_a_target_that_holds_something_is_refused_and_kept(source):
    write(source, NOT_PAID)
    feed = converted(source)
    before = sorted(feed.iterdir())
    with pytest.raises(AdapterError, match="feed already exists; give a folder that is new or empty"):
        converted(source)
    assert sorted(feed.iterdir()) == before


def test_an_empty_target_is_used(source):
    write(source, NOT_PAID)
    (source.parent / "feed").mkdir()
    assert rows(converted(source), "loans", "loan_id") == [("7001",)]
