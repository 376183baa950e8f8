"""The pages in Chinese: words in quotation marks are the screen's, and rules, alarms and commands are the real ones."""

import re

import pytest
import yaml
from babel.messages.pofile import read_po

from forbear.cli.main import COMMANDS
from tests.docs.pages import page, pages
from tests.tidy.tree import ROOT, SRC

CATALOGUE = SRC / "forbear" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PAGES = sorted(path for path in pages() if path.startswith("docs/zh/"))
FORCES = {"法律": "law", "标准": "standard", "自律": "self-regulation", "本机构规定": "house"}
#: Words quoted for another reason than that a page shows them.
NOT_SHOWN = {"存疑", "数据存疑"}


def shown() -> set[str]:
    """Every text of the pages in Chinese."""
    with CATALOGUE.open("rb") as file:
        texts = [message.string for message in read_po(file)]
    return {text for each in texts for text in ([each] if isinstance(each, str) else each)}


def test_the_pages_are_there():
    assert [path.rsplit("/", 1)[1] for path in PAGES] == [
        "accounts.md",
        "creditors.md",
        "desk.md",
        "feed.md",
        "history.md",
        "mapping.md",
        "operate.md",
        "permit.md",
        "roles.md",
        "start.md",
    ]
    for path in PAGES:
        name = path.removeprefix("docs/")
        assert name in page("docs/index.md")
        assert name in page("README.zh-CN.md")


@pytest.mark.parametrize("path", PAGES)
def test_quoted_words_are_the_screens(path):
    quoted = set(re.findall(r"“([^”]+)”", page(path))) - NOT_SHOWN
    assert sorted(quoted - shown()) == []


@pytest.mark.parametrize("path", PAGES)
def test_commands_are_there(path):
    named = set(re.findall(r"\bforbear ([a-z-]+)", page(path)))
    assert sorted(named - set(COMMANDS)) == []


def test_rules_have_the_force_that_is_said():
    pack = yaml.safe_load((SRC / "forbear/packs/cn.yaml").read_text("utf-8"))
    forces = {rule["id"]: rule["force"] for rule in pack["rules"]}
    said = re.findall(
        r"^\| .+ \| `(cn\.\w+)` \| ([^；|]+?)(?:；存疑)? \|$", page("docs/zh/permit.md"), re.MULTILINE
    )
    assert len(said) >= 15
    assert [rule for rule, force in said if forces.get(rule) != FORCES[force]] == []


def test_every_alarm_is_explained():
    alarms = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
    explained = re.findall(r"^\| `([A-Z]\w+)` \|", page("docs/zh/operate.md"), re.MULTILINE)
    assert sorted(explained) == sorted({alarm["alert"] for alarm in alarms})
