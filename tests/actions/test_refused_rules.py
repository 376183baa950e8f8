"""Goal: a refused contact keeps every rule that refused it, in its reason and as rows that are counted exactly.

Method: the permit gate is asked with packs of one, two and sixty rules, by the outbox and by hand.
"""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.send import claim, send_one
from forbear.actions.contacts.staff_calls import make_contact
from forbear.core.base.reason import Reason
from forbear.store.models import Contact, Event, RefusedRule
from tests.factories.desk import NOON, Recorder, house_rules, make_borrower, wish_for, wished

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def pack(*rules: tuple[str, str]) -> str:
    """A pack of rules that always refuse, each for a channel."""
    rows = [
        f"  - id: {rule}\n    says: {{zh: 不可, en: No}}\n    applies: {{channels: [{channel}]}}\n"
        "    refuse_when: past_due_amount > 0\n    clause: house §1\n    force: house\n"
        for rule, channel in rules
    ]
    return "pack: us\nrules:\n" + "".join(rows)


def sent(contact: Contact) -> Contact:
    """The contact after a worker has asked for it."""
    assert contact.contact_id in claim("w1", NOON)
    send_one(contact.contact_id, "w1", {"sms": Recorder(), "call": Recorder()}, lambda: NOON)
    contact.refresh_from_db()
    return contact


def test_a_rule_whose_name_begins_another_s_is_counted_apart():
    house_rules(pack(("us.agency", "call"), ("us.agency_recordings", "sms")))
    for name, channel in (("B1", "sms"), ("B2", "sms"), ("B3", "call")):
        contact = sent(wished(make_borrower(name), channel))
        assert contact.state == "refused"
    counts = dict(RefusedRule.objects.values_list("rule").annotate(Count("pk")))
    assert counts == {"us.agency_recordings": 2, "us.agency": 1}
    assert Contact.objects.filter(refused_rules__rule="us.agency").get().channel == "call"


def test_a_contact_keeps_all_of_sixty_rules():
    names = [f"us.a_rule_with_quite_a_long_name_{number:02}" for number in range(60)]
    house_rules(pack(*((name, "sms") for name in names)))
    contact = sent(wished(make_borrower()))
    assert contact.reason == Reason.of("rules", rules=names)
    assert sorted(contact.refused_rules.values_list("rule", flat=True)) == names
    assert Event.objects.get(kind="refusal").line.count("us.a_rule_with_quite_a_long_name_") == 60


def test_one_made_by_hand_keeps_them_too():
    house_rules(pack(("us.calls", "call"), ("us.hours", "call")))
    borrower = make_borrower()
    made = make_contact(ContactDraft("B1", wish_for(borrower, "call")), NOON, actor="test")
    made.contact.refresh_from_db()
    assert (made.contact.state, made.contact.reason_code) == ("refused", "rules")
    assert set(made.contact.refused_rules.values_list("rule", flat=True)) == {"us.calls", "us.hours"}


def test_one_that_waits_for_the_lawful_hour_is_not_counted_until_it_is_refused():
    house_rules(
        "pack: us\nrules:\n  - id: us.night\n    says: {zh: 夜间不联系, en: No contact at night}\n"
        "    refuse_when: local_hour >= 14\n    until: next_local_hour(8)\n    clause: house §1\n    force: house\n"
    )
    contact = sent(wished(make_borrower()))
    assert (contact.state, contact.reason) == ("waiting", Reason.of("rules", rules=["us.night"]))
    assert not RefusedRule.objects.exists()
    Contact.objects.update(not_before=NOON, give_up_at=NOON + timedelta(minutes=1))
    contact = sent(contact)
    assert (contact.state, RefusedRule.objects.get().rule) == ("refused", "us.night")


def test_counts_by_rule_and_the_contacts_of_a_rule_are_found_by_an_index():
    with (
        transaction.atomic(),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        list(Contact.objects.filter(refused_rules__rule="us.agency").values_list("pk"))
    plan = explained(asked.captured_queries[-1]["sql"])
    assert "refused_by_rule" in plan or "refused_rule_once" in plan, plan


def explained(query: str) -> str:
    """How the database would answer a query, with a scan of whole tables made dear."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("set local enable_seqscan = off")
            cursor.execute(f"explain {query}")
            return "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute(f"explain query plan {query}")
        return "\n".join(str(row[3]) for row in cursor.fetchall())
