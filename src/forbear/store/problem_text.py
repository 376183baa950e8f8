"""Sentences in the reader's language, made where they are read, from what `core.base.problem` carries in English."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, override

from forbear.core.base.problem import Value, rendered


def sentence(value: Value) -> str:
    """A problem, a phrase or a marked text in the active language; data stays as it is."""
    language = (get_language() or "en").partition("-")[0]
    return rendered(value, gettext, language=language, day=_day)


def sentence_in(language: str, value: Value) -> str:
    """The same in a language by its code, such as `en`; `zh` is Chinese in simplified characters."""
    with override("zh-hans" if language == "zh" else language):
        return sentence(value)


def _day(value: date) -> str:
    return str(date_format(value, "DATE_FORMAT"))
