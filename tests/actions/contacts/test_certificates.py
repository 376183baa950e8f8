"""Goal: where a pack asks, nobody calls or visits without a certificate that is valid that day, and is told so."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from forbear.actions.contacts.certificates import uncertified
from forbear.actions.contacts.next_case import next_case, planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.core.permits.case_check import check_cases
from forbear.core.permits.cases import parse_cases
from forbear.core.permits.pack import parse_pack
from forbear.core.permits.rules import merge
from forbear.interchange.home.packs import READY_PACKS
from forbear.sim.case_rows import ask_tables
from forbear.store.models import Agency, Borrower, Case, Contact, Permit, Placement, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import HOUSE_PACK, NOON, house_rules, make_borrower
from tests.web.pages import browser_of
from tests.web.test_administration import signed_in
from tests.web.test_api import ASKED, Program

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
RULE = """
  - id: house.certified
    says: {zh: 持证上岗, en: Who calls or visits is certified}
    applies: {channels: [call, visit]}
    refuse_when: not automated and not collector_certified
    clause: house §7
    force: house
"""


@pytest.fixture(autouse=True)
def _asked_for(monkeypatch):
    house_rules(HOUSE_PACK + RULE)
    monkeypatch.setattr(web_clock, "now", lambda: NOON)


def person(name: str, until: date | None, role: str = "collector", **more: object) -> Staff:
    return Staff.objects.create_user(
        username=name, password="x", role=role, number=name.upper(), certified_until=until,
        certificate="C-1" if until else "", **more,
    )  # fmt: skip


def call(staff: Staff, borrower: Borrower, days: int = 0) -> list[str]:
    now = NOON + timedelta(days=days)
    Case.objects.update(figures_at=now)
    made = make_contact(ContactDraft(borrower.pk, planned_call(borrower), staff=staff), now, actor="test")
    assert isinstance(made, Made), made
    Contact.objects.filter(outcome="pending").update(outcome="unanswered")
    return [refusal.rule for refusal in made.answer.refusals]


@pytest.mark.postgresql
def test_it_is_valid_to_the_end_of_its_last_day(db):
    borrower = make_borrower()
    assert call(person("wu", DAY), borrower) == []
    assert call(person("li", DAY), borrower, days=1) == ["house.certified"]
    assert call(person("he", DAY + timedelta(days=1)), borrower, days=1) == []
    assert call(person("no", None), borrower) == ["house.certified"]
    assert call(person("ex", DAY, is_active=False), borrower) == ["house.certified"]


def test_a_machine_needs_none_and_a_pack_that_does_not_ask_neither(db):
    borrower = make_borrower()
    house_rules(HOUSE_PACK)
    assert call(person("no", None), borrower) == []
    assert uncertified(Staff.objects.get(), NOON) is None


@pytest.mark.postgresql
def test_who_may_not_call_gets_no_case_and_puts_none_off(db):
    make_borrower()
    without, certified = person("no", None), person("wu", DAY)
    assert next_case(without, NOON) is None
    assert Case.objects.get().next_at is None
    handed = next_case(certified, NOON)
    assert handed is not None
    assert handed.decision.permitted


def test_the_desk_says_so_before_the_call(db):
    make_borrower()
    late = person("late", DAY - timedelta(days=1))
    browser = browser_of(late)
    page = browser.get(reverse("desk:queue")).content.decode()
    assert "rule house.certified (house §7) asks for a collector" in page
    assert "yours ended on 9 March 2026" in page
    Case.objects.update(collector=late, leased_until=NOON + timedelta(hours=1))
    page = browser.get(reverse("desk:case", args=["B1"])).content.decode()
    assert "Who calls or visits is certified" in page
    answer = browser.post(reverse("desk:call", args=["B1"]), {"party": "debtor"}, follow=True)
    assert "Who calls or visits is certified" in answer.content.decode()
    assert not Permit.objects.exists()


def test_a_program_names_who_calls_and_only_its_own_people_count(db):
    make_borrower()
    agency = Agency.objects.create(
        code="huaxin", name_zh="华信", name_en="Huaxin", listed_on=DAY, contracted=True, state="admitted"
    )
    Placement.objects.create(agency=agency, borrower_id="B1", loans=["B1-L1"], placed_at=NOON)
    person("wu", DAY)
    person("ag", DAY, role="agency", agency=agency)
    program = Program(["permits:ask"], agency)
    for number, (callers, status) in enumerate(
        (([], 403), (["WU"], 403), (["AG", "WU"], 403), (["NOBODY"], 403), (["AG"], 201))
    ):
        answer = program.send(
            "POST", "/permits", ASKED | {"callers": callers}, **{"Idempotency-Key": f"k{number}"}
        )
        assert answer[0] == status, (callers, answer)
    assert Contact.objects.get(state="sent").planned["callers"] == ["AG"]


def test_administration_keeps_it_and_evidence_has_it(db):
    boss, wu = person("boss", None, role="administrator"), person("wu", None)
    browser, address = signed_in(boss), reverse("administration:person_act", args=[wu.pk, "change"])
    form = {"team": "", "capacity": "60", "line": "", "languages": ["zh"], "certificate": "BJ-77"}
    assert "give both" in browser.post(address, form).content.decode()
    browser.post(address, form | {"certified_until": "2026-03-10"})
    wu.refresh_from_db()
    assert (wu.certificate, wu.certified_until) == ("BJ-77", DAY)
    page = browser.get(reverse("administration:person", args=[wu.pk])).content.decode()
    assert "certificate valid until" in page
    assert "BJ-77" in page
    browser.post(address, form | {"certificate": ""})
    wu.refresh_from_db()
    assert (wu.certificate, wu.certified_until) == ("", None)


CASES = """
scenarios:
- {id: a, pack: house, clause: §7, now: "2026-03-10T15:00", zones: [Asia/Shanghai], certified: 2026-03-10, wish: {channel: call}, expect: allowed}
- {id: b, pack: house, clause: §7, now: "2026-03-11T15:00", zones: [Asia/Shanghai], certified: 2026-03-10, wish: {channel: call}, expect: refused}
- {id: c, pack: house, clause: §7, now: "2026-03-10T15:00", zones: [Asia/Shanghai], certified: never, wish: {channel: visit}, expect: refused}
- {id: d, pack: house, clause: §7, now: "2026-03-10T15:00", zones: [Asia/Shanghai], certified: never, wish: {channel: call, automated: true}, expect: allowed}
- {id: e, pack: house, clause: §7, now: "2026-03-10T15:00", zones: [Asia/Shanghai], certified: never, agencies: {ag1: {}}, wish: {channel: call, agency: ag1}, expect: refused}
- {id: f, pack: house, clause: §7, now: "2026-03-10T15:00", zones: [Asia/Shanghai], agencies: {ag1: {}}, wish: {channel: call, agency: ag1}, expect: allowed}
"""  # noqa: E501


@pytest.mark.postgresql
def test_cases_are_answered_alike_by_core_and_by_the_tables(db):
    book = merge([parse_pack(HOUSE_PACK + RULE, "house.yaml")])
    cases = parse_cases(CASES, "cases.yaml")
    assert [one.case.id for one in check_cases(book, cases) if not one.right] == []
    assert [one.case.id for one in check_cases(book, cases, ask_tables) if not one.right] == []


def test_the_ready_rule_is_there_to_be_switched_on(db):
    rule = parse_pack((READY_PACKS / "cn.yaml").read_text("utf-8"), "cn").rule("cn.certified")
    assert (rule.enabled, bool(rule.doubt)) == (False, True)
