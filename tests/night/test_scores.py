"""Goal: a night with a model of scores says which, is the same bytes again, and no feature knows what came later."""

import csv
import json
from datetime import date, timedelta

import pytest

from forbear.cli.explain_show import show
from forbear.core.facts.scores import SCORE_NAMES
from forbear.core.scores.features import FEATURES
from forbear.core.scores.score import score_facts
from forbear.engine.columnar import connected, parquet, quote
from forbear.interchange.book.generate import generate_feed
from forbear.night.explain import explain
from forbear.night.run import plan_night, run_night
from tests.core.score_models import made_model
from tests.interchange.book.small_feed import take_in, tree_bytes
from tests.night.small_night import LADDER

DAY = date(2024, 3, 1)
BY_SCORE = LADDER.replace(
    "days_past_due between 1 and 9", "days_past_due between 1 and 9 and score_self_cure < 500"
)


@pytest.fixture(scope="module")
def feed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("feed") / "whole"
    generate_feed(folder, loans=600, seed=5, as_of=DAY, form="csv", bad_rows=0)
    return folder


@pytest.fixture(scope="module")
def book(feed, tmp_path_factory):
    return take_in(tmp_path_factory.mktemp("lender"), feed, partitions=2)[1]


def decided(root, book, text=LADDER, scores="", day=DAY, **options):
    plan = plan_night(book, root / "nights", day, text, "ladder.yaml", scores_text=scores, **options)
    return run_night(plan, book, root / "nights", threads=1)


def cases(night):
    with connected() as engine:
        found = engine.execute(f"from {parquet(night.folder / 'cases', 'part-*.parquet')}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_a_night_names_its_model_and_is_the_same_bytes_again(tmp_path, book):
    model = made_model(2)
    first = decided(tmp_path / "one", book, scores=model.text)
    again = decided(tmp_path / "two", book, scores=model.text)
    assert tree_bytes(first.folder) == tree_bytes(again.folder)
    assert first.manifest["scores"] == model.version
    assert (first.folder / "scores.json").read_text("utf-8") == model.text
    without = decided(tmp_path / "three", book)
    assert "scores" not in without.manifest
    assert not (without.folder / "scores.json").exists()
    other = decided(tmp_path / "four", book, scores=made_model(3).text)
    assert len({night.manifest["version"] for night in (first, without, other)}) == 3


def test_every_score_of_the_night_is_that_of_core(tmp_path, book):
    model = made_model(2)
    rows = cases(decided(tmp_path, book, scores=model.text))
    assert len(rows) > 20
    assert len({row["score_self_cure"] for row in rows}) > 5
    for row in rows:
        assert {name: row[name] for name in SCORE_NAMES} == score_facts(model, row)


def test_a_strategy_goes_by_scores_and_without_a_model_by_their_defaults(tmp_path, book):
    text = BY_SCORE.replace("< 500", "< 30")
    scored = decided(tmp_path / "with", book, text, made_model(2).text)
    early = [row for row in cases(scored) if 1 <= row["days_past_due"] <= 9]
    assert {row["stage"] for row in early} == {"early", ""}
    assert all((row["stage"] == "early") == (row["score_self_cure"] < 30) for row in early)
    plain = decided(tmp_path / "without", book, text)
    early = [row for row in cases(plain) if 1 <= row["days_past_due"] <= 9]
    assert {(row["stage"], row["score_self_cure"]) for row in early} == {("early", -1)}


def test_an_explanation_has_the_scores_with_reasons(tmp_path, book, capsys):
    night = decided(tmp_path, book, BY_SCORE, made_model(2).text)
    row = next(row for row in cases(night) if row["stage"] == "early")
    told = explain(book, row["borrower_id"], DAY, BY_SCORE, "ladder.yaml", tmp_path / "nights", night)
    assert told["night"]["agrees"]
    found = told["decision"]["scores"]["targets"]
    assert found["self_cure"]["score"] == row["score_self_cure"]
    assert found["expected_cash"]["score"] == row["score_expected_cash"]
    assert len(found["self_cure"]["reasons"]) == 3
    assert json.dumps(told["decision"]["scores"])
    show(told)
    printed = capsys.readouterr().out
    words = " ".join(printed.split())
    assert f"Scores of the model {told['decision']['scores']['model']}" in words
    assert f"{row['score_self_cure']} of 1,000" in words


def cut_at(feed, day, target):
    """The feed as it was on a day: what was paid later is not in it."""
    target.mkdir(parents=True)
    for path in feed.iterdir():
        if path.name != "payments.csv":
            (target / path.name).write_bytes(path.read_bytes())
            continue
        with path.open(encoding="utf-8", newline="") as source:
            head, *lines = list(csv.reader(source))
        at = head.index("paid_on")
        kept = [line for line in lines if line[at] <= str(day)]
        assert 0 < len(kept) < len(lines)
        with (target / path.name).open("w", encoding="utf-8", newline="") as made:
            csv.writer(made, lineterminator="\n").writerows([head, *kept])
    return target


def values(night, book, query):
    """What a feature's query says of each borrower; it may read the night's cases and, if it peeks, the book."""
    with connected() as engine:
        tables = {
            "cases": parquet(night.folder / "cases", "part-*.parquet"),
            "payments": book.rows("payments"),
            "loans": f"(select *, filename from read_parquet({quote(book.files('loans'))}, filename = true))",
        }
        return engine.execute(query.format(**tables)).fetchall()


FROM_CASES = "select borrower_id, {feature} from {{cases}} order by 1"
PEEKS = (
    "select borrower_id, max(paid_total) from {loans} "
    "where borrower_id in (select borrower_id from {cases}) group by 1 order by 1"
)


def test_a_feature_that_peeks_is_caught_and_none_of_ours_does(tmp_path, feed, book):
    """Computed at a past date from the whole book, and from the book as it was then: what differs has peeked."""
    past = DAY - timedelta(days=60)
    _, short = take_in(tmp_path / "short", cut_at(feed, past, tmp_path / "short-feed"), partitions=2)
    later = decided(tmp_path / "later", book, day=past, all_facts=True)
    then = decided(tmp_path / "then", short, day=past, all_facts=True)
    queries = {each.name: FROM_CASES.format(feature=each.sql) for each in FEATURES} | {"peeks": PEEKS}
    found = {
        name: (values(later, book, query), values(then, short, query)) for name, query in queries.items()
    }
    assert all(rows for rows, _ in found.values())
    assert [name for name, (whole, cut) in found.items() if whole != cut] == ["peeks"]
