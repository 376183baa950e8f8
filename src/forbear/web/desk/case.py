"""The case page: who, what is owed, what may be done now and why not, and everything that happened."""

import json
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render

from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.permit_gate import ATTEMPTS_SHOWN, Allowance, allowances
from forbear.actions.holds.vulnerability import running_vulnerability
from forbear.actions.replies.correct_outcome import WITHIN
from forbear.actions.selectors.ledger import ledger_of, with_snapshots
from forbear.actions.selectors.payment_orders import receipts_of
from forbear.core.agencies.skips import SKIPS
from forbear.core.facts.contact import THIRD_PARTIES, PlannedContact
from forbear.core.facts.vocabulary import default_row
from forbear.core.permits.decision import Decision
from forbear.core.strategy.arms import facts_by_day
from forbear.core.strategy.least import TooSmall, small_steps
from forbear.core.strategy.stage import decide
from forbear.interchange.home.strategies import strategy
from forbear.store.access import case_for, case_replies_for, masked_name, masked_point, reports_of_case
from forbear.store.business_date import business_date
from forbear.store.models import Borrower, Case, ContactPoint, Conversation, Hold, Instruction, Plan, Staff
from forbear.store.models.instruction import IN_FORCE
from forbear.store.permissions import may
from forbear.store.problem_text import sentence
from forbear.web.call_forms import debt_of, message_to_leave
from forbear.web.desk.activity import activity
from forbear.web.desk.brief import Known, brief
from forbear.web.desk.case_forms import EndPlanForm, LiftForm, case_forms
from forbear.web.desk.choice import chosen_words
from forbear.web.desk.listings.casework import by_hand
from forbear.web.desk.payment_forms import PayLinkForm, ReportPaymentForm
from forbear.web.desk.scores import case_scores
from forbear.web.forms import form_on
from forbear.web.guard import permission_required
from forbear.web.portal.owe import Shown, shown_loan
from forbear.web.request import StaffRequest

#: The channels of the permit strip, in the order a collector thinks of them.
STRIP = ("call", "sms", "email", "voice", "visit")
#: How many of the borrower's own messages the page shows in full.
_MESSAGES = 10
#: How many reported payments and payment orders it shows.
_REPORTS = 5
_KIND_OF = {"call": "phone", "voice": "phone", "sms": "phone", "email": "email", "visit": "address"}


@dataclass(frozen=True, slots=True)
class Strip:
    """One channel of the permit strip: the decision now, and the address it is about, masked.

    `left` is how many contacts are still lawful today, `more` when there may be more of them than were looked for.
    """

    channel: str
    decision: Decision | None
    address: str
    left: int = 0
    more: bool = False


@permission_required("desk:case:read")
def case(request: StaffRequest, borrower_id: str) -> HttpResponse:
    """The case of one borrower."""
    found = case_of(request, borrower_id)
    return render(request, "desk/case.html", everything(request, found))


def case_of(request: StaffRequest, borrower_id: str) -> Case:
    """The newest case of the borrower that this person may see; not found for everybody else."""
    found = case_for(request.user, borrower_id)
    if found is None:
        raise Http404
    return found


def everything(request: StaffRequest, found: Case) -> dict:
    """All the page shows, in a fixed number of queries."""
    borrower, now = found.borrower, request.now
    points, talks = list(borrower.points.order_by("-pk")), _talks(borrower)
    loans = list(borrower.loans.order_by("-days_past_due", "loan_id"))
    open_call = (
        borrower.contacts.filter(channel="call", state="sent", outcome="pending").order_by("-at").first()
    )
    debt = debt_of(loans)
    holds = [
        hold
        for hold in borrower.holds.filter(lifted_at=None).select_related("lift_asked_by")
        if not hold.ends_at or hold.ends_at > now
    ]
    plans, ledger = list(borrower.plans.order_by("-pk")[:3]), _ledger(borrower, business_date(now))
    page: dict[str, Any] = {
        "case": found,
        "skips": [(code, sentence(each.words)) for code, each in SKIPS.items()],
        "forms": dict(case_forms(request, debt, open_call.contact_id if open_call else "")),
        "placement": borrower.placements.filter(ended_at=None).select_related("agency").first(),
        "borrower": borrower,
        "name": masked_name(borrower.name),
        "loans": loans,
        "owed": with_snapshots(borrower.pk, loans),
        "strip": strip(borrower, points, found, request.user, now),
        "others": sorted(
            {
                point.party: masked_name(point.person)
                for point in points
                if point.party in ("lawyer", "helper") and point.kind == "phone" and not point.invalid_at
            }.items()
        ),
        "relays": [(point, masked_point("phone", point.value)) for point in relay_points(borrower)],
        "points": [(point, masked_point(point.kind, point.value)) for point in points],
        "holds": [
            (hold, by_hand(hold), form_on(request, LiftForm, key=hold.pk, debt=debt, now=now))
            for hold in holds
        ],
        "promises": list(borrower.promises.order_by("-pk")[:5]),
        "settlements": list(borrower.settlements.order_by("-pk")[:3]),
        "requests": list(borrower.requests.order_by("-pk")[:5]),
        "plans": [(plan, form_on(request, EndPlanForm, key=plan.pk, debt=debt, now=now)) for plan in plans],
        "visits": list(borrower.visits.order_by("-proposed_at")[:3]),
        "treatments": list(borrower.treatments.filter(state="planned").order_by("planned_on", "position")),
        "planned_otherwise": {"too_small": _too_small(found), "chosen": _chosen(found)},
        "talks": talks,
        "replies": list(case_replies_for(request.user, borrower.pk).order_by("-at", "-pk")[:_MESSAGES]),
        "open_call": open_call,
        "to_leave": message_to_leave(request.user, borrower) if open_call else "",
        "correctable": _correctable(request, talks),
        "granted": _granted(borrower),
        "care": running_vulnerability(borrower.borrower_id),
        "minor_unit": loans[0].minor_unit if loans else 100,
        "currency": debt.currency,
        "total": debt.past_due,
        "late": [loan for loan in loans if loan.past_due_amount],
        "ledger": ledger,
        "next_due": _next_due(ledger, business_date(now)),
        "scores": case_scores(found, now, debt.currency),
    }
    page["forms"] |= {
        "report": form_on(request, ReportPaymentForm, debt=debt, now=now, loans=loans),
        "pay_link": form_on(request, PayLinkForm, debt=debt, now=now),
    }
    page |= _money_told(request, borrower)
    page["activity"] = activity(request.user, borrower, page["promises"])
    page["brief"] = brief(_known(page, holds, plans, business_date(now)))
    return page


def _money_told(request: StaffRequest, borrower: Borrower) -> dict[str, Any]:
    """What was reported as paid, received and begun on the web, the newest first."""
    return {
        "reports": list(reports_of_case(request.user, borrower.pk)[:_REPORTS]),
        "receipts": receipts_of(borrower.pk),
        "orders": list(borrower.payment_orders.select_related("loan").order_by("-made_at")[:_REPORTS]),
    }


def _talks(borrower: Borrower) -> list[Conversation]:
    """The newest conversations, with who had them."""
    return list(borrower.conversations.select_related("staff").order_by("-at")[:5])


def _known(page: dict, holds: list[Hold], plans: list[Plan], today: date) -> Known:
    """What the brief is made from, out of what the page has read anyway."""
    paid = [(each, loan.minor_unit, loan.currency) for loan in page["ledger"] for each in loan.payments]
    known = paid if page["ledger"] else None
    read = ("requests", "replies", "promises", "talks", "treatments")
    return Known(
        page["activity"], holds, plans=plans, paid=known, today=today, **{name: page[name] for name in read}
    )


def _ledger(borrower: Borrower, today: date) -> list[Shown]:
    """Each loan line by line with its payments, as the borrower sees it; none where no book knows them."""
    found = ledger_of(borrower.borrower_id)
    if found is None:
        return []
    record, products = found
    lines = [
        shown_loan(loan, products.get(loan.product), today, [], differs=False, forecast=False)
        for loan in record.loans
    ]
    return sorted(lines, key=lambda loan: (not loan.past_due, loan.name))


def _next_due(ledger: list[Shown], today: date) -> tuple[date, int, Shown] | None:
    """The next day from today on when something falls due, how much, and on which loan."""
    ahead = [
        (line.due_on, line.left, loan)
        for loan in ledger
        for line in loan.lines
        if line.left and line.due_on >= today and line.kind != "rest"
    ]
    return min(ahead, key=lambda each: each[0], default=None)


def _correctable(request: StaffRequest, talks: list[Conversation]) -> Conversation | None:
    """The newest call whose result this person may still correct."""
    recent = (talk for talk in talks if talk.contact_id and request.now <= talk.at + WITHIN)
    return next((talk for talk in recent if _may_correct(request, talk)), None)


def relay_points(borrower: Borrower) -> QuerySet[ContactPoint]:
    """The numbers of third persons who may be asked to have the borrower call back; none who said stop."""
    return borrower.points.filter(
        kind="phone", party__in=THIRD_PARTIES, invalid_at=None, stopped_at=None
    ).order_by("pk")


def _too_small(case: Case) -> list[TooSmall]:
    """The channels on which nothing is planned since too little is past due."""
    if case.closed_on is not None:
        return []
    row = default_row() | case.facts
    return small_steps(strategy(settings.HOME, case.as_of), case.stage, row)


def _chosen(case: Case) -> list[str]:
    """Which option was chosen for the case and why; nothing where the strategy chooses nothing."""
    if case.closed_on is not None or '"choice"' not in case.arms:
        return []
    read = strategy(settings.HOME, case.as_of)
    row = default_row() | case.facts
    row |= facts_by_day(read, case.arms, bool(case.facts.get("in_holdout")), row)
    left_out = [each.channel for each in decide(read, row).left_out]
    return chosen_words(read, json.loads(f"[{case.arms}]"), row, left_out)


def _may_correct(request: StaffRequest, talk: Conversation) -> bool:
    """Whether this person may correct the result: who saved it, or a lead."""
    return talk.staff_id == request.user.pk or may(request.user.role, "desk:hold:lift")


def _granted(borrower: Borrower) -> list[Instruction]:
    """What was granted and the loan system has not booked yet."""
    return list(borrower.instructions.filter(state__in=IN_FORCE).order_by("pk"))


def wishes(borrower: Borrower, staff: Staff) -> list[PlannedContact]:
    """A wish for each channel of the strip that there is a number or address for."""
    points = list(borrower.points.filter(party="debtor", invalid_at=None).order_by("-pk"))
    call, found = planned_call(borrower, by=staff), []
    for channel in STRIP:
        usable = [point for point in points if point.kind == _KIND_OF[channel]]
        if usable or channel == "visit":
            digest = usable[0].digest if usable else ""
            by_machine = channel in ("sms", "email", "voice")
            found.append(replace(call, channel=channel, point=digest, automated=by_machine, visitors=2))
    return found


def strip(
    borrower: Borrower, points: list[ContactPoint], found: Case, staff: Staff, now: datetime
) -> list[Strip]:
    """What may be done now on each channel: asked of the same door as a real contact, without taking a permit."""
    if found.closed_on is not None:
        return []
    asked = wishes(borrower, staff)
    shown = {point.digest: masked_point(point.kind, point.value) for point in points}
    found_now = allowances(borrower.borrower_id, asked, now)
    answers = {planned.channel: answer for planned, answer in zip(asked, found_now, strict=True)}
    addresses = {planned.channel: shown.get(planned.point, "") for planned in asked}
    return [_shown(channel, answers.get(channel), addresses.get(channel, "")) for channel in STRIP]


def _shown(channel: str, answer: Allowance | None, address: str) -> Strip:
    if answer is None:
        return Strip(channel, None, address)
    left = len(answer.today)
    return Strip(channel, answer.decision, address, left, more=left == ATTEMPTS_SHOWN)
