"""Goal: no page of anybody is kept by a browser or a proxy, and over https nothing falls back to http."""

import json
import logging
import subprocess
import sys
from dataclasses import replace
from re import _constants as constants
from re import _parser as parser

import pytest
from django.test import Client

from forbear.config.logs import _PERSONAL, Json, Plain, blotted
from forbear.store.models import Staff

pytestmark = [pytest.mark.database, pytest.mark.django_db]
PAGES = (
    "/",
    "/sign-in",
    "/desk",
    "/desk/evidence",
    "/desk/case/B1/",
    "/my/home",
    "/verify",
    "/nowhere",
    "/agency/",
    "/health/live",
)


@pytest.fixture
def client(client):
    person = Staff.objects.create_user(username="w", password="x", role="compliance", number="C1")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("known", [True, False])
def test_nobody_keeps_a_copy(path, known, client):
    answer = (client if known else Client()).get(path)
    assert answer["Cache-Control"] == "no-store" or "no-store" in answer["Cache-Control"]
    assert "geolocation=(self)" in answer["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer


def test_what_is_the_same_for_everybody_may_be_kept(client):
    assert "no-store" not in client.get("/static/desk.css")["Cache-Control"]


def test_over_https_browsers_come_back_by_https(client, settings):
    settings.HOME = replace(settings.HOME, url="https://collections.example.org")
    assert "max-age=63072000" in client.get("/sign-in")["Strict-Transport-Security"]


def test_cookies_belong_to_one_host_over_https(tmp_path):
    """Settings are read once a process, so another one reads them."""
    ask = (
        "import sys; from pathlib import Path; from forbear.interchange.home.lender import make_home;"
        "home = Path(sys.argv[1]); make_home(home); path = home / 'lender.yaml';"
        "path.write_text(path.read_text().replace('http://localhost:8000', 'https://c.example.org'));"
        "from forbear.config.start import start; start(home); from django.conf import settings;"
        "print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_SECURE)"
    )
    done = subprocess.run([sys.executable, "-c", ask, str(tmp_path / "home")], capture_output=True, text=True)
    assert done.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True"], done.stderr


@pytest.mark.parametrize(
    ("first", "last"),
    [("0001-01-01", ""), ("", "9999-12-31"), ("0001-01-01", "9999-12-31"), ("9999-12-31", "0001-01-01")],
)
def test_the_first_and_last_of_all_days_are_days(first, last, client):
    assert client.get("/desk/evidence", {"kind": "access", "first": first, "last": last}).status_code == 200


def test_what_is_not_found_is_logged_by_its_route_alone(client, caplog):
    with caplog.at_level(logging.WARNING, "django.request"):
        client.get("/desk/case/B13800000001/")
        client.get("/my/l/secret-of-a-link-0001")
        client.get("/nowhere/13800000001x")
    records = [record for record in caplog.records if record.name == "django.request"]
    assert records
    for record in records:
        for line in (Plain().format(record), json.loads(Json().format(record))["message"]):
            assert "13800000001" not in line
            assert "secret" not in line
            assert "404" in line


def test_looking_through_a_line_takes_a_bounded_time_for_each_character():
    """No part of the pattern may repeat without end: from every place at most so many characters are looked at."""

    def longest(part: object) -> list[int]:
        found = []
        for name, about in part:
            if name in (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT):
                found += [about[1], *longest(about[2])]
            elif name is constants.BRANCH:
                found += [length for each in about[1] for length in longest(each)]
            elif name is constants.SUBPATTERN:
                found += longest(about[-1])
        return found

    lengths = longest(parser.parse(_PERSONAL.pattern))
    assert lengths
    assert max(lengths) < 200
    assert len(blotted("a" * 1_000_000)) < 40_000


def test_what_a_command_writes_is_its_own_account_s_alone(tmp_path):
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "init", str(home)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    open_to_others = [path.name for path in (home, *home.rglob("*")) if path.stat().st_mode & 0o077]
    assert open_to_others == []
