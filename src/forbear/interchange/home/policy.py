"""policy.yaml of a home: what the lender agrees to. A home without one has the defaults."""

from functools import lru_cache
from pathlib import Path

from forbear.core.agreements.policy import Policy, parse_policy
from forbear.interchange.home.lender import Home, read_text

NAME = "policy.yaml"


def policy(home: Home) -> Policy:
    """The lender's policy; PolicyError or HomeError when the file can't be used."""
    path = home.folder / NAME
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return Policy()
    return _policy(path, stamp)


@lru_cache(maxsize=4)
def _policy(path: Path, stamp: int) -> Policy:
    return parse_policy(read_text(path), str(path))
