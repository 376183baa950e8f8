"""Goal: a borrower reads who wants to come, says no at one touch, and finds what is on record of each visit."""

import json
from datetime import timedelta

import pytest

from forbear.actions.access.verify_caller import verify_caller
from forbear.store.models import Contact, Hold, Visit
from forbear.web.api import verify as verify_api
from tests.factories.desk import NOON, house_rules, wished
from tests.factories.visits import give_address, planned, visitors
from tests.web import test_portal
from tests.web.test_portal import shown

pytestmark = [pytest.mark.database, pytest.mark.django_db]
now, borrower, inside = test_portal.now, test_portal.borrower, test_portal.inside


def test_a_planned_visit_is_told_and_can_be_refused(borrower, inside):
    house_rules()
    give_address(borrower)
    visitors()
    planned(borrower, NOON.date() + timedelta(days=1))
    assert "would like to visit you between 11 March 2026 09:00 and 11:00" in shown(inside, "/my/home")
    page = shown(inside, "/my/visits")
    assert "V1001 , V1002" in page
    assert inside.post("/my/visits/no")["Location"] == "/my/visits"
    assert "We will not come to your door." in shown(inside, "/my/visits")
    assert borrower.visits.get().state == "called_off"
    assert inside.post("/my/visits/no").status_code == 302
    assert Hold.objects.filter(kind="no_visits").count() == 1


def test_a_visit_that_nobody_made_is_no_longer_coming_once_its_hours_are_over(borrower, inside):
    house_rules()
    give_address(borrower)
    visitors()
    planned(borrower, NOON.date() + timedelta(days=1))
    Visit.objects.update(arrives_at=NOON - timedelta(minutes=61))
    assert "between 2026-03-10 13:00 and 15:00" not in shown(inside, "/my/visits")
    assert "No visit is planned." in shown(inside, "/my/visits")
    assert "would like to visit you" not in shown(inside, "/my/home")
    Visit.objects.update(arrives_at=NOON - timedelta(minutes=60))
    assert "between 10 March 2026 14:00 and 16:00" in shown(inside, "/my/visits")


def test_a_visit_that_was_made_stands_there_with_what_its_proof_lacks(borrower, inside):
    give_address(borrower)
    visitors()
    visit = planned(borrower, NOON.date() + timedelta(days=1))
    contact = wished(borrower, "call")
    Contact.objects.filter(pk=contact.pk).update(channel="visit", state="sent", at=NOON)
    visit.contact, visit.state, visit.started_at, visit.ended_at = contact, "ended", NOON, NOON
    visit.outcome, visit.visitors = "not_home", ["V1001", "V1002"]
    visit.recordings, visit.lacks = [["a" * 64, 70, True], ["b" * 64, 2, False]], ["recording_missing"]
    visit.save()
    page = shown(inside, "/my/visits")
    for text in (
        "V1001 V1002",
        "Nobody at home",
        "70 seconds, saved",
        "not uploaded yet",
        "A recording has not arrived",
    ):
        assert text in page
    seen = verify_api.answer_for(verify_caller(contact.code, NOON), "en")
    assert (seen.genuine, seen.visit, seen.collector) == (True, True, "V1001 + V1002")
    assert "stay when you ask them to leave" in seen.may_not
    copied = json.loads(inside.post("/my/rights/data").content)
    assert copied["visits"][0]["outcome"] == "not_home"
