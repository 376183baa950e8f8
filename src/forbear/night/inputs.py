"""What a night is decided from. Two nights with equal inputs give equal bytes."""

import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from forbear.core.facts.borrower import LOOKAHEAD_DAYS
from forbear.core.facts.scores import SCORE_NAMES
from forbear.core.facts.vocabulary import facts_known
from forbear.core.loans.loan import Product
from forbear.core.loans.products import parse_products
from forbear.core.scores.model import ScoreModel, parse_model
from forbear.core.strategy.model import Strategy
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.stage import DUE_SOON, facts_named
from forbear.engine.columnar import parquet

LAYOUT = 4


@dataclass(frozen=True, slots=True)
class NightInputs:
    """Everything one partition needs, small enough to be sent to another machine; paths are on shared storage."""

    book: str
    book_version: str
    partitions: int
    as_of: date
    strategy_text: str
    strategy_origin: str
    previous: str  # folder of the night before, "" when there is none
    previous_partitions: int
    previous_version: str
    desk_facts: str  # Parquet by borrower_id from the desk, "" when there is none
    desk_version: str  # its SHA-256
    all_facts: bool = False  # also those facts the strategy does not ask for
    stopped: tuple[str, ...] = ()  # experiments that were ended before their last day
    scores_text: str = ""  # the model of scores that counts, "" when none does
    choice: str = (
        ""  # the choice's probabilities, as `insight.choice_table` makes them; "" when there are none
    )
    refused: str = ""  # Parquet of who can't have which option, "" when there is none
    refused_version: str = ""  # its SHA-256

    @property
    def strategy(self) -> Strategy:
        return _parsed(self.strategy_text, self.strategy_origin)

    @property
    def scores(self) -> ScoreModel | None:
        return _parsed_scores(self.scores_text) if self.scores_text else None

    @property
    def version(self) -> str:
        """Names the decision: the same inputs, the same version."""
        parts = (
            LAYOUT,
            self.book_version,
            self.as_of,
            self.strategy_text,
            self.previous_version,
            self.desk_version,
            self.all_facts,
            self.stopped,
            *([self.scores_text] if self.scores_text else []),
            *((self.choice, self.refused_version) if self.choice or self.refused_version else ()),
        )
        return sha256("\0".join(map(str, parts)).encode()).hexdigest()[:12]


@cache
def _parsed(text: str, origin: str) -> Strategy:
    return parse_strategy(text, origin)


@cache
def _parsed_scores(text: str) -> ScoreModel:
    return parse_model(text)


def facts_asked(strategy: Strategy, all_facts: bool, scores: ScoreModel | None = None) -> frozenset[str]:
    """The facts a night computes: those that the strategy and the scores name, or every one."""
    if all_facts:
        return frozenset(fact.name for fact in facts_known({"night", "desk"}))
    return facts_named(strategy) | (scores.facts | SCORE_NAMES if scores else frozenset())


def horizon(as_of: date, fact_names: frozenset[str], any_due_date_counts: bool) -> date:
    """The last due date a night has to look at."""
    if fact_names & DUE_SOON:
        return as_of + timedelta(days=LOOKAHEAD_DAYS)
    return as_of if any_due_date_counts else as_of - timedelta(days=1)


def owing_sql(book: str, as_of: date, horizon: date) -> str:
    """SQL, true for anyone who can have something unpaid on `as_of` that falls due by `horizon`.

    A borrower's `owing_from` is the oldest due date that no payment in the book settles. What a payment settles
    only after `as_of`, as on a night of the past, is unpaid too.
    """
    unsettled = f"owing_from <= date '{horizon}'"
    return f"({unsettled} or settled_last > date '{as_of}')" if paid_later(book, as_of) else unsettled


def paid_later(book: str, as_of: date) -> bool:
    """Whether a book knows of payments after `as_of`, as on a night of the past."""
    newest = _manifest(book)["newest_payment"]
    return bool(newest) and date.fromisoformat(newest) > as_of


def has_pauses(book: str) -> bool:
    """Whether any loan of a book was ever paused."""
    return _manifest(book)["rows"]["pauses"] > 0


def has_quotes(book: str) -> bool:
    """Whether the lender gave its own payoff or balance of any loan of a book."""
    return _manifest(book).get("quoted", 0) > 0


def part_files(book: Path, number: int) -> dict[str, str]:
    """SQL for the rows of each of a partition's files, by the name that the night's SQL has for them."""
    part = book / f"part-{number:05d}"
    return {
        name: parquet(part, f"{table}.parquet")
        for name, table in (
            ("loans", "loans"),
            ("instalments", "instalments"),
            ("payments", "payments"),
            ("pauses", "pauses"),
            ("people", "borrowers"),
        )
    }


@cache
def book_terms(book: str) -> tuple[tuple[int, Product], ...]:
    """The products of a book with the numbers they have in it. A book's folder never changes, so it is read once."""
    path = Path(book) / "products.yaml"
    products = parse_products(path.read_text(encoding="utf-8"), str(path))
    codes = _manifest(book)["products"]
    return tuple((number, replace(products.get(code), code=code)) for number, code in enumerate(codes))


@cache
def _manifest(book: str) -> dict:
    return json.loads((Path(book) / "manifest.json").read_text(encoding="utf-8"))
