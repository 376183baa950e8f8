"""A made-up lender's desk for tests: people, loans, cases and wishes, with as little in them as a test needs."""

from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings

from forbear.actions.contacts.queue_contact import ContactDraft, digest_of, queue_contact
from forbear.channels.transport import Message, Receipt
from forbear.core.base.problem import Problem
from forbear.core.facts.contact import PlannedContact
from forbear.core.permits.permit import Permit
from forbear.interchange.home.signed_packs import signed_path
from forbear.store.models import Borrower, Case, Contact, ContactPoint, Loan

#: Three in the afternoon of a Tuesday in Shanghai.
NOON = datetime(2026, 3, 10, 7, 0, tzinfo=UTC)
PHONE = "+8610000000001"

HOUSE_PACK = """
pack: house
rules:
  - id: house.night
    says: {zh: 夜间不联系, en: No contact at night}
    refuse_when: local_hour < 8 or local_hour >= 22
    until: next_local_hour(8)
    clause: house §1
    force: house
  - id: house.calls
    says: {zh: 每日接通上限, en: A cap on connected calls a day}
    applies: {channels: [call, voice]}
    count: {by: debtor, outcome: connected, channels: [call, voice], within: 1 day}
    refuse_when: counted >= 1
    until: window
    clause: house §2
    force: house
  - id: house.messages
    says: {zh: 每日短信上限, en: A cap on messages a day}
    applies: {channels: [sms]}
    count: {by: debtor, channels: [sms], within: 1 day}
    refuse_when: counted >= 3
    until: window
    clause: house §3
    force: house
  - id: house.opt_out
    says: {zh: 已退订, en: The borrower opted out}
    applies: {purposes: [collect, remind]}
    refuse_when: opted_out
    clause: house §4
    force: house
  - id: house.holds
    says: {zh: 已冻结, en: The case is held}
    applies: {purposes: [collect, remind]}
    refuse_when: dispute_open or hardship_open or ceased or on_hold
    until: hold_ends
    clause: house §5
    force: house
  - id: house.figures
    says: {zh: 数据过旧, en: The figures are old}
    refuse_when: figures_age_hours > 36 or past_due_amount = 0
    clause: house §6
    force: house
"""


def house_rules(text: str = HOUSE_PACK) -> None:
    """Make the home's only pack this one."""
    (path,) = settings.HOME.packs
    write_pack(path, text)


def write_pack(path: Path, text: str) -> None:
    """Write a pack and its signed version, as two people's signatures would."""
    for copy in (path, signed_path(path)):
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(text, encoding="utf-8")


def make_borrower(name: str = "B1", *, phone: str = PHONE, zone: str = "Asia/Shanghai") -> Borrower:
    """A borrower with one late loan, one phone and an open case."""
    borrower = Borrower.objects.create(
        borrower_id=name, name="王小明", language="zh", timezones=[zone] if zone else [], loaded_at=NOON
    )
    ContactPoint.objects.create(
        borrower=borrower, kind="phone", value=phone, digest=digest_of("phone", phone), lawful=True
    )
    Loan.objects.create(
        loan_id=f"{name}-L1",
        borrower=borrower,
        product="cash",
        currency="CNY",
        minor_unit=100,
        principal=500_000,
        days_past_due=12,
        past_due_amount=41_200,
        outstanding=300_000,
        payoff=300_000,
        balance=290_000,
        as_of=date(2026, 3, 10),
    )
    Case.objects.create(
        borrower=borrower,
        worst_loan=f"{name}-L1",
        stage="conversation",
        handler="internal",
        facts={"days_past_due": 12, "past_due_amount": 41_200, "outstanding": 300_000},
        as_of=date(2026, 3, 10),
        figures_at=NOON,
        opened_on=date(2026, 3, 1),
        call_planned_on=date(2026, 3, 10),
    )
    return borrower


def wish_for(
    borrower: Borrower, channel: str = "sms", purpose: str = "collect", **more: object
) -> PlannedContact:
    """A wish about the borrower's loan by their phone."""
    point = borrower.points.get(kind="phone").digest
    return PlannedContact(channel, purpose, point=point, loans=(f"{borrower.borrower_id}-L1",), **more)


def wished(borrower: Borrower, channel: str = "sms", *, now: datetime = NOON, **more: object) -> Contact:
    """A contact in the outbox."""
    wanted = ContactDraft(
        borrower.borrower_id, wish_for(borrower, channel, **more), body="您好,您有一期还款逾期。"
    )
    contact = queue_contact(wanted, now, actor="test")
    assert not isinstance(contact, Problem), contact
    return contact


class Recorder:
    """A transport that keeps what it was given, and answers as told."""

    provider = "recorder"
    channels = ("sms", "call")

    def __init__(self, answer: str = "accepted") -> None:
        self.answer = answer
        self.sent: list[Message] = []

    def send(self, permit: Permit, message: Message) -> Receipt:
        """Keep the message."""
        assert permit.contact_id == message.contact_id
        self.sent.append(message)
        return Receipt(self.answer, self.provider, f"ref-{len(self.sent)}-{message.contact_id}")

    def close(self) -> None:
        """Nothing to close."""
