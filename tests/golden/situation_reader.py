"""Reads a wish and a situation from golden cases, as a compliance officer writes them.

A moment is written `2026-03-10 21:59 Asia/Shanghai`; without a place it is in the case's first zone. Facts are
as in the other golden cases. What isn't named is as harmless as can be: a number on file from a lawful source,
an own line, an identity stated, figures an hour old; the case names what it is about.
"""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import (
    ActiveHold,
    AddressStatus,
    AgencyStatus,
    ConsentRecord,
    ContactContext,
    InboundRecord,
    LoanStatus,
    NoticeGiven,
)
from tests.golden.fact_reader import YES_NO, only, read_row

KEYS = (
    "says",
    "now",
    "zones",
    "currency",
    "wish",
    "facts",
    "point",
    "holds",
    "notices",
    "agreed",
    "past",
    "inbound",
    "certified",
    "debts",
    "collector",
    "figures_at",
    "lawyer_silent",
    "unanswered",
    "expect",
    "until",
    "refused_by",
)
#: Parts of a case that a rule's group may give for all its cases; a case adds to them.
SHARED = ("wish", "facts", "point", "collector")
#: Three in the afternoon of a Tuesday.
USUAL = "2026-03-10 15:00"
HARMLESS_WISH = {
    "channel": "call",
    "purpose": "collect",
    "party": "debtor",
    "point": "p1",
    "loans": ["L1"],
    "automated": "no",
    "own_line": "yes",
    "discloses_debt": "yes",
    "states_identity": "yes",
    "offers_opt_out": "yes",
    "recorded": "yes",
}
HARMLESS_POINT = {"on_file": "yes", "lawful": "yes"}
_FLAGS_OF_WISH = (
    "automated",
    "ai_voice",
    "ai_disclosed",
    "own_line",
    "at_workplace",
    "discloses_debt",
    "states_identity",
    "offers_opt_out",
    "recorded",
)


def with_group(group: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """The case with what its group gives for all; what the case names itself counts."""
    shared = {name: group[name] for name in KEYS if name in group and name not in SHARED}
    parts = {name: group.get(name, {}) | case.get(name, {}) for name in SHARED}
    return {"now": USUAL} | shared | case | {name: part for name, part in parts.items() if part}


def read_moment(text: str, zone: str) -> datetime:
    """A moment as written."""
    parts = text.split()
    place = parts[2] if len(parts) == 3 else zone
    clock = parts[1] if len(parts) > 1 else "00:00"
    return datetime.fromisoformat(f"{parts[0]} {clock}").replace(tzinfo=ZoneInfo(place))


def read_wish(written: dict[str, Any]) -> PlannedContact:
    """The wish of a case."""
    told = HARMLESS_WISH | written
    flags = {name: YES_NO[told.pop(name)] for name in _FLAGS_OF_WISH if name in told}
    loans = tuple(told.pop("loans"))
    visitors = int(told.pop("visitors", "0"))
    return PlannedContact(**told, loans=loans, visitors=visitors, **flags)


def _flags(written: dict[str, str], *names: str) -> dict[str, bool]:
    return {name: YES_NO[written[name]] for name in names if name in written}


def read_point(written: dict[str, str], zone: str) -> AddressStatus:
    """What is known of the number or address."""
    told = HARMLESS_POINT | written
    names = ("on_file", "invalid", "lawful", "at_workplace", "workplace_forbidden", "stopped")
    only(told, *names, "confirmed_at")
    confirmed = read_moment(told["confirmed_at"], zone) if "confirmed_at" in told else None
    return AddressStatus(**_flags(told, *names), confirmed_at=confirmed)


def read_past(written: list[dict[str, Any]], zone: str) -> tuple[PastContact, ...]:
    """Earlier contacts; `times: 3` repeats one, a minute apart."""
    found = []
    for each in written:
        only(
            each,
            *(
                "at",
                "channel",
                "purpose",
                "party",
                "outcome",
                "point",
                "loans",
                "agency",
                "consented",
                "other",
            ),
            "times",
        )
        at = read_moment(each["at"], zone)
        for n in range(int(each.get("times", "1"))):
            found.append(
                PastContact(
                    at + timedelta(minutes=n),
                    each.get("channel", "call"),
                    each.get("purpose", "collect"),
                    each.get("party", "debtor"),
                    each.get("outcome", "connected"),
                    each.get("point", "p1"),
                    tuple(each.get("loans", ["L1"])),
                    each.get("agency", ""),
                    YES_NO[each.get("consented", "no")],
                    YES_NO[each.get("other", "no")],
                )
            )
    return tuple(found)


def read_debts(written: list[dict[str, Any]], loans: tuple[str, ...], zone: str) -> tuple[LoanStatus, ...]:
    """The loans; those of the wish that the case doesn't name have nothing special about them."""
    found = {}
    for each in written:
        only(each, "loan", "time_barred_at", "sold", "unlawful", "agencies")
        barred = read_moment(each["time_barred_at"], zone) if "time_barred_at" in each else None
        found[each["loan"]] = LoanStatus(
            each["loan"], barred, **_flags(each, "sold", "unlawful"), agencies=tuple(each.get("agencies", ()))
        )
    return tuple((found | {loan: LoanStatus(loan) for loan in loans if loan not in found}).values())


def _span(each: dict[str, Any], zone: str) -> ActiveHold:
    only(each, "kind", "from", "to", "loans")
    ends = read_moment(each["to"], zone) if "to" in each else None
    return ActiveHold(each["kind"], read_moment(each["from"], zone), ends, tuple(each.get("loans", ())))


def _agreed(each: dict[str, Any], zone: str) -> ConsentRecord:
    only(each, "given", "at", "channel", "purpose", "point", "night")
    texts = {name: each[name] for name in ("channel", "purpose", "point") if name in each}
    night = YES_NO[each.get("night", "no")]
    return ConsentRecord(YES_NO[each["given"]], read_moment(each["at"], zone), **texts, night=night)


def _certified(case: dict[str, Any]) -> date | None:
    """Until when who makes the contact is certified: for ever where a case says nothing, never on `no`."""
    text = case.get("certified", "9999-12-31")
    return None if text == "no" else date.fromisoformat(text)


def read_case(case: dict[str, Any]) -> tuple[PlannedContact, ContactContext, datetime]:
    """The wish, the situation and the moment of a golden case."""
    only(case, *KEYS)
    zones = tuple(case.get("zones", ["Asia/Shanghai"]))
    zone = zones[0] if zones else "UTC"
    now = read_moment(case["now"], zone)
    planned = read_wish(case.get("wish", {}))
    row = read_row(case.get("facts", {}), case.get("currency", "CNY"))
    figures = read_moment(case["figures_at"], zone) if "figures_at" in case else now - timedelta(hours=1)
    given = [only(each, "kind", "loan", "at") for each in case.get("notices", [])]
    situation = ContactContext(
        facts={name: row[name] for name in case.get("facts", {})},
        figures_at=figures,
        zones=zones,
        minor_unit=row["minor_unit"],
        point=read_point(case.get("point", {}), zone),
        collector=AgencyStatus(
            **_flags(case.get("collector", {}), "listed", "suspended", "contracted", "recording_overdue")
        ),
        debts=read_debts(case.get("debts", []), planned.loans, zone),
        spans=tuple(_span(each, zone) for each in case.get("holds", [])),
        notices=tuple(
            NoticeGiven(each["kind"], each.get("loan", "L1"), read_moment(each["at"], zone)) for each in given
        ),
        agreed=tuple(_agreed(each, zone) for each in case.get("agreed", [])),
        past=read_past(case.get("past", []), zone),
        inbound=tuple(
            InboundRecord(each["ref"], read_moment(each["at"], zone), each["channel"])
            for each in case.get("inbound", [])
        ),
        lawyer_silent=YES_NO[case.get("lawyer_silent", "no")],
        unanswered=frozenset(case.get("unanswered", [])),
        certified_until=_certified(case),
    )
    return planned, situation, now
