"""Kiva: invented loans of the data set's form, checked row by row in the feed."""

import json
from datetime import date
from decimal import Decimal

import pytest

from forbear.core.loans.products import parse_products
from forbear.interchange.book.adapters import ADAPTERS, NOTES, AdapterError
from tests.interchange.book.adapter_feed import left_out, rows, same_files, total

convert = ADAPTERS["kiva"].convert


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def loan(number, **changes):
    """A loan of 90 dollars in two instalments, one of them paid."""
    return {
        "id": number,
        "status": "in_repayment",
        "delinquent": None,
        "loan_amount": 90,
        "disbursal_amount": 7200,
        "disbursal_currency": "KES",
        "disbursal_date": "2011-02-03T21:15:00Z",
        "country_code": "KE",
        "scheduled_payments": [
            {"due_date": "2011-04-01T07:00:00Z", "amount": 33.33},
            {"due_date": "2011-05-01T07:00:00Z", "amount": 56.67},
        ],
        "payments": [{"payment_id": 10 * number, "processed_date": "2011-04-02T03:04:05Z", "amount": 33.33}],
    } | changes


def write(source, *loans):
    (source / "loans.json").write_text(json.dumps({"loans": loans}), encoding="utf-8")


def converted(source, *loans):
    write(source, *loans)
    target = source.parent / "feed"
    convert(source, target, anchor=None)
    return target


def test_a_loan_row_by_row(source):
    feed = converted(source, loan(51))
    assert rows(feed, "loans") == [
        ("51", "borrower-of-51", "kiva-loan", "USD", "90.00", "2011-02-03", "active")
    ]
    assert rows(feed, "instalments") == [
        ("51", "1", "2011-04-01", "33.33", "0.00", "0.00", "0.00"),
        ("51", "2", "2011-05-01", "56.67", "0.00", "0.00", "0.00"),
    ]
    assert rows(feed, "payments") == [("510", "51", "2011-04-02", "33.33", None)]
    assert rows(feed, "borrowers") == [("borrower-of-51", None, None, None, None, "KE", None, None)]
    assert left_out(feed) == []


def test_a_named_borrower_is_kept_and_may_have_several_loans(source):
    feed = converted(source, loan(51, borrower_id=4), loan(52, borrower_id=4))
    assert rows(feed, "loans", "loan_id", "borrower_id") == [("51", "4"), ("52", "4")]
    assert rows(feed, "borrowers", "borrower_id", "region") == [("4", "KE")]


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        ("paid", 90, "active"),  # the ledger shows that nothing is owed
        ("paid", 89.99, "closed"),
        ("refunded", 0, "closed"),
        ("fundraising", 0, "closed"),
        ("defaulted", 20, "written_off"),
        ("in_repayment", 20, "active"),
        ("", 20, "active"),
        (None, 20, "active"),
        ("eloped", 20, "eloped"),
    ],
)
def test_statuses(source, status, paid, expected):
    payments = [{"payment_id": 1, "processed_date": "2011-04-02T03:04:05Z", "amount": paid}]
    feed = converted(source, loan(51, status=status, payments=payments))
    assert rows(feed, "loans", "status") == [(expected,)]


def test_a_time_with_an_offset_is_cut_off_in_utc(source):
    payments = [{"payment_id": 1, "processed_date": "2011-04-02T23:30:00-07:00", "amount": 5}]
    feed = converted(source, loan(51, disbursal_date="2011-02-03", payments=payments))
    assert rows(feed, "loans", "disbursed_on") == [("2011-02-03",)]
    assert rows(feed, "payments", "paid_on") == [("2011-04-03",)]


def test_what_cannot_be_read_arrives_as_it_was_written(source):
    broken = loan(
        51,
        loan_amount="ninety",
        disbursal_date="2011-02-30T00:00:00Z",
        scheduled_payments=[{"due_date": "spring", "amount": 33.333}, {"amount": 56.67}, 7],
        payments=[{"processed_date": None, "amount": -3}],
    )
    del broken["id"]
    feed = converted(source, broken, loan(52))
    assert rows(feed, "loans", "loan_id", "borrower_id", "principal", "disbursed_on")[0] == (
        None,
        None,
        "ninety",
        "2011-02-30T00:00:00Z",
    )
    assert rows(feed, "instalments", "number", "due_on", "principal")[:3] == [
        ("1", "spring", "33.333"),
        ("2", None, "56.67"),
        ("3", None, None),
    ]
    assert rows(feed, "payments", "payment_id", "paid_on", "amount")[0] == (None, None, "-3.00")


def test_what_has_no_place_in_the_feed_is_left_out_with_a_reason(source):
    feed = converted(source, loan(51, payments="none", scheduled_payments={"amount": 4}), loan(52), 53)
    assert left_out(feed) == [
        ("loans.json", "1", "instalment", "51", "", "scheduled_payments is not a list"),
        ("loans.json", "1", "payment", "51", "", "payments is not a list"),
        ("loans.json", "3", "loan", "", "", "the loan is not a JSON object"),
    ]
    assert rows(feed, "loans", "loan_id") == [("51",), ("52",)]


def test_a_loan_without_payments_is_no_fault(source):
    feed = converted(source, loan(51, payments=None), loan(52, payments=[]), loan(53))
    assert rows(feed, "payments", "loan_id") == [("53",)]
    assert left_out(feed) == []


def test_sums_in_are_sums_out(source):
    loans = [
        loan(
            n,
            payments=[
                {"payment_id": n * 100 + k, "processed_date": "2011-04-02T03:04:05Z", "amount": (n + k) / 100}
                for k in range(n % 7)
            ],
        )
        for n in range(1, 200)
    ]
    feed = converted(source, *loans)
    paid = sum(Decimal(str(p["amount"])) for one in loans for p in one["payments"])
    assert total(rows(feed, "payments", "amount")) == paid
    assert total(rows(feed, "instalments", "principal")) == 90 * len(loans)
    assert f"| payments | {paid} | {paid} | 0.00 |" in (feed / NOTES).read_text(encoding="utf-8")


def test_the_same_source_gives_the_same_bytes(source):
    feed = converted(source, *[loan(n, country_code="PE", borrower_id=n % 9) for n in range(1, 300)])
    convert(source, source.parent / "other", anchor=None)
    assert same_files(feed, source.parent / "other")


def test_products_go_along(source):
    text = (converted(source, loan(51)) / "products.yaml").read_text(encoding="utf-8")
    assert parse_products(text, "products.yaml").known("kiva-loan")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "loans.json is missing in .*; put the data set's loans.json there"),
        ("", "is empty; download it again"),
        ("id,status\n1,paid\n", r"can't be read \(.*\); it must hold one JSON object like"),
        ('{"loans": [{"id": 1}', r"can't be read \(.*\); it must hold one JSON object like"),
        ("[1, 2]", 'has no list called "loans"; it must hold one JSON object like'),
        ('{"loans": {"id": 1}}', 'has no list called "loans"; it must hold one JSON object like'),
        ('{"loans": []}', "has no rows; download it again"),
        ('{"loans": [{"id": 1, "status": "paid"}]}', "no loan has the field loan_amount; the loans need"),
    ],
)
def test_a_bad_source_is_one_clear_sentence_and_nothing_is_written(source, content, message):
    if content is not None:
        (source / "loans.json").write_text(content, encoding="utf-8")
    with pytest.raises(AdapterError, match=message) as caught:
        convert(source, source.parent / "feed", anchor=None)
    assert "\n" not in str(caught.value)
    assert list(source.parent.iterdir()) == [source]


def test_an_anchor_is_refused(source):
    write(source, loan(51))
    with pytest.raises(AdapterError, match="has real dates, so an anchor means nothing"):
        convert(source, source.parent / "feed", anchor=date(2018, 1, 1))
