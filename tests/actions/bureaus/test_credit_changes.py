"""Goal: every month told wrongly is corrected once and in order, also one that turns out worse; what happened is told
by itself; a report asks the database no more for a larger book.
"""

import json
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from forbear.actions.bureaus.bureau_report import make_report, report_path
from forbear.actions.holds.holds import place_hold
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.bureaus.metro2_check import flaws
from forbear.core.bureaus.metro2_form import read_segment, segments_of
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.store.models import CreditRecord, CreditReport, Loan, Notice, Payment, Sale, SaleLoan, Staff
from tests.actions.bureaus.test_bureau_report import PACK
from tests.actions.payments.test_penalty_checks import brought
from tests.factories.desk import house_rules
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ENDS = [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]


def after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC)


@pytest.fixture
def desk(tmp_path):
    house_rules(PACK)
    brought(tmp_path / "feed")
    for name in ("B1", "B2"):
        Notice.objects.create(
            borrower_id=name, loan_id=f"L{name[1]}", kind="credit_notice", given_at=after(date(2026, 3, 1))
        )


def report(form: str, on: date) -> list:
    made = make_report(form, on, after(on), actor="test")
    assert isinstance(made, CreditReport), made
    text = report_path(made).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()] if form != "metro2" else text.split("\n")[1:-2]


def heard(name: str, loan: str, day: date, amount: int, reverses: str = "") -> None:
    Payment.objects.create(
        payment_id=name, loan=Loan.objects.get(pk=loan), paid_on=day, amount=amount, reverses=reverses,
        received_at=after(ENDS[2]),
    )  # fmt: skip


def told(lines: list, loan: str) -> list[tuple[str, str, str]]:
    return [
        (one["inf_rec_type"], one["rpt_date"], one["rpy_status"]) for one in lines if one["acct_code"] == loan
    ]


def test_each_month_a_back_dated_payment_changes_is_corrected_once_in_order(desk):
    for on in ENDS[:2]:
        assert len(report("cn", on)) == 2
    heard("P1", "L1", date(2026, 3, 12), 101_900)
    assert told(report("cn", ENDS[2]), "L1") == [
        ("correction", "2026-03-31", "C"),
        ("correction", "2026-04-30", "C"),
    ]
    assert told(report("cn", ENDS[3]), "L1") == [], "told once"
    rows = CreditRecord.objects.filter(kind="correction").order_by("on")
    assert [(row.on, row.was[2], row.said[2], row.said[4]) for row in rows] == [
        (ENDS[0], 21, 0, "closed"),
        (ENDS[1], 51, 0, "closed"),
    ]
    # it bounces in the end: both months are late again, and what was never told of May is not corrected
    heard("R1", "L1", date(2026, 3, 14), 101_900, "P1")
    lines = told(report("cn", date(2026, 7, 31)), "L1")
    assert [line[:2] for line in lines] == [
        ("correction", "2026-03-31"),
        ("correction", "2026-04-30"),
        ("monthly", "2026-07-31"),
    ]


def test_a_correction_for_the_worse_needs_its_permit_and_is_tried_again(desk):
    heard("P1", "L1", date(2026, 3, 12), 101_900)
    report("cn", ENDS[0])
    heard("R1", "L1", date(2026, 3, 14), 101_900, "P1")
    Notice.objects.filter(loan_id="L1").delete()
    assert told(report("cn", ENDS[1]), "L1") == []
    withheld = CreditRecord.objects.filter(kind="withheld", loan_id="L1")
    assert [row.reason for row in withheld] == [Reason.of("rules", rules=["house.credit_notice"])] * len(
        withheld
    )
    Notice.objects.create(borrower_id="B1", loan_id="L1", kind="credit_notice", given_at=after(ENDS[1]))
    assert [line[:2] for line in told(report("cn", ENDS[2]), "L1")] == [
        ("correction", "2026-03-31"),
        ("monthly", "2026-05-31"),
    ]


def test_what_was_written_off_meanwhile_does_not_rewrite_earlier_months(desk, tmp_path):
    report("cn", ENDS[0])
    brought(tmp_path / "off", loans=[
        "L1,B1,cash,CNY,1000.00,2026-02-10,written_off", "L2,B2,cash,CNY,1000.00,2026-02-10,active",
    ])  # fmt: skip
    assert told(report("cn", ENDS[1]), "L1") == [("monthly", "2026-04-30", "B")]


def test_events_are_told_once_from_file_to_file(desk, tmp_path):
    assert report("cn_events", date(2026, 3, 10)) == []
    assert isinstance(make_report("cn_events", date(2026, 3, 9), after(ENDS[0]), actor="test"), Problem)
    lines = report("cn_events", date(2026, 3, 12))
    assert [(one["acct_code"], one["event"], one["event_date"]) for one in lines] == [
        ("L1", "opened", "2026-03-11"),
        ("L2", "opened", "2026-03-11"),
    ]
    place_hold(
        "B1", "dispute", datetime(2026, 3, 13, 4, tzinfo=UTC), actor="test", loans=("L1",), reason="said so"
    )
    heard("P2", "L2", date(2026, 3, 14), 101_750)
    lines = report("cn_events", date(2026, 3, 15))
    assert [(one["acct_code"], one["event"], one["objection"]) for one in lines] == [
        ("L1", "objected", "1"),
        ("L2", "settled", "0"),
    ]
    assert report("cn_events", date(2026, 3, 16)) == []
    kinds = CreditRecord.objects.order_by("pk").values_list("kind", "adverse")
    assert list(kinds) == [("opened", True), ("opened", True), ("objected", False), ("settled", False)]


def test_metro2_names_who_else_owes_where_they_live_and_who_bought(desk, tmp_path):
    feed = write(tmp_path / "us", loans=[
        "L1,B1,cash,USD,1000.00,2026-01-10,active", "L2,B2,cash,USD,1000.00,2026-01-10,active",
    ], instalments=["L1,1,2026-02-10,1000.00,0,0,0", "L2,1,2026-02-10,1000.00,0,0,0"])  # fmt: skip
    (feed / "borrowers.csv").write_text(
        "borrower_id,name,phone,born_on,address_street,address_city,address_state,address_postcode,address_country\n"
        "B1,Ann Example,2175550100,1990-01-31,1 Main St,Springfield,IL,62701-1234,US\n"
        "B2,Bea Other,2175550101,1991-01-31,2 Main St,Springfield,IL,62701,US\n"
    )
    (feed / "parties.csv").write_text(
        "loan_id,number,role,name,born_on,phone,address_street,address_city,address_state,address_postcode\n"
        "L1,1,guarantor,Cal Example,1970-12-31,5035550102,9 Oak Ave,Portland,OR,97201\n"
        "L1,2,former_number,OLD-1,,,,,,\n"
    )
    import_feed(settings.HOME.book, feed, quarantine=settings.HOME.quarantine, threads=1)
    boss = Staff.objects.create_user("boss")
    sale = Sale.objects.create(
        number="S1", buyer="New Owner", state="done", made_at=after(ENDS[0]), made_by=boss
    )
    SaleLoan.objects.create(
        sale=sale,
        loan_id="L2",
        borrower_id="B2",
        outstanding=1,
        state="sold",
        sold_at=datetime(2026, 3, 9, 4, tzinfo=UTC),
    )
    first, second = report("metro2", ENDS[0])
    base, segments = read_segment(first), dict(segments_of(first))
    assert (base["account"], base["ecoa"], base["city"], base["zip"]) == (
        "OLD-1",
        "7",
        "SPRINGFIELD",
        "627011234",
    )
    assert list(segments) == ["J2", "L1"]
    assert (segments["J2"]["city"], segments["J2"]["ecoa"], segments["L1"]["account"]) == (
        "PORTLAND",
        "5",
        "L1",
    )
    sold = read_segment(second)
    assert (sold["status"], sold["closed"], sold["balance"]) == ("05", "03092026", "0" * 9)
    assert dict(segments_of(second))["K2"]["name"] == "NEW OWNER"
    made = CreditReport.objects.get(form="metro2")
    assert made.totals == {"USD": {"balance": 1_000, "past_due": 1_000}}
    assert made.gaps == {}
    assert flaws(report_path(made).read_text()) == []
    (again,) = report("metro2", ENDS[1])
    assert read_segment(again)["account"] == "L1", "the new number is told once, and what was sold no more"


def many(folder, number: int) -> None:
    feed = write(
        folder,
        loans=[f"X{n},Y{n},cash,CNY,1000.00,2026-02-10,active" for n in range(number)],
        instalments=[f"X{n},1,2026-08-10,1000.00,0,0,0" for n in range(number)],
        borrowers=[f"Y{n},Ann,,,,,,,true" for n in range(number)],
    )
    import_feed(settings.HOME.book, feed, quarantine=settings.HOME.quarantine, threads=1, partitions=2)


def test_a_larger_book_asks_the_database_no_more(desk, tmp_path):
    asked = []
    for number, on in ((3, ENDS[0]), (60, ENDS[1])):
        many(tmp_path / str(number), number)
        with CaptureQueriesContext(connection) as seen:
            assert len(report("cn", on)) == number
        asked.append(len(seen))
    assert asked[1] <= asked[0], asked
    assert open_book(settings.HOME.book).manifest["rows"]["loans"] == 60
