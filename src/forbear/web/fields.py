"""The fields of every form: what people write is read as they write it, and what can't be read is said at its place.

A text with a character that no database holds, an amount with a comma in a doubtful place or a day outside its limits
is refused in the reader's language. Nothing is cut: what is too long is said, and stays.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator, validate_email
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from forbear.core.base.money import minor_digits, parse_amount
from forbear.core.base.problem import Problem
from forbear.web.labels import word
from forbear.web.templatetags.forbear import said, when

#: Words that may be translated only when they are shown.
Words = str | Promise
#: Full-width forms of the signs on a keyboard, as a Chinese input method gives them, and the two stops that stand for a
#: decimal point. Nothing else is turned into a digit: a small raised 2 is no 2.
_HALF = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: " ", 0x3002: ".", 0xFFE5: "¥"}
_SIGNS = re.compile(r"^[¥$£€]|元整?$|^CNY|^RMB|^人民币", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[,、 '_]\d{3})+(?:\.\d+)?", re.ASCII)
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d\d)(\d\d)", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?", re.ASCII)
#: Half of a character (no text file can hold it), what a browser puts in its place, and NUL (no database can).
_HALVES = re.compile("[\ud800-\udfff\ufffd\0]")
_FILL_IN, _CHOOSE = _("Please fill this in."), _("Choose one from the list.")


def halfwidth(text: str) -> str:
    """A text with full-width digits and signs as plain ones, without spaces around it."""
    return text.translate(_HALF).strip()


def read_money(text: str, currency: str) -> int | Problem:
    """An amount as people write it (１２３．４５, ￥1,234.50, 1234元), in minor units; a doubtful comma is refused."""
    written = _SIGNS.sub("", halfwidth(text)).strip()
    written = written.removesuffix(currency).removeprefix(currency).strip()
    if _GROUPED.fullmatch(written):
        written = re.sub("[,、 '_]", "", written)
    elif "," in written or "、" in written:
        return Problem(
            "amount_comma_unclear", "Use a comma only between thousands, and a point before cents: 1,234.50."
        )
    return parse_amount(written, currency)


def read_day(text: str) -> date | None:
    """A day as people write it: 2026-03-31, 2026/3/31, 2026年3月31日, 20260331; None for anything else."""
    found = _DAY.fullmatch(halfwidth(text))
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None


class TextField(forms.CharField):
    """A text of at most `longest` characters; with `rows` it may have several lines. Nothing is cut."""

    def __init__(self, longest: int, *, rows: int = 0, **more: Any) -> None:
        if rows:
            more.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        errors = {"required": _FILL_IN, **more.pop("error_messages", {})}
        super().__init__(error_messages=errors, **more)
        self.longest = longest
        self.validators.append(MaxLengthValidator(longest, _("At most %(limit_value)d characters fit here.")))

    def to_python(self, value: Any) -> str:
        """The text with plain line ends."""
        text = str(super().to_python(value))
        return text.replace("\r\n", "\n")

    def validate(self, value: Any) -> None:
        """Refuse a text with half a character in it."""
        super().validate(value)
        if _HALVES.search(value):
            raise forms.ValidationError(
                _("A character did not arrive whole (�). Delete it and type it again.")
            )


class EmailField(TextField):
    """An e-mail address."""

    def __init__(self, **more: Any) -> None:
        super().__init__(254, **more)
        self.validators.append(validate_email)
        self.widget.input_type = "email"


class AmountField(forms.CharField):
    """An amount of money in minor units of `currency`, from `least` to `most`; above 0 unless told otherwise."""

    def __init__(self, currency: str, *, least: int = 1, most: int | None = None, **more: Any) -> None:
        self.currency, self.least, self.most = currency, least, most
        super().__init__(error_messages={"required": _FILL_IN}, **more)
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self, value: object) -> int | None:
        """The amount, None for none."""
        text = super().clean(value)
        if not text:
            return None
        if not self.currency:
            raise forms.ValidationError(_("There is no loan that this amount could be about."))
        amount = read_money(text, self.currency)
        if isinstance(amount, Problem) and amount.code != "amount_not_a_number":
            raise forms.ValidationError(sentence_of(amount))
        if isinstance(amount, Problem) or amount < min(self.least, 0):
            raise forms.ValidationError(_("Enter an amount in figures, such as 1,234.50."))
        if amount < self.least:
            raise forms.ValidationError(_("Enter an amount above 0."))
        if self.most is not None and amount > self.most:
            most = written_amount(self.most, self.currency)
            raise forms.ValidationError(_("Enter at most %(most)s."), params={"most": most})
        return amount


def written_amount(minor: int | None, currency: str) -> str:
    """Minor units as a field shows them: 123450 in CNY is `1,234.50`; "" for none."""
    if not minor or not currency:
        return ""
    digits = minor_digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole:,}" + (f".{part:0{digits}d}" if digits else "")


class WholeField(forms.CharField):
    """A whole number from `least` to `most`, in figures, full-width ones too."""

    def __init__(self, *, least: int = 0, most: int = 10**9, **more: Any) -> None:
        self.least, self.most = least, most
        super().__init__(error_messages={"required": _FILL_IN}, **more)
        self.widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    def clean(self, value: object) -> int | None:
        """The number, None for none."""
        text = halfwidth(super().clean(value))
        if not text:
            return None
        if not (text.isascii() and text.isdecimal() and self.least <= int(text[:20]) <= self.most):
            bounds = {"least": self.least, "most": self.most}
            raise forms.ValidationError(_("Enter a whole number from %(least)s to %(most)s."), params=bounds)
        return int(text)


class _TypedInput(forms.TextInput):
    """A browser's own field for a day or moment; a text of another form stays as it was typed, in a plain field."""

    def __init__(self, kind: str, form: re.Pattern[str], attrs: dict[str, str] | None = None) -> None:
        self.kind, self.form = kind, form
        super().__init__(attrs)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        text = context["widget"]["value"]
        context["widget"]["type"] = self.kind if not text or self.form.fullmatch(text) else "text"
        return context


class DayField(forms.CharField):
    """A day from `first` to `last`, both included, None for no limit."""

    def __init__(self, first: date | None = None, last: date | None = None, **more: Any) -> None:
        self.first, self.last = first, last
        limits = {"min": first, "max": last}
        attrs = {name: day.isoformat() for name, day in limits.items() if day is not None}
        widget = _TypedInput("date", _ISO_DAY, attrs)
        super().__init__(widget=widget, error_messages={"required": _("Choose a day.")}, **more)

    def clean(self, value: object) -> date | None:
        """The day, None for none."""
        text = super().clean(value)
        if not text:
            return None
        day = read_day(text)
        if day is None:
            raise forms.ValidationError(_("Write the day as 2026-03-31."))
        if self.first is not None and day < self.first:
            raise forms.ValidationError(_("Choose %(day)s or later."), params={"day": when(self.first)})
        if self.last is not None and day > self.last:
            raise forms.ValidationError(_("Choose %(day)s or earlier."), params={"day": when(self.last)})
        return day


class MomentField(forms.CharField):
    """A moment from `first` to `last`, in the lender's time zone."""

    def __init__(self, first: datetime, last: datetime, **more: Any) -> None:
        self.first, self.last = first, last
        local = {name: timezone.localtime(at) for name, at in (("min", first), ("max", last))}
        attrs = {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in local.items()}
        super().__init__(widget=_TypedInput("datetime-local", _ISO_MOMENT, attrs), **more)

    def clean(self, value: object) -> datetime | None:
        """The moment, None for none."""
        text = halfwidth(super().clean(value)).replace("/", "-")
        if not text:
            return None
        try:
            found = parse_datetime(text)
        except ValueError:
            found = None
        if found is None:
            raise forms.ValidationError(_("Write the day and hour as 2026-03-31 09:30."))
        at = timezone.make_aware(found) if timezone.is_naive(found) else found
        if not self.first < at <= self.last:
            limits = {"first": when(self.first), "last": when(self.last)}
            raise forms.ValidationError(_("Choose a time after %(first)s and until %(last)s."), params=limits)
        return at


def _choices(table: str, codes: Iterable[str], blank: Words | None) -> Callable[[], list[tuple[str, Words]]]:
    first = [] if blank is None else [("", blank)]
    return lambda: [*first, *((code, word(table, code)) for code in codes)]


class CodeField(forms.ChoiceField):
    """One of the codes of a table, by their words; `blank` is the choice of none, None for no such choice."""

    def __init__(self, table: str, codes: Iterable[str], *, blank: Words | None = "—", **more: Any) -> None:
        errors = {"required": _CHOOSE, "invalid_choice": _CHOOSE}
        super().__init__(choices=_choices(table, tuple(codes), blank), error_messages=errors, **more)


class PickField(forms.ChoiceField):
    """One of the things named: `choices` are their values with what is shown of each."""

    def __init__(self, choices: Iterable[tuple[Any, Any]], *, blank: Words | None = "—", **more: Any) -> None:
        first = [] if blank is None else [("", blank)]
        errors = {"required": _CHOOSE, "invalid_choice": _CHOOSE}
        super().__init__(choices=[*first, *choices], error_messages=errors, **more)


class CodesField(forms.MultipleChoiceField):
    """Any of the things named, each to be ticked."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, choices: Any, **more: Any) -> None:
        errors = {"required": _("Tick at least one."), "invalid_choice": _("Choose from the list.")}
        super().__init__(choices=choices, error_messages=errors, **more)


class TickField(forms.BooleanField):
    """A statement that must be ticked."""

    def __init__(self, **more: Any) -> None:
        super().__init__(error_messages={"required": _("Tick this to go on.")}, **more)


class UploadField(forms.FileField):
    """A file that must be chosen."""

    def __init__(self, **more: Any) -> None:
        errors = dict.fromkeys(("required", "missing", "invalid"), _("Choose a file."))
        super().__init__(error_messages=errors | {"empty": _("This file is empty.")}, **more)


class _FilesInput(forms.FileInput):
    """A field for several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """At most `most` files, none of them compulsory."""

    widget = _FilesInput

    def __init__(self, most: int, **more: Any) -> None:
        self.most = most
        super().__init__(required=False, **more)

    def clean(self, data: object, initial: object = None) -> list[UploadedFile]:
        """The files that were chosen."""
        given = data if isinstance(data, list | tuple) else [data]
        files = [file for file in given if isinstance(file, UploadedFile)]
        if len(files) > self.most:
            raise forms.ValidationError(
                _("Send at most %(most)s papers at a time."), params={"most": self.most}
            )
        return files


def sentence_of(problem: Problem) -> str:
    """A problem as a sentence of its own, in the reader's language: with a capital letter before and a stop after."""
    text = said(problem)
    end = "" if text[-1:] in ".。?？)）”" else "。" if ord(text[-1:] or "a") > 0x2E80 else "."
    return text[:1].upper() + text[1:] + end
