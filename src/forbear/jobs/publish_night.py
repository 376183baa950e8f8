"""Bring a decided night to the desk, with all that follows from it at once."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.agencies.recalls_due import recall_due
from forbear.actions.agreements.evaluation import evaluate_due_agreements
from forbear.actions.cases.granted import recompute_settled
from forbear.actions.cases.notice_reviews import review_booked
from forbear.actions.cases.quarantined_payments import receive_quarantined
from forbear.actions.cases.shown_payments import record_shown_payments
from forbear.actions.cases.unbooked_payments import reapply_unbooked_payments
from forbear.actions.court.limitation_dates import compute_limitation
from forbear.engine.columnar import parquet
from forbear.insight.kpi_cache import cache_kpis
from forbear.interchange.book.book import Book
from forbear.jobs.guardrails import stop_harmful
from forbear.jobs.watch_scores import watch_scores
from forbear.night.run import Night, latest_night
from forbear.publish.publish import Progress, Published, publish


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What was published, and how many borrowers' agreements were judged again and cases came back from agencies.

    `recalled` is how many notices the book's payments show to have been wrong. `stopped` are the experiments whose
    guardrail the night found passed, and the scores it found unfit: it is to be decided again without them.
    """

    published: Published
    refreshed: int
    recalled: int
    judged: int
    back: int
    stopped: tuple[str, ...] = ()


def publish_night(
    night: Night, book: Book, now: datetime, *, progress: Progress = lambda step, done, of: None
) -> PublishResult | None:
    """Publish it; None when the desk works on this very night already. StaleNight as `publish`.

    A process that dies after the publishing leaves the rest to the timetable, which does the same.
    """
    with transaction.atomic():
        published = publish(night, book, now, progress=progress)
        if published is not None:
            record_shown_payments(now)
        refreshed = reapply_unbooked_payments(now) if published is not None else 0
        if published is not None:
            receive_quarantined(book, now)
        recalled = review_booked(now, _late_before) if published is not None else 0
    judged = evaluate_due_agreements(now, actor="night", news=True)
    recompute_settled(now)
    back = recall_due(now)
    compute_limitation(now)
    stopped = (
        (*stop_harmful(night, book, now), *watch_scores(night, book, now)) if published is not None else ()
    )
    cache_kpis(now)
    return (
        PublishResult(published, refreshed, recalled, judged, back, stopped)
        if published is not None
        else None
    )


def _late_before(day: date) -> str:
    """SQL for the late loans of the last night before a day; "" when there is none."""
    night = latest_night(settings.HOME.nights, before=day)
    return parquet(night.folder / "arrears", "part-*.parquet") if night is not None else ""
