"""Make the second reader's tables of the lines in `training`: run it after a line was changed or added.

    python -m scripts.train_words            # writes the tables of src/forbear/tables whose lines changed
    python -m scripts.train_words --report   # writes all, and says how well held-out lines are read

Logistic regression on runs of signs (core.classifier.grams). A reading's threshold is set on lines it wasn't trained
on, in ten rounds, so that no more than its share of other lines is suspected. The same lines give the same table, but
for the last digit of a few weights, which differs from processor to processor.
"""

import argparse
import gzip
import json
from pathlib import Path

import numpy
from scipy import sparse
from scripts.training_lines import (
    HANZI,
    LEAST_LINES,
    LEAST_WEIGHT,
    ROOT,
    ROUNDS,
    TRAINING,
    Example,
    content_examples,
    content_lines,
    reply_lines,
    table_sources,
    version_of,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from forbear.core.classifier.grams import grams
from forbear.core.classifier.table import UNIT, Table, read_table
from forbear.core.files.reply_lines import TODAY
from forbear.core.replies.measure import measure
from forbear.core.replies.understanding import understand

TABLES = ROOT / "src" / "forbear" / "tables"


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
        if ("zh" if HANZI.search(line.text) else "en") == language
    ]
    score = measure(lines, TODAY, {language: table})
    alarms = sum(understand(line.text, readers={language: table}).urgent for line in lines if not line.urgent)
    return (
        f"{score.right} of {score.lines} understood, {len(score.stops_missed)} stops missed, "
        f"{len(score.urgent_missed)} urgent missed, {alarms} false alarms"
    )


def shipped_version(path: Path) -> str:
    """Of which lines the table that lies there was made; "" where there is none."""
    return str(json.loads(gzip.decompress(path.read_bytes()))["version"]) if path.exists() else ""


def main() -> None:
    """Write the tables, and say what was found when asked."""
    parser = argparse.ArgumentParser(description="Train the second reader.")
    parser.add_argument("--report", action="store_true", help="also say how well lines are read")
    report = parser.parse_args().report
    TABLES.mkdir(exist_ok=True)
    for name, (examples, table_shares) in table_sources().items():
        path = TABLES / f"{name}.json.gz"
        if not report and shipped_version(path) == version_of(examples, table_shares):
            continue  # made of these lines already, and making one takes minutes
        text, found = made_table(examples, table_shares)
        path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
        if report:
            shares = ", ".join(f"{reading} {share:.3f}" for reading, share in found.items())
            print(f"{name}: unseen {shares}; held out: {report_held_out(name, read_table(text))}")  # noqa: T201


if __name__ == "__main__":
    main()
