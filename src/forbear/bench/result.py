"""The measured numbers, and what may be said of them: medians, and ratios inside one round."""

from dataclasses import dataclass, field
from statistics import median

from forbear.bench.tasks import FROM_FEED, Task


@dataclass(slots=True)
class Measured:
    """All runs of one task at one size, in the order of the rounds. `loans` is what it really worked on."""

    task: Task
    size: int
    loans: int = 0
    rows: int = 0
    compared: int = 0
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)  # seconds, of all cores together
    parts: dict[str, list[float]] = field(default_factory=dict)  # seconds by part, where a task has parts
    peaks: list[int] = field(default_factory=list)
    digests: set[str] = field(default_factory=set)

    def add(self, figures: dict) -> None:
        """Take in one run's answer."""
        self.loans = figures["loans"]
        self.rows = figures.get("rows", 0)
        self.compared = figures.get("compared", 0)
        self.seconds.append(figures["seconds"])
        self.processor.append(figures["processor_seconds"])
        self.peaks.append(figures["peak_bytes"])
        for name, seconds in figures.get("parts", {}).items():
            self.parts.setdefault(name, []).append(seconds)
        if "digest" in figures:
            self.digests.add(figures["digest"])

    @property
    def a_million(self) -> float:
        """Median seconds for a million loans."""
        return median(self.seconds) / self.loans * 1_000_000

    @property
    def peak(self) -> int:
        """The largest peak memory of all runs, in bytes."""
        return max(self.peaks)


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long as another task, loan for loan: the median of the rounds, and the extremes."""

    middle: float
    low: float
    high: float


def ratio(measured: Measured, other: Measured, what: str = "seconds") -> Ratio:
    """`measured` against `other`, each round for itself; by `processor` seconds if so asked."""
    own = [
        (mine / measured.loans) / (theirs / other.loans)
        for mine, theirs in zip(getattr(measured, what), getattr(other, what), strict=True)
    ]
    return Ratio(median(own), min(own), max(own))


def against(base: Measured, name: str, measured: list[Measured]) -> Ratio | None:
    """`measured` against the task `name` at the same size; None where it was not measured or can't be compared."""
    if base.task.group in FROM_FEED:
        return None
    other = _same_size(base, name, measured)
    return ratio(base, other) if other else None


def against_plain(base: Measured, measured: list[Measured]) -> Ratio | None:
    """An import's processor time against the engine's plain conversion of the same rows from CSV to Parquet."""
    other = _same_size(base, "convert-csv", measured)
    return ratio(base, other, "processor") if other and base.task.group == "import" else None


def _same_size(base: Measured, name: str, measured: list[Measured]) -> Measured | None:
    return next((one for one in measured if one.task.name == name and one.size == base.size), None)


def findings(measured: list[Measured]) -> list[str]:
    """What the numbers say, one sentence each."""
    return [*_linear(measured), *_armed(measured), *_equal(measured)]


def _linear(measured: list[Measured]) -> list[str]:
    """How the night's time a loan changes with the size of the book."""
    nights = sorted((one for one in measured if one.task.name == "night"), key=lambda one: one.size)
    if len(nights) < 2:
        return []
    small, large = nights[0], nights[-1]
    change = ratio(large, small).middle
    return [
        f"A loan of a book of {large.loans:,} takes {change:.2f} times as long as one of a book of "
        f"{small.loans:,}: {'linear' if change <= 1.15 else 'more than linear'}."
    ]


def _armed(measured: list[Measured]) -> list[str]:
    """What a hold-out and three experiments cost a night."""
    return [
        f"A night of {one.loans:,} loans with a hold-out and three experiments takes "
        f"{ratio(one, plain).middle:.2f} times as long as one without."
        for one in measured
        if one.task.name == "night-armed" and (plain := _same_size(one, "night", measured)) is not None
    ]


def _equal(measured: list[Measured]) -> list[str]:
    differences = []
    if any(one.digests for one in measured):
        differences.append("Every measured night gave the same bytes as the one before it.")
    differences += [
        f"{one.task.title}: the figures of all {one.compared:,} late loans among {one.loans:,} equal the night's."
        for one in measured
        if one.compared
    ]
    return differences
