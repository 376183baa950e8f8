"""Goal: what was granted is kept for as long as it was promised, whatever nights and feeds say meanwhile.

Method: dated stories on a real book. Nights are decided and published, feeds come with and without what was granted.
"""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client

from forbear.actions.access.portal_access import link_for
from forbear.actions.agencies.placements import candidates
from forbear.actions.agreements.plans import Proposed, propose_plan
from forbear.actions.agreements.promises import Offered, record_promise
from forbear.actions.agreements.settlements import SettlementWanted, propose_settlement
from forbear.actions.answers.answer_request import Answered, answer_request
from forbear.actions.answers.moved_due_dates import move_due_date
from forbear.actions.answers.reviews import Reviewed, review_request, reviews_due
from forbear.actions.cases.payments import record_payment
from forbear.actions.instructions.instruction_file import folder, write_instruction_file
from forbear.actions.payments.debt_sale import Buyer, decide_sale, propose_sale, sell_due
from forbear.actions.payments.pay import open_order
from forbear.actions.requests.requests import Asked, make_request
from forbear.actions.selectors.ledger import ledger_of
from forbear.actions.webhooks.api_keys import make_key
from forbear.actions.webhooks.subscriptions import subscribe
from forbear.core.agreements.answers import Granted
from forbear.core.agreements.plan import spread
from forbear.core.base.problem import Problem
from forbear.core.loans.incoming import IncomingPayment
from forbear.interchange.book.book import open_book
from forbear.interchange.book.import_feed import import_feed
from forbear.jobs.publish_night import publish_night
from forbear.night.run import plan_night
from forbear.publish.desk_facts import write_desk_facts
from forbear.store.models import (
    Borrower,
    Case,
    Contact,
    DueChange,
    Event,
    Hold,
    Instruction,
    Loan,
    Request,
    Settlement,
    Staff,
    Treatment,
    WebhookDelivery,
)
from forbear.web import clock as web_clock
from tests.factories.agencies import person
from tests.factories.desk import house_rules
from tests.home_night import feed_in, night_of
from tests.interchange.book.small_feed import write
from tests.web.pages import born

#: What a default run has on PostgreSQL too; a long one has all of them there.
ON_POSTGRESQL = (
    "test_a_line_that_was_paid_is_booked_by_the_payment_as_well_and_never_counts_twice",
    "test_a_kept_settlement_settles_the_loan_until_the_feed_closes_it_and_a_bounce_takes_it_back",
)
pytestmark = [pytest.mark.postgresql(*ON_POSTGRESQL), pytest.mark.database, pytest.mark.django_db]
DAY = date(2026, 3, 10)
LOANS = ["L1,B1,cash,CNY,1200.00,2026-01-01,active"]
INSTALMENTS = [
    "L1,1,2026-01-25,400.00,12.00,0,0",
    "L1,2,2026-03-25,400.00,12.00,0,0",
    "L1,3,2026-09-25,400.00,12.00,0,0",
]
FEED = {
    "loans": LOANS,
    "instalments": INSTALMENTS,
    "payments": ["P0,L1,2026-01-20,2.00,"],
    "borrowers": ["B1,王小明,+8610000000001,,zh,,Asia/Shanghai,,true"],
}


def noon(day: date) -> datetime:
    """Noon in Shanghai on the day after a night."""
    return datetime.combine(day, time(4), UTC)


@pytest.fixture
def staff() -> Staff:
    return Staff.objects.create_user(username="he", password="x", role="compliance", number="F3001")


@pytest.fixture
def home(tmp_path):
    house_rules()
    feed_in(tmp_path / "feed", **FEED)
    night(DAY)
    return tmp_path


def night(day: date) -> None:
    """The night of a day with what the desk knew at its end, published at noon of the next."""
    home, now, book = settings.HOME, noon(day + timedelta(days=1)), open_book(settings.HOME.book)
    write_desk_facts(home.desk_facts_path(day), day, now)
    strategy = home.strategy.read_text("utf-8")
    plan = plan_night(book, home.nights, day, strategy, home.strategy.name, home.desk_facts(day))
    publish_night(night_of(plan, book), book, now)


def feed(folder, name: str, **changed: list[str]) -> None:
    """A new feed, with these tables otherwise."""
    path = write(folder / name, **{**FEED, **changed})
    report = import_feed(settings.HOME.book, path, quarantine=settings.HOME.quarantine, threads=1)
    assert not report.quarantined_rows


def ask(kind: str, day: date, **more: object) -> Request:
    made = make_request(Asked("B1", kind, **more), noon(day), actor="borrower")
    assert isinstance(made, Request), made
    return made


def answer(request: Request, outcome: str, staff: Staff, day: date, **granted: object) -> Request:
    made = answer_request(
        request.number, Answered(outcome, "好", granted=Granted(**granted)), staff, noon(day)
    )
    assert isinstance(made, Request), made
    return made


def late() -> tuple[int, int]:
    return Loan.objects.values_list("past_due_amount", "days_past_due").get()


def holds(day: date) -> list[str]:
    running = Hold.objects.filter(lifted_at=None)
    return sorted(hold.kind for hold in running if hold.ends_at is None or hold.ends_at > noon(day))


def planned(day: date) -> int:
    return Treatment.objects.filter(planned_on=day, state__in=("planned", "queued")).count()


def test_a_pause_of_three_months_is_kept_night_by_night_and_reviewed_on_its_day(home, staff):
    request = ask("hardship", DAY + timedelta(days=1), words="失业")
    assert holds(DAY + timedelta(days=1)) == ["hardship"]
    until = date(2026, 6, 10)
    answered = answer(request, "deferred", staff, DAY + timedelta(days=2), until=until)
    assert holds(DAY + timedelta(days=2)) == ["forbearance"]
    assert answered.review_on == until, "no later than the pause ends"
    (told,) = Instruction.objects.all()
    assert (told.kind, told.loan_id, told.on, told.state) == ("pause", "L1", date(2026, 6, 11), "open")
    for day in (date(2026, 3, 12), date(2026, 3, 13), date(2026, 4, 20), date(2026, 6, 10)):
        night(day)
        assert Case.objects.get(closed_on=None).held, day
        assert planned(day) == 0, day
        assert candidates() == []
        assert not Contact.objects.filter(
            state="waiting", purpose__in=("collect", "remind", "place")
        ).exists()
    assert list(reviews_due(Request.objects.all(), until)) == [answered]
    # nobody looks at it: two more weeks of peace, then the ordinary course
    night(date(2026, 6, 23))
    assert Case.objects.get(closed_on=None).held
    night(date(2026, 6, 25))
    assert not Case.objects.get(closed_on=None).held
    assert planned(date(2026, 6, 25)) > 0


def test_a_review_lets_a_pause_go_on_or_end(home, staff):
    request = ask("hardship", DAY, words="生病")
    answer(request, "deferred", staff, DAY + timedelta(days=1), until=date(2026, 4, 10))
    day = date(2026, 4, 9)
    assert isinstance(review_request(request.number, Reviewed(" "), staff, noon(day)), Problem)
    longer = review_request(request.number, Reviewed("仍无收入", date(2026, 5, 10)), staff, noon(day))
    assert (longer.review_on, longer.reviewed_at) == (date(2026, 5, 10), None)
    assert holds(date(2026, 5, 20)) == ["forbearance"]
    assert sorted(Instruction.objects.values_list("state", "on")) == [
        ("open", date(2026, 5, 11)),
        ("withdrawn", date(2026, 4, 11)),
    ]
    ended = review_request(request.number, Reviewed("已就业"), staff, noon(date(2026, 5, 9)))
    assert ended.reviewed_at is not None
    assert holds(date(2026, 5, 10)) == ["forbearance"], "kept to its last day"
    assert holds(date(2026, 5, 11)) == []
    assert isinstance(review_request(request.number, Reviewed("x"), staff, noon(day)), Problem)


def test_an_upheld_dispute_holds_the_line_against_the_feed_until_it_is_booked(home, staff):
    assert late() == (41_000, 44)
    key, _ = make_key("core", ["webhooks:manage"], noon(DAY), actor="test")
    subscribe(key, "https://core.example/", ["instruction.made", "instruction.changed"], "whsec_x", noon(DAY))
    request = ask("dispute", DAY, words="这一期已还", line="L1:1")
    answer(request, "upheld", staff, DAY + timedelta(days=1))
    assert late() == (0, 0)
    assert Case.objects.get().closed_on == DAY + timedelta(days=1)
    assert holds(DAY + timedelta(days=1)) == []
    for day in (date(2026, 3, 11), date(2026, 3, 12), date(2026, 3, 13)):
        night(day)
        assert not Case.objects.filter(closed_on=None).exists(), day
        assert (late(), planned(day)) == ((0, 0), 0)
    opened = Event.objects.filter(borrower="B1", kind="case_opened").count()
    assert opened == 1, "no night opens the case again"
    # penalty that grows contradicts nothing, a line that rises does
    feed(home, "grown", instalments=["L1,1,2026-01-25,400.00,12.00,0,9.00", *INSTALMENTS[1:]])
    night(date(2026, 3, 14))
    assert (Instruction.objects.get().state, late()) == ("open", (0, 0))
    feed(home, "risen", instalments=["L1,1,2026-01-25,450.00,12.00,0,0", *INSTALMENTS[1:]])
    night(date(2026, 3, 15))
    assert (Instruction.objects.get().state, late()) == ("contradicted", (0, 0))
    told = [(sent.kind, sent.body["state"]) for sent in WebhookDelivery.objects.order_by("pk")]
    assert told == [("instruction.made", "open"), ("instruction.changed", "contradicted")]
    feed(home, "booked", instalments=["L1,1,2026-01-25,2.00,0,0,0", *INSTALMENTS[1:]])
    night(date(2026, 3, 16))
    assert (Instruction.objects.get().state, late()) == ("booked", (0, 0))


def test_a_line_that_was_paid_is_booked_by_the_payment_as_well_and_never_counts_twice(home, staff):
    request = ask("dispute", DAY, line="L1:1", details={"reason": "paid"})
    answer(request, "upheld", staff, DAY + timedelta(days=1))
    feed(home, "paid", payments=[*FEED["payments"], "P1,L1,2026-03-01,410.00,"])
    night(date(2026, 3, 12))
    assert (Instruction.objects.get().state, late()) == ("booked", (0, 0))
    night(date(2026, 3, 26))
    assert late() == (41_200, 1), "the next instalment is asked for in full"


@pytest.mark.parametrize("reason", ["fees", ""])
def test_a_payment_that_comes_late_takes_back_no_line_that_was_wrong_itself(home, staff, reason):
    details = {"reason": reason} if reason else {}
    request = ask("dispute", DAY, line="L1:1", details=details)
    answer(request, "upheld", staff, DAY + timedelta(days=1))
    feed(home, "paid", payments=[*FEED["payments"], "P1,L1,2026-03-01,410.00,"])
    night(date(2026, 3, 12))
    assert (Instruction.objects.get().state, late()) == ("open", (0, 0))
    night(date(2026, 3, 26))
    assert late() == (200, 1), "the payment counts for the next instalment"


def test_partly_upheld_counts_by_amount(home, staff):
    request = ask("dispute", DAY, line="L1:1")
    too_much = answer_request(
        request.number, Answered("partly", "好", granted=Granted(amount=41_001)), staff, noon(DAY)
    )
    assert too_much.code == "wrong_amount_too_large"
    assert Request.objects.get().state == "open"
    answer(request, "partly", staff, DAY + timedelta(days=1), amount=10_000)
    assert late() == (31_000, 45)
    night(date(2026, 3, 12))
    assert late() == (31_000, 46)


def test_a_case_that_a_granted_line_moved_is_in_its_stage_from_its_first_day_there_on(home, staff):
    """The book has the old line in a later stage each night; texts of a stage's first day go once all the same."""
    answer(ask("dispute", DAY, line="L1:1", details={"reason": "fees"}), "upheld", staff, DAY)
    found, texts = [], []
    for later in range(6):
        day = date(2026, 3, 26) + timedelta(days=later)
        night(day)
        case = Case.objects.get(closed_on=None)
        found.append((case.stage, case.facts["days_past_due"], case.facts["days_in_stage"]))
        texts.append(Treatment.objects.filter(planned_on=day, channel="sms").exclude(state="lapsed").count())
    assert found == [
        *(("reminder", 1, 0), ("reminder", 2, 1), ("reminder", 3, 2)),
        *(("conversation", 4, 0), ("conversation", 5, 1), ("conversation", 6, 2)),
    ]
    assert texts[:3] == [1, 0, 0]
    record_payment(IncomingPayment("P9", "L1", DAY, 100), noon(date(2026, 4, 1)), actor="api")
    case = Case.objects.get(closed_on=None)
    assert (case.stage, case.facts["days_in_stage"]) == ("conversation", 3), (
        "a day has gone by since the night"
    )


def test_a_moved_date_is_what_the_night_and_the_ledger_say(home, staff):
    feed(home, "on time", payments=["P0,L1,2026-01-20,412.00,"])
    night(DAY + timedelta(days=1))
    made = move_due_date("B1", "L1", date(2026, 4, 14), noon(date(2026, 3, 12)))
    assert isinstance(made, Request), "policy wants five instalments paid"
    assert (made.words, made.details["to"]) == ("", "2026-04-14")
    answer(made, "done", staff, date(2026, 3, 12), to=date(2026, 4, 14))
    assert DueChange.objects.get().moved_to == date(2026, 4, 14)
    for day in (date(2026, 3, 26), date(2026, 4, 1), date(2026, 4, 14)):
        night(day)
        assert (late(), planned(day)) == ((0, 0), 0), day
    assert ledger_of("B1")[0].loans[0].instalments[1].due_on == date(2026, 4, 14)
    night(date(2026, 4, 15))
    assert late() == (41_200, 1)
    feed(home, "other", instalments=[INSTALMENTS[0], "L1,2,2026-04-30,400.00,12.00,0,0", INSTALMENTS[2]])
    night(date(2026, 4, 16))
    assert Instruction.objects.get().state == "contradicted"


def test_an_earlier_day_is_no_extension(home):
    feed(home, "on time", payments=["P0,L1,2026-01-20,412.00,"])
    night(DAY + timedelta(days=1))
    early = move_due_date("B1", "L1", date(2026, 3, 20), noon(date(2026, 3, 12)))
    assert isinstance(early, Problem)
    assert not Request.objects.exists()


def test_the_loan_system_reads_a_file_of_the_day(home, staff):
    assert not write_instruction_file(noon(DAY)), "nothing was granted yet"
    answer(ask("dispute", DAY, line="L1:1"), "partly", staff, DAY, amount=10_000)
    assert write_instruction_file(noon(DAY))
    assert not write_instruction_file(noon(DAY))
    header, line = (folder() / "instructions-2026-03-10.csv").read_text("utf-8").splitlines()
    told = dict(zip(header.split(","), line.split(","), strict=True))
    assert (told["kind"], told["loan_id"], told["instalment"]) == ("line", "L1", "1")
    assert (told["asks_principal"], told["asks_interest"], told["state"]) == ("312.00", "0.00", "open")


def test_a_sold_loan_asks_for_nothing_takes_nothing_and_names_its_owner_through_the_nights(home, monkeypatch):
    manager, officer = person("manager1", "manager"), person("compliance1", "compliance")
    now = noon(DAY + timedelta(days=1))
    feed(home, "charged off", loans=["L1,B1,cash,CNY,1200.00,2026-01-01,written_off"])
    night(DAY + timedelta(days=1))
    Borrower.objects.update(born_on=date(1990, 1, 31))
    sale = propose_sale(Buyer("瑞安资产", telephone="+861000000900"), manager, now)
    assert decide_sale(sale.number, officer, now, sign=True).state == "signed"
    assert sell_due(now) == 1
    loan = Loan.objects.get()
    assert (late(), loan.outstanding, Case.objects.filter(closed_on=None).count()) == ((0, 0), 0, 0)
    for day in range(2, 5):
        night(DAY + timedelta(days=day))
        assert (late(), planned(DAY + timedelta(days=day))) == ((0, 0), 0)
        assert not Case.objects.filter(closed_on=None).exists()
    # a row that a later step left behind doesn't help either: the state of the loan decides
    Loan.objects.update(past_due_amount=41_000, outstanding=120_000, payoff=120_000)
    offered = Offered("B1", ("L1",), 10_000, DAY + timedelta(days=3))
    assert [problem.code for problem in record_promise(offered, now, actor="test")] == ["loan_sold"]
    lines = tuple(spread(41_000, 2, DAY + timedelta(days=20)))
    refused = propose_plan(Proposed("B1", ("L1",), lines), now, actor="test")
    assert [problem.code for problem in refused] == ["loan_sold"]
    assert open_order(Borrower.objects.get(), "L1", 100, None, now).code == "loan_sold"
    monkeypatch.setattr(web_clock, "now", lambda: now)
    token = link_for(SimpleNamespace(contact_id="c", borrower_id="B1", channel="sms"), now).rsplit("/", 1)[1]
    client = Client(headers={"Accept-Language": "en"})
    client.post("/my/", {"token": token, **born("19900131")})
    shown = {
        path: client.get(f"/my/{path}").content.decode() for path in ("home", "pay", "owe", "who", "plan")
    }
    assert "of your loans is late" not in shown["home"]
    assert "瑞安资产" in shown["home"]
    assert 'name="loan"' not in shown["pay"]
    assert "In 7 days" not in shown["owe"]
    assert (
        "The lender's own team" not in shown["who"].replace("&#x27;", "'") or "Pay only them" in shown["who"]
    )
    assert 'name="months"' not in shown["plan"]


def test_a_kept_settlement_settles_the_loan_until_the_feed_closes_it_and_a_bounce_takes_it_back(home):
    day = date(2026, 3, 28)  # 62 days late
    night(day - timedelta(days=1))
    wanted = SettlementWanted("B1", ("L1",), 120_000, day + timedelta(days=5))
    offered = propose_settlement(wanted, person("zhou", "lead"), noon(day))
    assert isinstance(offered, Settlement), offered
    assert not Instruction.objects.exists(), "an offer is no settlement yet"
    payment = IncomingPayment("P1", "L1", day, 120_000)
    assert not isinstance(record_payment(payment, noon(day), actor="bank"), Problem)
    row = Instruction.objects.get()
    assert (row.kind, row.state, Loan.objects.get().outstanding) == ("settled", "open", 0)
    for days in range(3):
        night(day + timedelta(days=days))
        assert (late(), Loan.objects.get().outstanding) == ((0, 0), 0), "3,400 were waived"
        assert not Case.objects.filter(closed_on=None).exists()
    bounced = IncomingPayment("R1", "L1", day + timedelta(days=3), 120_000, "P1")
    assert not isinstance(record_payment(bounced, noon(day + timedelta(days=3)), actor="bank"), Problem)
    row.refresh_from_db()
    assert (row.state, Loan.objects.get().outstanding) == ("withdrawn", 123_400)
    assert Case.objects.filter(closed_on=None).exists()
