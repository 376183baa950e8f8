"""Goal: nobody guesses passwords fast, from however many addresses, and nobody is kept out by somebody who does."""

import itertools
from datetime import timedelta

import pytest
from django.test import Client, RequestFactory

from forbear.store.models import Staff
from forbear.web import clock
from forbear.web.proxy import network_of
from tests.factories.desk import NOON

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def qin(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    return Staff.objects.create_user(
        username="qin", password="right-horse-2026", role="collector", number="F9"
    )


@pytest.fixture
def hashed(monkeypatch):
    """How many passwords were hashed."""
    counted = itertools.count()
    before = Staff.check_password
    monkeypatch.setattr(Staff, "check_password", lambda self, raw: (next(counted), before(self, raw))[1])
    return lambda: next(counted)


def attempt(address: str, password: str = "wrong", name: str = "qin") -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post("/sign-in", {"username": name, "password": password}).status_code


def test_one_name_from_ever_new_addresses(hashed):
    tried = [attempt(f"203.0.113.{number}") for number in range(60)]
    assert tried.count(429) == 40
    assert hashed() == 20
    assert attempt("203.0.113.99", "right-horse-2026") == 429, (
        "the right one is refused among guesses from new places"
    )


def test_all_addresses_of_one_network_are_one():
    tried = [attempt(f"2001:db8:1:2::{number:x}") for number in range(1, 41)]
    assert tried.count(429) + tried.count(403) >= 30, "after five the name is locked from there"
    assert attempt("2001:db8:1:3::1", name="somebody") == 200


def test_many_names_from_one_address(hashed):
    tried = [attempt("203.0.113.7", name=f"name{number}") for number in range(60)]
    assert tried.count(429) == 20


def test_who_signed_in_from_there_before_is_not_kept_out_by_guesses_elsewhere(monkeypatch):
    assert attempt("198.51.100.4", "right-horse-2026") == 302
    for number in range(40):
        attempt(f"203.0.113.{number}")
    assert attempt("203.0.113.200", "right-horse-2026") == 429
    assert attempt("198.51.100.4", "right-horse-2026") == 302


def test_after_a_while_it_may_be_tried_again(monkeypatch):
    for number in range(30):
        attempt(f"203.0.113.{number}")
    refused = Client(REMOTE_ADDR="203.0.113.99").post("/sign-in", {"username": "qin", "password": "x"})
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 361
    assert 'value="qin"' in refused.content.decode(), "the name stays"
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=7))
    assert attempt("203.0.113.99", "right-horse-2026") == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::1", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unknown", ""),
        ("/run/socket", ""),
    ],
)
def test_whose_pace_it_is(address, network):
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=address)) == network
