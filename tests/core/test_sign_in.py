"""How staff sign in, as the lender's file tells it."""

import pytest

from forbear.core.sign_in import SignIn, SignInError, parse_sign_in
from forbear.interchange.home import SIGN_IN_YAML

ROLES = ("collector", "administrator")


def test_the_ready_file_and_an_empty_one_are_the_defaults():
    assert parse_sign_in(SIGN_IN_YAML, "sign_in.yaml", ROLES) == parse_sign_in("", "x", ROLES) == SignIn()


def test_what_is_told_counts():
    found = parse_sign_in(
        "second_factor: [collector]\npassword: {least_length: 16}\nsession: {idle_minutes: 5}", "x", ROLES
    )
    assert found == SignIn(frozenset({"collector"}), 16, 5, 12)
    assert parse_sign_in("second_factor: []", "x", ROLES).second_factor == frozenset()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a", "must be settings"),
        ("a: [", "can't be read as YAML"),
        ("sesion: {}", "sesion is not known"),
        ("second_factor: all", "is a list of roles"),
        ("second_factor: [boss]", "boss is no role"),
        ("password: {least_length: 4}", "between 8 and 128"),
        ("password: {least_length: true}", "between 8 and 128"),
        ("password: 12", "must be settings in braces"),
        ("session: {idle: 5}", "session: idle is not known"),
    ],
)
def test_a_mistake_is_told(text, told):
    with pytest.raises(SignInError, match=told):
        parse_sign_in(text, "sign_in.yaml", ROLES)
