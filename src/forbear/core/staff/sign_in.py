"""How staff sign in: who needs a second proof, how long a password is, when a session ends, and single sign-on.

    second_factor: [administrator, compliance]
    password: {least_length: 12, known_bad: lists/known-bad.txt}
    session: {idle_minutes: 60, longest_hours: 12}
    sso: {issuer: https://login.example.org, client_id: forbear, client_secret_env: FORBEAR_SSO_SECRET}

Whatever is left out has its default. Every mistake is reported with its place in the file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields

import yaml

from forbear.core.base.problem import InputError
from forbear.core.files import yaml_text

_KEYS = ("second_factor", "password", "session", "sso")
#: Who can change rights, rules or agreements, or sees what many borrowers' cases hold, needs more than a password.
PROVED_TWICE = frozenset({"administrator", "compliance", "lead", "manager"})
_LEAST_LENGTH, _MOST_LENGTH = 8, 128
_BUTTON = ("公司账号", "Company account")


class SignInError(InputError):
    """A sign-in file that can't be used; the message has a line for each mistake."""


@dataclass(frozen=True, slots=True)
class Sso:
    """An OpenID provider whose word is taken for who somebody is.

    `name` is (zh, en), for the button. `name_claim` is the claim that holds an account's name, asked for once: then
    the provider's own number of the person counts. `roles` are (what the claim says, role), the first that fits wins;
    empty leaves roles to the administrator. `make_accounts` lets in whom nobody has made an account for. With
    `second_proof` "provider" the provider has asked for a second proof, with "here" Forbear does. With `sign_out`
    "provider" signing out here goes on there, with "here" it doesn't. `only` leaves
    passwords to administrators, for the day the provider can't be reached.
    """

    issuer: str
    client_id: str
    client_secret_env: str = ""
    name: tuple[str, str] = _BUTTON
    scopes: str = "openid profile email"
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: tuple[tuple[str, str], ...] = ()
    make_accounts: bool = False
    second_proof: str = "here"
    sign_out: str = "provider"
    only: bool = False


@dataclass(frozen=True, slots=True)
class SignIn:
    """The policy. `second_factor` are the roles that may not work with a password alone; times as they are named."""

    second_factor: frozenset[str] = PROVED_TWICE
    least_length: int = 12
    idle_minutes: int = 60
    longest_hours: int = 12
    known_bad: str = ""
    sso: Sso | None = None


def parse_sign_in(text: str, origin: str, roles: Collection[str]) -> SignIn:
    """Read a sign-in file; SignInError with all its mistakes. An empty file gives the defaults."""
    try:
        data = yaml_text.load(text) or {}
    except (yaml.YAMLError, RecursionError) as error:
        raise SignInError(f"{origin}: can't be read as YAML ({str(error).splitlines()[0]})") from None
    if not isinstance(data, dict):
        raise SignInError(f"{origin}: must be settings like `second_factor: [administrator]`")
    errors = [f"{key} is not known; it is one of {', '.join(_KEYS)}" for key in data if key not in _KEYS]
    named = _roles(data.get("second_factor", sorted(PROVED_TWICE)), roles, errors)
    known_bad = _list_of_passwords(data, errors)
    password = _numbers("password", data, {"least_length": (12, _LEAST_LENGTH, _MOST_LENGTH)}, errors)
    session = _numbers("session", data, {"idle_minutes": (60, 1, 1440), "longest_hours": (12, 1, 24)}, errors)
    sso = read_sso(data["sso"], roles, errors) if data.get("sso") else None
    if errors:
        raise SignInError("\n".join(f"{origin}: {message}" for message in errors))
    return SignIn(
        named, password["least_length"], session["idle_minutes"], session["longest_hours"], known_bad, sso
    )


def read_sso(data: object, roles: Collection[str], errors: list[str]) -> Sso | None:
    """The provider, with its mistakes added to `errors`."""
    if not isinstance(data, dict):
        errors.append(
            "sso must be settings, as `sso: {issuer: https://login.example.org, client_id: forbear}`"
        )
        return None
    before = len(errors)
    known = {field.name for field in fields(Sso)}
    errors += [
        f"sso: {key} is not known; it is one of {', '.join(sorted(known))}"
        for key in data
        if key not in known
    ]
    texts = ("issuer", "client_id", "client_secret_env", "scopes", "name_claim", "role_claim")
    errors += [f"sso: {key} must be a text" for key in texts if not isinstance(data.get(key, ""), str)]
    errors += [
        f"sso: {key} must be true or false"
        for key in ("make_accounts", "only")
        if not isinstance(data.get(key, False), bool)
    ]
    errors += [f"sso: {key} is missing" for key in ("issuer", "client_id") if not data.get(key)]
    if not _is_safe(data.get("issuer")):
        errors.append("sso: issuer must be an https address; http only for this machine itself")
    if data.get("second_proof", "here") not in ("here", "provider"):
        errors.append("sso: second_proof is here, or provider if that asks for one")
    if data.get("sign_out", "provider") not in ("here", "provider"):
        errors.append("sso: sign_out is provider, or here to stay signed in there")
    name, mapped = _both(data.get("name", list(_BUTTON))), data.get("roles", {})
    if name is None:
        errors.append("sso: name is {zh: ..., en: ...}")
    if not isinstance(mapped, dict) or not all(role in roles for role in mapped.values()):
        errors.append(f"sso: roles tells for each value of the claim one of {', '.join(roles)}")
    elif "administrator" in mapped.values():
        errors.append("sso: roles can't make administrators; that takes two people at the desk")
    if data.get("make_accounts") is True and not mapped:
        errors.append("sso: make_accounts needs roles, or nobody knows what a new account may do")
    if name is None or len(errors) > before:
        return None
    plain = {key: value for key, value in data.items() if key not in ("name", "roles", "issuer")}
    return Sso(
        issuer=data["issuer"].rstrip("/"),
        name=name,
        roles=tuple((str(value), role) for value, role in mapped.items()),
        **plain,
    )


def _both(told: object) -> tuple[str, str] | None:
    """A text in Chinese and in English; None when they aren't both there."""
    pair = [told.get("zh"), told.get("en")] if isinstance(told, dict) else told
    if not isinstance(pair, list) or len(pair) < 2 or not all(isinstance(each, str) for each in pair):
        return None
    return pair[0], pair[1]


def _is_safe(address: object) -> bool:
    """Whether what is asked at this address can't be listened to."""
    if not isinstance(address, str):
        return False
    local = ("http://localhost", "http://127.0.0.1")
    return address.startswith("https://") or any(
        address == char or address.startswith((f"{char}:", f"{char}/")) for char in local
    )


def _list_of_passwords(data: Mapping[str, object], errors: list[str]) -> str:
    """Take the path of a list out of the numbers beside it."""
    values = data.get("password")
    if not isinstance(values, dict):
        return ""
    path = values.pop("known_bad", "")
    if not isinstance(path, str):
        errors.append("password: known_bad is the path of a file with one password a line")
        return ""
    return path


def _roles(data: object, roles: Collection[str], errors: list[str]) -> frozenset[str]:
    if not isinstance(data, list) or not all(isinstance(role, str) for role in data):
        errors.append("second_factor is a list of roles, as [administrator, manager]")
        return frozenset()
    errors += [
        f"second_factor: {role} is no role; it is one of {', '.join(roles)}"
        for role in data
        if role not in roles
    ]
    return frozenset(data)


def _numbers(
    part: str, data: Mapping[str, object], known: Mapping[str, tuple[int, int, int]], errors: list[str]
) -> dict[str, int]:
    """Whole numbers by name; `known` has each one's default and bounds."""
    numbers = {name: default for name, (default, _, _) in known.items()}
    values = data.get(part) or {}
    if not isinstance(values, dict):
        errors.append(f"{part} must be settings in braces")
        return numbers
    for name, value in values.items():
        if name not in known:
            errors.append(f"{part}: {name} is not known; it is one of {', '.join(sorted(known))}")
            continue
        _, least, limit = known[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= limit:
            errors.append(f"{part}: {name} must be a whole number between {least} and {limit}")
            continue
        numbers[name] = value
    return numbers
