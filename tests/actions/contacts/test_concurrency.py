"""Goal: however many workers ask at once, no cap is exceeded.

Method: threads with a connection each carry wishes of the same few borrowers through at the same moment; afterwards
the contacts that left are counted per borrower. On PostgreSQL the threads really run at once; on SQLite they
take turns at the one writer, and must not fail for it.
"""

import os
import threading
from collections import Counter

import pytest
from django.db import connection, connections

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.contacts.staff_calls import Made, make_contact
from forbear.store.models import Borrower, Contact, Permit
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower, wish_for, wished
from tests.profile import rounds

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db(transaction=True)]

WORKERS = 8
WISHES = rounds(160, 10_000)
BORROWERS = WISHES // 20


def all_at_once(act) -> None:
    """Run `act(number)` in as many threads as there are workers; the first failure is raised."""
    failures: list[BaseException] = []
    start = threading.Barrier(WORKERS)

    def body(number: int) -> None:
        start.wait()
        try:
            act(number)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=body, args=(number,)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def left_by_borrower() -> Counter:
    rows = Contact.objects.filter(at__isnull=False).values_list("borrower_id", flat=True)
    return Counter(rows)


@pytest.mark.parametrize(("channel", "cap"), [("call", 1), ("sms", 3)])
def test_workers_at_once_never_exceed_a_cap(channel, cap):
    house_rules()
    borrowers = [make_borrower(f"B{n}", phone=f"+86100{n:08d}") for n in range(BORROWERS)]
    for n in range(WISHES):
        wished(borrowers[n % BORROWERS], channel)
    outs = [Recorder() for _ in range(WORKERS)]

    def work(number: int) -> None:
        name = f"w{number}"
        while claimed := claim(name, NOON, limit=7):
            for contact_id in claimed:
                send_one(contact_id, name, {channel: outs[number]}, lambda: NOON)

    all_at_once(work)
    assert left_by_borrower() == {borrower.borrower_id: cap for borrower in borrowers}
    sent = [message.contact_id for out in outs for message in out.sent]
    assert len(sent) == len(set(sent)) == BORROWERS * cap
    assert Permit.objects.count() == len(sent)
    assert set(Contact.objects.values_list("state", flat=True)) == {"sent", "waiting"}


def test_an_agency_and_the_own_team_share_one_cap():
    house_rules()
    borrower = make_borrower()
    made: list[bool] = []

    def ask(number: int) -> None:
        mine = Borrower.objects.get(pk=borrower.pk)
        for _ in range(3):
            answer = make_contact(ContactDraft("B1", wish_for(mine, "call")), NOON, actor=f"w{number}")
            assert isinstance(answer, Made)
            made.append(answer.answer.permit is not None)

    all_at_once(ask)
    assert made.count(True) == 1
    assert len(made) == 3 * WORKERS
    assert connection.vendor == os.environ.get("FORBEAR_TEST_DATABASE", "sqlite")


BY_NUMBER = """
pack: house
rules:
  - id: house.number
    says: {zh: 同一号码每日一次, en: One call to a number a day}
    applies: {channels: [call, voice]}
    count: {by: number, channels: [call, voice], within: 1 day}
    refuse_when: counted >= 1
    until: window
    clause: house §1
    force: house
"""


def test_borrowers_who_share_a_number_share_its_cap():
    house_rules(BY_NUMBER)
    numbers = [f"+86101{n:08d}" for n in range(12)]
    for n, phone in enumerate(numbers):
        for worker in range(WORKERS):
            make_borrower(f"B{n}-{worker}", phone=phone)
    given: list[tuple[int, bool]] = []

    def ask(worker: int) -> None:
        # half of the workers walk the numbers from the other end
        for n in range(len(numbers)) if worker % 2 else reversed(range(len(numbers))):
            mine = Borrower.objects.get(pk=f"B{n}-{worker}")
            made = make_contact(ContactDraft(mine.pk, wish_for(mine, "call")), NOON, actor=f"w{worker}")
            assert isinstance(made, Made)
            given.append((n, made.answer.permit is not None))

    all_at_once(ask)
    assert Counter(n for n, yes in given if yes) == dict.fromkeys(range(len(numbers)), 1)
    assert len(given) == len(numbers) * WORKERS
