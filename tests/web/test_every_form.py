"""Goal: whatever is typed into any form, it is said at the field in the reader's language, and nothing typed is lost.

Forms are found as the subclasses of `Form`, and routes by walking all addresses, so that no new one can be forgotten.
"""

import inspect
import re
from datetime import date, timedelta
from html import escape
from urllib.parse import urlencode

import pytest
from django import forms
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import translation

from forbear.actions.access.portal_access import link_for
from forbear.config import urls  # noqa: F401 — every view, and so every form, is read in
from forbear.core.loans.due_dates import NextDue
from forbear.store.models import Agency, Borrower, FormDraft, Lawsuit, Loan, Request, Staff
from forbear.store.permissions import may
from forbear.store.roles import ROLES
from forbear.web import clock
from forbear.web.call_forms import PastDue
from forbear.web.form_token import FIELD
from forbear.web.forms import Form
from forbear.web.sign_in.forms import CodeInput
from tests.factories.desk import NOON, wished
from tests.profile import LONG
from tests.web.pages import born, token_in
from tests.web.test_access import GUARDED, OPEN, OWN, borrower, filled, real_things, signed_in  # noqa: F401

pytestmark = [pytest.mark.database]
TODAY = NOON.date()
#: What people and programs type into fields that ask for something else.
TYPED = {
    "nothing": "",
    "blanks": " \u3000 ",
    "very long": "长" * 10_000,
    "emoji": "😀👨‍👩‍👧 ok",
    "half a character": "a\ud83d",
    "what stands for a half": "a\ufffdb",
    "NUL": "a\0b",
    "an exponent": "1e5",
    "below zero": "-5",
    "a full-width zero": "０",
    "yesterday": (TODAY - timedelta(days=1)).isoformat(),
    "the next century": "2126-01-01",
    "markup": "<script>alert(1)</script>'\"",
}
HAN = re.compile("[\u4e00-\u9fff]")


def every_form(kind: type[Form] = Form) -> list[type[Form]]:
    """All kinds of forms, each once."""
    found = [kind] if kind is not Form else []
    for each in kind.__subclasses__():
        found += every_form(each)
    return sorted(set(found), key=lambda each: f"{each.__module__}.{each.__qualname__}")


def given_to(kind: type[Form]) -> tuple[list[object], dict[str, object]]:
    """What a form is made with besides what was typed, by the names of its own arguments."""
    known: dict[str, object] = {
        "currency": "CNY",
        "debt": PastDue("CNY", 50_000),
        "now": NOON,
        "today": TODAY,
        "first": TODAY,
        "until": TODAY,
        "country": "CN",
        "kind": "complaint",
        "found": Request(kind="extension"),
        "loan_id": "L1",
        "due": NextDue(1, TODAY, 10_000, 0, late=False),
        "longest": 30,
        "loan": Loan(loan_id="L1", currency="CNY", minor_unit=100, outstanding=50_000, payoff=50_000),
        "agencies": [Agency(code="huaxin", name_zh="华信", name_en="Huaxin")],
        "person": Staff(languages="zh", skills="", capacity=10),
        "people": [Staff(number="F1", role="lead")],
        "teams": ["north"],
        "stages": ["early"],
        "choices": {name: [("one", "one")] for name in ("product", "creditor", "stage", "agency", "team")},
        "past": [],
        "loans": [Loan(loan_id="L1", currency="CNY", minor_unit=100)],
        "file": "strategy.yaml",
        "least": 50_000,
        "lawsuit": Lawsuit(currency="CNY"),
        "nexts": ["filed", "ended"],
    }
    first: list[object] = []
    named: dict[str, object] = {}
    for each in kind.__mro__:
        if each is Form:
            break
        if "__init__" not in vars(each):
            continue
        needed = [
            parameter
            for name, parameter in inspect.signature(each.__init__).parameters.items()
            if name not in ("self", "given", "more") and parameter.default is parameter.empty
        ]
        named |= {one.name: known[one.name] for one in needed if one.kind is one.KEYWORD_ONLY}
        # what a class names itself stands before what it hands on
        first = first or [known[one.name] for one in needed if one.kind is not one.KEYWORD_ONLY]
    return first, named


def made(kind: type[Form], text: str) -> Form:
    """A form in which every field holds this."""
    first, named = given_to(kind)
    empty = kind(*first, **named)
    sent = QueryDict(mutable=True)
    sent.update(dict.fromkeys(empty.fields, text))
    return kind(*first, sent, **named)


KINDS = every_form()


def test_every_form_is_found():
    assert len(KINDS) > 60
    assert {"OutcomeForm", "AgencyForm", "AnswerForm", "PersonForm", "MonthForm"} <= {
        each.__name__ for each in KINDS
    }


@pytest.mark.parametrize("typed", TYPED.values(), ids=TYPED)
def test_each_form_says_in_the_readers_language_what_is_wrong_and_keeps_it(typed):
    for kind in KINDS:
        with translation.override("zh-hans"):
            form = made(kind, typed)
            form.is_valid()
            drawn = unescape_quotes("".join(str(field) for field in form))
            sought = escape(typed, quote=True)
        for name, errors in form.errors.items():
            for error in errors:
                assert HAN.search(str(error)), f"{kind.__name__}.{name}: {error}"
        for field in form:
            widget = field.field.widget
            shown = isinstance(widget, forms.TextInput | forms.Textarea) and not isinstance(widget, CodeInput)
            if shown and typed.strip():
                assert sought in drawn, f"{kind.__name__}.{field.name}"


def unescape_quotes(page: str) -> str:
    """Django and the standard library write an apostrophe in two ways."""
    return page.replace("&#39;", "&#x27;")


# every route


NAMES = sorted({name for kind in KINDS for name in made(kind, "").fields})
#: What buttons and hidden fields say, so that acts behind them are reached too.
BUTTONS = {
    "what": ("admit", "decline", "resume", "suspend", "end", "finding", "demand", "review"),
    "act": ("keep", "refuse", "apply", "decline", "undo", "withdraw"),
}
#: Few for every view: what hangs on the fields of a form is tried on the forms themselves, above.
SENT = {name: TYPED[name] for name in ("nothing", "half a character", "below zero")}


def sent_to(number: int) -> tuple[str, ...]:
    """What is sent to the view of that number: by default nothing, and one of the others in turn."""
    nothing, *others = SENT.values()
    return (nothing, *others) if LONG else (nothing, others[number % len(others)])


def posted(text: str, **more: str) -> dict[str, str]:
    """A form with every field that any form has."""
    return {**dict.fromkeys(NAMES, text.encode("utf-8", "replace").decode()), **more}


def sent_by(role: str) -> list[tuple[str, object]]:
    """Where this role may send a form; each place is tried by the first role that may."""
    return [
        (path, view)
        for path, view in GUARDED
        if next((one for one in ROLES if may(one, view.permission)), "") == role
        and not path.startswith("field/")
    ]


@pytest.fixture
def at_noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


def sent_and_undone(client: Client, path: str, data: dict[str, str]) -> object:
    """The answer to a form; what it wrote is taken back, so that the next one finds the same."""
    with transaction.atomic():
        # as a browser sends a form without a file: reading the parts of the other kind takes a third of all this
        answer = client.post(path, urlencode(data), content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, path
        if not answer.streaming:
            assert b"Traceback" not in answer.content, path
        transaction.set_rollback(True)
    return answer


@pytest.mark.django_db
def test_every_route_answers_whatever_is_sent(borrower, at_noon):  # noqa: F811
    things, tried = real_things(), set()
    for role in ROLES:
        client = signed_in(role)
        for number, (path, view) in enumerate(sent_by(role)):
            place = "/" + filled(path, things).lstrip("/")
            for typed in sent_to(number):
                answer = sent_and_undone(client, place, posted(typed))
                if answer.status_code in (200, 405):  # it takes no form, or only looks something up
                    break
                tried.add(path)
                if answer.status_code == 422:
                    page = answer.content.decode()
                    assert 'class="error"' in page or 'role="alert"' in page, place
            source = inspect.getsource(inspect.unwrap(view)) if path in tried else ""
            pressed = [
                (name, value)
                for name, values in BUTTONS.items()
                for value in values
                if f'"{value}"' in source
            ]
            for name, value in pressed:
                sent_and_undone(client, place, posted("", **{name: value}))
    assert len(tried) > 70


@pytest.mark.django_db
def test_what_is_sent_after_signing_out_waits_for_its_person(borrower, at_noon):  # noqa: F811
    things, kept = real_things(), 0
    for role in ROLES:
        client = signed_in(role)
        token = token_in(client.get("/own/").content.decode())
        client.logout()
        for path, view in sent_by(role):
            place = "/" + filled(path, things).lstrip("/")
            answer = client.post(place, posted("别丢掉这段话", **{FIELD: token}))
            if answer.status_code == 405 or view.permission == "own:account:keep":
                continue
            draft = FormDraft.objects.filter(path=place).first()
            assert draft is not None, place
            assert "别丢掉这段话" in draft.fields["note"], place
            assert not set(draft.fields) & {FIELD, "csrfmiddlewaretoken", "new_password1"}
            assert answer["Location"].startswith("/sign-in?next="), place
            kept += 1
    assert kept > 80


def phone_of(who: Borrower) -> Client:
    """A borrower's telephone after the way in by a message's link."""
    Borrower.objects.filter(pk=who.pk).update(born_on=date(1990, 1, 31))
    who.refresh_from_db()
    client, token = Client(), link_for(wished(who), NOON).rsplit("/", 1)[1]
    assert client.post("/my/", {"token": token, **born("19900131")})["Location"] == "/my/home"
    return client


@pytest.mark.django_db
def test_every_page_of_a_borrower_and_every_open_page_answers_whatever_is_sent(borrower, at_noon):  # noqa: F811
    things, tried = real_things(), 0
    inside, outside = phone_of(borrower), Client()
    places = [(inside, path) for path, _view in OWN] + [(outside, path) for path in OPEN if path != "metrics"]
    for client, path in places:
        place = "/" + filled(path, things | {"token": "AAAA2222AAAA2222"}).lstrip("/")
        for typed in TYPED.values():
            answer = sent_and_undone(client, place, posted(typed))
            if answer.status_code in (302, 404, 405):  # it takes no form, or nothing that anybody types
                break
            tried += 1
            if answer.status_code == 422:
                page = answer.content.decode()
                assert 'class="error"' in page or 'role="alert"' in page, place
    assert tried > 100
