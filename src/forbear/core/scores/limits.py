"""When a model of scores is set aside by itself."""

from datetime import date, timedelta

from forbear.core.base.problem import MessageId, noop

#: How long a model counts after the newest night it was learned from or tested on.
STALE_AFTER = timedelta(days=180)
#: Population stability index in hundredths: from here on a night's borrowers are others than those it was trained on.
MOST_DRIFT = 25
#: Of fewer borrowers nothing is said.
LEAST_ROWS = 200

#: Why a model is set aside, by its code.
SET_ASIDE: dict[str, MessageId] = {
    "stale": noop("It was trained too long ago"),
    "drifted": noop("Borrowers are no longer like those it was trained on"),
    "worse": noop("On newer nights it did worse than its plain fallback"),
}


def is_stale(trained_until: str, as_of: date) -> bool:
    """Whether a model whose newest night is that day is too old for a night."""
    return as_of - date.fromisoformat(trained_until) > STALE_AFTER
