"""Goal: every text that ships is sent by something real: a step of its country's strategy, an act, a person's choice.

Method: the names and channels of each country's texts, against the steps of the strategies that run with them and the
names that the code gives to an act. The answers of the inbox are chosen by a person.
"""

import re
from pathlib import Path

import pytest

from forbear.core.content.template import parse_templates
from forbear.core.strategy.parse import parse_strategy

SOURCE = Path(__file__).parents[2] / "src" / "forbear"
#: The strategies of a country, which its texts are for.
STRATEGIES = {"consumer-cn": ("consumer-cn", "consumer-cn-spaced"), "consumer-us": ("consumer-us",)}
STRATEGIES |= {"consumer-uk": ("consumer-uk",)}
#: Where acts are.
_ACTS = ("actions", "web", "jobs")
#: What the names of the inbox's answers begin with.
CHOSEN = "answer_"


def steps(name: str) -> set[str]:
    """The texts that the strategies of these texts plan."""
    found: set[str] = set()
    for strategy in STRATEGIES[name]:
        path = SOURCE / "strategies" / f"{strategy}.yaml"
        parsed = parse_strategy(path.read_text("utf-8"), path.name)
        found |= {each.template for stage in parsed.stages for each in stage.treatments}
    return found


def queued() -> set[str]:
    """The texts that an act names where it queues, notifies or writes a paper of one; composing sends nothing."""
    found: set[str] = set()
    for room in _ACTS:
        for path in sorted((SOURCE / room).rglob("*.py")):
            text = path.read_text("utf-8")
            found |= set(re.findall(r'^[A-Z_, ]+ = (?:"\w+", )*"(\w+)"', text, re.MULTILINE))
            if path.name != "compose.py" and re.search(r"\b(queue_contact|notify_borrower|find)\(", text):
                found |= set(re.findall(r'"([a-z_]+)"', text))
    return found


def unsent(name: str, steps: set[str], queued: set[str]) -> list[str]:
    """The texts of a country that neither a step nor an act sends."""
    entries = parse_templates((SOURCE / "templates" / f"{name}.yaml").read_text("utf-8"), name).entries
    names = {entry.name for entry in entries if not entry.name.startswith(CHOSEN)}
    return sorted(names - steps - queued)


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_no_text_ships_that_nothing_sends(name):
    assert unsent(name, steps(name), queued()) == []


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_the_search_finds_a_text_whose_step_is_gone(name):
    gone = "overdue_notice" if name == "consumer-cn" else "ways_to_pay"
    assert unsent(name, steps(name) - {gone}, queued()) == [gone]


def test_every_country_is_asked():
    assert {path.stem for path in (SOURCE / "templates").glob("*.yaml")} == set(STRATEGIES)
    named = {each for names in STRATEGIES.values() for each in names}
    assert {path.stem for path in (SOURCE / "strategies").glob("*.yaml")} == named
