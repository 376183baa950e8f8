"""One administrator alone doesn't become two people: resets, passwords, accounts and roles of people who sign."""

import json
import re
from datetime import timedelta

import pytest

from forbear.actions.contacts.staff_texts import send_staff_texts
from forbear.actions.signatures.second_signature import signature_problem
from forbear.actions.staff.account_changes import changes_waiting_for
from forbear.actions.staff.account_decisions import decide_change, object_to
from forbear.actions.staff.staff_accounts import (
    NewPerson,
    change_person,
    change_role,
    give_password,
    make_person,
    propose_administrator,
    reset_person,
)
from forbear.channels.transport import Receipt
from forbear.core.base.problem import Problem
from forbear.store.models import AccountChange, Event, Staff, StaffText, WebhookDelivery
from forbear.store.permissions import PERMISSIONS, ROLE_PERMISSIONS, SIGNATURES, SIGNING_ROLES
from tests.factories.desk import NOON
from tests.tidy.tree import SRC
from tests.web.test_administration import person, signed_in

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = timedelta(hours=24)
WORK = {"team": "", "languages": "zh", "skills": "", "capacity": "60", "line": "", "certificate": ""}


class Way:
    """A way out that takes everything, and what it took."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def send(self, permit, message):
        self.sent.append((message.to, message.body))
        return Receipt("accepted", "test", f"r{len(self.sent)}")


@pytest.fixture
def gu():
    return person("gu", "administrator")


@pytest.fixture
def second():
    return person("second", "administrator")


def told_to(way: Way, now=NOON) -> list[tuple[str, str]]:
    send_staff_texts({"sms": way, "email": way}, now)
    return way.sent


def code(problem: object) -> str:
    assert isinstance(problem, Problem), problem
    return problem.code


def test_one_administrator_cannot_enter_as_the_second_and_approve_their_own_proposal(gu, second):
    wu, house = person("wu", "lead"), signed_in(gu)
    house.post(f"/administration/people/{wu.pk}/administrator", {"note": "takes over"})
    for act in ("proofs", "password"):
        page = house.post(f"/administration/people/{second.pk}/{act}", {"note": "lost the phone"})
        assert "<code>" not in page.content.decode()
    assert set(AccountChange.objects.values_list("what", "state")) == {
        ("role", "proposed"), ("factors", "proposed"), ("password", "proposed"),
    }  # fmt: skip
    for change in AccountChange.objects.all():
        house.post(f"/administration/people/changes/{change.pk}", {"sign": "1"})
    wu.refresh_from_db()
    assert wu.role == "lead"
    assert not AccountChange.objects.exclude(state="proposed").exists()


def test_whoever_a_signer_reset_does_not_sign_beside_them_for_a_day(gu, second):
    third, wu = person("third", "administrator"), person("wu", "lead")
    reset = reset_person(third.pk, gu, NOON, "phone lost, rang her at home")
    assert decide_change(reset.pk, True, second, NOON).state == "signed"
    proposed = propose_administrator(wu.pk, "takes over", gu, NOON)
    assert code(decide_change(proposed.pk, True, third, NOON)) == "signatures_in_one_hand"
    refused = json.loads(Event.objects.filter(kind="access").latest("pk").line)["body"]
    assert (refused["what"], refused["first"], refused["hands"]) == ("signature_refused", "GU", ["GU"])
    assert decide_change(proposed.pk, True, third, NOON + DAY + timedelta(minutes=1)).state == "signed"


def test_who_opened_both_accounts_alone_has_no_two_signatures(gu):
    first, other = (make_person(NewPerson(name, name, "collector"), gu, NOON)[0] for name in ("c1", "c2"))
    assert code(signature_problem([first.pk], other, NOON)) == "signatures_in_one_hand"
    bystander = person("bystander", "lead")
    assert signature_problem([first.pk], bystander, NOON) is None
    assert signature_problem([first.pk], other, NOON + DAY + timedelta(minutes=1)) is None


@pytest.mark.parametrize("role", sorted(SIGNING_ROLES - {"administrator"}))
def test_an_account_that_may_approve_opens_by_two(gu, second, role):
    made, password = make_person(NewPerson("new", "N1", role, note="joins the team"), gu, NOON)
    assert (password, made.is_active) == ("", False)
    change = AccountChange.objects.get()
    assert code(decide_change(change.pk, True, gu, NOON + 10 * DAY)) == "own_role_approval"
    assert signed_in(gu).post(f"/administration/people/{made.pk}/unlock").status_code == 302
    made.refresh_from_db()
    assert not made.is_active
    page = signed_in(second).post(f"/administration/people/changes/{change.pk}", {"sign": "1"})
    given = re.search(r"<code>([\w-]+)</code>", page.content.decode())[1]
    made.refresh_from_db()
    assert made.is_active
    assert made.check_password(given)
    assert made.must_change


def test_an_account_that_was_declined_never_opens(gu, second):
    made, _ = make_person(NewPerson("new", "N1", "lead", note="joins"), gu, NOON)
    decide_change(AccountChange.objects.get().pk, False, second, NOON)
    made.refresh_from_db()
    assert (made.is_active, made.locked_at) == (False, None)


def test_a_role_that_approves_is_proposed_and_a_lesser_one_is_not(gu, second):
    lin = person("lin", "collector")
    assert code(change_role(lin.pk, "lead", "", gu, NOON)) == "approval_reason_missing"
    assert change_role(lin.pk, "lead", "", gu, NOON, "leads the north").state == "proposed"
    lin.refresh_from_db()
    assert lin.role == "collector"
    decide_change(AccountChange.objects.get().pk, True, second, NOON)
    lin.refresh_from_db()
    assert lin.role == "lead"
    assert change_role(lin.pk, "collector", "", gu, NOON).role == "collector"
    # who approved until today is no way round
    assert give_password(lin.pk, gu, NOON, "forgot").state == "proposed"
    assert isinstance(give_password(lin.pk, second, NOON + 31 * DAY), str)


def test_without_a_second_administrator_the_person_is_told_and_a_day_passes(gu):
    lead = person("lead", "lead")
    Staff.objects.filter(pk=lead.pk).update(phone="+8613800000001", email="lead@lender.example")
    way, change = Way(), give_password(lead.pk, gu, NOON, "forgot it, came in person")
    assert code(decide_change(change.pk, True, gu, NOON)) == "change_waits"
    assert code(decide_change(change.pk, True, gu, NOON + DAY)) == "change_untold"
    told_to(way)
    assert {to for to, _ in way.sent} == {"+8613800000001", "lead@lender.example"}
    assert "GU" in way.sent[0][1]
    assert "/own/" in way.sent[0][1]
    assert isinstance(decide_change(change.pk, True, gu, NOON + DAY), str)
    change.refresh_from_db()
    assert change.is_alone
    assert code(signature_problem([gu.pk], lead, NOON + DAY)) == "signatures_in_one_hand"


def test_the_person_objects_on_their_own_page_and_nothing_is_done(gu):
    lead = person("lead", "lead")
    Staff.objects.filter(pk=lead.pk).update(phone="+8613800000001")
    change = reset_person(lead.pk, gu, NOON, "says the phone is lost")
    told_to(Way())
    client = signed_in(lead)
    assert "GU" in client.get("/own/").content.decode()
    client.post(f"/own/changes/{change.pk}/object")
    assert not changes_waiting_for(lead)
    assert code(decide_change(change.pk, True, gu, NOON + DAY)) == "no_proposal_number"
    assert code(object_to(change.pk, gu, NOON)) == "no_proposal_number"


def test_nobody_who_cannot_be_told_is_changed_by_one(gu):
    lead = person("lead", "lead")
    change = give_password(lead.pk, gu, NOON, "forgot")
    assert change.alone_from is None
    assert code(decide_change(change.pk, True, gu, NOON + 10 * DAY)) == "own_role_approval"


def test_where_a_signer_is_told_does_not_change_by_one_hand(gu, second):
    lead = person("lead", "lead")
    Staff.objects.filter(pk=lead.pk).update(phone="+8613800000001")
    data = WORK | {"phone": "+8613800000009", "email": ""}
    assert code(change_person(lead.pk, data, gu, NOON)) == "approval_reason_missing"
    change_person(lead.pk, data | {"note": "new number"}, gu, NOON)
    lead.refresh_from_db()
    assert lead.phone == "+8613800000001"
    decide_change(AccountChange.objects.get(what="phone").pk, True, second, NOON)
    lead.refresh_from_db()
    assert lead.phone == "+8613800000009"
    assert {to for to, _ in told_to(Way())} == {"+8613800000001"}, "where they were reached until now"


def test_a_collectors_reset_takes_one_and_they_are_told(gu):
    lin = person("lin", "collector")
    Staff.objects.filter(pk=lin.pk).update(email="lin@lender.example")
    assert isinstance(give_password(lin.pk, gu, NOON), str)
    reset_person(lin.pk, gu, NOON, "lost")
    assert len(told_to(Way())) == 2
    assert set(AccountChange.objects.values_list("what", "state")) == {
        ("password", "done"),
        ("factors", "done"),
    }


def test_every_change_reaches_the_programs_that_watch(gu):
    from forbear.actions.webhooks.webhook_events import KINDS

    assert {"account.changed", "account.signature_refused"} <= set(KINDS)
    assert not WebhookDelivery.objects.exists()


def test_every_act_that_takes_a_second_person_asks_whether_it_is_one():
    """A file of acts that refuses one's own approval also asks whose hand the account is in."""
    own = re.compile(r'"(own_\w+_approval|\w+_own_approval|own_visit_decision|complaint_own_rejection)"')
    acts = [path for path in (SRC / "forbear" / "actions").rglob("*.py") if own.search(path.read_text())]
    assert len(acts) > 10
    lacking = {path.name for path in acts if "signature_problem(" not in path.read_text()}
    assert lacking == {"account_changes.py"}, "whose caller asks"


def test_roles_that_sign_are_those_with_a_signature():
    assert set(PERMISSIONS) >= SIGNATURES
    assert {role for role, granted in ROLE_PERMISSIONS.items() if granted & SIGNATURES} == SIGNING_ROLES
    assert {"lead", "compliance", "manager", "administrator"} == SIGNING_ROLES
    assert StaffText._meta.get_field("to").max_length is None, "any address has room"
