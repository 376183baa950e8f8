"""Goal: what ends one request, grant or agreement never ends the protection that another one still gives."""

from datetime import timedelta

import pytest

from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.agreements.settlements import SettlementWanted, end_settlement, propose_settlement
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.reviews import Reviewed, review_request
from forbear.actions.holds.holds import place_hold
from forbear.actions.requests.requests import Asked, make_request
from forbear.core.agreements.answers import Granted
from forbear.store.business_date import day_end
from forbear.store.models import Hold, Loan, Promise, Request, Settlement
from tests.factories.agencies import person
from tests.factories.desk import NOON, house_rules, make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _world():
    house_rules()
    make_borrower()


def asked(kind: str, words: str = "", **more) -> Request:
    request = make_request(Asked("B1", kind, words, **more), NOON, actor="borrower")
    assert isinstance(request, Request), request
    return request


def running(kind: str) -> int:
    return Hold.objects.filter(borrower="B1", kind=kind, lifted_at=None).count()


def test_a_longer_pause_goes_on_when_a_shorter_one_is_over():
    officer = person("compliance1", "compliance")
    pauses = []
    for days in (90, 30):
        until = TODAY + timedelta(days=days)
        answer = Answered("deferred", "ok", granted=Granted(until=until))
        done = answer_request(asked("hardship").number, answer, officer, NOON)
        assert isinstance(done, Request), done
        pauses.append(done)
    longer, shorter = pauses
    assert longer.hold_id != shorter.hold_id
    then = NOON + timedelta(days=30)
    assert isinstance(review_request(shorter.number, Reviewed("over"), officer, then), Request)
    longer.refresh_from_db()
    assert longer.hold.lifted_at is None
    assert longer.hold.ends_at > day_end(TODAY + timedelta(days=90))


def test_a_dispute_that_is_answered_leaves_the_hold_of_the_other():
    first, second = (asked("dispute", loans=("B1-L1",), line=f"B1-L1:{number}") for number in (1, 2))
    assert running("dispute") == 2
    answer = Answered("refused", "it is right")
    assert answer_request(first.number, answer, person("compliance1", "compliance"), NOON).state == "answered"
    second.refresh_from_db()
    assert (running("dispute"), second.hold.lifted_at) == (1, None)


def test_what_a_reply_stopped_is_the_hold_of_the_request_that_follows():
    hold = place_hold("B1", "hardship", NOON, actor="borrower", source="reply")
    assert asked("hardship").hold == hold
    assert running("hardship") == 1


def test_an_offer_that_is_withdrawn_leaves_the_promise_its_hold():
    Loan.objects.update(days_past_due=90)
    offered = Offered("B1", ("B1-L1",), 41_200, TODAY + timedelta(days=14))
    promise = record_promise(offered, NOON, actor="borrower")
    assert isinstance(promise, Promise), promise
    manager = person("manager1", "manager")
    wanted = SettlementWanted("B1", ("B1-L1",), 200_000, TODAY + timedelta(days=10))
    offer = propose_settlement(wanted, manager, NOON)
    assert isinstance(offer, Settlement), offer
    assert offer.hold_id != promise.hold_id
    end_settlement(offer.pk, manager, NOON, "withdrawn")
    promise.refresh_from_db()
    assert (promise.state, promise.hold.lifted_at) == ("open", None)
