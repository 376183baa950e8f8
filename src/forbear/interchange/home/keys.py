"""The home's keys: made on first use, kept in `data/keys`, readable by their owner only.

`web` signs cookies, `points` hides phone numbers in rules and evidence,
`portal` makes the links in messages, `factors` seals what second proofs of staff are made of, `fields` the secrets in
the database. Of a key that was rotated the former one stays beside it, to read what was made with it. The signing key
proves permits and evidence; its public half is `data/keys/signing.pub.pem`, to be handed to anybody who wants to check.
"""

import base64
import hashlib
import os
import secrets
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from forbear.interchange.home.lender import Home, HomeError

SECRETS = ("web", "points", "portal", "factors", "fields")
#: Those that can be rotated.
ROTATED = ("web", "points", "portal", "factors", "fields", "signing")


def _keep(path: Path, content: bytes) -> bytes:
    """Write `content` unless somebody was quicker; what is there then counts."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    return path.read_bytes()


@cache
def secret(home: Home, name: str) -> bytes:
    """32 secret bytes of this home by name (see SECRETS)."""
    assert name in SECRETS, name
    path = home.folder / "data" / "keys" / f"{name}.key"
    content = path.read_bytes() if path.is_file() else _keep(path, secrets.token_bytes(32))
    if len(content) != 32:
        raise HomeError(f"{path}: is damaged (a key has 32 bytes); put it back from a backup")
    return content


def secrets_of(home: Home, name: str) -> tuple[bytes, ...]:
    """The secret of that name, and the former ones, the newest first."""
    current = secret(home, name)
    folder = home.folder / "data" / "keys"
    former = sorted(folder.glob(f"{name}.former-*.key"), key=lambda path: path.name, reverse=True)
    return (current, *(content for path in former if len(content := path.read_bytes()) == 32))


@cache
def point_keys(home: Home) -> tuple[bytes, ...]:
    """The keys that hide numbers and search terms, the oldest first: each digest is made by all of them."""
    return secrets_of(home, "points")[::-1]


def fresh_secrets_of(home: Home, name: str) -> tuple[bytes, ...]:
    """The same as `secrets_of`, of what lies in the home now: another process may have rotated the secret."""
    secret.cache_clear()
    return secrets_of(home, name)


def rotate_secret(home: Home, name: str, now: datetime) -> None:
    """A new secret of that name; the former one stays, to read what was made with it."""
    assert name in ROTATED, name
    assert name in SECRETS, name
    folder = home.folder / "data" / "keys"
    secret(home, name)  # it may never have been needed
    moment = f"{name}.former-{now:%Y%m%d%H%M%S}"
    again = len(list(folder.glob(f"{moment}-*.key")))  # rotated in this very second already
    os.rename(folder / f"{name}.key", folder / f"{moment}-{again:03}.key")
    secret.cache_clear()
    _sealing.cache_clear()
    point_keys.cache_clear()
    secret(home, name)


def rotate_signing(home: Home) -> tuple[str, str]:
    """A new signing key; the former one's public half stays, its private half goes. The names of the two."""
    folder = home.folder / "data" / "keys"
    former = signing_key(home).public_key()
    _keep(folder / f"signing-{key_id(former)}.pub.pem", public_pem(former))
    for name in ("signing.pem", "signing.pub.pem"):
        (folder / name).unlink()
    signing_key.cache_clear()
    return key_id(former), key_id(signing_key(home).public_key())


def public_keys(home: Home) -> tuple[Ed25519PublicKey, ...]:
    """The public key that signs now, and the former ones."""
    found = [signing_key(home).public_key()]
    for path in sorted((home.folder / "data" / "keys").glob("signing-*.pub.pem")):
        key = serialization.load_pem_public_key(path.read_bytes())
        if isinstance(key, Ed25519PublicKey):
            found.append(key)
    return tuple(found)


def seal(home: Home, name: str, text: str) -> str:
    """A text as nobody can read it without the home's secret of that name."""
    return _sealing(home, name).encrypt(text.encode()).decode()


def unseal(home: Home, name: str, sealed: str) -> str:
    """The text again; HomeError when the home has another secret than the one it was sealed with."""
    try:
        return _sealing(home, name).decrypt(sealed.encode()).decode()
    except InvalidToken:
        path = home.folder / "data" / "keys" / f"{name}.key"
        raise HomeError(f"{path}: is another key than before; put it back from a backup") from None


@cache
def _sealing(home: Home, name: str) -> MultiFernet:
    """Seals with the newest secret and opens with each."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in secrets_of(home, name)])


@cache
def signing_key(home: Home) -> Ed25519PrivateKey:
    """The key that signs this home's permits and evidence."""
    path = home.folder / "data" / "keys" / "signing.pem"
    if not path.is_file():
        private_key = Ed25519PrivateKey.generate()
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _keep(path, private_key.private_bytes(*form))
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError:
        raise HomeError(f"{path}: is damaged (no private key in it); put it back from a backup") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise HomeError(f"{path}: holds another kind of key than Ed25519; put it back from a backup")
    _keep(path.with_name("signing.pub.pem"), public_pem(key.public_key()))
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as PEM."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: Ed25519PublicKey) -> str:
    """A short name for a key: the first 16 hex digits of the SHA-256 of its raw bytes."""
    raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]
