"""From one line of lender.yaml to Django's database settings."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from forbear.interchange.home.lender import HomeError


def database(address: str, folder: Path) -> dict:
    """SQLite in `folder` for an empty address, PostgreSQL for `postgresql://user:password@host:port/name`.

    SQLite begins each transaction as a writer (IMMEDIATE): two workers that read before they write would
    otherwise both hold a read lock and one would fail. WAL lets pages be read meanwhile.
    """
    if not address:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder / "desk.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise HomeError(
            "database: write postgresql://user:password@host:port/name, or leave it empty for SQLite"
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }
