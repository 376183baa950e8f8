"""The settings of a home as a person reads them: each with its value, and whether a file or the environment set it."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from forbear.core.agreements.request import KINDS
from forbear.core.files import yaml_text
from forbear.core.staff.sign_in import SignIn
from forbear.interchange.home.lender import Home, read_text
from forbear.interchange.home.policy import policy

#: Variables that change what a process does; those whose value is a secret are shown only as there or not.
VARIABLES = ("FORBEAR_HOME", "FORBEAR_DATABASE", "FORBEAR_PROXIES")
_PASSWORD = re.compile(r"(://[^:/@]*):[^@]*@")


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting; `origin` is file, default or environment."""

    file: str
    name: str
    value: str
    origin: str


def setting_rows(home: Home, sign_in: SignIn) -> list[SettingRow]:
    """All of them. No password and no key is among them."""
    rows = list(_of_home(home))
    rows += _of("policy.yaml", _policy(home), _raw(home, "policy.yaml"))
    rows += _of("sign_in.yaml", _sign_in(sign_in), _raw(home, "sign_in.yaml"))
    secrets = [sign_in.sso.client_secret_env] if sign_in.sso and sign_in.sso.client_secret_env else []
    for name in (*VARIABLES, *secrets):
        set_ = os.environ.get(name)
        value = _shown(set_) if set_ and name not in secrets else ("***" if set_ else "—")
        rows.append(SettingRow("environment", name, value, "environment" if set_ else "default"))
    return rows


def _of_home(home: Home) -> Iterator[SettingRow]:
    raw = _raw(home, "lender.yaml")
    values = {
        "name": " / ".join(home.name),
        "strategy": _inside(home, home.strategy),
        "packs": ", ".join(_inside(home, pack) for pack in home.packs),
        "templates": _inside(home, home.templates),
        **{f"contact: {key}": value for key, value in home.contact},
        "timezone": home.timezone,
        "url": home.url,
        "database": _shown(home.database) or "SQLite, data/desk.sqlite3",
        "threads": str(home.threads),
        "largest_quarantine": str(home.largest_quarantine),
        "feed_encoding": home.feed_encoding,
    }
    for name, value in values.items():
        if name == "database" and os.environ.get("FORBEAR_DATABASE") is not None:
            yield SettingRow("lender.yaml", name, _shown(os.environ["FORBEAR_DATABASE"]), "environment")
        else:
            yield SettingRow(
                "lender.yaml", name, value, "file" if name.partition(":")[0] in raw else "default"
            )


def _policy(home: Home) -> dict[str, object]:
    """The policy in the shape of its file, with the clock of every kind of request."""
    values = asdict(policy(home))
    return values | {"clocks": {kind: one.days for kind, one in KINDS.items()} | values["clocks"]}


def _sign_in(settings_read: SignIn) -> dict[str, object]:
    """The policy in the shape of its file."""
    sso = asdict(settings_read.sso) | {"roles": dict(settings_read.sso.roles)} if settings_read.sso else {}
    return {
        "second_factor": sorted(settings_read.second_factor),
        "password": {"least_length": settings_read.least_length, "known_bad": settings_read.known_bad},
        "session": {"idle_minutes": settings_read.idle_minutes, "longest_hours": settings_read.longest_hours},
        **({"sso": sso} if sso else {}),
    }


def _of(file: str, values: Mapping[str, object], raw: Mapping[str, object]) -> Iterator[SettingRow]:
    """Settings however deep, each from the file or the default."""
    for name, value in values.items():
        current = raw.get(name)
        if isinstance(value, Mapping) and value:
            beneath = current if isinstance(current, Mapping) else {}
            for row in _of(file, value, beneath):
                yield replace(row, name=f"{name}: {row.name}")
        else:
            yield SettingRow(file, name, _plain(value), "file" if name in raw else "default")


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
