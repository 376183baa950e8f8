"""Chance that is a fact: a place between 0 and 1 that a borrower has for ever, under a salt.

The place is the first 52 bits of the SHA-256 of `salt:borrower`, as a whole number below 2**52, read from the
hexadecimal digits so that no machine's order of bytes matters. The next 52 bits are a second place, for whether the
borrower is in an experiment at all: so more of them can come in without anybody changing arms. Shares are millionths,
and places are compared as whole numbers. So Python and SQL can't differ, and a larger share only ever adds.
"""

from hashlib import sha256

PLACES = 2**52
#: A share of one.
WHOLE = 1_000_000
_DIGITS = 13


def place(salt: str, borrower_id: str, *, second: bool = False) -> int:
    """The borrower's place under a salt, from 0 up to but not including 2**52; the second one if asked for."""
    digest = sha256(f"{salt}:{borrower_id}".encode()).hexdigest()
    start = _DIGITS if second else 0
    return int(digest[start : start + _DIGITS], 16)


def place_sql(salt: str, borrower_id: str, *, second: bool = False) -> str:
    """The same as SQL, from the name of a column."""
    quoted = "'" + salt.replace("'", "''") + ":'"
    start = _DIGITS + 1 if second else 1
    return f"('0x' || substr(sha256({quoted} || {borrower_id}), {start}, {_DIGITS}))::bigint"


def boundary(share: int) -> int:
    """The first place that is beyond a share in millionths."""
    assert 0 <= share <= WHOLE, share
    return share * PLACES // WHOLE
