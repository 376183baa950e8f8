"""A world of borrowers and a lender who runs Forbear on them, day after day, by the same code as any lender.

Only the clock and the wire are made up. Each day: the feed arrives, the night decides and is published, messages
leave, people are called, borrowers answer and pay, agreements are judged, the day is sealed, and every invariant is
checked.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.make_staff import make_staff
from forbear.actions.record_payment import Heard, record_payment
from forbear.actions.settle_agreements import settle_due
from forbear.core.problem import Problem
from forbear.interchange.book import open_book
from forbear.interchange.feed_files import FeedError
from forbear.interchange.home import read_text
from forbear.interchange.import_feed import import_feed
from forbear.jobs.seal_day import seal_day
from forbear.night.desk_facts import write_desk_facts
from forbear.night.publish import publish
from forbear.night.run import plan_night, run_night
from forbear.sim.day import call_people, send_messages, tell_reports
from forbear.sim.faults import Faults, Wire
from forbear.sim.feed import delta_feed, whole_feed
from forbear.sim.invariants import check_day
from forbear.sim.people import Owing, people
from forbear.store.evidence_check import check
from forbear.store.models import Contact, Promise, Staff

ZONE = ZoneInfo("Asia/Shanghai")
#: The share of payments that the lender hears of at once; the rest comes with the next morning's feed.
_AT_ONCE = 0.4
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Summary:
    """What a run came to. Amounts in minor units; `broken` has each invariant that broke, with its first examples."""

    seed: int
    borrowers: int
    days: int = 0
    paid: int = 0
    late_at_end: int = 0
    owed_late_at_end: int = 0
    contacts: dict[str, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    promises: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    by_day: list[dict[str, int]] = field(default_factory=list)
    broken: dict[str, list[str]] = field(default_factory=dict)
    broken_on: str = ""

    def plain(self) -> dict[str, object]:
        """The same as JSON can say it."""
        return asdict(self)


class World:
    """One lender's world; Django has been started for its home."""

    def __init__(self, borrowers: int, first: date, seed: int, faults: float) -> None:
        self.chance = Random(f"world:{seed}")
        self.faults = Faults(faults, Random(f"faults:{seed}"))
        self.wire = Wire(self.faults)
        self.persons = people(borrowers, first, self.chance)
        self.by_phone = {person.phone: person for person in self.persons}
        self.by_id = {person.borrower_id: person for person in self.persons}
        self.first, self.seed = first, seed
        self.unbooked: list[tuple[str, Owing]] = []
        self.held_back: list[tuple[date, str, Owing]] = []
        self.number = 0
        self.summary = Summary(seed, borrowers)
        self.staff = self._hire(max(2, borrowers // 1000))

    def _hire(self, count: int) -> list[Staff]:
        found = []
        for number in range(count):
            made = make_staff(
                f"sim{number}",
                f"sim-{self.seed}-password",
                "collector",
                f"S{number}",
                at(self.first, 0),
                actor="sim",
            )
            assert isinstance(made, Staff), made
            found.append(made)
        return found

    def run(self, days: int, progress: Progress = lambda step, done, of: None) -> Summary:
        """Live so many days; stops at the first day on which an invariant breaks."""
        home = settings.HOME
        whole_feed(home.folder / "feed", self.persons, self.first)
        import_feed(home.book, home.folder / "feed", quarantine=home.quarantine, threads=home.threads)
        for number in range(days):
            progress("living", number, days)
            today = self.first + timedelta(days=number)
            self.live(today)
            self.summary.days = number + 1
            broken = check_day(self.persons, self.wire.arrived, today, at(today, 23, 30))
            if broken:
                self.summary.broken = {name: wrong[:5] for name, wrong in broken.items()}
                self.summary.broken_on = str(today)
                break
        return self._summed()

    def live(self, today: date) -> None:
        """One day."""
        if today > self.first:
            self.morning_feed(today)
        self.night(today)
        # the hour in which nobody may be chased: what a strategy wants must wait
        send_messages(self, at(today, 7))
        send_messages(self, at(today, 10))
        tell_reports(self, today, at(today, 11))
        call_people(self, today, at(today, 14))
        self.afternoon_payments(today, at(today, 17))
        send_messages(self, at(today, 21))
        tell_reports(self, today, at(today, 22, 30))
        settle_due(at(today, 23), actor="sim")
        seal_day(at(today, 23))
        late = [owed for person in self.persons for loan in person.loans if (owed := loan.late(today)[0])]
        self.summary.by_day.append({"late": len(late), "owed_late": sum(late)})

    def morning_feed(self, today: date) -> None:
        """Yesterday's bookings arrive; a half-written file is refused whole, and sent again."""
        home = settings.HOME
        ready = [row for row in self.held_back if row[0] <= today]
        self.held_back = [row for row in self.held_back if row[0] > today]
        new = [*self.unbooked, *((name, loan) for _, name, loan in ready)]
        self.unbooked = []
        folder = home.folder / "delta"
        if self.faults.strikes("feed_half_written"):
            delta_feed(folder, new)
            (folder / "payments.csv").write_text("payment_id,loan", encoding="utf-8")
            before = open_book(home.book).version
            try:
                import_feed(home.book, folder, quarantine=home.quarantine, delta=True, threads=home.threads)
                raise AssertionError("a half-written feed was taken")
            except FeedError:
                assert open_book(home.book).version == before, "a refused feed changed the book"
        delta_feed(folder, new)
        import_feed(home.book, folder, quarantine=home.quarantine, delta=True, threads=home.threads)
        for name, loan in new:
            loan.untold.discard(name)
        shutil.rmtree(folder)

    def night(self, today: date) -> None:
        """The night decides on what the desk knows, and is brought to the desk."""
        home, now, book = settings.HOME, at(today, 2), open_book(settings.HOME.book)
        write_desk_facts(home.desk_facts_path(today), today, now)
        inputs = plan_night(
            book, home.nights, today, read_text(home.strategy), home.strategy.name, home.desk_facts(today)
        )
        night = run_night(inputs, book, home.nights, threads=home.threads)
        assert publish(night, book, now) is not None, "a new night is published"
        if self.faults.strikes("night_twice"):
            assert publish(night, book, now) is None, "the same night is published once"
        settle_due(now, actor="night", news=True)
        for old in sorted(home.nights.glob("[0-9]*"))[:-3]:
            shutil.rmtree(old)

    def afternoon_payments(self, today: date, now: datetime) -> None:
        """Borrowers pay; some payments are heard of at once, some are taken back, some come days later."""
        for person in self.persons:
            for loan in person.loans:
                amount = person.pays(today, loan, self.chance)
                if amount:
                    self._paid(today, now, loan, amount)

    def _paid(self, today: date, now: datetime, loan: Owing, amount: int, reverses: str = "") -> None:
        self.number += 1
        name = f"{loan.loan_id}-p{self.number}"
        loan.paid[name] = (today, amount, reverses)
        loan.untold.add(name)
        self.summary.paid += -amount if reverses else amount
        if self.faults.strikes("payment_backdated") and not reverses:
            self.held_back.append((today + timedelta(days=self.chance.randrange(2, 7)), name, loan))
            return
        self.unbooked.append((name, loan))
        if reverses or self.chance.random() < _AT_ONCE:
            heard = Heard(name, loan.loan_id, today, amount, reverses)
            told = record_payment(heard, now, actor="sim")
            if isinstance(told, Problem):
                return  # no case at the desk: the feed will tell it
            if self.faults.strikes("payment_twice"):
                again = record_payment(heard, now, actor="sim")
                assert not isinstance(again, Problem), again
            loan.untold.discard(name)
        if not reverses and self.faults.strikes("payment_bounces"):
            self._paid(today, now + timedelta(hours=1), loan, amount, reverses=name)

    def _summed(self) -> Summary:
        found, today = self.summary, self.first + timedelta(days=max(self.summary.days - 1, 0))
        late = [owed for person in self.persons for loan in person.loans if (owed := loan.late(today)[0])]
        found.late_at_end, found.owed_late_at_end = len(late), sum(late)
        made = Contact.objects.exclude(at=None).exclude(outcome="not_sent")
        found.contacts = dict(Counter(made.values_list("channel", flat=True)))
        found.states = dict(Counter(Contact.objects.values_list("state", flat=True)))
        found.promises = dict(Counter(Promise.objects.values_list("state", flat=True)))
        found.faults = {name: number for name, number in self.faults.happened.items() if number}
        return found


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment of a day where the lender is."""
    return datetime.combine(day, time(hour, minute), ZONE).astimezone(UTC)


def evidence_flaws(first: date, days: int) -> list[str]:
    """The whole evidence log walked once, on the morning after the last day."""
    return [str(flaw) for flaw in check(at(first + timedelta(days=days), 1))]


def prepare_home(folder: Path) -> None:
    """What a made-up lender's home needs beyond the ready one."""
    path = folder / "lender.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("我的贷款机构", "模拟消费金融"), encoding="utf-8"
    )
