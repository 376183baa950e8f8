"""What must hold every day whatever went wrong, checked by plain code that shares nothing with what it checks.

Each check gives sentences; an empty list is what is wanted. The world's own ledger is the truth to compare with. A
day's checks read what is new of the day; on the last day they read everything.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from forbear.interchange.home.lender import Home
from forbear.sim.chance import Chance
from forbear.sim.core_and_night import Begun, core_is_night
from forbear.sim.faults import Wire
from forbear.sim.invariants_agencies import placements_legal
from forbear.sim.invariants_granted import (
    answers_acted,
    granted_kept,
    nothing_asked_of_gone,
    open_requests_held,
    two_to_lift,
)
from forbear.sim.invariants_law import lawsuits_lawful, visits_lawful
from forbear.sim.people import Portfolio
from forbear.sim.place import Cap, Place
from forbear.store.models import (
    Case,
    Consent,
    Contact,
    Conversation,
    Event,
    Hold,
    Loan,
    Payment,
    Permit,
    Plan,
    Promise,
    Request,
)

_CHASES = ("collect", "remind")
_CALLS = ("call", "voice")
_STOPS = ("dispute", "hardship", "forbearance", "cease", "deceased", "plan", "promise", "other")
_BY_NUMBER = ("sms", "voice", "call")
_HURRIED = ("sms", "voice", "call", "push", "email", "visit")


class Looked(Protocol):
    """What the checks need of a world."""

    place: Place
    portfolio: Portfolio
    wire: Wire
    chance: Chance
    home: Home

    @property
    def setting(self) -> Begun: ...


@dataclass(frozen=True, slots=True)
class Made:
    """A contact that was made, or may have been."""

    contact_id: str
    borrower: str
    channel: str
    purpose: str
    outcome: str
    at: datetime
    loans: tuple[str, ...]
    point: str
    attempts: int

    def __str__(self) -> str:
        return f"{self.borrower}: {self.channel} {self.contact_id}"


def made_since(since: datetime | None) -> list[Made]:
    """All of them from a moment on; without one, all."""
    rows = Contact.objects.exclude(outcome="not_sent").exclude(at=None)
    if since is not None:
        rows = rows.filter(at__gte=since)
    names = ("pk", "borrower_id", "channel", "purpose", "outcome", "at", "loans", "point_digest", "attempts")
    return [
        Made(pk, owner, channel, purpose, outcome, at, tuple(loans), point, attempts)
        for pk, owner, channel, purpose, outcome, at, loans, point, attempts in rows.values_list(*names)
    ]


def lawful_hours(contacts: Iterable[Made], world: Looked) -> list[str]:
    """Nobody was chased in the hours of rest where they are."""
    broken, place = [], world.place
    for contact in contacts:
        if contact.purpose in _CHASES and contact.channel in _HURRIED:
            hour = contact.at.astimezone(_zone(world, contact.borrower)).hour
            if not place.opens <= hour < place.closes:
                broken.append(f"{contact} at {hour}:00")
    return broken


def within_caps(contacts: Iterable[Made], world: Looked) -> list[str]:
    """Nobody was contacted more often than the place's rules say, on any of the days looked at."""
    broken = []
    contacts = list(contacts)
    for cap in world.place.caps:
        days: dict[tuple[str, str], list[date]] = {}
        for contact in contacts:
            if _capped(contact, cap, world):
                day = contact.at.astimezone(_zone(world, contact.borrower)).date()
                for loan in contact.loans if cap.by_loan else ("",):
                    days.setdefault((contact.borrower, loan), []).append(day)
        for (borrower, _), all_days in days.items():
            for day in set(all_days):
                number = sum(0 <= (day - other).days < cap.days for other in all_days)
                if number > cap.most and day >= cap.since:
                    broken.append(f"{borrower}: {number} {cap.what} in {cap.days} days up to {day}")
    return broken


def _capped(contact: Made, cap: Cap, world: Looked) -> bool:
    """Whether a cap counts a contact. A message that isn't to chase counts for none."""
    return (
        contact.channel in cap.channels
        and (contact.purpose in _CHASES or contact.channel in _CALLS)
        and (not cap.outcomes or contact.outcome in cap.outcomes)
        and (not cap.regions or world.portfolio.by_id[contact.borrower].region in cap.regions)
    )


def _zone(world: Looked, borrower: str) -> ZoneInfo:
    return ZoneInfo(world.portfolio.by_id[borrower].zone)


def holds_kept(contacts: Iterable[Made]) -> list[str]:
    """Nobody was chased about a loan while a hold ran that stops it."""
    chased = [one for one in contacts if one.purpose in _CHASES]
    holds: dict[str, list[tuple]] = {}
    names = ("borrower_id", "pk", "kind", "loans", "starts_at", "ends_at", "lifted_at")
    for owners in _batches(one.borrower for one in chased):
        rows = Hold.objects.filter(kind__in=_STOPS, borrower_id__in=owners)
        for owner, *hold in rows.values_list(*names):
            holds.setdefault(owner, []).append(tuple(hold))
    broken = []
    for contact in chased:
        for pk, kind, loans, starts, ends, lifted in holds.get(contact.borrower, ()):
            over = min((end for end in (ends, lifted) if end is not None), default=None)
            about = not loans or not contact.loans or bool(set(loans) & set(contact.loans))
            if (
                about
                and starts < contact.at
                and (over is None or contact.at < over)
                and _after(contact, "hold", f'"hold":{pk},')
                and not _lifted_before(contact, pk)
            ):
                broken.append(f"{contact} during {kind}")
    return broken


def _after(contact: Made, kind: str, words: str) -> bool:
    """Whether the permit came after that event by the borrower's chain; clocks jump, the chain doesn't."""
    mine = Event.objects.filter(borrower=contact.borrower)
    permit = mine.filter(kind="permit", line__contains=contact.contact_id).order_by("number").last()
    event = mine.filter(kind=kind, line__contains=words).order_by("number").first()
    return permit is None or event is None or event.number < permit.number


def _lifted_before(contact: Made, hold: int) -> bool:
    """Whether the hold had been lifted when the permit was given: a clock two days back shows a moment within it."""
    mine = Event.objects.filter(borrower=contact.borrower)
    permit = mine.filter(kind="permit", line__contains=contact.contact_id).order_by("number").last()
    lifted = mine.filter(kind="hold_lifted", line__contains=f'"hold":{hold},').order_by("number").first()
    return permit is not None and lifted is not None and lifted.number < permit.number


def opt_outs_kept(contacts: Iterable[Made]) -> list[str]:
    """Nothing was sent to an address after its owner said stop there."""
    said: dict[str, list[tuple]] = {}
    rows = Consent.objects.filter(night=False, purpose="").exclude(source="feed").order_by("at")
    for owner, *word in rows.values_list("borrower_id", "given", "point", "channel", "at"):
        said.setdefault(owner, []).append(tuple(word))
    broken = []
    for contact in contacts:
        if contact.purpose not in _CHASES or contact.channel == "call":
            continue
        stopped = False
        for given, point, channel, at in said.get(contact.borrower, ()):
            if at < contact.at and point in ("", contact.point) and channel in ("", contact.channel):
                stopped = not given
        if stopped and _after(contact, "consent", '"given":false'):
            broken.append(f"{contact} after stop")
    return broken


def changed_people(contacts: Iterable[Made], portfolio: Portfolio) -> list[str]:
    """Nobody was chased at a number the lender reports no more, nor by messages once it reported that they want
    none."""
    chased = [one for one in contacts if one.purpose in _CHASES and one.channel in _BY_NUMBER]
    numbers: dict[str, str] = {}
    for names in _batches(one.contact_id for one in chased):
        rows = Contact.objects.filter(pk__in=names).exclude(point=None)
        numbers |= dict(rows.values_list("pk", "point__value"))
    broken = []
    for contact in chased:
        person = portfolio.by_id[contact.borrower]
        since, silent = person.number_since, person.silent_since
        if since is not None and contact.at >= since and numbers.get(contact.contact_id) != person.phone:
            broken.append(f"{contact} at a former number")
        if silent is not None and contact.at >= silent and contact.channel != "call":
            broken.append(f"{contact} after the feed's no")
    return broken


def one_permit_each(contacts: Iterable[Made]) -> list[str]:
    """Every contact that was made has just one used permit, and no permit was used by two."""
    contacts = list(contacts)
    used: Counter[str] = Counter()
    for names in _batches([one.contact_id for one in contacts]):
        rows = Permit.objects.filter(used_at__isnull=False, contact_id__in=names)
        used.update(rows.values_list("contact_id", flat=True))
    broken = []
    for contact in contacts:
        number = used[contact.contact_id]
        # a busy provider has the permit gate asked again: each permit is another attempt, and only the last one left
        if number < 1:
            broken.append(f"{contact}: no permit")
        elif number > max(contact.attempts, 1):
            broken.append(f"{contact}: {number} used permits for {contact.attempts} attempts")
    return broken


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Names by the hundreds: a statement takes no more at once on every database."""
    names = sorted(set(names))
    for start in range(0, len(names), 500):
        yield names[start : start + 500]


def sent_once(names: Iterable[str], arrived: Counter[str]) -> list[str]:
    """Nothing reached anybody twice, and all that arrived is on record as sent or of unknown fate."""
    names = sorted(set(names))
    known: dict[str, tuple[str, str]] = {}
    for batch in _batches(names):
        rows = Contact.objects.filter(contact_id__in=batch)
        known |= {
            name: (owner, state) for name, owner, state in rows.values_list("pk", "borrower_id", "state")
        }
    broken = []
    for name in names:
        owner, state = known.get(name, ("", "nowhere"))
        if arrived[name] > 1:
            broken.append(f"{owner}: {name} arrived {arrived[name]} times")
        if state not in ("sent", "unknown", "sending"):
            broken.append(f"{owner}: {name} arrived, but is {state}")
    return broken


def money_kept(portfolio: Portfolio, today: date) -> list[str]:
    """What the desk says is past due is what the world's ledger says, to the cent."""
    rows = Loan.objects.filter(as_of=today).filter(
        Q(borrower__cases__closed_on=None) | Q(past_due_amount__gt=0)
    )
    broken = []
    for name, owed, days in rows.values_list("loan_id", "past_due_amount", "days_past_due").distinct():
        truth = portfolio.loans[name].late(today, reported=True)
        if (owed, days) != truth:
            broken.append(f"{portfolio.loans[name].borrower_id}: {name} desk {(owed, days)}, truth {truth}")
    return broken


def nobody_missed(portfolio: Portfolio, today: date) -> list[str]:
    """Who is late has a case, with the loan in it."""
    opened = set(Case.objects.filter(closed_on=None).values_list("borrower_id", flat=True))
    late = {portfolio.loans[name].borrower_id for name in portfolio.late(today, reported=True)}
    return [f"{name}: late without a case" for name in sorted(late - opened)]


def payments_once(portfolio: Portfolio, since: datetime | None) -> list[str]:
    """No payment is in the desk that the world doesn't know, and none with another amount."""
    rows = Payment.objects.all() if since is None else Payment.objects.filter(received_at__gte=since)
    broken = []
    for name, loan, amount in rows.values_list("payment_id", "loan_id", "amount"):
        truth = portfolio.loans[loan].paid.get(name, (None, None))[1]
        if truth != amount:
            broken.append(f"{portfolio.loans[loan].borrower_id}: {name} {amount}, truth {truth}")
    return broken


def states_legal() -> list[str]:
    """At most one open promise or running plan a borrower, one conversation a call; nothing agreed is both."""
    promises = Counter(Promise.objects.filter(state="open").values_list("borrower_id", flat=True))
    plans = Counter(
        Plan.objects.filter(state__in=("proposed", "active")).values_list("borrower_id", flat=True)
    )
    broken = [f"{name}: {number} open promises" for name, number in promises.items() if number > 1]
    broken += [f"{name}: {number} running plans" for name, number in plans.items() if number > 1]
    broken += [f"{name}: a promise beside a plan" for name in promises.keys() & plans.keys()]
    closed = Case.objects.exclude(closed_on=None).filter(leased_until__isnull=False)
    broken += [f"{owner}: closed and leased" for owner in closed.values_list("borrower_id", flat=True)]
    conversations = (
        Conversation.objects.exclude(contact=None)
        .values("borrower_id", "contact")
        .annotate(number=Count("pk"))
    )
    return broken + [
        f"{row['borrower_id']}: one call recorded {row['number']} times"
        for row in conversations.filter(number__gt=1)
    ]


def all_explained(since: datetime | None) -> list[str]:
    """What was cancelled, refused or given up says why, and every request has its clock."""
    ended = Contact.objects.filter(state__in=("cancelled", "refused", "failed", "dead", "unknown"))
    rows = ended.filter(reason_code="")
    if since is not None:
        rows = rows.filter(queued_at__gte=since - timedelta(days=3))
    broken = [
        f"{owner}: {pk} is {state} without a word"
        for owner, pk, state in rows.values_list("borrower_id", "pk", "state")
    ]
    refused = Contact.objects.filter(state="refused").prefetch_related("refused_rules")
    if since is not None:
        refused = refused.filter(queued_at__gte=since - timedelta(days=3))
    broken += [
        f"{row.borrower_id}: {row.pk} is counted by other rules than refused it"
        for row in refused
        if {rule.rule for rule in row.refused_rules.all()} != set(row.reason_params.get("rules", ()))
    ]
    ownerless = Request.objects.filter(state="open", due_on__isnull=True)
    return broken + [f"{row.borrower_id}: {row.number} without a clock" for row in ownerless]


def nothing_waits_for_ever(today: date, now: datetime) -> list[str]:
    """What waits has a time, what was claimed came back, and requests are answered in time."""
    late = now - timedelta(days=2)
    waiting = Contact.objects.filter(state="waiting", give_up_at__lt=late)
    stuck = Contact.objects.filter(
        state__in=("claimed", "sending"), claimed_until__lt=now - timedelta(hours=12)
    )
    overdue = Request.objects.filter(state="open", due_on__lt=today)
    return (
        [f"{row.borrower_id}: {row.contact_id} waits since its time was over" for row in waiting]
        + [f"{row.borrower_id}: {row.contact_id} stuck in {row.state}" for row in stuck]
        + [f"{row.borrower_id}: {row.number} is not answered in time" for row in overdue]
    )


def check_day(world: Looked, today: date, now: datetime, *, whole: bool = False) -> dict[str, list[str]]:
    """Every invariant that broke, with what broke it; `whole` reads everything, else what is new of the day."""
    zone = ZoneInfo(world.place.zone)
    # a day more than today: clocks jump back, and it is yesterday still in some places
    begin = datetime.combine(today - timedelta(days=1), datetime.min.time(), zone).astimezone(UTC)
    longest = max(cap.days for cap in world.place.caps)
    since = None if whole else begin
    far = made_since(None if whole else begin - timedelta(days=longest))
    contacts = far if whole else [contact for contact in far if contact.at >= begin]
    portfolio, wire = world.portfolio, world.wire
    names, wire.new = (list(wire.arrived) if whole else wire.new), []
    checks: dict[str, Callable[[], list[str]]] = {
        "lawful hours": lambda: lawful_hours(contacts, world),
        "within caps": lambda: within_caps(far, world),
        "holds kept": lambda: holds_kept(contacts),
        "opt-outs kept": lambda: opt_outs_kept(contacts),
        "changed people": lambda: changed_people(contacts, portfolio),
        "one permit each": lambda: one_permit_each(contacts),
        "sent once": lambda: sent_once(names, wire.arrived),
        "money kept": lambda: money_kept(portfolio, today),
        "nobody missed": lambda: nobody_missed(portfolio, today),
        "payments once": lambda: payments_once(portfolio, since),
        "states legal": states_legal,
        "placements legal": lambda: placements_legal(portfolio, today, since),
        "visits lawful": lambda: visits_lawful(world.place, portfolio, since),
        "lawsuits lawful": lambda: lawsuits_lawful(portfolio, today),
        "granted kept": lambda: granted_kept(contacts, today, zone),
        "open requests held": open_requests_held,
        "nothing asked of what is gone": lambda: nothing_asked_of_gone(contacts),
        "two to lift": lambda: two_to_lift(since),
        "answers acted": lambda: answers_acted(since),
        "all explained": lambda: all_explained(since),
        "nothing waits for ever": lambda: nothing_waits_for_ever(today, now),
        "core is the night": lambda: core_is_night(world, today),
    }
    return {name: breaches for name, check in checks.items() if (breaches := check())}
