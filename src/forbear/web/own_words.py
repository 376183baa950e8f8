"""A form for words of one's own: what reads like words that may not be said is confirmed before it leaves.

The box to tick appears only then, and holds for the words as they stood: about a changed text the form asks again.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms.widgets import Input
from django.utils.translation import gettext_lazy as _

from forbear.core.base.problem import Problem
from forbear.web.forms import Form

_CODE = "wording_to_confirm"


class Checkbox(Input):
    """A box to tick, whose value is the digest of the words that it confirms; by its name it is drawn as one."""

    input_type = "checkbox"
    digest = ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["widget"]["value"] = self.digest
        return context


class OwnWordsForm(Form):
    """A form whose fields named in `own_words` hold a person's own words."""

    own_words: tuple[str, ...] = ("body",)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.to_confirm = False
        label = _("I have read these words again. They are true and mean nothing that is not allowed.")
        self.fields["confirmed"] = forms.CharField(
            required=False, max_length=64, widget=Checkbox(), label=label
        )

    @property
    def confirmed(self) -> bool:
        """Whether these very words were confirmed, once the form is valid."""
        return bool(self.cleaned_data["confirmed"] == self._digest())

    def add_problems(self, problems: Problem | Iterable[Problem]) -> None:
        """Say what an act found wrong; where it asks for a second look, show the box."""
        found = [problems] if isinstance(problems, Problem) else list(problems)
        super().add_problems(found)
        self.to_confirm = any(each.code == _CODE for each in found)
        box = self.fields["confirmed"].widget
        assert isinstance(box, Checkbox)
        box.digest = self._digest()

    def _digest(self) -> str:
        words = "\0".join(str(self.data.get(name, "")) for name in self.own_words)
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]
