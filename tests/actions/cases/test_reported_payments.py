"""Goal: nobody asks for what a borrower reports as paid until the book has it or its day is over; none counts twice.

Method: dated stories: a person of the desk records the payment, real nights are published with feeds that have it, a
part of it, or nothing, the permit gate and the texts are asked by day, and the workers' judging runs between.
"""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.cases.payments import record_payment
from forbear.actions.cases.reported_payments import PaymentReport, approve_report, end_report, report_payment
from forbear.actions.contacts.compose import compose
from forbear.actions.contacts.permit_gate import evaluate
from forbear.actions.contacts.queue_contact import ContactDraft, queue_contact
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.jobs.publish_night import publish_night
from forbear.night.run import plan_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.models import Borrower, Case, Contact, Event, Hold, Loan, Payment, ReportedPayment
from tests.factories.agencies import person
from tests.factories.desk import house_rules
from tests.home_night import night_of
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
FEED = {
    "loans": ["L-001,B1,cash,CNY,800.00,2026-01-01,active"],
    "instalments": ["L-001,1,2026-02-25,400.00,12.00,0,0", "L-001,2,2026-03-25,400.00,12.00,0,0"],
    "payments": [],
    "borrowers": ["B1,王小明,+8613900000001,,zh,,Asia/Shanghai,,true"],
}
PHOTO = b"\x89PNG\r\n\x1a\n" + b"receipt"


def noon(day: date) -> datetime:
    return datetime.combine(day, time(4), UTC)


NOON = noon(DAY + timedelta(days=1))


def feed(folder, name: str, *payments: str) -> None:
    path = write(folder / name, **{**FEED, "payments": list(payments)})
    import_feed(
        settings.HOME.book, path, quarantine=settings.HOME.quarantine, threads=1, largest_quarantine=1.0
    )


def night(day: date) -> None:
    home, now, book = settings.HOME, noon(day + timedelta(days=1)), open_book(settings.HOME.book)
    write_desk_facts(home.desk_facts_path(day), day, now)
    plan = plan_night(
        book, home.nights, day, home.strategy.read_text("utf-8"), home.strategy.name, home.desk_facts(day)
    )
    publish_night(night_of(plan, book), book, now)


@pytest.fixture
def lin(tmp_path):
    house_rules()
    feed(tmp_path, "first")
    night(DAY)
    return person("lin", "collector")


def report(
    staff, amount: int = 41_200, *, now: datetime = NOON, proofs=(), **more
) -> ReportedPayment | Problem:
    told = {"borrower_id": "B1", "loan_id": "L-001", "paid_on": DAY, "way": "branch", **more}
    return report_payment(PaymentReport(amount=amount, **told), proofs, staff, now)


def photo() -> SimpleUploadedFile:
    return SimpleUploadedFile("receipt.png", PHOTO, "image/png")


def text_to_pay(now: datetime) -> PlannedContact:
    point = Borrower.objects.get().points.get(kind="phone").digest
    return PlannedContact("sms", "collect", point=point, loans=("L-001",))


def allowed(now: datetime = NOON) -> bool:
    return evaluate(Borrower.objects.get(), text_to_pay(now), now)[0].permitted


def asked_for(now: datetime) -> str:
    """The reminder as it would leave now."""
    draft = ContactDraft("B1", text_to_pay(now), template="overdue_reminder")
    contact = queue_contact(draft, now, actor="test")
    assert isinstance(contact, Contact), contact
    message = compose(contact, Borrower.objects.get(), now)
    contact.delete()
    assert not isinstance(message, Problem), message
    return message.body


def now_stands() -> tuple[str, int, list[str]]:
    return ReportedPayment.objects.values_list("state", "counts", "payments").get()


def test_paid_in_a_branch_and_booked_two_nights_later(lin, tmp_path):
    assert allowed()
    queue_contact(ContactDraft("B1", text_to_pay(NOON), body="您好,您有一期还款逾期。"), NOON, actor="test")
    row = report(lin, reference="20260310-77", proofs=[photo()])
    assert isinstance(row, ReportedPayment)
    assert row.ends_on == DAY + timedelta(days=6), "five days from the day it was recorded"
    assert not Contact.objects.filter(state="waiting").exists(), "what waited for this amount stops"
    assert not allowed()
    assert Case.objects.get().held
    loan = Loan.objects.get()
    assert (loan.past_due_amount, loan.payoff) == (41_200, 80_000 + 1_200), "what is owed is as it was"
    assert report(lin) == row, "recorded again it is the same"
    night(DAY + timedelta(days=1))  # a feed without it
    assert now_stands() == ("unconfirmed", 41_200, [])
    assert not allowed(noon(DAY + timedelta(days=2)))
    assert not Case.objects.get().facts.get("placed")
    feed(tmp_path, "second", "B-9,L-001,2026-03-11,412.00,")
    night(DAY + timedelta(days=2))
    assert now_stands() == ("booked", 0, ["B-9"])
    assert not Hold.objects.filter(lifted_at=None).exists()
    assert Loan.objects.get().past_due_amount == 0
    states = [event.line for event in Event.objects.filter(kind="reported_payment")]
    assert len(states) == 2, "recorded, and booked"
    assert "20260310-77" not in "".join(states), "what was read out is a personal value"


def test_no_feed_shows_it_and_it_falls_away_on_its_day(lin):
    report(lin)
    last = DAY + timedelta(days=6)
    assert not allowed(noon(last))
    night(last - timedelta(days=1))
    assert now_stands()[0] == "unconfirmed", "through its last day"
    evaluate_due_agreements(noon(last + timedelta(days=1)))
    assert now_stands() == ("lapsed", 0, [])
    later = noon(last + timedelta(days=1))
    assert allowed(later)
    assert not Hold.objects.filter(lifted_at=None).exists()
    # the next one on this loan needs proof and a second person, whatever its amount
    paid_on = last + timedelta(days=1)
    again = report(lin, 100, now=later, paid_on=paid_on)
    assert isinstance(again, Problem)
    assert again.code == "reported_proof_missing"
    again = report(lin, 100, now=later, paid_on=paid_on, proofs=[photo()])
    assert (again.needs_second, again.ends_on) == (True, paid_on + timedelta(days=2))


def test_what_comes_after_its_day_is_booked_all_the_same(lin, tmp_path):
    report(lin)
    evaluate_due_agreements(noon(DAY + timedelta(days=8)))
    assert now_stands()[0] == "lapsed"
    feed(tmp_path, "late", "B-9,L-001,2026-03-12,412.00,")
    night(DAY + timedelta(days=8))
    assert now_stands() == ("booked", 0, ["B-9"])


def test_a_part_of_what_is_due_is_taken_off_what_is_asked_for_and_never_twice(lin, tmp_path):
    assert "412.00" in asked_for(NOON)
    report(lin, 20_000)
    assert allowed(), "the rest may be asked for"
    assert "212.00" in asked_for(NOON)
    assert "412.00" not in asked_for(NOON)
    # the book has a part of it: what it has is off the ledger, and off what still counts
    record_payment(IncomingPayment("B-1", "L-001", DAY, 15_000), NOON, actor="key:bank")
    assert now_stands() == ("unconfirmed", 5_000, ["B-1"])
    assert Loan.objects.get().past_due_amount == 26_200
    assert "212.00" in asked_for(NOON)
    feed(tmp_path, "second", "B-1,L-001,2026-03-10,150.00,", "B-2,L-001,2026-03-11,50.00,")
    night(DAY + timedelta(days=1))
    assert now_stands() == ("booked", 0, ["B-1", "B-2"])
    assert "212.00" in asked_for(noon(DAY + timedelta(days=2))), "the same is left, no matter who counts it"


def test_a_letter_with_each_part_of_the_debt_waits(lin):
    report(lin, 20_000)
    point = Borrower.objects.get().points.get(kind="phone")
    draft = ContactDraft(
        "B1",
        PlannedContact("letter", "collect", point=point.digest, loans=("L-001",)),
        template="overdue_notice",
    )
    contact = queue_contact(draft, NOON, actor="test")
    assert isinstance(contact, Contact), contact
    message = compose(contact, Borrower.objects.get(), NOON)
    assert isinstance(message, Problem)
    assert message.code == "reported_payment_pending"


def test_it_bounces_and_is_asked_for_again(lin):
    report(lin)
    record_payment(IncomingPayment("B-9", "L-001", DAY, 41_200), NOON, actor="key:bank")
    assert now_stands() == ("booked", 0, ["B-9"])
    record_payment(
        IncomingPayment("B-10", "L-001", DAY, 41_200, reverses="B-9"),
        NOON + timedelta(hours=1),
        actor="key:bank",
    )
    assert now_stands() == ("bounced", 0, ["B-9"])
    assert allowed(NOON + timedelta(hours=2))
    assert Loan.objects.get().past_due_amount == 41_200


def test_a_large_one_needs_proof_and_another_persons_look(lin):
    (settings.HOME.folder / "policy.yaml").write_text(
        "reported_payment: {second_above: {CNY: 100.00}}", "utf-8"
    )
    assert report(lin).code == "reported_proof_missing"
    row = report(lin, proofs=[photo()])
    assert row.ends_on == DAY + timedelta(days=3), "without approval it counts two days"
    assert not allowed()
    qin = person("qin", "lead")
    assert approve_report(row.pk, lin, NOON).code == "report_own_approval"
    row = approve_report(row.pk, qin, NOON)
    assert (row.ends_on, row.decided_by) == (DAY + timedelta(days=6), qin)
    assert not allowed(noon(DAY + timedelta(days=5)))
    assert approve_report(row.pk, qin, NOON).code == "report_needs_no_approval"
    assert end_report(row.pk, qin, NOON, note=" ").code == "report_note_missing"
    assert end_report(row.pk, person("mei", "collector"), NOON, note="no").code == "report_not_yours"
    row = end_report(row.pk, qin, NOON, note="the receipt is of another loan")
    assert row.state == "refused"
    assert allowed()
    assert not Case.objects.get().held
    assert end_report(row.pk, qin, NOON, note="again").code == "report_decided"


def test_who_recorded_it_by_mistake_withdraws_it(lin):
    row = report(lin)
    assert end_report(row.pk, lin, NOON, note="wrong borrower").state == "withdrawn"
    assert allowed()
    assert isinstance(report(lin), ReportedPayment), "and may record the right one"
    assert Payment.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"loan_id": "L-404"}, "reported_loan_invalid"),
        ({"borrower_id": "B404"}, "reported_loan_invalid"),
        ({"amount": 10_000_000}, "reported_amount_invalid"),
        ({"paid_on": DAY + timedelta(days=9)}, "reported_day_invalid"),
        ({"proofs": [SimpleUploadedFile("a.exe", b"MZ", "application/x")]}, "upload_type_unknown"),
    ],
)
def test_what_can_not_be_recorded_changes_nothing(lin, changed, code):
    assert report(lin, **changed).code == code
    assert not ReportedPayment.objects.exists()
    assert allowed()
