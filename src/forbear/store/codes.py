"""The codes by which a borrower checks who is calling."""

import secrets

#: No vowels (no words), nothing that looks like something else.
SIGNS = "23456789BCDFGHJKMNPQRSTVWXZ"
LENGTH = 8


def new_code() -> str:
    """A code nobody can guess: 8 signs of 27, about 38 bits."""
    drawn, code = secrets.randbelow(len(SIGNS) ** LENGTH), ""
    for _ in range(LENGTH):
        drawn, sign = divmod(drawn, len(SIGNS))
        code += SIGNS[sign]
    return code
