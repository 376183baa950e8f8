"""A quarter with three agencies, lived by the real code: admitted, given cases, at work, paid, complained of, judged.

The three differ in record, conduct and how borrowers feel about them. What each does comes from one table here; what
follows from it (placements, permits, commission, scorecards, the next list) is the product's own doing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.agencies.agencies import Offered, admit_agency, propose_agency
from forbear.actions.agencies.agency_findings import record_agency_finding
from forbear.actions.agencies.placements import candidates, capacity_left, place_due, propose_list, sign_list
from forbear.actions.agencies.statements import make_statement, month_end
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.feedback_links import feedback_link
from forbear.actions.contacts.next_case import planned_call
from forbear.actions.contacts.queue_contact import ContactDraft
from forbear.actions.contacts.send import send_one
from forbear.actions.contacts.staff_calls import end_contact, make_contact
from forbear.actions.replies.feedback import answer_feedback, ask_feedback, asked
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.home_channels import home_channels
from forbear.actions.staff.new_staff import make_staff
from forbear.core.agreements.complaint import ComplaintFinding
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.insight.placement_plans import work_out
from forbear.insight.placements import bidders, terms_of, usual
from forbear.insight.scorecard import results, scorecards
from forbear.interchange.home.policy import policy
from forbear.sim import inbox, sales
from forbear.sim.feed import write_payments
from forbear.sim.promises import live_promises, pay_promises
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Contact, Placement, PlacementList, Promise, Request, Staff

#: How many cases the first list gives out: enough to judge by, few enough for a demo to start soon.
FIRST_LIST = 210
#: How many cases the agencies have on the day the demo opens.
LAST_LIST = 45
#: The nights of the quarter, in days before today, on which the desk works.
NIGHTS = (91, 60, 28)
#: How many days after each of them other nights follow; after every night people are called on that day and the next.
LATER = (0, 7, 14)
PASSWORD = "forbear-demo-2026"
Progress = Callable[[str, int, int], None]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Nature:
    """What an agency is like: of 1,000 talks how many bring a payment, a finding, a complaint; how borrowers answer."""

    code: str
    names: tuple[str, str]
    pays: int
    finding: int
    complaint: int
    marks: tuple[int, ...]
    telephone: str


#: 华信 brings the most and treats people worst; 明远 is kind and good; 同舟 is kind and a little slower.
NATURES = (
    Nature("huaxin", ("华信", "Huaxin"), 170, 60, 50, (1, 2, 2, 3), "+861000000101"),
    Nature("mingyuan", ("明远", "Mingyuan"), 160, 3, 4, (4, 4, 5, 5), "+861000000102"),
    Nature("tongzhou", ("同舟", "Tongzhou"), 110, 4, 3, (4, 5, 5, 5), "+861000000103"),
)
#: The people of the demo's agencies and their lender beyond those of the desk: name, role, number, agency.
PEOPLE = (
    ("wang", "manager", "F1004", ""),
    ("chen", "agency", "HX201", "huaxin"),
    ("xu", "agency", "MY201", "mingyuan"),
    ("song", "agency", "TZ201", "tongzhou"),
)


class Quarter:
    """The quarter up to `as_of`; Django has been started for its home."""

    def __init__(self, as_of: date, seed: int) -> None:
        self.as_of, self.chance = as_of, Random(f"quarter:{seed}")
        self.natures = {nature.code: nature for nature in NATURES}
        self.paid: list[tuple[str, str, date, int]] = []
        self.people: dict[str, Staff] = {}
        self.surveyed: list[str] = []
        self.cases: list[Placement] = []
        self.promised: list[Promise] = []

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of that day where the lender is."""
        zone = ZoneInfo(settings.HOME.timezone)
        return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)

    def begin(self, officers: dict[str, Staff]) -> None:
        """The people and the three agencies, proposed and admitted by two of the lender's."""
        now = self.at(self.as_of - timedelta(days=NIGHTS[0]), 9)
        self.people |= officers
        for name, role, number, _ in PEOPLE:
            if role != "agency":
                self.people[role] = _unrefused(make_staff(name, PASSWORD, role, number, now, actor="demo"))
        for nature in NATURES:
            far = (self.as_of + timedelta(days=400)).isoformat()
            today = business_date(now).isoformat()
            file = {
                "licence": f"91310000DEMO{len(nature.code):02d}{nature.telephone[-3:]}", "licence_until": far,
                "experience_years": "6", "collectors": "40", "methods": ["call", "letter"], "security": "ISO 27001",
                "security_until": far, "insurance_until": far, "undertaking_on": today, "checked_on": today,
                "contract_from": today, "contract_until": far, "telephone": nature.telephone,
                "address": "示例市示例路 1 号",
            }  # fmt: skip
            offered = Offered(nature.code, *nature.names, file, [[30, 1500], [90, 2500]], 900)
            _unrefused(propose_agency(offered, self.people["manager"], now))
            _unrefused(admit_agency(nature.code, self.people["compliance"], now))
        for name, role, number, agency in PEOPLE:
            if agency:
                person = _unrefused(make_staff(name, PASSWORD, role, number, now, actor="demo"))
                Staff.objects.filter(pk=person.pk).update(
                    agency_id=agency, line=f"sip:{number.lower()}@localhost"
                )
                self.people[agency] = Staff.objects.get(pk=person.pk)

    def place(self, day: date, limit: int = 0) -> PlacementList:
        """Work a list out from what is known, and sign it; with `limit` only that many cases."""
        return _unrefused(self.place_list(self.at(day, 9, 30), limit))

    def place_list(self, now: datetime, limit: int = 0) -> PlacementList | Problem:
        """The same at a moment; a Problem when no case can be placed."""
        proposed = self.propose(now, limit)
        if isinstance(proposed, Problem):
            return proposed
        _unrefused(sign_list(proposed.pk, self.people["compliance"], now))
        while place_due(now):
            pass
        return proposed

    def propose(self, now: datetime, limit: int = 0) -> PlacementList | Problem:
        """Work a list out, as the page does; it waits for its signature. A Problem when no case can be placed."""
        terms = policy(settings.HOME).placement
        agencies = bidders(scorecards(now), capacity_left())
        shares = usual(results(now, business_date(now) - timedelta(days=365)))
        seed = f"{self.chance.getrandbits(128):032x}"
        plan = work_out(candidates()[: limit or None], agencies, shares, terms, seed)
        return propose_list(
            plan.dealt, seed, terms_of(agencies, plan, terms, now), self.people["manager"], now
        )

    def work(self, day: date, turn: int, progress: Progress) -> None:
        """The agencies' two days after a night: calls to their part of the cases, what comes of it, how it is taken."""
        if turn == 0:
            self.cases = self._placed()
        rows = self.cases
        self._deliver(self.at(day, 9, 45), ("placement_notice",))
        for later in (0, 1):
            on, parts = day + timedelta(days=later), 2 * len(LATER)
            for number, one in enumerate(rows[2 * turn + later :: parts]):
                progress("the agencies at work", number * parts, len(rows))
                self._call(one, self.at(on, 10 + number % 7, self.chance.randrange(60)))
            self._deliver(self.at(on, 18), ("survey",))
            self._answer_surveys(self.at(on, 19))

    def _placed(self) -> list[Placement]:
        return list(Placement.objects.filter(ended_at=None).select_related("borrower").order_by("pk"))

    def _call(self, one: Placement, now: datetime) -> None:
        nature = self.natures[one.agency_id]
        if not Placement.objects.filter(pk=one.pk, ended_at=None).exists():
            return  # it came back earlier today
        planned = planned_call(one.borrower)
        if not planned.point:
            return
        planned = replace(planned, agency=one.agency_id, loans=tuple(one.loans))
        from_agency = ContactDraft(one.borrower_id, planned, staff=self.people[one.agency_id])
        attempt = make_contact(from_agency, now, actor=f"staff:{self.people[one.agency_id].number}")
        if isinstance(attempt, Problem) or attempt.answer.permit is None:
            return
        spoke = self.chance.randrange(1000) < 450
        end_contact(
            attempt.contact.pk, "conversation" if spoke else "unanswered", now + timedelta(minutes=4),
            actor="demo", seconds=180 if spoke else 0, agency=one.agency_id,
        )  # fmt: skip
        if not spoke:
            return
        contact = Contact.objects.get(pk=attempt.contact.pk)
        if self.chance.randrange(1000) < nature.finding:
            kind = self.chance.choice(("insult", "content", "third_party"))
            record_agency_finding(
                one.agency_id,
                kind,
                now + timedelta(days=2),
                actor="demo",
                contact_id=contact.pk,
                source="sample",
            )
        if self.chance.randrange(1000) < nature.complaint:
            self._complain(one, now + timedelta(hours=2))
        if self.chance.randrange(1000) < nature.pays * 2:
            self._pay(one, now)
        ask_feedback(one.borrower_id, now + timedelta(minutes=50), contact=contact)

    def _complain(self, one: Placement, now: datetime) -> None:
        request = make_request(
            Asked(one.borrower_id, "complaint", "催收员说话难听，要告诉我单位。"), now, actor="borrower"
        )
        if isinstance(request, Request):
            finding = ComplaintFinding("conduct", "agency", "apology")
            words = "经核实，情况属实，我们向您道歉，并已要求该机构整改。"
            answer = Answered("upheld", words, finding=finding)
            answer_request(request.number, answer, self.people["compliance"], now + timedelta(days=3))

    def _pay(self, one: Placement, now: datetime) -> None:
        """Part or all of what is past due, reported at once."""
        loans = one.borrower.loans.filter(loan_id__in=one.loans, past_due_amount__gt=0)
        loan = loans.order_by("-past_due_amount").first()
        if loan is None:
            return
        amount = loan.past_due_amount if self.chance.random() < 0.4 else max(100, loan.past_due_amount // 3)
        name, on = f"DEMO-{one.pk}-{len(self.paid)}", business_date(now)
        incoming = IncomingPayment(name, loan.loan_id, on, amount)
        if not isinstance(record_payment(incoming, now + timedelta(hours=1), actor="demo"), Problem):
            self.paid.append((name, loan.loan_id, on, amount))

    def _deliver(self, now: datetime, templates: tuple[str, ...]) -> None:
        """Send what waits of these texts, by the lender's own channels and through the permit gate."""
        providers = home_channels().open(settings.HOME.folder, lambda: now, lambda message: None)
        waiting = Contact.objects.filter(state="waiting", template__in=templates, not_before__lte=now)
        for name in list(waiting.values_list("pk", flat=True)):
            Contact.objects.filter(pk=name, state="waiting").update(
                state="claimed", claimed_by="demo", claimed_until=now + timedelta(minutes=2)
            )
            send_one(name, "demo", providers, lambda: now)
        for transport in set(providers.values()):
            transport.close()

    def _answer_surveys(self, now: datetime) -> None:
        surveys = Contact.objects.filter(template="survey", state="sent").exclude(pk__in=self.surveyed)
        for contact in surveys.order_by("pk"):
            self.surveyed.append(contact.pk)
            token = feedback_link(contact).rsplit("/", 1)[1]
            survey = asked(token, now)
            if survey is None or survey.agency_id is None or survey.answered_at is not None:
                continue
            if self.chance.random() > 0.6:
                continue
            marks = self.natures[survey.agency_id].marks
            respect, clear = (str(self.chance.choice(marks)) for _ in range(2))
            answer_feedback(token, respect, clear, "", now)

    def promise(self, day: date, officers: list[Staff]) -> None:
        """The lender's own collectors on the phone, a day of their month."""
        self.promised += live_promises(self.at, day, officers, self.chance, len(LATER))

    def feed(self, folder: Path) -> None:
        """What was paid, as the lender's next feed brings it; what was promised is paid on its days."""
        self.paid += pay_promises(self.at, self.promised)
        write_payments(folder, self.paid)

    def end(self, now: datetime) -> None:
        """Last month's statements, a list for today's work, and the next one, which waits for its signature.

        In a small book every case may be placed already; then no list waits.
        """
        for agency in Agency.objects.order_by("code"):
            make_statement(agency.code, month_end(self.as_of), now, actor="demo")
        self.place_list(now, LAST_LIST)
        proposed = self.propose(now)
        assert isinstance(proposed, PlacementList) or proposed.code == "nothing_to_place", proposed
        sales.live(self.people["manager"], self.people["compliance"], now)
        inbox.live(now)


def _unrefused(item: Made | Problem | list[Problem]) -> Made:
    """What an act made; the demo's own acts are never refused."""
    assert not isinstance(item, Problem | list), item
    return item
