"""Dry runs of drafted strategies: what a changed one would do on the last night's book, beside the one in force."""

import logging
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Q

from forbear.core.loans.products import ProductsError
from forbear.core.strategy.parse import StrategyError
from forbear.engine.columnar import EngineError
from forbear.insight.whatif import what_if
from forbear.interchange.book.book import open_book
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.home.lender import HomeError
from forbear.interchange.home.strategies import strategy_on
from forbear.night.run import NightError
from forbear.store.business_date import business_date
from forbear.store.models import PublishedNight, StrategyVersion

#: What is the lender's to mend, or damaged on the disk; the draft says so.
_UNUSABLE = (NightError, HomeError, StrategyError, FeedError, ProductsError, EngineError)
#: A worker that began one and said nothing for so long has died.
_DEAD_AFTER = timedelta(hours=2)
#: How many borrowers are named who would be treated otherwise.
_NAMED = 200
log = logging.getLogger(__name__)


def try_due(now: datetime) -> bool:
    """Try one that waits; whether there was one."""
    found = _claim(now)
    if found is None:
        return False
    night = PublishedNight.objects.order_by("-as_of").first()
    if night is None:
        return _said(found, "no_night")
    today = business_date(now)
    home = replace(settings.HOME, threads=max(1, settings.HOME.threads // 2))
    with tempfile.TemporaryDirectory(prefix="forbear-draft-") as folder:
        path = Path(folder) / "draft.yaml"
        path.write_text(found.text, encoding="utf-8")
        try:
            told = what_if(
                home, open_book(home.book), path, night.as_of, night.as_of,
                base=strategy_on(home, today), examples=_NAMED,
            )  # fmt: skip
        except _UNUSABLE as error:
            return _said(found, str(error).splitlines()[0][:300])
        except DatabaseError:
            raise  # tried again when the database answers
        except Exception:  # whatever a draft brings about, it is that draft's result, and others go on
            log.exception("the dry run of strategy %s failed", found.pk)
            return _said(found, "error")
    found.trial_state, found.trial, found.trial_base = "done", told.plain(), told.version
    found.save(update_fields=["trial_state", "trial", "trial_base"])
    return True


def _claim(now: datetime) -> StrategyVersion | None:
    due = Q(trial_state="waiting") | Q(trial_state="running", trial_at__lt=now - _DEAD_AFTER)
    with transaction.atomic():
        found = StrategyVersion.objects.select_for_update().filter(due).order_by("trial_at", "pk").first()
        if found is not None:
            found.trial_state, found.trial_at = "running", now
            found.save(update_fields=["trial_state", "trial_at"])
        return found


def _said(found: StrategyVersion, words: str) -> bool:
    """The dry run's visible result: a sentence, or a code of `web.labels`."""
    found.trial_state, found.trial_said = "failed", words
    found.save(update_fields=["trial_state", "trial_said"])
    return True
