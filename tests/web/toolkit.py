"""An OpenID provider that others wrote: Django OAuth Toolkit, in a process of its own, at its own settings.

Started with the address to come back to, it tells in one line of JSON its issuer and its client, and serves until
its standard input closes. Who looks at it is signed in there already, as zhou of the group collections-leads.
"""

import json
import sys
import threading
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

SECRET = "a-secret-between-the-two-of-them!"


class Server(ThreadingMixIn, WSGIServer):
    """Each request in a thread of its own."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of each request."""

    def log_message(self, *_: object) -> None:
        """Nothing."""


def configure(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    settings.configure(
        SECRET_KEY="of a provider that lives as long as its test",
        ALLOWED_HOSTS=["127.0.0.1"],
        USE_TZ=True,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "provider.sqlite3"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "oauth2_provider",
        ],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware", "tests.web.toolkit.signed_in"],
        ROOT_URLCONF="tests.web.toolkit_urls",
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": pem.decode(),
            "OAUTH2_VALIDATOR_CLASS": "tests.web.toolkit_urls.Claims",
            "SCOPES": {"openid": "", "profile": "", "email": "", "groups": ""},
        },
    )
    django.setup()


def signed_in(get_response: object) -> object:
    """Middleware: whoever asks is zhou."""
    from django.contrib.auth.models import User

    def answer(request: object) -> object:
        request.user = User.objects.get(username="zhou")
        return get_response(request)

    return answer


def serve(folder: Path, back: str) -> None:
    """Tell who it is, and serve."""
    configure(folder)
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from oauth2_provider.models import Application

    call_command("migrate", verbosity=0)
    User.objects.create_user("zhou", "zhou@example.org")
    client = Application.objects.create(
        name="forbear",
        client_type="confidential",
        authorization_grant_type="authorization-code",
        redirect_uris=back,
        client_secret=SECRET,
        algorithm="RS256",
        skip_authorization=True,
    )
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = {"issuer": f"http://127.0.0.1:{server.server_port}/o", "client": client.client_id}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.argv[2])
