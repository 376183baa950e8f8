"""`forbear sim --fast`: a made-up lender's world in columns, under a strategy or a policy of one's own."""

import importlib.util
import inspect
import json
import time
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import click

from forbear.cli.shared import amount, out, table
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import HomeError
from forbear.sim.fast.wishes import Policy, StrategyPolicy, UnknownFacts
from forbear.sim.fast.world import FastWorld, Outcome, Setting
from forbear.sim.place import PLACES, Place

#: What only the real world can do.
_REAL = {
    "compared": "--compare", "seeds": "--seeds", "keep": "--keep", "only": "--only", "picture": "--picture",
    "lenders": "--lenders",
}  # fmt: skip


def live_fast(chosen: dict) -> None:
    """Live it, and tell what it came to."""
    for name in _REAL:
        if chosen[name]:
            raise click.UsageError(
                f"--{name.replace('compared', 'compare')} is of the real world; leave it or --fast away"
            )
    if chosen["policy"] is not None and not chosen["fast"]:
        raise click.UsageError("--policy goes with --fast")
    begun = time.monotonic()
    policy = policy_of(chosen["policy"] or chosen["strategy"], PLACES[chosen["pack"]])
    setting = Setting(chosen["borrowers"], chosen["first"], chosen["seed"], chosen["pack"], chosen["behind"])
    outcome = FastWorld(setting, policy).run(chosen["days"])
    if chosen["as_json"]:
        click.echo(json.dumps(outcome.plain(), ensure_ascii=False))
    else:
        _show(outcome, time.monotonic() - begun)


def policy_of(path: Path | None, place: Place) -> Policy:
    """The policy of a file: a strategy, or a Python module's class `Policy`; without a file the country's strategy."""
    if path is not None and path.suffix == ".py":
        return _of_module(path)
    if path is None:
        text = files("forbear.strategies").joinpath(f"{place.ready}.yaml").read_text("utf-8")
        strategy = parse_strategy(text, f"{place.ready}.yaml")
    else:
        strategy = parse_strategy(path.read_text(encoding="utf-8"), path.name)
    try:
        return StrategyPolicy(strategy, place.currency)
    except UnknownFacts as missing:
        raise HomeError(f"{strategy.name}: the fast world does not keep {missing}") from missing


def _of_module(path: Path) -> Policy:
    named = importlib.util.spec_from_file_location(path.stem, path)
    if named is None or named.loader is None:
        raise HomeError(f"{path}: is no Python file")
    module: ModuleType = importlib.util.module_from_spec(named)
    try:
        named.loader.exec_module(module)
        made = module.Policy()
    except Exception as wrong:
        raise HomeError(f"{path}: can't be used: {type(wrong).__name__}: {wrong}") from wrong
    if not callable(getattr(made, "wishes", None)) or len(inspect.signature(made.wishes).parameters) != 2:
        raise HomeError(f"{path}: its class Policy needs a method wishes(day, known)")
    if not isinstance(getattr(made, "name", None), str):
        made.name = path.stem
    return made


def _show(outcome: Outcome, seconds: float) -> None:
    out.print(
        f"{outcome.borrowers:,} borrowers, {outcome.days:,} days, seed {outcome.seed}, {outcome.policy}: "
        f"{seconds:.1f} s. Paid {amount(outcome.paid, 100)}, less costs {amount(outcome.net, 100)}; at the end "
        f"{outcome.late_at_end:,} loans late with {amount(outcome.owed_late_at_end, 100)}."
    )
    shown = table("Contacts", "channel", "made", "wished", "refused by the rules", right=(1, 2, 3))
    for name in sorted({*outcome.contacts, *outcome.wished}):
        counts = (outcome.contacts, outcome.wished, outcome.unlawful)
        shown.add_row(name, *(f"{count.get(name, 0):,}" for count in counts))
    out.print(shown)
    out.print(
        f"{outcome.reached:,} contacts reached somebody; {outcome.complaints:,} complaints; "
        f"{outcome.cures:,} cured, {outcome.relapses:,} of these late again within 90 days."
    )
