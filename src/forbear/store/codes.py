"""The codes by which a borrower checks who is calling."""

import secrets

#: No vowels (no words), nothing that looks like something else.
SIGNS = "23456789BCDFGHJKMNPQRSTVWXZ"
LENGTH = 8


def new_code() -> str:
    """A code nobody can guess: 8 signs of 27, about 38 bits."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
