"""The pages on channels and replies: their files can be read, every setting is told, and the figures are measured."""

import re

import pytest

from forbear.channels.adapter_context import key_of_setting, setting_fields
from forbear.channels.settings import PROVIDERS, parse_channels
from forbear.channels.transport import ANSWERS
from forbear.core.replies.demands import DEMANDS
from forbear.core.replies.understanding import INTENTS
from tests.docs.pages import marked, page, section
from tests.golden.test_reply_golden import HELD_OUT, held_out, read

CHANNELS, REPLIES = "docs/operate/channels.md", "docs/rules/replies.md"


@pytest.mark.parametrize("block", marked("text", "channels"), ids=lambda block: block.name)
def test_the_files_shown_can_be_read(block):
    variables = re.findall(r"_env: (\w+)", block.text)
    secrets = dict.fromkeys(variables, "twenty-signs-of-text") | {"SMPP_PASSWORD": "s3cret"}
    secrets |= {name: "whsec_" + f"{at:02}" * 22 for at, name in enumerate(variables) if "PUSH" in name}
    channels = parse_channels(block.text, block.name, secrets)
    assert channels.by_channel


@pytest.mark.parametrize("kind", PROVIDERS)
def test_every_setting_is_told(kind):
    text = section(CHANNELS, kind)
    named = set(re.findall(r"`([^`\n]+)`", text)) | set(re.findall(r"(\w+):", text))
    fields = setting_fields(PROVIDERS[kind].settings)
    keys = [key_of_setting(name, field) for name, field in fields.items()]
    assert [key for key in keys if key not in named] == []


def test_every_answer_and_intent_is_told():
    told = re.findall(r"^\| `(\w+)` \|", section(CHANNELS, "What the answers mean"), re.MULTILINE)
    assert told == list(ANSWERS)
    assert set(re.findall(r"^\| `(\w+)` \|", page(REPLIES), re.MULTILINE)) == {*INTENTS, *DEMANDS}


def test_the_figures_are_those_measured():
    figures = dict(re.findall(r"^\| ([a-z ,0-9]+?) \| (\d+) \|$", page(REPLIES), re.MULTILINE))
    count = held_out()
    _, cases = read(HELD_OUT)
    stops = sum(case["means"] == "stop" for case in cases)
    assert figures == {
        "understood": str(count["understood"]),
        "left to a person": str(count["person"]),
        "taken for something else": str(count["mistaken"]),
        f"stops understood, of {stops}": str(count["stops understood"]),
    }
    assert f"of {len(cases)} held-out lines" in page(REPLIES)
