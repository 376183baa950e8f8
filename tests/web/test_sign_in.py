"""Goal: nobody comes in by a password alone where more is asked, no proof is taken twice, and guessing ends."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from django.test import Client

from forbear.actions.staff.enrol_second_factor import CODES, add_totp, new_secret, reset_factors
from forbear.actions.staff.verify_second_factor import BURST, MOST_WRONG, check_code, step_of
from forbear.core.base.problem import Problem
from forbear.store.models import Event, Factor, RecoveryCode, Staff, StaffText
from forbear.web import clock as web_clock
from tests.factories.desk import NOON

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "long-enough-to-pass"


class Now:
    """The moment of the pages, which a test moves."""

    def __init__(self, monkeypatch) -> None:
        self.at = NOON
        monkeypatch.setattr(web_clock, "now", lambda: self.at)

    def pass_(self, **span: int) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def now(monkeypatch):
    return Now(monkeypatch)


def person(role: str = "lead", name: str = "zhou") -> Staff:
    return Staff.objects.create_user(username=name, password=PASSWORD, role=role, number=name.upper())


def with_app(staff: Staff) -> tuple[str, list[str]]:
    """The staff with an app: its secret, and the recovery codes."""
    secret = new_secret()
    codes = add_totp(staff, secret, pyotp.TOTP(secret).at(NOON - timedelta(minutes=5)), NOON - timedelta(minutes=5),
                     actor="test")  # fmt: skip
    assert isinstance(codes, list)
    return secret, codes


def password(client: Client, name: str = "zhou", **more: str):
    return client.post("/sign-in", {"username": name, "password": PASSWORD, **more})


def is_in(client: Client) -> bool:
    return client.get("/own/").status_code == 200


def told() -> list[str]:
    """What the evidence says was done to accounts, in order."""
    lines = Event.objects.filter(kind="access").order_by("number").values_list("line", flat=True)
    return re.findall(r'"what":"(\w+)"', "".join(lines))


def test_a_password_alone_is_enough_only_where_nothing_more_is_asked(now):
    person()
    client = Client()
    assert password(client)["Location"] == "/"
    assert is_in(client)


def sessions() -> list[tuple[str, str, str]]:
    """(who, what, by which proof) of the sessions that evidence tells of."""
    lines = (
        Event.objects.filter(kind="session", borrower="").order_by("number").values_list("line", flat=True)
    )
    told = [json.loads(line) for line in lines]
    assert all(each["body"].keys() == {"staff", "what", "proof"} for each in told), "a number, and no person"
    return [(each["actor"], each["body"]["what"], each["body"]["proof"]) for each in told]


def test_coming_in_and_going_out_are_evidence(now):
    secret, _ = with_app(person())
    client = Client()
    password(client)
    assert sessions() == [], "half in is not in"
    client.post("/sign-in/second", {"code": "000000"})
    assert sessions() == []
    client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(NOON)})
    client.post("/sign-out")
    client.post("/sign-out")
    assert sessions() == [("staff:ZHOU", "signed_in", "totp"), ("staff:ZHOU", "signed_out", "totp")]


def test_a_session_that_ends_by_itself_is_evidence_too(now):
    person("collector")
    client = Client()
    password(client)
    now.pass_(hours=2)
    assert client.get("/own/").status_code == 302
    assert [what for _, what, _ in sessions()] == ["signed_in", "timed_out"]


def test_with_an_app_the_password_is_half_the_way(now):
    secret, _ = with_app(person())
    client = Client()
    assert password(client, next="/desk/floor")["Location"] == "/sign-in/second"
    assert not is_in(client)
    assert client.get("/sign-in/second").status_code == 200
    assert client.post("/sign-in/second", {"code": "000000"}).status_code == 403
    assert not is_in(client)
    answer = client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    assert answer["Location"] == "/desk/floor"
    assert is_in(client)


def test_a_code_is_taken_once(now):
    secret, _ = with_app(person())
    code = pyotp.TOTP(secret).at(now.at)
    first, second = Client(), Client()
    for client in (first, second):
        password(client)
    assert first.post("/sign-in/second", {"code": code}).status_code == 302
    assert second.post("/sign-in/second", {"code": code}).status_code == 403
    assert not is_in(second)


def test_a_code_holds_for_the_step_before_and_after_and_no_longer():
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOON)
    step = int(NOON.timestamp()) // 30
    assert [step_of(secret, code, 0, NOON + timedelta(seconds=s)) for s in (-30, 0, 30, 60, -60)] == [
        step, step, step, None, None,
    ]  # fmt: skip
    assert step_of(secret, code, step, NOON) is None
    assert [step_of(secret, bad, 0, NOON) for bad in ("", "12345", "1234567", "１２３４５６", "abcdef")] == [
        None
    ] * 5


def test_a_recovery_code_works_once_and_is_kept_as_a_digest(now):
    _, codes = with_app(person())
    assert len(codes) == CODES
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()
    shown = f"{codes[0][:5]}-{codes[0][5:]}".lower()
    for status in (302, 403):
        client = Client()
        password(client)
        assert client.post("/sign-in/second", {"code": shown}).status_code == status
    assert RecoveryCode.objects.filter(used_at=None).count() == CODES - 1
    assert told() == ["factor_added", "recovery_used"]


def test_the_apps_secret_is_sealed(now):
    secret, _ = with_app(person())
    assert secret not in Factor.objects.get().secret


def test_the_second_step_is_open_for_ten_minutes(now):
    secret, _ = with_app(person())
    client = Client()
    password(client)
    now.pass_(minutes=11)
    answer = client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    assert answer["Location"] == "/sign-in"
    assert not is_in(client)


def test_guessing_is_slowed_and_then_locks_the_account(now):
    staff = person()
    secret, _ = with_app(staff)
    wrong = [check_code(staff, "000000", NOON) for _ in range(BURST + 1)]
    assert all(isinstance(each, Problem) for each in wrong)
    assert "wait" in str(wrong[-1])
    # even the right code waits
    assert isinstance(check_code(staff, pyotp.TOTP(secret).at(NOON), NOON), Problem)
    at = NOON
    for _ in range(MOST_WRONG - BURST):
        at += timedelta(minutes=1)
        check_code(staff, "000000", at)
    staff.refresh_from_db()
    assert (staff.is_active, staff.locked_at) == (False, at)
    assert told()[-1] == "locked"
    at += timedelta(hours=1)
    assert isinstance(check_code(staff, pyotp.TOTP(secret).at(at), at), Problem)


def test_a_right_proof_forgets_the_wrong_ones(now):
    staff = person()
    secret, _ = with_app(staff)
    check_code(staff, "000000", NOON)
    assert check_code(staff, pyotp.TOTP(secret).at(NOON), NOON) == "totp"
    staff.refresh_from_db()
    assert staff.wrong == 0


def test_wrong_second_proofs_lock_out_like_wrong_passwords(now):
    with_app(person())
    client = Client()
    password(client)
    for _ in range(5):
        answer = client.post("/sign-in/second", {"code": "000000"})
    assert answer.status_code in (302, 429)
    assert password(Client()).status_code == 429


def test_a_role_that_needs_more_makes_its_first_proof_on_the_way_in(now):
    person("administrator", "root")
    client = Client(headers={"Accept-Language": "en"})
    assert password(client, "root")["Location"] == "/sign-in/enrol"
    assert not is_in(client)
    page = client.get("/sign-in/enrol").content.decode()
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    assert (
        "not the code the app shows now" in client.post("/sign-in/enrol", {"code": "000000"}).content.decode()
    )
    answer = client.post("/sign-in/enrol", {"code": pyotp.TOTP(secret).at(now.at)})
    assert answer["Cache-Control"] == "no-store"
    assert len(re.findall(r"<li>\s*<code>\w{5}-\w{5}</code>", answer.content.decode())) == CODES
    assert is_in(client)
    # the second time it is asked for, not made
    again = Client()
    assert password(again, "root")["Location"] == "/sign-in/second"
    assert again.get("/sign-in/enrol")["Location"] == "/sign-in"


def test_no_page_shows_to_a_session_without_the_proof_its_role_needs(now, settings):
    person()
    client = Client()
    password(client)
    assert client.get("/desk/").status_code == 200
    settings.SIGN_IN = replace(settings.SIGN_IN, second_factor=frozenset({"lead"}))
    assert client.get("/desk/")["Location"] == "/sign-in?next=/desk/"
    assert client.get("/desk/rules").status_code == 404


def test_an_app_without_its_secret_in_the_session_is_not_kept(now):
    person("administrator", "root")
    client = Client()
    password(client, "root")
    answer = client.post("/sign-in/enrol", {"code": "755224"})
    assert 'role="alert"' in answer.content.decode()
    assert not Factor.objects.exists()


def proved(client: Client, secret: str, now: Now) -> None:
    """Prove again, with the next code of the app."""
    now.pass_(minutes=1)
    answer = client.post("/own/prove", {"code": pyotp.TOTP(secret).at(now.at), "next": "/own/add"})
    assert answer["Location"] == "/own/add"


@pytest.mark.postgresql
def test_changes_are_made_after_a_fresh_proof_and_the_person_is_told(now):
    staff = person()
    Staff.objects.update(phone="+8613800000001", email="zhou@lender.example")
    secret, _ = with_app(staff)
    client = Client()
    password(client)
    client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    factor = Factor.objects.get()
    for path in ("/own/codes", f"/own/remove/{factor.pk}"):  # signing in is no such proof
        assert client.post(path)["Location"] == "/own/prove?next=%2Fown%2F"
    assert client.get("/own/add")["Location"] == "/own/prove?next=%2Fown%2Fadd"
    assert client.post("/own/prove", {"code": "000000"}).status_code == 422
    assert client.post("/own/codes").status_code == 302
    proved(client, secret, now)
    assert client.post("/own/codes").status_code == 200
    assert client.get("/own/add").status_code == 200
    now.pass_(minutes=6)
    assert client.post("/own/codes").status_code == 302
    assert Factor.objects.exists()
    told_to = list(
        StaffText.objects.filter(staff=staff).order_by("made_at", "channel").values_list("to", "body")
    )
    assert [to for to, _ in told_to[:2]] == ["zhou@lender.example", "+8613800000001"]
    assert sum("recovery codes" in body or "恢复码" in body for _, body in told_to) == 2


def test_without_a_second_factor_the_password_is_the_proof(now):
    person()
    client = Client()
    password(client)
    assert client.get("/own/add")["Location"] == "/own/prove?next=%2Fown%2Fadd"
    assert 'type="password"' in client.get("/own/prove").content.decode()
    assert client.post("/own/prove", {"code": "guess", "next": "/own/add"}).status_code == 422
    assert client.get("/own/add").status_code == 302
    assert client.post("/own/prove", {"code": PASSWORD, "next": "//evil.example"})["Location"] == "/own/"
    assert client.get("/own/add").status_code == 200


def test_new_codes_end_the_former_ones(now):
    secret, codes = with_app(person())
    client = Client()
    password(client)
    client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    proved(client, secret, now)
    client.post("/own/codes")
    assert isinstance(check_code(Staff.objects.get(), codes[0], now.at), Problem)
    assert told() == ["factor_added", "codes_made"]


@pytest.mark.postgresql
def test_the_last_proof_stays_where_the_role_needs_one(now, settings):
    secret, _ = with_app(person())
    client = Client()
    password(client)
    client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    proved(client, secret, now)
    settings.SIGN_IN = replace(settings.SIGN_IN, second_factor=frozenset({"lead"}))
    client.post(f"/own/remove/{Factor.objects.get().pk}")
    assert Factor.objects.exists()
    settings.SIGN_IN = replace(settings.SIGN_IN, second_factor=frozenset())
    client.post(f"/own/remove/{Factor.objects.get().pk}")
    assert not Factor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_nobody_takes_away_another_ones_proof(now):
    with_app(person())
    person("collector", "lin")
    client = Client()
    password(client, "lin")
    client.post("/own/prove", {"code": PASSWORD})
    client.post(f"/own/remove/{Factor.objects.get().pk}")
    assert Factor.objects.exists()


def test_a_reset_takes_all_proofs_and_ends_every_session(now):
    staff = person()
    secret, codes = with_app(staff)
    client = Client()
    password(client)
    client.post("/sign-in/second", {"code": pyotp.TOTP(secret).at(now.at)})
    assert isinstance(reset_factors("zhou", NOON, " ", actor="test"), Problem)
    assert isinstance(reset_factors("nobody", NOON, "lost", actor="command line"), Problem)
    reset_factors("zhou", NOON, "lost phone, called back", actor="staff:A1")
    assert not is_in(client)
    assert isinstance(check_code(staff, codes[0], NOON), Problem)
    assert told()[-1] == "factors_reset"


@pytest.mark.parametrize(("wait", "ends"), [({"minutes": 59}, False), ({"minutes": 61}, True)])
def test_a_session_ends_when_nothing_is_asked(now, wait, ends):
    person()
    client = Client()
    password(client)
    now.pass_(**wait)
    answer = client.get("/own/")
    assert (answer.status_code == 302) == ends
    assert not ends or answer["Location"] == "/sign-in?next=%2Fown%2F&ended=1"
    assert not ends or not is_in(client)


def test_a_session_ends_in_any_case(now):
    person()
    client = Client()
    password(client)
    for _ in range(15):
        now.pass_(minutes=50)
        answer = client.get("/own/")
    assert answer.status_code == 302
    assert not is_in(client)


def test_a_page_that_asks_by_itself_does_not_keep_a_session_alive(now):
    person()
    client = Client()
    password(client)
    for _ in range(7):
        now.pass_(minutes=9)
        answer = client.get("/own/", headers={"Sec-Fetch-Dest": "empty"})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("role", "asked", "then"),
    [
        ("lead", "", "/"),
        ("lead", "/desk/floor", "/desk/floor"),
        ("lead", "/administration/", "/"),
        ("analyst", "/desk/", "/"),
        ("visitor", "/desk/", "/"),
        ("lead", "/nowhere", "/"),
        ("lead", "https://elsewhere.example/desk/", "/"),
    ],
)
def test_who_signs_in_comes_to_a_page_that_is_theirs(now, role, asked, then):
    person(role)
    client = Client()
    assert password(client, next=asked)["Location"] == then
    assert client.get(then, follow=True).status_code == 200


def test_the_first_address_asks_to_sign_in_and_promises_no_page(now):
    assert Client().get("/")["Location"] == "/sign-in"


def test_what_is_no_passkey_is_told_so(now):
    person()
    for answer in ("", "{", "[]", '{"id": 1}', '{"id": "x"}', "x" * 30_000):
        page = Client().post("/sign-in/passkey", {"answer": answer})
        assert page.status_code == 403
    assert Client().get("/sign-in/passkey").status_code == 200
