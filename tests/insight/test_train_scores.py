"""Goal: what is trained is what a night scores, split by time, to the byte, and each figure of the card is right."""

import json
from ctypes.util import find_library
from datetime import date, timedelta

import numpy as np
import pytest
from click.testing import CliRunner

from forbear.cli import train as train_command
from forbear.core.facts.vocabulary import default_row
from forbear.core.scores.model import parse_model
from forbear.core.scores.score import score_facts
from forbear.engine.columnar import connected, parquet
from forbear.insight import score_fit, train_scores
from forbear.insight.score_card import auc, brier, by_group, calibration, lift, psi
from forbear.insight.score_fit import fit_logistic, fit_trees, lightgbm, named, scored
from forbear.insight.score_rows import Events, TrainError, gather, recorded_features
from forbear.insight.train_scores import past_nights, train
from forbear.interchange.book.book import open_book
from forbear.interchange.book.generate import generate_feed
from forbear.interchange.book.import_feed import import_feed
from forbear.interchange.home.lender import make_home, open_home
from forbear.night.run import plan_night, run_night
from tests.night.small_night import LADDER

DAY = date(2024, 3, 1)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train") / "home"
    make_home(folder)
    generate_feed(folder / "feed", loans=2_000, seed=3, as_of=DAY, bad_rows=0)
    import_feed(folder / "data" / "book", folder / "feed", quarantine=folder / "quarantine", partitions=1)
    return open_home(folder)


@pytest.fixture(scope="module")
def fewer():
    """The past is decided again on fewer nights than a lender's, and fewer rows are enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_scores, "MOST_NIGHTS", 10)
        patch.setattr(train_scores, "LEAST_LEARNED", (200, 10))
        patch.setattr(train_scores, "LEAST_TESTED", (100, 5))
        patch.setattr(score_fit, "ROUNDS", 30)
        yield


@pytest.fixture(scope="module")
def made(home, fewer):
    """What came of it, of contacts on every other borrower: those called in the evening answer."""
    book = open_book(home.book)
    with connected() as engine:
        names = engine.execute(f"select distinct borrower_id from {book.rows('loans')} order by 1").fetchall()
    first = date.fromisoformat(book.manifest["first_day"])
    days = [first + timedelta(days=at) for at in range(0, (DAY - first).days, 4)]
    contacts = [
        (name, day, hour, True, (hour >= 18) == (at % 3 > 0))
        for at, (name,) in enumerate(names[::3])
        for day in days
        for hour in (9, 19)
    ]
    promises = [(name, day, at % 2 == 0) for at, (name,) in enumerate(names) for day in days[::20]]
    return (
        book,
        Events(contacts, promises),
        train(home, book, Events(contacts, promises), DAY, from_book=True),
    )


def test_the_same_nights_give_the_same_bytes(home, made):
    book, events, first = made
    again = train(home, book, events, DAY, from_book=True)
    assert (again.text, json.dumps(again.card)) == (first.text, json.dumps(first.card))
    model = parse_model(first.text)
    assert (model.version, model.trained_until) == (first.card["version"], first.card["tested"][1])


def test_the_card_says_what_each_score_is_worth(made):
    card = made[2].card
    found = {each["name"]: each for each in card["targets"]}
    assert set(found) == {"self_cure", "pays_contacted", "keeps_promise", "answers", "expected_cash"}
    assert card["learned"][1] < card["tested"][0]
    assert date.fromisoformat(card["tested"][0]) - date.fromisoformat(card["learned"][1]) > timedelta(days=30)
    assert card["decided_again"]
    for each in found.values():
        if each["used"]:
            assert each["brier"][each["kind"]] < each["brier"]["days_past_due"]
            assert sum(group[2] for group in each["calibration"]) == each["tested_rows"]
    assert found["expected_cash"]["used"]
    assert found["answers"]["used"], "that some answer in the evening is found"
    assert {row["group"] for row in found["expected_cash"]["groups"]["language"]} <= {"zh", "en", "zh_Hans"}


def test_hours_are_learned(made):
    model = parse_model(made[2].text)
    hours = {hour: card.base for hour, card in model.targets["answers"].cards.items()}
    assert hours[19] > hours[9]


def test_a_home_with_too_little_past_is_told_so(home):
    with pytest.raises(TrainError, match="--from-book"):
        train(home, open_book(home.book), Events(), DAY)


def test_what_a_night_scored_is_what_training_read(home, made, tmp_path):
    """One definition: the rows of a scored night, read again for training, have the same bins."""
    book, _, trained = made
    model = parse_model(trained.text)
    day = DAY - timedelta(days=90)
    plan = plan_night(book, tmp_path, day, LADDER, "l", scores_text=trained.text)
    night = run_night(plan, book, tmp_path, threads=1)
    with connected() as engine:
        nights = [train_scores.PastNight(day, night.folder, None)]
        features = recorded_features(engine, nights)
        assert {each.name for each in model.bins} <= {each.name for each in features}
        gather(engine, book, nights, features, Events())
        rows = engine.execute("from case_rows order by borrower_id").fetchall()
        names = [column[0] for column in engine.description]
        cases = parquet(night.folder / "cases", "part-*.parquet")
        found = engine.execute(f"from {cases} where days_past_due > 0 order by borrower_id")
        heads = [column[0] for column in found.description]
        decided = [dict(zip(heads, row, strict=True)) for row in found.fetchall()]
    gathered = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row["borrower_id"] for row in gathered] == [row["borrower_id"] for row in decided]
    for row, case in zip(gathered, decided, strict=True):
        facts = default_row() | {name: value for name, value in case.items() if value is not None}
        assert {each.name: row[each.name] for each in features} == {
            each.name: each.of(facts) for each in features
        }
        assert case["score_self_cure"] == score_facts(model, facts)["score_self_cure"]


def test_labels_count_what_came_after_the_night_alone(made, tmp_path):
    book, past = made[0], DAY - timedelta(days=60)
    night = run_night(
        plan_night(book, tmp_path, past, LADDER, "l", all_facts=True), book, tmp_path, threads=1
    )
    with connected() as engine:
        nights = [train_scores.PastNight(past, night.folder, None)]
        gather(engine, book, nights, recorded_features(engine, nights), Events())
        (day, who, due, share) = engine.execute(
            "select day, borrower_id, due, share from case_rows where share > 0 and share < 1 order by 2 limit 1"
        ).fetchone()
        (paid,) = engine.execute(
            f"select sum(counted) from {book.rows('payments')} p join {book.rows('loans')} l using (loan_key) "
            "where l.borrower_id = ? and p.counted > 0 and p.paid_on > ? and p.paid_on <= ?",
            [who, day, day + timedelta(days=30)],
        ).fetchone()
    assert round(share * due) == paid


def test_a_feature_of_one_value_is_left_out(home, made):
    trained = made[2]
    assert "willingness" not in {each.name for each in parse_model(trained.text).bins}
    assert "willingness" in trained.card["left_out"]


def rows_of_chance(number=4_000, seed=7):
    chance = np.random.default_rng(seed)
    bins = chance.integers(0, [5, 3, 8], size=(number, 3)).astype(np.uint8)
    odds = 0.8 * bins[:, 0] - 1.5 * (bins[:, 1] == 1) - 1.5
    labels = (chance.random(number) < 1 / (1 + np.exp(-odds))).astype(float)
    return bins, labels, chance.integers(0, 14, number).astype(np.uint8)


NAMES, NUMBERS = ["a", "b", "c"], [5, 3, 8]


def test_points_are_the_trees_sum():
    bins, labels, _ = rows_of_chance()
    library = lightgbm()
    if library is None:
        assert find_library("gomp") is None, "LightGBM fails to load for want of libgomp alone"
        return
    cards = fit_trees(library, bins, NUMBERS, labels, None)
    data = library.Dataset(bins, label=labels)
    leaves = {"min_data_in_leaf": 20, "num_leaves": 2, "max_depth": 1}
    booster = library.train(score_fit.PARAMETERS | leaves, data, num_boost_round=score_fit.ROUNDS)
    ours = scored(named(cards[0], NAMES), NAMES, bins)
    assert np.abs(ours - booster.predict(bins)).max() < 1e-4


def test_a_regression_finds_what_the_rows_were_made_of():
    bins, labels, _ = rows_of_chance()
    card = named(fit_logistic(bins, NUMBERS, labels, None)[0], NAMES)
    points = [each / 1e6 for each in card.points["a"]]
    assert 0.6 < (points[4] - points[0]) / 4 < 1.0
    assert card.points["b"][1] < min(card.points["b"][0], card.points["b"][2])
    found = auc(scored(card, NAMES, bins), labels)
    assert found is not None
    assert found > 0.75


def test_figures_of_the_card_by_hand():
    chances, labels = np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0])
    assert auc(chances, labels) == 0.75
    assert auc(chances, np.zeros(4)) is None
    assert brier(chances, labels) == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    assert lift(chances, labels) == 2.0
    assert psi([50, 50], [50, 50]) == 0
    assert psi([50, 50], [80, 20]) == pytest.approx(0.3 * np.log(1.6) + -0.3 * np.log(0.4))
    assert calibration(chances, labels)[0] == [0.1, 0.0, 1]
    assert by_group(chances, labels, np.array(["x"] * 4)) == [], "of few borrowers nothing is said"


def test_the_command_writes_the_model_and_its_card(home, fewer):
    answer = CliRunner().invoke(
        train_command.command,
        ["--home", str(home.folder), "--from-book", "--until", str(DAY), "--plain", "--json"],
    )
    assert answer.exit_code == 0, answer.output
    card = json.loads(answer.output)
    folder = home.folder / "data" / "scores"
    assert json.loads((folder / f"{card['version']}.card.json").read_text("utf-8")) == card
    model = parse_model((folder / f"{card['version']}.json").read_text("utf-8"))
    assert {target.kind for target in model.targets.values()} == {"logistic"}
    assert past_nights(home, DAY) == [], "the past decided again leaves nothing behind"
