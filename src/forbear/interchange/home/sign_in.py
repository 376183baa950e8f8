"""sign_in.yaml of a home: how staff sign in. A home without one has the defaults."""

from collections.abc import Collection

from forbear.core.base.problem import Problem, at_place
from forbear.core.staff.sign_in import SignIn, SignInError, parse_sign_in
from forbear.interchange.home.lender import Home, read_text

NAME = "sign_in.yaml"


def sign_in(home: Home, roles: Collection[str]) -> SignIn:
    """The lender's policy; SignInError or HomeError when the file can't be used."""
    path = home.folder / NAME
    if not path.is_file():
        return SignIn()
    settings_read = parse_sign_in(read_text(path), str(path), roles)
    known_bad = settings_read.password.known_bad
    if known_bad and not (home.folder / known_bad).is_file():
        missing = Problem(
            "file_not_in_home",
            "%(setting)s: there is no file %(file)s in the home",
            setting="password: known_bad",
            file=known_bad,
        )
        raise SignInError([at_place(str(path), missing)])
    return settings_read
