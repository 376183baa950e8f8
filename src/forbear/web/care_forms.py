"""The form in which special care is recorded, by staff and by the borrower themselves."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from forbear.actions.holds.vulnerability import LONGEST_WORDS
from forbear.core.agreements.vulnerability import KINDS, LONGEST_DAYS, MEASURES, TOLD_BY, VulnerabilityNote
from forbear.store.models import Vulnerability
from forbear.web.fields import CodeField, CodesField, DayField, PickField, TextField
from forbear.web.forms import Form
from forbear.web.labels import word

#: How long what borrowers say themselves stands until somebody looks at it.
OWN_REVIEW = timedelta(days=90)
_PROBLEMS = {
    "vulnerability_consent_missing": "consent",
    "vulnerability_source_missing": "told_by",
    "vulnerability_since_invalid": "since",
    "vulnerability_hours_missing": "hours_to",
    "review_date_too_far": "review_on",
    "vulnerability_unknown": "measures",
}


class CareForm(Form):
    """What changes, why (by consent), who said so, since when, until which review."""

    field_of: ClassVar[dict[str, str]] = _PROBLEMS

    def __init__(self, today: date, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        hours = [(str(hour), f"{hour}:00") for hour in range(25)]
        self.fields |= {
            "measures": CodesField(
                [(code, word("care_measure", code)) for code in MEASURES],
                label=_("What changes"),
                required=False,
            ),
            "hours_from": PickField(hours, label=_("From this hour"), required=False),
            "hours_to": PickField(hours, label=_("To this hour"), required=False),
            "kinds": CodesField(
                [(code, word("care_kind", code)) for code in KINDS], label=_("Why"), required=False
            ),
            "words": TextField(LONGEST_WORDS, rows=2, label=_("In their own words"), required=False),
            "consent": PickField(
                [("1", _("Yes"))],
                blank=_("No"),
                label=_("The borrower agrees that we keep why"),
                required=False,
            ),
            "told_by": CodeField("told_by", TOLD_BY, blank=None, label=_("Who said so")),
            "since": DayField(None, today, label=_("Since"), required=False),
            "review_on": DayField(
                today + timedelta(days=1), today + timedelta(days=LONGEST_DAYS), label=_("Review on")
            ),
        }

    def note(self) -> VulnerabilityNote:
        """What was said, once the form is valid."""
        given = self.cleaned_data
        hours = (given.get("hours_from"), given.get("hours_to"))
        return VulnerabilityNote(
            measures=tuple(given["measures"]),
            kinds=tuple(given["kinds"]),
            words=given["words"],
            told_by=given["told_by"],
            since=given["since"],
            review_on=given["review_on"],
            consent=bool(given["consent"]),
            hours=(int(hours[0]), int(hours[1])) if hours[0] and hours[1] else None,
        )


class OwnCareForm(CareForm):
    """What borrowers say of themselves; a person looks at it after three months."""

    def __init__(self, today: date, *given: Any, **more: Any) -> None:
        more.setdefault("auto_id", "id_%s")
        super().__init__(today, *given, **more)
        self.today = today
        for name in ("told_by", "since", "review_on", "hours_from", "hours_to"):
            del self.fields[name]
        kept = [
            (code, word("care_measure", code)) for code in MEASURES if code not in ("hours", "trained_only")
        ]
        self.fields["measures"] = CodesField(kept, label=_("What would help"), required=False)
        self.fields["consent"].label = _("I agree that you keep why")
        self.fields["words"].label = _("In your own words")

    def note(self) -> VulnerabilityNote:
        """What was said, once the form is valid."""
        given = self.cleaned_data
        return VulnerabilityNote(
            measures=tuple(given["measures"]),
            kinds=tuple(given["kinds"]),
            words=given["words"],
            review_on=self.today + OWN_REVIEW,
            consent=bool(given["consent"]),
        )


def first_of(found: Vulnerability | None, *, why: bool) -> dict[str, object]:
    """What stands in the form of what is recorded; why only where it may be seen."""
    if found is None:
        return {}
    shown: dict[str, object] = {
        "measures": found.measures,
        "told_by": found.told_by,
        "since": found.since.isoformat(),
        "review_on": found.review_on.isoformat(),
    }
    if why:
        shown |= {"kinds": found.kinds, "words": found.words, "consent": "1" if found.consented_at else ""}
    return shown
