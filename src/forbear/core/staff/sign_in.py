"""How staff sign in: who needs a second proof, how long a password is, when a session ends, and single sign-on.

    second_factor: [administrator, compliance]
    password: {least_length: 12, known_bad: lists/known-bad.txt}
    session: {idle_minutes: 60, longest_hours: 12}
    two_people: {wait_hours: 24, apart_hours: 24}
    sso: {issuer: https://login.example.org, client_id: forbear, client_secret_env: FORBEAR_SSO_SECRET}

Whatever is left out has its default. Every mistake is reported with its place in the file.
"""

from collections.abc import Collection
from dataclasses import field
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationInfo, model_validator

from forbear.core.base.problem import FileMistakes, noop
from forbear.core.base.setting import (
    NotKnown,
    WrongValue,
    group,
    setting,
    settings_class,
    several,
    truth,
    whole,
)
from forbear.core.files.settings import read_settings

#: Who can change rights, rules or agreements, or sees what many borrowers' cases hold, needs more than a password.
PROVED_TWICE = frozenset({"administrator", "compliance", "lead", "manager"})
_BUTTON = ("公司账号", "Company account")
_LOCAL = ("http://localhost", "http://127.0.0.1")


class SignInError(FileMistakes):
    """A sign-in file that can't be used; ``problems`` has one for each mistake."""


def _role(name: str, info: ValidationInfo) -> str:
    """A role there is: `roles` of the context names them."""
    roles = (info.context or {}).get("roles")
    if roles is not None and name not in roles:
        raise NotKnown(roles)
    return name


def _role_of_group(name: str, info: ValidationInfo) -> str:
    if name == "administrator":
        raise WrongValue(noop("can't make administrators; that takes two people at the desk"))
    return _role(name, info)


def _safe_issuer(address: str) -> str:
    """Whether what is asked at this address can't be listened to."""
    local = any(address == host or address.startswith((f"{host}:", f"{host}/")) for host in _LOCAL)
    if not local and not address.startswith("https://"):
        raise WrongValue(noop("must be an https address; http only for this machine itself"))
    return address.rstrip("/")


def _pairs(given: object) -> object:
    """What the file has as `value: role`."""
    return tuple(given.items()) if isinstance(given, dict) else given


def _both(given: object) -> object:
    """What the file has as `{zh: ..., en: ...}`."""
    return (given.get("zh"), given.get("en")) if isinstance(given, dict) else given


_Role = Annotated[str, AfterValidator(_role)]
_NAMES = noop("must be {zh: ..., en: ...}")


@settings_class
class Sso:
    """An OpenID provider whose word is taken for who somebody is.

    `name` is (zh, en), for the button. An account is found once by its verified e-mail address, then by the
    provider's own number of the person. `name_claim` is the claim that holds the name of a new account.
    `roles` are (what the claim says, role), the first that fits wins;
    empty leaves roles to the administrator. `make_accounts` lets in whom nobody has made an account for. With
    `second_proof` "provider" the provider has asked for a second proof, with "here" Forbear does. With `sign_out`
    "provider" signing out here goes on there, with "here" it doesn't. `only` leaves
    passwords to administrators, for the day the provider can't be reached.
    """

    issuer: Annotated[
        str,
        AfterValidator(_safe_issuer),
        setting(noop("The provider"), noop("The address of the OpenID provider")),
    ]
    client_id: Annotated[str, setting(noop("Client"), noop("What the provider calls Forbear"))]
    client_secret_env: Annotated[
        str, setting(noop("Where the secret is"), noop("The variable that holds the client's secret"))
    ] = ""
    name: Annotated[
        tuple[str, str],
        BeforeValidator(_both),
        several(noop("Button"), noop("Text of the button on the sign-in page"), wanted=_NAMES),
    ] = _BUTTON
    scopes: Annotated[str, setting(noop("Scopes asked for"), noop("What the provider is asked for"))] = (
        "openid profile email"
    )
    name_claim: Annotated[
        str, setting(noop("Name claim"), noop("The claim that holds the name of a new account"))
    ] = "preferred_username"
    role_claim: Annotated[str, setting(noop("Role claim"), noop("The claim that roles go by"))] = "groups"
    roles: Annotated[
        tuple[tuple[str, Annotated[str, AfterValidator(_role_of_group)]], ...],
        BeforeValidator(_pairs),
        several(
            noop("Role of a group"),
            noop("The first that fits; without any an administrator gives roles"),
            "role",
            codes="group",
            wanted=noop("must tell for each value of the claim a role, as {callers: collector}"),
        ),
    ] = ()
    make_accounts: Annotated[
        bool, truth(noop("Make accounts"), noop("Let people in without an account, by their group"))
    ] = False
    second_proof: Annotated[
        Literal["here", "provider"],
        setting(
            noop("Second factor by"),
            noop("Who asks for it"),
            "side",
            wanted=noop("must be here, or provider if that asks for one"),
        ),
    ] = "here"
    sign_out: Annotated[
        Literal["provider", "here"],
        setting(
            noop("Signing out goes on"),
            noop("Whether signing out goes on at the provider"),
            "side",
            wanted=noop("must be provider, or here to stay signed in there"),
        ),
    ] = "provider"
    only: Annotated[bool, truth(noop("Only this way"), noop("Passwords are left to administrators"))] = False

    @model_validator(mode="after")
    def _accounts_need_roles(self) -> "Sso":
        if self.make_accounts and not self.roles:
            raise WrongValue(noop("needs roles where make_accounts is true: what may a new account do?"))
        return self


@settings_class
class PasswordPolicy:
    """How long a password is at least, and a file of those that are refused, from the home's folder."""

    least_length: Annotated[
        int, whole(noop("Least length"), noop("A password has at least"), "signs", least=8, most=128)
    ] = 12
    known_bad: Annotated[
        str,
        setting(
            noop("Refused passwords"),
            noop("A file of passwords that are refused, one a line"),
            wanted=noop("must be the path of a file with one password a line"),
        ),
    ] = ""


@settings_class
class SessionPolicy:
    """When a session ends: so long after the last request, and in any case so long after it began."""

    idle_minutes: Annotated[
        int,
        whole(
            noop("Idle"),
            noop("A session ends after this long without activity"),
            "minutes",
            least=1,
            most=1440,
        ),
    ] = 60
    longest_hours: Annotated[
        int,
        whole(
            noop("Longest session"), noop("In any case this long after it began"), "hours", least=1, most=24
        ),
    ] = 12


@settings_class
class TwoPeople:
    """What makes two signatures two people's.

    `wait_hours` after who is concerned was told, one administrator may do what otherwise takes two. For `apart_hours`
    after somebody opened an account, theirs and that one's signatures don't stand together.
    """

    wait_hours: Annotated[
        int,
        whole(
            noop("Wait instead of a second administrator"),
            noop(
                "One administrator may change the account of somebody who signs this long after they were told"
            ),
            "hours",
            least=24,
            most=336,
        ),
    ] = 24
    apart_hours: Annotated[
        int,
        whole(
            noop("Signatures apart"),
            noop("Who opened an account doesn't sign beside it for this long"),
            "hours",
            least=24,
            most=336,
        ),
    ] = 24


@settings_class
class SignIn:
    """The policy. `second_factor` are the roles that may not work with a password alone."""

    second_factor: Annotated[
        frozenset[_Role],
        several(
            noop("Second factor for"),
            noop("Roles that may not work with a password alone"),
            "role",
            wanted=noop("must be a list of roles, as [administrator, manager]"),
        ),
    ] = PROVED_TWICE
    password: Annotated[PasswordPolicy, group()] = field(default_factory=PasswordPolicy)
    session: Annotated[SessionPolicy, group()] = field(default_factory=SessionPolicy)
    two_people: Annotated[TwoPeople, group()] = field(default_factory=TwoPeople)
    sso: Annotated[Sso | None, group(noop("Single sign-on"))] = None


def parse_sign_in(text: str, origin: str, roles: Collection[str]) -> SignIn:
    """Read a sign-in file; SignInError with all its mistakes. An empty file gives the defaults."""
    like = noop("must be settings like `second_factor: [administrator]`")
    policy = read_settings(SignIn, text, origin, like, {"roles": tuple(roles)})
    if isinstance(policy, list):
        raise SignInError(policy)
    return policy
