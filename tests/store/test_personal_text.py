"""Goal: when the time of keeping is over the desk holds nothing personal either, and whoever comes back is known again.

Method: a night opens a case, words are put everywhere they can stand, the case ends, and five years pass.
"""

from datetime import UTC, date, datetime

import pytest
from django.db.models import CharField, DateField, JSONField, TextField
from django.test import Client

from forbear.jobs.erase_due import due, erase_due
from forbear.publish.publish import publish
from forbear.store import models
from forbear.store.evidence_check import check
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    ContactPoint,
    Hold,
    Lawsuit,
    LawsuitStep,
    Loan,
    Staff,
)
from forbear.store.personal_text import WORDS
from forbear.web import clock as web_clock
from tests.actions.cases.test_payments import DAY, FEED, NOON, pay
from tests.actions.cases.test_payments import desk as desk
from tests.home_night import decided, feed_in

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_then_it_goes_and_the_rows_stay",
    "test_whoever_comes_back_is_known_again_and_a_stop_still_counts",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
LATER = datetime(2031, 5, 1, 4, tzinfo=UTC)
#: Names of fields that hold a person's words or who and where they are.
PERSONAL = {
    *("name", "region", "born_on", "value", "person", "area", "latitude", "longitude", "reason", "subject", "body"),
    *("values", "text", "note", "reason_note", "stopped_note", "reason_params", "budget", "words", "answer"),
    *("told", "places", "place"),
}  # fmt: skip
#: What of those names is none: a rule's sentence or a code, what the program answered a phone, a signed permit.
NONE_OF_IT = {
    ("Contact", "reason_params"),
    ("ProposedPlacement", "reason_params"),
    ("FieldEvent", "answer"),
    ("Permit", "body"),
}


def test_every_field_that_can_hold_words_is_emptied_or_said_to_hold_none():
    emptied = {(each.model.__name__, name) for each in WORDS for name in each.empty}
    borrowers = {each.model for each in WORDS}
    found = set()
    for model in vars(models).values():
        if not (isinstance(model, type) and hasattr(model, "_meta")) or model in (Staff,):
            continue
        reaches = {field.related_model for field in model._meta.get_fields() if field.many_to_one}
        if model not in borrowers and not reaches & borrowers:
            continue
        for field in model._meta.concrete_fields:
            if field.name in PERSONAL and isinstance(field, (CharField, TextField, JSONField, DateField)):
                found.add((model.__name__, field.name))
    assert found - emptied == NONE_OF_IT


def spoken() -> None:
    """A person's words at the desk: in a text, a reason, and a step of a lawsuit."""
    Contact.objects.update(body="尊敬的王小明", subject="x", values={"name": "王小明"}, state="sent", at=NOON)
    Hold.objects.create(borrower_id="B1", kind="hardship", starts_at=NOON, ends_at=NOON, reason="生病住院")
    staff = Staff.objects.create_user("fang", password="x", role="legal", number="J1")
    lawsuit = Lawsuit.objects.create(
        borrower_id="B1", way="payment_order", state="ended", claimed=1, currency="CNY", minor_unit=100,
        proposed_at=NOON, proposed_by=staff, ended_at=NOON, ended_reason_code="paid",
    )  # fmt: skip
    LawsuitStep.objects.create(lawsuit=lawsuit, state="ended", on=DAY, at=NOON, by="J1", words="双方和解")


def left() -> set[str]:
    """Every text that the desk still holds of borrowers."""
    rows = [row for each in WORDS for row in each.model.objects.values(*each.empty)]
    return {str(value) for row in rows for value in row.values() if value not in ("", None, {})}


def test_an_open_case_and_the_years_after_it_keep_all(desk):
    spoken()
    assert due(LATER) == []
    pay("P1", 41_000)
    assert Case.objects.get().closed_on == date(2026, 3, 11)
    assert due(datetime(2031, 3, 11, 4, tzinfo=UTC)) == []
    assert {"王小明", "生病住院", "双方和解", "尊敬的王小明"} <= left()


def test_then_it_goes_and_the_rows_stay(desk):
    spoken()
    pay("P1", 41_000)
    assert erase_due(LATER, "S-009") == ["B1"]
    assert left() == set()
    assert (Contact.objects.count(), Hold.objects.count(), LawsuitStep.objects.count()) == (1, 1, 1)
    assert ContactPoint.objects.get().invalid_at == LATER
    assert due(LATER) == [] == check(LATER)


def test_words_that_outlived_the_evidence_are_found(desk):
    spoken()
    pay("P1", 41_000)
    erase_due(LATER, "S-009")
    LawsuitStep.objects.update(words="later")
    assert erase_due(LATER, "S-009") == ["B1"]
    assert LawsuitStep.objects.get().words == ""


def test_whoever_comes_back_is_known_again_and_a_stop_still_counts(desk, tmp_path):
    spoken()
    pay("P1", 41_000)
    ContactPoint.objects.update(stopped_at=NOON)
    erase_due(LATER, "S-009")
    day = date(2031, 5, 2)
    again = ["L9,B1,cash,CNY,800.00,2031-01-01,active"]
    due_on = ["L9,1,2031-04-20,400.00,12.00,0,0"]
    feed_in(tmp_path / "again", **FEED | {"loans": again, "instalments": due_on, "payments": []})
    publish(*decided(day), datetime(2031, 5, 3, 4, tzinfo=UTC))
    person, point = Borrower.objects.get(), ContactPoint.objects.get()
    assert (person.name, point.value, point.invalid_at) == ("王小明", "+8610000000001", None)
    assert point.stopped_at == NOON
    assert Loan.objects.get(loan_id="L9").past_due_amount == 41_200


def test_the_case_page_of_whoever_was_erased(desk, monkeypatch):
    spoken()
    pay("P1", 41_000)
    erase_due(LATER, "S-009")
    monkeypatch.setattr(web_clock, "now", lambda: LATER)
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(
        Staff.objects.create_user("he", password="x", role="compliance", number="C1"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    answer = client.get("/desk/case/B1/")
    assert answer.status_code == 200
    assert "王" not in answer.content.decode()
