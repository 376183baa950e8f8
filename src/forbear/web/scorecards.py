"""A review's scorecard in the reader's words."""

from forbear.core.staff.quality import CRITERIA
from forbear.store.models import Review
from forbear.web.labels import word


def scorecard_of(review: Review) -> list[tuple[str, str, int]]:
    """Each line with how it was met and what it weighed, in the order of the scorecard."""
    return [
        (word("criterion", code), word("mark", review.marks[code]), review.weights.get(code, 0))
        for code in CRITERIA
        if code in review.marks
    ]
