"""The words of the pages for the codes of payments; `web.labels` has them among all others."""

from django.utils.translation import gettext_lazy as _

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
    "unapplied_state": {
        "waiting": _("Waiting"),
        "applied": _("Applied"),
        "refused": _("Refused"),
        "reversed": _("Taken back"),
    },
}
