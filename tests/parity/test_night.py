"""Goal: the set-based night and the pure rules are one and the same.

Method: Hypothesis makes lenders with every feature on (products, grace, tolerance, due-date rules, pauses,
reversals, back-dated and surplus payments, several currencies, what the desk tells); each book goes through
the real import and two real nights, and every row they write is held against core.
"""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from forbear.core.facts.borrower import Borrower
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.core.loans.loan import Loan
from forbear.core.loans.products import Products
from forbear.core.strategy.canary import SHARES, canary_text
from tests.core.strategies import LAST_DUE, as_of_dates, books
from tests.parity.compare import DAYS_BETWEEN, STRATEGY, hold_equal
from tests.parity.feeds import as_a_lender_has_it
from tests.profile import examples, rounds


@st.composite
def people(draw: st.DrawFn, borrower_id: str) -> Borrower:
    """Someone with or without each thing that facts read."""
    return Borrower(
        borrower_id,
        language=draw(st.sampled_from(("", "zh", "en"))),
        region=draw(st.sampled_from(("", "north", "江苏"))),
        timezone=draw(st.sampled_from(("", "Asia/Shanghai", "Asia/Urumqi"))),
        has_phone=draw(st.booleans()),
        has_email=draw(st.booleans()),
        born_on=draw(
            st.one_of(st.none(), st.just(date(2004, 2, 29)), st.dates(date(1960, 1, 1), date(2010, 1, 1)))
        ),
    )


@st.composite
def told(draw: st.DrawFn) -> dict[str, int | bool | str]:
    """What the desk may have told of a borrower."""
    flags = {n: st.booleans() for n in ("promise_open", "plan_active", "on_hold", "placed")}
    counts = {
        n: st.integers(0, 60) for n in ("days_since_contact", "contacts_last_7_days", "promises_broken")
    }
    words = {"willingness": st.sampled_from(WILLINGNESS), "arrears_reason": st.sampled_from(SITUATIONS)}
    return draw(st.fixed_dictionaries({}, optional=flags | counts | words))


@st.composite
def lenders(
    draw: st.DrawFn, max_loans: int = 6
) -> tuple[Products, list[Loan], dict[str, Borrower], dict[str, dict]]:
    """Products, acceptable loans, their borrowers and what the desk tells."""
    lender, book = draw(books(max_loans=max_loans))
    loans = [as_a_lender_has_it(loan) for loan in book]
    names = sorted({loan.borrower_id for loan in loans})
    desk = {name: draw(told()) for name in names if draw(st.booleans())}
    return lender, loans, {name: draw(people(name)) for name in names}, desk


@given(lenders(), as_of_dates(), st.sampled_from((1, 2, 3)))
@settings(max_examples=examples(8, long=300))
def test_the_night_equals_core(
    made: tuple[Products, list[Loan], Mapping[str, Borrower], Mapping[str, dict]],
    as_of: date,
    partitions: int,
) -> None:
    lender, loans, borrowers, desk = made
    hold_equal(lender, loans, borrowers, desk, as_of, partitions)


TRIED = {
    "hold_when: on_hold or": "canary: {outcome: {measure: cash, days: 7}, guardrails: {cash: 5.00}}\n"
    "hold_when: paused or",
    "days_past_due = 0 and days_to_due between 0 and 5": "days_past_due = 0 and days_to_due between 0 and 2",
    "{sms: reminder, when: days_in_stage % 2 = 0": "{sms: reminder, when: days_in_stage % 3 = 0",
    "  - stage: written": "  - stage: friendly\n    when: days_past_due between 1 and 9\n    handler: system\n"
    "    treatments: [{email: offer_of_help}]\n  - stage: written",
}


@given(lenders(), as_of_dates(), st.booleans(), st.sampled_from(SHARES))
@settings(max_examples=examples(3, long=200))
def test_the_night_equals_core_while_a_new_strategy_has_a_share(
    made: tuple[Products, list[Loan], Mapping[str, Borrower], Mapping[str, dict]],
    as_of: date,
    since_before: bool,
    share: int,
) -> None:
    lender, loans, borrowers, desk = made
    base = STRATEGY.read_text(encoding="utf-8")
    new = base
    for before, after in TRIED.items():
        assert new.count(before) == 1, before
        new = new.replace(before, after)
    both = canary_text(base, new, share, as_of - timedelta(days=DAYS_BETWEEN if since_before else 0))
    assert isinstance(both, str), both
    hold_equal(lender, loans, borrowers, desk, as_of, 1, (both if since_before else base, both))


def test_the_night_equals_core_on_many_loans_at_once() -> None:
    """One big book out of many small ones: the same lenders, renamed so that nothing collides."""
    wanted = rounds(150, 100_000)
    products: dict = {}
    all_loans: list[Loan] = []
    borrowers: dict[str, Borrower] = {}
    desk: dict[str, dict] = {}

    def collect(made: tuple[Products, list[Loan], dict[str, Borrower], dict[str, dict]]) -> None:
        lender, loans, people_made, desk_made = made
        tag = f"{len(all_loans):06d}-"
        for code in {loan.product for loan in loans}:
            products[tag + code] = replace(lender.get(code), code=tag + code)
        for loan in loans:
            payments, shown = (
                tuple(
                    replace(p, payment_id=tag + p.payment_id, reverses=p.reverses and tag + p.reverses)
                    for p in some
                )
                for some in (loan.payments, loan.shown)
            )
            names = {"loan_id": tag + loan.loan_id, "borrower_id": tag + loan.borrower_id}
            paid = {"payments": payments, "shown": shown}
            all_loans.append(replace(loan, product=tag + loan.product, **paid, **names))
        borrowers.update({tag + n: replace(p, borrower_id=tag + n) for n, p in people_made.items()})
        desk.update({tag + n: facts for n, facts in desk_made.items()})

    # a batch at a time, each from its own seed, until there are enough
    for batch in itertools.count():
        if len(all_loans) >= wanted:
            break
        drawn = settings(max_examples=min(500, wanted // 4), database=None, phases=[Phase.generate])
        seed(batch)(drawn(given(lenders(max_loans=8))(collect)))()
    lender = Products(products, next(iter(products.values())))
    for as_of in (LAST_DUE, LAST_DUE + timedelta(days=200)):
        assert hold_equal(lender, all_loans, borrowers, desk, as_of, 4) >= wanted
