"""What must hold of what was granted: it is kept, it did something, and two people end what needs two.

Plain code on rows and events: it asks neither the table of answers nor the acts that follow it.
"""

import json
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from forbear.store.models import (
    Conversation,
    Event,
    Hold,
    Instruction,
    Loan,
    Placement,
    Plan,
    Request,
)

_CHASES = ("collect", "remind", "place", "sue")
#: What two people must agree on ending, each with a word of their own.
_TWO = ("cease", "deceased", "lawyer", "dispute", "moratorium")


class Chase(Protocol):
    """What is asked of a contact that was made."""

    @property
    def borrower(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def loans(self) -> tuple[str, ...]: ...


def granted_kept(contacts: Iterable[Chase], today: date, zone: ZoneInfo) -> list[str]:
    """While payments rest nobody is asked for them, no agency has the case, and the hold runs to its day."""
    broken: list[str] = []
    chased: dict[str, list[datetime]] = {}
    for contact in contacts:
        if contact.purpose in _CHASES:
            chased.setdefault(contact.borrower, []).append(contact.at)
    for request in Request.objects.filter(state="answered", outcome="deferred").select_related("hold"):
        until = date.fromisoformat(request.granted["until"])
        end = datetime.combine(until + timedelta(days=1), time(), zone)
        who = f"{request.borrower_id}: {request.number}"
        since = request.answered_at
        broken += [
            f"{who} rests until {until}, asked at {at}"
            for at in chased.get(request.borrower_id, ())
            if since is not None and since <= at < end
        ]
        if today <= until:
            hold = request.hold
            if (
                hold is None
                or hold.lifted_at is not None
                or (hold.ends_at is not None and hold.ends_at < end)
            ):
                broken.append(f"{who} rests until {until} without a hold")
            running = Placement.objects.filter(borrower=request.borrower_id, ended_at=None)
            if running.exists():
                broken.append(f"{who} rests until {until} with an agency")
    return broken


def open_requests_held() -> list[str]:
    """While a request is open, what it stopped stays stopped, whatever else was answered meanwhile."""
    rows = Request.objects.filter(state="open").exclude(hold=None).exclude(hold__lifted_at=None)
    return [f"{row.borrower_id}: {row.number} ({row.kind}) is open, its hold was lifted" for row in rows]


def nothing_asked_of_gone(contacts: Iterable[Chase]) -> list[str]:
    """Nothing is asked, planned or owed here of what was sold or settled."""
    gone = {loan: at for loan, at in Loan.objects.exclude(sold_at=None).values_list("pk", "sold_at") if at}
    settled = Instruction.objects.filter(kind="settled", state__in=("open", "contradicted"))
    gone |= dict(settled.values_list("loan_id", "made_at"))
    broken = [
        f"{contact.borrower}: {contact.purpose} about {loan}, which is gone"
        for contact in contacts
        if contact.purpose in _CHASES
        for loan in contact.loans
        if loan in gone and contact.at > gone[loan]
    ]
    late = Loan.objects.filter(pk__in=gone, past_due_amount__gt=0).exclude(outstanding=0)
    broken += [f"{loan.borrower_id}: {loan.pk} is gone and late" for loan in late]
    running = Plan.objects.filter(state__in=("proposed", "active"))
    return broken + [
        f"{plan.borrower_id}: plan {plan.pk} is about what is gone"
        for plan in running
        if set(plan.loans) & gone.keys()
    ]


def two_to_lift(since: datetime | None) -> list[str]:
    """What two people must agree on ended by two, by an answer of somebody else, or by somebody else's correction."""
    events = Event.objects.filter(kind="hold_lifted")
    if since is not None:
        events = events.filter(at__gte=since)
    broken = []
    for event in events.order_by("pk"):
        line = json.loads(event.line)
        body, actor = line["body"], line["actor"]
        if body["kind"] in _TWO and actor.startswith("staff:") and not _by_two(body, actor):
            broken.append(
                f"{event.borrower}: hold {body['hold']} ({body['kind']}) was lifted by {actor} alone"
            )
    return broken


def _by_two(body: dict, actor: str) -> bool:
    code, number = body["reason"]["code"], actor.removeprefix("staff:")
    if code == "request_answered":
        request = Request.objects.get(number=body["reason"]["params"]["request"])
        return request.opened_by != actor
    if code == "outcome_corrected":
        wrong = Conversation.objects.exclude(corrected_at=None).filter(
            borrower=Hold.objects.get(pk=body["hold"]).borrower_id
        )
        return all(talk.staff is None or talk.staff.number != number for talk in wrong)
    asked = Hold.objects.select_related("lift_asked_by").get(pk=body["hold"]).lift_asked_by
    return asked is not None and asked.number != number


def answers_acted(since: datetime | None) -> list[str]:
    """Every answer did something: a hold with an end, a plan, lines held, a case taken away, or a hold that ended."""
    rows = Request.objects.filter(state="answered").select_related("hold")
    if since is not None:
        rows = rows.filter(answered_at__gte=since)
    return [
        f"{row.borrower_id}: {row.number} ({row.kind}) {row.outcome} without effect"
        for row in rows
        if not _acted(row)
    ]


def _acted(request: Request) -> bool:
    outcome, granted = request.outcome, request.granted
    if not request.answer:
        return False
    if outcome == "deferred":
        return Hold.objects.filter(
            borrower=request.borrower_id,
            kind="forbearance",
            source="answer",
            starts_at__lte=request.answered_at,
        ).exists() and bool(granted.get("until"))
    if outcome == "reduced" or (request.kind == "plan" and outcome == "done"):
        return Plan.objects.filter(pk=granted.get("plan"), borrower=request.borrower_id).exists()
    if request.kind in ("dispute", "payment_check") and outcome in ("upheld", "partly", "booked"):
        made = Instruction.objects.filter(source="request", reference=request.number, kind="line")
        return (
            {(loan, number) for loan, number, _ in granted.get("lines", ())}
            == set(made.values_list("loan_id", "instalment"))
            != set()
        )
    if request.kind == "complaint" and outcome != "refused":
        return not Placement.objects.filter(
            borrower=request.borrower_id, ended_at=None, placed_at__lte=request.answered_at
        ).exists()
    if outcome in ("refused", "not_received"):
        return request.hold is None or request.hold.lifted_at is not None
    if outcome == "confirmed":
        return request.hold is not None and request.review_on is not None
    return True
