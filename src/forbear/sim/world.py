"""A world of borrowers and a lender who runs Forbear on them, day after day, by the same code as any lender.

Only the clock and the wire are made up. Each day: the feed arrives, the night decides and is published, messages
leave, people and agencies call, borrowers answer, complain and pay, agreements are judged, the day is sealed, and
every invariant is checked on what is new. At the end all of it is checked once more.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from dataclasses import field as new
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.cases.payments import record_payment
from forbear.actions.contacts.send import recover
from forbear.actions.holds.holds import place_hold
from forbear.actions.staff.new_staff import make_staff
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.insight.choice_table import table_for_night
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.choices import choice_of
from forbear.interchange.home.country import country_of
from forbear.interchange.home.experiments import stopped_on
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.scores import scores_text
from forbear.interchange.home.strategies import strategy_on
from forbear.jobs.publish_night import publish_night
from forbear.jobs.seal_day import seal_day
from forbear.night.run import Night, plan_night, run_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.publish.publish import publish
from forbear.sim import agencies, asks, courts, field, ways_out
from forbear.sim import staff_actions as care
from forbear.sim.behaviour import behaviour
from forbear.sim.chance import Chance
from forbear.sim.crashes import Trouble, somebody_else
from forbear.sim.day import call_people, complains, deliver_reports, send_messages
from forbear.sim.faults import Faults, Wire
from forbear.sim.feed import delta_feed, whole_feed
from forbear.sim.invariants import check_day
from forbear.sim.memory import seldom_swept
from forbear.sim.people import Owing, Person, Portfolio, people
from forbear.sim.place import PLACES
from forbear.store.evidence_check import check
from forbear.store.models import (
    Case,
    Contact,
    Hold,
    Lawsuit,
    Promise,
    Request,
    SaleLoan,
    Settlement,
    Staff,
    Visit,
)

#: The share of payments that the lender hears of at once; the rest comes with the next morning's feed.
_AT_ONCE = 0.4
#: A lender of so few borrowers needs no second partition, and no second core: most of a day is then fixed costs.
_SMALL = 20_000
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a world is made from: the same setting gives the same world.

    `behind` is the share of borrowers who are late on the first day already, `hold_out` the share whom nobody chases,
    `only` (all when empty) the borrowers who are there at all, `begin` the number of the first: see `lenders`.
    """

    borrowers: int
    first: date
    seed: int
    faults: float = 0.0
    pack: str = "cn"
    behind: float = 0.0
    hold_out: float = 0.0
    only: frozenset[str] = frozenset()
    begin: int = 0


@dataclass(slots=True)
class Summary:
    """What a run came to. Amounts in minor units; `broken` has each invariant that broke, with its first examples.

    `people` has for each borrower who was ever late: whether they are of the hold-out, what they paid since, and how
    often they were reached or called.
    """

    seed: int
    borrowers: int
    pack: str = "cn"
    days: int = 0
    paid: int = 0
    late_at_end: int = 0
    owed_late_at_end: int = 0
    contacts: dict[str, int] = new(default_factory=dict)
    states: dict[str, int] = new(default_factory=dict)
    promises: dict[str, int] = new(default_factory=dict)
    requests: dict[str, int] = new(default_factory=dict)
    tried: dict[str, int] = new(default_factory=dict)
    visits: dict[str, int] = new(default_factory=dict)
    lawsuits: dict[str, int] = new(default_factory=dict)
    sales: dict[str, int] = new(default_factory=dict)
    settlements: dict[str, int] = new(default_factory=dict)
    faults: dict[str, dict[str, object]] = new(default_factory=dict)
    by_day: list[dict[str, int]] = new(default_factory=list)
    people: dict[str, tuple[bool, int, int]] = new(default_factory=dict)
    broken: dict[str, list[str]] = new(default_factory=dict)
    broken_on: str = ""

    def plain(self) -> dict[str, object]:
        """The same as JSON can say it."""
        return asdict(self)


class World:
    """One lender's world; Django has been started for its home."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.place, self.home = setting, PLACES[setting.pack], settings.HOME
        self.zone, self.language = ZoneInfo(self.place.zone), self.place.language
        self.chance = Chance(f"world:{setting.seed}")
        # what goes wrong with one lender of a world needs not with the next
        about = f"{setting.seed}:{setting.begin}" if setting.begin else f"{setting.seed}"
        self.faults = Faults(setting.faults, Chance(f"faults:{about}"))
        self.trouble = Trouble(self.faults)
        self.wire = Wire(self.faults)
        persons = people(
            setting.borrowers,
            setting.first,
            self.chance,
            self.place,
            setting.behind,
            setting.only,
            setting.begin,
        )
        self.portfolio = Portfolio(persons, setting.first)
        self.unbooked: list[tuple[str, Owing]] = []
        self.held_back: list[tuple[date, str, Owing]] = []
        self.late_since: dict[str, date] = {}
        self.cash: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()
        self.today: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()
        self.phones: list[field.Phone] = []
        self.summary = Summary(setting.seed, setting.borrowers, setting.pack)
        self._hire()

    def _hire(self) -> None:
        count = max(2, self.setting.borrowers // 1000)
        self.staff = [self._one(f"sim{n}", "collector", f"S{n}") for n in range(count)]
        self.officer, self.manager = self._one("simc", "compliance", "C1"), self._one("simm", "manager", "M1")
        self.callers = {code: self._one(f"sim{code}", "agency", f"A{code}") for code in behaviour().agencies}
        self.visitors = [self._one(f"simv{n}", "visitor", f"V{n}") for n in range(2)]
        self.lawyer = self._one("siml", "legal", "L1")
        agencies.admit(self, self.setting.first, self.at(self.setting.first, 0, 30))

    def _one(self, name: str, role: str, number: str) -> Staff:
        member = make_staff(name, None, role, number, self.at(self.setting.first, 0), actor="sim")
        assert isinstance(member, Staff), member
        return member

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """A moment of a day where the lender is."""
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def run(self, days: int, progress: Progress = lambda step, done, of: None) -> Summary:
        """Live that many days; stops at the first day on which an invariant breaks."""
        home, first = self.home, self.setting.first
        whole_feed(home.folder / "feed", self.portfolio.persons, self.place)
        partitions = 0 if self.setting.borrowers > _SMALL else 1
        import_feed(
            home.book,
            home.folder / "feed",
            quarantine=home.quarantine,
            partitions=partitions,
            threads=home.threads,
            country=country_of(home),
        )
        with seldom_swept(), somebody_else():
            for number in range(days):
                progress("living", number, days)
                if self._broken_on(first + timedelta(days=number), last=number == days - 1):
                    break
        return self._summed()

    def _broken_on(self, today: date, *, last: bool) -> bool:
        self.live(today)
        self.summary.days += 1
        broken = check_day(self, today, self.at(today, 23, 30), whole=last)
        if broken:
            self.summary.broken = {name: breaches[:5] for name, breaches in broken.items()}
            self.summary.broken_on = str(today)
        return bool(broken)

    def live(self, today: date) -> None:
        """One day."""
        self.today = Counter()
        if today > self.setting.first:
            self.morning_feed(today)
        self.night(today)
        if today.weekday() == 0 or today == self.setting.first:
            agencies.place(self, today, self.at(today, 6))
        begun = today == self.setting.first
        courts.superseded(self, today, self.at(today, 6, 15))
        field.plan(self, today, self.at(today, 6, 30), first=begun)
        ways_out.work(self, today, self.at(today, 6, 40), since=self.setting.first)
        # the hour in which nobody may be chased: what a strategy wants must wait
        self.send(today, 7, limit=5)
        self.send(today, 10)
        deliver_reports(self, today, self.at(today, 11))
        agencies.work(self, today, self.at(today, 12))
        field.go(self, today, self.at(today, 13))
        call_people(self, today, self.at(today, 14))
        asks.ask(self, today, self.at(today, 16, 30))
        courts.work(self, today, self.at(today, 16, 50), first=begun)
        care.answer_all(self, today, self.at(today, 17))
        self.afternoon_payments(today, self.at(today, 18))
        self.send(today, 20)
        field.hand_in(self, self.at(today, 21))
        deliver_reports(self, today, self.at(today, 22, 30))
        agencies.misbehave(self, today, self.at(today, 22, 45))
        courts.superseded(self, today, self.at(today, 22, 50))
        now = self.at(today, 23)
        self.trouble.doing(partial(evaluate_due_agreements, now, actor="sim"), "settle", today)
        self.trouble.doing(partial(seal_day, now), "seal", today)
        self.portfolio.close(today)
        self._count(today)

    def send(self, today: date, hour: int, limit: int = 0) -> None:
        """Everything due by now leaves; with `limit`, only that many are tried."""
        now = self.at(today, hour)
        self.wire.meanwhile = lambda: recover(now + timedelta(minutes=30)) and None
        send_messages(self, now, limit)

    def reached(self, person: Person, today: date, now: datetime, *, talk: bool) -> None:
        """A contact reached somebody: it moves them for a while, and one too many brings a complaint."""
        force = behaviour().contact
        lasts, times = (force.talk_days, force.talk_times) if talk else (force.message_days, 1.0)
        person.contacted = [contact for contact in person.contacted if (today - contact[0]).days <= 30]
        person.contacted.append((today, lasts, times))
        self.touched[person.borrower_id] += 1
        self.today["contacts"] += 1
        if complains(self, person, today):
            self.today["complaints"] += 1
            care.complain(self, person, now + timedelta(minutes=20))

    def morning_feed(self, today: date) -> None:
        """Yesterday's bookings arrive; a half-written file is refused whole, and sent again."""
        if self.faults.strikes("feed_late", today):
            return
        ready = [row for row in self.held_back if row[0] <= today]
        self.held_back = [row for row in self.held_back if row[0] > today]
        new = [*self.unbooked, *((name, loan) for _, name, loan in ready)]
        self.unbooked = []
        changed = self.portfolio.changed_people(today, self.at(today, 1))
        folder = self.home.folder / "delta"
        if self.faults.strikes("feed_half_written", today):
            delta_feed(folder, new, changed, self.place)
            (folder / "payments.csv").write_text("payment_id,loan", encoding="utf-8")
            before = open_book(self.home.book).version
            try:
                self._import()
                raise AssertionError("a half-written feed was taken")
            except FeedError:
                assert open_book(self.home.book).version == before, "a refused feed changed the book"
        delta_feed(folder, new, changed, self.place)
        self.trouble.doing(self._import, "import", today)
        if self.faults.strikes("feed_twice", today):
            self._import()
        for name, loan in new:
            self.portfolio.report_payment(loan, name)
        shutil.rmtree(folder)

    def _import(self) -> None:
        home = self.home
        import_feed(
            home.book,
            home.folder / "delta",
            quarantine=home.quarantine,
            delta=True,
            threads=home.threads,
            country=country_of(home),
        )

    def night(self, today: date) -> None:
        """The night decides on what the desk knows, and is brought to the desk, as the command does it."""
        home, now, book = self.home, self.at(today, 2), open_book(self.home.book)

        def decide() -> Night:
            write_desk_facts(home.desk_facts_path(today), today, now)
            path = strategy_on(home, today)
            facts, stopped = home.desk_facts(today), stopped_on(home, today)
            table_for_night(home, book, today, now)
            text, (choice, refused) = read_text(path), choice_of(home, today)
            inputs = plan_night(
                *(book, home.nights, today, text, path.name, facts),
                stopped=stopped,
                scores_text=scores_text(home, today),
                choice=choice,
                refused=refused,
            )
            return run_night(inputs, book, home.nights, threads=home.threads)

        night = self.trouble.doing(decide, "decide", today)
        self.trouble.doing(partial(publish_night, night, book, now), "publish", today)
        if self.faults.strikes("night_twice", today):
            assert publish(night, book, now) is None, "the same night is published once"
        self._hold_out(today, now)
        for old in sorted(home.nights.glob("[0-9]*"))[:-3]:
            shutil.rmtree(old)

    def held_out(self, borrower_id: str) -> bool:
        """Whether the lot says that nobody chases this borrower."""
        return self.chance.draw("hold-out", borrower_id) < self.setting.hold_out

    def _hold_out(self, today: date, now: datetime) -> None:
        """Anyone who is of the hold-out is held from the first night of their case on."""
        if not self.setting.hold_out:
            return
        held = Hold.objects.filter(source="hold-out").values("borrower_id")
        rows = Case.objects.filter(closed_on=None).exclude(borrower_id__in=held).order_by("borrower_id")
        for borrower_id in rows.values_list("borrower_id", flat=True):
            if self.held_out(borrower_id):
                place_hold(borrower_id, "other", now, actor="sim", reason="hold-out", source="hold-out")

    def afternoon_payments(self, today: date, now: datetime) -> None:
        """Borrowers pay; some payments are reported at once, some are taken back, some come days later."""
        # two days back, today's payments would be of a day that has not come
        now = self.faults.moment(now, "payments", today, far=False)
        for loan in self.portfolio.concerned(today):
            person = self.portfolio.by_id[loan.borrower_id]
            amount = person.pays(today, loan, self.chance)
            if amount:
                person.last_paid = today
                self._paid(today, now, loan, amount)

    def _paid(self, today: date, now: datetime, loan: Owing, amount: int, reverses: str = "") -> None:
        name = f"{loan.loan_id}-p{len(loan.paid)}"
        self.portfolio.paid(loan, name, today, amount, reverses)
        counts = -amount if reverses else amount
        self.summary.paid += counts
        self.today["paid"] += counts
        if loan.borrower_id in self.late_since:
            self.cash[loan.borrower_id] += counts
        if not reverses and self.faults.strikes("payment_backdated", name):
            later = today + timedelta(days=2 + self.faults.chance.below(5, "later", name))
            self.held_back.append((later, name, loan))
            return
        self.unbooked.append((name, loan))
        if reverses or self.chance.draw("at once", name, today) < _AT_ONCE:
            incoming = IncomingPayment(name, loan.loan_id, today, amount, reverses)
            recording = partial(record_payment, incoming, now, actor="sim")
            payment = self.trouble.doing(recording, "payment", name)
            if isinstance(payment, Problem):
                return  # no case at the desk: the feed will tell it
            if self.faults.strikes("payment_twice", name):
                again = recording()
                assert not isinstance(again, Problem), again
            self.portfolio.report_payment(loan, name)
        if not reverses and self.faults.strikes("payment_bounces", name):
            self._paid(today, now + timedelta(hours=1), loan, amount, reverses=name)

    def _count(self, today: date) -> None:
        late = self.portfolio.late(today + timedelta(days=1))
        for name in late:
            self.late_since.setdefault(self.portfolio.loans[name].borrower_id, today)
        since = self.at(today, 0)
        refused = Contact.objects.filter(state="refused", ended_at__gte=since).count()
        self.summary.by_day.append(
            {
                "late": len(late),
                "owed_late": sum(owed for owed, _ in late.values()),
                "late_30": sum(days >= 30 for _, days in late.values()),
                "paid": self.today["paid"],
                "contacts": self.today["contacts"],
                "complaints": self.today["complaints"],
                "refused": refused,
            }
        )

    def _summed(self) -> Summary:
        summary, today = self.summary, self.setting.first + timedelta(days=max(self.summary.days - 1, 0))
        late = self.portfolio.late(today)
        summary.late_at_end, summary.owed_late_at_end = len(late), sum(owed for owed, _ in late.values())
        contacts = Contact.objects.exclude(at=None).exclude(outcome="not_sent")
        summary.contacts = dict(Counter(contacts.values_list("channel", flat=True)))
        summary.states = dict(Counter(Contact.objects.values_list("state", flat=True)))
        summary.promises = dict(Counter(Promise.objects.values_list("state", flat=True)))
        summary.requests = dict(Counter(Request.objects.values_list("kind", flat=True)))
        summary.tried = dict(self.tried)
        summary.visits = dict(Counter(Visit.objects.values_list("state", flat=True)))
        summary.lawsuits = dict(Counter(Lawsuit.objects.values_list("state", flat=True)))
        summary.sales = dict(Counter(SaleLoan.objects.values_list("state", flat=True)))
        summary.settlements = dict(Counter(Settlement.objects.values_list("state", flat=True)))
        summary.faults = self.faults.counts()
        summary.people = {
            name: (self.held_out(name), self.cash[name], self.touched[name])
            for name in sorted(self.late_since)
        }
        return summary


def evidence_flaws(world: World) -> list[str]:
    """The whole evidence log walked once, on the morning after the last day."""
    return [
        str(flaw) for flaw in check(world.at(world.setting.first + timedelta(days=world.summary.days), 1))
    ]
