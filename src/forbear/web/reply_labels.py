"""The words of the inbox: what a message means, demands, is found to be, and whose it is."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

INTENTS = {
    "stop": _("Asks us to stop"),
    "start": _("Agrees to messages"),
    "deceased": _("Has died"),
    "lawyer": _("Has a lawyer"),
    "wrong_person": _("Wrong person"),
    "dispute": _("Disputes it"),
    "complaint": _("Complains"),
    "hardship": _("In hardship"),
    "paid": _("Says it is paid"),
    "promise": _("Promises to pay"),
    "question": _("Asks something"),
    "abuse": _("Abusive"),
    "unclear": _("Not understood"),
}
DEMANDED = {
    "cease": _("Asked us to stop"),
    "refusal": _("Refuses to pay"),
    "bankrupt": _("Insolvency"),
    "moratorium": _("Breathing space"),
    "counsellor": _("Debt counsellor"),
    "workplace": _("Not at work"),
    "call_me": _("Wants a call"),
    "fraud": _("Says it was fraud"),
    "verification": _("Wants proof of the debt"),
    "bereavement": _("Bereavement"),
    "link_broken": _("A link doesn't work"),
}
#: What a person says that a message is, as the buttons say it.
SORTS = {
    "stop": _("This is a stop"),
    "dispute": _("This is a dispute"),
    "hardship": _("This is hardship"),
    "complaint": _("This is a complaint"),
    "wrong_person": _("This is a wrong person"),
    "paid": _("They say they paid"),
    "call_back": _("Call back"),
    "verification": _("They want proof of the debt"),
    "lawyer": _("They have a lawyer"),
}
INBOX_STATES = {
    "waiting": pgettext_lazy("message", "Waiting"),
    "mine": _("Assigned to me"),
    "team": _("My team's"),
    "urgent": _("Danger"),
    "late": _("Waiting for more than a day"),
    "answered": pgettext_lazy("message", "Answered"),
    "all": _("All"),
}
#: The tables by name.
REPLIES: Mapping[str, Mapping[str, Any]] = {
    "intent": INTENTS,
    "demanded": DEMANDED,
    "sort": SORTS,
    "inbox_state": INBOX_STATES,
}
