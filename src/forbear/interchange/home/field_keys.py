"""Sealing single values of the database: AES-256-GCM with keys that lie in the home, outside the database.

A sealed value is text: `s1:` and base64 of 3 bytes that name the key, 12 random bytes, and the value's bytes as they
are encrypted, 16 bytes longer. It is bound to its table and column, so that it can't be read out of another one. What
it doesn't hide is how long the value is.

One key seals at most 2^32 values (NIST SP 800-38D, 8.3): rotate `fields` each year.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from forbear.interchange.home.keys import fresh_secrets_of
from forbear.interchange.home.lender import Home, HomeError

PREFIX = "s1:"
_NAME, _NONCE = 3, 12
#: Random bytes are asked for this many values at a time.
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class _Key:
    name: bytes
    cipher: AESGCM


class FieldKeys:
    """The home's `fields` key and the former ones, read again when the key's file is another one than before.

    So a process that was there before a rotation seals with the new key from then on, and reads what others sealed.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._path = home.folder / "data" / "keys" / "fields.key"
        self._seen: tuple[int, ...] | None = None
        self._keys: tuple[_Key, ...] = ()

    def sealer(self, place: str) -> Callable[[str], str]:
        """What seals values of one table and column, `place`, such as `store_borrower.name`; empty ones stay empty.

        It keeps the key that is the newest now: ask for another one for the next batch.
        """
        key, bound = self._newest(), place.encode()
        nonces, left = b"", 0

        def seal(text: str) -> str:
            nonlocal nonces, left
            if not text:
                return text
            if not left:
                nonces, left = os.urandom(_NONCE * _AT_ONCE), _AT_ONCE
            left -= 1
            nonce = nonces[left * _NONCE : (left + 1) * _NONCE]
            return _sealed(key, nonce, text, bound)

        return seal

    def seal(self, place: str, text: str) -> str:
        """One value, sealed for its table and column; an empty one stays empty."""
        return _sealed(self._newest(), os.urandom(_NONCE), text, place.encode()) if text else text

    def unseal(self, place: str, sealed: str) -> str:
        """The value again; HomeError when no key of the home opens it, or when it is of another column."""
        if not sealed:
            return sealed
        try:
            content = b64decode(sealed.removeprefix(PREFIX), validate=True) if is_sealed(sealed) else b""
        except NotBase64:
            content = b""
        if len(content) < _NAME + _NONCE + 16:
            raise HomeError(f"{place}: holds a value that isn't sealed; put the database back from a backup")
        name, nonce, rest = content[:_NAME], content[_NAME : _NAME + _NONCE], content[_NAME + _NONCE :]
        for key in self._named(name):
            try:
                return key.cipher.decrypt(nonce, rest, place.encode()).decode()
            except InvalidTag:
                continue
        raise HomeError(f"{self._path}: is another key than before; put it back from a backup")

    def newest_prefix(self) -> str:
        """How every value begins that was sealed with the newest key."""
        return PREFIX + b64encode(self._newest().name).decode()

    def _newest(self) -> _Key:
        if self._seen != _mark(self._path):
            self._read()
        return self._keys[0]

    def _named(self, name: bytes) -> list[_Key]:
        """The keys of that name; a process that doesn't know it reads the home's keys again."""
        found = [key for key in self._keys if key.name == name]
        if not found:
            self._read()
            found = [key for key in self._keys if key.name == name]
        return found

    def _read(self) -> None:
        secrets = fresh_secrets_of(self._home, "fields")
        self._seen, self._keys = _mark(self._path), tuple(map(_key, secrets))


def is_sealed(text: str) -> bool:
    """Whether a column's text looks like a sealed value."""
    return text.startswith(PREFIX)


def _sealed(key: _Key, nonce: bytes, text: str, bound: bytes) -> str:
    return PREFIX + b64encode(key.name + nonce + key.cipher.encrypt(nonce, text.encode(), bound)).decode()


def _key(secret: bytes) -> _Key:
    """The key made of a secret of the home; other kinds of sealing make theirs in another way."""
    made = HKDF(SHA256(), 32, None, b"forbear.fields.aes-gcm.1").derive(secret)
    return _Key(hashlib.sha256(b"name" + made).digest()[:_NAME], AESGCM(made))


def _mark(path: Path) -> tuple[int, ...]:
    """What tells one file in a place from the next one there."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    return (found.st_ino, found.st_mtime_ns)
