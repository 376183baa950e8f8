"""Goal: what a dry run says the rules will refuse, the permit gate does refuse, at every hour of that day.

Method: a small book and a strategy that plans nearly everything, with holds, stops, consents, notices and contacts on
the desk. Each step that is counted as refused is asked of the real gate, hour by hour.
"""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from forbear.actions.contacts.permit_gate import preview
from forbear.cli.night import decide_night
from forbear.core.planning.step import planned_step
from forbear.engine.columnar import connected
from forbear.insight.planned_context import read_planned_context
from forbear.insight.planned_refusals import planned_refusals
from forbear.insight.whatif import what_if
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.planned_steps import purposes
from forbear.publish.publish import publish
from forbear.store.models import Consent, Contact, ContactPoint, Hold, Notice
from tests.interchange.book.small_feed import write

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
#: Noon in Shanghai.
NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NAMES = [f"B{number}" for number in range(1, 9)]
FEED = {
    "loans": [f"L{n},B{n},cash,CNY,800.00,2026-01-01,active" for n in range(1, 9)],
    "instalments": [f"L{n},1,2026-02-25,400.00,12.00,0,0" for n in range(1, 9)],
    "payments": [],
    "borrowers": [f"B{n},王小明,+861000000000{n},,zh,,Asia/Shanghai,,true" for n in range(1, 9)],
}
EVERYTHING = """\
strategy: everything
hold_when: feed_doubt
stages:
  - stage: all
    when: days_past_due > 0
    handler: internal
    treatments:
      - {sms: overdue_reminder}
      - {sms: credit_report_notice}
      - {voice: overdue_reminder}
      - {call: conversation}
      - {visit: field_visit}
      - {email: overdue_reminder}
      - {court: payment_order}
      - {agency: placement}
"""


@pytest.fixture
def home(tmp_path):
    made = settings.HOME
    import_feed(made.book, write(tmp_path / "feed", **FEED), quarantine=made.quarantine, threads=1)
    publish(decide_night(made, DAY, made.strategy), open_book(made.book), NOON - timedelta(hours=10))
    (tmp_path / "everything.yaml").write_text(EVERYTHING, encoding="utf-8")
    return made, tmp_path / "everything.yaml"


def contact(
    borrower: str, number: int, at: datetime, channel: str = "call", outcome: str = "conversation"
) -> Contact:
    point = ContactPoint.objects.get(borrower_id=borrower, kind="phone")
    return Contact.objects.create(
        contact_id=f"{borrower}-{number}-{channel}", borrower_id=borrower, loans=[f"L{borrower[1:]}"], channel=channel,
        purpose="collect", party="debtor", point=point, point_digest=point.digest, code=f"{borrower}{number}{channel}",
        state="sent", outcome=outcome, queued_at=at, not_before=at, give_up_at=at, at=at,
    )  # fmt: skip


def said(found: list) -> dict[tuple[str, str, str], int]:
    return {(row.channel, row.template, row.rule): row.refused for row in found}


def lives() -> None:
    """What happened to each of them: a stop, a hold, talks enough, a notice, a consent that came after a stop."""
    hour = NOON - timedelta(hours=1)
    Consent.objects.create(borrower_id="B1", given=False, at=NOON)
    Consent.objects.create(borrower_id="B2", given=False, at=NOON - timedelta(hours=5), channel="sms")
    Consent.objects.create(borrower_id="B2", given=True, at=NOON - timedelta(hours=4), channel="sms")
    Consent.objects.create(borrower_id="B2", given=False, at=NOON, channel="voice")
    for kind, borrower, loans in (("lawyer", "B3", []), ("dispute", "B4", ["L4"]), ("dispute", "B5", ["L9"])):
        Hold.objects.create(borrower_id=borrower, kind=kind, loans=loans, starts_at=NOON - timedelta(days=3))
    for number in range(3):
        contact("B6", number, hour + timedelta(minutes=number))
    for number in range(3):
        contact("B7", number, hour + timedelta(minutes=number), "sms", "delivered")
    told = contact("B8", 1, NOON - timedelta(days=20), "sms", "delivered")
    Notice.objects.create(
        borrower_id="B8", loan_id="L8", kind="credit_notice", given_at=told.at, contact=told
    )
    # an ended hold, talks of another day, and a notice long ago keep nobody from anything
    Hold.objects.create(
        borrower_id="B8",
        kind="dispute",
        loans=[],
        starts_at=NOON - timedelta(days=3),
        ends_at=NOON - timedelta(days=1),
    )
    for number in range(3):
        contact("B8", 10 + number, NOON - timedelta(days=1, minutes=number))


@pytest.mark.postgresql
def test_by_hand(home):
    made, path = home
    lives()
    context = read_planned_context(NOON, rulebook(made).longest_window)
    found = said(what_if(made, open_book(made.book), path, DAY, DAY, context=context).refused_after)
    assert found[("sms", "overdue_reminder", "cn.opt_out")] == 1
    assert found[("voice", "overdue_reminder", "cn.opt_out")] == 2
    assert found[("call", "conversation", "cn.opt_out")] == 1
    assert found[("call", "conversation", "cn.lawyer")] == 1
    assert found[("sms", "overdue_reminder", "cn.dispute")] == 1
    assert found[("court", "payment_order", "cn.dispute")] == 1
    assert found[("call", "conversation", "cn.connected_calls")] == 1
    assert found[("sms", "overdue_reminder", "cn.messages")] == 1
    assert found[("sms", "credit_report_notice", "cn.notice_due")] == 1
    # B1, B3, B4, B7; who has no address for a step isn't asked about: nobody has one for e-mail and visits
    assert found[("sms", "overdue_reminder", "")] == 4
    assert not [key for key in found if key[0] in ("email", "visit")]


def test_without_the_desk_only_what_the_book_says_is_known(home):
    made, path = home
    lives()
    assert said(what_if(made, open_book(made.book), path, DAY, DAY).refused_after) == {}


def test_each_of_them_the_gate_refuses_at_every_hour(home):
    made, _ = home
    lives()
    book, texts = rulebook(made), purposes(made)
    rows = [(name, f"L{name[1:]}", step, template) for name in NAMES for step, template in (
        ("sms", "overdue_reminder"), ("sms", "credit_report_notice"), ("voice", "overdue_reminder"),
        ("call", "conversation"), ("court", "payment_order"),
    )]  # fmt: skip
    rules = tuple(bound.rule for bound in book.bound)
    refused = Counter()
    for number, (name, loan, channel, template) in enumerate(rows):
        treatments = (
            f"select date '{DAY}' as day, '{name}' as borrower_id, '{loan}' as loan_id, '{channel}' as channel, "
            f"'{template}' as template, {number} as position"
        )
        cases = (
            f"select date '{DAY}' as day, '{name}' as borrower_id, 13 as days_past_due, 41200 as past_due_amount, "
            "false as feed_doubt, 100 as minor_unit"
        )
        context = read_planned_context(NOON, book.longest_window)
        with connected() as engine:
            found = planned_refusals(engine, treatments, cases, rules, texts, context)
        point = ContactPoint.objects.get(borrower_id=name, kind="phone").digest if channel != "court" else ""
        planned = replace(planned_step(channel, template, texts), loans=(loan,), point=point)
        gate = [
            {refusal.rule for refusal in preview(name, [planned], NOON + timedelta(hours=hours))[0].refusals}
            for hours in range(12)  # until midnight
        ]
        for row in found:
            if row.rule:
                assert all(row.rule in hour for hour in gate), (name, row)
                refused[row.rule] += 1
    assert len(refused) >= 6, refused


def test_of_one_day_the_later_messages_are_too_many(home, tmp_path):
    made, _ = home
    many = EVERYTHING.split("      - {sms: credit")[0] + "".join(
        f"      - {{sms: overdue_reminder, when: days_past_due > {number}}}\n" for number in range(4)
    )
    path = tmp_path / "many.yaml"
    path.write_text(many, encoding="utf-8")
    context = read_planned_context(NOON, rulebook(made).longest_window)
    found = said(what_if(made, open_book(made.book), path, DAY, DAY, context=context).refused_after)
    # five a day are planned for each, three are allowed
    assert found == {("sms", "overdue_reminder", "cn.messages"): 16, ("sms", "overdue_reminder", ""): 16}
