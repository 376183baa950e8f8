"""Goal: whoever may not work cases any more holds none: they go back to the queue at once, on record."""

import json
from datetime import timedelta

import pytest

from forbear.actions.cases.release import release_cases
from forbear.actions.contacts.next_case import next_case
from forbear.actions.staff.new_staff import end_staff
from forbear.actions.staff.staff_accounts import change_role, end_person, lock_person
from forbear.actions.staff.verify_second_factor import MOST_WRONG, check_code
from forbear.store.models import Case, Event, Staff
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def lin():
    house_rules()
    made = Staff.objects.create_user(username="lin", password="x", role="collector", number="F1001")
    make_borrower()
    assert next_case(made, NOON) is not None
    return made


@pytest.fixture
def root():
    return Staff.objects.create_user(username="gu", password="x", role="administrator", number="F1008")


def guess(lin: Staff) -> None:
    """Ten wrong codes in a row lock the account."""
    for minute in range(MOST_WRONG):
        check_code(lin, "000000", NOON + timedelta(minutes=minute))


ACTS = {
    "locked": lambda lin, root: lock_person(lin.pk, "left the desk open", root, NOON),
    "ended": lambda lin, root: end_person(lin.pk, root, NOON),
    "ended by a command": lambda lin, root: end_staff("lin", NOON, actor="staff:F1008"),
    "another role": lambda lin, root: change_role(lin.pk, "analyst", "", root, NOON),
    "guessed at": lambda lin, root: guess(lin),
}


@pytest.mark.postgresql
@pytest.mark.parametrize("name", ACTS)
def test_their_cases_go_back_to_the_queue_at_once(name, lin, root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        ACTS[name](lin, root)
    case = Case.objects.get()
    assert (case.collector, case.leased_until) == (None, None)
    told = json.loads(Event.objects.get(kind="assignment").line)
    assert told["actor"] == ("sign-in" if name == "guessed at" else "staff:F1008")
    assert (told["body"]["from"], told["body"]["to"]) == ("F1001", "")
    other = Staff.objects.create_user(username="chen", password="x", role="collector", number="F1009")
    assert next_case(other, NOON).case == case


def test_whoever_may_still_work_them_keeps_them(lin, root, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        change_role(lin.pk, "lead", "", root, NOON)
    assert release_cases(NOON) == 0
    assert Case.objects.get().collector == lin
    assert not Event.objects.filter(kind="assignment").exists()


def test_the_timetable_finds_what_a_process_that_died_left(lin):
    Staff.objects.filter(pk=lin.pk).update(is_active=False)
    assert release_cases(NOON + timedelta(hours=1)) == 0, "the lease is over by itself"
    assert [release_cases(NOON), release_cases(NOON)] == [1, 0]
    assert json.loads(Event.objects.get(kind="assignment").line)["actor"] == "timetable"
