"""What borrowers fill in before they are in: a link's code, a birthday, where a new link goes, as people write them."""

import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from forbear.actions.access.portal_access import Fact, is_token
from forbear.web.fields import TextField
from forbear.web.forms import Form

_OLDEST = 1900


def plain(text: str) -> str:
    """A text with full-width digits and signs as plain ones."""
    return unicodedata.normalize("NFKC", text).strip()


def day_order(language: str, country: str) -> tuple[str, str, str]:
    """The order in which a reader writes a date."""
    if language.startswith("zh"):
        return ("year", "month", "day")
    return ("month", "day", "year") if country == "US" else ("day", "month", "year")


class EnterForm(Form):
    """The code of a link and the one fact. What can't be right is said at its field and counts as no try."""

    token = TextField(
        64,
        label=_("The code at the end of the link in our message"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    year = TextField(8, label=_("Year"), required=False)
    month = TextField(8, label=_("Month"), required=False)
    day = TextField(8, label=pgettext_lazy("of a birthday", "Day"), required=False)
    ending = TextField(8, label=_("Last four digits of your phone number"), required=False)

    def __init__(self, *given: Any, country: str = "", today: date | None = None, **more: Any) -> None:
        more.setdefault("auto_id", "id_%s")
        super().__init__(*given, **more)
        self.today = today
        self.order = day_order(get_language() or "zh", country)
        for name in (*self.order, "ending"):
            self.fields[name].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}

    @property
    def birthday(self) -> list[forms.BoundField]:
        """The three fields of the birthday, in the reader's order."""
        return [self[name] for name in self.order]

    def clean_token(self) -> str:
        token = plain(self.cleaned_data["token"])
        if not is_token(token):
            raise forms.ValidationError(
                _("The code has 16 letters and digits. Copy it from the end of the link.")
            )
        return token

    def clean(self) -> dict[str, object]:
        given = super().clean() or self.cleaned_data
        parts = {name: plain(given.get(name, "")) for name in self.order}
        ending = plain(given.get("ending", ""))
        born_on = None
        if any(parts.values()):
            born_on = self._birthday(parts)
        elif not (len(ending) == 4 and ending.isdecimal()):
            self.add_error(self.order[0], _("Enter your date of birth."))
        self.cleaned_data["fact"] = Fact(born_on, ending)
        return self.cleaned_data

    def _birthday(self, parts: dict[str, str]) -> date | None:
        """The day, or an error at the field that can't be right."""
        for name in self.order:
            if not parts[name].isdecimal():
                self.add_error(name, _("Write it in figures."))
                return None
        year, month, day = (int(parts[name]) for name in ("year", "month", "day"))
        if not _OLDEST <= year <= (self.today.year if self.today else 9999):
            self.add_error("year", _("Write the year with four figures, such as 1990."))
        elif not 1 <= month <= 12:
            self.add_error("month", _("A month is a number from 1 to 12."))
        else:
            try:
                return date(year, month, day)
            except ValueError:
                self.add_error("day", _("There is no such day in that month."))
        return None


class NewLinkForm(Form):
    """Where a new link is to go."""

    reach = TextField(
        200,
        label=_("Your phone number or e-mail address"),
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, auto_id="id_%s", **more)

    def clean_reach(self) -> str:
        reach = plain(self.cleaned_data["reach"])
        if "@" not in reach and sum(sign.isdigit() for sign in reach) < 7:
            raise forms.ValidationError(_("Enter a phone number or an e-mail address."))
        return reach
