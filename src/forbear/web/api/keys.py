"""Who is calling: API keys and their scopes."""

import hmac
from math import ceil

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer

from forbear.actions.selectors.programs import working_key
from forbear.actions.webhooks.api_keys import digest
from forbear.interchange.home.policy import policy
from forbear.store.models import ApiKey
from forbear.store.models.api import SCOPES
from forbear.web.local_pace import LocalPace

CALLS = LocalPace()


class TooFast(HttpError):
    """A key called too often; `seconds` until it may again."""

    def __init__(self, wait: float) -> None:
        super().__init__(429, "too many calls")
        self.seconds = ceil(wait)


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
        if key is None or self.scope not in key.scopes:
            return None
        most = policy(settings.HOME).calls_a_minute
        if wait := CALLS.wait(key.prefix, most, most):
            raise TooFast(wait)
        return key
