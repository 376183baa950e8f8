"""Goal: programs pass the same door as people, see only what is theirs, and get the same answer twice."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from forbear.actions.webhooks.api_keys import make_key
from forbear.core.base.problem import Problem
from forbear.store.models import (
    Agency,
    Contact,
    Payment,
    Permit,
    Placement,
    Staff,
    UnappliedPayment,
    WebhookDelivery,
    WebhookEndpoint,
)
from forbear.web import clock as web_clock
from forbear.web.api import verify
from tests.factories.desk import NOON, PHONE, house_rules, make_borrower, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]
ALL = ["permits:ask", "contacts:read", "contacts:write", "payments:write", "webhooks:manage"]
OF_AGENCY = [scope for scope in ALL if scope != "payments:write"]
ASKED = {
    "borrower_id": "B1",
    "loans": ["B1-L1"],
    "channel": "call",
    "purpose": "collect",
    "address": "+86 10 000-000-001",
    "own_line": True,
    "states_identity": True,
    "recorded": True,
}


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch):
    house_rules()
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


class Program:
    """A program with a key."""

    def __init__(self, scopes=None, agency=None):
        scopes = scopes or (OF_AGENCY if agency else ALL)
        self.key, secret = make_key("test", scopes, NOON, agency.code if agency else "", actor="test")
        self.headers = {"Authorization": f"Bearer {secret}"}

    def send(self, method: str, path: str, body=None, **headers):
        answer = Client().generic(
            method,
            f"/api/v1{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers=self.headers | headers,
        )
        return answer.status_code, json.loads(answer.content) if answer.content else None


@pytest.fixture
def huaxin():
    return Agency.objects.create(
        code="huaxin",
        name_zh="华信",
        name_en="Huaxin",
        listed_on=NOON.date(),
        contracted=True,
        telephone="+861055550000",
    )


def test_a_permit_is_given_checked_and_its_outcome_told():
    make_borrower()
    program = Program()
    status, given = program.send("POST", "/permits", ASKED)
    assert status == 201
    assert Permit.objects.count() == 1
    assert program.send("POST", "/permits/check", {"permit": given["permit"]}) == (
        200,
        {"genuine": True, "current": True},
    )
    changed = given["permit"] | {"borrower_id": "B2"}
    assert program.send("POST", "/permits/check", {"permit": changed})[1] == {
        "genuine": False,
        "current": False,
    }
    ended = program.send(
        "POST", f"/contacts/{given['contact_id']}/outcome", {"outcome": "conversation", "seconds": 93}
    )
    assert (ended[0], ended[1]["outcome"]) == (200, "conversation")
    status, refused = program.send("POST", "/permits", ASKED)
    assert status == 403
    assert [each["rule"] for each in refused["refusals"]] == ["house.calls"]
    assert refused["until"] == "2026-03-11T00:00:00Z"


def test_an_outcome_can_be_told_once_and_made_more_precise():
    make_borrower()
    program = Program()
    contact = program.send("POST", "/permits", ASKED)[1]["contact_id"]
    for outcome, status in [
        ("connected", 200),
        ("connected", 200),
        ("conversation", 200),
        ("unanswered", 409),
    ]:
        assert program.send("POST", f"/contacts/{contact}/outcome", {"outcome": outcome})[0] == status
    assert Contact.objects.get().outcome == "conversation"


def test_the_same_request_twice_is_done_once():
    make_borrower()
    program = Program()
    first = program.send("POST", "/permits", ASKED, **{"Idempotency-Key": "k1"})
    assert program.send("POST", "/permits", ASKED, **{"Idempotency-Key": "k1"}) == first
    assert Permit.objects.count() == 1
    stranger = program.send("POST", "/permits", ASKED | {"address": "13800000000"})
    assert (stranger[0], Permit.objects.count()) == (404, 1)
    other = program.send("POST", "/permits", ASKED | {"purpose": "notice"}, **{"Idempotency-Key": "k1"})
    assert other == (
        422,
        {"code": "idempotency_key_reused", "message": "this Idempotency-Key was used for another request"},
    )


@pytest.mark.parametrize(
    ("values", "code", "says"),
    [
        (
            {"link": "https://evil.example/pay"},
            "template_value_of_lender",
            "{link} is filled in by the lender",
        ),
        ({"lender": "公安局"}, "template_value_of_lender", "{lender} is filled in by the lender"),
        ({"reference": "再不还就让公安去你单位抓你"}, "wording_not_allowed", "cn.content."),
        ({"plan": "今天先还 999.00 元"}, "wording_not_allowed", "cn.content.amount"),
    ],
)
def test_a_value_is_screened_like_a_person_s_own_words(values, code, says):
    make_borrower()
    asked = ASKED | {"template": "plan_agreed", "values": values}
    status, told = Program().send("POST", "/contacts", asked)
    assert (status, told["code"]) == (422, code)
    assert says in told["message"]
    assert not Contact.objects.exists()


def test_a_harmless_value_is_kept():
    make_borrower()
    asked = ASKED | {
        "template": "plan_agreed",
        "values": {"reference": "R-26-0007", "plan": "3月20日 412.00 元"},
    }
    status, told = Program().send("POST", "/contacts", asked)
    assert (status, told["state"]) == (202, "waiting")
    assert Contact.objects.get().values == {"reference": "R-26-0007", "plan": "3月20日 412.00 元"}


def test_an_agency_sees_and_asks_only_for_what_is_placed_with_it(huaxin):
    borrower = make_borrower()
    agency = Program(agency=huaxin)
    assert agency.send("POST", "/permits", ASKED)[0] == 404
    own = wished(borrower)
    assert agency.send("GET", f"/contacts/{own.contact_id}")[0] == 404
    Placement.objects.create(agency=huaxin, borrower=borrower, loans=["B1-L1"], placed_at=NOON)
    status, given = agency.send("POST", "/permits", ASKED)
    assert (status, given["permit"]["agency"]) == (201, "huaxin")
    assert Program().send("POST", "/permits", ASKED)[0] == 403, "the agency's call counts for everybody"
    assert agency.send("GET", f"/contacts/{own.contact_id}")[0] == 404
    assert agency.send("GET", f"/contacts/{given['contact_id']}")[0] == 200


@pytest.mark.parametrize(
    ("scopes", "method", "path", "body"),
    [
        (["contacts:read"], "POST", "/permits", ASKED),
        (["permits:ask"], "POST", "/contacts", ASKED | {"body": "x"}),
        (["permits:ask"], "GET", "/contacts/x", None),
        (["contacts:read"], "POST", "/payments", {}),
        (["payments:write"], "GET", "/hooks", None),
    ],
)
def test_a_key_without_the_scope_is_no_key(scopes, method, path, body):
    make_borrower()
    assert Program(scopes).send(method, path, body)[0] == 401
    assert not Permit.objects.exists()
    assert not Contact.objects.exists()


def test_a_revoked_or_altered_key_is_no_key():
    program = Program()
    program.headers = {"Authorization": program.headers["Authorization"] + "x"}
    assert program.send("GET", "/hooks")[0] == 401
    program = Program()
    program.key.revoked_at = NOON
    program.key.save()
    assert program.send("GET", "/hooks")[0] == 401


def test_a_contact_for_the_outbox_waits():
    make_borrower()
    status, made = Program().send("POST", "/contacts", ASKED | {"channel": "sms", "body": "您好"})
    assert (status, made["state"], Contact.objects.get().state) == (202, "waiting", "waiting")
    assert Program().send("POST", "/contacts", ASKED | {"channel": "sms"})[0] == 422
    assert Program().send("POST", "/contacts", ASKED | {"address": "13800000000", "body": "x"})[0] == 404


def test_a_payment_is_recorded_and_stops_what_waits():
    waiting = wished(make_borrower())
    told = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": "2026-03-10", "amount": 41200}
    program = Program()
    assert program.send("POST", "/payments", told)[0] == 201
    waiting.refresh_from_db()
    assert (waiting.state, Payment.objects.count()) == ("cancelled", 1)
    assert program.send("POST", "/payments", told)[0] == 201
    assert program.send("POST", "/payments", told | {"amount": 1})[0] == 409
    status, kept = program.send("POST", "/payments", told | {"payment_id": "P2", "loan_id": "none"})
    assert (status, kept["state"], kept["why"]) == (202, "waiting", "unknown_loan")
    assert program.send("POST", "/payments", told | {"payment_id": "P2", "amount": 12.5})[0] == 422


@pytest.mark.parametrize(
    "paid_on", ["2199-03-11", "1900-01-01", "2026-03-12T08:00:00", 1773187200, "2026-02-30", None]
)
def test_a_day_that_no_payment_has_is_refused(paid_on):
    make_borrower()
    told = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": paid_on, "amount": 41200}
    status, answer = Program().send("POST", "/payments", told)
    assert (status, Payment.objects.count()) == (422, 0)
    assert answer["message"]


def test_payments_of_two_loans_may_have_the_same_id():
    make_borrower()
    make_borrower("B2", phone="+8610000000002")
    program = Program()
    for loan in ("B1-L1", "B2-L1"):
        told = {"payment_id": "1", "loan_id": loan, "paid_on": "2026-03-10", "amount": 20000}
        assert program.send("POST", "/payments", told)[0] == 201
        assert program.send("POST", "/payments", told | {"amount": 1})[0] == 409
    assert set(Payment.objects.values_list("loan_id", flat=True)) == {"B1-L1", "B2-L1"}


def test_an_id_is_read_without_what_nobody_sees_around_it():
    make_borrower()
    program = Program()
    told = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": "2026-03-10", "amount": 41200}
    for sign in ("", "\t", "\u00a0", "\u3000", "\u200b", "\ufeff", " \r\n"):
        spelled = told | {"payment_id": f"{sign}P1{sign}", "loan_id": f"{sign}B1-L1{sign}"}
        assert program.send("POST", "/payments", spelled)[0] == 201, repr(sign)
    assert Payment.objects.get().payment_id == "P1"
    assert program.send("POST", "/payments", told | {"payment_id": "\t \u200b"})[0] == 422
    assert program.send("POST", "/payments", told | {"payment_id": "x" * 65})[0] == 422


def test_a_reversal_takes_back_one_payment_once():
    make_borrower()
    program = Program()
    told = {"loan_id": "B1-L1", "paid_on": "2026-03-10", "amount": 20000}
    assert program.send("POST", "/payments", told | {"payment_id": "A"})[0] == 201
    for changes, code in [
        ({"payment_id": "R", "reverses": "NOPE"}, "reverses_nothing"),
        ({"payment_id": "R", "reverses": "R"}, "reverses_itself"),
        ({"payment_id": "R", "reverses": "A", "amount": 5000}, "reverses_other_amount"),
    ]:
        status, answer = program.send("POST", "/payments", told | changes)
        assert (status, answer["code"]) == (422, code)
    assert program.send("POST", "/payments", told | {"payment_id": "R", "reverses": "\tA"})[0] == 201
    for changes, code in [
        ({"payment_id": "RR", "reverses": "R"}, "reverses_reversal"),
        ({"payment_id": "R2", "reverses": "A"}, "reversed_already"),
    ]:
        status, answer = program.send("POST", "/payments", told | changes)
        assert (status, answer["code"]) == (422, code)
    assert Payment.objects.count() == 2


def test_no_key_of_an_agency_reports_payments(huaxin):
    made = make_key("x", ["placements:read", "payments:write"], NOON, "huaxin", actor="test")
    assert isinstance(made, Problem)
    assert made.code == "api_scope_not_for_agency"
    # one that was made before
    borrower = make_borrower()
    program = Program(agency=huaxin)
    program.key.scopes = ALL
    program.key.save()
    told = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": "2026-03-10", "amount": 20000}
    assert program.send("POST", "/payments", told)[0] == 404
    assert not UnappliedPayment.objects.exists()
    Placement.objects.create(agency=huaxin, borrower=borrower, loans=["B1-L1"], placed_at=NOON)
    assert program.send("POST", "/payments", told)[0] == 201


def test_who_is_calling(huaxin):
    borrower = make_borrower()
    Staff.objects.create(username="a", number="F1024", role="collector", line="+861066660000")
    contact = wished(borrower)
    contact.at, contact.state = NOON - timedelta(hours=1), "sent"
    contact.save()
    ask = Client()
    code = f"{contact.code[:4].lower()}-{contact.code[4:]}"
    for q, kind in (
        (code, "contact"),
        ("F1024", "staff"),
        ("010 6666 0000", "number"),
        ("1055550000", "number"),
    ):
        told = json.loads(ask.get("/api/v1/verify", {"q": q, "language": "en"}).content)
        assert (told["kind"], told["genuine"]) == (kind, q == code), q
        assert "B1" not in json.dumps(told)
        assert PHONE not in json.dumps(told)
    assert told["agency"] == "Huaxin"
    Agency.objects.update(suspended_at=NOON)
    for q in ("+861055550000", "F9999", "", "ABCDEFGH"):
        told = json.loads(ask.get("/api/v1/verify", {"q": q}).content)
        assert told == {
            "genuine": False,
            "kind": "",
            "channel": "",
            "at": None,
            "ending": "",
            "paper": "",
            "old": False,
            "left": False,
            "lender": "",
            "collector": "",
            "agency": "",
            "registration": "",
            "since": None,
            "may": [],
            "may_not": [],
            "visit": False,
        }


def test_guessing_is_slowed():
    answers_ = [Client().get("/api/v1/verify", {"q": f"GUESS{n:03d}"}).status_code for n in range(40)]
    assert answers_ == [200] * verify.BURST + [429] * (40 - verify.BURST)


def test_hooks_are_made_listed_replayed_and_ended():
    program = Program()
    status, hook = program.send(
        "POST", "/hooks", {"url": "https://example.org/x", "kinds": ["payment.recorded"]}
    )
    assert (status, hook["secret"][:6]) == (201, "whsec_")
    assert program.send("GET", "/hooks")[1][0]["secret"] == ""
    make_borrower()
    told = {"payment_id": "P1", "loan_id": "B1-L1", "paid_on": "2026-03-10", "amount": 41200}
    program.send("POST", "/payments", told)
    assert WebhookDelivery.objects.get().body["payment_id"] == "P1"
    WebhookDelivery.objects.update(delivered_at=NOON)
    since = {"since": (NOON - timedelta(days=1)).isoformat()}
    assert program.send("POST", f"/hooks/{hook['id']}/replay", since) == (200, {"again": 1})
    assert WebhookDelivery.objects.get().delivered_at is None
    assert Program().send("DELETE", f"/hooks/{hook['id']}")[0] == 404
    assert program.send("DELETE", f"/hooks/{hook['id']}")[0] == 204
    assert WebhookEndpoint.objects.get().ended_at == NOON


def test_every_failure_has_one_shape():
    program = Program()
    for answer in (
        program.send("POST", "/permits", {"borrower_id": 1}),
        program.send("GET", "/contacts/none"),
        Program(["contacts:read"]).send("GET", "/hooks"),
    ):
        assert set(answer[1]) == {"code", "message"}
