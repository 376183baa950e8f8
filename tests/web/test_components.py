"""The components of all pages: what they are given is escaped once, and nothing else of a page is seen in them."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

import forbear
from tests.factories.desk import NOON

PAGES = Path(forbear.__file__).parent / "web" / "pages"
SPITEFUL = '"><script>alert(1)</script>&'
ESCAPED = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;"
# what a component draws, and the few places that draw it themselves
BY_HAND = {
    r'<section[^>]*class="card panel': {"shell/tour.html"},
    r'<form[^>]*method="post"': {"form/act.html"},
    r'<div class="head">': set(),
    r"<thead>": {"portal/owe.html", "portal/signed.html"},
    r'<dt class="text-secondary"': set(),
}


def drawn(text: str, **given: object) -> str:
    """A piece of a page as a browser gets it."""
    request = RequestFactory().get("/")
    request.user, request.now, request.session = AnonymousUser(), NOON, {}
    return engines["django"].from_string(CottonCompiler().process(text)).render(given, request)


@pytest.mark.parametrize(
    "piece",
    [
        '<c-panel title="{{ bad }}" />',
        '<c-panel aria-label="{{ bad }}">words</c-panel>',
        "<c-panel>{{ bad }}</c-panel>",
        '<c-head><c-slot name="title">{{ bad }}</c-slot></c-head>',
        '<c-post action="/{{ bad }}">words</c-post>',
        '<c-fold title="{{ bad }}">words</c-fold>',
        '<c-fact name="name">{{ bad }}</c-fact>',
        '<c-note tone="wait">{{ bad }}</c-note>',
        '<c-entry at="today" actor="{{ bad }}">words</c-entry>',
        '<c-summary title="{{ bad }}" />',
        '<c-empty text="{{ bad }}" />',
        '<c-table><c-slot name="head"><th>{{ bad }}</th></c-slot></c-table>',
    ],
)
def test_what_a_component_is_given_is_escaped_once(piece):
    page = drawn(piece, bad=SPITEFUL)
    assert page.count(ESCAPED) == 1
    assert "<script>" not in page
    assert "&amp;quot;" not in page


def test_a_component_sees_nothing_of_the_page_around_it():
    page = drawn("<c-panel><c-fold>words</c-fold></c-panel>", title="LEAK", open=True, kind="LEAK", wide=True)
    assert "LEAK" not in page
    assert " open" not in page
    assert "tabindex" not in page


def test_a_form_carries_its_tokens_and_a_fold_opens_by_what_went_wrong():
    page = drawn('<c-fold title="t" :open="form.is_bound"><c-post action="/x" class="two" /></c-fold>',
                 form=SimpleNamespace(is_bound=True))  # fmt: skip
    assert "<details open>" in page
    assert 'name="csrfmiddlewaretoken"' in page
    assert 'name="form_token"' in page
    assert re.search(r'<form method="post"\s+novalidate\s+action="/x" class="two">', page)


@pytest.mark.parametrize("written", BY_HAND)
def test_what_a_component_draws_is_written_nowhere_else(written):
    found = {
        str(path.relative_to(PAGES))
        for path in PAGES.rglob("*.html")
        if "components" not in path.parts and re.search(written, path.read_text(encoding="utf-8"))
    }
    assert found == BY_HAND[written]
