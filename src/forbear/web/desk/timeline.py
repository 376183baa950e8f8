"""Everything that happened with a borrower, from their evidence, a line for each event in the reader's words."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forbear.core.permits.permit import read_permit
from forbear.store.models import Event
from forbear.web import actors, reasons
from forbear.web import labels as words
from forbear.web.templatetags.forbear import minor, when

_SHOWN = 60
#: In which words a kind of event tells its state or outcome; others tell no state, and an outcome as a contact does.
_STATES = {
    "promise": "agreement",
    "reported_payment": "reported_state",
    "plan": "agreement",
    "settlement": "agreement",
    "visit": "visit",
    "legal": "lawsuit",
}
_OUTCOMES = {
    "visit": "visit_outcome",
    **dict.fromkeys(("complaint", "dispute", "hardship", "request"), "answer"),
}

#: What became of a number or address.
_POINTS = {
    "given by the borrower": _("given by the borrower"),
    "replaced by the borrower": _("replaced by the borrower"),
    "replaced by the lender": _("replaced in the lender's records"),
    "wrong person": _("wrong person answered"),
    "belongs to somebody else": _("belongs to somebody else"),
}
_CONSENT = {True: _("agreed"), False: _("no more")}


@dataclass(frozen=True, slots=True)
class Happened:
    """One line: when, what, in which words, who did it, and the rules that refused.

    `number` is the event's in the evidence log, `body` what it says in codes.
    """

    at: datetime
    what: str
    details: list[str]
    actor: str
    refused: list
    number: int
    body: dict[str, Any]


def timeline(events: QuerySet[Event]) -> list[Happened]:
    """The newest of a borrower's events, newest first."""
    found = []
    for row in events.order_by("-number")[:_SHOWN]:
        data = json.loads(row.line)
        body = data["body"]
        if row.kind == "permit":
            permit = read_permit(body["permit"])
            body = {"channel": permit.channel, "contact": permit.contact_id}
        access = row.kind == "access"
        what = words.word("access", body["what"]) if access else words.word("event", row.kind)
        who = actors.actor(data["actor"])
        refused = body.get("refused_by", [])
        found.append(Happened(row.at, what, _told(row.kind, body), who, refused, row.number, body))
    return found


def _amount(kind: str, body: dict) -> str:
    """What was paid or is said to be, and on which day; of other kinds the amounts stand in what they are about."""
    if kind not in ("payment", "reported_payment") or not body.get("currency"):
        return ""
    paid = minor(body["amount"], body["currency"])
    return f"{paid} · {when(date.fromisoformat(body['paid_on']))}" if body.get("paid_on") else paid


def imported_from(body: dict) -> str:
    """Where in the old system's files it stood; "" for what happened here."""
    source = body.get("imported")
    if not source:
        return ""
    return gettext("imported from the old system: %(file)s, row %(row)s") % {
        "file": source["file"],
        "row": source["row"],
    }


def _told(kind: str, body: dict) -> list[str]:
    """What an event says beside its kind."""

    def word(table: str, name: str) -> str:
        return words.word(table, body[name]) if body.get(name) else ""

    found = [
        word("channel", "channel"),
        word(_OUTCOMES.get(kind, "outcome"), "outcome"),
        word("result", "result"),
        word(_STATES[kind], "state") if kind in _STATES else "",
        str(_POINTS[body["what"]]) if kind == "point" and body.get("what") in _POINTS else "",
        str(_CONSENT[bool(body.get("given"))]) if kind == "consent" else "",
        word("hold", "kind") if kind in ("hold", "hold_lifted") else "",
        str(body.get("request") or ""),
        _amount(kind, body),
        reasons.of_event(kind, body),
        imported_from(body),
    ]
    if body.get("to"):
        found.append(f"{words.word('stage', body.get('from') or '')} → {word('stage', 'to')}")
    return [each for each in found if each]
