"""When two signatures are two people's: who opened an account a short while ago could still use it.

An account is opened by who made it, reset it, gave it a password, a role or a way to be reached. Accounts are named by
their keys.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opening:
    """Somebody opened an account; `alone` when no second person had a say in it."""

    account: int
    by: int
    alone: bool


def reached(account: int, opened: Mapping[int, Collection[int]]) -> frozenset[int]:
    """The account itself, who opened it, who opened theirs, and so on."""
    found, open_ends = {account}, [account]
    while open_ends:
        for other in opened.get(open_ends.pop(), ()):
            if other not in found:
                found.add(other)
                open_ends.append(other)
    return frozenset(found)


def in_one_hand(first: int, second: int, openings: Collection[Opening]) -> frozenset[int]:
    """The accounts in whose hands both signatures may lie; empty when they are two people's.

    Either one signer opened the other's account, with or without a second person's agreement. Or somebody opened both
    accounts alone.
    """
    every: dict[int, set[int]] = {}
    alone: dict[int, set[int]] = {}
    for each in openings:
        every.setdefault(each.account, set()).add(each.by)
        if each.alone:
            alone.setdefault(each.account, set()).add(each.by)
    if second in reached(first, every):
        return frozenset({second})
    if first in reached(second, every):
        return frozenset({first})
    return reached(first, alone) & reached(second, alone)
