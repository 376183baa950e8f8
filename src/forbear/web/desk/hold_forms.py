"""The form by which a hold goes on."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from forbear.actions.holds.lifts import FURTHEST
from forbear.web.fields import DayField, TextField
from forbear.web.forms import Form

#: When a hold that goes on is looked at next, unless another day is chosen.
DAYS_AGAIN = timedelta(days=30)


class KeepForm(Form):
    """Why a hold goes on, and when it is looked at next."""

    field_of: ClassVar[dict[str, str]] = {"keep_reason_missing": "note", "review_date_too_far": "review_on"}

    note = TextField(300, label=_("Reason (saved with the hold)"))

    def __init__(self, *given: Any, today: date, **more: Any) -> None:
        super().__init__(*given, **more)
        first, last = today + timedelta(days=1), today + FURTHEST
        initial = today + DAYS_AGAIN
        self.fields["review_on"] = DayField(first, last, label=_("Next review"), initial=initial)
