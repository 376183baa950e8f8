"""The way in through the lender's own OpenID provider: the code flow with PKCE, state and nonce."""

import logging
import os
from functools import lru_cache
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from joserfc.errors import JoseError

from forbear.actions.staff.sso_login import sso_login
from forbear.core.base.problem import Problem
from forbear.core.staff.sign_in import Sso
from forbear.web.call_forms import flash_problems
from forbear.web.request import Request
from forbear.web.session import BY_SSO, enter, place_for
from forbear.web.sign_in.way_in import go_on

_SECONDS = 10
_THEN = "sso_then"
#: How a provider may sign: with keys of its own only, never with the secret both sides have, never not at all.
_SIGNED = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
#: What goes wrong with a provider, its answer, or the way there.
_BAD = (AuthlibBaseError, JoseError, requests.RequestException, ValueError, KeyError, TypeError, RuntimeError)
log = logging.getLogger(__name__)


class _Untrusted(ValueError):
    """The provider's own description is not what was asked for."""


def start(request: Request) -> HttpResponse:
    """Off to the provider."""
    sso = _sso()
    asked = request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    request.session[_THEN] = asked if ours else reverse("home")
    try:
        return _client(sso).authorize_redirect(request, settings.HOME.url + reverse("sso_back"))
    except _BAD as error:
        return _failed(request, error)


def back(request: Request) -> HttpResponse:
    """Back from the provider, who says who this is."""
    sso = _sso()
    try:
        client = _client(sso)
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": sso.issuer},
                "aud": {"essential": True, "value": sso.client_id},
            },
        )
        claims = dict(token["userinfo"])
    except _BAD as error:
        return _failed(request, error)
    staff = sso_login(claims, sso, request.now)
    if isinstance(staff, Problem):
        flash_problems(request, staff)
        return redirect("login")
    then = request.session.pop(_THEN, reverse("home"))
    request.session[BY_SSO] = True
    if sso.second_proof == "provider":
        enter(request, staff, "sso")
        return redirect(place_for(staff, then))
    return go_on(request, staff, then)


def way_out() -> str:
    """Where somebody signs out at the provider, to come back to the way in; "" where that is not wanted or known.

    OpenID Connect RP-Initiated Logout 1.0. The request names this client and no person: an ID token in an address
    would stand in the logs of everything on the way.
    """
    sso = settings.SIGN_IN.sso
    if sso is None or sso.sign_out != "provider":
        return ""
    try:
        client = _client(sso)
        end_url = client.load_server_metadata().get("end_session_endpoint", "")
        if urlsplit(end_url).scheme not in {"https", urlsplit(sso.issuer).scheme}:
            return ""
        back = settings.HOME.url + reverse("login")
        return client.create_logout_url(post_logout_redirect_uri=back, client_id=sso.client_id)["url"]
    except _BAD as error:
        log.warning("signing out at the provider failed: %s", type(error).__name__)
        return ""


def _sso() -> Sso:
    """The provider; where there is none, neither is the page."""
    found = settings.SIGN_IN.sso
    if found is None:
        raise Http404
    return found


def _client(sso: Sso) -> DjangoOAuth2App:
    """The library's client, with a description of the provider that was looked at."""
    client = _made(sso)
    metadata = client.load_server_metadata()
    if metadata.get("issuer", "").rstrip("/") != sso.issuer:
        raise _Untrusted("the provider names another issuer than sign_in.yaml")
    scheme = urlsplit(sso.issuer).scheme
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(metadata[name]).scheme not in {"https", scheme}:
            raise _Untrusted(f"the provider's {name} is not https")
    offered = set(metadata.get("id_token_signing_alg_values_supported") or ["RS256"])
    metadata["id_token_signing_alg_values_supported"] = sorted(offered & _SIGNED)
    return client


@lru_cache(maxsize=2)
def _made(sso: Sso) -> DjangoOAuth2App:
    secret = os.environ.get(sso.client_secret_env, "") if sso.client_secret_env else ""
    made = OAuth().register(
        "sso",
        client_id=sso.client_id,
        client_secret=secret or None,
        server_metadata_url=f"{sso.issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": sso.scopes,
            "code_challenge_method": "S256",
            "default_timeout": _SECONDS,
            **({} if secret else {"token_endpoint_auth_method": "none"}),
        },
    )
    assert isinstance(made, DjangoOAuth2App), "no other kind is registered"
    return made


def _failed(request: Request, error: Exception) -> HttpResponse:
    """One clear line; what is logged names no person."""
    log.warning("single sign-on failed: %s", type(error).__name__)
    messages.error(
        request,
        gettext("Signing in with the company account did not work. Please try again."),
    )
    return redirect("login")
