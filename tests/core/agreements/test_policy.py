"""Goal: a policy file says what the lender agrees to; every mistake is told, and what is left out has its default."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forbear.core.agreements.policy import Policy, PolicyError, parse_policy
from forbear.core.agreements.request import KINDS, due_on
from forbear.core.base.calendar import is_business_day
from forbear.interchange.home.ready import policy_yaml


def test_the_file_of_a_new_home_is_the_default():
    read, default = parse_policy(policy_yaml("cn", alone=False), "policy.yaml"), Policy()
    assert (read.promise, read.plan, read.calendar) == (default.promise, default.plan, default.calendar)
    assert dict(read.settlement.authority) == dict(default.settlement.authority)
    assert {kind: read.clocks.get(kind, KINDS[kind].days) for kind in KINDS} == {
        kind: one.days for kind, one in KINDS.items()
    }
    assert parse_policy("", "policy.yaml") == default


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plan: {most_month: 3}", "plan: most_month is not known"),
        ("plan: {most_months: -1}", "plan: most_months must be a whole number"),
        ("plan: {most_months: 1.5}", "plan: most_months must be a whole number"),
        ("plan: {most_months: yes}", "plan: most_months must be a whole number"),
        ("plan: 3", "plan must be settings in braces"),
        ("clocks: {complain: 3}", "clocks: complain is not known"),
        ("clocks: {complaint: 0}", "clocks: complaint must be a whole number between 1 and 366"),
        ("settlement: {authority: {lead: 10001}}", "settlement: authority: lead must be a whole number"),
        ("settlement: {authority: {borrower: 1}}", "settlement: authority: borrower is not known"),
        ("calendar: XX", "calendar must be"),
        ("calendar: NO", "calendar must be"),
        ("plans: {}", "plans is not known"),
        ("[1]", "must be settings"),
        ("plan: {", "not valid YAML"),
        ("plan: {most_months: 3, most_months: 4}", "given twice"),
        ("plan: {grace_day: 1}", "did you mean `grace_days`?"),
        ("plan: {grace_days: 2024-13-45}", "not valid YAML"),
    ],
)
def test_mistakes_are_told(text, said):
    with pytest.raises(PolicyError, match=r"policy\.yaml:[0-9]+:[0-9]+: ") as caught:
        parse_policy(text, "policy.yaml")
    assert said in str(caught.value)


def test_all_mistakes_at_once():
    with pytest.raises(PolicyError) as caught:
        parse_policy("plan: {a: 1, most_months: x}\nclocks: {b: 2}", "p")
    assert len(str(caught.value).splitlines()) == 3


@given(st.sampled_from(sorted(KINDS)), st.dates(date(2025, 1, 1), date(2026, 12, 1)))
def test_a_clock_counts_its_days_and_never_the_first(kind, opened):
    one, last = KINDS[kind], due_on(kind, opened, "CN")
    days = [opened + timedelta(days=n) for n in range(1, (last - opened).days + 1)]
    counted = [day for day in days if is_business_day(day, "CN")] if one.business else days
    assert len(counted) == one.days
    assert not one.business or is_business_day(last, "CN")


def test_a_lender_may_answer_sooner():
    assert due_on("complaint", date(2026, 3, 2), "CN", {"complaint": 7}) == date(2026, 3, 9)


def test_what_contacts_cost_is_read_by_channel():
    assert parse_policy("costs: {sms: 5, visit: 8000}", "x").costs == {"sms": 5, "visit": 8000}
    with pytest.raises(PolicyError, match="costs: fax is not known"):
        parse_policy("costs: {fax: 5}", "x")


def test_each_mistake_has_its_place_its_code_and_the_nearest_word():
    text = (
        "plan: {grace_day: 1}\nclocks: {complain: 3}\nplan: {own_limit: yes}\ncalender: CN\ncosts: &a [*a]\n"
    )
    with pytest.raises(PolicyError) as caught:
        parse_policy(text, "p")
    assert caught.value.messages == [
        "p:2:10: clocks: complain is not known; did you mean `complaint`?",
        "p:3:1: `plan` is given twice; the first is on line 1",
        "p:3:19: plan: own_limit must be a whole number between 0 and 1000000000000",
        "p:4:1: calender is not known; did you mean `calendar`?",
        "p:5:8: costs must be settings in braces",
    ]
    codes = [problem.code for problem in caught.value.problems]
    assert codes == [
        "setting_unknown",
        "setting_given_twice",
        "setting_invalid",
        "setting_unknown",
        "setting_invalid",
    ]


def test_least_amounts_name_their_currency_and_have_its_decimals():
    read = parse_policy("placement: {least_amount: {UGX: 10000, JOD: 1.234, CNY: 4.30}}", "p")
    assert read.placement.least_amount == {"UGX": 10_000, "JOD": 1_234, "CNY": 430}
    assert Policy().court.least_amount["USD"] == 500_000


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("least_amount: 10000", "placement: least_amount must be amounts by currency, such as {CNY: 100.00}"),
        ("least_amount: {CNY: 1.234}", "must be amounts by currency"),
        ("least_amount: {CNY: -1}", "must be amounts by currency"),
        ("least_amount: {CNY: ten}", "must be amounts by currency"),
        ("least_amount: {USDD: 3}", "USD"),
    ],
)
def test_an_amount_of_no_currency_is_refused_in_one_line(written, said):
    with pytest.raises(PolicyError) as refused:
        parse_policy(f"placement: {{{written}}}", "policy.yaml")
    assert len(refused.value.problems) == 1
    assert said in str(refused.value)
