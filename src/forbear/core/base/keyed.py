"""Digests that only the holder of a key can make: names of numbers and of words that nobody finds by trying.

With several keys, the oldest first, the digest by the first is taken by the next one, and so on. So a table of digests
follows a new key without the values they were made of: an opt-out counts also for a number that was emptied.
"""

import hashlib
from collections.abc import Sequence

#: One key, or one after another, the oldest first.
Keys = bytes | Sequence[bytes]


def keyed_digest(text: str, keys: Keys, size: int) -> str:
    """The digest of a text in `size` bytes, as hex digits."""
    first, *later = (keys,) if isinstance(keys, bytes) else keys
    digest = _digest(text, first, size)
    for key in later:
        digest = digest_again(digest, key)
    return digest


def digest_again(digest: str, key: bytes) -> str:
    """What a digest becomes by one more key."""
    return _digest(digest, key, len(digest) // 2)


def _digest(text: str, key: bytes, size: int) -> str:
    assert len(key) >= 16, "the key is too short to hide a telephone number"
    return hashlib.blake2b(text.encode(), key=key[:64], digest_size=size).hexdigest()
