"""The settings of a lender's home as an administrator reads them: in groups, each with its name, meaning and value.

Names, meanings and units stand where the setting is declared (core/base/setting.py).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext_lazy, npgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.core.agreements.request import KINDS
from forbear.core.base.money import format_amount
from forbear.interchange.home.setting_rows import SettingRow
from forbear.web import labels
from forbear.web.templatetags.forbear import words_of


@dataclass(frozen=True, slots=True)
class Row:
    """A setting with its words in the reader's language, its value with its unit, and where it stands."""

    name: str
    meaning: str
    value: str
    setting: SettingRow


#: A value with its unit: how many decide on the form, the number is shown with separators.
UNITS: dict[str, Promise] = {
    "days": ngettext_lazy("%(number)s day", "%(number)s days", "n"),
    "business": ngettext_lazy("%(number)s business day", "%(number)s business days", "n"),
    "months": npgettext_lazy("setting", "%(number)s month", "%(number)s months", "n"),
    "hours": ngettext_lazy("%(number)s hour", "%(number)s hours", "n"),
    "minutes": ngettext_lazy("%(number)s minute", "%(number)s minutes", "n"),
    "metres": ngettext_lazy("%(number)s metre", "%(number)s metres", "n"),
    "kmh": ngettext_lazy("%(number)s km/h", "%(number)s km/h", "n"),
    "minor": ngettext_lazy(
        "%(number)s smallest unit of the currency", "%(number)s smallest units of the currency", "n"
    ),
    "megabytes": ngettext_lazy("%(number)s megabyte", "%(number)s megabytes", "n"),
    "borrowers": ngettext_lazy("%(number)s borrower", "%(number)s borrowers", "n"),
    "times": ngettext_lazy("%(number)s time", "%(number)s times", "n"),
    "instalments": ngettext_lazy("%(number)s instalment", "%(number)s instalments", "n"),
    "signs": ngettext_lazy("%(number)s character", "%(number)s characters", "n"),
    "cores": ngettext_lazy("%(number)s core", "%(number)s cores", "n"),
    "points": ngettext_lazy("%(number)s point", "%(number)s points", "n"),
    "visits": ngettext_lazy("%(number)s visit", "%(number)s visits", "n"),
    "proxies": ngettext_lazy("%(number)s proxy", "%(number)s proxies", "n"),
}
_YES_NO = {"True": _("Yes"), "False": _("No"), "1": _("Yes"), "0": _("No")}
#: Where single sign-on leaves something to the provider or does it itself.
_SIDES = {"here": "Forbear", "provider": _("the provider")}
#: What makes one percent of a value.
_PERCENT = {"percent": 1, "basis": 0.01, "share": 100}


def grouped(rows: list[SettingRow]) -> list[tuple[str, str, str, list[Row]]]:
    """The settings by group, in the order they are declared in: (key, title, file, rows)."""
    groups: dict[str, tuple[str, str, str, list[Row]]] = {}
    for setting in rows:
        key, title = setting.words.section
        group = groups.setdefault(key, (key, gettext(title), setting.file, []))
        group[3].append(_row(setting))
    return list(groups.values())


def _row(setting: SettingRow) -> Row:
    words, code = setting.words, setting.code
    name, unit = gettext(words.name), words.unit
    if code:
        what = code if words.codes in ("group", "currency", "creditor") else labels.word(words.codes, code)
        name = gettext("%(setting)s: %(what)s") % {"setting": name, "what": what}
    if unit == "request":
        unit = "business" if KINDS[code].business else "days"
    if unit == "money" and code:  # without a currency no amount is set
        return Row(name, gettext(words.meaning), format_amount(int(setting.value), code), setting)
    return Row(name, gettext(words.meaning), _value(setting.value, unit), setting)


def _value(value: str, unit: str) -> str:
    """A value as people read it: amounts with separators, shares as percent, codes as words, units behind."""
    if value in ("", "—"):
        return "—"
    if unit in ("yes", "side"):
        return str((_YES_NO | _SIDES)[value])
    if unit == "role":
        return words_of(value, "role")
    if unit == "clock":
        return f"{value}:00"
    if unit in _PERCENT:
        return f"{float(value) * _PERCENT[unit]:g}%"
    if unit not in UNITS:
        return value
    number = int(value)
    return UNITS[unit] % {"n": number, "number": f"{number:,}"}
