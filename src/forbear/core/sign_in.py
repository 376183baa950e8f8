"""How staff sign in: who needs a second proof, how long a password is, and when a session ends.

    second_factor: [administrator, compliance]
    password: {least_length: 12}
    session: {idle_minutes: 60, longest_hours: 12}

Whatever is left out has its default. Every mistake is told with its place in the file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import yaml

_KEYS = ("second_factor", "password", "session")
_LEAST_LENGTH, _MOST_LENGTH = 8, 128


class SignInError(ValueError):
    """A sign-in file that can't be used; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The policy. `second_factor` are the roles that may not work with a password alone; times as they are named."""

    second_factor: frozenset[str] = frozenset({"administrator"})
    least_length: int = 12
    idle_minutes: int = 60
    longest_hours: int = 12


def parse_sign_in(text: str, origin: str, roles: Collection[str]) -> SignIn:
    """Read a sign-in file; SignInError with all its mistakes. An empty file gives the defaults."""
    try:
        told = yaml.safe_load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise SignInError(f"{origin}: can't be read as YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(told, dict):
        raise SignInError(f"{origin}: must be settings like `second_factor: [administrator]`")
    wrong = [f"{key} is not known; it is one of {', '.join(_KEYS)}" for key in told if key not in _KEYS]
    named = _roles(told.get("second_factor", ["administrator"]), roles, wrong)
    password = _numbers("password", told, {"least_length": (12, _LEAST_LENGTH, _MOST_LENGTH)}, wrong)
    session = _numbers("session", told, {"idle_minutes": (60, 1, 1440), "longest_hours": (12, 1, 24)}, wrong)
    if wrong:
        raise SignInError("\n".join(f"{origin}: {each}" for each in wrong))
    return SignIn(named, password["least_length"], session["idle_minutes"], session["longest_hours"])


def _roles(told: object, roles: Collection[str], wrong: list[str]) -> frozenset[str]:
    if not isinstance(told, list) or not all(isinstance(each, str) for each in told):
        wrong.append("second_factor is a list of roles, as [administrator, manager]")
        return frozenset()
    wrong += [
        f"second_factor: {each} is no role; it is one of {', '.join(roles)}"
        for each in told
        if each not in roles
    ]
    return frozenset(told)


def _numbers(
    part: str, told: Mapping, known: Mapping[str, tuple[int, int, int]], wrong: list[str]
) -> dict[str, int]:
    """Whole numbers by name; `known` has each one's default and bounds."""
    found = {name: default for name, (default, _, _) in known.items()}
    values = told.get(part) or {}
    if not isinstance(values, dict):
        wrong.append(f"{part} must be settings in braces")
        return found
    for name, value in values.items():
        if name not in known:
            wrong.append(f"{part}: {name} is not known; it is one of {', '.join(sorted(known))}")
            continue
        _, least, most = known[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            wrong.append(f"{part}: {name} must be a whole number between {least} and {most}")
            continue
        found[name] = value
    return found
