"""Goal: a pack that gets a case wrong is signed by nobody, and what is signed binds at once and is on record."""

import json

import pytest
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.actions.strategies.pack_signatures import ProposedPack, SignedPack, sign_pack
from forbear.core.base.problem import Problem
from forbear.core.permits.pack import PackError
from forbear.interchange.home.pack_cases import check_home_cases
from forbear.interchange.home.packs import READY_PACKS, rulebook
from forbear.store.models import Event, Staff
from tests.factories.desk import NOON, make_borrower, wish_for

pytestmark = [pytest.mark.database, pytest.mark.django_db]
HOUSE = """\
pack: {name}
rules:
  - id: {name}.tea
    says: {{zh: 下午三点不打电话, en: No calls at three}}
    applies: {{channels: [call]}}
    refuse_when: local_hour = {hour}
    clause: §1
    force: house
"""
CASES = """\
scenarios:
- id: tea
  pack: {name}
  clause: "§1: at three"
  now: 2026-03-10T15:00
  zones: [Asia/Shanghai]
  wish: {{channel: call}}
  expect: refused
- id: late
  pack: {name}
  clause: "§1: not at four"
  now: 2026-03-10T16:00
  zones: [Asia/Shanghai]
  wish: {{channel: call}}
  expect: allowed
"""


@pytest.fixture
def officer():
    Staff.objects.create_user(username="li", password="x", role="compliance", number="C2")
    return Staff.objects.create_user(username="mei", password="x", role="compliance", number="C1")


def signed_by_two(file, reason: str):
    """What the second signature brings; the first only proposes."""
    first = sign_pack(file, "li", "I propose it", NOON)
    assert isinstance(first, ProposedPack), first
    again = sign_pack(file, "li", "and sign it, too", NOON)
    assert isinstance(again, ProposedPack), "one person's second signature is no second person's"
    return sign_pack(file, "mei", reason, NOON)


def draft(tmp_path, hour: int = 15, name: str = "house"):
    (tmp_path / "cases").mkdir(exist_ok=True)
    (tmp_path / "cases" / "draft.yaml").write_text(CASES.format(name=name), "utf-8")
    path = tmp_path / "draft.yaml"
    path.write_text(HOUSE.format(name=name, hour=hour), "utf-8")
    return path


def test_a_draft_with_a_wrong_case_is_refused_with_the_case_and_its_line(tmp_path, officer):
    before = {path: path.read_bytes() for path in (settings.HOME.folder / "packs").rglob("*.yaml")}
    wrong = sign_pack(draft(tmp_path, hour=16), "mei", "tea at four", NOON)
    assert isinstance(wrong, list)
    assert [(one.code, str(one).partition(": ")[2]) for one in wrong] == [
        ("case_leaks", "case tea is permitted and must not be: §1: at three"),
        ("case_refused", "case late is refused by house.tea and is lawful: §1: not at four"),
    ]
    assert [str(one).partition(": ")[0] for one in wrong] == [
        f"{tmp_path}/cases/draft.yaml:2:3", f"{tmp_path}/cases/draft.yaml:9:3"
    ]  # fmt: skip
    assert {path: path.read_bytes() for path in (settings.HOME.folder / "packs").rglob("*.yaml")} == before
    assert not Event.objects.filter(kind="change").exists()


@pytest.mark.postgresql
def test_what_is_signed_is_the_homes_with_its_cases_and_on_record(tmp_path, officer):
    file = draft(tmp_path)
    before = rulebook(settings.HOME)
    assert isinstance(sign_pack(file, "li", "tea", NOON), ProposedPack)
    assert not (settings.HOME.folder / "packs" / "house.yaml").exists()
    assert rulebook(settings.HOME) == before
    signed = signed_by_two(file, "tea at three")
    assert isinstance(signed, SignedPack), signed
    assert signed.path.read_text("utf-8") == HOUSE.format(name="house", hour=15)
    assert not signed.in_force, "lender.yaml doesn't name it"
    assert (settings.HOME.folder / "packs" / "cases" / "house.yaml").is_file()
    body = json.loads(Event.objects.filter(kind="change").order_by("id").last().line)["body"]
    assert (body["what"], body["pack"], body["note"]) == ("pack_signed", "house", "tea at three")
    # a later version is held to the cases that the home keeps, whatever lies beside it
    (tmp_path / "cases" / "draft.yaml").unlink()
    assert isinstance(sign_pack(draft(tmp_path, hour=14), "mei", "again", NOON), list)


@pytest.mark.postgresql
def test_a_new_version_of_a_pack_in_force_binds_at_the_next_question(officer, tmp_path):
    (path,) = settings.HOME.packs
    assert path.stem == "cn"
    borrower = make_borrower()
    planned = wish_for(borrower, "sms", own_line=True, states_identity=True, offers_opt_out=True)
    assert "cn.tea" not in [one.rule for one in preview("B1", [planned], NOON)[0].refusals]
    new = tmp_path / "cn.yaml"
    added = (
        HOUSE.format(name="cn", hour=15)
        .partition("rules:\n")[2]
        .replace("channels: [call]", "channels: [push, sms]")
    )
    new.write_text(path.read_text("utf-8") + added, "utf-8")
    wrong = sign_pack(new, "mei", "tea", NOON)
    assert isinstance(wrong, list), "lawful messages at three are among its cases"
    new.write_text(
        path.read_text("utf-8") + added.replace("= 15", "= 15 and past_due_amount = 412.00"), "utf-8"
    )
    signed = signed_by_two(new, "tea")
    assert isinstance(signed, SignedPack), signed
    assert signed.in_force
    assert "cn.tea" in [one.rule for one in preview("B1", [planned], NOON)[0].refusals]
    check_home_cases(settings.HOME)


def test_a_place_is_asked_with_its_country(officer, tmp_path):
    path = tmp_path / "us-ma.yaml"
    text = (READY_PACKS / "us-ma.yaml").read_text("utf-8")
    path.write_text(text.replace("refuse_when: counted >= 2", "refuse_when: counted >= 3", 1), "utf-8")
    wrong = sign_pack(path, "mei", "more", NOON)
    assert isinstance(wrong, list)
    assert all("us-ma" in str(one) or "us.yaml" in str(one) for one in wrong)
    path.write_text(text, "utf-8")
    assert isinstance(signed_by_two(path, "as it is"), SignedPack)


def test_who_may_not_sign_and_what_is_no_pack(officer, tmp_path):
    Staff.objects.create_user(username="wu", password="x", role="collector", number="F1")
    file = draft(tmp_path)
    for name, reason, code in (
        ("nobody", "x", "no_working_account"),
        ("wu", "x", "pack_not_yours_to_sign"),
        ("mei", " ", "approval_reason_missing"),
    ):
        answer = sign_pack(file, name, reason, NOON)
        assert isinstance(answer, Problem)
        assert answer.code == code
    file.write_text("pack: house\nrules: [{id: house.x}]", "utf-8")
    with pytest.raises(PackError):
        sign_pack(file, "mei", "x", NOON)
