"""The providers on the web, one process for a test module; and a certificate for those that encrypt."""

import datetime
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.channels.process import python_peer


@pytest.fixture(scope="module")
def providers():
    """A peer that is all of them; see peers/providers.py."""
    with python_peer("providers") as peer:
        yield peer


@pytest.fixture
def calls_back(providers):
    """Ask the peer for a signed callback: (headers, body, query)."""

    def ask(kind: str, **told: object) -> tuple[dict, bytes, str]:
        providers.say(do=kind, **told)
        made = providers.hear_of("callback")
        return made["headers"], made["body"].encode(), made.get("query", "")

    return ask


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A folder with cert.pem and key.pem for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder
