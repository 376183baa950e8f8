"""Terms of the trade explain themselves on pages: pointed at, focused or tapped, by the glossary's own words."""

from functools import cache

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import get_language, gettext

from forbear.web.terms import TERMS, Term

register = template.Library()


@register.simple_tag(takes_context=True)
def term(context: Context, name: str, text: str | Promise = "") -> str:
    """A term with its explanation behind it: {% term "Permit" %}; `text` is what the page says for it."""
    found = TERMS[name]
    return _explained(context, "term-word", text or found.word, found)


@register.simple_tag(takes_context=True)
def explain(context: Context, text: str | Promise) -> str:
    """What explains a text that is a term's own word, such as a column's head; "" for any other text."""
    name = _by_word(get_language() or "").get(str(text).casefold(), "")
    return _explained(context, "term-mark", "?", TERMS[name]) if name else ""


@register.simple_tag(takes_context=True)
def term_mark(context: Context, name: str) -> str:
    """A small mark behind a heading that explains its term: {% term_mark "Hold" %}."""
    return _explained(context, "term-mark", "?", TERMS[name])


@register.inclusion_tag("portal/term.html")
def term_details(name: str) -> dict[str, Term]:
    """A term on a borrower's page, opened by its own line and without any script."""
    return {"term": TERMS[name]}


@cache
def _by_word(language: str) -> dict[str, str]:
    """The names of the terms by their words in the language that is active now."""
    return {str(found.word).casefold(): name for name, found in TERMS.items()}


def _explained(context: Context, css: str, shown: str | Promise, found: Term) -> str:
    request = context["request"]
    number = request.__dict__["terms"] = request.__dict__.get("terms", 0) + 1
    name = (
        format_html(' aria-label="{}"', gettext("What it means: %(word)s") % {"word": found.word})
        if css == "term-mark"
        else ""
    )
    return format_html(
        '<span class="term"><button type="button" class="{}" aria-describedby="term-{}"{}>{}</button>'
        '<span class="term-tip" role="tooltip" id="term-{}" popover="manual">{}</span></span>',
        css, number, name, shown, number, found.means,
    )  # fmt: skip
