"""Measure the choice: a million made-up cases, from their files to an option each: `python scripts/measure_choice.py`.

The steps are those of a night: the gate asked, cells counted, values estimated from as many borrowers, the program
solved, options drawn by the night's own SQL, each on 2 threads. `--cases N` takes another number.
"""

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import click
import numpy as np

from forbear.cli.desk import desk
from forbear.core.strategy.parse import parse_strategy
from forbear.engine.columnar import connected, identifier, quote
from forbear.interchange.home.lender import open_home
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.planned_steps import purposes
from forbear.night.choice import choice_sql
from forbear.night.run import Night

AS_OF = date(2026, 12, 1)
TEXT = """
strategy: measured
choose:
  currency: CNY
  eligible: days_past_due between 1 and 89
  days: 30
  floor: 0.05
  strata: {days_past_due: [4, 8, 16, 31, 61], total_past_due: [500.00, 2000.00, 8000.00], days_since_contact: [7, 30]}
  options:
    - {option: ladder}
    - {option: messages, only: [sms, email, push], when: has_phone or has_email}
    - {option: calls, only: [call], when: has_phone}
    - {option: nothing, only: []}
  limits: {calls: 40000, cost: 400000.00, complaints: 4, contacts: 20}
  harm: 300.00
stages:
  - stage: early
    when: days_past_due >= 1
    handler: internal
    treatments:
      - {sms: overdue_reminder}
      - {email: overdue_reminder, when: has_email and days_in_stage % 3 = 0}
      - {call: conversation, when: days_past_due >= 4 and days_since_contact >= 3}
"""


def make_cases(folder: Path, number: int) -> None:
    """A night's cases with the facts that the strategy names."""
    (folder / "cases").mkdir(parents=True)
    (folder / "arms").mkdir()
    with connected(2) as engine:
        engine.execute("select setseed(0.28)")
        engine.execute(
            f"""copy (select 'B' || range as borrower_id, 'L' || range as loan_id, 'early' as stage,
                '' as previous_stage,
                'same' as change, date '2026-11-01' as stage_since,
                'internal' as handler, false as held, 100 as minor_unit, 'CNY' as currency, false as vulnerable,
                1 + (random() * 110)::integer as days_past_due, (random() * 1500000)::bigint as total_past_due,
                (random() * 90)::integer as days_since_contact, random() < 0.9 as has_phone,
                random() < 0.4 as has_email, (random() * 60)::integer as days_in_stage, false as in_holdout,
                false as on_hold, false as feed_doubt
            from range({number})) to {quote(folder / "cases" / "part-00000.parquet")} (format parquet)"""
        )
        engine.execute(
            f"copy (select '' as borrower_id where false) to {quote(folder / 'arms' / 'part-00000.parquet')}"
        )


def units(number: int, options: list[str], strata: list[str]) -> dict[str, np.ndarray]:
    """As many borrowers of past nights, with what they paid."""
    draw = np.random.default_rng(28)
    option = draw.choice(options, number)
    return {
        "source": np.array(["choice"] * number),
        "borrower_id": np.array([f"B{at}" for at in range(number)]),
        "option": option,
        "odds": np.full(number, 1 / len(options)),
        "stratum": draw.choice(strata, number),
        "days_past_due": draw.integers(1, 90, number).astype(float),
        "open": np.array([",".join(options)] * number),
        "cash": draw.gamma(0.3, 30_000.0, number) - np.where(option == "nothing", 1_500.0, 0.0),
        "before": draw.gamma(0.5, 10_000.0, number),
    }


def main() -> None:
    """Make the cases, then measure each step."""
    asked = ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=1_000_000)
    number = asked.parse_args().cases
    with TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([Path(sys.executable).with_name("forbear"), "init", folder / "home"], check=True)
        cases = desk(folder / "home", "forbear.insight.choice_cases")
        program, values, kept = (
            desk(folder / "home", f"forbear.insight.choice_{each}") for each in ("program", "values", "table")
        )
        make_cases(folder / "night", number)
        strategy = parse_strategy(TEXT, "measured")
        times, start = {}, time.perf_counter()

        def done(step: str) -> None:
            nonlocal start
            times[step] = round(time.perf_counter() - start, 2)
            start = time.perf_counter()

        with connected(2) as engine:
            night = Night(folder / "night", {"as_of": str(AS_OF - timedelta(days=1))})
            home, refused = open_home(folder / "home"), folder / "refused.parquet"
            rules = tuple(bound.rule for bound in rulebook(home).bound)
            cases.write_refused(engine, night, strategy, rules, purposes(home), None, refused)
            done("the gate asked")
            prices = {"sms": 5, "call": 300}
            waiting = cases.waiting_cases(engine, night, strategy, AS_OF, prices, refused)
            done("cells counted")
            options, strata = (
                [each.name for each in strategy.choose.options],
                [c.stratum for c in waiting.cells],
            )
            rows = units(number, options, sorted(set(strata)))
            start = time.perf_counter()
            found = values._values(strategy.choose, rows)
            done("values estimated")
            rates = dict.fromkeys(options, 0.0005)
            worth = kept.worths(strategy.choose, found, rates, waiting.cells)
            solved = program.solve(strategy.choose, waiting.cells, worth)
            done("program solved")
            table = json.dumps({"cells": {name: list(shares) for name, shares in solved.shares.items()}})
            inputs = SimpleNamespace(
                strategy=strategy, as_of=AS_OF, previous="", refused=str(refused), choice=table
            )
            query = choice_sql(engine, inputs, 0)
            engine.execute(
                f"""create table given as with armed as (select * from read_parquet(
                    {quote(folder / "night" / "cases" / "part-00000.parquet")})), {query.strip().rstrip(",")}
                select borrower_id, {identifier("arm_of('choice')")} as option, choice_odds from choosing"""
            )
            done("options drawn")
            drawn = engine.execute("select option, count(*) from given group by 1 order by 1").fetchall()
    click.echo(f"{number:,} cases, {len(waiting.cells)} cells: {times}, {sum(times.values()):.1f} s in all")
    click.echo(f"drawn: {dict(drawn)}")


if __name__ == "__main__":
    main()
