"""Goal: no worker starts while a pack of the home gets one of its own cases wrong, and the message says which."""

import pytest
from django.conf import settings

from forbear.core.permits.pack import parse_draft
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.pack_cases import check_home_cases, wrong_cases
from forbear.interchange.home.packs import READY_PACKS, rulebook
from forbear.interchange.home.signed_packs import signed_path, unsigned_files
from forbear.jobs import timetable
from tests.factories.desk import write_pack

LOOSER = """
id: cn.night
says: {zh: 夜间, en: Night}
refuse_when: local_hour < 6
until: next_local_hour(6)
clause: GB/T 45251-2025 §5.3; CBA 2026 ch. 3
force: standard
"""


def test_a_ready_home_gets_its_cases_right():
    check_home_cases(settings.HOME)


def test_a_worker_does_not_start_with_a_pack_that_fails_its_cases():
    (path,) = settings.HOME.packs
    text = path.read_text("utf-8")
    assert "local_hour >= 22" in text
    write_pack(path, text.replace("local_hour >= 22", "local_hour >= 23", 1))
    with pytest.raises(HomeError, match=r"permits case cn-n02 \(CBA 2026 ch\. 3: a push notice") as refused:
        timetable.work(once=True)
    assert "more" in str(refused.value)


def test_a_lender_keeps_cases_of_its_own():
    (path,) = settings.HOME.packs
    own = path.parent / "cases" / f"{path.stem}-house.yaml"
    own.write_text(
        "scenarios:\n- {id: ours, pack: cn, clause: our own, now: 2026-03-10T12:00, wish: {channel: call}, "
        "expect: refused}\n",
        "utf-8",
    )
    assert [one.case.id for one in wrong_cases(path)] == ["ours"]
    own.unlink()


def test_a_draft_stands_in_for_the_rule_it_changes():
    wrong = wrong_cases(READY_PACKS / "cn.yaml", parse_draft(LOOSER))
    assert "cn-n02" in {one.case.id for one in wrong}
    assert wrong_cases(READY_PACKS / "cn.yaml") == []


def test_a_place_binds_only_where_the_borrower_lives():
    (path,) = settings.HOME.packs
    write_pack(path, (READY_PACKS / "us.yaml").read_text("utf-8"))
    place = path.parent / f"{path.stem}-us-ma.yaml"
    write_pack(place, (READY_PACKS / "us-ma.yaml").read_text("utf-8"))
    try:
        bound = {one.rule.id: one.rule for one in rulebook(settings.HOME).bound}
        assert bound["us-ma.two_contacts"].binds_in("US-MA")
        assert bound["us-ma.two_contacts"].binds_in("massachusetts")
        assert not bound["us-ma.two_contacts"].binds_in("TX")
        assert bound["us.hours"].binds_in("TX")
        write_pack(path, (READY_PACKS / "cn.yaml").read_text("utf-8"))
        assert "us-ma.two_contacts" not in {one.rule.id for one in rulebook(settings.HOME).bound}
    finally:
        place.unlink()
        signed_path(place).unlink()


@pytest.mark.django_db
def test_a_file_that_was_changed_by_hand_binds_nobody_and_is_told(caplog):
    (path,) = settings.HOME.packs
    before = rulebook(settings.HOME)
    text = path.read_text("utf-8")
    path.write_text(text.replace("local_hour >= 22", "local_hour >= 24", 1), "utf-8")
    place = path.parent / f"{path.stem}-somewhere.yaml"
    place.write_text("no pack at all", "utf-8")
    assert rulebook(settings.HOME) == before
    assert [(one.path, one.state) for one in unsigned_files(settings.HOME)] == [
        (place, "new"),
        (path, "changed"),
    ]
    timetable.work(once=True)
    assert f"{path.name} was changed since it was signed" in caplog.text
    assert f"{place.name} was never signed" in caplog.text
    path.unlink()
    assert rulebook(settings.HOME) == before
    assert [one.state for one in unsigned_files(settings.HOME)] == ["new", "gone"]


def test_a_pack_that_nobody_ever_signed_permits_nothing():
    (path,) = settings.HOME.packs
    signed_path(path).unlink()
    with pytest.raises(HomeError, match="nobody signed this pack, so nothing is permitted"):
        rulebook(settings.HOME)
