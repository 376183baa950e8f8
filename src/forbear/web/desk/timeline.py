"""Everything that happened with a borrower, from their evidence, a line for each event in the reader's words."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from forbear.core.permits.permit import read_permit
from forbear.store.models import Event
from forbear.web import actors, reasons
from forbear.web import labels as words

_SHOWN = 60
#: In which words a kind of event tells its state or outcome; others tell no state, and an outcome as a contact does.
_STATES = {
    "promise": "agreement",
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
    """One line: when, what, in which words, who did it, and the rules that refused."""

    at: datetime
    what: str
    details: list[str]
    actor: str
    refused: list


def timeline(events: QuerySet[Event]) -> list[Happened]:
    """The newest of a borrower's events, newest first."""
    found = []
    for row in events.order_by("-number")[:_SHOWN]:
        data = json.loads(row.line)
        body = data["body"]
        if row.kind == "permit":
            body = {"channel": read_permit(body["permit"]).channel}
        access = row.kind == "access"
        what = words.word("access", body["what"]) if access else words.word("event", row.kind)
        who = actors.actor(data["actor"])
        found.append(Happened(row.at, what, _told(row.kind, body), who, body.get("refused_by", [])))
    return found


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
        reasons.of_event(kind, body),
    ]
    if body.get("to"):
        found.append(f"{words.word('stage', body.get('from') or '')} → {word('stage', 'to')}")
    return [each for each in found if each]
