"""Goal: a page has no text outside of the catalogue.

Shown in a made-up language without a plain letter, every page of every role has no word of another language left but
data: what the lender, a person or a program wrote.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
import yaml
from django.apps import apps
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from scripts.messages import write_pseudo

from forbear.actions.access.portal_access import link_for
from forbear.actions.contacts.compose import opt_out_url
from forbear.core.bureaus.standing import RETENTION
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.setting_rows import setting_rows
from forbear.store.access import masked_name
from forbear.store.models import (
    Agency,
    ApiKey,
    Borrower,
    Contact,
    ContactPoint,
    Event,
    Loan,
    Staff,
    WebhookEndpoint,
)
from forbear.store.permissions import may
from forbear.store.roles import ROLES
from forbear.web import clock as web_clock
from tests.factories.desk import NOON, wished
from tests.web.pages import born
from tests.web.test_access import GUARDED, OWN, PARTS, filled, real_things, signed_in
from tests.web.test_access import borrower as borrower

pytestmark = [pytest.mark.database, pytest.mark.django_db]
LANGUAGE = "eo"
SHOWN_ATTRIBUTES = ("title", "aria-label", "alt", "placeholder", "data-label")
#: Code, a person's own text and the switch of languages are in no language of the page.
NOT_TEXT = ("script", "style", "code", "pre", "kbd", "textarea")
#: A day in words is Django's own text in the made-up language's place, too.
DAY = r"\d{1,2}-a de [a-zŭ]+ \d{4}"
#: Names that are the same in every language.
NAMES = r"[0-9a-f]{8,64}|Forbear|CSV|Excel|SHA-256|km|[A-Z]{2,3}|M[0-9]\+?|v\d+|\{\w+\}|中文|English|[\w./-]+\.jsonl"
WORD = re.compile(r"[\u3400-\u9fff]|[A-Za-z]{2,}")


class Texts(HTMLParser):
    """What a page shows: its texts, and the attributes that are read out or seen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._closed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.found += [values[name] or "" for name in SHOWN_ATTRIBUTES if name in values]
        if tag in NOT_TEXT or (tag != "html" and "lang" in values):
            self._closed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._closed and self._closed[-1] == tag:
            self._closed.pop()

    def handle_data(self, data: str) -> None:
        if not self._closed:
            self.found.append(data)


def leaks(page: str, data: Iterable[str]) -> list[str]:
    """Texts with a word of another language that is no data."""
    texts = [re.sub(r"\s+", " ", text).strip() for text in Texts(page).found]
    known: list[str] | None = None
    found = []
    for text in texts:
        if re.fullmatch(r"[0-9a-f]{12}", text):
            continue  # the name of a version
        left = re.sub(DAY, " ", text)
        if not _has_word(left):
            continue  # nor has it one without the data
        if known is None:
            known = [re.sub(r"\s+", " ", each).strip() for each in sorted(set(data), key=len, reverse=True)]
        for each in known:
            if each and each in left:
                left = left.replace(each, " ")
        if _has_word(left):
            found.append(text)
    return found


def _has_word(text: str) -> bool:
    """Whether it has a word that is no name."""
    return WORD.search(re.sub(rf"(?<![A-Za-z])(?:{NAMES})(?![A-Za-z])", " ", text)) is not None


def _of_tables() -> Iterator[str]:
    """Every text of the tables, but bare codes: those are never shown."""
    for model in apps.get_app_config("store").get_models():
        fields = [each.name for each in model._meta.concrete_fields]
        for row in model.objects.values_list(*fields):
            yield from (
                each for value in row for each in _texts(value) if not re.fullmatch(r"[a-z_.: ]*", each)
            )


def _names() -> Iterator[str]:
    """Names that look like codes: of people, agencies, products and programs; and a name half hidden."""
    for person in Staff.objects.all():
        yield from (person.number, person.username)
    yield from Agency.objects.values_list("code", flat=True)
    yield from Loan.objects.values_list("product", flat=True)
    yield from ApiKey.objects.values_list("name", flat=True)
    yield from (
        urlsplit(address).hostname or "" for address in WebhookEndpoint.objects.values_list("url", flat=True)
    )
    yield from (json.loads(line)["actor"] for line in Event.objects.values_list("line", flat=True))
    yield PARTS["<str:experiment>"]  # a page says that there is none of that name
    yield from (masked_name(name) for name in Borrower.objects.values_list("name", flat=True))


def _data() -> list[str]:
    return [*_of_tables(), *_names(), *_of_lender()]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _of_lender() -> Iterator[str]:
    """What the lender's own files say, in either of their languages."""
    yield from _texts([settings.HOME.name, list(settings.HOME.contact)])
    for bound in rulebook(settings.HOME).bound:
        yield from _texts([bound.rule.id, bound.rule.clause, dict(bound.rule.says), dict(bound.rule.doubt)])
    yield from rulebook(settings.HOME).names
    yield from _texts(yaml.safe_load(settings.HOME.strategy.read_text("utf-8")))
    yield from (each.clause for each in RETENTION.values())
    for row in setting_rows(settings.HOME, settings.SIGN_IN):
        yield from (row.value, row.file)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    """The folder with the made-up language's files: written once, since every source is read for it."""
    folder = tmp_path_factory.mktemp("made-up")
    write_pseudo(folder, LANGUAGE)
    return folder


@pytest.fixture
def made_up(settings, catalogue):
    """The made-up language, on the server in place of the others' files."""
    settings.LOCALE_PATHS = [catalogue, *settings.LOCALE_PATHS]
    settings.LANGUAGES = [(LANGUAGE, "[!!]"), *settings.LANGUAGES]
    return LANGUAGE


def reading(client: Client) -> Client:
    """The same person, who reads the made-up language."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = LANGUAGE
    return client


def found_on(answer: HttpResponse, data: list[str]) -> list[str]:
    """What leaks on a page; nothing on what is no page."""
    if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html") or answer.streaming:
        return []
    page = answer.content.decode()
    assert not page.strip() or f'lang="{LANGUAGE}"' in page or "<html" not in page
    return leaks(page, data)


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_a_role_has_text_of_another_language(role, borrower, made_up):
    client = reading(signed_in(role))
    data, things = _data(), real_things()
    found, pages_seen = {}, 0
    for path, view in GUARDED:
        if may(role, view.permission):
            answer = client.get(filled(path, things))
            assert answer.status_code in (200, 302, 405), f"{path}: {answer.status_code}"
            pages_seen += answer.status_code == 200
            if left := found_on(answer, data):
                found[path] = left
    assert pages_seen
    assert found == {}


def test_no_page_of_a_borrower_has_text_of_another_language(borrower, made_up, monkeypatch):
    monkeypatch.setattr(web_clock, "now", lambda: NOON)
    borrower.born_on = date(1990, 1, 31)
    borrower.save()
    client = reading(Client())
    token = link_for(wished(borrower), NOON).rsplit("/", 1)[1]
    assert client.post("/my/", {"token": token, **born("19900131")})["Location"] == "/my/home"
    data, things = _data(), real_things()
    found = {}
    for path, _ in OWN:
        if left := found_on(client.get(filled(path, things)), data):
            found[path] = left
    assert found == {}


def test_no_open_page_has_text_of_another_language(borrower, made_up):
    digest = "d" * 64
    point = ContactPoint.objects.create(borrower=borrower, kind="email", value="a@b.example", digest=digest)
    contact = wished(borrower)
    Contact.objects.filter(pk=contact.pk).update(channel="email", point_digest=point.digest)
    contact.refresh_from_db()
    client = reading(Client())
    data = _data()
    found = {}
    for path in ("/sign-in", "/sign-in/passkey", "/verify/bundle",
                 "/my/", "/my/l/x", "/verify", f"/verify?q={contact.code}",
                 "/verify?q=unknown", "/" + opt_out_url(contact).split("/", 3)[3]):  # fmt: skip
        answer = client.get(path)
        assert answer.status_code == 200, path
        if left := found_on(answer, data):
            found[path] = left
    assert found == {}


def test_a_leak_is_found():
    page = '<html><p title="Save">[!! Šåṽé !!]</p><p>王小明 B1</p><p lang="zh">中文</p><p>Saved. CNY 1.00</p></html>'
    assert leaks(page, ["王小明", "B1"]) == ["Save", "Saved. CNY 1.00"]
    assert leaks(page, []) == ["Save", "王小明 B1", "Saved. CNY 1.00"]
