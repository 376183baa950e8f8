"""Goal: a step that the rules refuse on every day is found before the strategy is signed, and no other one is.

Method: by hand, and random strategies and rules whose steps are then planned on many days and asked one by one.
"""

import itertools
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import forbear
from forbear.core.content.template import parse_templates
from forbear.core.facts.vocabulary import default_row
from forbear.core.permits.pack import parse_draft, parse_pack
from forbear.core.permits.rules import bind
from forbear.core.planning.step import planned_step, settled_facts
from forbear.core.planning.window import never_permitted, refused_step
from forbear.core.strategy.parse import parse_strategy
from tests.profile import examples

READY = Path(forbear.__file__).parent
DAY = date(2026, 12, 1)


def rules(pack: str) -> tuple:
    return parse_pack((READY / "packs" / f"{pack}.yaml").read_text("utf-8"), pack).rules


def strategy(
    *treatments: str, when: str = "days_past_due between 1 and 9", hold: str = "feed_doubt"
) -> object:
    listed = "".join(f"\n  - {{{one}}}" for one in treatments)
    head = f"strategy: s\nhold_when: {hold}\nstages:\n- stage: a\n  when: {when}\n  handler: internal"
    return parse_strategy(f"{head}\n  treatments:{listed}", "s.yaml")


def found(text: object, book: tuple, purposes: dict | None = None) -> list[tuple]:
    return [
        (step.channel, tuple(rule.id for rule in step.rules))
        for step in never_permitted(text, book, purposes or {}, DAY)
    ]


@pytest.mark.parametrize(
    ("pack", "ready"),
    [("cn", "consumer-cn"), ("cn", "consumer-cn-spaced"), ("us", "consumer-us"), ("uk", "consumer-uk")],
)
def test_every_step_of_the_ready_strategies_has_a_day(pack, ready):
    texts = parse_templates(
        (READY / "templates" / f"{ready.removesuffix('-spaced')}.yaml").read_text("utf-8"), "t"
    )
    purposes = {(entry.name, channel): entry.purpose for entry in texts.entries for channel in entry.channels}
    text = parse_strategy((READY / "strategies" / f"{ready}.yaml").read_text("utf-8"), ready)
    assert never_permitted(text, rules(pack), purposes, DAY) == []


@pytest.mark.parametrize(
    ("treatment", "refused"),
    [
        ("sms: x, when: dispute_open", ("cn.dispute",)),
        ("sms: x, when: plan_active and days_in_stage > 3", ("cn.plan",)),
        ("sms: x, when: past_due_amount = 0", ("cn.owed",)),
        ("sms: x, when: past_due_amount <= 0.01", None),  # a cent is owed
        ("court: x, when: hardship_open or dispute_open", ("cn.dispute", "cn.hardship")),
        ("email: x, when: age_years = 17", ("cn.minor",)),
        ("email: x, when: age_years < 18", None),  # 0 is an age nobody knows
        ("sms: x, when: promises_broken > 2", None),
        ("visit: x", None),
        ("agency: x, when: promise_open", ("cn.promise",)),
    ],
)
def test_by_hand(treatment, refused):
    expected = [] if refused is None else [(treatment.split(":")[0], refused)]
    assert found(strategy(treatment), rules("cn")) == expected


def test_a_hold_that_keeps_a_step_from_being_planned_counts():
    assert found(strategy("sms: x", when="dispute_open", hold="dispute_open"), rules("cn")) != []
    one = strategy("sms: x, when: promises_broken > 0 or dispute_open", hold="promises_broken > 0")
    assert found(one, rules("cn")) == [("sms", ("cn.dispute",))]


def test_days_that_two_rules_share_between_them_are_no_way_out():
    book = parse_draft(
        "- {id: h.a, says: {zh: 一, en: a}, refuse_when: days_past_due <= 4, clause: §1, force: house}\n"
        "- {id: h.b, says: {zh: 二, en: b}, refuse_when: days_past_due >= 5, clause: §2, force: house}\n"
    )
    assert found(strategy("sms: x"), book) == [("sms", ("h.a", "h.b"))]
    assert found(strategy("sms: x"), book[:1]) == []


def test_rules_of_a_place_and_rules_that_end_are_left_out():
    text = "- {id: h.a, says: {zh: 一, en: a}, refuse_when: days_past_due > 0, clause: §1, force: house"
    assert found(strategy("sms: x"), parse_draft(text + "}")) == [("sms", ("h.a",))]
    for more in (", to: 2027-01-01}", ", from: 2027-01-01}", ", enabled: false}"):
        assert found(strategy("sms: x"), parse_draft(text + more)) == []


def test_an_answer_or_a_notice_that_is_none_is_found():
    assert found(strategy("sms: x"), rules("cn"), {("x", "sms"): "answer"}) == [("sms", ("cn.answer_asked",))]
    assert found(strategy("sms: x"), rules("cn"), {("x", "sms"): "notice"}) == []


def test_the_sentence_names_step_place_rule_and_clause():
    (step,) = never_permitted(strategy("sms: x, when: dispute_open"), rules("cn"), {}, DAY)
    said = str(refused_step(step))
    assert said.startswith("s.yaml:8:5: sms `x` of stage `a` is refused on every day: cn.dispute (")


TERMS = st.sampled_from(
    [
        "days_past_due <= 4", "days_past_due > 4", "days_past_due = 7", "days_in_stage % 2 = 0", "promise_open",
        "not promise_open", "bucket = 'M1'", "opted_out", "local_hour < 8", "consent_given", "past_due_amount >= 50.00",
        "purpose = 'collect'", "true",
    ]
)  # fmt: skip
AT_NIGHT = TERMS.filter(
    lambda text: not any(word in text for word in ("opted", "local", "consent", "purpose"))
)


@given(
    when=AT_NIGHT, treatment=AT_NIGHT, hold=st.sampled_from(["feed_doubt", "promise_open"]),
    refusals=st.lists(st.tuples(TERMS, TERMS, st.booleans()), min_size=1, max_size=3),
)  # fmt: skip
@settings(max_examples=examples(100))
def test_what_is_found_never_passes_and_what_passes_is_never_found(when, treatment, hold, refusals):
    book = parse_draft(
        "\n".join(
            f'- {{id: h.r{number}, says: {{zh: 一, en: a}}, refuse_when: "{one}", clause: §1, force: house'
            + (f', unless: "{other}"}}' if but else "}")
            for number, (one, other, but) in enumerate(refusals)
        )
    )
    if "days_in_stage" in when:
        when = "days_past_due > 0"
    text = strategy(f'sms: x, when: "{treatment}"', when=f'"{when}"', hold=hold)
    steps = never_permitted(text, book, {}, DAY)
    fixed, passed = settled_facts(planned_step("sms", "x", {})), False
    stage = text.stages[0]
    conditions = [stage.when.python(), stage.treatments[0].when.python()]
    held, bound = text.hold_when.python(), [bind(rule) for rule in book]
    flags = ("promise_open", "opted_out", "consent_given")
    for days, in_stage, bucket, hour, amount, *values in itertools.product(
        (0, 4, 5, 7), (0, 1), ("M0", "M1"), (7, 9), (0, 4_999, 5_000), *[(False, True)] * 3
    ):
        row = default_row(100) | fixed | dict(zip(flags, values, strict=True))
        row |= {"days_past_due": days, "days_in_stage": in_stage, "bucket": bucket, "local_hour": hour}
        row |= {"past_due_amount": amount}
        if all(one(row) for one in conditions) and not held(row):
            passed = passed or not any(one.refuses(row) for one in bound)
    assert not (steps and passed)
