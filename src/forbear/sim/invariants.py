"""What must hold every day whatever went wrong, checked by plain code that shares nothing with what it checks.

Each check gives sentences; an empty list is what is wanted. The world's own ledger is the truth to compare with.
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count

from forbear.sim.people import Person
from forbear.store.models import Case, Consent, Contact, Hold, Loan, Payment, Permit, Plan, Promise, Request

_ZONE = ZoneInfo("Asia/Shanghai")
_CHASES = ("collect", "remind")
_STOPS = ("dispute", "hardship", "cease", "deceased", "plan", "promise")
_HURRIED = ("sms", "voice", "call", "push", "visit")


def lawful_hours(since: datetime) -> list[str]:
    """Nobody was chased between 22:00 and 8:00 where they are."""
    found = []
    for contact in _made(since).filter(purpose__in=_CHASES, channel__in=_HURRIED):
        hour = contact.at.astimezone(_ZONE).hour
        if not 8 <= hour < 22:
            found.append(f"{contact.contact_id}: {contact.channel} at {hour}:00")
    return found


def few_calls(since: datetime) -> list[str]:
    """No borrower was connected more than three times on one local day."""
    talks: Counter[tuple[str, date]] = Counter()
    for contact in _made(since).filter(
        channel__in=("call", "voice"), outcome__in=("connected", "conversation")
    ):
        talks[contact.borrower_id, contact.at.astimezone(_ZONE).date()] += 1
    return [f"{borrower}: {number} calls on {day}" for (borrower, day), number in talks.items() if number > 3]


def holds_kept(since: datetime) -> list[str]:
    """Nobody was chased about a loan while a hold ran that stops it."""
    holds: dict[str, list[Hold]] = {}
    for hold in Hold.objects.filter(kind__in=_STOPS):
        holds.setdefault(hold.borrower_id, []).append(hold)
    found = []
    for contact in _made(since).filter(purpose__in=_CHASES):
        for hold in holds.get(contact.borrower_id, ()):
            ends = [end for end in (hold.ends_at, hold.lifted_at) if end is not None]
            about = not hold.loans or not contact.loans or bool(set(hold.loans) & set(contact.loans))
            if about and hold.starts_at < contact.at and (not ends or contact.at < min(ends)):
                found.append(f"{contact.contact_id}: {contact.channel} during {hold.kind}")
    return found


def opt_outs_kept(since: datetime) -> list[str]:
    """Nothing was sent to an address after its owner said stop there."""
    stops = [
        (row.borrower_id, row.point, row.channel, row.at)
        for row in Consent.objects.filter(given=False, night=False, purpose="")
    ]
    found = []
    for borrower, point, channel, at in stops:
        again = Consent.objects.filter(borrower_id=borrower, given=True, at__gt=at).order_by("at").first()
        rows = _made(since).filter(borrower_id=borrower, purpose__in=_CHASES, at__gt=at)
        if point:
            rows = rows.filter(point_digest=point)
        if channel:
            rows = rows.filter(channel=channel)
        if again is not None:
            rows = rows.filter(at__lt=again.at)
        found += [f"{row.contact_id}: {row.channel} after stop" for row in rows.exclude(channel="call")]
    return found


def one_permit_each(since: datetime) -> list[str]:
    """Every contact that was made has just one used permit, and no permit was used by two."""
    made = _made(since).annotate(number=Count("permits"))
    found = [f"{row.contact_id}: {row.number} permits" for row in made if row.number < 1]
    used = Permit.objects.filter(used_at__isnull=False, contact__at__gte=since)
    twice = used.values("contact").annotate(number=Count("pk")).filter(number__gt=1)
    # a busy provider has the door asked again: each permit is another attempt, and only the last one left
    for row in twice:
        contact = Contact.objects.get(pk=row["contact"])
        if row["number"] > contact.attempts:
            found.append(
                f"{contact.contact_id}: {row['number']} used permits for {contact.attempts} attempts"
            )
    return found


def sent_once(arrived: Counter[str]) -> list[str]:
    """Nothing reached anybody twice, and all that arrived is on record as sent or of unknown fate."""
    found = [f"{name}: arrived {number} times" for name, number in arrived.items() if number > 1]
    known = dict(Contact.objects.filter(contact_id__in=list(arrived)).values_list("contact_id", "state"))
    for name in arrived:
        if known.get(name) not in ("sent", "unknown", "sending"):
            found.append(f"{name}: arrived, but is {known.get(name)}")
    return found


def money_kept(persons: list[Person], today: date) -> list[str]:
    """What the desk says is past due is what the world's ledger says, to the cent."""
    stored = {
        loan.loan_id: (loan.past_due_amount, loan.days_past_due)
        for loan in Loan.objects.filter(as_of=today, borrower__cases__closed_on=None)
    }
    found = []
    for person in persons:
        for loan in person.loans:
            if loan.loan_id in stored and stored[loan.loan_id] != loan.late(today, told=True):
                found.append(
                    f"{loan.loan_id}: desk {stored[loan.loan_id]}, truth {loan.late(today, told=True)}"
                )
    return found


def nobody_missed(persons: list[Person], today: date) -> list[str]:
    """Who is late has a case, and who has an open case is late or was when the night ran."""
    opened = set(Case.objects.filter(closed_on=None).values_list("borrower_id", flat=True))
    late = {
        person.borrower_id
        for person in persons
        if any(loan.late(today, told=True)[1] > 0 for loan in person.loans)
    }
    return [f"{name}: late without a case" for name in sorted(late - opened)]


def payments_once(persons: list[Person]) -> list[str]:
    """No payment is in the desk that the world doesn't know, and none with another amount."""
    truth = {name: paid[1] for person in persons for loan in person.loans for name, paid in loan.paid.items()}
    return [
        f"{name}: {amount}, truth {truth.get(name)}"
        for name, amount in Payment.objects.values_list("payment_id", "amount")
        if truth.get(name) != amount
    ]


def states_legal() -> list[str]:
    """At most one open promise or running plan a borrower; nothing agreed is both."""
    open_promises = Counter(Promise.objects.filter(state="open").values_list("borrower_id", flat=True))
    plans = Counter(
        Plan.objects.filter(state__in=("proposed", "active")).values_list("borrower_id", flat=True)
    )
    found = [f"{name}: {number} open promises" for name, number in open_promises.items() if number > 1]
    found += [f"{name}: {number} running plans" for name, number in plans.items() if number > 1]
    found += [f"{name}: a promise beside a plan" for name in open_promises.keys() & plans.keys()]
    closed = Case.objects.exclude(closed_on=None).filter(leased_until__isnull=False)
    return found + [f"case {case.pk}: closed and leased" for case in closed]


def nothing_waits_for_ever(now: datetime) -> list[str]:
    """What waits has a time, what was claimed came back, and every request has its clock."""
    late = now - timedelta(days=2)
    waiting = Contact.objects.filter(state="waiting", give_up_at__lt=late)
    stuck = Contact.objects.filter(
        state__in=("claimed", "sending"), claimed_until__lt=now - timedelta(hours=12)
    )
    ownerless = Request.objects.filter(state="open", due_on__isnull=True)
    return (
        [f"{row.contact_id}: waits since its time was over" for row in waiting]
        + [f"{row.contact_id}: stuck in {row.state}" for row in stuck]
        + [f"{row.number}: without a clock" for row in ownerless]
    )


def _made(since: datetime):
    """Contacts that were made, or may have been."""
    return Contact.objects.filter(at__gte=since).exclude(outcome="not_sent")


def check_day(
    persons: list[Person], arrived: Counter[str], today: date, now: datetime
) -> dict[str, list[str]]:
    """Every invariant that broke, with what broke it."""
    since = datetime.combine(today, datetime.min.time(), _ZONE).astimezone(UTC)
    checks: dict[str, Callable[[], list[str]]] = {
        "lawful hours": lambda: lawful_hours(since),
        "few calls": lambda: few_calls(since),
        "holds kept": lambda: holds_kept(since),
        "opt-outs kept": lambda: opt_outs_kept(since),
        "one permit each": lambda: one_permit_each(since),
        "sent once": lambda: sent_once(arrived),
        "money kept": lambda: money_kept(persons, today),
        "nobody missed": lambda: nobody_missed(persons, today),
        "payments once": lambda: payments_once(persons),
        "states legal": states_legal,
        "nothing waits for ever": lambda: nothing_waits_for_ever(now),
    }
    return {name: wrong for name, check in checks.items() if (wrong := check())}
