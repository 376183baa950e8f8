"""Goal: a rule that is called a sure refusal of planned steps refuses whatever the open facts turn out to be.

Method: random rules over random facts, of which some are hidden from the SQL. Where it says yes or no, the rule itself
is asked on the whole row, and says the same.
"""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.core.conditions.parse import Condition, parse
from forbear.core.facts.contact import OUTCOMES, PastContact, PlannedContact
from forbear.core.facts.context import ContactContext
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT
from forbear.core.permits.decision import counted
from forbear.core.permits.rules import COUNT_BY, COUNTED, Count, Rule, bind
from forbear.core.planning.known import counted_sql, refusal_sql
from forbear.core.planning.step import planned_step, settled_facts
from forbear.engine.columnar import connected, insert_rows
from tests.core.condition_texts import FLAGS, INTS, MONEY, TEXTS, conditions
from tests.profile import examples

NUMBERS = st.sampled_from([0, 1, 2, 3, 7, 30, 999, 500_000])
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def engine():
    with connected() as one:
        yield one


def rule(refuse_when: str, unless: str = "", regions: frozenset[str] = frozenset()) -> Rule:
    condition, but = parse(refuse_when), parse(unless) if unless else None
    assert isinstance(condition, Condition)
    return Rule("r.one", {}, condition, "§1", "law", but, regions=regions)


def literal(name: str, value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    kind = {"bool": "boolean"}.get(FACTS[name].kind if name in FACTS else "int", "bigint")
    return f"CAST({str(value).lower()} AS {kind})"


@given(
    refuse_when=conditions,
    unless=st.one_of(st.just(""), conditions),
    numbers=st.lists(NUMBERS, min_size=7, max_size=7),
    flags=st.lists(st.booleans(), min_size=4, max_size=4),
    texts=st.lists(st.sampled_from(["", "M0", "M1", "cash-loan", "it's"]), min_size=3, max_size=3),
    hidden=st.sets(st.sampled_from([*INTS, *MONEY, *FLAGS, *TEXTS])),
)
@settings(max_examples=examples(200))
def test_what_is_said_is_so_whatever_is_hidden(engine, refuse_when, unless, numbers, flags, texts, hidden):
    one = rule(refuse_when, unless)
    row = dict(zip([*INTS, *MONEY, *FLAGS, *TEXTS], [*numbers, *flags, *texts], strict=True)) | {
        MINOR_UNIT: 100
    }
    columns = {name: literal(name, value) for name, value in row.items() if name not in hidden}
    (said,) = engine.execute(f"select {refusal_sql(one, {}, columns)}").fetchone()
    if said is not None:
        assert said == bind(one).refuses(row)
    if not hidden:
        assert said is not None


@pytest.mark.parametrize(
    ("refuse_when", "unless", "said"),
    [
        ("ceased", "", None),
        ("ceased", "channel = 'letter'", False),
        ("past_due_amount = 0", "consent_given", None),
        ("past_due_amount = 0 and local_hour < 8", "", None),
        ("past_due_amount = 0", "answers_inbound", True),
        ("past_due_amount > 0 and ceased", "", False),
        ("least(local_hour, 3) <= 3 and past_due_amount = 0", "", None),
        ("purpose = 'collect' and channel = 'letter'", "", True),
    ],
)
def test_by_hand(engine, refuse_when, unless, said):
    planned = planned_step("letter", "overdue_notice", {})
    sql = refusal_sql(
        rule(refuse_when, unless), settled_facts(planned), {"past_due_amount": "0", MINOR_UNIT: "100"}
    )
    assert engine.execute(f"select {sql}").fetchone() == (said,)


def test_a_rule_of_a_place_is_asked_only_there(engine):
    one = rule("past_due_amount = 0", regions=frozenset({"ma"}))
    for place, said in (("'ma'", True), ("'tx'", False)):
        sql = refusal_sql(one, {}, {"past_due_amount": "0", MINOR_UNIT: "100", "place": place})
        assert engine.execute(f"select {sql}").fetchone() == (said,)


def test_what_is_counted_is_what_the_decision_counts(engine):
    planned = PlannedContact("call", "collect", point="p1", loans=("L1",))
    past = [
        PastContact(
            datetime(2026, 3, 10 - days, hour, tzinfo=ZONE), channel, purpose, party, outcome, point, loans,
            consented=consented,
        )
        for number, (outcome, channel, days) in enumerate(
            (outcome, channel, days) for outcome in OUTCOMES for channel in ("call", "sms") for days in (0, 3, 6, 7)
        )
        for hour, purpose, party, point, loans, consented in [
            (
                number % 12, ("collect", "notice")[number % 2], ("debtor", "unrelated")[number // 2 % 2],
                ("p1", "p2")[number // 3 % 2], ((), ("L1",), ("L2",))[number % 3], number % 5 == 0,
            )
        ]
    ]  # fmt: skip
    engine.execute("create or replace temp table t as select date '2026-03-10' as day, 'B1' as borrower_id, "
                   "'L1' as loan_id, 'p1' as point")  # fmt: skip
    engine.execute(
        "create or replace temp table past (borrower_id varchar, day date, channel varchar, purpose varchar, "
        "party varchar, outcome varchar, point varchar, loans varchar[], consented boolean)"
    )
    kinds = ["varchar", "date", *["varchar"] * 5, "varchar[]", "boolean"]
    rows = [
        (
            *("B1", one.at.date(), one.channel, one.purpose, one.party, one.outcome, one.point),
            *(list(one.loans), one.consented),
        )
        for one in past
    ]
    insert_rows(engine, "past", kinds, rows)
    now, context = (
        datetime(2026, 3, 10, 23, 59, tzinfo=ZONE),
        ContactContext({}, None, ("Asia/Shanghai",), past=tuple(past)),
    )
    seen = set()
    for by in COUNT_BY:
        for outcome in COUNTED:
            for more in (
                {}, {"channels": ("call",)}, {"parties": ("debtor",)}, {"purposes": ("collect",)}, {"consented": False},
                {"same_person": True},
            ):  # fmt: skip
                count = Count(by, 7, outcome, **more)
                sql = f"select count(*) from t, past p where {counted_sql(count, planned)}"
                (found,) = engine.execute(sql).fetchone()
                assert found == counted(count, context.past, planned, now, "Asia/Shanghai"), count
                seen.add(found)
    assert len(seen) > 10
