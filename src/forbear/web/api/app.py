"""The interface itself, under /api/v1/."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from forbear import __version__
from forbear.web.api import contacts, hooks, payments, placements, verify
from forbear.web.api.answers import shape_failures, told_in


class Interface(NinjaAPI):
    """Answers that say in which language their sentences are."""

    def create_response(
        self,
        request: HttpRequest,
        data: Any,
        *,
        status: int | None = None,
        temporal_response: HttpResponse | None = None,
    ) -> HttpResponse:
        """As the framework makes it."""
        made = super().create_response(request, data, status=status, temporal_response=temporal_response)
        return told_in(request, made)


api = Interface(
    title="Forbear",
    version="1.0.0",
    description=f"Permits, contacts, payments and verification of Forbear {__version__}. "
    "Amounts are whole minor units, moments ISO 8601 with an offset. "
    "What a person reads, `message` of a failure or refusal and `sentence` of a reason, is in Chinese where "
    "`Accept-Language` asks for it, else in English; `code`, `rule` and every other word for programs stay the same.",
    urls_namespace="api",
    docs_url=None,
)
shape_failures(api)
for each in (contacts, payments, placements, verify, hooks):
    api.add_router("", each.router)
