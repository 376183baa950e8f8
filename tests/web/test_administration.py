"""Goal: administrators keep accounts and keys, nobody alone makes an administrator, and all of it is evidence."""

import json
import re

import pytest
from django.test import Client
from django.utils.translation import gettext, override

from forbear.actions.staff.account_decisions import decide_change
from forbear.actions.staff.staff_accounts import (
    NewPerson,
    change_role,
    end_person,
    lock_person,
    make_person,
    propose_administrator,
)
from forbear.actions.webhooks.webhook_events import KINDS
from forbear.core.base.problem import Problem
from forbear.core.base.setting import described
from forbear.core.staff.sign_in import SignIn, Sso
from forbear.interchange.home.lender import Home, make_home, open_home
from forbear.interchange.home.setting_rows import FILES, VARIABLES, SettingRow, setting_rows
from forbear.store.models import AccountChange, Agency, ApiKey, Event, Staff, WebhookEndpoint
from forbear.store.models.api import SCOPES
from forbear.web import labels as words
from forbear.web.administration.setting_groups import grouped
from forbear.web.api.keys import find_key
from tests.core.condition_texts import is_chinese
from tests.factories.desk import NOON

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PASSWORD = "long-enough-to-pass"


def person(name: str, role: str) -> Staff:
    return Staff.objects.create_user(username=name, password=PASSWORD, role=role, number=name.upper())


def signed_in(staff: Staff) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["proof"] = "passkey"
    session.save()
    return client


def told(what: str) -> list[dict]:
    lines = Event.objects.filter(kind="access").order_by("number").values_list("line", flat=True)
    return [body for body in (json.loads(line)["body"] for line in lines) if body["what"] == what]


@pytest.fixture
def root():
    return person("root", "administrator")


@pytest.fixture
def house(root):
    return signed_in(root)


@pytest.mark.postgresql
def test_a_new_account_is_made_and_its_password_is_changed_at_once(house):
    answer = house.post("/administration/people/new", {"name": "lin", "number": "F1001", "role": "collector"})
    password = re.search(r"<code>([\w-]+)</code>", answer.content.decode())[1]
    assert answer["Cache-Control"] == "no-store"
    assert told("made") == [{"staff": "F1001", "role": "collector", "what": "made"}]
    client = Client()
    client.post("/sign-in", {"username": "lin", "password": password})
    assert client.get("/desk/")["Location"] == "/own/password"
    again = {"old_password": password, "new_password1": PASSWORD, "new_password2": PASSWORD}
    client.post("/own/password", again)
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "number": "F1", "role": "collector"},
        {"name": "lin", "number": "F" * 17, "role": "collector"},
        {"name": "lin", "number": "F1", "role": "boss"},
        {"name": "lin", "number": "F1", "role": "administrator"},
        {"name": "lin", "number": "F1", "role": "agency"},
        {"name": "root", "number": "F1", "role": "collector"},
        {"name": "lin", "number": "ROOT", "role": "collector"},
    ],
)
def test_an_account_that_can_not_be_is_not_made(house, wrong):
    page = house.post("/administration/people/new", wrong).content.decode()
    assert 'role="alert"' in page
    assert Staff.objects.count() == 1


def test_an_agencys_person_has_their_agency(root):
    Agency.objects.create(code="huaxin", name_zh="华信", name_en="Huaxin", capacity=1)
    made, _ = make_person(NewPerson("li", "H1", "agency", "huaxin"), root, NOON)
    assert made.agency_id == "huaxin"
    assert change_role(made.pk, "collector", "huaxin", root, NOON).agency is None
    assert change_role(made.pk, "visitor", "huaxin", root, NOON).agency_id == "huaxin"
    assert change_role(made.pk, "visitor", "", root, NOON).agency is None


@pytest.mark.postgresql
def test_what_somebody_can_take_is_changed_and_only_the_difference_is_told(house):
    lin = person("lin", "collector")
    page = " ".join(house.get(f"/administration/people/{lin.pk}").content.decode().split())
    assert re.search('name="skills" value="conversation"[^>]*> Early', page)
    assert re.search('name="languages" value="zh"[^>]* checked> Chinese', page)
    form = {
        "team": "north",
        "languages": ["zh", "en"],
        "skills": "conversation",
        "capacity": "80",
        "line": "sip:8001",
    }
    house.post(f"/administration/people/{lin.pk}/change", form)
    lin.refresh_from_db()
    assert (lin.team, lin.languages, lin.skills, lin.capacity) == ("north", "zh,en", "conversation", 80)
    assert told("changed") == [
        {"staff": "LIN", "what": "changed", "team": "north", "languages": "zh,en", "skills": "conversation",
         "capacity": 80, "line": True}
    ]  # fmt: skip
    house.post(f"/administration/people/{lin.pk}/change", form)
    house.post(f"/administration/people/{lin.pk}/change", form | {"capacity": "many"})
    assert len(told("changed")) == 1
    page = " ".join(house.get(f"/administration/people/{lin.pk}").content.decode().split())
    assert "stages Early" in page
    assert "languages Chinese, English" in page


def test_a_role_changes_for_new_sessions_only(house):
    lin = person("lin", "collector")
    theirs = signed_in(lin)
    house.post(f"/administration/people/{lin.pk}/role", {"role": "analyst"})
    lin.refresh_from_db()
    assert lin.role == "analyst"
    assert theirs.get("/own/").status_code == 302
    assert told("role_changed") == [
        {"staff": "LIN", "what": "role_changed", "before": "collector", "role": "analyst"}
    ]
    house.post(f"/administration/people/{lin.pk}/role", {"role": "administrator"})
    lin.refresh_from_db()
    assert lin.role == "analyst"


@pytest.mark.postgresql
def test_an_administrator_is_made_by_two(house, root):
    lin, other = person("lin", "lead"), person("other", "administrator")
    theirs = signed_in(lin)
    house.post(f"/administration/people/{lin.pk}/administrator", {"note": "takes over"})
    made = AccountChange.objects.get()
    assert isinstance(propose_administrator(lin.pk, "again", other, NOON), Problem)
    house.post(f"/administration/people/changes/{made.pk}", {"sign": "1"})
    lin.refresh_from_db()
    assert lin.role == "lead"
    page = signed_in(other).get("/administration/people").content.decode()
    assert "takes over" in page
    signed_in(other).post(f"/administration/people/changes/{made.pk}", {"sign": "1"})
    lin.refresh_from_db()
    assert lin.role == "administrator"
    assert theirs.get("/own/").status_code == 302
    assert [each["what"] for each in (told("role_proposed")[0], told("role_changed")[0])] == [
        "role_proposed", "role_changed",
    ]  # fmt: skip
    assert isinstance(decide_change(made.pk, True, root, NOON), Problem)


def test_who_is_proposed_does_not_sign_and_a_proposal_is_declined(root):
    lin = person("lin", "lead")
    made = propose_administrator(lin.pk, "why", root, NOON)
    assert isinstance(decide_change(made.pk, True, lin, NOON), Problem)
    assert decide_change(made.pk, False, root, NOON).state == "declined"
    lin.refresh_from_db()
    assert lin.role == "lead"


def test_a_lock_keeps_out_at_once_and_is_lifted(house):
    lin = person("lin", "collector")
    theirs = signed_in(lin)
    house.post(f"/administration/people/{lin.pk}/lock", {"note": ""})
    assert theirs.get("/own/").status_code == 200
    house.post(f"/administration/people/{lin.pk}/lock", {"note": "phone stolen"})
    assert theirs.get("/own/").status_code == 302
    assert Client().post("/sign-in", {"username": "lin", "password": PASSWORD}).status_code == 200
    house.post(f"/administration/people/{lin.pk}/unlock")
    assert Client().post("/sign-in", {"username": "lin", "password": PASSWORD}).status_code == 302
    assert told("locked")[0]["note"] == "phone stolen"
    assert told("unlocked")


def test_an_ended_account_is_not_unlocked(house):
    lin = person("lin", "collector")
    house.post(f"/administration/people/{lin.pk}/end")
    house.post(f"/administration/people/{lin.pk}/unlock")
    lin.refresh_from_db()
    assert not lin.is_active
    assert told("ended")
    assert not told("unlocked")


@pytest.mark.postgresql
def test_sessions_end_and_a_new_first_password_is_given(house):
    lin = person("lin", "collector")
    theirs = signed_in(lin)
    house.post(f"/administration/people/{lin.pk}/sign-out")
    assert theirs.get("/own/").status_code == 302
    answer = house.post(f"/administration/people/{lin.pk}/password")
    password = re.search(r"<code>([\w-]+)</code>", answer.content.decode())[1]
    lin.refresh_from_db()
    assert lin.check_password(password)
    assert lin.must_change


@pytest.mark.postgresql
def test_nobody_changes_their_own_rights_and_the_last_administrator_stays(house, root):
    for act, form in (("role", {"role": "lead"}), ("lock", {"note": "x"}), ("end", {}), ("password", {}),
                      ("proofs", {"note": "x"}), ("administrator", {"note": "x"})):  # fmt: skip
        house.post(f"/administration/people/{root.pk}/{act}", form)
    root.refresh_from_db()
    assert (root.role, root.is_active) == ("administrator", True)
    outsider = person("auditor", "auditor")
    for done in (
        change_role(root.pk, "lead", "", outsider, NOON),
        lock_person(root.pk, "x", outsider, NOON),
        end_person(root.pk, outsider, NOON),
    ):
        assert "last administrator" in done.message


def test_an_auditor_reads_and_changes_nothing(root):
    lin = person("lin", "collector")
    client = signed_in(person("auditor", "auditor"))
    page = client.get(f"/administration/people/{lin.pk}").content.decode()
    assert '<form method="post" action="/administration' not in page
    assert client.post(f"/administration/people/{lin.pk}/lock", {"note": "x"}).status_code == 404


def test_people_are_found_by_role_state_and_name(house):
    person("lin", "collector")
    Staff.objects.filter(pk=person("gone", "lead").pk).update(is_active=False)

    def found(query: str) -> set[str]:
        page = house.get(f"/administration/people?{query}").content.decode()
        return {name for name in ("lin", "gone", "root") if f">{name}</a>" in page}

    assert found("") == {"lin", "gone", "root"}
    assert found("role=collector") == {"lin"}
    assert found("state=ended") == {"gone"}
    assert found("q=OO") == {"root"}
    assert found("role=nonsense") == {"lin", "gone", "root"}


@pytest.mark.postgresql
def test_a_key_is_shown_once_and_ended_with_its_hooks(house):
    form = {"name": "core", "scopes": ["payments:write", "webhooks:manage"]}
    answer = house.post("/administration/programs", form)
    text = re.search(r"<code>(fb_[^<]+)</code>", answer.content.decode())[1]
    key = find_key(text)
    assert key.scopes == ["payments:write", "webhooks:manage"]
    assert text not in house.get("/administration/programs").content.decode()
    WebhookEndpoint.objects.create(
        api_key=key,
        url="https://u:p@core.example/hook?token=t",
        secret="s",
        kinds=["payment.recorded"],
        made_at=NOON,
    )
    page = house.get("/administration/programs").content.decode()
    assert "core.example" in page
    assert "token=t" not in page
    assert "u:p@" not in page
    house.post(f"/administration/hooks/{WebhookEndpoint.objects.get().pk}/end")
    assert WebhookEndpoint.objects.get().ended_at is not None
    house.post(f"/administration/programs/{key.pk}/end")
    assert find_key(text) is None
    assert [bool(told(what)) for what in ("key_made", "key_ended", "webhook_ended")] == [True] * 3


@pytest.mark.parametrize("wrong", [{"name": "x"}, {"name": "x", "scopes": "all"}, {"scopes": "payments:write"},
                                   {"name": "x", "scopes": "payments:write", "agency": "none"}])  # fmt: skip
def test_a_key_that_can_not_be_is_not_made(house, wrong):
    assert 'role="alert"' in house.post("/administration/programs", wrong).content.decode()
    assert not ApiKey.objects.exists()


def test_settings_name_each_creditor_by_its_code(house, settings, tmp_path):
    file = settings.HOME.folder / "lender.yaml"
    with file.open("a", encoding="utf-8") as more:
        more.write("creditors:\n  donghu: {name: {zh: 东湖银行, en: East Lake Bank}}\n")
    settings.HOME = open_home(settings.HOME.folder)
    page = house.get("/administration/settings")
    assert page.status_code == 200
    assert ": donghu" in page.content.decode()


def test_every_setting_says_where_it_is_from_and_no_password_is_told(house, settings, monkeypatch):
    monkeypatch.setenv("FORBEAR_DATABASE", "postgresql://forbear:s3cret@db/forbear")
    found = {(row.file, row.name): row for row in setting_rows(settings.HOME, settings.SIGN_IN)}
    assert found["lender.yaml", "database"].value == "postgresql://forbear:***@db/forbear"
    assert found["lender.yaml", "database"].origin == "environment"
    assert found["lender.yaml", "timezone"].origin == "file"
    assert found["sign_in.yaml", "session: idle_minutes"].value == "60"
    assert found["policy.yaml", "plan: most_months"].origin == "file"
    assert {row.origin for row in found.values()} == {"file", "default", "environment"}
    page = house.get("/administration/settings").content.decode()
    assert "s3cret" not in page
    assert "most_months" in page


def every_setting(home: Home) -> list[SettingRow]:
    """All there are, single sign-on with a secret and a group's role among them, and a price."""
    (home.folder / "policy.yaml").write_text("costs: {sms: 5}\n", encoding="utf-8")
    sso = Sso("https://login.example.org", "forbear", "FORBEAR_SSO_SECRET", roles=(("leads", "lead"),))
    return setting_rows(home, SignIn(sso=sso))


def test_every_setting_has_a_name_and_a_meaning_in_both_languages_and_no_words_are_left_over(tmp_path):
    make_home(tmp_path / "home", made_up=True)
    rows = every_setting(open_home(tmp_path / "home"))
    assert len(rows) > 90
    used = {row.words.path for row in rows}
    declared = {words.path for kind, section in FILES.values() for words in described(kind, section)}
    assert declared | {words.path for words in VARIABLES} <= used
    for row in rows:
        for text in (row.words.name, row.words.meaning, row.words.section[1]):
            with override("zh-hans"):
                assert is_chinese(gettext(text)), row
            assert not is_chinese(text), row


def test_values_are_told_with_their_units_and_codes_in_words(tmp_path):
    make_home(tmp_path / "home", made_up=True)
    rows = every_setting(open_home(tmp_path / "home"))
    told = []
    for language in ("zh-hans", "en"):
        with override(language):
            told.append(
                {row.setting.name: (row.name, row.value) for *_, each in grouped(rows) for row in each}
            )
    zh, en = told
    assert en["promise: longest_days"] == ("Longest promise", "14 days")
    assert en["extension: a_year"][1] == "1 time"
    assert zh["settlement: authority: lead"] == ("可自行减免：组长", "20%")
    assert en["largest_quarantine"][1] == "5%"
    assert zh["clocks: hardship"] == ("答复：困难帮扶申请", "5 个工作日")
    assert en["court: small_claim_most"][1] == "5,000,000 smallest units of the currency"
    assert zh["second_factor"][1] == "系统管理员、合规专员、组长、经理"
    assert en["sso: roles: leads"] == ("Role of a group: leads", "Lead")
    assert en["sso: sign_out"][1] == "the provider"
    assert zh["visit: plan_hour"][1] == "20:00"
    assert en["costs: sms"] == ("Price: Text message", "5 smallest units of the currency")
    keys = [key for key, *_ in grouped(rows)]
    assert keys == list(dict.fromkeys(row.words.section[0] for row in rows)), "each group stands once"
    assert keys[:3] == ["lender", "feed", "promise"]
    assert keys[-4:] == ["costs", "sign_in", "sso", "environment"]


def test_scopes_and_hooks_are_told_in_words():
    assert set(SCOPES) == words.SCOPES.keys()
    assert set(KINDS) == words.HOOKS.keys()
