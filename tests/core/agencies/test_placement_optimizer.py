"""Goal: like cases are dealt by lot within bounds; nobody gets a case twice, or one it may not have."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agencies.placement import PlacementPolicy, due_back, may_go_out, recalled_by
from forbear.core.agencies.placement_optimizer import Bidder, Candidate, build, deal, stratum

TODAY = date(2026, 3, 10)
POLICY = PlacementPolicy()


def case(number: int, **more: object) -> Candidate:
    values = {
        "borrower_id": f"B{number}",
        "days_past_due": 45,
        "amount": 200_000,
        "currency": "CNY",
        "minor_unit": 100,
        "product": "cash",
        "region": "",
        "loans": (f"B{number}-L1",),
    }
    return Candidate(**(values | more))


def test_the_name_of_a_stratum():
    assert stratum(case(1)) == "cash · 30–59 · 1,000–4,999"
    assert stratum(case(1, days_past_due=800, amount=20_000_000)) == "cash · 720+ · 100,000+"
    assert stratum(case(1, days_past_due=10, amount=100)) == "cash · 0–29 · 0–999"


def test_who_may_have_a_case():
    agencies = [
        Bidder("a", 10, regions=("east",)),
        Bidder("b", 10, products=("card",)),
        Bidder("c", 10),
        Bidder("bad", 10, conduct=59),
        Bidder("full", 0),
    ]
    cells = build([case(1, region="west", had=("c",)), case(2, region="east")], agencies, {}, POLICY).cells
    assert [cell.allowed for cell in cells] == [(), ("a", "c")]


def test_one_fifth_is_dealt_evenly_and_no_agency_gets_more_than_its_most():
    cases = [case(number) for number in range(100)]
    placing = build(cases, [Bidder("a", 1000), Bidder("b", 1000)], {"": 1_000}, POLICY)
    assert [(share.agency, share.least, share.most) for share in placing.shares] == [
        ("a", 10, 100),
        ("b", 10, 100),
    ]
    assert placing.caps == {"a": 60, "b": 60}
    dealt = deal(placing, {0: 60, 1: 40}, "seed")
    assert Counter((one.agency, one.chance) for one in dealt) == {
        ("a", True): 10, ("a", False): 50, ("b", True): 10, ("b", False): 30,
    }  # fmt: skip
    assert dealt == deal(placing, {0: 60, 1: 40}, "seed")
    assert dealt != deal(placing, {0: 60, 1: 40}, "another")


def test_what_an_average_case_is_worth():
    agencies = [Bidder("a", 10, index=12_000, findings=500, rates=((30, 2_000), (90, 3_000)))]
    worth = build([case(1)], agencies, {"": 1_000}, POLICY).shares[0].worth
    # 2,000.00 × 10 % × 1.2; a fifth of it to the agency; a twentieth of a finding at 200.00
    assert (worth.recovered, worth.commission, worth.harm) == (24_000, 4_800, 1_000)
    assert worth.net == 18_200


@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(1, 10**8), st.sampled_from(["", "a", "b"])), max_size=60
    ),
    st.integers(0, 40),
    st.integers(0, 40),
)
def test_lots_fit_within_what_agencies_can_take(rows, free_a, free_b):
    cases = [
        case(number, days_past_due=days, amount=amount, had=(had,) if had else ())
        for number, (days, amount, had) in enumerate(rows)
    ]
    placing = build(cases, [Bidder("a", free_a), Bidder("b", free_b)], {"": 1_000}, POLICY)
    asked = Counter()
    for share in placing.shares:
        asked[share.agency] += share.least
    assert all(asked[code] <= placing.caps[code] for code in asked)
    assert sum(len(cell.cases) for cell in placing.cells) == len(cases)
    dealt = deal(placing, {number: share.least for number, share in enumerate(placing.shares)}, "x")
    assert len({one.case.borrower_id for one in dealt}) == len(dealt)
    assert all(one.agency not in one.case.had for one in dealt)


def test_what_takes_a_case_back():
    due = due_back(TODAY, POLICY)
    assert due == TODAY + timedelta(days=90)
    assert recalled_by(100, (), due, due, "") == ""
    assert recalled_by(100, (), due, due + timedelta(days=1), "") == "time"
    assert recalled_by(0, (), due, TODAY, "") == "paid"
    assert recalled_by(100, ("promise", "verification"), due, TODAY, "") == ""
    assert recalled_by(0, ("dispute",), due, TODAY, "") == "dispute"
    assert recalled_by(100, ("plan", "hardship"), due, TODAY, "") == "hardship"
    assert recalled_by(100, ("dispute",), due, TODAY, "misconduct") == "misconduct"
    assert recalled_by(100, (), due, TODAY, "papers") == ""
    assert recalled_by(100, (), due, TODAY, "ended") == "agency_ended"


def test_which_cases_go_out():
    facts = {"days_past_due": 30, "total_past_due": 10_000, "currency": "CNY"}
    assert may_go_out(facts, "agency", False, POLICY)
    assert not may_go_out(facts, "internal", False, POLICY)
    assert not may_go_out(facts, "agency", True, POLICY)
    assert not may_go_out(facts | {"in_holdout": True}, "agency", False, POLICY)
    assert not may_go_out(facts | {"days_past_due": 29}, "agency", False, POLICY)
    assert not may_go_out(facts | {"total_past_due": 9_999}, "agency", False, POLICY)
    assert may_go_out(facts | {"total_past_due": 9_999, "currency": "UGX"}, "agency", False, POLICY)
