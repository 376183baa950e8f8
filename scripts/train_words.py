"""Make the second reader's tables of the lines in `training`: run it after a line was changed or added.

    python scripts/train_words.py            # writes src/forbear/tables
    python scripts/train_words.py --report   # and says how well held-out lines are read

Logistic regression on runs of signs (core.classifier.grams). A reading's threshold is set on lines it wasn't trained
on, in ten rounds, so that no more than its share of other lines is suspected. The same lines give the same table.
"""

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy
import yaml
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from forbear.core.classifier.grams import grams
from forbear.core.classifier.table import UNIT, Table, read_table
from forbear.core.content.known_lines import KnownText, read_known_lines
from forbear.core.content.measure import read_corpus
from forbear.core.content.normalize import normal_forms
from forbear.core.content.second_reader import UNLAWFUL, read_text
from forbear.core.files.reply_lines import TODAY, read_reply_lines
from forbear.core.replies.measure import MEANINGS, KnownLine, measure
from forbear.core.replies.normalize import normal
from forbear.core.replies.second_reader import URGENT
from forbear.core.replies.understanding import understand

ROOT = Path(__file__).parents[1]
TRAINING = ROOT / "training"
TABLES = ROOT / "src" / "forbear" / "tables"
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
_HANZI = re.compile("[\u3400-\u9fff]")


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
        if ("zh" if _HANZI.search(line.text) else "en") == language:
            wanted = frozenset({URGENT}) if line.urgent else frozenset(line.wanted)
            plain = normal(line.text)
            examples[plain] = examples.get(plain, frozenset()) | wanted
    return [Example(text, readings) for text, readings in examples.items()]


class Matrix:
    """Texts as rows of runs, each run weighted by how few lines have it."""

    def __init__(self, texts: list[str]) -> None:
        self.counter = CountVectorizer(analyzer=grams, binary=True, min_df=LEAST_LINES)
        counted = self.counter.fit_transform(texts)
        lines_with = numpy.asarray((counted > 0).sum(axis=0)).ravel()
        self.rarity = numpy.log((1 + len(texts)) / (1 + lines_with)) + 1
        self.rows = self._weighted(counted, texts)

    def _weighted(self, counted: sparse.spmatrix, texts: list[str]) -> sparse.csr_matrix:
        lengths = numpy.array([max(1, len(grams(text))) for text in texts])
        return sparse.csr_matrix(sparse.diags(1 / numpy.sqrt(lengths)) @ counted @ sparse.diags(self.rarity))


def fitted(rows: sparse.csr_matrix, wanted: numpy.ndarray) -> LogisticRegression:
    """The regression of one reading."""
    model = LogisticRegression(C=3, solver="liblinear", class_weight="balanced", random_state=0)
    return model.fit(rows, wanted)


def threshold(rows: sparse.csr_matrix, wanted: numpy.ndarray, share: float) -> tuple[float, float]:
    """The score from which a reading is suspected, and the share of its own lines found by it when unseen."""
    scores = numpy.zeros(len(wanted))
    for known, unseen in StratifiedKFold(ROUNDS, shuffle=True, random_state=0).split(rows, wanted):
        scores[unseen] = fitted(rows[known], wanted[known]).decision_function(rows[unseen])
    least = float(numpy.quantile(scores[~wanted], 1 - share))
    return least, float((scores[wanted] > least).mean())


def version_of(examples: list[Example], shares: dict[str, float]) -> str:
    """What a table is made of: the first 12 hex digits of the SHA-256 of its lines, shares and settings."""
    lines = sorted((one.text, sorted(one.readings)) for one in examples)
    settings = [LEAST_LINES, LEAST_WEIGHT, ROUNDS, shares]
    return hashlib.sha256(json.dumps([lines, settings], ensure_ascii=False).encode()).hexdigest()[:12]


def made_table(examples: list[Example], shares: dict[str, float]) -> tuple[str, dict[str, float]]:
    """The table's JSON, and for each reading the share of its lines found when unseen."""
    matrix = Matrix([example.text for example in examples])
    names = matrix.counter.get_feature_names_out()
    readings, found = {}, {}
    for reading, share in shares.items():
        wanted = numpy.array([reading in example.readings for example in examples])
        least, found[reading] = threshold(matrix.rows, wanted, share)
        model = fitted(matrix.rows, wanted)
        weights = numpy.rint(model.coef_[0] * matrix.rarity * UNIT).astype(int)
        readings[reading] = {
            "bias": round(float(model.intercept_[0]) * UNIT),
            "least": round(least * UNIT),
            "weights": {
                str(name): int(weight)
                for name, weight in sorted(zip(names, weights, strict=True))
                if abs(weight) >= LEAST_WEIGHT
            },
        }
    table = {"version": version_of(examples, shares), "readings": readings}
    return json.dumps(table, ensure_ascii=False, separators=(",", ":")), found


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


def report_held_out(name: str, table: Table) -> str:
    """How a table reads lines it was never trained on."""
    if name.startswith("replies-"):
        return report_replies(name[-2:], table)
    examples = content_examples(content_lines(f"held-out-content*-{name[-2:]}"))
    hits = [bool(table.suspected(one.text)) for one in examples]
    wanted = [bool(one.readings) for one in examples]
    found = sum(hit and want for hit, want in zip(hits, wanted, strict=True))
    false = sum(hit and not want for hit, want in zip(hits, wanted, strict=True))
    return f"{found} of {sum(wanted)} suspected, {false} of {len(wanted) - sum(wanted)} wrongly"


def report_replies(language: str, table: Table) -> str:
    """How replies it was never trained on are understood with the table: of one script."""
    lines = [
        line
        for path in sorted(TRAINING.glob("held-out-replies*.yaml"))
        for line in reply_lines(path)
        if ("zh" if _HANZI.search(line.text) else "en") == language
    ]
    score = measure(lines, TODAY, {language: table})
    alarms = sum(understand(line.text, readers={language: table}).urgent for line in lines if not line.urgent)
    return (
        f"{score.right} of {score.lines} understood, {len(score.stops_missed)} stops missed, "
        f"{len(score.urgent_missed)} urgent missed, {alarms} false alarms"
    )


def main() -> None:
    """Write the tables, and say what was found when asked."""
    parser = argparse.ArgumentParser(description="Train the second reader.")
    parser.add_argument("--report", action="store_true", help="also say how well lines are read")
    report = parser.parse_args().report
    TABLES.mkdir(exist_ok=True)
    for name, (examples, table_shares) in table_sources().items():
        text, found = made_table(examples, table_shares)
        (TABLES / f"{name}.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        if report:
            shares = ", ".join(f"{reading} {share:.3f}" for reading, share in found.items())
            print(f"{name}: unseen {shares}; held out: {report_held_out(name, read_table(text))}")  # noqa: T201


if __name__ == "__main__":
    main()
