"""Goal: whom the lender's provider vouches for comes in with the right role; strangers and forgeries don't."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client

from forbear.actions.staff.new_staff import change_password
from forbear.core.staff.sign_in import SignIn, Sso
from forbear.store.models import Event, Staff
from forbear.web.sign_in.sso import _made
from tests.factories.desk import NOON
from tests.profile import variants
from tests.web.provider import CLIENT, SECRET, Provider
from tests.web.test_browser import fits, serious
from tests.web.test_browser import site as site
from tests.web.toolkit import SECRET as TOOLKIT_SECRET

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "long-enough-to-pass"
MAPPED = (("collections-leads", "lead"), ("collections", "collector"))


@pytest.fixture
def provider(settings, monkeypatch) -> Iterator[Provider]:
    made = Provider()
    monkeypatch.setenv("TEST_SSO_SECRET", SECRET)
    settings.SIGN_IN = SignIn(
        frozenset({"administrator"}), sso=Sso(made.issuer, CLIENT, "TEST_SSO_SECRET", roles=MAPPED)
    )
    made.claims = {
        "sub": "u-1",
        "preferred_username": "zhou",
        "email": "zhou@lender.example",
        "email_verified": True,
        "groups": ["collections-leads", "staff"],
    }
    yield made
    made.close()


def person(role: str = "lead", name: str = "zhou") -> Staff:
    return Staff.objects.create_user(
        username=name, password=PASSWORD, role=role, number=name.upper(), email=f"{name}@lender.example"
    )


def through(client: Client, then: str = "") -> str:
    """Through the provider and back; where that leads."""
    answer = client.get("/sign-in/sso", {"next": then} if then else {})
    if answer["Location"] == "/sign-in":
        return answer["Location"]
    at_provider = httpx.get(answer["Location"])
    return client.get(back(at_provider))["Location"]


def back(answer: httpx.Response) -> str:
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def is_in(client: Client) -> bool:
    return client.get("/own/").status_code == 200


def told() -> list[str]:
    lines = Event.objects.filter(kind="access").order_by("number").values_list("line", flat=True)
    return re.findall(r'"what":"(\w+)"', "".join(lines))


def change(settings, **terms: object) -> None:
    settings.SIGN_IN = replace(settings.SIGN_IN, sso=replace(settings.SIGN_IN.sso, **terms))


@pytest.mark.postgresql
def test_an_account_is_bound_by_its_verified_address_and_then_by_the_providers_number(provider):
    person()
    client = Client()
    assert through(client, "/desk/floor") == "/desk/floor"
    assert is_in(client)
    # the address moved on to somebody else at the provider: they don't get this account
    provider.claims = {**provider.claims, "sub": "u-2"}
    stranger = Client()
    assert through(stranger) == "/sign-in"
    assert not is_in(stranger)
    # and the person is known under a new name
    provider.claims = {**provider.claims, "sub": "u-1", "preferred_username": "zhou.wei"}
    assert through(Client()) == "/"
    assert told() == ["sso_bound"]
    asked = provider.asked[0]
    assert {"code_challenge", "state", "nonce"} <= asked.keys()


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "root@lender.example", "email_verified": False},
        {"email": "root@lender.example", "email_verified": "true"},
        {"email": "other@lender.example"},
        {"email": None},
        {"email": "", "preferred_username": "root"},
        {"email": "other@lender.example", "preferred_username": "ROOT"},
    ],
)
def test_nobody_comes_in_as_an_administrator_by_a_name(provider, settings, claims):
    person("administrator", "root")
    Staff.objects.create_user(username="blank", password=PASSWORD, role="lead", number="BLANK")
    change(settings, make_accounts=True)
    provider.claims = {**provider.claims, "preferred_username": "root", **claims}
    through(Client())
    assert not Staff.objects.filter(username__in=("root", "blank")).exclude(sso=None).exists()


def test_a_page_elsewhere_is_not_where_one_ends_up(provider):
    person()
    assert through(Client(), "https://evil.example/") == "/"


def test_a_stranger_gets_no_account_unless_told(provider, settings):
    assert through(Client()) == "/sign-in"
    assert not Staff.objects.exists()
    change(settings, make_accounts=True)
    client = Client()
    assert through(client) == "/"
    made = Staff.objects.get()
    assert (made.username, made.role, made.has_usable_password()) == ("zhou", "lead", False)
    assert told() == ["made"]
    # without a group that says what they may do there is no account even then
    provider.claims = {"sub": "u-9", "preferred_username": "guest", "groups": ["visitors"]}
    assert through(Client()) == "/sign-in"
    assert Staff.objects.count() == 1


def test_the_role_follows_the_claim_but_never_to_or_from_administrator(provider):
    staff = person("collector")
    through(Client())
    staff.refresh_from_db()
    assert staff.role == "lead"
    assert told() == ["sso_bound", "role_changed"]
    provider.claims["groups"] = ["administrator"]
    assert through(Client()) == "/sign-in"
    Staff.objects.update(role="administrator")
    client = Client()
    through(client)
    staff.refresh_from_db()
    assert staff.role == "administrator"


def test_a_locked_account_stays_locked(provider):
    person()
    Staff.objects.update(is_active=False)
    assert through(Client()) == "/sign-in"
    assert Staff.objects.get().sso is None


def test_the_second_proof_is_asked_here_unless_the_provider_does(provider, settings):
    person("lead")
    settings.SIGN_IN = replace(settings.SIGN_IN, second_factor=frozenset({"lead"}))
    client = Client()
    assert through(client) == "/sign-in/enrol"
    assert not is_in(client)
    change(settings, second_proof="provider")
    assert through(client) == "/"
    assert is_in(client)


def test_where_the_provider_is_the_only_way_administrators_keep_theirs(provider, settings):
    person()
    person("administrator", "root")
    change(settings, only=True)
    client = Client()
    assert client.post("/sign-in", {"username": "zhou", "password": PASSWORD})["Location"] == "/sign-in"
    assert not is_in(client)
    assert client.post("/sign-in", {"username": "root", "password": PASSWORD})["Location"] == "/sign-in/enrol"


SPOILT = {
    "another nonce": lambda told: told.update(nonce="another"),
    "no nonce": lambda told: told.pop("nonce"),
    "another audience": lambda told: told.update(aud="another"),
    "another issuer": lambda told: told.update(iss="https://evil.example"),
    "too old": lambda told: told.update(exp=told["iat"] - 3600),
    "nobody": lambda told: told.pop("sub"),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_token_that_is_not_for_this_sign_in_is_refused(provider, spoil):
    person()
    provider.spoil = spoil
    client = Client()
    assert through(client) == "/sign-in"
    assert not is_in(client)


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_token_without_the_providers_own_signature_is_refused(provider, alg):
    person()
    provider.alg = alg
    client = Client()
    assert through(client) == "/sign-in"
    assert not is_in(client)


def test_a_token_of_another_key_is_refused(provider):
    person()
    provider.sign_with = provider.other_key
    client = Client()
    assert through(client) == "/sign-in"
    assert not is_in(client)


def test_a_code_meant_for_another_browser_or_used_before_is_refused(provider):
    person()
    first, second = Client(), Client()
    answer = httpx.get(first.get("/sign-in/sso")["Location"])
    assert second.get(back(answer))["Location"] == "/sign-in"
    assert not is_in(second)
    assert first.get(back(answer))["Location"] == "/"
    Client().get(back(answer))
    assert first.get(back(answer))["Location"] == "/sign-in"
    assert first.get("/sign-in/sso/back", {"error": "access_denied"})["Location"] == "/sign-in"


def test_the_redirect_address_is_ours_whatever_host_was_asked(provider, settings):
    answer = Client().get("/sign-in/sso", headers={"Host": "127.0.0.1"})
    asked = parse_qs(urlsplit(answer["Location"]).query)
    assert asked["redirect_uri"] == [f"{settings.HOME.url}/sign-in/sso/back"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "ftp://127.0.0.1/token"},
        {"jwks_uri": "file:///keys"},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(provider, wrong):
    provider.metadata = wrong
    assert through(Client()) == "/sign-in"
    assert provider.asked == []


def test_a_provider_that_is_away_is_told_in_a_line(provider):
    provider.close()
    client = Client(headers={"Accept-Language": "en"})
    assert through(client) == "/sign-in"
    assert "did not work" in client.get("/sign-in").content.decode()


def test_without_a_provider_there_is_no_such_page():
    assert Client().get("/sign-in/sso").status_code == 404
    assert Client().get("/sign-in/sso/back").status_code == 404


def test_a_new_password_ends_other_sessions(settings):
    person()
    here, there = Client(), Client()
    for client in (here, there):
        client.post("/sign-in", {"username": "zhou", "password": PASSWORD})
    weak = {"old_password": PASSWORD, "new_password1": "password1234", "new_password2": "password1234"}
    assert "太常见" in here.post("/own/password", weak, headers={"Accept-Language": "zh"}).content.decode()
    short = weak | {"new_password1": "x1y2z3", "new_password2": "x1y2z3"}
    for language, words in (("zh", "至少 12 个字符"), ("en", "at least 12 characters")):
        assert (
            words in here.post("/own/password", short, headers={"Accept-Language": language}).content.decode()
        )
    good = weak | {"new_password1": "quite-another-one", "new_password2": "quite-another-one"}
    assert here.post("/own/password", good)["Location"] == "/own/"
    assert is_in(here)
    assert not is_in(there)
    assert told() == ["password_changed"]
    change_password(Staff.objects.get(), "and-one-more-again", NOON)
    assert not is_in(here)


@pytest.mark.parametrize(("width", "locale"), variants((390, "en-GB"), (1280, "zh-CN")))
def test_in_a_browser_one_key_leads_through_the_provider_and_in(
    chromium, provider, site, settings, width, locale
):
    settings.HOME = replace(settings.HOME, url=site)
    person()
    context = chromium.new_context(viewport={"width": width, "height": 900}, locale=locale, base_url=site)
    page = context.new_page()
    page.goto("/sign-in?next=/own/password")
    assert serious(page) == []
    assert fits(page)
    page.wait_for_load_state("load")
    page.keyboard.press("c")
    page.wait_for_url(re.compile(r"^[^?]*/own/password$"))
    assert serious(page) == []
    assert fits(page)
    page.goto("/own/")
    assert serious(page) == []
    context.close()


def sign_out(client: Client) -> str:
    return client.post("/sign-out")["Location"]


def test_signing_out_goes_on_at_the_provider_and_names_nobody(provider):
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/out"}
    person()
    client = Client()
    through(client)
    parts = urlsplit(sign_out(client))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.issuer}/out"
    asked = parse_qs(parts.query)
    assert asked["client_id"] == [CLIENT]
    assert asked["post_logout_redirect_uri"] == ["http://localhost:8000/sign-in"]
    assert "id_token_hint" not in asked, "an ID token names a person, and addresses stand in logs"
    assert not is_in(client)


@pytest.mark.parametrize("endpoint", [None, "ftp://127.0.0.1/out", "/out"])
def test_where_the_provider_has_no_safe_way_out_one_signs_out_here(provider, endpoint):
    provider.metadata = {"end_session_endpoint": endpoint} if endpoint else {}
    person()
    client = Client()
    through(client)
    assert sign_out(client) == "/"
    assert not is_in(client)


def test_signing_out_there_can_be_left_to_the_provider(provider, settings):
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/out"}
    change(settings, sign_out="here")
    person()
    client = Client()
    through(client)
    assert sign_out(client) == "/"


def test_who_came_by_password_does_not_sign_out_at_the_provider(provider):
    provider.metadata = {"end_session_endpoint": f"{provider.issuer}/out"}
    person()
    client = Client()
    client.post("/sign-in", {"username": "zhou", "password": PASSWORD})
    assert is_in(client)
    assert sign_out(client) == "/"


@pytest.fixture
def toolkit(settings, monkeypatch, tmp_path) -> Iterator[str]:
    """A provider by other people, in a process of its own; its issuer."""
    given = {
        name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "FORBEAR_"))
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.web.toolkit", str(tmp_path), f"{settings.HOME.url}/sign-in/sso/back"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=given,
    )
    told = json.loads(server.stdout.readline())
    monkeypatch.setenv("TEST_SSO_SECRET", TOOLKIT_SECRET)
    sso = Sso(told["issuer"], told["client"], "TEST_SSO_SECRET", roles=MAPPED)
    settings.SIGN_IN = SignIn(frozenset({"administrator"}), sso=sso)
    yield told["issuer"]
    server.stdin.close()
    server.wait()
    server.stdout.close()


def test_a_provider_that_others_wrote_vouches_for_somebody(toolkit, monkeypatch):
    person()
    client = Client()
    assert through(client, "/desk/floor") == "/desk/floor"
    assert is_in(client)
    # a wrong secret is refused by it, and nobody comes in
    monkeypatch.setenv("TEST_SSO_SECRET", "another")
    _made.cache_clear()
    stranger = Client()
    assert through(stranger) == "/sign-in"
    assert not is_in(stranger)
