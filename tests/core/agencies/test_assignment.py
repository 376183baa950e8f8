"""Goal: lots, whole numbers and reasons are right whatever the shares are, and no case is lost or given twice."""

from forbear.core.agencies.assignment import (
    REASONS,
    Job,
    Person,
    difficulty,
    hand_out,
    lots_of,
    may_take,
    speaks,
)


def person(number: str, room: int = 5, languages: str = "zh", skills: str = "", team: str = "") -> Person:
    return Person(number, room, frozenset(languages.split()), frozenset(skills.split()), team)


def job(
    case_id: int, stage: str = "conversation", language: str = "zh", value: int = 100, **more: object
) -> Job:
    return Job(case_id, f"B{case_id}", stage, language, more.pop("difficulty", 1), value, **more)


def test_difficulty_is_told_by_the_facts():
    assert difficulty({}) == difficulty({"days_past_due": 30, "loans_past_due": 1}) == 1
    assert difficulty({"days_past_due": 31, "loans_past_due": 2, "promises_broken": 1}) == 4
    assert difficulty({"days_past_due": 91}) == 3


def test_who_may_take_a_case():
    assert speaks(person("A"), "zh-Hant")
    assert speaks(person("A"), "")
    assert not speaks(person("A"), "en")
    assert may_take(person("A", skills="conversation"), job(1))
    assert not may_take(person("A", skills="intensive"), job(1))
    assert may_take(person("A", team="north"), job(1))
    assert not may_take(person("A", team="north"), job(1, team="south"))


def test_lots_hold_what_is_alike():
    jobs = [job(1), job(2, value=127), job(3, value=128), job(4, stage="intensive"), job(5, language="en")]
    assert [[each.case_id for each in lot.jobs] for lot in lots_of(jobs)] == [[5], [1, 2], [3], [4]]


def test_a_case_goes_to_whoever_spoke_last_and_the_rest_in_turn():
    people = [person("A"), person("B", languages="zh en")]
    lots = lots_of([job(n, before="B" if n == 3 else "") for n in range(1, 6)])
    told = hand_out(lots, people, {(0, 0): 2, (0, 1): 2})
    assert {(each.job.case_id, each.person): each.reasons for each in told.given} == {
        (3, "B"): ("spoke",),
        (1, "A"): ("share",),
        (2, "B"): ("share",),
        (4, "A"): ("share",),
    }
    assert [each.case_id for each in told.full] == [5]


def test_who_spoke_last_gets_the_case_for_one_as_hard():
    people = [person("A"), person("B"), person("C", languages="en")]
    jobs = [job(1, before="B"), job(2), job(3, difficulty=2, before="B"), job(4, language="en", before="A")]
    lots = lots_of(jobs)
    mine = {1: 0, 2: 1, 3: 0, 4: 2}
    counts: dict = {}
    for at, lot in enumerate(lots):
        for each in lot.jobs:
            pair = (at, mine[each.case_id])
            counts[pair] = counts.get(pair, 0) + 1
    told = hand_out(lots, people, counts)
    assert {each.job.case_id: each.person for each in told.given} == {1: "B", 2: "A", 3: "A", 4: "C"}


def test_what_narrows_the_choice_is_the_reason():
    people = [person("A"), person("B", languages="zh en", team="north", skills="conversation")]
    lots = lots_of(
        [job(1, language="en"), job(2, stage="legal"), job(3, team="north"), job(4, language="fr")]
    )
    counts = {
        (at, who): 1 for at, lot in enumerate(lots) for who, each in enumerate(people) if may_take(each, lot)
    }
    told = hand_out(lots, people, counts)
    reasons = {each.job.case_id: each.reasons for each in told.given}
    assert reasons == {1: ("language",), 2: ("skill",), 3: ("team",)}
    assert [each.case_id for each in told.nobody] == [4]
    assert set().union(*reasons.values()) <= REASONS.keys()
