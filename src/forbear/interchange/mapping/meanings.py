"""Which column of a sample means what: by its header, and by whether its values can be that."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from forbear.interchange.mapping.header_words import dictionary, nearness
from forbear.interchange.mapping.json_source import PARENT, POSITION
from forbear.interchange.mapping.profile import Profile, profile
from forbear.interchange.mapping.samples import Sample

DATES = ("due_on", "paid_on", "disbursed_on", "born_on", "date", "maturity_on")
AMOUNTS = (
    *(
        "principal",
        "due_principal",
        "due_interest",
        "due_fee",
        "due_penalty",
        "due_total",
        "paid_amount",
        "amount",
    ),
    "balance",
)
KEYS = ("loan_id", "borrower_id", "payment_id", "reverses", "row_id", "id_number")
#: From here on a guess is proposed, and from there on it is sure.
LEAST, SURE = 0.4, 0.8
_JOINS = 0.8


@dataclass(slots=True)
class Guess:
    """A column's meaning, how sure (0 to 1), and why it isn't surer."""

    column: str
    meaning: str
    sure: float
    why: str = ""


@dataclass(slots=True)
class Understood:
    """A sample with what its columns are and mean."""

    sample: Sample
    profiles: dict[str, Profile]
    guesses: dict[str, Guess] = field(default_factory=dict)  # by meaning

    def column(self, *meanings: str) -> str | None:
        """The column of the first of these meanings that there is."""
        return next((self.guesses[m].column for m in meanings if m in self.guesses), None)

    def profile(self, column: str) -> Profile:
        return self.profiles[column]


def understand(samples: Iterable[Sample]) -> list[Understood]:
    """The meaning of each column of each sample; keys without a telling name are known by what they join with."""
    understood = []
    for sample in samples:
        profiles = {name: profile(name, sample.values(name), len(sample.rows)) for name in sample.columns}
        one = Understood(sample, profiles)
        _by_headers(one)
        _by_values(one)
        understood.append(one)
        if POSITION in one.profiles and "number" not in one.guesses:
            one.guesses["number"] = Guess(POSITION, "number", 1.0)
    for one in understood:
        _by_joins(one, understood)
        _only_key(one)
    return understood


def _by_headers(one: Understood) -> None:
    scores = []
    for place, column in enumerate(one.sample.columns):
        for meaning in dictionary().headers:
            near = nearness(column.removeprefix(PARENT).rpartition(".")[2] or column, meaning)
            near = max(near, nearness(column, meaning))
            if column.startswith(PARENT) and meaning not in KEYS:
                near *= 0.4  # it is of the row around, where it counts once
            if near * _can_be(one.profiles[column], meaning) >= LEAST:
                scores.append((near * _can_be(one.profiles[column], meaning), -place, column, meaning))
    taken: set[str] = set()
    for score, _, column, meaning in sorted(scores, reverse=True):
        if column in taken or meaning in one.guesses:
            continue
        taken.add(column)
        near = nearness(column, meaning) >= SURE
        why = "" if score >= SURE else f"its {'values' if near else 'header'} could be something else"
        one.guesses[meaning] = Guess(column, meaning, score, why)


def _can_be(known: Profile, meaning: str) -> float:
    """How well values fit a meaning, from 0 to 1."""
    if not known.filled:
        return 0.1
    if meaning in DATES:
        return 1.0 if known.is_date else 0.9 if known.number_styles else 0.1
    if meaning in AMOUNTS:
        return (
            1.0 if known.is_amount and not (known.is_date and known.is_whole and known.styles != ()) else 0.2
        )
    if meaning in ("number", "days_past_due"):
        return 1.0 if known.is_whole else 0.1
    if meaning in KEYS:
        return 0.3 if (known.is_date and not known.is_whole) or known.places > 0 else 1.0
    if meaning == "status":
        return 1.0 if known.words else 0.5
    if meaning == "currency":
        return 1.0 if all(len(text) == 3 and text.isalpha() for text in known.examples) else 0.4
    if meaning == "phone":
        return 1.0 if known.is_phone else 0.6
    if meaning == "email":
        return 1.0 if known.is_email else 0.5
    return 0.3 if known.is_date or known.places > 0 else 1.0


def _by_values(one: Understood) -> None:
    """What values alone show where no header does."""
    taken = {guess.column for guess in one.guesses.values()}
    for name, known in one.profiles.items():
        meaning = "email" if known.is_email else "phone" if known.is_phone and not known.is_date else ""
        if meaning and name not in taken and meaning not in one.guesses and known.distinct > 0.2:
            one.guesses[meaning] = Guess(name, meaning, 0.6, "its values look so; its header doesn't say it")


def _by_joins(one: Understood, others: list[Understood]) -> None:
    """A table without a loan's id has it in the column whose values are those of another's."""
    for meaning in ("loan_id", "borrower_id"):
        if meaning in one.guesses:
            continue
        taken = {guess.column for guess in one.guesses.values() if guess.meaning != "row_id"}
        best: tuple[float, str, str] = (_JOINS, "", "")
        for other in others:
            key = other.column(meaning)
            if other is one or key is None or other.profile(key).distinct < 0.5:
                continue
            known = set(other.sample.values(key))
            for column in one.sample.columns:
                values = one.sample.values(column)
                few = len(set(values)) < max(2, len(known) // 10) or bool(one.profile(column).words)
                if column in taken or (few and len(known) > 20) or one.profile(column).places or not values:
                    continue
                share = sum(value in known for value in values) / len(values)
                if share > best[0]:
                    best = (share, column, other.sample.label)
        if best[1]:
            why = f"{best[0]:.0%} of its values are ids in {best[2]}; its header doesn't say it"
            one.guesses[meaning] = Guess(best[1], meaning, 0.6, why)


def _only_key(one: Understood) -> None:
    """Where nothing else names the loan, a column of ids that never repeat does."""
    row_id = one.guesses.get("row_id")
    if "loan_id" in one.guesses or row_id is None or one.profile(row_id.column).distinct < 1:
        return
    if (
        any(meaning in one.guesses for meaning in ("principal", "disbursed_on", "due_on"))
        and "paid_on" not in one.guesses
    ):
        one.guesses["loan_id"] = Guess(row_id.column, "loan_id", 0.6, "its values are the rows' only ids")
        del one.guesses["row_id"]
