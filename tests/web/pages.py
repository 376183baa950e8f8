"""A person's browser without a browser: signed in, reading English, and the words of a page."""

import re

from django.http import HttpResponse
from django.test import Client

from forbear.store.models import Staff


def browser_of(staff: Staff) -> Client:
    """Somebody at a page of theirs, who reads English."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return client


def shown(client: Client, path: str) -> str:
    """The words of a page."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", answer.content.decode()))


def without_lots(answer: HttpResponse) -> str:
    """All of a page but the forms' tokens: whatever is drawn by lot may hold any short word by chance."""
    assert answer.status_code == 200
    return re.sub('name="(csrfmiddlewaretoken|form_token)" value="[^"]*"', "", answer.content.decode())


def token_in(page: str) -> str:
    """The token that the forms of a page carry."""
    found = re.search('name="form_token" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1]


def born(day: str) -> dict[str, str]:
    """A date of birth of eight digits as the three fields of the borrower's way in."""
    return {"year": day[:4], "month": day[4:6], "day": day[6:]}
