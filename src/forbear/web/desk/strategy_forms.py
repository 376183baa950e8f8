"""The forms about strategies: a changed text, from when it is in force, and what to go back to."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from forbear.actions.strategies.strategy_versions import FURTHEST, LONGEST
from forbear.store.models import StrategyVersion
from forbear.web.fields import DayField, PickField, TextField
from forbear.web.forms import Form
from forbear.web.templatetags.forbear import when
from forbear.web.yaml_form import YamlForm

_LONGEST_NOTE = 300


class DraftForm(YamlForm):
    """A strategy as text."""

    text = TextField(LONGEST, rows=32, label=_("The strategy in YAML"), strip=False)


class ProposeForm(Form):
    """From which night a strategy is in force, and why."""

    field_of: ClassVar[dict[str, str]] = {
        "strategy_start_invalid": "from",
        "approval_reason_missing": "note",
    }

    def __init__(self, *given: Any, first: date, **more: Any) -> None:
        super().__init__(*given, **more)
        label = _("From the end-of-day run of")
        self.fields["from"] = DayField(first, first + FURTHEST, label=label, initial=first)
        self.fields["note"] = TextField(_LONGEST_NOTE, label=_("Why"))


class BackForm(Form):
    """The version to go back to, and why."""

    field_of: ClassVar[dict[str, str]] = {"strategy_reason_missing": "note", "strategy_in_force": "to"}

    def __init__(self, past: Iterable[StrategyVersion], file: str, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        named = [(row.pk, f"{row.name} {row.version} ({when(row.from_day)})") for row in past]
        self.fields["to"] = PickField([*named, (0, file)], label=_("Back to"), blank=None)
        self.fields["note"] = TextField(_LONGEST_NOTE, label=_("Why"))
