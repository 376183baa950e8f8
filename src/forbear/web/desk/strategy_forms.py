"""The forms about strategies: a changed text, from when and for whom it is in force, and what to go back to."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.forms import DecimalField
from django.utils.translation import gettext_lazy as _

from forbear.actions.strategies.canaries import FIRST_SHARES
from forbear.actions.strategies.strategy_versions import FURTHEST, LONGEST
from forbear.core.strategy.chance import WHOLE
from forbear.store.models import StrategyVersion
from forbear.web.fields import DayField, PickField, TextField
from forbear.web.forms import ButtonForm, Form, ReasonForm
from forbear.web.request import StaffRequest
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
        **dict.fromkeys(
            (
                *("canary_share_invalid", "canary_guardrails_missing", "canary_holdout_differs"),
                *("canary_experiment_differs", "canary_handler_differs", "canary_order_differs"),
                *("canary_impossible", "canary_running", "canary_choose_differs"),
            ),
            "share",
        ),
    }

    def __init__(self, *given: Any, first: date, **more: Any) -> None:
        super().__init__(*given, **more)
        label = _("From the end-of-day run of")
        self.fields["from"] = DayField(first, first + FURTHEST, label=label, initial=first)
        self.fields["share"] = _share_field(FIRST_SHARES, initial=WHOLE)
        self.fields["note"] = TextField(_LONGEST_NOTE, label=_("Why"))


class ShareForm(Form):
    """To which larger share a canary goes."""

    field_of: ClassVar[dict[str, str]] = {"canary_share_smaller": "share"}

    def __init__(self, least: int, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["share"] = _share_field([each for each in FIRST_SHARES if each > least])


class EffectForm(Form):
    """The size of a difference, a borrower, that would count."""

    effect = DecimalField(
        min_value=Decimal("0.0001"),
        label=_("Difference for each borrower that would count"),
        error_messages=dict.fromkeys(("required", "invalid", "min_value"), _("Give a number above 0.")),
    )


def _share_field(shares: Iterable[int], **more: Any) -> PickField:
    """Shares of the borrowers in percent; all of them is a word."""
    named = [(each, _("All borrowers") if each == WHOLE else f"{each / WHOLE:.0%}") for each in shares]
    return PickField(named, label=_("Share of the borrowers"), blank=None, **more)


class BackForm(Form):
    """The version to go back to, and why."""

    field_of: ClassVar[dict[str, str]] = {"strategy_reason_missing": "note", "strategy_in_force": "to"}

    def __init__(self, past: Iterable[StrategyVersion], file: str, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        named = [(row.pk, f"{row.name} {row.version} ({when(row.from_day)})") for row in past]
        self.fields["to"] = PickField([*named, (0, file)], label=_("Back to"), blank=None)
        self.fields["note"] = TextField(_LONGEST_NOTE, label=_("Why"))


def decide_form(request: StaffRequest) -> Form:
    """Signing needs no word, declining a reason."""
    signs = ButtonForm(request.POST).pressed("sign")
    return Form(request.POST) if signs else ReasonForm(request.POST, key="decline")
