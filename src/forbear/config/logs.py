"""Log lines as JSON, one object a line, for anyone who gathers logs; plain lines else.

A message of ours holds codes only. What a library writes is not known, so whatever looks like a telephone number, an
e-mail address or an identity number is blotted out before it leaves.
"""

import json
import logging
import os
import re
from datetime import UTC, datetime

#: `json` or `plain`, by FORBEAR_LOG; with `json` every request has its line.
FORM = "FORBEAR_LOG"
_OURS = ("route", "method", "status", "milliseconds", "role", "job")
#: Every part is bounded, and none begins inside a word: the time to look through a line grows with its length alone.
_PERSONAL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{1,190}|(?<![\w-])\+?\d[\d ]{9,18}[\dXx](?![\w-])"
)
#: Characters of a line that are kept.
_LONGEST = 20_000


def blotted(text: str) -> str:
    """The text without what looks like a number or address of a person; what is very long is cut."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return _PERSONAL.sub("[…]", cut)


def _without_address(record: logging.LogRecord) -> logging.LogRecord:
    """What Django says of a request, by its route: the address may name a borrower or hold a link's secret."""
    request = getattr(record, "request", None)
    if request is None or not record.name.startswith("django."):
        return record
    match = getattr(request, "resolver_match", None)
    plain = logging.makeLogRecord(record.__dict__)
    status = getattr(record, "status_code", "")
    plain.msg, plain.args = f"{status} {request.method} {match.route if match else 'none'}".strip(), ()
    return plain


class Plain(logging.Formatter):
    """A line for people."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        """The line, blotted."""
        return blotted(super().format(_without_address(record)))


class Json(logging.Formatter):
    """A line for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """One object: when, how grave, who says it, what, and the fields of ours."""
        record = _without_address(record)
        record_fields: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": blotted(record.getMessage()),
        }
        record_fields |= {name: getattr(record, name) for name in _OURS if hasattr(record, name)}
        if record.exc_info:
            record_fields["fault"] = blotted(self.formatException(record.exc_info))
        return json.dumps(record_fields, ensure_ascii=False)


def logging_settings() -> dict[str, object]:
    """Django's LOGGING: faults go to standard error with their traceback but without the request's data."""
    as_json = os.environ.get(FORM, "plain") == "json"
    formatter = "forbear.config.logs.Json" if as_json else "forbear.config.logs.Plain"
    stderr = {"handlers": ["stderr"], "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {**stderr, "level": "WARNING"},
            "forbear.request": {**stderr, "level": "INFO" if as_json else "WARNING"},
            "forbear.jobs": {**stderr, "level": "INFO" if as_json else "WARNING"},
        },
    }
