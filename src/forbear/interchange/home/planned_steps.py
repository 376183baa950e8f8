"""A strategy held against the home's packs: the steps that the permit gate would refuse on every day."""

from datetime import date
from functools import lru_cache

from forbear.core.base.problem import Problem
from forbear.core.permits.rules import Rule
from forbear.core.planning.window import never_permitted, refused_step
from forbear.core.strategy.experiment_lint import notices_kept
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.interchange.home.lender import Home
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.texts import templates


def purposes(home: Home) -> dict[tuple[str, str], str]:
    """What each approved text is for, by its name and channel."""
    entries = templates(home).entries
    return {(entry.name, channel): entry.purpose for entry in entries for channel in entry.channels}


def refused_steps(home: Home, strategy: Strategy | str, day: date) -> list[Problem]:
    """A sentence for each step of a strategy, or of its text, that no day from `day` on lets pass.

    And for each notice that its hold-out would not get.

    PackError, ContentError or HomeError when the home's own files can't be used.
    """
    if isinstance(strategy, str):
        strategy = parse_strategy(strategy, "strategy")
    rules = tuple(bound.rule for bound in rulebook(home).bound)
    return list(_refused_steps(strategy, rules, tuple(sorted(purposes(home).items())), day))


@lru_cache(maxsize=32)
def _refused_steps(
    strategy: Strategy,
    rules: tuple[Rule, ...],
    purpose_of: tuple[tuple[tuple[str, str], str], ...],
    day: date,
) -> tuple[Problem, ...]:
    steps = never_permitted(strategy, rules, dict(purpose_of), day)
    return (*(refused_step(step) for step in steps), *notices_kept(strategy, dict(purpose_of)))
