"""Made-up visits: people, addresses, a pair of visitors, and a visit brought as far as a test needs."""

import uuid
from datetime import date, datetime, timedelta

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.visits.decisions import approve_visit
from forbear.actions.visits.proposals import propose_visit
from forbear.actions.visits.routes import give_route, save_routes
from forbear.insight.routing import work_out_day
from forbear.store.models import Agency, Borrower, ContactPoint, Staff, Visit, VisitRoute
from tests.factories.agencies import person
from tests.factories.desk import NOON, make_borrower

#: Ten in the morning of the day after, in Shanghai; the figures are of that night.
AT_DOOR = NOON + timedelta(hours=19)
AT_HOME = {"latitude": 30.0001, "longitude": 120.0, "accuracy": 12}
VISIT_PACK = """
pack: house
rules:
  - id: house.night
    says: {zh: 夜间不联系, en: No contact at night}
    refuse_when: local_hour < 8 or local_hour >= 22
    until: next_local_hour(8)
    clause: house §1
    force: house
  - id: house.visits
    says: {zh: 须两人并录音, en: Two people and a recording}
    applies: {channels: [visit]}
    refuse_when: visitors < 2 or not recorded or no_visits or not point_on_file
    clause: house §2
    force: house
  - id: house.holds
    says: {zh: 已冻结, en: The case is held}
    applies: {purposes: [collect]}
    refuse_when: dispute_open or hardship_open or ceased or vulnerable
    until: hold_ends
    clause: house §3
    force: house
  - id: house.figures
    says: {zh: 数据过旧, en: The figures are old}
    refuse_when: figures_age_hours > 36
    clause: house §4
    force: house
"""
NOTICE_RULE = """
  - id: house.visit_notice
    says: {zh: 上门须提前三日通知, en: A visit is announced three days before}
    applies: {channels: [visit]}
    refuse_when: days_since_visit_notice < 3 or days_since_visit_notice = 9999
    until: notice(visit_notice, 3)
    clause: house §5
    force: house
"""


def give_address(
    borrower: Borrower, area: str = "东湖区", place: tuple[int, int] | None = (30_000_000, 120_000_000)
):
    """An address on file, with its place if one is given."""
    value = f"{area}示例路{borrower.borrower_id}号"
    return ContactPoint.objects.create(
        borrower=borrower, kind="address", value=value, digest=digest_of("address", value), lawful=True, area=area,
        latitude=place and place[0], longitude=place and place[1],
    )  # fmt: skip


def visited(
    name: str = "B1", area: str = "东湖区", place: tuple[int, int] | None = (30_000_000, 120_000_000)
) -> Borrower:
    """A borrower with an address."""
    borrower = make_borrower(name, phone=f"+861000000{name[1:]:0>4}")
    give_address(borrower, area, place)
    return borrower


def visitors(number: int = 2, agency: Agency | None = None, start: int = 1) -> list[Staff]:
    """So many people who visit."""
    return [person(f"V{1000 + n}", "visitor", agency) for n in range(start, start + number)]


def approved(borrower: Borrower, now: datetime = NOON) -> Visit:
    """A visit that one person proposed and another approved."""
    made = propose_visit(borrower.borrower_id, "电话一直打不通", person("collector1", "collector"), now)
    assert isinstance(made, Visit), made
    decided = approve_visit(made.pk, person("lead1", "lead"), now)
    assert isinstance(decided, Visit), decided
    return decided


def planned(borrower: Borrower, day: date, now: datetime = NOON) -> Visit:
    """A visit on the route of a pair for that day."""
    made = approved(borrower, now)
    worked = work_out_day(day, now)
    assert isinstance(worked, tuple), worked
    ways, left = worked
    (route,) = save_routes(day, ways, left, now, person("lead1", "lead"))
    given = give_route(route.pk, person("lead1", "lead"), now)
    assert isinstance(given, VisitRoute), given
    return Visit.objects.get(pk=made.pk)


def told(visit: Visit, kind: str, at: datetime = AT_DOOR, **more: object) -> dict:
    """What a visitor's phone tells: that they left, began, ended, and where."""
    return {
        "id": str(uuid.uuid4()), "kind": kind, "visit": visit.pk, "at": at.isoformat(), "place": AT_HOME, **more,
    }  # fmt: skip
