"""Goal: collectors are handed what the night planned, on its day: calls first by value, call-backs at their time, and
nobody on a day for which the strategy plans no call.

Method: dated stories on a real book, with the night decided and published between the steps.
"""

from datetime import date, timedelta

import pytest
from django.conf import settings

from forbear.actions.cases.reassign_many import reassign_cases
from forbear.actions.cases.skips import skip_case
from forbear.actions.contacts.next_case import next_case, planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import make_contact
from forbear.actions.replies.record_outcome import Outcome, record_outcome
from forbear.core.base.problem import Problem
from forbear.interchange.book.book import open_book
from forbear.jobs.publish_night import publish_night
from forbear.night.run import plan_night, run_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.models import Case, Conversation, Event, Placement, Staff, Treatment
from tests.actions.answers.test_year import DAY, FEED, night, noon
from tests.factories.agencies import make_agency
from tests.factories.desk import house_rules
from tests.home_night import feed_in

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_a_case_comes_on_the_days_for_which_a_call_is_planned_and_on_no_other",
    "test_who_asked_to_be_called_back_comes_first_to_who_agreed_then_to_anybody",
    "test_nobody_calls_about_a_case_that_is_with_somebody_else",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
#: L1 is late since 25 January; on 10 March it is in its stage for good.
STRATEGY = """
strategy: every-third-day
title: {zh: 每三天一次, en: Every third day}
stages:
  - stage: %(stage)s
    title: {zh: 催收, en: Collect}
    when: days_past_due >= 1
    handler: %(handler)s
    treatments:
      - {call: overdue, when: days_past_due %% 3 = 2}
"""


def planned(handler: str = "internal", stage: str = "conversation") -> None:
    """A strategy that plans a call on days past due 44 (10 March), 47 and 50, and none between."""
    settings.HOME.strategy.write_text(STRATEGY % {"handler": handler, "stage": stage}, encoding="utf-8")


@pytest.fixture
def lin() -> Staff:
    return Staff.objects.create_user(username="lin", password="x", role="collector", number="F1001")


@pytest.fixture
def chen() -> Staff:
    return Staff.objects.create_user(username="chen", password="x", role="collector", number="F1002")


@pytest.fixture
def home(tmp_path):
    house_rules()
    planned()
    feed_in(tmp_path / "feed", **FEED)
    return tmp_path


def handed(staff: Staff, day: date, *, hours: int = 0) -> str:
    """Whose case is handed out at noon of a day, or some hours after it."""
    found = next_case(staff, noon(day) + timedelta(hours=hours))
    return found.case.borrower_id if found else ""


def spoken(staff: Staff, day: date, result: str = "no_answer", **more: object) -> Conversation:
    """A call to B1 made and its result written down."""
    borrower, now = Case.objects.get().borrower, noon(day)
    made = make_contact(
        ContactDraft("B1", planned_call(borrower), staff=staff), now, actor=f"staff:{staff.number}"
    )
    assert not isinstance(made, Problem)
    assert made.answer.permit is not None
    done = record_outcome(Outcome(made.contact.pk, result, **more), staff, now + timedelta(minutes=5))
    assert isinstance(done, Conversation), done
    return done


def test_a_case_comes_on_the_days_for_which_a_call_is_planned_and_on_no_other(home, lin, chen):
    night(DAY)
    assert handed(lin, DAY + timedelta(days=1)) == "B1"
    assert handed(chen, DAY + timedelta(days=1)) == "", "one worker at a time"
    spoken(lin, DAY + timedelta(days=1))
    assert Treatment.objects.get().state == "done"
    assert handed(chen, DAY + timedelta(days=1), hours=9) == "", "the planned call was made"
    for days in (1, 2):
        night(DAY + timedelta(days=days))
        assert handed(lin, DAY + timedelta(days=days + 1)) == "", f"{days} days later none is planned"
    night(DAY + timedelta(days=3))
    assert handed(lin, DAY + timedelta(days=4)) == "B1"


def test_a_planned_call_that_nobody_made_lapses_with_its_day(home, lin):
    night(DAY)
    night(DAY + timedelta(days=1))
    assert Treatment.objects.get().state == "superseded"
    assert handed(lin, DAY + timedelta(days=2)) == ""


def test_a_night_published_before_the_day_is_over_leaves_the_calls_of_the_day(home, lin):
    night(DAY)
    day = DAY + timedelta(days=1)
    evening = noon(day) + timedelta(hours=9)
    home_, book = settings.HOME, open_book(settings.HOME.book)
    write_desk_facts(home_.desk_facts_path(day), day, evening)
    text = home_.strategy.read_text("utf-8")
    plan = plan_night(book, home_.nights, day, text, home_.strategy.name, home_.desk_facts(day))
    publish_night(run_night(plan, book, home_.nights, threads=1), book, evening)
    assert handed(lin, day, hours=9) == "B1"
    Case.objects.update(leased_until=None, collector=None)
    assert handed(lin, day + timedelta(days=1)) == "", "and tomorrow they are over"


def test_a_planned_call_lapses_too_when_no_night_comes(home, lin):
    night(DAY)
    assert handed(lin, DAY + timedelta(days=2)) == ""


def test_who_asked_to_be_called_back_comes_first_to_who_agreed_then_to_anybody(home, lin, chen):
    night(DAY)
    day = DAY + timedelta(days=1)
    spoken(lin, day, "call_back", again_at=noon(day + timedelta(days=1)))
    night(day)
    tomorrow = day + timedelta(days=1)
    assert handed(lin, tomorrow, hours=-1) == "", "not before its time"
    assert handed(chen, tomorrow) == "", "it waits for who agreed to it"
    assert handed(lin, tomorrow) == "B1", "though no call is planned for the day"
    Case.objects.update(leased_until=None, collector=None)
    assert handed(chen, tomorrow, hours=1) == "B1", "and then it is anybody's"
    spoken(chen, tomorrow)
    assert Case.objects.get().callback_at is None
    assert handed(lin, tomorrow, hours=6) == ""


def test_what_waits_for_an_agency_is_called_in_house_until_it_is_placed(home, lin):
    planned("agency", "intensive")
    night(DAY)
    assert handed(lin, DAY + timedelta(days=1)) == "B1", "nobody else would call"
    Case.objects.update(leased_until=None, collector=None)
    Placement.objects.create(
        agency=make_agency("huaxin"), borrower_id="B1", loans=["L1"], placed_at=noon(DAY + timedelta(days=2))
    )
    night(DAY + timedelta(days=3))
    assert Treatment.objects.filter(state="planned").exists()
    assert handed(lin, DAY + timedelta(days=4)) == "", "the agency calls"


def test_a_skipped_case_says_why_and_is_somebody_elses_for_now(home, lin, chen):
    night(DAY)
    day = DAY + timedelta(days=1)
    assert handed(lin, day) == "B1"
    case = Case.objects.get()
    assert isinstance(skip_case(case.pk, "", lin, noon(day)), Problem), "a skip has its reason"
    assert isinstance(skip_case(case.pk, "language", chen, noon(day)), Problem), "it is not theirs"
    assert isinstance(skip_case(case.pk, "language", lin, noon(day)), Case)
    assert handed(lin, day) == "", "it doesn't come back at once"
    event = Event.objects.filter(kind="assignment").latest("pk")
    assert '"reason":"language"' in event.line
    assert handed(chen, day, hours=2) == "B1"


def test_nobody_calls_about_a_case_that_is_with_somebody_else(home, lin, chen):
    night(DAY)
    now = noon(DAY + timedelta(days=1))
    assert handed(lin, DAY + timedelta(days=1)) == "B1"
    draft = ContactDraft("B1", planned_call(Case.objects.get().borrower), staff=chen)
    refused = make_contact(draft, now, actor="staff:F1002")
    assert isinstance(refused, Problem)
    assert refused.code == "case_with_other"
    lead = Staff.objects.create_user(username="zhou", password="x", role="lead", number="F2001")
    reassign_cases([Case.objects.get().pk], "F1002", lead, now)
    assert not isinstance(make_contact(draft, now, actor="staff:F1002"), Problem)
