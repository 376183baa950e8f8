"""Goal: a world cut into lenders is the same people, whole and each once, and its sums are theirs, by hand."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from forbear.sim.chance import Chance
from forbear.sim.lenders import LARGEST, PART, faults_summed, parts, summed
from forbear.sim.people import people

FIRST = date(2026, 1, 5)


@given(st.integers(1, 1_000_000), st.integers(0, 1000))
def test_each_borrower_is_with_one_lender(borrowers, lenders):
    cut = parts(borrowers, lenders)
    assert [begin for begin, _ in cut] == [
        sum(count for _, count in cut[:place]) for place in range(len(cut))
    ]
    assert sum(count for _, count in cut) == borrowers
    assert all(count > 0 for _, count in cut)


def test_a_large_world_is_cut_by_its_size():
    assert parts(LARGEST) == [(0, LARGEST)]
    assert parts(LARGEST + 1) == [(0, 500), (500, 501)]
    assert parts(2 * PART + 1) == [(0, 6_667), (6_667, 6_667), (13_334, 6_667)]
    assert len(parts(10 * PART)) == 10


def test_the_lenders_people_are_those_of_one_world():
    whole = people(12, FIRST, Chance("world:1"))
    cut = [people(count, FIRST, Chance("world:1"), begin=begin) for begin, count in parts(12, 3)]
    assert [person for part in cut for person in part] == whole


def lived(**more: object) -> dict:
    """What one lender's run came to."""
    fault = {"provider_busy": {"tried": 3, "happened": 1, "ended": {"done again": 1}}}
    return {
        "seed": 1, "pack": "cn", "borrowers": 10, "days": 2, "paid": 100, "late_at_end": 1, "owed_late_at_end": 7,
        "contacts": {"sms": 2}, "states": {"sent": 2}, "promises": {}, "requests": {}, "tried": {},
        "visits": {"ended": 1}, "lawsuits": {}, "sales": {}, "settlements": {},
        "faults": fault, "by_day": [{"late": 1, "paid": 60}, {"late": 2, "paid": 40}],
        "people": {}, "broken": {}, "broken_on": "", "evidence_flaws": [], **more,
    }  # fmt: skip


def test_sums_by_hand():
    other = lived(contacts={"sms": 1, "call": 4}, people={"S0000011": (False, 5, 1)}, paid=11)
    found = summed([lived(), other])
    assert (found["seed"], found["borrowers"], found["days"], found["paid"]) == (1, 20, 2, 111)
    assert found["contacts"] == {"call": 4, "sms": 3}
    assert found["by_day"] == [{"late": 2, "paid": 120}, {"late": 4, "paid": 80}]
    assert found["people"] == {"S0000011": (False, 5, 1)}
    assert found["faults"] == {"provider_busy": {"tried": 6, "happened": 2, "ended": {"done again": 2}}}
    assert (found["broken"], found["broken_on"], found["evidence_flaws"]) == ({}, "", [])


def test_what_broke_with_one_lender_is_told_of_the_world():
    early = lived(
        days=1,
        by_day=[{"late": 1, "paid": 60}],
        broken={"money kept": ["S0000003: a cent"]},
        broken_on="2026-01-05",
    )
    late = lived(
        broken={"money kept": ["S0000013: a cent"]}, broken_on="2026-01-06", evidence_flaws=["a gap"]
    )
    found = summed([late, lived(), early])
    assert found["broken"] == {"money kept": ["S0000013: a cent", "S0000003: a cent"]}
    assert (found["broken_on"], found["days"], len(found["by_day"])) == ("2026-01-05", 1, 1)
    assert found["evidence_flaws"] == ["a gap"]


def test_faults_of_no_world_are_none():
    assert faults_summed([]) == {}
