"""Goal: each key is rotated by one command; what the former one signed, sealed or let in still counts."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from forbear.actions.access.search import add_search_terms
from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.staff.enrol_second_factor import add_totp, new_secret
from forbear.actions.staff.key_rotation import rotate_key
from forbear.actions.staff.verify_second_factor import check_code
from forbear.actions.webhooks.subscriptions import subscribe
from forbear.core.base.problem import Problem
from forbear.core.evidence.log import key_hex
from forbear.core.evidence.verify import pem_key
from forbear.core.search.terms import digests
from forbear.engine.columnar import connected, parquet
from forbear.interchange.home.keys import (
    ROTATED,
    point_keys,
    public_keys,
    rotate_secret,
    rotate_signing,
    seal,
    secret,
    secrets_of,
    signing_key,
    unseal,
)
from forbear.interchange.home.lender import make_home, open_home
from forbear.store.models import (
    ApiKey,
    Consent,
    ContactPoint,
    Event,
    Factor,
    Heartbeat,
    SearchTerm,
    Staff,
    WebhookEndpoint,
)
from tests.cli.test_backup import forbear
from tests.cli.test_backup import lender as lender
from tests.factories.desk import NOON, PHONE, make_borrower

SECRET = "whsec_" + "A" * 40


@pytest.mark.process
def test_seals_and_bundles_of_the_former_key_still_verify(lender, tmp_path):
    keys = lender / "data" / "keys"
    before = pem_key((keys / "signing.pub.pem").read_bytes())
    assert forbear("evidence", "seal", home=lender).returncode == 0
    done = forbear("rotate-key", "signing", "--reason", "the laptop was stolen", home=lender)
    assert done.returncode == 0, done.stderr
    after = pem_key((keys / "signing.pub.pem").read_bytes())
    assert before != after
    assert before in {pem_key(path.read_bytes()) for path in keys.glob("signing-*.pub.pem")}
    checked = forbear("evidence", "check", home=lender)
    assert "The log is whole and unchanged." in checked.stdout, checked.stdout + checked.stderr
    borrower = _borrower(lender)
    bundle = tmp_path / "b.zip"
    made = forbear("evidence", "export", borrower, "--out", bundle, home=lender)
    assert made.returncode == 0, made.stderr
    told = forbear("verify", bundle, "--key", keys / "signing.pub.pem", "--json")
    assert json.loads(told.stdout)["sound"] is True
    wrong = forbear("rotate-key", "nonsense", "--reason", "x", home=lender)
    assert wrong.returncode == 2


@pytest.mark.process
def test_a_copy_of_the_database_file_shows_nobody_of_the_feed(lender):
    with connected(1) as engine:
        engine.execute(f"select * from {parquet(lender.parent / 'feed', 'borrowers.parquet')}")
        columns = [column for column, *_ in engine.description]
        people = [dict(zip(columns, row, strict=True)) for row in engine.fetchall()]
    content = b"".join(path.read_bytes() for path in (lender / "data").glob("desk.sqlite3*"))
    found = [
        (row["borrower_id"], name)
        for row in people
        for name in ("name", "phone", "email", "address", "id_number")
        if len(row.get(name) or "") > 1 and row[name].encode() in content
    ]
    assert found == []
    assert people[0]["borrower_id"].encode() in content
    assert sum(b"s1:" in content[at : at + 4096] for at in range(0, len(content), 4096)) > 2


def _borrower(home: Path) -> str:
    import sqlite3

    with sqlite3.connect(home / "data" / "desk.sqlite3") as database:
        return str(
            database.execute("select borrower from store_event where borrower <> '' limit 1").fetchone()[0]
        )


def test_what_a_former_secret_sealed_is_still_opened(tmp_path):
    make_home(tmp_path / "home", made_up=True)
    home = open_home(tmp_path / "home")
    sealed, first = seal(home, "fields", "text"), secret(home, "fields")
    for turn in range(2):
        rotate_secret(home, "fields", NOON.replace(minute=turn))
    assert unseal(home, "fields", sealed) == "text"
    assert secrets_of(home, "fields")[0] == secret(home, "fields") != first
    assert secrets_of(home, "fields")[-1] == first
    assert all(path.stat().st_mode & 0o077 == 0 for path in (home.folder / "data" / "keys").glob("*.key"))


def test_the_former_private_key_is_gone_and_its_public_half_stays(tmp_path):
    make_home(tmp_path / "home", made_up=True)
    home = open_home(tmp_path / "home")
    former = key_hex(signing_key(home).public_key())
    rotate_signing(home)
    assert former in {key_hex(key) for key in public_keys(home)[1:]}
    assert key_hex(signing_key(home).public_key()) != former
    assert len(list((home.folder / "data" / "keys").glob("signing*.pem"))) == 3


@pytest.mark.database
@pytest.mark.django_db
class TestInTheDatabase:
    """Secrets in tables are sealed; a rotation seals them again."""

    def test_a_webhooks_secret_is_not_in_the_database(self):
        key = ApiKey.objects.create(name="core", prefix="p", digest="d", scopes=[], made_at=NOON)
        hook = subscribe(key, "https://core.example/hook", ["payment.recorded"], SECRET, NOON)
        with connection.cursor() as cursor:
            cursor.execute("select secret from store_webhookendpoint")
            stored = cursor.fetchone()[0]
        assert SECRET not in stored
        assert WebhookEndpoint.objects.get(pk=hook.pk).secret == SECRET
        done = rotate_key("fields", NOON, "may be known", actor="test")
        assert done["sealed_again"] == 1
        with connection.cursor() as cursor:
            cursor.execute("select secret from store_webhookendpoint")
            assert cursor.fetchone()[0] != stored
        assert WebhookEndpoint.objects.get(pk=hook.pk).secret == SECRET
        line = json.loads(Event.objects.latest("pk").line)
        assert (line["kind"], line["body"]["what"], line["body"]["key"]) == (
            "change",
            "key_rotated",
            "fields",
        )

    def test_numbers_and_searches_are_found_by_a_new_key_and_a_stop_still_counts(self):
        former = point_keys(settings.HOME)
        borrower = make_borrower("B1")
        gone = make_borrower("B2", phone="+8613812340000").points.get()
        add_search_terms("B1", "phone", PHONE)
        Consent.objects.create(borrower=borrower, point=gone.digest, given=False, at=NOON)
        old, gone_old = digest_of("phone", PHONE), gone.digest
        ContactPoint.objects.filter(pk=gone.pk).update(value="")  # its time of keeping is over
        done = rotate_key("points", NOON.replace(minute=50), "may be known", actor="test")
        assert done["named_again"] >= 4
        assert point_keys(settings.HOME)[:-1] == former
        assert digest_of("phone", PHONE) != old
        assert ContactPoint.objects.get(digest=digest_of("phone", PHONE)).borrower_id == "B1"
        emptied = digest_of("phone", "+8613812340000")
        assert emptied != gone_old
        assert ContactPoint.objects.get(digest=emptied).pk == gone.pk
        assert Consent.objects.get().point == emptied
        words = digests({f"phone:{PHONE}"}, point_keys(settings.HOME))
        assert SearchTerm.objects.filter(term__in=words).exists()

    def test_a_rotation_of_points_that_ended_in_the_middle_is_finished_by_the_next(self):
        make_borrower("B1")
        rotate_secret(settings.HOME, "points", NOON.replace(minute=51))
        assert not ContactPoint.objects.filter(digest=digest_of("phone", PHONE)).exists()
        before = point_keys(settings.HOME)
        rotate_key("points", NOON.replace(minute=52), "again", actor="test")
        assert point_keys(settings.HOME) == before
        assert ContactPoint.objects.filter(digest=digest_of("phone", PHONE)).exists()

    def test_points_are_not_rotated_while_workers_run(self):
        Heartbeat.objects.create(name="send", at=NOON)
        assert rotate_key("points", NOON, "x", actor="test").code == "workers_running"
        assert not isinstance(rotate_key("points", NOON + timedelta(minutes=3), "x", actor="test"), Problem)

    def test_apps_and_recovery_codes_go_on(self):
        import pyotp

        staff = Staff.objects.create_user(username="zhou", role="lead", number="Z1")
        app = new_secret()
        codes = add_totp(staff, app, pyotp.TOTP(app).at(NOON), NOON, actor="test")
        sealed = Factor.objects.get().secret
        rotate_key("factors", NOON, "may be known", actor="test")
        assert Factor.objects.get().secret != sealed
        assert check_code(staff, codes[0], NOON) == "recovery"
        later = NOON.replace(minute=NOON.minute + 2)
        assert check_code(staff, pyotp.TOTP(app).at(later), later) == "totp"

    @pytest.mark.parametrize(("name", "reason"), [("nonsense", "x"), ("web", " ")])
    def test_what_can_not_be_rotated_is_not(self, name, reason):
        assert isinstance(rotate_key(name, NOON, reason, actor="test"), Problem)
        assert not Event.objects.exists()
        assert set(ROTATED) == {"web", "points", "portal", "factors", "fields", "signing"}
        assert settings.SECRET_KEY_FALLBACKS == []
