"""Goal: what is worked out keeps every bound, costs next to nothing, is fair; signed it is done, undone it is not."""

import itertools
from collections import defaultdict
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.actions.cases import assignment as assignment
from forbear.actions.cases.assignment import give, propose, undo
from forbear.actions.contacts.next_case import next_case
from forbear.actions.staff.new_staff import edit_staff
from forbear.core.agencies.assignment import Job, Person, may_take
from forbear.core.base.problem import Problem
from forbear.insight.assignment import jobs_of, people_of, work_out
from forbear.store.evidence_check import check
from forbear.store.models import AssignmentList, Case, Conversation, Event, Staff
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, house_rules, make_borrower
from tests.profile import examples

PEOPLE = st.lists(
    st.builds(
        Person,
        st.just(""),
        st.integers(0, 6),
        st.sets(st.sampled_from(["zh", "en"]), min_size=1).map(frozenset),
        st.sets(st.sampled_from(["conversation", "intensive"])).map(frozenset),
        st.sampled_from(["", "north"]),
    ),
    min_size=1,
    max_size=4,
).map(lambda people: [Person(f"P{at}", p.room, p.languages, p.skills, p.team) for at, p in enumerate(people)])
JOBS = st.lists(
    st.tuples(
        st.sampled_from(["conversation", "intensive"]),
        st.sampled_from(["zh", "en", "fr"]),
        st.integers(1, 4),
        st.integers(0, 5000),
        st.sampled_from(["", "P0", "P9"]),
        st.sampled_from(["", "north"]),
    ),
    max_size=16,
).map(lambda rows: [Job(at, f"B{at}", *row) for at, row in enumerate(rows)])


@given(PEOPLE, JOBS)
@settings(max_examples=examples(120))
def test_every_bound_is_kept_and_no_case_is_lost(people, jobs):
    told = work_out(people, jobs)
    by_number = {each.number: each for each in people}
    got = defaultdict(int)
    for each in told.given:
        assert may_take(by_number[each.person], each.job)
        assert each.reasons
        got[each.person] += 1
    assert all(count <= by_number[number].room for number, count in got.items())
    cases = [each.job.case_id for each in told.given] + [job.case_id for job in (*told.full, *told.nobody)]
    assert sorted(cases) == [job.case_id for job in jobs]
    assert all(not any(may_take(person, job) for person in people) for job in told.nobody)
    assert work_out(people, jobs) == told


def test_next_to_nothing_is_given_up():
    people = [Person("A", 3, frozenset({"zh"})), Person("B", 2, frozenset({"zh", "en"}))]
    jobs = [Job(n, f"B{n}", "conversation", "en" if n % 3 == 0 else "zh", 1, 1000 + n) for n in range(8)]
    told = work_out(people, jobs)
    best = max(
        sum(jobs[n].value for n in (*zh, *any_))
        for zh in itertools.combinations([n for n in range(8) if n % 3], 3)
        for any_ in itertools.combinations(sorted(set(range(8)) - set(zh)), 2)
    )
    assert len(told.given) == 5
    assert sum(each.job.value for each in told.given) >= best * 0.98


def test_hard_cases_are_shared_evenly():
    people = [Person(f"P{n}", 20, frozenset({"zh"})) for n in range(3)]
    jobs = [Job(n, f"B{n}", "conversation", "zh", 1 + n % 4, 500 + 10 * (n % 4)) for n in range(60)]
    told = work_out(people, jobs)
    hard = defaultdict(list)
    for each in told.given:
        hard[each.person].append(each.job.difficulty)
    assert {len(each) for each in hard.values()} == {20}
    means = [sum(each) / len(each) for each in hard.values()]
    assert max(means) - min(means) <= 0.2


def test_nobody_gets_all_the_promising_ones():
    people = [Person(f"P{n}", 20, frozenset({"zh"})) for n in range(3)]
    jobs = [Job(n, f"B{n}", "conversation", "zh", 1, 100 * 2 ** (n % 6)) for n in range(60)]
    cash = defaultdict(int)
    for each in work_out(people, jobs).given:
        cash[each.person] += each.job.value
    assert max(cash.values()) < 1.1 * min(cash.values())


def test_without_enough_cases_everybody_gets_as_many_for_their_room():
    people = [Person("A", 40, frozenset({"zh"})), Person("B", 20, frozenset({"zh"}))]
    jobs = [Job(n, f"B{n}", "conversation", "zh", 1, 100) for n in range(30)]
    told = work_out(people, jobs)
    assert sorted(sum(each.person == name for each in told.given) for name in "AB") == [10, 20]


@pytest.fixture
def lead(db):
    """A lead, three collectors of whom one speaks English, and twelve cases."""
    house_rules()
    for n in range(12):
        borrower = make_borrower(f"B{n:02d}", phone=f"+861000000{n:04d}")
        if n == 5:
            borrower.language = "en"
            borrower.save()
        Case.objects.filter(borrower=borrower).update(value=1000 + n if n < 11 else 9000)
    for number, languages in (("F1", "zh"), ("F2", "zh"), ("F3", "zh en")):
        Staff.objects.create(
            username=number, role="collector", number=number, capacity=3, languages=languages, team="north"
        )
    Conversation.objects.create(
        borrower_id="B11", staff=Staff.objects.get(number="F2"), at=NOON - timedelta(days=1), result="promise"
    )
    return Staff.objects.create_user(username="zhou", password="x", role="lead", number="F9")


def proposed(lead) -> AssignmentList:
    people = people_of(lead.team, NOON)
    return propose(work_out(people, jobs_of(sum(p.room for p in people), NOON)), lead, NOON)


@pytest.mark.database
def test_signed_it_is_given_on_record_and_undone_it_is_back(lead):
    made = proposed(lead)
    assert (len(made.lines), made.left) == (9, {"full": 3, "nobody": 0})
    to = {line[1]: (line[2], line[5]) for line in made.lines}
    assert to["B11"] == ("F2", ["spoke"])
    assert to.get("B05", ("F3", ["language"])) == ("F3", ["language"])
    assert not Case.objects.filter(collector__isnull=False).exists()
    Case.objects.filter(borrower_id="B10").update(leased_until=NOON + timedelta(minutes=5))
    done = give(made.pk, lead, NOON)
    assert done.state == "given"
    held = dict(Case.objects.filter(collector__isnull=False).values_list("borrower_id", "collector__number"))
    assert held == {name: number for name, (number, _) in to.items() if name != "B10"}
    assert Event.objects.filter(kind="assignment").count() == 8
    assert isinstance(give(made.pk, lead, NOON), Problem)
    worked = Case.objects.filter(collector__isnull=False).first()
    Case.objects.filter(pk=worked.pk).update(leased_until=NOON + timedelta(hours=1))
    assert undo(made.pk, lead, NOON).state == "undone"
    assert list(Case.objects.filter(collector__isnull=False)) == [worked]
    assert Event.objects.filter(kind="assignment").count() == 15
    assert check(NOON) == []


@pytest.mark.postgresql
@pytest.mark.database
def test_a_collector_works_off_their_list_from_the_most_valuable(lead):
    made = proposed(lead)
    give(made.pk, lead, NOON)
    person = Staff.objects.get(number="F2")
    mine = list(Case.objects.filter(collector=person).order_by("-value"))
    assert next_case(person, NOON).case == mine[0]
    Case.objects.filter(pk=mine[0].pk).update(next_at=NOON + timedelta(hours=1))
    assert next_case(person, NOON).case == mine[1]
    assert people_of("", NOON)[1].room == 0


@pytest.mark.database
def test_what_is_old_or_another_team_s_is_not_given(lead):
    made = proposed(lead)
    assert isinstance(give(made.pk, lead, NOON + assignment.GOOD_FOR + timedelta(seconds=1)), Problem)
    other = Staff.objects.create(username="y", role="lead", number="F8", team="south")
    assert isinstance(give(made.pk, other, NOON), Problem)
    assert people_of("south", NOON) == []
    assert isinstance(undo(made.pk, lead, NOON), Problem)
    assert not Case.objects.filter(collector__isnull=False).exists()


@pytest.mark.database
def test_a_lead_looks_signs_and_undoes(lead, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    client = Client(headers={"accept-language": "en"})
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    assert "No proposal yet" in client.get("/desk/assignment").content.decode()
    shown = client.post("/desk/assignment/work-out", follow=True).content.decode()
    assert "Approve and assign 9 cases" in shown
    assert "spoke with the borrower last" in shown
    made = AssignmentList.objects.get()
    shown = client.post(f"/desk/assignment/{made.pk}", follow=True).content.decode()
    assert Case.objects.filter(collector__isnull=False).count() == 9
    assert "Return cases nobody has worked on" in shown
    assert "Approve and assign" not in shown
    one = client.get(f"/desk/assignment?of={made.pk}&person=F2").content.decode()
    assert one.count("/desk/case/") == 3
    client.post(f"/desk/assignment/{made.pk}", {"act": "undo"})
    assert not Case.objects.filter(collector__isnull=False).exists()
    assert client.get("/desk/assignment?of=999").status_code == 404
    Staff.objects.filter(role="collector").update(capacity=0)
    shown = client.post("/desk/assignment/work-out", follow=True).content.decode()
    assert "No collector has room" in shown


@pytest.mark.database
def test_what_a_person_can_take_is_changed_on_record(lead):
    changed = edit_staff("F1", {"capacity": 1, "skills": "legal", "team": ""}, NOON, actor="test")
    assert (changed.capacity, changed.skills, changed.languages) == (1, "legal", "zh")
    (first, *_) = people_of("", NOON)
    assert (first.room, first.skills, first.team) == (1, frozenset({"legal"}), "")
    assert '"capacity":1' in Event.objects.get(kind="access").line
    assert isinstance(edit_staff("nobody", {"team": "x"}, NOON, actor="test"), Problem)
    assert isinstance(edit_staff("F1", {}, NOON, actor="test"), Problem)
