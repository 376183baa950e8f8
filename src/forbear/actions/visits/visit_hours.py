"""What the rules would say of a visit at a later moment, as far as that is known now.

The newest facts are read once and asked at as many moments as wanted. Figures are taken to be brought up to date every
night. What has to be announced beforehand is found by asking the same rules again as if it had been.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from forbear.actions.contacts.permit_gate import counts_numbers
from forbear.core.facts.contact import PlannedContact
from forbear.core.facts.context import NoticeGiven
from forbear.core.permits.decision import Decision, decide
from forbear.core.visits.visit import VisitPolicy
from forbear.interchange.home.packs import rulebook
from forbear.store.certificates import asks_certificates
from forbear.store.models import Borrower, ContactPoint, Visit
from forbear.store.situation import read_contact_context

#: How far ahead a visit is looked for, and the longest notice that is tried.
DAYS_AHEAD = 14
_LONGEST_NOTICE = 30
NOTICE = "visit_notice"
#: The borrower is told a stretch of this length, from the full hour before the expected arrival.
ANNOUNCED_HOURS = 2


def planned_visit(
    point: ContactPoint,
    loans: tuple[str, ...],
    agency: str = "",
    *,
    visitors: int = 2,
    callers: tuple[str, ...] = (),
) -> PlannedContact:
    """The contact that a visit is: people at the address on file, who say who they are and record it."""
    return PlannedContact(
        "visit",
        "collect",
        "debtor",
        point.digest,
        loans,
        agency,
        "field_visit",
        automated=False,
        own_line=True,
        states_identity=True,
        offers_opt_out=True,
        visitors=visitors,
        recorded=True,
        callers=callers,
    )


class VisitHours:
    """The rules and the newest facts about one borrower; the caller holds their row."""

    def __init__(
        self, borrower: Borrower, planned: PlannedContact, now: datetime, *, exclude_id: str = ""
    ) -> None:
        self.book, self.planned, self.now = rulebook(settings.HOME), planned, now
        self.situation, self.point = read_contact_context(
            borrower,
            planned,
            now,
            window_days=self.book.longest_window,
            by_number=counts_numbers(self.book),
            certificates=asks_certificates(self.book),
            exclude_id=exclude_id,
        )
        if not planned.callers:  # who goes is decided later, and asked about as they leave
            self.situation = replace(self.situation, certified_until=date.max)

    def at(self, moment: datetime, notice_days: int | None = None) -> Decision:
        """The decision at a moment; with `notice_days` as if the visit had been announced that many days before."""
        figures = self.situation.figures_at
        notices = self.situation.notices
        if notice_days is not None:
            said = moment - timedelta(days=notice_days)
            notices = (*notices, *(NoticeGiven(NOTICE, loan, said) for loan in self.planned.loans))
        later = replace(
            self.situation,
            figures_at=figures + (moment - self.now) if figures is not None else None,
            notices=notices,
        )
        return decide(self.book, self.planned, later, moment)

    def notice_days(self, moment: datetime) -> int | None:
        """How many days before it has to be announced: 0 for not at all; None when that would not help."""
        if self.at(moment).permitted:
            return 0
        if not self.at(moment, _LONGEST_NOTICE).permitted:
            return None
        return next(days for days in range(_LONGEST_NOTICE + 1) if self.at(moment, days).permitted)

    def hours(self, day: date, policy: VisitPolicy, notice_days: int | None = None) -> tuple[int, int] | None:
        """The first stretch of full hours of that day (by the lender's clock) in which a visit may be made."""
        free = [
            hour
            for hour in range(policy.first_hour, policy.last_hour)
            if self.at(at_hour(day, hour), notice_days).permitted
            and self.at(at_hour(day, hour) + timedelta(minutes=59), notice_days).permitted
        ]
        if not free:
            return None
        last = free[0]
        while last + 1 in free:
            last += 1
        return free[0], last + 1


def at_hour(day: date, hour: int) -> datetime:
    """A full hour of a day by the lender's clock."""
    return datetime.combine(day, time(hour), ZoneInfo(settings.HOME.timezone))


def announced_hours(visit: Visit) -> tuple[datetime, datetime] | None:
    """From when until when the borrower was told that two people would come; None for a visit on no route.

    They bind the visitors: a notice of a visit that comes at another hour is none (CONC 7.9.12R).
    """
    if visit.arrives_at is None:
        return None
    starts = visit.arrives_at.astimezone(ZoneInfo(settings.HOME.timezone)).replace(
        minute=0, second=0, microsecond=0
    )
    return starts, starts + timedelta(hours=ANNOUNCED_HOURS)
