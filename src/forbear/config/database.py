"""From one line of lender.yaml to Django's database settings."""

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from forbear.interchange.home.lender import HomeError

#: How often a statement is run as it is before it is prepared: many run once in a process.
PREPARED_AFTER = 1


def database(address: str, folder: Path, lock_seconds: int = 30) -> dict:
    """SQLite in `folder` for an empty address, PostgreSQL for `postgresql://user:password@host:port/name`.

    SQLite begins each transaction as a writer (IMMEDIATE): two workers that read before they write would
    otherwise both hold a read lock and one would fail. WAL lets pages be read meanwhile. Another's lock is waited for
    `lock_seconds`: pages wait shorter than workers, since somebody sits before them, and look more often
    (`config.sqlite`).

    On PostgreSQL the statements of `store.rows` are prepared on their second turn, unless the address says
    `?prepare_threshold=off`, as it must behind a pooler that hands out connections by transaction and can't keep them.
    HomeError for an address that can't be read.
    """
    if not address:
        return {
            "ENGINE": "forbear.config.sqlite",
            "NAME": folder / "desk.sqlite3",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": lock_seconds,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(address)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise HomeError(
            "database: write postgresql://user:password@host:port/name, or leave it empty for SQLite"
        )
    query: dict[str, str | int | None] = dict(parse_qsl(parts.query))
    query["prepare_threshold"] = _threshold(str(query.get("prepare_threshold", PREPARED_AFTER)))
    query["options"] = f"{query.get('options', '')} -c lock_timeout={lock_seconds}s".strip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": str(query.pop("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": query,
    }


def _threshold(text: str) -> int | None:
    if text == "off":
        return None
    if not text.isascii() or not text.isdecimal():
        raise HomeError(
            f"database: prepare_threshold is {text}; write a whole number from 0, or off behind a pooler"
        )
    return int(text)
