"""The interface itself, under /api/v1/."""

from ninja import NinjaAPI

from forbear import __version__
from forbear.web.api import contacts, hooks, payments, placements, verify
from forbear.web.api.answers import shape_failures

api = NinjaAPI(
    title="Forbear",
    version="1.0.0",
    description=f"Permits, contacts, payments and verification of Forbear {__version__}. "
    "Amounts are whole minor units, moments ISO 8601 with an offset.",
    urls_namespace="api",
    docs_url=None,
)
shape_failures(api)
for each in (contacts, payments, placements, verify, hooks):
    api.add_router("", each.router)
