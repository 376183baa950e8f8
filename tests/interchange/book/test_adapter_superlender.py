"""SuperLender: invented rows of the data set's form, checked row by row in the feed."""

from datetime import date
from decimal import Decimal

import pytest

from forbear.core.loans.products import parse_products
from forbear.interchange.book.adapters import ADAPTERS, NOTES, AdapterError
from tests.interchange.book.adapter_feed import left_out, rows, same_files, total

convert = ADAPTERS["superlender"].convert
COLUMNS = (
    "customerid",
    "systemloanid",
    "loannumber",
    "approveddate",
    "creationdate",
    "loanamount",
    "totaldue",
    "termdays",
    "closeddate",
    "referredby",
    "firstduedate",
    "firstrepaiddate",
)
PLAIN = {
    "customerid": "c1",
    "systemloanid": "801",
    "loannumber": "1",
    "approveddate": "2015-06-02 09:10:11.000000",
    "creationdate": "2015-06-02 08:10:05.000000",
    "loanamount": "8000.0000",
    "totaldue": "9200.5000",
    "termdays": "30",
    "closeddate": "2015-07-04 00:20:00.000000",
    "referredby": "",
    "firstduedate": "2015-07-02 00:00:00.000000",
    "firstrepaiddate": "2015-07-04 00:00:00.000000",
}


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def write(source, *loans):
    lines = [",".join((PLAIN | loan)[column] for column in COLUMNS) for loan in loans]
    text = "\n".join((",".join(COLUMNS), *lines)) + "\n"
    (source / "trainprevloans.csv").write_text(text, encoding="utf-8")


def converted(source, *loans):
    write(source, *loans)
    target = source.parent / "feed"
    convert(source, target, anchor=None)
    return target


def test_a_short_loan_is_one_instalment_and_one_payment(source):
    feed = converted(source, {})
    assert rows(feed, "loans") == [("801", "c1", "payday-loan", "NGN", "8000.00", "2015-06-02", "active")]
    assert rows(feed, "instalments") == [("801", "1", "2015-07-02", "8000.00", "1200.50", "0.00", "0.00")]
    assert rows(feed, "payments") == [("801-2", "801", "2015-07-04", "9200.50", None)]
    assert rows(feed, "borrowers") == [("c1", *[None] * 7)]
    assert left_out(feed) == []


def test_ninety_days_are_three_instalments_and_the_first_repayment_is_the_first_of_them(source):
    loan = {
        "loanamount": "10000.0000",
        "totaldue": "12000.0100",
        "termdays": "90",
        "closeddate": "2015-08-30 12:00:00.000000",
        "firstrepaiddate": "2015-07-01 12:00:00.000000",
    }
    feed = converted(source, loan)
    assert rows(feed, "loans", "product") == [("instalment-loan",)]
    assert rows(feed, "instalments", "number", "due_on", "principal", "interest") == [
        ("1", "2015-07-02", "3333.33", "666.67"),
        ("2", "2015-08-01", "3333.33", "666.67"),
        ("3", "2015-08-31", "3333.34", "666.67"),
    ]
    assert rows(feed, "payments", "payment_id", "paid_on", "amount") == [
        ("801-1", "2015-07-01", "4000.00"),
        ("801-2", "2015-08-30", "8000.01"),
    ]


def test_sixty_days_closed_on_the_day_of_the_first_repayment_are_one_payment(source):
    feed = converted(source, {"termdays": "60"})
    assert rows(feed, "instalments", "number", "due_on") == [("1", "2015-07-02"), ("2", "2015-08-01")]
    assert rows(feed, "payments", "paid_on", "amount") == [("2015-07-04", "9200.50")]


@pytest.mark.parametrize(("termdays", "instalments"), [("15", 1), ("30", 1), ("59", 1), ("60", 2), ("90", 3)])
def test_the_term_gives_the_number_of_instalments(source, termdays, instalments):
    assert len(rows(converted(source, {"termdays": termdays}), "instalments")) == instalments


def test_a_customer_has_many_loans(source):
    feed = converted(source, {}, {"systemloanid": "802"})
    assert rows(feed, "borrowers", "borrower_id") == [("c1",)]
    assert rows(feed, "loans", "loan_id", "borrower_id") == [("801", "c1"), ("802", "c1")]


def test_what_cannot_be_read_arrives_as_it_was_written(source):
    feed = converted(
        source,
        {"loanamount": "eight", "firstduedate": "July", "termdays": "60"},
        {"systemloanid": "802", "totaldue": "9200.505", "closeddate": "summer", "approveddate": "2015-02-30"},
        {"systemloanid": "", "totaldue": "7999.9900"},
    )
    assert rows(feed, "loans", "loan_id", "principal", "disbursed_on") == [
        ("801", "eight", "2015-06-02"),
        ("802", "8000.00", "2015-02-30"),
        (None, "8000.00", "2015-06-02"),
    ]
    assert rows(feed, "instalments", "due_on", "principal", "interest") == [
        ("July", "eight", "0.00"),
        ("2015-07-02", "8000.00", "9200.505"),
        ("2015-07-02", "8000.00", "-0.01"),
    ]
    assert rows(feed, "payments", "payment_id", "paid_on", "amount") == [
        ("801-2", "2015-07-04", "9200.50"),
        ("802-2", "summer", "9200.505"),
        (None, "2015-07-04", "7999.99"),
    ]


def test_what_has_no_place_in_the_feed_is_left_out_with_a_reason(source):
    feed = converted(source, {"termdays": "a month"}, {"systemloanid": "802", "closeddate": ""})
    assert left_out(feed) == [
        (
            "trainprevloans.csv",
            "1",
            "loan",
            "801",
            "9200.50",
            "termdays is not a number of days, so its instalments are unknown",
        ),
        (
            "trainprevloans.csv",
            "2",
            "payment",
            "802",
            "",
            "a repayment of unknown amount: the loan has a firstrepaiddate and no closeddate",
        ),
    ]
    assert rows(feed, "loans", "loan_id") == [("802",)]
    assert rows(feed, "payments") == []


def test_sums_in_are_sums_out(source):
    loans = [
        {
            "systemloanid": str(n),
            "loanamount": f"{n}.3300",
            "totaldue": f"{n + n // 7}.9900",
            "termdays": ("15", "30", "60", "90", "?")[n % 5],
            "firstrepaiddate": "2015-07-01",
        }
        for n in range(100, 400)
    ]
    feed = converted(source, *loans)
    due = sum(Decimal(loan["totaldue"]) for loan in loans)
    left = total((line[4],) for line in left_out(feed))
    assert left > 0
    assert total(rows(feed, "payments", "amount")) + left == due
    instalments = total(rows(feed, "instalments", "principal")) + total(rows(feed, "instalments", "interest"))
    assert instalments + left == due
    assert f"| payments | {due:.2f} | {due - left:.2f} |" in (feed / NOTES).read_text(encoding="utf-8")


def test_the_same_source_gives_the_same_bytes(source):
    feed = converted(source, *[{"systemloanid": str(n), "customerid": f"c{n % 40}"} for n in range(900)])
    convert(source, source.parent / "other", anchor=None)
    assert same_files(feed, source.parent / "other")


def test_products_go_along(source):
    products = parse_products((converted(source, {}) / "products.yaml").read_text(encoding="utf-8"), "p.yaml")
    assert products.known("payday-loan")
    assert products.known("instalment-loan")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "trainprevloans.csv is missing in .*; put the data set's"),
        ("", "is empty; download it again"),
        (",".join(COLUMNS) + "\n", "has no rows; download it again"),
        (",".join(COLUMNS[:-1]) + "\n", "has no column firstrepaiddate; its first line must name"),
        (",".join(COLUMNS) + "\n1,2\n", r"can't be read \(.*Line: 2.*\); download it again, whole"),
        (b"\xff\xfe\x00bad", "has no column customerid"),
    ],
)
def test_a_bad_source_is_one_clear_sentence_and_nothing_is_written(source, content, message):
    if content is not None:
        data = content if isinstance(content, bytes) else content.encode()
        (source / "trainprevloans.csv").write_bytes(data)
    with pytest.raises(AdapterError, match=message) as caught:
        convert(source, source.parent / "feed", anchor=None)
    assert "\n" not in str(caught.value)
    assert list(source.parent.iterdir()) == [source]


def test_an_anchor_is_refused(source):
    write(source, {})
    with pytest.raises(AdapterError, match="has real dates, so an anchor means nothing"):
        convert(source, source.parent / "feed", anchor=date(2018, 1, 1))
