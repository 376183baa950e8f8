"""The lines that the second reader's tables are made of, and the version that they give a table.

Apart from `train_words`, which needs the libraries of the regression: whether a table is current is asked without them.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from forbear.core.content.known_lines import KnownText, read_known_lines
from forbear.core.content.measure import read_corpus
from forbear.core.content.normalize import normal_forms
from forbear.core.content.second_reader import UNLAWFUL, read_text
from forbear.core.files.reply_lines import read_reply_lines
from forbear.core.replies.measure import MEANINGS, KnownLine
from forbear.core.replies.normalize import normal
from forbear.core.replies.second_reader import URGENT

ROOT = Path(__file__).parents[1]
TRAINING = ROOT / "training"
GOLDEN = ROOT / "tests" / "golden"
CORPUS = GOLDEN / "content"
LANGUAGES = ("zh", "en")
OF_LEDGER = {"wrong_amount", "wrong_date"}
#: The share of lawful training lines, unseen in their round, that may be suspected: most of them are hard ones.
CONTENT_SHARES = {"zh": 0.15, "en": 0.25}
#: A run of signs counts when this many lines have it.
LEAST_LINES = 2
#: Weights whose thousandths are fewer are left out: they decide nothing.
LEAST_WEIGHT = 300
ROUNDS = 10
#: The shares of other replies that may be suspected, by reading: danger and a stop are only held and looked at.
REPLY_SHARES = {URGENT: 0.04, "stop": 0.06}
REPLY_SHARE = 0.03
#: A meaning needs this many lines in a language.
LEAST_EXAMPLES = 10
HANZI = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Example:
    """A folded text and the readings that are right for it."""

    text: str
    readings: frozenset[str]


def content_lines(pattern: str) -> list[KnownText]:
    """The lines of the files of `training` with such a name."""
    return [
        line
        for path in sorted(TRAINING.glob(f"{pattern}.yaml"))
        for line in read_known_lines(path.read_text("utf-8"), path.name)
    ]


def corpus_lines(language: str) -> list[KnownText]:
    """The lines of the golden corpus that the words were made on, without those that only the ledger can judge."""
    return [
        KnownText(language, line.text, next(iter(sorted(line.kinds)), ""))
        for path in sorted(CORPUS.glob("*.yaml"))
        for line in read_corpus(path.read_text("utf-8"), path.name)
        if line.part == "tuned" and line.context.language == language and not line.kinds & OF_LEDGER
    ]


def content_examples(lines: Iterable[KnownText]) -> list[Example]:
    """Lines of content as they are read: to the debtor, since to others any word of a debt is found by its rule."""
    return [
        Example(read_text(normal_forms(line.text)[0].text), frozenset({UNLAWFUL} if line.kind else ()))
        for line in lines
        if line.party == "debtor"
    ]


def reply_lines(path: Path) -> list[KnownLine]:
    """The known replies of a file."""
    return list(read_reply_lines(path.read_text("utf-8"), path.name)[1])


def trained_replies() -> list[KnownLine]:
    """All replies that the second reader is trained on: its own, and those on which the patterns were mended."""
    golden = sorted((GOLDEN / "reply_lines").glob("*.yaml"))
    return [
        line for path in (*sorted(TRAINING.glob("replies*.yaml")), *golden) for line in reply_lines(path)
    ] + [
        KnownLine(
            "", case["says"], tuple({case["means"], *case.get("also", ())}), urgent=bool(case.get("urgent"))
        )
        for path in sorted((GOLDEN / "reply").glob("*.yaml"))
        if path.stem != "held_out"
        for case in yaml.safe_load(path.read_text("utf-8"))["cases"]
    ]


def reply_examples(lines: Iterable[KnownLine], language: str) -> list[Example]:
    """Replies as they are read, of one script; each once, and only by what was asked of it."""
    examples: dict[str, frozenset[str]] = {}
    for line in lines:
        if ("zh" if HANZI.search(line.text) else "en") == language:
            wanted = frozenset({URGENT}) if line.urgent else frozenset(line.wanted)
            plain = normal(line.text)
            examples[plain] = examples.get(plain, frozenset()) | wanted
    return [Example(text, readings) for text, readings in examples.items()]


def version_of(examples: list[Example], shares: dict[str, float]) -> str:
    """What a table is made of: the first 12 hex digits of the SHA-256 of its lines, shares and settings."""
    lines = sorted((one.text, sorted(one.readings)) for one in examples)
    settings = [LEAST_LINES, LEAST_WEIGHT, ROUNDS, shares]
    return hashlib.sha256(json.dumps([lines, settings], ensure_ascii=False).encode()).hexdigest()[:12]


def table_sources() -> dict[str, tuple[list[Example], dict[str, float]]]:
    """What each table is made of, by name: its lines, and the share of other lines that each reading may suspect."""
    made = {
        f"content-{language}": (
            content_examples([*content_lines(f"content*-{language}"), *corpus_lines(language)]),
            {UNLAWFUL: CONTENT_SHARES[language]},
        )
        for language in LANGUAGES
    }
    for language in LANGUAGES:
        examples = reply_examples(trained_replies(), language)
        counts = Counter(reading for one in examples for reading in one.readings)
        shares = {
            reading: REPLY_SHARES.get(reading, REPLY_SHARE)
            for reading in (URGENT, *MEANINGS)
            if counts[reading] >= LEAST_EXAMPLES
        }
        made[f"replies-{language}"] = (examples, shares)
    return made
