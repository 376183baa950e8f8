"""Goal: past nights teach what each option brings, the next night chooses by it, and the desk has what was chosen.

Method: 300 borrowers with one loan each through the real import, nights and publishing; then drawn worlds with a truth.
"""

import json
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from click.testing import CliRunner
from django.conf import settings

from forbear.cli.main import group
from forbear.core.facts.vocabulary import default_row
from forbear.core.strategy.arms import HELD_OUT, HOLDOUT, arms_on
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import connected
from forbear.insight.choice_table import table_for_night
from forbear.insight.choice_values import _values, learn
from forbear.interchange.book.book import open_book
from forbear.interchange.home.choices import choice_of
from forbear.night.run import plan_night
from forbear.publish.publish import publish
from forbear.store.models import Borrower, Case, Consent, Treatment
from tests.home_night import feed_in, night_of

pytestmark = [pytest.mark.database, pytest.mark.django_db]
DAY, DUE = date(2026, 3, 3), date(2026, 2, 25)
NOON = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)
NEXT = DAY + timedelta(days=7)
PAST = """
strategy: choosing
holdout: {share: 0.4, salt: kept-1, ends: {day: 12}}
stages:
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments:
      - {sms: overdue_reminder, when: has_phone}
"""
CHOOSE = """
choose:
  currency: CNY
  eligible: days_past_due between 1 and 40 and has_phone
  days: 7
  floor: 0.1
  strata: {total_past_due: [1000.00]}
  options: [{option: ladder}, {option: messages, only: [sms]}, {option: nothing, only: []}]
  limits: {complaints: 900, cost: 1.00}
  harm: 20.00
stages:"""
TEXT = PAST.replace("\nstages:", CHOOSE, 1)
STRATEGY = parse_strategy(TEXT, "tried.yaml")
NAMES = [f"B{number:03d}" for number in range(300)]
HELD = [
    name
    for name in NAMES
    if arms_on(parse_strategy(PAST, "p"), name, default_row() | {"days_past_due": 6}, {}, DAY)[HOLDOUT].arm
    == HELD_OUT
]
TREATED = [name for name in NAMES if name not in HELD]


def feed(folder, payments: list[str]) -> None:
    feed_in(
        folder,
        loans=[f"L{name},{name},cash,CNY,800.00,2026-01-01,active" for name in NAMES],
        instalments=[f"L{name},1,{DUE},400.00,12.00,0,0" for name in NAMES],
        payments=payments,
        borrowers=[f"{name},王小明,+8613900000{name[1:]},,zh,,Asia/Shanghai,,true" for name in NAMES],
    )


def night(day: date, text: str):
    home, book = settings.HOME, open_book(settings.HOME.book)
    home.strategy.write_text(text, "utf-8")
    table_for_night(home, book, day, NOON + timedelta(days=(day - DAY).days))
    choice, refused = choice_of(home, day)
    plan = plan_night(book, home.nights, day, text, "tried.yaml", choice=choice, refused=refused)
    made = night_of(plan, book)
    assert publish(made, book, NOON + timedelta(days=(day - DAY).days)) is not None
    return made


@pytest.fixture
def home(tmp_path):
    path = settings.HOME.strategy
    before = path.read_text("utf-8")
    feed(tmp_path / "first", [])
    night(DAY, PAST)
    # of those treated half pay 12.00, of the others every tenth
    paid = [f"P{name},L{name},2026-03-08,12.00," for name in (*TREATED[::2], *HELD[::10])]
    feed(tmp_path / "second", paid)
    yield settings.HOME
    path.write_text(before, "utf-8")


def test_a_night_chooses_by_what_the_holdout_showed(home):
    with connected() as engine:
        learned = learn(engine, home, open_book(home.book), STRATEGY, NEXT)
    unknown, value = learned.values
    assert (unknown.option, unknown.borrowers, unknown.enough) == ("messages", 0, False)
    truth = 1200 * (len(HELD[::10]) / len(HELD) - len(TREATED[::2]) / len(TREATED))
    assert (value.stratum, value.option, value.borrowers, value.beside) == (
        "0",
        "nothing",
        len(HELD),
        len(TREATED),
    )
    assert value.cash == pytest.approx(truth, abs=1)
    assert value.low < value.cash < value.high < 0
    # nobody was contacted or complained: what is believed before anything is known
    assert learned.complaints_a_contact == dict.fromkeys(("ladder", "messages", "nothing"), 0.001)
    home.strategy.write_text(TEXT, "utf-8")
    out = CliRunner().invoke(group, ["choice", "--json", "--as-of", str(NEXT), "--home", str(home.folder)])
    assert out.exit_code == 0, out.output
    assert json.loads(out.output)["values"][1]["borrowers"] == len(HELD)

    # of one who wants no messages any more: the gate would refuse them, so they are no option
    borrower = Borrower.objects.get(pk=TREATED[0])
    Consent.objects.create(
        borrower=borrower, channel="", purpose="", point="", given=False, source="portal", at=NOON
    )
    made = night(NEXT, TEXT)
    table = json.loads((made.folder / "choice.json").read_text())
    # the reminder brings far more than it costs
    assert table["cells"] == {"0/5": [900_000, 0, 100_000], "0/7": [800_000, 100_000, 100_000]}
    assert table["cases"] == {"0/5": 1, "0/7": len(TREATED) - 1}
    assert table["chosen"]["cash"] == pytest.approx(0.1 * len(TREATED) * truth, abs=50)
    assert made.manifest["choice"]["table"] != ""
    given = {name: json.loads(f"[{arms}]")[-1] for name, arms in Case.objects.values_list("borrower", "arms")}
    chosen = {name: arm for name, (kind, arm, _) in given.items() if kind == "choice"}
    assert sorted(chosen) == TREATED
    assert {odds for kind, _, odds in given.values() if kind == "choice"} <= {0.8, 0.9, 0.1}
    left_alone = {name for name, arm in chosen.items() if arm == "nothing"}
    planned = set(
        Treatment.objects.filter(planned_on=NEXT, channel="sms").values_list("borrower_id", flat=True)
    )
    assert left_alone
    assert planned == set(NAMES) - left_alone
    # the same question gives the same table
    made_again = table_for_night(home, open_book(home.book), NEXT, NOON + timedelta(days=7))
    assert made_again is not None
    assert json.loads(made_again.text())["cells"] == table["cells"]


def test_what_the_night_before_does_not_know_leaves_the_ladder(home):
    strategy = TEXT.replace("total_past_due: [1000.00]", "total_past_due: [1000.00]").replace(
        "limits: {complaints: 900, cost: 1.00}", "limits: {calls: 5}"
    )
    for path in (home.nights / str(DAY) / "cases").glob("*.parquet"):
        with connected() as engine:
            engine.execute(
                f"create temp table kept as select * exclude (has_phone) from read_parquet('{path}')"
            )
            engine.execute(f"copy kept to '{path}' (format parquet)")
            engine.execute("drop table kept")
    home.strategy.write_text(strategy, "utf-8")
    made = table_for_night(home, open_book(home.book), NEXT, NOON + timedelta(days=7))
    assert made is not None
    assert made.waiting.missing == ("has_phone",)
    assert made.solved.shares == {}


class World:
    """Draws with probabilities that differ by source, effects that differ by stratum, and noise that is known of."""

    def __init__(self, seed: int, n: int = 8000) -> None:
        draw = np.random.default_rng(seed)
        self.stratum = draw.choice(["0", "1"], n)
        before, late = draw.gamma(1.0, 3000.0, n), draw.integers(1, 30, n)
        base = 2000 + 0.5 * before - 20 * late + draw.gamma(1.0, 2000.0, n)
        self.effect = {"0": -800.0, "1": 100.0}
        chance = np.where(draw.random(n) < 0.5, 0.2, 0.6)
        quiet = draw.random(n) < chance
        cash = base + np.where(quiet, np.where(self.stratum == "0", self.effect["0"], self.effect["1"]), 0.0)
        self.rows = {
            "source": np.where(np.arange(n) % 3 == 0, "holdout", "choice"),
            "borrower_id": np.array([f"B{at}" for at in range(n)]),
            "option": np.where(quiet, "nothing", "ladder"),
            "odds": np.where(quiet, chance, 1 - chance),
            "stratum": self.stratum,
            "days_past_due": late.astype(float),
            "open": np.array(["ladder,nothing"] * n),
            "cash": cash,
            "before": before,
        }


@pytest.mark.parametrize("seed", range(4))
def test_planted_effects_are_found_whatever_the_probabilities(seed):
    world = World(seed)
    found = {each.stratum: each for each in _values(STRATEGY.choose, world.rows)}
    for name, truth in world.effect.items():
        assert found[name].enough
        assert abs(found[name].cash - truth) < 250, found[name]
    # without the probabilities the figure would be another where they hang on what is paid: few say nothing
    few = {name: column[:90] for name, column in world.rows.items()}
    assert not any(each.enough for each in _values(STRATEGY.choose, few))
