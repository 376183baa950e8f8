"""The made-up lender's strategy stays valid with what it tries out, for whatever day its demo is made."""

from datetime import date, timedelta
from pathlib import Path

from forbear.core.strategy.arms import running
from forbear.core.strategy.parse import lint, parse_strategy
from forbear.sim.demo_experiments import with_experiments

READY = Path("src/forbear/strategies/consumer-cn.yaml").read_text("utf-8")
DAY = date(2026, 12, 1)


def test_one_is_over_and_one_runs_and_the_check_says_nothing():
    strategy = parse_strategy(with_experiments(READY, DAY), "demo.yaml")
    assert lint(strategy) == lint(parse_strategy(READY, "ready.yaml"))
    over, now = strategy.experiments
    assert not running(over, DAY, frozenset())
    assert over.last_day + timedelta(days=over.window) < DAY
    assert running(now, DAY, frozenset())
    # those who came in first have had their days already
    assert now.first_day + timedelta(days=now.window) < DAY
    assert strategy.holdout is not None
