"""Rows held and written by ready statements are those the ORM would hold and write."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.forms.models import model_to_dict

from forbear.store import evidence, rows
from forbear.store.models import Borrower, Consent, Contact, Event, EvidenceChain
from tests.factories.desk import NOON, make_borrower
from tests.store.evidence_life import write

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]


def new_contact(borrower: Borrower, **more: object) -> Contact:
    """A contact with something in columns of every kind."""
    made = {
        "contact_id": "c1",
        "borrower": borrower,
        "loans": ["B1-L1", "借据"],
        "channel": "sms",
        "purpose": "collect",
        "party": "debtor",
        "values": {"金额": "412.00", "n": 3, "none": None},
        "body": "100% 您好 'quoted' %s",
        "code": "ABCD2345",
        "state": "waiting",
        "queued_at": NOON,
        "not_before": NOON,
        "give_up_at": NOON,
        "consented": True,
    }
    return Contact(**(made | more))


def test_a_held_row_is_the_one_the_orm_reads():
    make_borrower()
    with transaction.atomic():
        held = rows.get_for_update(Borrower, "B1")
    assert model_to_dict(held) == model_to_dict(Borrower.objects.get(pk="B1"))
    assert held.timezones == ["Asia/Shanghai"]
    assert held.loaded_at == NOON
    held.name = "王小红"
    held.save()
    assert Borrower.objects.get().name == "王小红"


def test_no_row_is_none():
    with transaction.atomic():
        assert rows.get_for_update(Borrower, "nobody") is None


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_held_or_written():
    with pytest.raises(AssertionError, match="a lock lives in a transaction"):
        rows.get_for_update(Borrower, "B1")
    with pytest.raises(AssertionError, match="written together"):
        rows.insert_many([EvidenceChain(borrower="B1", number=1, hash="")])


def test_written_rows_are_those_the_orm_writes():
    borrower = make_borrower()
    with transaction.atomic():
        contact = new_contact(borrower)
        rows.insert_many([contact, Consent(borrower=borrower, channel="sms", given=True, at=NOON)])
    by_orm = new_contact(borrower, contact_id="c2", code="ABCD2346")
    by_orm.save(force_insert=True)
    one, two = (model_to_dict(Contact.objects.get(pk=key)) for key in ("c1", "c2"))
    assert one | {"contact_id": "c2", "code": "ABCD2346"} == two
    assert Consent.objects.get().given is True
    contact.state = "sent"
    contact.save()
    assert Contact.objects.get(pk="c1").state == "sent"


def test_a_statement_that_changes_no_row_undoes_all():
    borrower = make_borrower()
    nobody = ("update store_evidencechain set number = %s where borrower = %s", [2, "nobody"])
    with pytest.raises(AssertionError, match="changes one row"), transaction.atomic():
        rows.insert_many([new_contact(borrower)], then=nobody)
    assert not Contact.objects.exists()


def test_rows_beside_an_event_are_written_with_it_or_not_at_all():
    borrower = make_borrower()
    with transaction.atomic():
        evidence.append(
            "planned_contact", at=NOON, actor="w", borrower="B1", body={}, new_rows=[new_contact(borrower)]
        )
    assert Contact.objects.count() == Event.objects.count() == 1
    other = new_contact(borrower, contact_id="c2", code="ABCD2346")
    with pytest.raises(AssertionError, match="belongs among the personal"), transaction.atomic():
        evidence.append(
            "planned_contact", at=NOON, actor="w", borrower="B1", body={"phone": "1"}, new_rows=[other]
        )
    assert Contact.objects.count() == Event.objects.count() == 1
    with transaction.atomic():
        other = new_contact(borrower, contact_id="c3", code="ABCD2347")
        evidence.append(
            "note", at=NOON, actor="w", borrower="B1", body={}, personal={"text": "好"}, new_rows=[other]
        )
    assert Contact.objects.count() == 2
    assert list(EvidenceChain.objects.values_list("number", flat=True)) == [2]


def test_a_chain_goes_on_from_one_event_to_many():
    write(borrower="B1")
    with transaction.atomic():
        evidence.append_many([evidence.Entry("note", NOON, "S", {}, name) for name in ("B1", "B2", "B1")])
    write(borrower="B1")
    mine = Event.objects.filter(borrower="B1").order_by("number")
    assert list(mine.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_no_index_waits_for_a_question_nobody_asks():
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "store_contact")
    idle = [n for n, each in found.items() if n.endswith("_like") or each["columns"] == ["borrower_id"]]
    assert not [name for name in idle if found[name]["index"]]


def test_changed_fields_are_written_and_no_others():
    contact = new_contact(make_borrower())
    contact.save()
    with transaction.atomic():
        held = rows.get_for_update(Contact, "c1")
        held.state, held.at, held.values, held.body = "sending", NOON, {"a": 1}, "other words"
        rows.update_fields(held, "state", "at", "values")
    found = rows.get(Contact, "c1")
    assert model_to_dict(found) == model_to_dict(Contact.objects.get())
    assert (found.state, found.at, found.values, found.body) == ("sending", NOON, {"a": 1}, contact.body)
    held.pk = "gone"
    with pytest.raises(AssertionError, match="it is there"):
        rows.update_fields(held, "state")


def test_rows_found_are_those_the_orm_finds_and_their_moments_are_read():
    borrower = make_borrower()
    for number, at in ((1, None), (2, NOON), (3, NOON + timedelta(hours=1))):
        new_contact(borrower, contact_id=f"c{number}", code=f"CODE{number}", at=at).save(force_insert=True)
    since = "borrower_id = %s and at >= %s order by at desc, contact_id"
    found = rows.fetch_all(Contact, since, ["B1", NOON])
    assert [model_to_dict(row) for row in found] == [
        model_to_dict(row) for row in Contact.objects.filter(at__gte=NOON).order_by("-at")
    ]
    assert rows.fetch_one(Contact, since, ["B1", NOON]).contact_id == "c3"
    assert rows.fetch_one(Contact, since, ["nobody", NOON]) is None
    ((last, number),) = rows.fetch_rows("select max(at), count(*) from store_contact where at <= %s", [NOON])
    assert (rows.as_datetime(last), number) == (NOON, 1)


def test_a_row_that_is_added_has_its_key():
    borrower = make_borrower()
    said = rows.insert(Consent(borrower=borrower, channel="sms", given=True, at=NOON, source="test"))
    assert Consent.objects.get(pk=said.pk, channel="sms").given
    said.given = False
    said.save()
    assert not Consent.objects.get(pk=said.pk).given


def test_a_statement_is_planned_once_a_connection():
    make_borrower()
    with transaction.atomic():
        for _ in range(8):
            assert rows.get_for_update(Borrower, "B1").pk == "B1"
    if connection.vendor == "sqlite":  # the driver keeps a statement by its text
        assert isinstance(rows.statement_cursor().cursor, type(connection.cursor().cursor))
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "select generic_plans + custom_plans from pg_prepared_statements where statement like %s",
            ['%"borrower_id"%store_borrower%for update'],
        )
        assert max(turns for (turns,) in cursor.fetchall()) >= 7, "its first turn is not prepared"


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("select %s || '%%' || %s", ["a", "b"]),
        ("select %(one)s || '%%' || %(two)s || right(%(one)s, 0)", {"two": "b", "unasked": "c", "one": "a"}),
    ],
)
def test_a_statement_has_its_values_by_place_or_by_name(text, values):
    if connection.vendor == "sqlite":
        text = text.replace("right(%(one)s, 0)", "substr(%(one)s, 2)")
    with rows.statement_cursor() as cursor:
        for _ in range(2):
            cursor.execute(text, values)
            assert cursor.fetchone() == ("a%b",)


def test_a_statement_without_values_is_taken_as_it_stands():
    with rows.statement_cursor() as cursor:
        cursor.execute("select '%s 100%'")
        assert cursor.fetchone() == ("%s 100%",)
