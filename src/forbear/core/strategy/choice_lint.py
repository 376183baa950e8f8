"""Warnings about the choice of a strategy that is valid: protected facts, and options that are the same."""

from itertools import combinations

from forbear.core.base.problem import Problem, at_place
from forbear.core.strategy.choice import lets
from forbear.core.strategy.model import Choose, Strategy

#: What nobody may be treated otherwise for.
PROTECTED = ("age_years", "language", "region")
#: What stands for such a thing: a time zone is a region.
PROXIES = ("timezone",)


def lint_choice(strategy: Strategy) -> list[Problem]:
    """Facts by which the choice would tell like borrowers apart, and options that leave the same."""
    if strategy.choose is None:
        return []
    return [*_unfair(strategy.choose), *_alike(strategy, strategy.choose)]


def _unfair(choose: Choose) -> list[Problem]:
    """A protected fact, or one that stands for it, in who is eligible, in strata or in an option's condition."""
    named: dict[str, str] = dict.fromkeys(sorted(choose.eligible.facts), choose.place)
    named |= dict.fromkeys((each.fact for each in choose.strata), choose.place)
    for option in choose.options:
        named |= dict.fromkeys(sorted(option.when.facts), option.place)
    found = []
    for name, place in named.items():
        if name in PROTECTED:
            unfair = Problem(
                "choose_protected_fact",
                "the choice goes by `%(name)s`, which is protected: like borrowers would get unlike offers",
                name=name,
            )
            found.append(at_place(place, unfair))
        elif name in PROXIES:
            proxy = Problem(
                "choose_proxy_fact",
                "the choice goes by `%(name)s`, which stands for where somebody lives: that is protected",
                name=name,
            )
            found.append(at_place(place, proxy))
    return found


def _alike(strategy: Strategy, choose: Choose) -> list[Problem]:
    """Two options that leave the same of all that the stages plan."""
    channels = sorted({each.channel for rule in strategy.stages for each in rule.treatments})
    left = {option.name: [lets(option, channel) for channel in channels] for option in choose.options}
    return [
        at_place(
            second.place,
            Problem(
                "choose_options_alike",
                "option `%(second)s` leaves the same as `%(first)s`: no stage plans what they differ in",
                first=first.name,
                second=second.name,
            ),
        )
        for first, second in combinations(choose.options, 2)
        if left[first.name] == left[second.name]
    ]
