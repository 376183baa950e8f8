"""The words of the pages for the codes of payments; `web.labels` has them among all others."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

PAYMENTS = {
    "order": {
        "opened": _("Not paid yet"),
        "paid": _("Arrived"),
        "failed": _("Not paid"),
        "doubtful": _("Being checked"),
    },
    "unapplied": {
        "unknown_loan": _("No loan of this id has a case"),
        "more_than_owed": _("More than the loan owes"),
        "not_in_feed": _("The feed has no such loan"),
    },
    "reported_state": {
        "unconfirmed": _("Not booked yet"),
        "booked": _("Booked"),
        "bounced": _("Taken back by the bank"),
        "lapsed": _("Not found in time"),
        "refused": _("Refused"),
        "withdrawn": _("Withdrawn"),
    },
    "payment_way": {
        "transfer": _("Bank transfer"),
        "branch": _("Cash at a branch"),
        "card": _("Card"),
        "app": _("Payment app"),
        "agent": _("Through somebody else"),
        "other": pgettext_lazy("way of paying", "Another way"),
    },
    "unapplied_state": {
        "waiting": _("Waiting"),
        "applied": _("Applied"),
        "refused": _("Refused"),
        "reversed": _("Taken back"),
    },
}
