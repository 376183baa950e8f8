"""Goal: whatever is written into a home's files gets a message with its place, and never a traceback.

Method: the ready files with pieces cut out, doubled and put in, and YAML made up from scratch. What once broke a reader
is kept under tests/fuzz/kept and tried each time.
"""

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forbear.channels.settings import ChannelsError, parse_channels, parse_payments
from forbear.core.agreements.policy import PolicyError, parse_policy
from forbear.core.conditions.parse import ConditionError, parse
from forbear.core.content.rules import parse_content
from forbear.core.content.template import parse_templates
from forbear.core.content.words import parse_words
from forbear.core.files.reader import ContentError
from forbear.core.loans.products import ProductsError, parse_products
from forbear.core.permits.pack import PackError, parse_draft, parse_pack
from forbear.core.replies.understanding import understand
from forbear.core.staff.sign_in import SignInError, parse_sign_in
from forbear.core.strategy.parse import StrategyError, parse_strategy
from tests.profile import examples
from tests.tidy.tree import ROOT

READY = ROOT / "src" / "forbear"
KEPT = Path(__file__).parent / "kept"
SEEDS = {
    "strategy": sorted((READY / "strategies").glob("*.yaml")),
    "pack": sorted((READY / "packs").glob("*.yaml")),
    "templates": sorted((READY / "templates").glob("*.yaml")),
}
READERS = {
    "strategy": (lambda text: parse_strategy(text, "f"), StrategyError),
    "pack": (lambda text: parse_pack(text, "f"), PackError),
    "draft": (parse_draft, PackError),
    "templates": (lambda text: parse_templates(text, "f"), ContentError),
    "policy": (lambda text: parse_policy(text, "f"), PolicyError),
    "products": (lambda text: parse_products(text, "f"), ProductsError),
    "channels": (lambda text: parse_channels(text, "f", {}, made_up=True), ChannelsError),
    "payments": (lambda text: parse_payments(text, "f", {}, made_up=True), ChannelsError),
    "words": (lambda text: parse_words(text, "f"), ContentError),
    "content": (lambda text: parse_content(text, "f", ["authority"]), ContentError),
    "sign_in": (lambda text: parse_sign_in(text, "f", ["collector"]), SignInError),
}
KEYS = (
    "strategy", "stages", "stage", "when", "treatments", "pack", "rules", "id", "says", "applies", "count",
    "refuse_when", "until", "templates", "template", "texts", "channels", "plan", "court", "clocks", "products",
    "cash", "penalty", "zh", "en", "kind", "url", "password", "session", "words", "lists", "groups", "content",
    "required", "second_factor",
)  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(allow_nan=True), st.text(max_size=20),
    st.sampled_from(KEYS), st.dates(),
    st.sampled_from(["days_past_due > 3", "a and", "1/0", "(" * 200, "&a [*a]", "!!x"]),
)  # fmt: skip
MADE_UP = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.one_of(st.sampled_from(KEYS), st.text(max_size=8), st.integers()), inner, max_size=5
        )
    ),
    max_leaves=25,
)
PIECES = ("", ": ", "- ", "[", "{", "\t", "\x00", "é", "'", "&x *x", "'''")
QUICK = settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])


def told(kind: str, text: str) -> None:
    """Read it: a result, or the one error with words in it."""
    reader, error = READERS[kind]
    problem = None
    try:
        reader(text)
    except error as found:
        problem = str(found)
    assert problem is None or problem.strip(), "a message says something"


@st.composite
def spoilt(draw: st.DrawFn, kind: str) -> str:
    """A ready file with a few pieces moved about."""
    text = draw(st.sampled_from([path.read_text("utf-8") for path in SEEDS[kind]]))
    for _ in range(draw(st.integers(1, 4))):
        first, second = sorted(draw(st.integers(0, len(text))) for _ in range(2))
        second = min(second, first + 400)
        piece = draw(
            st.sampled_from(
                ["", text[first:second] * 2, ": ", "- ", "[", "{", "\t", "\x00", "é", "'", "&x *x", "'''"]
            )
        )
        text = text[:first] + piece + text[second:]
    return text


@pytest.mark.parametrize("kind", sorted(READERS))
@QUICK
@given(value=MADE_UP)
def test_made_up_files(kind, value):
    told(kind, yaml.safe_dump(value, allow_unicode=True))


@pytest.mark.parametrize("kind", sorted(SEEDS))
@settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_spoilt_files(kind, data):
    told(kind, data.draw(spoilt(kind)))


@pytest.mark.parametrize(
    "path",
    sorted(path for path in KEPT.glob("*/*") if path.parent.name != "agency"),
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_what_once_broke_a_reader(path):
    if path.parent.name == "condition":
        condition(path.read_text("utf-8"))
    else:
        told(path.parent.name, path.read_text("utf-8"))


def condition(text: str) -> None:
    """Read a condition: a result, or the error with its place."""
    problem = None
    try:
        parse(text)
    except ConditionError as found:
        problem = str(found)
    assert problem is None or problem.strip()


@QUICK
@given(st.text(max_size=200))
@example("(" * 5000)
@example("not " * 5000 + "x")
@example("1" * 10_000)
def test_conditions(text):
    condition(text)


@QUICK
@given(st.text(max_size=300), st.sampled_from(["", "zh", "en", "xx"]))
@example("TD" * 2000, "zh")
@example("\ud800", "en")
def test_replies(text, language):
    found = understand(text, language)
    assert isinstance(found.intent, str)
