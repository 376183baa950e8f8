"""The golden replies: what people write, exactly what it means, and how much of the unknown is understood.

A case is `says` and `means`, with `also` (further intents), `amount`, `day`, and `person: true` where a person must
read it although an intent was found, `urgent: true` where at once. What isn't given is expected to be absent.
"""

from collections import Counter
from datetime import date

import pytest
import yaml

from forbear.core.replies.understanding import INTENTS, understand
from tests.golden.fact_reader import HERE

FOLDER = HERE / "reply"
KEYS = {"says", "means", "also", "amount", "day", "person", "urgent"}
HELD_OUT = FOLDER / "held_out.yaml"
#: Measured on the held-out lines when they were written; a change that understands fewer is a step back.
UNDERSTOOD, MISTAKEN, STOPS = 89, 1, 16


def read(path) -> tuple[date, list[dict]]:
    content = yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)
    assert set(content) == {"theme", "today", "cases"}
    for case in content["cases"]:
        assert set(case) <= KEYS, case
        assert case["means"] in INTENTS, case
    return content["today"], content["cases"]


def known() -> list:
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        if path != HELD_OUT:
            today, cases = read(path)
            found += [pytest.param(today, case, id=f"{path.stem}: {case['says']}") for case in cases]
    return found


@pytest.mark.parametrize(("today", "case"), known())
def test_reply(today, case):
    told = understand(case["says"], "zh", today)
    expected = (case["means"], tuple(case.get("also", ())), case.get("amount", ""), case.get("day"))
    assert (told.intent, told.also, told.amount, told.day) == expected, told
    assert told.urgent == case.get("urgent", False)
    to_person = case["means"] == "unclear" or case.get("person", False) or told.urgent
    assert told.needs_person == to_person


def test_there_are_enough_of_each():
    count = Counter(case.values[1]["means"] for case in known())
    assert set(count) == set(INTENTS)
    assert sum(count.values()) >= 200
    assert min(count.values()) >= 5


def held_out() -> Counter:
    """How the held-out lines fare: understood, left to a person, or mistaken for something else."""
    today, cases = read(HELD_OUT)
    count = Counter()
    for case in cases:
        told = understand(case["says"], "zh", today)
        fate = "understood" if told.intent == case["means"] else "person" if told.needs_person else "mistaken"
        count[fate] += 1
        count["stops understood"] += told.intent == case["means"] == "stop"
    return count


def test_what_nobody_tuned_for():
    _, cases = read(HELD_OUT)
    count = held_out()
    assert count["understood"] >= UNDERSTOOD
    assert count["mistaken"] <= MISTAKEN
    assert count["stops understood"] >= STOPS
    told = {case["says"] for case in cases}
    assert not told & {case.values[1]["says"] for case in known()}, "a known line is no test of the unknown"


def test_a_missed_stop_is_read_by_a_person():
    today, cases = read(HELD_OUT)
    for case in cases:
        told = understand(case["says"], "zh", today)
        if case["means"] == "stop":
            assert told.intent == "stop" or told.needs_person, case["says"]
