"""Dry runs of drafted strategies: what a changed one would do on the last night's book, beside the one in force."""

import logging
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from forbear.core.files.reader import ContentError
from forbear.core.loans.products import ProductsError
from forbear.core.permits.pack import PackError
from forbear.core.strategy.parse import StrategyError
from forbear.engine.columnar import EngineError
from forbear.insight.planned_context import read_planned_context
from forbear.insight.whatif import what_if
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.packs import rulebook
from forbear.interchange.home.strategies import strategy_on
from forbear.night.run import NightError
from forbear.store.business_date import business_date
from forbear.store.models import PublishedNight, StrategyVersion

#: What is the lender's to mend, or damaged on the disk; the draft says so.
_UNUSABLE = (
    *(NightError, HomeError, StrategyError, FeedError, ProductsError, EngineError),
    *(PackError, ContentError),
)
#: A worker that began one and said nothing for so long has died.
_DEAD_AFTER = timedelta(hours=2)
#: How many borrowers are named who would be treated otherwise.
_NAMED = 200
log = logging.getLogger(__name__)


def try_due(now: datetime) -> bool:
    """Try one that waits; whether there was one."""
    version = _claim(now)
    if version is None:
        return False
    night = PublishedNight.objects.order_by("-as_of").first()
    if night is None:
        return _said(version, "no_night")
    today = business_date(now)
    home = replace(settings.HOME, threads=max(1, settings.HOME.threads // 2))
    with tempfile.TemporaryDirectory(prefix="forbear-draft-") as folder:
        path = Path(folder) / "draft.yaml"
        path.write_text(version.text, encoding="utf-8")
        try:
            comparison = what_if(
                home, open_book(home.book), path, night.as_of, night.as_of,
                base=strategy_on(home, today), examples=_NAMED,
                context=read_planned_context(now, rulebook(home).longest_window),
            )  # fmt: skip
        except _UNUSABLE as error:
            return _said(version, str(error).splitlines()[0][:300])
        except DatabaseError:
            raise  # tried again when the database answers
        except Exception:  # whatever a draft brings about, it is that draft's result, and others go on
            log.exception("the dry run of strategy %s failed", version.pk)
            return _said(version, "error")
    version.trial_state, version.trial, version.trial_base = "done", comparison.plain(), comparison.version
    version.save(update_fields=["trial_state", "trial", "trial_base"])
    return True


def _claim(now: datetime) -> StrategyVersion | None:
    due = Q(trial_state="waiting") | Q(trial_state="running", trial_at__lt=now - _DEAD_AFTER)
    with transaction.atomic():
        version = StrategyVersion.objects.select_for_update().filter(due).order_by("trial_at", "pk").first()
        if version is not None:
            version.trial_state, version.trial_at = "running", now
            version.save(update_fields=["trial_state", "trial_at"])
        return version


def _said(version: StrategyVersion, words: str) -> bool:
    """The dry run's visible result: a sentence, or a code of `web.labels`."""
    version.trial_state, version.trial_said = "failed", words
    version.save(update_fields=["trial_state", "trial_said"])
    return True
