"""Goal: an old debt is marked the day it can't be sued on any more, and the door then refuses the court."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.court.limitation_dates import compute_limitation
from forbear.core.facts.contact import PlannedContact
from forbear.store.models import Case, Contact, Loan, Payment
from tests.actions.payments.test_penalty_checks import brought
from tests.factories.desk import house_rules

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PACK = """
pack: house
rules:
  - id: house.time_barred
    says: {zh: 已过时效不起诉, en: No lawsuit once time-barred}
    applies: {channels: [court]}
    refuse_when: time_barred
    clause: 民法典 第188、192条
    force: law
"""
#: Three years after the only instalment was due, 2026-03-10.
LAST = date(2029, 3, 10)


@pytest.fixture
def old(tmp_path):
    house_rules(PACK)
    brought(tmp_path / "feed")
    Loan.objects.update(days_past_due=900)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def court_refused(day: date) -> bool:
    (decision,) = preview("B1", [PlannedContact("court", "sue", loans=("L1",))], at(day))
    return [each.rule for each in decision.refusals] == ["house.time_barred"]


def test_the_day_after_the_last_it_is_too_late(old):
    assert compute_limitation(at(date(2028, 1, 1))) == 2
    assert Loan.objects.get(pk="L1").time_barred_on == LAST + timedelta(days=1)
    assert compute_limitation(at(date(2028, 1, 2))) == 0
    assert not court_refused(LAST)
    assert court_refused(LAST + timedelta(days=1))


def test_a_payment_a_demand_and_nothing_else_begin_it_anew(old):
    paid, asked = date(2027, 5, 1), date(2027, 8, 1)
    Payment.objects.create(
        payment_id="P1", loan=Loan.objects.get(pk="L1"), paid_on=paid, amount=100, received_at=at(paid)
    )
    for number, (borrower, outcome) in enumerate((("B2", "delivered"), ("B1", "undelivered"))):
        Contact.objects.create(
            contact_id=f"c{number}", borrower_id=borrower, channel="letter", purpose="collect", party="debtor",
            code=f"C{number}", state="sent", at=at(asked), queued_at=at(asked), not_before=at(asked),
            give_up_at=at(asked), outcome=outcome,
        )  # fmt: skip
    compute_limitation(at(date(2028, 1, 1)))
    barred = dict(Loan.objects.values_list("loan_id", "time_barred_on"))
    assert barred == {"L1": date(2030, 5, 2), "L2": date(2030, 8, 2)}
    Payment.objects.create(
        payment_id="P2",
        loan=Loan.objects.get(pk="L1"),
        paid_on=paid,
        amount=100,
        reverses="P1",
        received_at=at(paid),
    )
    compute_limitation(at(date(2028, 1, 1)))
    assert Loan.objects.get(pk="L1").time_barred_on == LAST + timedelta(days=1)


def test_a_loan_that_is_hardly_late_any_more_has_no_mark(old):
    compute_limitation(at(date(2028, 1, 1)))
    Loan.objects.update(days_past_due=10)
    assert compute_limitation(at(date(2028, 1, 1))) == 2
    assert set(Loan.objects.values_list("time_barred_on", flat=True)) == {None}
    assert Case.objects.count() == 2
