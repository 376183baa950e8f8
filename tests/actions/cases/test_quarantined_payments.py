"""Goal: a payment of a feed that fits no loan waits on the desk's page, and nobody who may have paid is contacted.

Method: dated stories: feeds with payments under ids that no loan has, real nights published as the timetable does, the
permit gate asked by day, and later feeds that have the payment on its loan, under another id, or not at all.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings

from forbear.actions.cases.unapplied_payments import apply_payment
from forbear.actions.contacts.permit_gate import evaluate
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.jobs.publish_night import publish_night
from forbear.night.run import plan_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.models import Borrower, Case, Contact, Hold, Loan, Payment, Treatment, UnappliedPayment
from tests.factories.agencies import person
from tests.factories.desk import house_rules
from tests.home_night import night_of
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
PAID = "2026-03-09"
FEED = {
    "loans": [
        *("L-001,B1,cash,CNY,800.00,2026-01-01,active", "L-002,B2,cash,CNY,800.00,2026-01-01,active"),
        "L-003,B3,cash,CNY,800.00,2026-01-01,active",
    ],
    "instalments": [
        *("L-001,1,2026-02-25,400.00,12.00,0,0", "L-002,1,2026-02-25,300.00,12.34,0,0"),
        "L-003,1,2026-02-25,500.00,0,0,0",
    ],
    "payments": [],
    "borrowers": [f"B{n},王小明,+861390000000{n},,zh,,Asia/Shanghai,,true" for n in (1, 2, 3)],
}


def noon(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


@pytest.fixture(autouse=True)
def _home(tmp_path):
    house_rules()


def feed(folder, name: str, *payments: str, **changed: list[str]) -> None:
    path = write(folder / name, **{**FEED, "payments": list(payments), **changed})
    import_feed(
        settings.HOME.book, path, quarantine=settings.HOME.quarantine, threads=1, largest_quarantine=1.0
    )


def night(day: date) -> None:
    home, now, book = settings.HOME, noon(day + timedelta(days=1)), open_book(settings.HOME.book)
    write_desk_facts(home.desk_facts_path(day), day, now)
    strategy = home.strategy.read_text("utf-8")
    plan = plan_night(book, home.nights, day, strategy, home.strategy.name, home.desk_facts(day))
    publish_night(night_of(plan, book), book, now)


def waiting() -> list[tuple[str, str, int, list[str], str]]:
    rows = UnappliedPayment.objects.filter(state="waiting").order_by("payment_id")
    return list(rows.values_list("payment_id", "loan_named", "amount", "loans", "why"))


def held() -> list[str]:
    rows = Hold.objects.filter(kind="unapplied", lifted_at=None)
    return sorted(loan for hold in rows for loan in hold.loans)


def chased(name: str, day: date) -> bool:
    """Whether anything waits, is planned for them, or would be let through."""
    borrower = Borrower.objects.get(pk=name)
    planned = PlannedContact("sms", "collect", "debtor", borrower.points.get().digest, (), automated=True)
    allowed = evaluate(borrower, planned, noon(day + timedelta(days=1)))[0].permitted
    queued = Contact.objects.filter(borrower=borrower, state="waiting", purpose__in=("collect", "remind"))
    steps = Treatment.objects.filter(borrower=borrower, planned_on=day, state__in=("planned", "queued"))
    return allowed or queued.exists() or steps.exists()


def test_a_payment_under_an_id_with_other_marks_waits_and_the_next_good_feed_ends_it(tmp_path):
    feed(tmp_path, "bad", f"P1,L 001-X,{PAID},412.00,")
    night(DAY)
    assert waiting() == [("P1", "L 001-X", 41_200, ["L-001"], "not_in_feed")]
    assert held() == ["L-001"]
    for days in range(3):  # no feed mends it: nobody who may have paid is contacted meanwhile
        if days:
            night(DAY + timedelta(days=days))
        assert not chased("B1", DAY + timedelta(days=days)), days
    assert chased("B2", DAY + timedelta(days=2)), "who can't have paid is"
    assert len(waiting()) == 1, "the same row of the same book is one payment"
    good = DAY + timedelta(days=3)
    feed(tmp_path, "good", f"P1,L-001,{PAID},412.00,")
    night(good)
    row = UnappliedPayment.objects.get()
    assert (row.state, row.applied_to_id, row.decided_by) == ("applied", "L-001", None)
    assert held() == []
    assert Loan.objects.get(pk="L-001").past_due_amount == 0
    assert not Case.objects.filter(borrower_id="B1", closed_on=None).exists()
    assert Payment.objects.count() == 0, "it counts once, from the book"


@pytest.mark.parametrize(
    ("named", "amount", "loans"),
    [
        ("L001", "5.00", ["L-001"]),
        ("l/002", "5.00", ["L-002"]),
        ("B 3", "5.00", ["L-003"]),
        ("000001", "5.00", []),
        ("somebody else", "312.34", ["L-002"]),
        ("somebody else", "7.00", []),
    ],
)
def test_it_holds_the_loans_it_may_be_for(tmp_path, named, amount, loans):
    feed(tmp_path, "bad", f"P1,{named},{PAID},{amount},")
    night(DAY)
    assert [row[0] for row in waiting()] == ["P1"], "it waits for a person, whatever it fits"
    assert held() == loans


def test_a_person_who_knows_whose_it_is_applies_it_and_the_same_bad_row_comes_no_second_time(tmp_path):
    feed(tmp_path, "bad", f"P1,nobody,{PAID},500.00,")
    night(DAY)
    assert held() == ["L-003"]
    now = noon(DAY + timedelta(days=1))
    made = apply_payment(UnappliedPayment.objects.get().pk, "L-003", person("zhou", "lead"), now)
    assert not isinstance(made, Problem), made
    assert not Case.objects.filter(borrower_id="B3", closed_on=None).exists()
    feed(tmp_path, "again", f"P1,nobody,{PAID},500.00,", f"P2,L-002,{PAID},1.00,")
    for days in (1, 2):
        night(DAY + timedelta(days=days))
        assert waiting() == []
        assert UnappliedPayment.objects.count() == 1
        assert Loan.objects.get(pk="L-003").past_due_amount == 0


def test_a_feed_that_only_drops_the_row_ends_nothing(tmp_path):
    feed(tmp_path, "bad", f"P1,L 001,{PAID},412.00,")
    night(DAY)
    feed(tmp_path, "silent")
    night(DAY + timedelta(days=1))
    assert len(waiting()) == 1, "money came, and nobody has said whose it is"
    assert not chased("B1", DAY + timedelta(days=1))


def test_rows_that_bring_no_money_of_somebody_are_none(tmp_path):
    feed(
        tmp_path, "bad",
        f"P1,nobody,{PAID},412.00,P0", f"P2,nobody,{PAID},abc,", f"P3,nobody,{PAID},-5.00,", "P4,nobody,,5.00,",
    )  # fmt: skip
    night(DAY)
    assert waiting() == []
