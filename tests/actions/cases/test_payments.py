"""Goal: a payment by day changes the case, the promise and the queue at once; its reversal undoes it all.

Method: a real book of a few loans through the real import, a night published from it, and then payments.
"""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.notify_borrower import NOTICE, notify_borrower
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.court.lawsuits import stop_due
from forbear.actions.selectors.ledger import ledger_of, ledgers_of
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.base.reason import Reason
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.book import open_book
from forbear.jobs.publish_night import publish_night
from forbear.night.run import open_night, plan_night
from forbear.publish.publish import publish
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    ContactPoint,
    Event,
    Lawsuit,
    Loan,
    Notice,
    Promise,
    PublishedNight,
    Treatment,
)
from tests.factories.desk import Recorder, house_rules
from tests.home_night import decided, feed_in, night_of

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_a_night_queues_what_a_machine_sends_and_says_what_it_can_not",
    "test_paying_everything_closes_the_case_and_a_bounce_opens_it_again",
    "test_ledgers_of_many_are_those_of_each",
    "test_a_feed_that_takes_the_payment_back_lets_the_notice_stand",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 11, 4, 0, tzinfo=UTC)
FEED = {
    "loans": ["L1,B1,cash,CNY,800.00,2026-01-01,active"],
    "instalments": ["L1,1,2026-02-25,400.00,12.00,0,0", "L1,2,2026-03-25,400.00,12.00,0,0"],
    "payments": ["P0,L1,2026-02-20,2.00,"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,,true"],
}


@pytest.fixture
def desk(tmp_path):
    feed_in(tmp_path / "feed", **FEED)
    publish(*decided(DAY), NOON)
    return settings.HOME


def pay(payment: str, amount: int, reverses: str = "", paid_on: date = date(2026, 3, 11)) -> None:
    made = record_payment(IncomingPayment(payment, "L1", paid_on, amount, reverses), NOON, actor="bank")
    assert not isinstance(made, Problem), made


def test_a_night_opens_the_case_with_its_figures(desk):
    case, loan = Case.objects.get(), Loan.objects.get()
    assert (case.stage, case.facts["days_past_due"], loan.past_due_amount) == ("conversation", 13, 41_000)
    assert (case.borrower.name, case.borrower.timezones) == ("王小明", ["Asia/Shanghai"])
    assert case.value == 41_000 * 30 // 100


def test_a_night_with_every_fact_reaches_the_desk_as_one_with_those_asked_for(tmp_path):
    """Facts of the worst loan stand among the cases already where a strategy, or `--all-facts`, asks for them."""
    book, home = feed_in(tmp_path / "feed", **FEED), settings.HOME
    text = home.strategy.read_text("utf-8")
    shown = []
    for every in (False, True):
        publish(night_of(plan_night(book, home.nights, DAY, text, "s.yaml", None, every), book), book, NOON)
        shown.append(Case.objects.get().facts)
    assert shown[0]["oldest_unpaid_number"] == shown[1]["oldest_unpaid_number"] == 1
    assert shown[0].items() <= shown[1].items()


def test_a_night_queues_what_a_machine_sends_and_says_what_it_can_not(desk):
    def again() -> Treatment:
        PublishedNight.objects.update(version="another decision of the same night")
        publish(open_night(desk.nights, DAY), open_book(desk.book), NOON)
        assert list(Treatment.objects.values_list("channel", "position").order_by("position")) == [
            ("sms", 1),
            ("call", 3),
        ]
        assert Treatment.objects.get(channel="call").state == "planned"
        return Treatment.objects.get(channel="sms")

    planned = Treatment.objects.get(channel="sms")
    first = planned.contact
    assert (planned.state, first.state, first.loans, first.point.kind) == (
        "queued",
        "waiting",
        ["L1"],
        "phone",
    )
    planned = again()
    assert (planned.state, planned.contact.state) == ("queued", "waiting")
    first.refresh_from_db()
    assert (first.state, first.reason) == ("cancelled", Reason.of("superseded_by_night"))
    ContactPoint.objects.update(invalid_at=NOON)
    planned = again()
    assert (planned.state, planned.contact) == ("no_address", None)
    assert not Contact.objects.filter(state="waiting").exists()


def test_paying_everything_closes_the_case_and_a_bounce_opens_it_again(desk):
    Contact.objects.update(state="waiting")
    pay("P1", 41_000)
    case = Case.objects.get()
    assert case.closed_on == date(2026, 3, 11)
    assert Loan.objects.get().past_due_amount == 0
    assert not Contact.objects.filter(state="waiting").exists()
    pay("R1", 41_000, reverses="P1")
    case.refresh_from_db()
    assert (case.closed_on, case.stage) == (None, "conversation")
    assert Loan.objects.get().past_due_amount == 41_000
    kinds = list(Event.objects.filter(borrower="B1").order_by("number").values_list("kind", flat=True))
    assert [kind for kind in kinds if kind.startswith("case")] == [
        "case_opened",
        "case_closed",
        "case_opened",
    ]


def test_a_part_payment_changes_the_figures(desk):
    pay("P1", 10_000)
    assert (Loan.objects.get().past_due_amount, Case.objects.get().closed_on) == (31_000, None)


def test_a_payment_keeps_a_promise_and_its_reversal_takes_that_back(desk):
    promise = record_promise(Offered("B1", ("L1",), 20_000, date(2026, 3, 13)), NOON, actor="test")
    assert isinstance(promise, Promise), promise
    pay("P1", 20_000)
    promise.refresh_from_db()
    assert (promise.state, promise.paid) == ("kept", 20_000)
    assert promise.hold.lifted_at == NOON
    pay("R1", 20_000, reverses="P1")
    promise.refresh_from_db()
    assert (promise.state, promise.paid) == ("open", 0)
    assert promise.hold.lifted_at is None, "nothing is chased while it is open again"


def tell_late(now: datetime = NOON) -> None:
    """The borrower is told, as the law has it, that the loan is late."""
    told = notify_borrower(Borrower.objects.get(), "credit_report_notice", now, loans=("L1",), manner=NOTICE)
    assert told is not None
    Contact.objects.filter(pk=told.pk).update(not_before=now - timedelta(days=9))
    (mine,) = claim("w", now, limit=1)
    assert mine == told.pk
    assert send_one(mine, "w", {"sms": Recorder()}, lambda: now) == "sent", Contact.objects.get(
        pk=told.pk
    ).reason


def test_a_payment_of_before_recalls_a_wrong_notice_with_an_apology(desk):
    house_rules()
    tell_late()
    pay("P1", 41_000)
    assert Notice.objects.get().recalled_at is None, "it may have been paid because of the notice"
    pay("R1", 41_000, reverses="P1")
    pay("P2", 41_000, paid_on=date(2026, 2, 24))
    assert Notice.objects.get().recalled_at == NOON
    apology = Contact.objects.get(template="notice_recalled")
    assert (apology.state, apology.loans, apology.purpose) == ("waiting", ["L1"], "notice")
    # the payment bounces before it left: the notice was right after all
    pay("R2", 41_000, reverses="P2")
    apology.refresh_from_db()
    assert (Notice.objects.get().recalled_at, apology.state) == (None, "cancelled")
    lines = Event.objects.filter(kind="notice").order_by("number").values_list("line", flat=True)
    assert [json.loads(line)["body"]["what"] for line in lines] == ["given", "recalled", "restored"]


def test_an_apology_that_left_is_not_taken_back(desk):
    house_rules()
    tell_late()
    pay("P1", 41_000, paid_on=date(2026, 2, 24))
    Contact.objects.filter(template="notice_recalled").update(state="sent", outcome="delivered")
    pay("R1", 41_000, reverses="P1")
    assert Notice.objects.get().recalled_at == NOON, "whoever needs the notice gives it anew"


def test_without_a_book_nothing_is_asked_for_on_old_figures(desk):
    (desk.book / "CURRENT").rename(desk.book / "KEPT")
    pay("P1", 100)
    assert Case.objects.get().figures_at.year == 1970
    (desk.book / "KEPT").rename(desk.book / "CURRENT")


def test_a_night_without_the_feed_chases_nobody_for_what_they_paid(desk):
    pay("P1", 41_000)
    assert Case.objects.get().closed_on is not None
    later = NOON + timedelta(hours=20)
    night, book = decided(date(2026, 3, 12))
    brought = publish_night(night, book, later)
    assert (brought.published.opened, brought.refreshed) == (1, 1)
    assert not Case.objects.filter(closed_on=None).exists()
    assert Loan.objects.get().past_due_amount == 0
    assert not Contact.objects.filter(state="waiting").exists()
    assert publish_night(night, book, later) is None


def test_ledgers_of_many_are_those_of_each(desk):
    pay("P1", 100)
    found = ledgers_of(["B1", "nobody"])
    assert found == {"B1": ledger_of("B1")}
    assert ledger_of("nobody") is None


def next_night(desk, tmp_path, payments: list[str], day: date) -> int:
    """A feed that brings these payments, its night decided and brought to the desk; the notices it recalled."""
    feed = FEED | {"payments": FEED["payments"] + payments}
    feed_in(tmp_path / f"feed-{day}", **feed)
    done = publish_night(*decided(day), NOON + timedelta(days=(day - DAY).days))
    assert done is not None
    return done.recalled


@pytest.mark.parametrize(
    ("paid", "recalled"),
    [
        ("P1,L1,2026-02-24,410.00,", 1),  # before it was due: never late
        ("P1,L1,2026-03-10,410.00,", 1),  # late once, but no longer when they were told
        ("P1,L1,2026-03-11,410.00,", 0),  # it may have been paid because of the notice
        ("P1,L1,2026-02-24,409.99,", 0),  # a cent is missing
    ],
)
def test_a_payment_that_only_a_feed_brings_recalls_a_wrong_notice(desk, tmp_path, paid, recalled):
    house_rules()
    tell_late()
    assert next_night(desk, tmp_path, [paid], DAY + timedelta(days=1)) == recalled
    assert (Notice.objects.get().recalled_at is not None) == bool(recalled)
    assert Contact.objects.filter(template="notice_recalled", state="waiting").count() == recalled
    # the night after tells nobody twice
    assert next_night(desk, tmp_path, [paid], DAY + timedelta(days=2)) == 0
    assert Contact.objects.filter(template="notice_recalled").count() == recalled


def test_a_night_decided_again_for_its_date_recalls_what_it_was_wrong_about(desk, tmp_path):
    """The night finds the loan in time and keeps nothing of what it found before; the notice does."""
    house_rules()
    tell_late()
    paid = "P1,L1,2026-02-24,410.00,"
    assert next_night(desk, tmp_path, [paid], DAY) == 1
    assert Notice.objects.get().recalled_at == NOON
    assert Contact.objects.get(template="notice_recalled").state == "waiting"
    assert next_night(desk, tmp_path, [paid], DAY + timedelta(days=1)) == 0, "nobody is told twice"


def test_a_notice_that_does_not_say_what_was_late_is_judged_by_the_night_before_it(desk, tmp_path):
    """Its report came when the loan was paid, so it was written down without what it was about."""
    house_rules()
    tell_late()
    assert Notice.objects.get().oldest_unpaid_due_on == date(2026, 2, 25)
    Notice.objects.update(oldest_unpaid_due_on=None)
    assert next_night(desk, tmp_path, ["P1,L1,2026-02-24,410.00,"], DAY + timedelta(days=1)) == 1


def test_a_feed_that_takes_the_payment_back_lets_the_notice_stand(desk, tmp_path):
    house_rules()
    tell_late()
    paid = "P1,L1,2026-02-24,410.00,"
    assert next_night(desk, tmp_path, [paid], DAY + timedelta(days=1)) == 1
    back = [paid, "R1,L1,2026-03-11,410.00,P1"]
    assert next_night(desk, tmp_path, back, DAY + timedelta(days=2)) == 0
    assert Notice.objects.get().recalled_at is None
    assert Contact.objects.get(template="notice_recalled").state == "cancelled"


def test_a_loan_paid_off_after_the_notice_was_late_all_the_same(desk, tmp_path, monkeypatch):
    house_rules()
    tell_late()
    monkeypatch.setitem(FEED, "loans", ["L1,B1,cash,CNY,800.00,2026-01-01,closed"])
    assert next_night(desk, tmp_path, ["P1,L1,2026-03-11,822.00,"], DAY + timedelta(days=1)) == 0
    assert Notice.objects.get().recalled_at is None


def test_a_schedule_that_was_moved_since_makes_no_notice_wrong(desk, tmp_path, monkeypatch):
    house_rules()
    tell_late()
    moved = ["L1,1,2026-04-25,400.00,12.00,0,0", "L1,2,2026-05-25,400.00,12.00,0,0"]
    monkeypatch.setitem(FEED, "instalments", moved)
    assert next_night(desk, tmp_path, [], DAY + timedelta(days=1)) == 0
    assert Notice.objects.get().recalled_at is None
    # nor does a payment by day, which says nothing of the days that were agreed before
    pay("P1", 100, paid_on=date(2026, 3, 12))
    assert Notice.objects.get().recalled_at is None


def test_a_suit_ends_when_the_feed_alone_tells_that_all_is_paid(desk, tmp_path):
    """The night that reads it closes the case, and what the desk keeps of a loan without a case stands as it was."""
    made = make_staff("fang", "a-long-passphrase-1", "legal", "J1", NOON, actor="test")
    Lawsuit.objects.create(
        borrower_id="B1", loans=["L1"], way="payment_order", state="signed", claimed=82_200, currency="CNY",
        minor_unit=100, proposed_at=NOON, proposed_by=made,
    )  # fmt: skip
    assert stop_due(NOON) == 0
    paid = {**FEED, "payments": [*FEED["payments"], "P1,L1,2026-03-11,822.00,"]}
    feed_in(tmp_path / "paid", **paid)
    later = NOON + timedelta(days=1)
    publish(*decided(DAY + timedelta(days=1)), later)
    assert (Case.objects.get().closed_on, Loan.objects.get().outstanding) == (DAY + timedelta(days=1), 82_200)
    assert stop_due(later) == 1
    lawsuit = Lawsuit.objects.get()
    assert (lawsuit.state, lawsuit.ended_reason_code) == ("ended", "paid")
