"""Goal: what a bureau in the United States is told is true of every loan, and one odd loan stops nothing.

Method: small books of the cases that public reports tell of, through the real import and the real report.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.bureaus.bureau_report import make_report, report_path
from forbear.core.bureaus.file_checks import month_end
from forbear.core.bureaus.metro2 import without_generation
from forbear.core.bureaus.metro2_check import flaws, read_text
from forbear.core.bureaus.metro2_form import read_segment
from forbear.interchange.book.import_feed import import_feed
from forbear.store.models import Borrower, CreditReport, Notice
from tests.factories.desk import house_rules
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PERSON = "John Smith,+14155550100,1980-01-01,1 Main St,Springfield,IL,62701,US"
HEAD = "borrower_id,name,phone,born_on,address_street,address_city,address_state,address_postcode,address_country\n"
YEAR = [(number, date(2025 + number // 12, number % 12 + 1, 10)) for number in range(1, 13)]
PACK = """
pack: house
rules:
  - id: house.night
    says: {zh: 夜间不打电话, en: No call at night}
    applies: {channels: [call, voice]}
    refuse_when: local_hour < 8 or local_hour >= 22
    clause: house §1
    force: house
"""


class Lender:
    """A lender with a book, and the reports of its months."""

    def __init__(self, folder) -> None:
        self.folder, self.feeds = folder, 0

    def feed(self, loans, payments, people=None, amount="90.00") -> None:
        """Loans as (id, borrower, currency, status) with a year of instalments, payments as (loan, day, amount)."""
        self.feeds += 1
        people = people or {}
        folder = write(
            self.folder / str(self.feeds),
            loans=[
                f"{name},{who},inst,{currency},1080.00,2025-01-05,{status}"
                for name, who, currency, status in loans
            ],
            instalments=[
                f"{name},{number},{due},{amount},10.00,0,0" for name, *_ in loans for number, due in YEAR
            ],
            payments=[f"P{place},{name},{day},{paid}," for place, (name, day, paid) in enumerate(payments)],
        )  # fmt: skip
        owners = sorted({who for _, who, *_ in loans})
        rows = "".join(f"{who},{people.get(who, PERSON)}\n" for who in owners)
        (folder / "borrowers.csv").write_text(HEAD + rows, encoding="utf-8")
        import_feed(settings.HOME.book, folder, quarantine=settings.HOME.quarantine, threads=1)
        for who in owners:
            Borrower.objects.get_or_create(pk=who, defaults={"loaded_at": datetime(2025, 1, 1, tzinfo=UTC)})
            for name, owner, *_ in loans:
                if owner == who:
                    given = datetime(2025, 1, 2, tzinfo=UTC)
                    Notice.objects.get_or_create(
                        borrower_id=who, loan_id=name, kind="credit_notice", defaults={"given_at": given}
                    )

    def report(self, on: date) -> list[dict[str, str]]:
        """The records of a month."""
        now = datetime.combine(on + timedelta(days=2), datetime.min.time(), UTC)
        made = make_report("metro2", on, now, actor="test")
        assert isinstance(made, CreditReport), made
        text = report_path(made).read_text("utf-8")
        assert flaws(text) == []
        return [read_segment(line) for line in text.split("\n")[1:-2]]


@pytest.fixture
def lender(tmp_path, monkeypatch) -> Lender:
    house_rules(PACK)
    return Lender(tmp_path)


def left_out() -> dict:
    return CreditReport.objects.latest("pk").gaps.get("left_out", {})


def ends(first: date, number: int) -> list[date]:
    days = [first]
    while len(days) < number:
        days.append(month_end(days[-1] + timedelta(days=1)))
    return days


@pytest.mark.parametrize(
    ("paid", "first_delinquent"),
    [
        # one instalment missed, one paid each month from then on: never current
        ([date(2025, month, 15) for month in range(4, 12)], "02102025"),
        # paid at the end of each month instead, and once not at all
        ([date(2025, 4, 30), date(2025, 5, 31), date(2025, 7, 31)], "02102025"),
        # nothing is ever paid
        ([], "02102025"),
    ],
)
def test_the_date_of_first_delinquency_never_moves(lender, paid, first_delinquent):
    lender.feed([("ROLL", "R1", "USD", "active")], [("ROLL", day, "100.00") for day in paid])
    for on in ends(date(2025, 3, 31), 6):
        (one,) = lender.report(on)
        if one["status"] not in ("11", "13"):
            assert one["first_delinquent"] == first_delinquent, on


def test_an_account_that_was_current_again_begins_a_new_chain(lender):
    caught_up = [("L", date(2025, 4, 20), "300.00")]
    lender.feed([("L", "R1", "USD", "active")], caught_up)
    seen = {on: lender.report(on)[0] for on in ends(date(2025, 3, 31), 5)}
    assert seen[date(2025, 3, 31)]["first_delinquent"] == "02102025"
    assert seen[date(2025, 4, 30)]["status"] == "11"
    assert seen[date(2025, 7, 31)]["first_delinquent"] == "05102025"


def test_a_closed_loan_is_told_closed_once(lender):
    settled = [("SETTLED", date(2025, 2, 10), "100.00"), ("SETTLED", date(2025, 7, 1), "500.00")]
    rebate = [("REBATE", date(2025, month, 10), paid) for month, paid in ((2, "100"), (3, "100"), (4, "910"))]
    lender.feed([("SETTLED", "R3", "USD", "closed"), ("REBATE", "R2", "USD", "closed")], settled + rebate)
    told = {one["account"]: one for one in lender.report(date(2025, 8, 31))}
    assert {name: (one["status"], one["balance"], one["special_comment"]) for name, one in told.items()} == {
        "SETTLED": ("13", "0" * 9, "AU"),
        "REBATE": ("13", "0" * 9, ""),
    }
    assert (told["SETTLED"]["closed"], told["SETTLED"]["rating"]) == ("07012025", "3")
    assert told["SETTLED"]["first_delinquent"] == "03102025"
    assert (told["REBATE"]["rating"], told["REBATE"]["first_delinquent"]) == ("0", "0" * 8)
    assert lender.report(date(2025, 9, 30)) == []
    assert lender.report(date(2025, 10, 31)) == []


def test_a_loan_closed_later_keeps_what_was_true_before(lender):
    payments = [("L", date(2025, 2, 10), "100.00")]
    lender.feed([("L", "R1", "USD", "active")], payments)
    assert [lender.report(on)[0]["status"] for on in ends(date(2025, 4, 30), 2)] == ["71", "78"]
    lender.feed([("L", "R1", "USD", "closed")], payments)
    (one,) = lender.report(date(2025, 6, 30))
    assert (one["correction"], one["status"], one["closed"], one["balance"]) == (
        "0",
        "13",
        "06012025",
        "0" * 9,
    )
    assert (one["rating"], one["first_delinquent"]) == ("2", "03102025")
    assert lender.report(date(2025, 7, 31)) == []


def test_accounts_that_do_not_fit_are_left_out_with_a_count(lender):
    names = [
        "ACCT-2025-BRANCH-0001-PRODUCT-000001",
        "ACCT-2025-BRANCH-0001-PRODUCT-000002",
        "贷-2025-001",
        "É1",
        "ab1",
        "AB1",
        "OK1",
    ]
    lender.feed([(name, f"X{number}", "USD", "active") for number, name in enumerate(names)], [])
    told = [one["account"] for one in lender.report(date(2025, 2, 28))]
    assert sorted(told) == ["AB1", "OK1"]
    assert left_out() == {"account_does_not_fit": 4, "account_used": 1}


def test_other_currencies_large_amounts_and_names_stop_nobody_else(lender):
    currencies = {"CNY1": "CNY", "IDR1": "IDR", "CNN": "USD", "OK": "USD", "NONE": "USD"}
    loans = [(name, f"C{n}", code, "active") for n, (name, code) in enumerate(currencies.items(), 1)]
    people = {"C3": PERSON.replace("John Smith", "张伟"), "C5": PERSON.replace("John Smith", "")}
    lender.feed(loans, [], people, amount="2000000000.00")
    assert lender.report(date(2025, 3, 31)) == []
    assert left_out() == {"amount_does_not_fit": 1, "name_does_not_fit": 2, "other_currency": 2}
    lender.feed(loans, [], people)
    assert [one["account"] for one in lender.report(date(2025, 4, 30))] == ["OK"]


@pytest.mark.parametrize(
    ("written", "ten"),
    [
        ("+44 20 7946 0958", "0" * 10),
        ("+86 138 0000 0001", "0" * 10),
        ("+52 55 1234 5678", "0" * 10),
        ("+1 (415) 555-0100", "4155550100"),
        ("415-555-0100", "4155550100"),
        ("", "0" * 10),
    ],
)
def test_a_number_of_another_country_is_left_out(lender, written, ten):
    lender.feed([("L", "F1", "USD", "active")], [], {"F1": PERSON.replace("+14155550100", written)})
    assert lender.report(date(2025, 2, 28))[0]["telephone"] == ten


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("John Smith Jr.", ("John Smith", "J")),
        ("John Smith, Sr", ("John Smith", "S")),
        ("John Smith III", ("John Smith", "3")),
        ("John Ivy", ("John Ivy", "")),
        ("Smith Jr", ("Smith Jr", "")),
    ],
)
def test_what_stands_behind_a_name_is_no_surname(name, parts):
    assert without_generation(name) == parts


def test_the_check_finds_twice_used_accounts_and_blank_surnames_in_any_common_form(lender):
    lender.feed([("L1", "F1", "USD", "active"), ("L2", "F2", "USD", "active")], [])
    lender.report(date(2025, 2, 28))
    text = report_path(CreditReport.objects.get()).read_text("utf-8")
    header, one, two, trailer = text.splitlines()
    for content in (
        text.replace("\n", "\r\n").encode(),
        text.replace("\n", "\r").encode(),
        text.encode("utf-16"),
        text.encode("utf-8-sig"),
        text.encode()[:-1],
        text.replace("\n", "").encode(),
    ):
        assert flaws(read_text(content)) == [], content[:20]
    twice = "\n".join([header, one, two[:42] + one[42:72] + two[72:], trailer, ""])
    assert flaws(twice) == ["line 3: account L1 stands on line 2 already"]
    blank = "\n".join([header, one, two[:231] + " " * 25 + two[256:], trailer, ""])
    assert any("surname is missing" in flaw for flaw in flaws(blank))
    accented = one.replace("SMITH", "SMÍTH")
    assert flaws(read_text("\n".join([header, accented, two, trailer, ""]).encode("cp1252")))
