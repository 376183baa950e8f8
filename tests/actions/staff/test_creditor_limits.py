"""Goal: who is limited to creditors is handed, given and told of nothing that is another creditor's."""

import pytest

from forbear.actions.cases.reassign_many import reassign_cases
from forbear.actions.cases.reassignment import assign_case
from forbear.actions.contacts.next_case import next_case
from forbear.actions.staff.new_staff import edit_staff
from forbear.actions.staff.staff_accounts import change_role
from forbear.actions.webhooks.api_keys import make_key
from forbear.actions.webhooks.webhook_events import enqueue_webhooks
from forbear.core.base.problem import Problem
from forbear.insight.assignment import people_of
from forbear.store.models import ApiKey, Case, Loan, Staff, WebhookDelivery, WebhookEndpoint
from tests.factories.creditors import DONGHU, QINGHE, collecting_for
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _two_creditors():
    house_rules()
    make_borrower("A")
    make_borrower("B", phone="+8610000000002")
    Loan.objects.filter(borrower="A").update(creditor="qinghe")
    Loan.objects.filter(borrower="B").update(creditor="donghu")
    Case.objects.filter(borrower="A").update(value=1000)
    with collecting_for(DONGHU, QINGHE):
        yield


@pytest.fixture
def limited() -> Staff:
    staff = Staff.objects.create_user(username="eve", role="collector", number="E1")
    done = edit_staff("eve", {"creditors": "donghu"}, NOON, actor="test")
    assert not isinstance(done, Problem), done
    staff.refresh_from_db()
    return staff


def code_of(made: object) -> str:
    return made.code if isinstance(made, Problem) else ""


def test_the_queue_hands_out_the_creditor_s_cases_alone(limited):
    free = Staff.objects.create_user(username="fay", role="collector", number="F1")
    assert next_case(free, NOON).case.borrower_id == "A", "the most valuable, to who sees all"
    Case.objects.update(collector=None, leased_until=None)
    assert next_case(limited, NOON).case.borrower_id == "B"
    Case.objects.filter(borrower="B").update(closed_on=NOON.date())
    assert next_case(limited, NOON) is None


def test_nobody_gives_them_another_creditor_s_case(limited):
    other, own = Case.objects.get(borrower="A"), Case.objects.get(borrower="B")
    assert code_of(assign_case(other.pk, "E1", NOON, actor="test")) == "case_beyond_creditors"
    lead = Staff.objects.create_user(username="lea", role="lead", number="L1")
    assert code_of(reassign_cases([other.pk, own.pk], "E1", lead, NOON)) == "case_beyond_creditors"
    assert not Case.objects.filter(collector=limited).exists()
    assert not isinstance(assign_case(own.pk, "E1", NOON, actor="test"), Problem)
    assert people_of("", NOON) == [], "the solver deals to those who see all"


def test_only_collectors_are_limited_and_only_to_declared_creditors(limited):
    Staff.objects.create_user(username="lea", role="lead", number="L1")
    assert (
        code_of(edit_staff("lea", {"creditors": "donghu"}, NOON, actor="test")) == "creditors_for_collectors"
    )
    wrong = edit_staff("eve", {"creditors": "dongu"}, NOON, actor="test")
    assert str(wrong) == "there is no creditor dongu; did you mean `donghu`?"
    boss = Staff.objects.create_user(username="ada", role="administrator", number="A1")
    assert code_of(change_role(limited.pk, "lead", "", boss, NOON, "x")) == "creditors_for_collectors"


def test_a_limited_key_hears_of_its_creditor_s_borrowers_alone():
    made = make_key("bank", ["webhooks:manage"], NOON, creditors=["donghu"], actor="test")
    assert isinstance(made, tuple), made
    key = ApiKey.objects.get()
    assert key.creditors == ["donghu"]
    WebhookEndpoint.objects.create(
        api_key=key,
        url="https://bank.example/hook",
        secret="s",
        made_at=NOON,
        kinds=["contact.ended", "payment.recorded"],
    )
    enqueue_webhooks("contact.ended", {"borrower_id": "A"}, NOON)
    enqueue_webhooks("payment.recorded", {"loan_id": "A-L1"}, NOON)
    enqueue_webhooks("contact.ended", {}, NOON)
    assert not WebhookDelivery.objects.exists()
    enqueue_webhooks("contact.ended", {"borrower_id": "B"}, NOON)
    enqueue_webhooks("payment.recorded", {"loan_id": "B-L1"}, NOON)
    assert WebhookDelivery.objects.count() == 2
    assert (
        code_of(make_key("x", ["contacts:read"], NOON, creditors=["gone"], actor="test"))
        == "no_such_creditor"
    )
