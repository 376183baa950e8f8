"""Goal: what is there for a demo alone is not there where borrowers are real: the borrower's phone, the till."""

import re

import pytest
from django.conf import settings

from forbear.interchange.home.lender import DEMO_MARK, MADE_UP_MARK
from forbear.store.models import Staff
from forbear.store.roles import ROLES
from tests.factories.desk import make_borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def _real():
    """The same home, without any mark that nobody in it is real."""
    marks = [settings.HOME.folder / name for name in (DEMO_MARK, MADE_UP_MARK)]
    kept = {mark: mark.read_bytes() for mark in marks if mark.is_file()}
    assert kept
    for mark in kept:
        mark.unlink()
    try:
        yield
    finally:
        for mark, content in kept.items():
            mark.write_bytes(content)


@pytest.mark.usefixtures("_real")
@pytest.mark.parametrize("role", sorted(ROLES))
def test_no_role_finds_the_borrowers_phone_or_the_till(client, role):
    make_borrower("B1")
    client.force_login(
        Staff.objects.create_user(username="zhou", role=role, number="Z1"),
        "django.contrib.auth.backends.ModelBackend",
    )
    for path in ("/phone", "/phone?to=%2B8610000000001", "/till/anything"):
        answer = client.get(path)
        assert answer.status_code in (302, 404), (path, answer.status_code)
        # the tokens of forms are random
        said = re.sub('name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", answer.content.decode())
        assert "B1" not in said
    assert not settings.HOME.is_made_up
