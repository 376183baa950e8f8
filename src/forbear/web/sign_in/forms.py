"""The forms of signing in: codes, and what a device answers for a passkey. None of it is ever shown again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forbear.web.fields import TextField
from forbear.web.forms import Form

#: The longest answer of a device, in characters.
_LONGEST_ANSWER = 20_000


class CodeInput(forms.TextInput):
    """A field that never shows what was typed into it."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """An empty field."""
        found: dict[str, Any] = super().get_context(name, None, attrs)
        return found


class ProofForm(Form):
    """A second proof: a code from an app or from paper, or what a device answers, with the device's name."""

    problems_at = "code"

    answer = TextField(_LONGEST_ANSWER, required=False, widget=forms.HiddenInput)
    name = TextField(100, required=False, widget=forms.HiddenInput)
    code = TextField(128, required=False, widget=CodeInput)

    def __init__(
        self, *given: Any, label: str = "", figures: bool = False, secret: bool = False, **more: Any
    ) -> None:
        super().__init__(*given, **more)
        self.fields["code"].label = label or _("Six digits")
        if secret:
            self.fields["code"].widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
            return
        self.fields["code"].widget.attrs["autocomplete"] = "one-time-code"
        if figures:
            self.fields["code"].widget.attrs |= {"inputmode": "numeric", "pattern": "[0-9 ]{6,7}"}

    def value(self, name: str) -> str:
        """What it says; "" for nothing, and for what can't be read."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class PasskeyForm(Form):
    """What a device answers, and where its owner wanted to go."""

    answer = TextField(_LONGEST_ANSWER, required=False, widget=forms.HiddenInput)
    next = TextField(2000, required=False, widget=forms.HiddenInput)

    def value(self, name: str) -> str:
        """What it says; "" for nothing, and for what can't be read."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))
