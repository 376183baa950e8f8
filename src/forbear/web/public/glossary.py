"""The words of the trade with what they mean, in the reader's language; each page's help leads here."""

from django.http import HttpResponse
from django.shortcuts import render

from forbear.web.request import Request
from forbear.web.terms import TERMS


def glossary(request: Request) -> HttpResponse:
    """Every term that pages explain, in the order of the words."""
    terms = sorted(TERMS.values(), key=lambda term: str(term.word).casefold())
    return render(request, "public/glossary.html", {"terms": terms})
