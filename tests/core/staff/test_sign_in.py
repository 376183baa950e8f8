"""How staff sign in, as the lender's file tells it."""

import pytest

from forbear.core.staff.sign_in import (
    PasswordPolicy,
    SessionPolicy,
    SignIn,
    SignInError,
    Sso,
    parse_sign_in,
)
from forbear.interchange.home.lender import SIGN_IN_YAML

ROLES = ("collector", "lead", "compliance", "manager", "administrator")


def test_the_ready_file_and_an_empty_one_are_the_defaults():
    assert parse_sign_in(SIGN_IN_YAML, "sign_in.yaml", ROLES) == parse_sign_in("", "x", ROLES) == SignIn()


def test_whoever_can_change_much_needs_a_second_proof_unless_told():
    assert SignIn().second_factor == {"administrator", "compliance", "lead", "manager"}


def test_what_is_told_counts():
    found = parse_sign_in(
        "second_factor: [collector]\npassword: {least_length: 16}\nsession: {idle_minutes: 5}", "x", ROLES
    )
    assert found == SignIn(frozenset({"collector"}), PasswordPolicy(16), SessionPolicy(5, 12))
    assert parse_sign_in("password: {known_bad: a.txt}", "x", ROLES).password.known_bad == "a.txt"
    assert parse_sign_in("second_factor: []", "x", ROLES).second_factor == frozenset()


def test_a_provider_is_read():
    text = """
sso:
  issuer: https://login.example.org/
  client_id: forbear
  name: {zh: 企业账号, en: Staff account}
  roles: {callers: collector}
  make_accounts: true
"""
    assert parse_sign_in(text, "x", ROLES).sso == Sso(
        "https://login.example.org", "forbear", name=("企业账号", "Staff account"),
        roles=(("callers", "collector"),), make_accounts=True,
    )  # fmt: skip


SSO = "sso: {issuer: https://a.example, client_id: forbear, "


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a", "must be settings"),
        ("a: [", "not valid YAML"),
        ("sesion: {}", "sesion is not known"),
        ("second_factor: all", "must be a list of roles"),
        ("second_factor: [boss]", "second_factor: boss is not known; it is one of"),
        ("password: {least_length: 4}", "between 8 and 128"),
        ("password: {least_length: true}", "between 8 and 128"),
        ("password: 12", "must be settings in braces"),
        ("session: {idle: 5}", "session: idle is not known"),
        ("password: {known_bad: 5}", "path of a file"),
        ("sso: x", "must be settings"),
        ("sso: {client_id: a}", "sso: issuer is missing"),
        ("sso: {issuer: http://login.example.org, client_id: a}", "https address"),
        ("sso: {issuer: http://localhost.evil.example, client_id: a}", "https address"),
        (SSO + "roles: {x: administrator}}", "can't make administrators"),
        (SSO + "roles: {x: boss}}", "sso: roles: x: boss is not known; it is one of"),
        (SSO + "make_accounts: true}", "needs roles"),
        (SSO + "second_proof: no}", "second_proof must be here, or provider"),
        (SSO + "only: maybe}", "only must be true or false"),
        (SSO + "secret: x}", "secret is not known"),
    ],
)
def test_a_mistake_is_told(text, told):
    with pytest.raises(SignInError, match=told):
        parse_sign_in(text, "sign_in.yaml", ROLES)
