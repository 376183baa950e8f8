"""The ways of a payment and a message: every module is there, calls what the page says, and is in the picture."""

import re
import runpy

from tests.docs.pages import page
from tests.tidy.tree import ROOT, modules

PAGE = "docs/flow.md"


def steps() -> list[str]:
    """The module that each step begins with."""
    return re.findall(r"^\d+\. `([\w.]+)`", page(PAGE), re.MULTILINE)


def test_every_module_is_there():
    known = {module.name for module in modules()}
    named = set(re.findall(r"`((?:\w+\.)+\w+)`", page(PAGE))) - {"payment.recorded"}
    assert len(steps()) > 20
    assert [name for name in sorted(named) if f"forbear.{name}" not in known] == []


def test_every_function_in_brackets_is_in_its_steps_module():
    texts = {module.name: module.text for module in modules()}
    named = re.findall(
        r"^\d+\. `([\w.]+)`(?:(?!^\d+\.).)*?\(`([a-z_]+)`\)", page(PAGE), re.MULTILINE | re.DOTALL
    )
    assert len(named) == 3
    assert [name for where, name in named if f"def {name}(" not in texts[f"forbear.{where}"]] == []


def test_the_picture_is_drawn_from_the_page():
    drawn = runpy.run_path(str(ROOT / "scripts" / "flow_picture.py"))["picture"]()
    assert (ROOT / "docs/pictures/flow.svg").read_text("utf-8") == drawn, (
        "run `python scripts/flow_picture.py`"
    )
    assert [step for step in steps() if f">{step}<" not in drawn] == []
