"""Goal: the trade's words explain themselves on pages, in both languages, by the glossary's own words."""

import re

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override
from scripts.terms import TARGET, rows, source

from forbear.web.terms import TERMS
from tests.tidy.tree import SRC

PAGES = SRC / "forbear" / "web" / "pages"
USED = re.compile(r"\{% term(?:_mark|_details)? \"(\w+)\"")


def shown(text: str) -> str:
    request = RequestFactory().get("/")
    return Template("{% load terms %}" + text).render(Context({"request": request, "text": "Days past due"}))


def used() -> set[str]:
    return {name for path in PAGES.rglob("*.html") for name in USED.findall(path.read_text("utf-8"))}


@pytest.mark.process
def test_the_terms_are_those_of_the_glossary():
    assert TARGET.read_text("utf-8") == source(), "run `uv run python scripts/terms.py`"
    assert len(TERMS) > 50
    assert [row.name for row in rows()] == list(TERMS), "a name in code has one explained row"


def test_every_term_on_a_page_is_in_the_glossary():
    assert len(used()) > 20
    assert used() - TERMS.keys() == set()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.name)
def test_a_term_says_in_each_language_what_the_glossary_says(row):
    found = TERMS[row.name]
    for number, language in enumerate(("en", "zh-hans")):
        with override(language):
            assert str(found.word) == row.word[number]
            assert str(found.means) == row.means[number], "run `uv run python scripts/terms.py`"


def test_a_term_is_a_button_with_its_explanation_behind_it():
    with override("en"):
        text = shown('{% term "bucket" %} {% term "unknown" "delivery unknown" %} {% term_mark "Hold" %}')
    assert text.count('<button type="button"') == 3
    for number in (1, 2, 3):
        assert f'aria-describedby="term-{number}"' in text
        assert f'role="tooltip" id="term-{number}" popover="manual"' in text
    assert "M0, M1, M2 and on" in text
    assert ">delivery unknown</button>" in text
    assert 'aria-label="What it means: On hold"' in text


def test_a_head_that_is_a_terms_word_is_explained_in_either_language():
    with override("en"):
        assert "term-mark" in shown("{% explain text %}")
        assert shown("{% explain 'Borrower' %}") == ""
    with override("zh-hans"):
        assert "最早一期未还款项" in shown("{% explain '逾期天数' %}")
        assert shown("{% explain text %}") == ""


def test_a_borrowers_page_opens_it_without_a_script():
    with override("en"):
        text = shown('{% term_details "penalty" %}')
    assert "<details" in text
    assert "Interest on what is past due" in text


@pytest.mark.django_db
def test_each_page_leads_to_the_glossary(client):
    assert 'href="/glossary"' in client.get("/sign-in").content.decode()
    for language, word in (("en", "Promises kept"), ("zh-hans", "承诺履约率")):
        page = client.get("/glossary", headers={"Accept-Language": language}).content.decode()
        assert word in page
