"""A model of scores that the night finds unfit is set aside, and that night is decided again without scores."""

from datetime import date, datetime

from django.conf import settings

from forbear.actions.strategies.score_models import set_aside
from forbear.insight.score_watch import unfit
from forbear.interchange.book.book import Book
from forbear.night.run import Night


def watch_scores(night: Night, book: Book, now: datetime) -> list[str]:
    """Set the night's model aside where it drifted or did worse than its plain fallback; what was set aside."""
    why = unfit(settings.HOME, book, night)
    if not why:
        return []
    version = night.manifest["scores"]
    as_of = date.fromisoformat(night.manifest["as_of"])
    return [f"the scores {version} ({why})"] if set_aside(version, why, now, as_of) else []
