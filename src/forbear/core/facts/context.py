"""What is true of a borrower when somebody wants to contact them, and the row of facts rules read from it.

A `ContactContext` is a snapshot; `rows_at` of `core.facts.row` gives its rows at any moment, so that the decision can
also ask "and tomorrow at eight?" by the same rules. Facts whose question nobody has answered are named in `unanswered`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.fact import NEVER_DAYS
from forbear.core.facts.vocabulary import default_row

#: What may stand between a contact and a borrower, and the fact each makes true while it runs.
HOLD_KINDS = {
    "dispute": "dispute_open",
    "hardship": "hardship_open",
    "promise": "promise_open",
    "plan": "plan_active",
    "moratorium": "moratorium",
    "counsellor": "debt_counsellor",
    "cease": "ceased",
    "lawyer": "has_lawyer",
    "deceased": "deceased",
    "bankrupt": "bankrupt",
    "vulnerable": "vulnerable",
    "no_visits": "no_visits",
    "no_calls": "no_calls",
    "no_robots": "no_robots",
    "verification": "verification_due",
    "other": "on_hold",
    "complaint": "complaint_open",
    "ombudsman": "ombudsman_open",
    "military": "military_service",
    "crisis": "mental_health_crisis",
    "bereavement": "bereaved",
    "refusal": "refuses_to_pay",
    "unapplied": "on_hold",
    "unconfirmed": "on_hold",
    "forbearance": "on_hold",
}

#: Those to whom a first communication about the debt is made, and the outcomes by which one is.
_CONSUMERS = ("debtor", "guarantor", "related", "lawyer", "executor", "helper")
_REACHED = ("connected", "conversation", "delivered")

Facts = dict[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class ActiveHold:
    """A hold: its kind, the loans it is about (none means all), and when it runs; `ends` None is open."""

    kind: str
    starts: datetime
    ends: datetime | None = None
    loans: tuple[str, ...] = ()

    def runs(self, now: datetime, loans: Sequence[str]) -> bool:
        """Whether it stands at `now` for any of `loans`."""
        if now < self.starts or (self.ends is not None and now >= self.ends):
            return False
        return not self.loans or not loans or bool(set(self.loans) & set(loans))


@dataclass(frozen=True, slots=True)
class NoticeGiven:
    """A notice that was given: its kind (see NOTICES), the loan, when it was sent, and by which channel."""

    kind: str
    loan_id: str
    at: datetime
    channel: str = "letter"


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A consent (`given`) or an opt-out. Empty `channel`, `purpose` or `point` means any."""

    given: bool
    at: datetime
    channel: str = ""
    purpose: str = ""
    point: str = ""
    night: bool = False

    def fits(self, planned: PlannedContact) -> bool:
        """Whether it speaks of this contact."""
        return (
            self.channel in ("", planned.channel)
            and self.purpose in ("", planned.purpose)
            and self.point in ("", planned.point)
        )


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """Something a person wrote, said or asked for: `ref` names it; empty `channel` fits any way of answering."""

    ref: str
    at: datetime
    channel: str = ""
    point: str = ""
    party: str = "debtor"


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A telephone number of the borrower's own that is on file, and whether it is known not to work."""

    point: str
    invalid: bool = False


@dataclass(frozen=True, slots=True)
class AddressStatus:
    """What is known of the number or address a contact would use."""

    on_file: bool = False
    invalid: bool = False
    lawful: bool = False
    at_workplace: bool = False
    workplace_forbidden: bool = False
    stopped: bool = False
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LoanStatus:
    """What rules ask about one loan beyond its figures.

    `contacted`: the lender was in contact about it before its period of limitation ran out. `over`: it was sold,
    settled or paid off, so that nothing may be paid on it here (see `core.agreements.loan_state`).
    """

    loan_id: str
    time_barred_at: datetime | None = None
    sold: bool = False
    unlawful: bool = False
    agencies: tuple[str, ...] = ()
    contacted: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class AgencyStatus:
    """What is known of the agency that asks; all defaults for an agency nobody knows."""

    listed: bool = False
    suspended: bool = False
    contracted: bool = False
    recording_overdue: bool = False


@dataclass(frozen=True, slots=True)
class ContactContext:
    """A borrower at one moment, as rules see them.

    `facts` is the case's row from the night (see core.facts.vocabulary), `figures_at` when it was brought up to date;
    `zones` the time zones the person may be in. `past` are all contacts of the longest window any rule
    counts, of the lender and every agency. `unanswered` names facts nobody could tell. `inbound` is what people
    said to us, `numbers` the borrower's own; `agreed_at` is when they last agreed to or paid something, `seen_at`
    when they last showed themselves otherwise, as on their pages. `unread`: from the planned number came words that
    no person has read. `certified_until` is the last day on which all who make the contact hold a collector's
    certificate; None when one of them has none, or nobody is named.
    """

    facts: Mapping[str, int | str | bool]
    figures_at: datetime | None
    zones: tuple[str, ...]
    minor_unit: int = 100
    point: AddressStatus = AddressStatus()
    collector: AgencyStatus = AgencyStatus()
    debts: tuple[LoanStatus, ...] = ()
    spans: tuple[ActiveHold, ...] = ()
    notices: tuple[NoticeGiven, ...] = ()
    agreed: tuple[ConsentRecord, ...] = ()
    past: tuple[PastContact, ...] = ()
    lawyer_silent: bool = False
    unanswered: frozenset[str] = field(default=frozenset())
    born_on: date | None = None
    inbound: tuple[InboundRecord, ...] = ()
    numbers: tuple[OwnNumber, ...] = ()
    agreed_at: datetime | None = None
    seen_at: datetime | None = None
    unread: bool = False
    certified_until: date | None = None


def base_facts(situation: ContactContext, planned: PlannedContact, now: datetime, aged_at: datetime) -> Facts:
    """The row of facts at `now` that needs no clock and no proof of its purpose: see `core.facts.row`."""
    row = default_row(situation.minor_unit) | dict(situation.facts)
    row["figures_age_hours"] = _figures_age(situation, aged_at)
    row |= planned_facts(planned)
    row |= _of_point(situation, planned, now, aged_at)
    for span in situation.spans:
        if span.runs(now, planned.loans):
            row[HOLD_KINDS[span.kind]] = True
            row["pause_granted"] = row["pause_granted"] or span.kind == "forbearance"
    row["lawyer_silent"] = situation.lawyer_silent
    row |= _of_contacts(situation, planned, now)
    row |= _of_debts(situation, planned, now)
    row |= _of_notices(situation, planned, now)
    return row


def _figures_age(situation: ContactContext, now: datetime) -> int:
    if situation.figures_at is None:
        return NEVER_DAYS
    return min(max(0, int((now - situation.figures_at) / timedelta(hours=1))), NEVER_DAYS)


def planned_facts(planned: PlannedContact) -> Facts:
    """The facts that are the planned contact's own."""
    return {
        "channel": planned.channel,
        "purpose": planned.purpose,
        "party": planned.party,
        "collector": "agency" if planned.agency else "lender",
        "automated": planned.automated,
        "ai_voice": planned.ai_voice,
        "ai_disclosed": planned.ai_disclosed,
        "own_line": planned.own_line,
        "discloses_debt": planned.discloses_debt,
        "states_identity": planned.states_identity,
        "offers_opt_out": planned.offers_opt_out,
        "visitors": planned.visitors,
        "recorded": planned.recorded,
        "as_lender": planned.as_lender,
        "gives": planned.gives,
    }


def _of_point(situation: ContactContext, planned: PlannedContact, now: datetime, aged_at: datetime) -> Facts:
    point = situation.point
    latest = latest_agreement(situation, planned, now, night=False)
    by_channel = latest_agreement(situation, planned, now, night=False, this_channel=True)
    at_night = latest_agreement(situation, planned, now, night=True)
    confirmed = NEVER_DAYS if point.confirmed_at is None else max(0, (aged_at - point.confirmed_at).days)
    return {
        "point_on_file": point.on_file,
        "point_invalid": point.invalid,
        "point_lawful": point.lawful,
        "at_workplace": planned.at_workplace or point.at_workplace,
        "workplace_forbidden": point.workplace_forbidden,
        "party_stopped": point.stopped,
        "days_since_point_confirmed": min(confirmed, NEVER_DAYS),
        "consent_given": latest is not None and latest.given,
        "channel_consent": by_channel is not None
        and by_channel.given
        and latest is not None
        and latest.given,
        "unread_reply": situation.unread,
        "opted_out": latest is not None and not latest.given,
        "machines_revoked": _machines_revoked(situation, planned, now),
        "night_consent": at_night is not None and at_night.given,
    }


def _machines_revoked(situation: ContactContext, planned: PlannedContact, now: datetime) -> bool:
    """Whether the newest word about texts or automated voices to this number is no (47 CFR 64.1200(a)(10))."""
    said = [
        consent
        for consent in situation.agreed
        if not consent.night
        and consent.channel in ("", "sms", "voice")
        and consent.point in ("", planned.point)
        and (consent.at <= now or not consent.given)
    ]
    newest = max(said, key=lambda consent: (consent.at, not consent.given), default=None)
    return newest is not None and not newest.given


def latest_agreement(
    situation: ContactContext,
    planned: PlannedContact,
    now: datetime,
    *,
    night: bool,
    this_channel: bool = False,
) -> ConsentRecord | None:
    """The newest consent or opt-out that speaks of this contact; of two at one moment the opt-out.

    With `this_channel` only what names its channel counts: a yes to texts is none to a robot's voice.

    An opt-out counts from when it is on file: one that seems to be of a later moment was written by a wrong clock.
    """
    fitting = [
        consent
        for consent in situation.agreed
        if consent.night == night
        and (not this_channel or consent.channel == planned.channel)
        and (consent.at <= now or not consent.given)
        and consent.fits(planned)
    ]
    return max(fitting, key=lambda consent: (consent.at, not consent.given), default=None)


def _of_contacts(situation: ContactContext, planned: PlannedContact, now: datetime) -> Facts:
    """Whether and since when this collector has reached the borrower, and whether they spoke of these debts."""
    first = min(
        (
            past.at
            for past in situation.past
            if past.agency == planned.agency and past.party in _CONSUMERS and past.outcome in _REACHED
        ),
        default=None,
    )
    spoke = any(
        past.party == "debtor"
        and past.outcome == "conversation"
        and (not past.loans or not planned.loans or set(planned.loans) <= set(past.loans))
        for past in situation.past
        if past.at <= now
    )
    return {
        "first_contact": first is None,
        "days_since_first_contact": NEVER_DAYS
        if first is None
        else max(0, min((now - first).days, NEVER_DAYS)),
        "spoke_about_debt": spoke,
    }


def _of_debts(situation: ContactContext, planned: PlannedContact, now: datetime) -> Facts:
    about = [debt for debt in situation.debts if not planned.loans or debt.loan_id in planned.loans]
    loan_ids = {debt.loan_id for debt in situation.debts}
    strangers = bool(set(planned.loans) - loan_ids)
    return {
        "time_barred": any(d.time_barred_at is not None and d.time_barred_at <= now for d in about),
        "barred_in_silence": any(
            d.time_barred_at is not None and d.time_barred_at <= now and not _contacted(situation, d)
            for d in about
        ),
        "debt_unlawful": strangers or any(debt.unlawful for debt in about),
        "debt_sold": any(debt.sold for debt in about),
        "nothing_owed": bool(about) and all(debt.over for debt in about),
        "placements": max((len(set(debt.agencies)) for debt in about), default=0),
        "placed_here": bool(about)
        and bool(planned.agency)
        and all(planned.agency in d.agencies for d in about),
        "agency_listed": situation.collector.listed,
        "agency_suspended": situation.collector.suspended,
        "agency_contracted": situation.collector.contracted,
        "recording_overdue": situation.collector.recording_overdue,
    }


def _contacted(situation: ContactContext, debt: LoanStatus) -> bool:
    """Whether the lender was in contact about a debt before its period of limitation ran out."""
    barred = debt.time_barred_at
    assert barred is not None, "only of a debt that is barred"
    return debt.contacted or any(
        past.at < barred and past.outcome in _REACHED and (not past.loans or debt.loan_id in past.loans)
        for past in situation.past
    )


def _of_notices(situation: ContactContext, planned: PlannedContact, now: datetime) -> Facts:
    loans = planned.loans or tuple(debt.loan_id for debt in situation.debts)
    facts: Facts = {}
    for kind in NOTICES:
        oldest = [_since(situation, kind, loan, now) for loan in loans]
        facts[f"days_since_{kind}"] = _strictest(oldest)
    return facts


def _since(situation: ContactContext, kind: str, loan: str, now: datetime) -> int:
    given = [n.at for n in situation.notices if n.kind == kind and n.loan_id == loan and n.at <= now]
    return min((now - max(given)).days, NEVER_DAYS - 1) if given else NEVER_DAYS


def _strictest(days: list[int]) -> int:
    """Over several loans: never if any never had it, else the fewest days since."""
    if not days or NEVER_DAYS in days:
        return NEVER_DAYS
    return min(days)
