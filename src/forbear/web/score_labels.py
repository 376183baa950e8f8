"""The words of models of scores: their states, why a card leaves a score out, and how it was learned."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from forbear.core.scores.limits import SET_ASIDE

SCORES: dict[str, Mapping[str, Any]] = {
    "score_state": {
        "trained": _("Trained, not proposed"),
        "proposed": _("Waiting for approval"),
        "signed": _("Approved"),
        "declined": _("Declined"),
        "withdrawn": _("Withdrawn"),
        "set_aside": _("Set aside by itself"),
    },
    "score_why_not": {
        "too_few": _("Left out: too few rows or answers to learn from"),
        "no_better": _("Left out: no better than days past due alone"),
    },
    "score_way": {
        "lightgbm": _("Boosted trees (LightGBM)"),
        "logistic": _("Logistic regression"),
        "days_past_due": _("Days past due alone"),
    },
    "score_population": {
        "holdout": _("The hold-out group"),
        "not_contacted": _(
            "Those whom nobody contacted: a biased choice, as the hold-out group is too small"
        ),
    },
    "score_group": {"region": _("Region"), "age": _("Age"), "language": _("Language")},
    "score_set_aside": dict(SET_ASIDE),
}
