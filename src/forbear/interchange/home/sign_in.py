"""sign_in.yaml of a home: how staff sign in. A home without one has the defaults."""

from collections.abc import Collection

from forbear.core.staff.sign_in import SignIn, SignInError, parse_sign_in
from forbear.interchange.home.lender import Home, read_text

NAME = "sign_in.yaml"


def sign_in(home: Home, roles: Collection[str]) -> SignIn:
    """The lender's policy; SignInError or HomeError when the file can't be used."""
    path = home.folder / NAME
    if not path.is_file():
        return SignIn()
    settings_read = parse_sign_in(read_text(path), str(path), roles)
    if settings_read.known_bad and not (home.folder / settings_read.known_bad).is_file():
        raise SignInError(
            f"{path}: password: known_bad: there is no file {settings_read.known_bad} in the home"
        )
    return settings_read
