"""From the keys of one case to a planned contact and its context; what isn't named is as harmless as can be."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from forbear.core.base.money import parse_amount
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import CHANNELS, PARTIES, PURPOSES, PlannedContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.context import (
    AddressStatus,
    AgencyStatus,
    ContactContext,
    InboundRecord,
    LoanStatus,
    NoticeGiven,
    OwnNumber,
)
from forbear.core.facts.fact import Fact
from forbear.core.facts.vocabulary import FACTS
from forbear.core.files.reader import Reader
from forbear.core.files.sheet import Entries, Sheet
from forbear.core.permits.case_lines import ASKED, CaseLines

Made = TypeVar("Made")

#: Where a borrower is, by the first word of the pack's name, when a case says nothing.
ZONES = {"cn": "Asia/Shanghai", "us": "America/New_York", "uk": "Europe/London"}
_CURRENCIES = {"cn": "CNY", "us": "USD", "uk": "GBP"}
#: The notices that a contact of that purpose gives when a case names none: the first not yet given.
GIVES = {
    "cn": ("credit_notice", "placement_notice", "assignment_notice"),
    "us": ("validation_notice", "credit_notice", "placement_notice"),
    "uk": ("arrears_notice", "default_notice", "credit_notice"),
}
#: Parties to whom the debt may be named, unless a case says otherwise.
_MAY_KNOW = ("debtor", "guarantor", "lawyer", "executor", "helper")
_FLAGS = tuple(field.name for field in fields(PlannedContact) if field.type in ("bool", bool))
#: What a wish may have.
WISH_KEYS = (
    *("channel", "purpose", "party", "point", "loans", "agency", "template", "visitors", "gives", "answers"),
    *_FLAGS,
)
_USUALLY = ("own_line", "states_identity", "recorded", "offers_opt_out")
_USUAL_FACTS = {"days_past_due": 45, "past_due_amount": 100_000, "outstanding": 500_000, "age_years": 35}
_NEVER = ("", "never", "none", "null", "~", "false", "no")


class CaseReader(Reader):
    """Reads one case; what it can't read it notes at its place."""

    def __init__(self, sheet: Sheet, entries: Entries) -> None:
        super().__init__(sheet)
        self.entries = entries
        self.lines = CaseLines(sheet, self.at)
        self.zones: tuple[str, ...] = ("UTC",)
        self.clock = "UTC"

    def repeated(self, case_id: str | None, seen: dict[str, int]) -> None:
        """Note an id that another case has."""
        if case_id is None:
            return
        node = self.entries["id"][1]
        if case_id in seen:
            self.sheet.say(
                node,
                Problem(
                    "case_repeated",
                    "case `%(case)s` is already on line %(line)s",
                    case=case_id,
                    line=seen[case_id],
                ),
            )
        seen.setdefault(case_id, self.sheet.line_column(node.start_mark.index)[0])

    def texts(self, entries: Entries, key: str) -> list[tuple[yaml.Node, str]]:
        """The plain values of a list; in a case an empty one says that there is none."""
        if key in entries and isinstance(entries[key][1], yaml.SequenceNode) and not entries[key][1].value:
            return []
        return super().texts(entries, key)

    def word(self, entries: Entries, key: str, usual: str = "") -> str:
        """A plain value that may be empty."""
        if key not in entries:
            return usual
        node = entries[key][1]
        return str(node.value) if isinstance(node, yaml.ScalarNode) else self.text(entries, key) or ""

    def start(self, pack: str) -> None:
        """Read where the borrower is; all moments of the case are by the clock of the first of those places."""
        named = [text for node, text in self.texts(self.entries, "zones") if self._zone(node, text)]
        self.clock = named[0] if named else ZONES.get(pack.partition("-")[0], "UTC")
        self.zones = tuple(named) if "zones" in self.entries else (self.clock,)

    def _zone(self, node: yaml.Node, name: str) -> bool:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.sheet.say(node, Problem("zone_unknown", "`%(zone)s` is no time zone", zone=name))
            return False
        return True

    def moment(self, entries: Entries, key: str) -> datetime | None:
        """The moment under a key."""
        text = self.text(entries, key)
        return self.at(entries[key][1], text) if text is not None else None

    def at(self, node: yaml.Node, text: str) -> datetime | None:
        """A moment as written: a day, or a day and an hour, by the clock of the first zone unless it has an offset."""
        try:
            moment = datetime.fromisoformat(text.strip().replace(" ", "T"))
        except ValueError:
            self.sheet.say(
                node,
                Problem(
                    "moment_invalid",
                    "`%(text)s` is no moment; write it like 2026-03-10T21:59",
                    text=text,
                ),
            )
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.clock))

    def flag(self, entries: Entries, key: str) -> bool | None:
        """A yes or no under a key."""
        answer = self.one_of(entries, key, ("true", "false", "yes", "no"))
        return None if answer is None else answer in ("true", "yes")

    def listed(self, key: str, read: Any) -> tuple[Any, ...]:
        """What `read` makes of each line of a list."""
        items = [read(node, text) for node, text in self.texts(self.entries, key)]
        return tuple(item for item in items if item is not None)

    def situation(self, pack: str, now: datetime) -> tuple[PlannedContact | None, ContactContext]:
        """The planned contact and its context."""
        country = pack.partition("-")[0]
        notices = self.listed("notices", self.lines.notice)
        planned, asked = self.wish(country, now, notices)
        agency = planned.agency if planned else ""
        past = self.listed("past", self.lines.past)
        points = self.points(now)
        loans = planned.loans if planned else ()
        context = ContactContext(
            facts=self.facts(country),
            figures_at=now - timedelta(hours=1),
            zones=self.zones,
            point=points.get(planned.point if planned else "", _usual_point(now)),
            collector=self.agencies().get(agency, AgencyStatus(listed=True, contracted=True)),
            debts=self.debts(loans),
            spans=self.listed("holds", lambda node, text: self.lines.hold(node, text, now)),
            notices=notices,
            agreed=self.listed("agreed", self.lines.consent),
            past=tuple(sorted(past, key=lambda one: one.at)),
            lawyer_silent=self.flag(self.entries, "lawyer_silent") or self.lines.silent,
            unanswered=frozenset(text for _, text in self.texts(self.entries, "unanswered")),
            born_on=self.day(self.entries, "born"),
            inbound=(*asked, *self.listed("inbound", self.lines.inbound)),
            numbers=_numbers(planned, points, past),
            agreed_at=self.moment(self.entries, "paid"),
            seen_at=self.moment(self.entries, "seen"),
            certified_until=self.certified(),
        )
        if "figures_age_hours" in context.facts:
            age = timedelta(hours=int(context.facts["figures_age_hours"]))
            context = replace(context, figures_at=now - age)
        if "figures_at" in self.entries:
            context = replace(context, figures_at=self.moment(self.entries, "figures_at"))
        return planned, context

    def certified(self) -> date | None:
        """Until when who makes the contact is certified; where a case says nothing of it, for ever."""
        if "certified" not in self.entries:
            return date.max
        never = self.word(self.entries, "certified") in _NEVER
        return None if never else self.day(self.entries, "certified")

    def day(self, entries: Entries, key: str) -> date | None:
        """A day under a key."""
        moment = self.moment(entries, key)
        return moment.date() if moment else None

    def wish(
        self, country: str, now: datetime, notices: tuple[NoticeGiven, ...]
    ) -> tuple[PlannedContact | None, tuple[InboundRecord, ...]]:
        """The contact as planned, and what it answers."""
        given = self.sheet.entries(self.entries["wish"][1], "`wish`", WISH_KEYS, ("channel",))
        if given is None:
            return None, ()
        channel = self.one_of(given, "channel", CHANNELS)
        purpose = self.one_of(given, "purpose", PURPOSES) or "collect"
        party = self.one_of(given, "party", PARTIES) or "debtor"
        loans = tuple(text for _, text in self.texts(given, "loans")) or ("L1",)
        if channel is None:
            return None, ()
        flags: dict[str, Any] = dict.fromkeys(_USUALLY, True)
        flags |= {"automated": False, "discloses_debt": party in _MAY_KNOW}
        flags |= {name: flag for name in _FLAGS if (flag := self.flag(given, name)) is not None}
        planned = PlannedContact(
            channel,
            purpose,
            party,
            self.word(given, "point", "p1"),
            loans,
            self.word(given, "agency"),
            self.word(given, "template"),
            visitors=self.number(given, "visitors", 2),
            gives=self._gives(given, purpose, country, loans, notices),
            **flags,
        )
        if purpose not in ("answer", "confirm"):
            return planned, ()
        answers = self.text(given, "answers") or (ASKED if purpose == "answer" else "")
        if answers == "none":
            return planned, ()
        planned = replace(planned, answers=answers)
        if answers != ASKED:
            return planned, ()
        return planned, (InboundRecord(ASKED, now - timedelta(hours=1), channel, planned.point, party),)

    def _gives(
        self,
        given: Entries,
        purpose: str,
        country: str,
        loans: tuple[str, ...],
        notices: tuple[NoticeGiven, ...],
    ) -> str:
        """The kind of notice the contact gives; unless named the first that is due and was not given."""
        if purpose != "notice":
            return ""
        if "gives" in given:
            named = self.one_of(given, "gives", (*NOTICES, "none")) or ""
            return "" if named == "none" else named
        done = {(notice.kind, notice.loan_id) for notice in notices}
        kinds = GIVES.get(country, tuple(NOTICES))
        return next((kind for kind in kinds if not all((kind, loan) in done for loan in loans)), "")

    def number(self, entries: Entries, key: str, usual: int) -> int:
        """A whole number under a key."""
        text = self.text(entries, key)
        if text is None:
            return usual
        if text.isascii() and text.lstrip("-").isdigit():
            return int(text)
        self.sheet.say(
            entries[key][1],
            Problem("number_invalid", "`%(key)s` is a whole number, not `%(text)s`", key=key, text=text),
        )
        return usual

    def facts(self, country: str) -> dict[str, int | str | bool]:
        """The case's figures and what else is known of the borrower."""
        row: dict[str, int | str | bool] = {}
        currency = _CURRENCIES.get(country, "USD")
        if "facts" in self.entries:
            given = self.sheet.entries(self.entries["facts"][1], "`facts`", tuple(FACTS)) or {}
            for name in given:
                value = self._fact(given, name, FACTS[name], currency)
                if value is not None:
                    row[name] = value
        return {**_USUAL_FACTS, "currency": currency, **row}

    def _fact(self, given: Entries, name: str, fact: Fact, currency: str) -> int | str | bool | None:
        if fact.kind == "bool":
            return self.flag(given, name)
        if fact.kind == "int":
            return self.number(given, name, 0)
        text = self.text(given, name)
        if text is None or fact.kind == "text":
            return text
        amount = parse_amount(text, currency)
        if isinstance(amount, Problem):
            self.sheet.say(given[name][1], amount)
            return None
        return amount

    def points(self, now: datetime) -> dict[str, AddressStatus]:
        """The numbers and addresses that the case tells something of."""
        points: dict[str, AddressStatus] = {}
        for name, entries in self._named("points", POINT_KEYS):
            flags: dict[str, Any] = {
                key: flag for key in _POINT_FLAGS if (flag := self.flag(entries, key)) is not None
            }
            point = replace(_usual_point(now), **flags)
            if "confirmed" in entries:
                never = self.word(entries, "confirmed") in _NEVER
                point = replace(point, confirmed_at=None if never else self.moment(entries, "confirmed"))
            points[name] = point
        return points

    def agencies(self) -> dict[str, AgencyStatus]:
        """The agencies that the case tells something of; others are in order."""
        agencies: dict[str, AgencyStatus] = {}
        for name, entries in self._named("agencies", _AGENCY_FLAGS):
            flags = {key: flag for key in _AGENCY_FLAGS if (flag := self.flag(entries, key)) is not None}
            agencies[name] = replace(AgencyStatus(listed=True, contracted=True), **flags)
        return agencies

    def _named(self, key: str, allowed: tuple[str, ...]) -> list[tuple[str, Entries]]:
        """The entries of a mapping whose keys are names."""
        if key not in self.entries:
            return []
        node = self.entries[key][1]
        names = [one.value for one, _ in node.value] if isinstance(node, yaml.MappingNode) else []
        given = self.sheet.entries(node, f"`{key}`", names) or {}
        found = []
        for name, (_, inner) in given.items():
            entries = self.sheet.entries(inner, f"`{name}`", allowed)
            if entries is not None:
                found.append((name, entries))
        return found

    def debts(self, loans: tuple[str, ...]) -> tuple[LoanStatus, ...]:
        """The borrower's loans; those of the wish that the case doesn't name have nothing special about them."""
        found: dict[str, LoanStatus] = {}
        node = self.entries["debts"][1] if "debts" in self.entries else None
        for item in self.sheet.items(node, "`debts`") if node is not None else []:
            entries = self.sheet.entries(item, "`debts`", _DEBT_KEYS, ("loan",))
            loan = self.text(entries, "loan") if entries else None
            if entries is None or loan is None:
                continue
            barred = self.day(entries, "barred")
            agencies = [text for _, text in self.texts(entries, "agencies")] if _filled(entries) else []
            flags = {key: flag for key in _DEBT_FLAGS if (flag := self.flag(entries, key)) is not None}
            found[loan] = LoanStatus(
                loan,
                datetime(barred.year, barred.month, barred.day, tzinfo=UTC) if barred else None,
                agencies=tuple(agencies),
                **flags,
            )
        return tuple((found | {loan: LoanStatus(loan) for loan in loans if loan not in found}).values())


_POINT_FLAGS = ("on_file", "invalid", "lawful", "at_workplace", "workplace_forbidden", "stopped")
POINT_KEYS = (*_POINT_FLAGS, "confirmed")
_AGENCY_FLAGS = ("listed", "suspended", "contracted", "recording_overdue")
_DEBT_FLAGS = ("sold", "unlawful", "contacted")
_DEBT_KEYS = ("loan", "barred", "agencies", *_DEBT_FLAGS)


def _filled(entries: Entries) -> bool:
    """Whether a debt names an agency: an empty list says that it is with none."""
    return "agencies" in entries and bool(entries["agencies"][1].value)


def _usual_point(now: datetime) -> AddressStatus:
    """A number or address that nothing is wrong with: on file, lawful, used by the person today."""
    return AddressStatus(on_file=True, lawful=True, confirmed_at=now)


def _numbers(
    planned: PlannedContact | None, points: dict[str, AddressStatus], past: tuple[Any, ...]
) -> tuple[OwnNumber, ...]:
    """The borrower's own telephone numbers: those that the case names for them, else `p1`."""
    called = {one.point for one in past if one.party == "debtor" and one.channel in ("call", "voice", "sms")}
    theirs = {name for name in points if name[:1] == "p"} | called
    if planned is not None and planned.party == "debtor" and planned.channel in ("call", "voice", "sms"):
        theirs.add(planned.point)
    named = sorted(name for name in theirs if name) or ["p1"]
    return tuple(OwnNumber(name, points[name].invalid if name in points else False) for name in named)
