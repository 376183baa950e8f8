"""The events of a whole night are chained like all others, and two nights at once wait for each other."""

import threading

import pytest
from django.db import connections, transaction

from forbear.store import evidence
from forbear.store.evidence_check import check
from forbear.store.models import Event, EvidenceChain
from tests.store.evidence_life import NOON, write

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db(transaction=True)]


def night(*names: str) -> int:
    with transaction.atomic():
        return evidence.append_night(
            [evidence.Entry("stage", NOON, "night", {"to": "x"}, name) for name in names]
        )


def test_chains_begin_go_on_and_may_have_several_events():
    write(borrower="B2")
    write(borrower="B2", personal={"note": "x"})
    assert night("B3", "B1", "B2", "B1") == 4
    write(borrower="B1")
    assert dict(EvidenceChain.objects.values_list("borrower", "number")) == {"B1": 3, "B2": 3, "B3": 1}
    assert check(NOON) == []
    assert night("B1") == 1
    assert check(NOON) == []


def test_nothing_is_written_where_the_act_fails():
    wrong = [
        evidence.Entry("stage", NOON, "night", {}, "B1"),
        evidence.Entry("no such kind", NOON, "n", {}, "B2"),
    ]
    with pytest.raises(AssertionError, match="no such kind"), transaction.atomic():
        evidence.append_night(wrong)
    assert not Event.objects.exists()
    assert not EvidenceChain.objects.exists()


def test_what_names_a_person_is_not_for_a_night():
    entry = evidence.Entry("note", NOON, "night", {}, "B1", {"note": "x"})
    with pytest.raises(AssertionError, match="codes only"), transaction.atomic():
        evidence.append_night([entry])


def test_nights_and_acts_at_once():
    names, failures = [f"B{n}" for n in range(30)], []

    def body(act) -> None:
        try:
            for _ in range(5):
                act()
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    acts = [lambda: night(*names), lambda: night(*reversed(names)), lambda: write(borrower="B7")]
    threads = [threading.Thread(target=body, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert EvidenceChain.objects.get(borrower="B7").number == 15
    assert Event.objects.count() == 2 * 5 * 30 + 5
    assert check(NOON) == []
