"""What borrowers say of their own situation: they see what is recorded, correct it, and take their consent back."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from forbear.actions.holds.vulnerability import erase_why, record_vulnerability, running_vulnerability
from forbear.store.business_date import business_date
from forbear.web.care_forms import OwnCareForm, first_of
from forbear.web.forms import Form, form_on
from forbear.web.portal.way_in import own
from forbear.web.request import BorrowerRequest
from forbear.web.submit import submit


def _page(request: BorrowerRequest) -> HttpResponse:
    found = running_vulnerability(request.borrower.borrower_id)
    first = first_of(found, why=True)
    form = form_on(request, OwnCareForm, business_date(request.now), initial=first)
    return render(request, "portal/care.html", {"care": found, "form": form, "borrower": request.borrower})


@own
def care(request: BorrowerRequest) -> HttpResponse:
    """What we know, and what changes."""
    return _page(request)


@require_POST
@own
def tell(request: BorrowerRequest) -> HttpResponseBase:
    """Say it, or correct it."""
    form = OwnCareForm(business_date(request.now), request.POST)

    def act(_given: dict[str, Any]) -> object:
        return record_vulnerability(request.borrower.borrower_id, form.note(), request.now, actor="borrower")

    return submit(request, form, act, lambda: _page(request), reverse("portal:care"), gettext("Saved."))


@require_POST
@own
def forget(request: BorrowerRequest) -> HttpResponseBase:
    """Erase why; what changes goes on."""

    def act(_given: dict[str, Any]) -> object:
        return erase_why(request.borrower.borrower_id, request.now, actor="borrower")

    then = reverse("portal:care")
    return submit(request, Form(request.POST), act, lambda: _page(request), then, gettext("Erased."))
