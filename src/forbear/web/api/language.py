"""In which language a program is answered: `Accept-Language`, English unless Chinese is asked for first."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from forbear.core.base.problem import Phrase, Problem, Value, noop
from forbear.store.problem_text import sentence_in

#: What is wrong with a field, by the type of the mistake; its values come with it.
_MISTAKES = {
    "missing": noop("is required"),
    "extra_forbidden": noop("is not known here"),
    "literal_error": noop("must be one of %(expected)s"),
    "string_type": noop("must be text"),
    "string_too_short": noop("must have at least %(min_length)s characters"),
    "string_too_long": noop("must have at most %(max_length)s characters"),
    "string_pattern_mismatch": noop("has characters or a form that are not allowed (%(pattern)s)"),
    "int_type": noop("must be a whole number"),
    "int_parsing": noop("must be a whole number"),
    "int_parsing_size": noop("is too large a number"),
    "int_from_float": noop("must be a whole number without decimals"),
    "bool_type": noop("must be true or false"),
    "bool_parsing": noop("must be true or false"),
    "greater_than": noop("must be greater than %(gt)s"),
    "greater_than_equal": noop("must not be less than %(ge)s"),
    "less_than": noop("must be less than %(lt)s"),
    "less_than_equal": noop("must not be greater than %(le)s"),
    "list_type": noop("must be a list"),
    "dict_type": noop("must be an object"),
    "model_attributes_type": noop("must be an object"),
    "too_short": noop("must have at least %(min_length)s entries"),
    "too_long": noop("must have at most %(max_length)s entries"),
    "date_type": noop("must be a date such as 2026-03-31"),
    "date_parsing": noop("must be a date such as 2026-03-31"),
    "date_from_datetime_parsing": noop("must be a date such as 2026-03-31"),
    "date_from_datetime_inexact": noop("must be a date without a time"),
    "datetime_type": noop("must be a time such as 2026-03-31T09:00:00+08:00"),
    "datetime_parsing": noop("must be a time such as 2026-03-31T09:00:00+08:00"),
    "datetime_from_date_parsing": noop("must be a time such as 2026-03-31T09:00:00+08:00"),
    "timezone_aware": noop("must be a time with a zone, such as +08:00"),
}


def in_chinese(request: HttpRequest) -> bool:
    """Whether the program asks for Chinese before English."""
    for language, weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        name = language.partition("-")[0]
        if weight > 0 and name in ("zh", "en"):
            return name == "zh"
    return False


def said_in(request: HttpRequest, value: Value) -> str:
    """A sentence in the language that the program asks for."""
    return sentence_in("zh" if in_chinese(request) else "en", value)


def mistake(error: Mapping[str, Any]) -> Problem:
    """One mistake that the check of a request found, with its place."""
    place = ".".join(str(part) for part in error["loc"])
    message, values = _MISTAKES.get(str(error["type"])), error.get("ctx") or {}
    what = (
        Phrase(message, **{name: str(value) for name, value in values.items()})
        if message
        else Phrase(noop("is not accepted: %(reason)s"), reason=str(error["msg"]))
    )
    return Problem("field_invalid", "%(field)s: %(what)s", field=place, what=what)
