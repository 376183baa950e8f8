"""Goal: somebody with a copy of the database and without the key reads no name, number, address or word of anybody.

Method: real acts through the desk's own doors, then every column of every table, as it stands, is looked through.
"""

from datetime import date

import pytest
from django.conf import settings
from django.db import connection

from forbear.actions.contacts.send import claim, send_one
from forbear.actions.replies.process_reply import process_reply
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.staff.key_rotation import rotate_key
from forbear.channels.transport import Reply
from forbear.interchange.home.field_keys import FieldKeys
from forbear.interchange.home.lender import HomeError
from forbear.store.evidence_check import check
from forbear.store.models import (
    Borrower,
    Contact,
    ContactPoint,
    Inbound,
    PersonalValue,
    Request,
    WebhookEndpoint,
)
from forbear.store.seal_again import seal_again, sealed_columns
from tests.factories.desk import NOON, PHONE, Recorder, house_rules, make_borrower, wished
from tests.factories.visits import give_address

pytestmark = [pytest.mark.postgresql, pytest.mark.database, pytest.mark.django_db]

NAME, STRANGER, AREA = "诸葛亮亮", "+8613777771234", "武侯区"
WORDS, ASKED = "我住院了，工资要到月底才发", "请把利息算给我看一下"
#: Of an address only the district is in the clear.
SECRETS = (NAME, PHONE, "13777771234", f"{AREA}示例路B1号", WORDS, ASKED, "1981-07-23", "示例路")


@pytest.fixture
def _acts():
    house_rules()
    borrower = make_borrower("B1")
    borrower.name, borrower.born_on = NAME, date(1981, 7, 23)
    borrower.save()
    give_address(borrower, AREA)
    wished(borrower)
    for name in claim("w", NOON):
        send_one(name, "w", {"sms": Recorder()}, lambda: NOON)
    for ref, sender, text in (("r1", PHONE, WORDS), ("r2", STRANGER, WORDS)):
        assert isinstance(
            process_reply(Reply("carrier", ref, "sms", sender, "1069", text, NOON), NOON), Inbound
        )
    assert isinstance(make_request(Asked("B1", "complaint", ASKED), NOON, actor="borrower"), Request)
    assert Contact.objects.exclude(body="").exists()
    assert PersonalValue.objects.exists()


def dump() -> str:
    """Every value of every table, as a copy of the database has it."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"select * from {connection.ops.quote_name(table)}")
            found += [repr(row) for row in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.usefixtures("_acts")
def test_a_copy_without_the_key_shows_nobody():
    text = dump()
    assert "B1-L1" in text  # the tables were read
    assert [secret for secret in SECRETS if secret in text] == []
    assert Borrower.objects.get().name == NAME


@pytest.mark.usefixtures("_acts")
def test_with_another_homes_key_nothing_opens_and_it_says_which_key(settings, tmp_path):
    from forbear.interchange.home.lender import make_home, open_home

    make_home(tmp_path / "other")
    settings.FIELD_KEYS = FieldKeys(open_home(tmp_path / "other"))
    with pytest.raises(HomeError, match=r"fields\.key: is another key than before"):
        Borrower.objects.get()


@pytest.mark.usefixtures("_acts")
def test_a_rotation_seals_everything_again_and_others_go_on():
    there_before = FieldKeys(settings.HOME)  # a process that was started before
    sealed = there_before.seal("store_borrower.name", "before")
    old = there_before.newest_prefix()
    assert old in dump()
    done = rotate_key("fields", NOON, "may be known", actor="test")
    assert int(str(done["sealed_again"])) > 10
    assert old not in dump()
    assert seal_again() == 0
    assert Borrower.objects.get().name == NAME
    assert Inbound.objects.get(provider_ref="r2").sender == STRANGER
    assert ContactPoint.objects.filter(digest="").count() == 0
    # what the other process writes has the new key, and it reads both
    name = Borrower._meta.get_field("name")
    assert there_before.unseal("store_borrower.name", str(name.get_prep_value(NAME))) == NAME
    assert there_before.unseal("store_borrower.name", sealed) == "before"
    assert not there_before.seal("store_borrower.name", "x").startswith(old)
    assert check(NOON) == []


@pytest.mark.usefixtures("_acts")
def test_a_rotation_that_stopped_in_the_middle_goes_on(monkeypatch):
    monkeypatch.setattr("forbear.store.seal_again._BATCH", 1)
    before = FieldKeys(settings.HOME).newest_prefix()

    def stop(place: str, _total: int) -> None:
        if place == "store_contactpoint.value":
            raise KeyboardInterrupt

    from forbear.interchange.home.keys import rotate_secret

    rotate_secret(settings.HOME, "fields", NOON.replace(minute=30))
    with pytest.raises(KeyboardInterrupt):
        seal_again(stop)
    assert before in dump()
    assert ContactPoint.objects.filter(kind="phone", borrower="B1").get().value == PHONE
    assert seal_again() > 0
    assert before not in dump()


def test_a_row_that_changes_in_between_keeps_what_was_written(monkeypatch):
    make_borrower("B1")
    from forbear.interchange.home.keys import rotate_secret

    former = FieldKeys(settings.HOME)
    written = former.seal("store_borrower.name", "written meanwhile")
    rotate_secret(settings.HOME, "fields", NOON.replace(minute=40))
    unseal = settings.FIELD_KEYS.unseal

    def slow(place: str, value: str) -> str:
        if place == "store_borrower.name":
            with connection.cursor() as cursor:
                cursor.execute("update store_borrower set name = %s", [written])
        return unseal(place, value)

    monkeypatch.setattr(settings.FIELD_KEYS, "unseal", slow)
    seal_again()
    monkeypatch.undo()
    assert Borrower.objects.get().name == "written meanwhile"


def test_every_sealed_column_is_in_the_rotation():
    found = sealed_columns()
    assert {Borrower, ContactPoint, PersonalValue, WebhookEndpoint, Inbound} <= found.keys()
    assert sum(map(len, found.values())) > 50
