"""Goal: the world's own ledger is right, by cases done by hand, since everything else is held against it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forbear.core.loans.delinquency import arrears
from forbear.core.loans.loan import Amounts, Instalment, Loan, Payment, Product
from forbear.sim.behaviour import HABITS, behaviour
from forbear.sim.chance import Chance
from forbear.sim.people import Owing, Person, Portfolio, people
from forbear.sim.place import PLACES

FIRST = date(2026, 1, 5)


def owing(**paid: tuple[date, int, str]) -> Owing:
    lines = [(date(2026, month, 10), 9_000, 1_000) for month in (1, 2, 3)]
    return Owing("L", "B", 27_000, date(2025, 12, 10), lines, dict(paid))


def test_by_hand():
    assert owing().late(date(2026, 1, 10)) == (0, 0)
    assert owing().late(date(2026, 1, 11)) == (10_000, 1)
    assert owing().late(date(2026, 2, 11)) == (20_000, 32)
    half = owing(a=(date(2026, 1, 9), 4_000, ""))
    assert half.late(date(2026, 1, 12)) == (6_000, 2)
    back = owing(a=(date(2026, 1, 9), 10_000, ""), b=(date(2026, 1, 12), 10_000, "a"))
    assert back.late(date(2026, 1, 13)) == (10_000, 3)
    assert owing(a=(date(2026, 1, 9), 10_000, "")).late(date(2026, 2, 20)) == (10_000, 10)


def test_what_was_sold_asks_for_nothing_from_its_day_on():
    loan = owing()
    loan.gone_on = date(2026, 2, 1)
    assert (loan.late(date(2026, 1, 31)), loan.late(date(2026, 2, 1))) == ((10_000, 21), (0, 0))
    assert (loan.left(date(2026, 1, 31)), loan.left(date(2026, 2, 1))) == (30_000, 0)
    assert loan.due_on(date(2026, 2, 10)) == 0


def test_what_is_settled_in_time_asks_for_nothing_unless_the_payment_goes_back():
    loan = owing(early=(date(2026, 1, 12), 4_000, ""))
    loan.agree(date(2026, 1, 20), date(2026, 1, 30), 15_000, None)
    assert loan.late(date(2026, 1, 25)) == (6_000, 15), "what was paid before the offer settles nothing"
    loan.paid["p"] = (date(2026, 1, 30), 15_000, "")
    loan.unreported.add("p")
    assert loan.late(date(2026, 1, 30)) == (0, 0)
    assert loan.late(date(2026, 1, 30), reported=True) == (6_000, 20)
    loan.unreported.clear()
    assert (loan.late(date(2026, 6, 1)), loan.left(date(2026, 6, 1))) == ((0, 0), 0)
    loan.paid["back"] = (date(2026, 2, 2), 15_000, "p")
    assert loan.late(date(2026, 2, 2)) == (6_000, 23)
    late_by_a_day = owing(p=(date(2026, 1, 31), 15_000, ""))
    late_by_a_day.agree(date(2026, 1, 20), date(2026, 1, 30), 15_000, None)
    assert late_by_a_day.left(date(2026, 6, 1)) == 15_000


def test_an_instalment_that_was_moved_falls_due_on_its_new_day():
    loan = owing()
    portfolio = Portfolio([Person("B", HABITS["steady"], "", [loan])], FIRST)
    portfolio.move_due_date("L", 1, date(2026, 1, 20))
    assert loan.late(date(2026, 1, 20)) == (0, 0)
    assert loan.late(date(2026, 1, 21)) == (10_000, 1)
    assert [each.loan_id for each in portfolio.concerned(date(2026, 1, 20))] == ["L"]
    assert loan.oldest_unpaid(date(2026, 2, 20)) == 1
    loan.paid["p"] = (date(2026, 1, 20), 10_000, "")
    assert loan.oldest_unpaid(date(2026, 2, 20)) == 2


def test_who_accepts_a_settlement_pays_it_on_the_day_they_meant_to():
    loan = owing()
    person = Person("B", HABITS["unwilling"], "", [loan])
    loan.agree(date(2026, 1, 20), date(2026, 1, 30), 15_000, date(2026, 1, 25))
    assert person.pays(date(2026, 1, 25), loan, Chance("none")) == 15_000


def test_what_was_not_heard_of_counts_in_truth_only():
    loan = owing(a=(date(2026, 1, 9), 10_000, ""))
    loan.unreported.add("a")
    assert loan.late(date(2026, 1, 12)) == (0, 0)
    assert loan.late(date(2026, 1, 12), reported=True) == (10_000, 2)


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 15_000), st.booleans()), max_size=8),
    st.integers(0, 150),
)
def test_it_agrees_with_the_rules_it_never_saw(payments, days):
    loan, rows = owing(), []
    for number, (after, amount, bounced) in enumerate(payments):
        day = FIRST + timedelta(days=after)
        loan.paid[f"p{number}"] = (day, amount, "")
        rows.append(Payment(f"p{number}", day, amount, ""))
        if bounced:
            loan.paid[f"r{number}"] = (day, amount, f"p{number}")
            rows.append(Payment(f"r{number}", day, amount, f"p{number}"))
    lines = tuple(
        Instalment(number, due_on, Amounts(principal, interest))
        for number, (due_on, principal, interest) in enumerate(loan.instalments, 1)
    )
    on = FIRST + timedelta(days=days)
    book = Loan("L", "B", "p", "CNY", 27_000, loan.disbursed_on, "active", lines, tuple(rows), ())
    found = arrears(book, Product("p"), on)
    assert loan.late(on) == (found.past_due_amount, found.days_past_due)


def test_the_same_seed_gives_the_same_people_and_shares_are_whole():
    first, again = (people(50, FIRST, Chance("x")) for _ in range(2))
    assert [(p.phone, [vars_of(loan) for loan in p.loans]) for p in first] == [
        (p.phone, [vars_of(loan) for loan in p.loans]) for p in again
    ]
    assert abs(sum(habit.share for habit in HABITS.values()) - 1) < 1e-9
    assert all(loan.late(FIRST - timedelta(days=1)) == (0, 0) for p in first for loan in p.loans)


def test_a_few_are_who_they_are_among_all():
    everybody = {p.borrower_id: p for p in people(50, FIRST, Chance("x"), PLACES["us"], behind=0.3)}
    (one,) = people(50, FIRST, Chance("x"), PLACES["us"], behind=0.3, only=frozenset({"S0000031"}))
    assert one == everybody["S0000031"]
    assert sum(loan.late(FIRST)[0] > 0 for p in everybody.values() for loan in p.loans) > 5


def test_a_draw_belongs_to_what_it_is_about():
    chance = Chance("seed")
    first = chance.draw("pays", "L1", FIRST)
    chance.draw("something", "else")
    assert chance.draw("pays", "L1", FIRST) == first != Chance("other").draw("pays", "L1", FIRST)
    draws = [chance.draw(number) for number in range(4000)]
    assert 0 <= min(draws) < 0.01 < 0.99 < max(draws) < 1
    assert abs(sum(draws) / 4000 - 0.5) < 0.02


def test_a_contact_moves_for_a_while_and_less_each_time():
    person = Person("B", HABITS["forgetful"], "", [])
    assert person.force(FIRST) == 1
    person.contacted = [(FIRST, 2, 1.0)]
    once = person.force(FIRST)
    assert once > person.force(FIRST + timedelta(days=3)) == 1
    person.contacted += [(FIRST, 2, 1.0)] * 4
    assert 1 < person.force(FIRST) < once
    person.contacted, person.last_paid = [], FIRST
    assert person.force(FIRST) == behaviour().payment.times > person.force(FIRST + timedelta(days=4)) > 1


@given(st.lists(st.tuples(st.integers(0, 60), st.booleans(), st.booleans()), max_size=12))
def test_the_portfolio_knows_who_is_late_without_asking_all(payments):
    loans = [owing(), Owing("M", "C", 27_000, date(2025, 12, 10), owing().instalments, {})]
    persons = [Person(loan.borrower_id, HABITS["steady"], "", [loan]) for loan in loans]
    portfolio = Portfolio(persons, FIRST)
    for day in range(70):
        today = FIRST + timedelta(days=day)
        for number, (on, bounced, told) in enumerate(payments):
            if on == day:
                portfolio.paid(loans[0], f"p{number}", today, 6_000)
                if bounced:
                    portfolio.paid(loans[0], f"r{number}", today, 6_000, f"p{number}")
                if told:
                    portfolio.report_payment(loans[0], f"p{number}")
        for known in (False, True):
            truth = {loan.loan_id: loan.late(today, reported=known) for loan in loans}
            expected = {name: each for name, each in truth.items() if each[0]}
            assert portfolio.late(today, reported=known) == expected
        portfolio.close(today)


def vars_of(loan: Owing) -> tuple:
    return (loan.loan_id, loan.principal, loan.disbursed_on, loan.instalments, loan.paid)
