"""Goal: agencies are judged by like cases, by findings and by borrowers' words; few cases make nobody sure."""

from datetime import timedelta

import pytest

from forbear.insight.scorecard import Result, likely, means, record, results, scorecards
from forbear.store.models import Contact, Feedback, Finding, Loan, Payment, Placement, Request
from tests.actions.agencies.test_agencies import AGENCY_PACK
from tests.factories.agencies import late_case, make_agency, place_all
from tests.factories.desk import NOON, house_rules


def result(agency: str, paid: int, stratum: str = "s", amount: int = 1_000, days: int = 100) -> Result:
    return Result(0, agency, stratum, amount, False, days, {30: 0, 60: paid, 90: paid})


def test_the_easy_cases_make_nobody_look_good():
    easy = [result("a", 900, "easy") for _ in range(40)] + [result("b", 900, "easy") for _ in range(10)]
    hard = [result("a", 100, "hard") for _ in range(10)] + [result("b", 100, "hard") for _ in range(40)]
    found = record(easy + hard)
    assert found["a"][0] == pytest.approx(1.0)
    assert found["b"][0] == pytest.approx(1.0)


def test_a_better_agency_shows_on_like_cases():
    rows = [result("a", 600 if number % 2 else 0) for number in range(100)]
    rows += [result("b", 200 if number % 2 else 0) for number in range(100)]
    found = record(rows)
    assert found["a"][0] == pytest.approx(1.5)
    assert found["b"][0] == pytest.approx(0.5)


def test_three_cases_without_a_payment_are_no_certainty():
    rows = [result("large", 500 if number % 2 else 0) for number in range(200)] + [result("small", 0)] * 3
    found = record(rows)
    assert found["small"][0] == 0
    assert found["small"][1] > 10 * found["large"][1]


def test_only_steps_that_have_passed_count():
    assert result("a", 500, days=29).step == 0
    assert result("a", 500, days=30).step == 30
    assert record([result("a", 500, days=29)]) == {}
    assert likely([result("a", 500, days=65)]) == {
        ("s", 30): 0.0,
        ("", 30): 0.0,
        ("s", 60): 0.5,
        ("", 60): 0.5,
    }


def test_more_than_was_placed_counts_as_all_of_it():
    assert record([result("a", 5_000), result("b", 1_000)])["a"][0] == pytest.approx(1.0)


def test_alike_answers_of_few_are_no_certainty():
    found = means({"many": [5.0, 4.0] * 50, "few": [1.0]})
    assert found["few"][1] > 50 * found["many"][1]


@pytest.mark.database
@pytest.mark.django_db
def test_a_card_counts_what_lies_in_the_tables():
    house_rules(AGENCY_PACK)
    for code in ("huaxin", "mingyuan"):
        make_agency(code)
    for number in range(1, 21):
        late_case(f"B{number}")
    place_all()
    later = NOON + timedelta(days=95)
    mine = list(Placement.objects.filter(agency_id="huaxin"))
    for number, one in enumerate(Placement.objects.all()):
        for call in range(5):
            Contact.objects.create(
                contact_id=f"{number}-{call}", borrower_id=one.borrower_id, channel="call", purpose="collect",
                party="debtor", code=f"{number}-{call}", state="sent", at=NOON, queued_at=NOON, not_before=NOON,
                give_up_at=NOON, agency_id=one.agency_id, outcome="connected",
            )  # fmt: skip
    paid = mine[0]
    Payment.objects.create(
        payment_id="P1", loan=Loan.objects.get(pk=paid.loans[0]), paid_on=(NOON + timedelta(days=40)).date(),
        amount=50_000, received_at=NOON,
    )  # fmt: skip
    Payment.objects.create(
        payment_id="P2", loan=Loan.objects.get(pk=mine[1].loans[0]), paid_on=(NOON + timedelta(days=40)).date(),
        amount=70_000, received_at=NOON,
    )  # fmt: skip
    Payment.objects.create(
        payment_id="P3", loan=Loan.objects.get(pk=mine[1].loans[0]), paid_on=(NOON + timedelta(days=41)).date(),
        amount=70_000, reverses="P2", received_at=NOON,
    )  # fmt: skip
    for number in range(4):
        Finding.objects.create(
            agency_id="huaxin", borrower=mine[0].borrower, kind="insult", at=NOON, source=str(number)
        )
    Request.objects.create(
        number="R1", borrower=mine[0].borrower, kind="complaint", source="portal", opened_at=NOON + timedelta(days=1),
        due_on=NOON.date(), state="answered", outcome="upheld", answered_at=NOON + timedelta(days=5),
    )  # fmt: skip
    Feedback.objects.create(
        token="t",
        borrower=mine[0].borrower,
        agency_id="huaxin",
        asked_at=NOON,
        answered_at=NOON,
        respect=1,
        clear=3,
    )
    card = scorecards(later)["huaxin"]
    assert card.findings == {"insult": 4, "complaint": 1}
    assert (card.placed, card.paid, card.contacts, card.answers) == (len(mine), 50_000, 5 * len(mine), 1)
    assert card.record.raw > 1
    other = scorecards(later)["mingyuan"]
    assert other.findings == {}
    assert other.score("conduct") > card.score("conduct")
    assert card.total <= card.score("conduct") + 20
    # a case that came back stays in the comparison, with what came in while it was there
    Placement.objects.filter(pk=paid.pk).update(
        ended_at=NOON + timedelta(days=10), ended_reason_code="lender"
    )
    (one,) = [row for row in results(later, NOON.date()) if row.placement == paid.pk]
    assert one.paid[90] == 0
