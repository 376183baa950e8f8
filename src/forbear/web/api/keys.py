"""Who is calling: API keys and their scopes."""

import hmac

from django.http import HttpRequest
from ninja.security import HttpBearer

from forbear.actions.selectors.programs import working_key
from forbear.actions.webhooks.api_keys import digest
from forbear.store.models import ApiKey
from forbear.store.models.api import SCOPES


def find_key(text: str) -> ApiKey | None:
    """The living key of this text."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "fb":
        return None
    key = working_key(parts[1])
    if key is None or not hmac.compare_digest(key.digest, digest(text)):
        return None
    return key


class Scoped(HttpBearer):
    """Lets a request in whose `Authorization: Bearer` key has the scope; the key is then `request.auth`."""

    def __init__(self, scope: str) -> None:
        assert scope in SCOPES, scope
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """The key, or None: then the answer is 401."""
        key = find_key(token)
        return key if key is not None and self.scope in key.scopes else None
