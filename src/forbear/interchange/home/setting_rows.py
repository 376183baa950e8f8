"""The settings of a home as a person reads them: each with its words, its value, and whether a file or the environment
set it.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter

from forbear.core.agreements.policy import Policy
from forbear.core.agreements.request import KINDS
from forbear.core.base.problem import MessageId, noop
from forbear.core.base.setting import Described, described
from forbear.core.files import yaml_text
from forbear.core.staff.sign_in import SignIn
from forbear.interchange.home.creditors import Creditor
from forbear.interchange.home.feed_limits import FeedLimits
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.lender_file import LenderFile
from forbear.interchange.home.policy import policy

#: The files of settings: the class that each is read by, and (key, title) of what has no section of its own.
FILES: dict[str, tuple[type, tuple[str, MessageId]]] = {
    "lender.yaml": (LenderFile, ("lender", noop("The lender"))),
    "policy.yaml": (Policy, ("policy", noop("Policy"))),
    "sign_in.yaml": (SignIn, ("sign_in", noop("Signing in"))),
}
ENVIRONMENT = ("environment", noop("Environment"))


def _variable(name: str, title: MessageId, meaning: MessageId, unit: str = "") -> Described:
    return Described((name,), ENVIRONMENT, title, meaning, unit, "", str, None, None, "")


#: Variables that change what a process does; those whose value is a secret are shown only as there or not.
VARIABLES = (
    _variable("FORBEAR_HOME", noop("Lender folder"), noop("The folder of these files and the data")),
    _variable("FORBEAR_DATABASE", noop("Database"), noop("Overrides lender.yaml; its password is not shown")),
    _variable(
        "FORBEAR_PROXIES", noop("Proxies"), noop("How many of your own proxies are in front"), "proxies"
    ),
)
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting; `origin` is file, default or environment, `code` what its key goes on with, such as a role."""

    file: str
    name: str
    value: str
    origin: str
    words: Described
    code: str = ""


def setting_rows(home: Home, sign_in: SignIn) -> list[SettingRow]:
    """All of them. No password and no key is among them."""
    rows: list[SettingRow] = []
    values = {"lender.yaml": _lender(home), "policy.yaml": _policy(home), "sign_in.yaml": _sign_in(sign_in)}
    for file, (kind, section) in FILES.items():
        raw = _raw(home, file)
        for words in described(kind, section):
            rows += _rows(file, words, _beneath(values[file], words.path), _beneath(raw, words.path))
    secret = sign_in.sso.client_secret_env if sign_in.sso else ""
    secrets = [_variable(secret, noop("Secret of single sign-on"), noop("Shows only whether it is set"))]
    for words in (*VARIABLES, *(secrets if secret else ())):
        set_ = os.environ.get(words.path[0])
        shown = "***" if words in secrets and set_ else _shown(set_ or "—")
        origin = "environment" if set_ else "default"
        rows.append(SettingRow("environment", words.path[0], shown, origin, words))
    return [_of_environment(row) for row in rows]


def _of_environment(row: SettingRow) -> SettingRow:
    """The database that the environment names in place of the file's."""
    named = os.environ.get("FORBEAR_DATABASE")
    if (row.file, row.name) != ("lender.yaml", "database") or named is None:
        return row
    return SettingRow(row.file, row.name, _shown(named), "environment", row.words)


class _Missing:
    """No value: the group that the setting is in is not there."""


def _beneath(values: object, path: tuple[str, ...]) -> object:
    for key in path:
        if not isinstance(values, Mapping) or key not in values:
            return _Missing
        values = values[key]
    return values


def _rows(file: str, words: Described, value: object, raw: object) -> Iterator[SettingRow]:
    """A setting's row, or one for each code that its key goes on with; none where its group isn't there."""
    name = ": ".join(words.path)
    if isinstance(value, Mapping) and value:
        for code, one in value.items():
            from_file = isinstance(raw, Mapping) and code in raw
            origin = "file" if from_file else "default"
            yield SettingRow(file, f"{name}: {code}", _plain(one), origin, words, str(code))
    elif value is not _Missing:
        origin = "default" if raw is _Missing else "file"
        yield SettingRow(file, name, _plain(value), origin, words)


def _lender(home: Home) -> dict[str, object]:
    """What the home has of the file."""
    return {
        "name": " / ".join(home.name),
        "strategy": _inside(home, home.strategy),
        "packs": ", ".join(_inside(home, pack) for pack in home.packs),
        "templates": _inside(home, home.templates),
        "contact": dict(home.contact),
        "creditors": {one.codes[0]: _creditor(one) for one in home.creditors},
        "timezone": home.timezone,
        "url": home.url,
        "database": _shown(home.database) or "SQLite, data/desk.sqlite3",
        "threads": home.threads,
        "largest_quarantine": home.largest_quarantine,
        "feed_encoding": home.feed_encoding,
        "webhook_networks": ", ".join(home.webhook_networks),
        "seal_folders": ", ".join(_inside(home, folder) for folder in home.seal_folders),
        "time_stamp_url": _shown(home.time_stamp_url),
        "time_stamp_roots": _inside(home, home.time_stamp_roots) if home.time_stamp_roots else "",
        "enclosures": {name: _inside(home, path) for name, path in home.enclosures},
        "feed": TypeAdapter(FeedLimits).dump_python(home.feed),
    }


def _creditor(one: Creditor) -> str:
    """What texts and pages say of one creditor, on one line."""
    lines = [value for _, value in one.contact]
    texts = [" / ".join(dict.fromkeys(both)) for both in (one.names, one.pay_in, one.complaints)]
    return " · ".join(text for text in (texts[0], *lines, *texts[1:]) if text)


def _policy(home: Home) -> dict[str, object]:
    """The policy in the shape of its file, with the clock of every kind of request."""
    values: dict[str, object] = TypeAdapter(Policy).dump_python(policy(home))
    clocks = {kind: one.days for kind, one in KINDS.items()} | dict(policy(home).clocks)
    return values | {"clocks": clocks}


def _sign_in(settings_read: SignIn) -> dict[str, object]:
    """The policy in the shape of its file."""
    values: dict[str, object] = TypeAdapter(SignIn).dump_python(settings_read)
    values["second_factor"] = sorted(settings_read.second_factor)
    sso = values.pop("sso")
    if isinstance(sso, dict) and settings_read.sso is not None:
        values["sso"] = sso | {"roles": dict(settings_read.sso.roles)}
    return values


def _plain(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_plain(item) for item in value) or "—"
    return "—" if value in ("", None, {}) else str(value)


def _raw(home: Home, name: str) -> Mapping[str, object]:
    path = home.folder / name
    data = yaml_text.load(read_text(path)) if path.is_file() else None
    return data if isinstance(data, dict) else {}


def _shown(address: str) -> str:
    """An address without its password."""
    return _PASSWORD.sub(r"\1:***@", address)


def _inside(home: Home, path: object) -> str:
    return str(path).removeprefix(f"{home.folder}{os.sep}")
