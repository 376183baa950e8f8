"""The strategy of a home, read again only when its file has changed."""

from functools import lru_cache
from pathlib import Path

from forbear.core.strategy import parse_strategy
from forbear.core.strategy_rules import Strategy
from forbear.interchange.home import Home, read_text


def strategy(home: Home) -> Strategy:
    """The strategy in force; StrategyError or HomeError when its file can't be used."""
    try:
        found = home.strategy.stat()
        stamp = (found.st_mtime_ns, found.st_size)
    except OSError:
        stamp = (0, 0)
    return _strategy(home.strategy, stamp)


@lru_cache(maxsize=4)
def _strategy(path: Path, stamp: tuple[int, int]) -> Strategy:
    return parse_strategy(read_text(path), path.name)
