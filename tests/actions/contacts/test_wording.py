"""Goal: a person's own words leave unless a rule blocks them; true ones of a lawsuit pass, and doubt is on record."""

import json
from datetime import date

import pytest

from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, happened_at_court, queue_contact
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.store.models import Borrower, Contact, Event, Lawsuit, LawsuitStep, Staff
from tests.factories.desk import NOON, PHONE, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TRUE = "法院已于3月5日立案，案号为(2026)津0103民初1234号，传票由法院送达。"


@pytest.fixture(autouse=True)
def borrower() -> Borrower:
    house_rules()
    return make_borrower()


def written(text: str, *, confirmed: bool = False) -> Contact | Problem:
    planned = PlannedContact("sms", "collect", point=digest_of("phone", PHONE), loans=("L1",))
    return queue_contact(ContactDraft("B1", planned, body=text, confirmed=confirmed), NOON, actor="staff:F1")


def looked() -> list[str]:
    """The rules by which a person should look at the newest queued contact."""
    event = Event.objects.filter(kind="planned_contact").order_by("-pk").first()
    assert event is not None
    return json.loads(event.line)["body"].get("look", [])


def sue(borrower: Borrower, *states: str) -> None:
    staff = Staff.objects.create_user(username="fa", password="x", role="legal", number="F9")
    lawsuit = Lawsuit.objects.create(
        borrower=borrower, way="lawsuit", state=states[-1], claimed=1, currency="CNY", minor_unit=100,
        proposed_at=NOON, proposed_by=staff,
    )  # fmt: skip
    for state in states:
        LawsuitStep.objects.create(lawsuit=lawsuit, state=state, on=date(2026, 3, 5), at=NOON, by="staff:F9")


def test_clean_words_leave_no_doubt():
    assert isinstance(written("您好，您的账单已出。"), Contact)
    assert looked() == []


def test_a_threat_is_refused_with_a_wording_that_may():
    refused = written("再不还钱就弄死你")
    assert isinstance(refused, Problem)
    assert refused.code == "wording_not_allowed"
    assert not Contact.objects.exists()


def test_what_is_said_of_a_court_does_not_leave_until_the_case_has_the_lawsuit(borrower):
    assert isinstance(written(TRUE), Problem)
    assert not Contact.objects.exists()
    sue(borrower, "proposed", "signed", "filed")
    assert isinstance(written(TRUE), Contact)
    assert "cn.content.authority" not in looked()


def test_who_poses_as_a_court_is_refused_whatever_the_case_has(borrower):
    sue(borrower, "filed", "judged", "enforcing")
    assert happened_at_court(borrower) == {"lawsuit", "judgment", "enforcement"}
    assert isinstance(written("我是法院执行法官，案号1234，马上还款"), Problem)


def test_a_lawsuit_that_was_only_proposed_has_not_happened(borrower):
    sue(borrower, "proposed", "signed")
    assert happened_at_court(borrower) == frozenset()


DOUBTFUL = "如果一直不处理，我们将向法院起诉。"


def test_words_that_should_be_looked_at_leave_once_their_writer_confirms_them():
    asked = written(DOUBTFUL)
    assert isinstance(asked, Problem)
    assert asked.code == "wording_to_confirm"
    assert not Contact.objects.exists()
    assert isinstance(written(DOUBTFUL, confirmed=True), Contact)
    assert looked()


def test_no_confirmation_lets_what_a_rule_blocks_or_leaves_in_doubt_leave():
    for text in ("再不还钱就弄死你", TRUE):
        refused = written(text, confirmed=True)
        assert isinstance(refused, Problem)
        assert refused.code == "wording_not_allowed"
