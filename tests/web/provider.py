"""An OpenID provider on this machine, strict about the code flow, that can be told to misbehave.

It speaks HTTP and signs with RSA. It holds to RFC 6749 (a code is used once, with the redirect address it was given
for), RFC 7636 (PKCE with S256, demanded) and OpenID Connect Core (nonce, audience, times).
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "forbear", "a-secret-between-the-two-of-them!"


@cache
def _key(_whose: str) -> RSAKey:
    """A key of that name: making one takes longer than most sign-ins, so a process has it once."""
    return RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})


class Provider:
    """The provider; `claims` is who is signed in there, `spoil` changes a token before it is signed."""

    def __init__(self) -> None:
        self.key, self.other_key = _key("own"), _key("other")
        self.claims: dict[str, object] = {}
        self.spoil: Callable[[dict], None] = lambda token: None
        self.alg = "RS256"
        self.sign_with = self.key
        self.metadata: dict[str, object] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[dict[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self.server.shutdown()
        self.server.server_close()

    def description(self) -> dict[str, object]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        } | self.metadata

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes next, with a code; AssertionError when the asking is not as it should be."""
        assert asked["response_type"] == "code", asked
        assert asked["client_id"] == CLIENT, asked
        assert "openid" in asked["scope"].split(), asked
        assert asked["code_challenge_method"] == "S256", asked
        assert len(asked["state"]) >= 16, asked
        assert len(asked["nonce"]) >= 16, asked
        self.asked.append(asked)
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, object]]:
        """A token for a code, once, to who has the secret and the code's verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or authorization != f"Basic {expected}"
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.claims,
        }
        self.spoil(told)
        header = {"alg": self.alg, "kid": "1"}
        if self.alg == "none":
            parts = [
                base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
                for part in (header, told)
            ]
            signed = ".".join([*parts, ""])
        elif self.alg == "HS256":
            signed = jwt.encode(header, told, OctKey.import_key(SECRET), algorithms=["HS256"])
        else:
            signed = jwt.encode(header, told, self.sign_with)
        return 200, {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path == "/.well-known/openid-configuration":
                    self._say(200, provider.description())
                elif parts.path == "/keys":
                    self._say(200, {"keys": [provider.key.as_dict(private=False)]})
                elif parts.path == "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorize(_single(parts.query)))
                    self.end_headers()
                else:
                    self._say(404, {})

            def do_POST(self) -> None:
                form = _single(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._say(*provider.token(form, self.headers.get("Authorization", "")))

            def _say(self, status: int, told: dict[str, object]) -> None:
                body = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *told: object) -> None:
                """Say nothing."""

        return Handler


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
