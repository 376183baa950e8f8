"""What each file's rows become at the desk: the same rows that the desk's own acts leave, with the days of the file.

Nobody is contacted by it and the loan system gets no instruction: both know already.
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.requests.requests import carry_on_disputes, what_was_done
from forbear.actions.selectors.ledger import Ledger, ledgers_of
from forbear.core.agencies.commission import Band, rate_for
from forbear.core.agencies.placement import due_back
from forbear.core.agreements.hold_kinds import review_day
from forbear.core.loans.delinquency import Arrears, arrears
from forbear.core.permits.permit import moment_text
from forbear.interchange.history.against_book import amount_of, minor_unit
from forbear.interchange.history.points import point_in
from forbear.interchange.history.read_history import Line, moment_of
from forbear.interchange.home.policy import policy
from forbear.store.business_date import business_date, day_end, day_start
from forbear.store.codes import new_code
from forbear.store.models import (
    IMPORTED,
    Agency,
    Consent,
    Contact,
    Hold,
    Notice,
    Placement,
    Plan,
    Promise,
)

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Written:
    """A row of a file that became one of the desk's: the event that says so."""

    line: Line
    kind: str
    body: Mapping[str, object]
    personal: Mapping[str, object] = field(default_factory=dict)


def _holds(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """No contact for a reason. One without an end is looked at again when its kind says, counted from today.

    A dispute that runs is a request, too, which a person answers by its clock.
    """
    today = business_date(now)
    holds = [
        Hold(
            borrower_id=line.borrower,
            kind=line.values["kind"],
            loans=list(line.loans),
            starts_at=day_start(line.day("starts_on")),
            ends_at=day_end(line.day("ends_on")) if "ends_on" in line.values else None,
            reason=line.values.get("note", ""),
            source=IMPORTED,
            placed_by=actor[:64],
            review_on=None if "ends_on" in line.values else review_day(line.values["kind"], today),
        )
        for line in lines
    ]
    Hold.objects.bulk_create(holds, batch_size=_BATCH)
    disputes = carry_on_disputes(holds, now, actor=actor)
    for line, hold in zip(lines, holds, strict=True):
        note = {"reason": hold.reason} if hold.reason else {}
        yield Written(line, "hold", _hold_body(hold), note)
        if hold.pk in disputes:
            yield Written(line, "dispute", what_was_done(disputes[hold.pk], "opened"))


def _hold_body(hold: Hold) -> dict[str, object]:
    return {
        "hold": hold.pk,
        "kind": hold.kind,
        "loans": hold.loans,
        "starts_at": moment_text(hold.starts_at),
        "ends_at": moment_text(hold.ends_at) if hold.ends_at else "",
        "source": hold.source,
    }


def _opt_outs(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """What the borrower wants no more, of a channel or of all, of a number or of any."""
    consents = [
        Consent(
            borrower_id=line.borrower,
            channel=line.values.get("channel", ""),
            point=_point(line),
            given=False,
            at=day_start(line.day("said_on")),
            source=IMPORTED,
        )
        for line in lines
    ]
    Consent.objects.bulk_create(consents, batch_size=_BATCH)
    for line, consent in zip(lines, consents, strict=True):
        body = {"given": False, "purpose": "", "night": False, "source": IMPORTED}
        yield Written(
            line,
            "consent",
            {**body, "channel": consent.channel, "point": consent.point, "said_on": line.values["said_on"]},
        )


def _point(line: Line) -> str:
    return digest_of(*point_in(line)) if "contact_point" in line.values else ""


def _agreement_hold(line: Line, kind: str, agreed_on: date, last_on: date, actor: str) -> Hold:
    """Nothing of these loans is chased until the last day on which a payment keeps it."""
    return Hold(
        borrower_id=line.borrower,
        kind=kind,
        loans=list(line.loans),
        starts_at=day_start(agreed_on),
        ends_at=day_end(last_on),
        source=kind,
        placed_by=actor[:64],
    )


def _promises(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """A promise; whether it was kept is what the payments say, from the next night on."""
    grace = timedelta(days=policy(settings.HOME).promise.grace_days)
    promises = []
    for line in lines:
        hold = _agreement_hold(line, "promise", line.day("made_on"), line.day("due_on") + grace, actor)
        promises.append(
            Promise(
                borrower_id=line.borrower,
                loans=list(line.loans),
                amount=amount_of(line),
                currency=line.currency,
                minor_unit=minor_unit(line),
                made_on=line.day("made_on"),
                due_on=line.day("due_on"),
                hold=hold,
            )
        )
    _save_with_holds(Promise, promises)
    for line, promise in zip(lines, promises, strict=True):
        body = {
            "promise": promise.pk,
            "state": "open",
            "amount": promise.amount,
            "currency": promise.currency,
        }
        yield Written(line, "promise", {**body, "due_on": line.values["due_on"], "loans": promise.loans})


def _plans(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """A plan of several rows, an instalment each; its event stands by the first."""
    terms = policy(settings.HOME).plan
    by_plan: dict[str, list[Line]] = {}
    for line in lines:
        by_plan.setdefault(line.values["plan_id"], []).append(line)
    firsts, plans = [], []
    for rows in by_plan.values():
        rows.sort(key=lambda line: line.day("due_on"))
        first, agreed_on = rows[0], rows[0].day("agreed_on")
        last_on = rows[-1].day("due_on") + timedelta(days=terms.grace_days)
        firsts.append(min(rows, key=lambda line: line.number))
        plans.append(
            Plan(
                borrower_id=first.borrower,
                loans=list(first.loans),
                amount=sum(amount_of(line) for line in rows),
                currency=first.currency,
                minor_unit=minor_unit(first),
                lines=[
                    [number, line.values["due_on"], amount_of(line)]
                    for number, line in enumerate(rows, start=1)
                ],
                state="active",
                proposed_on=agreed_on,
                agreed_on=agreed_on,
                hold=_agreement_hold(first, "plan", agreed_on, last_on, actor),
            )
        )
    _save_with_holds(Plan, plans)
    for line, plan in zip(firsts, plans, strict=True):
        body = {
            "plan": plan.pk,
            "from": "",
            "state": "active",
            "amount": plan.amount,
            "currency": plan.currency,
        }
        yield Written(
            line,
            "plan",
            {**body, "reference": line.values["plan_id"], "lines": plan.lines, "loans": plan.loans},
        )


def _save_with_holds(model: type[Promise] | type[Plan], rows: list) -> None:
    Hold.objects.bulk_create([row.hold for row in rows], batch_size=_BATCH)
    for row in rows:
        row.hold_id = row.hold.pk
    model._default_manager.bulk_create(rows, batch_size=_BATCH)


def _contacts(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """A contact that the old system made: it counts towards every limit as one of ours would, and has no permit."""
    contacts = []
    for line in lines:
        at = min(moment_of(line.values["at"], settings.HOME.timezone), now)
        contacts.append(
            Contact(
                contact_id=str(uuid.uuid4()),
                borrower_id=line.borrower,
                loans=list(line.loans),
                channel=line.values["channel"],
                purpose=line.values.get("purpose", "collect"),
                party=line.values.get("party", "debtor"),
                point_digest=_point(line),
                agency_id=line.values.get("agency"),
                code=new_code(),
                state="sent",
                outcome=line.values["outcome"],
                queued_at=at,
                not_before=at,
                give_up_at=at,
                at=at,
                ended_at=at,
                provider=IMPORTED,
                provider_ref=line.values.get("reference", ""),
            )
        )
    Contact.objects.bulk_create(contacts, batch_size=_BATCH)
    for line, contact in zip(lines, contacts, strict=True):
        body = {name: getattr(contact, name) for name in ("channel", "purpose", "party", "outcome", "loans")}
        made_at = moment_text(contact.at.replace(microsecond=0)) if contact.at else ""
        yield Written(line, "contact", {**body, "contact": contact.contact_id, "made_at": made_at})


def _placements(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """A case that is with an agency: what is past due today is what it is with."""
    terms, today = policy(settings.HOME).placement, business_date(now)
    schedules = {agency.code: [Band(*band) for band in agency.schedule] for agency in Agency.objects.all()}
    ledgers = ledgers_of({line.borrower for line in lines})
    placements = []
    for line in lines:
        late = _late(ledgers, line, today)
        days = max((one.days_past_due for one in late), default=0)
        schedule = schedules[line.values["agency"]]
        placements.append(
            Placement(
                agency_id=line.values["agency"],
                borrower_id=line.borrower,
                loans=list(line.loans),
                placed_at=day_start(line.day("placed_on")),
                amount=sum(one.past_due_amount for one in late),
                currency=line.currency,
                minor_unit=minor_unit(line),
                days_past_due=days,
                rate=rate_for(schedule, days) if schedule else 0,
                due_back_on=(
                    line.day("due_back_on")
                    if "due_back_on" in line.values
                    else due_back(line.day("placed_on"), terms)
                ),
            )
        )
    Placement.objects.bulk_create(placements, batch_size=_BATCH)
    for line, one in zip(lines, placements, strict=True):
        body = {"placement": one.pk, "agency": one.agency_id, "loans": one.loans, "amount": one.amount}
        more = {
            "currency": one.currency,
            "due_back_on": str(one.due_back_on),
            "placed_on": line.values["placed_on"],
        }
        yield Written(line, "placement", body | more)


def _notices(lines: list[Line], now: datetime, actor: str) -> Iterator[Written]:
    """A notice that was given, by letter: what waits for it counts from the end of that day."""
    ledgers = ledgers_of({line.borrower for line in lines})
    Notice.objects.bulk_create(
        (
            Notice(
                borrower_id=line.borrower,
                loan_id=line.values["loan_id"],
                kind=line.values["kind"],
                given_at=min(day_end(line.day("given_on")) - timedelta(seconds=1), now),
                oldest_unpaid_due_on=next(
                    (one.oldest_unpaid_due_on for one in _late(ledgers, line, line.day("given_on"))), None
                ),
            )
            for line in lines
        ),
        batch_size=_BATCH,
    )
    for line in lines:
        body = {"kind": line.values["kind"], "loans": list(line.loans), "what": "given"}
        yield Written(line, "notice", {**body, "given_on": line.values["given_on"]})


def _late(ledgers: Mapping[str, Ledger], line: Line, day: date) -> list[Arrears]:
    """How late the row's loans were on a day, as the book has them."""
    record, products = ledgers[line.borrower]
    return [
        arrears(loan, products.get(loan.product), day) for loan in record.loans if loan.loan_id in line.loans
    ]


Writer = Callable[[list[Line], datetime, str], Iterator[Written]]
#: What writes the rows of each file, in the order in which they are written.
WRITERS: Mapping[str, Writer] = {
    "holds": _holds,
    "opt_outs": _opt_outs,
    "promises": _promises,
    "plans": _plans,
    "contacts": _contacts,
    "placements": _placements,
    "notices": _notices,
}
