"""The page on permits: its house pack answers as the page says, and all that a pack may say is told."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from forbear.core.facts.contact import CHANNELS, OUTCOMES, PARTIES, PURPOSES, PastContact, PlannedContact
from forbear.core.facts.contact_facts import NOTICES
from forbear.core.facts.context import ContactContext
from forbear.core.permits.decision import decide
from forbear.core.permits.pack import _RULE, _RULE_ALSO, APPLIES, PackError, parse_pack
from forbear.core.permits.permit import LIFETIME, LIFETIME_BY_HAND
from forbear.core.permits.rules import (
    COLLECTORS,
    COUNT_BY,
    COUNTED,
    FORCES,
    PARAMETERS,
    UNTIL_KINDS,
    Count,
    merge,
)
from tests.docs.pages import marked, page, section, untold

PAGE = "docs/rules/permit.md"
PLACE = ZoneInfo("Asia/Shanghai")
(EXAMPLE,) = (block for block in marked("yaml", "pack") if block.page == PAGE)
(ANSWERS,) = (block for block in marked("text", "permit") if block.page == PAGE)


def under(heading: str) -> str:
    """What stands under a heading, up to the next of any depth."""
    return re.split(r"^#", section(PAGE, heading), maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(heading: str) -> list[str]:
    """The code in the first column of the tables under a heading."""
    return re.findall(r"^\| `(\w+)` \|", under(heading), re.MULTILINE)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PLACE)


@pytest.mark.parametrize("line", ANSWERS.text.splitlines())
def test_the_house_pack_answers_as_told(line):
    at, earlier, answer = (part.strip() for part in line.split("|"))
    situation = ContactContext(facts={}, figures_at=None, zones=(PLACE.key,))
    if earlier != "none":
        when, outcome = earlier.rsplit(" ", 1)
        past = PastContact(moment(when), "call", "collect", "debtor", outcome, loans=("L1",))
        situation = replace(situation, past=(past,))
    book = merge([parse_pack(EXAMPLE.text, EXAMPLE.name)])
    decision = decide(book, PlannedContact("call", "collect", loans=("L1",)), situation, moment(at))
    told = [f"{each.rule} until {each.until:%Y-%m-%d %H:%M}" for each in decision.refusals]
    assert (told or ["permitted"]) == [answer]


# all that may be said


def test_every_key_is_told():
    assert first_cells("A rule") == [*_RULE, *_RULE_ALSO]
    assert sorted(first_cells("`applies`")) == sorted(APPLIES)
    assert first_cells("`parameters`") == list(PARAMETERS)
    assert first_cells("Until") == ["until", *UNTIL_KINDS]  # the first is the head of the table


@pytest.mark.parametrize(
    ("heading", "text"),
    [
        ("A pack", "KEYS"),
        ("A rule", "{pack: a, rules: [KEYS]}"),
        ("`applies`", "{pack: a, rules: [{applies: KEYS}]}"),
        ("`count`", "{pack: a, rules: [{count: KEYS}]}"),
        ("`parameters`", "{pack: a, rules: [], parameters: KEYS}"),
    ],
)
def test_the_reader_knows_each_key_that_is_told(heading, text):
    keys = [key for key in first_cells(heading) if key not in OUTCOMES]
    with pytest.raises(PackError) as refused:
        parse_pack(text.replace("KEYS", f"{{{', '.join(f'{key}: 1' for key in [*keys, 'nothing'])}}}"), "x")
    unknown = [line for line in refused.value.messages if "unknown" in line]
    assert keys
    assert len(unknown) == 1
    assert "`nothing`" in unknown[0]


def test_every_word_of_a_count_is_told():
    keys = {"days": "within"}
    told = [name for name in first_cells("`count`") if name not in OUTCOMES]
    assert sorted(told) == sorted(keys.get(name, name) for name in Count.__dataclass_fields__)
    assert untold(PAGE, *COUNT_BY, *COUNTED) == []


def test_every_value_is_told():
    assert untold(PAGE, *CHANNELS, *PURPOSES, *PARTIES, *COLLECTORS, *FORCES, *NOTICES, *OUTCOMES) == []


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_table_of_outcomes_is_right(outcome):
    (row,) = re.findall(rf"^\| `{outcome}` \|(.*)\|$", under("`count`"), re.MULTILINE)
    now = moment("2026-03-10 15:00")
    past = PastContact(now - timedelta(minutes=1), "call", "collect", "debtor", outcome)
    planned = PlannedContact("call", "collect")
    counts = ["yes" if Count("debtor", 1, counted).selects(past, planned) else "no" for counted in COUNTED]
    assert [cell.strip() for cell in row.split("|")] == counts


def test_the_strictest_parameter_is_as_told():
    rows = re.findall(r"^\| `(\w+)` \|.*\| (most|least) \|$", under("`parameters`"), re.MULTILINE)
    assert dict(rows) == {name: {max: "most", min: "least"}[way] for name, (_, way) in PARAMETERS.items()}


def test_the_lifetimes_are_as_told():
    text = " ".join(page(PAGE).split())
    assert f"runs out {LIFETIME.seconds} seconds after" in text
    assert f"after {LIFETIME_BY_HAND.seconds // 60} minutes where a person dials" in text
