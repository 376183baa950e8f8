"""Goal: what is sent twice, by an impatient person or a page that broke off, is done once."""

import pytest

from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.store.models import Conversation, Event
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]


def test_a_calls_end_told_twice_is_one_conversation():
    house_rules()
    borrower = make_borrower()
    staff = make_staff("lin", "a-long-password-1", "collector", "F1", NOON, actor="test")
    made = make_contact(ContactDraft("B1", planned_call(borrower), staff=staff), NOON, actor="staff:F1")
    told = Outcome(made.contact.pk, "will_pay", note="on Friday", seconds=60)
    first, again = record_outcome(told, staff, NOON), record_outcome(told, staff, NOON)
    assert first == again
    assert Conversation.objects.count() == 1
    assert Event.objects.filter(borrower="B1", kind="note").count() == 1
    other = record_outcome(Outcome(made.contact.pk, "no_answer"), staff, NOON)
    assert isinstance(other, Problem)
