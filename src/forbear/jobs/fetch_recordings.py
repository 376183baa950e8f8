"""Fetch the recordings of calls from providers that hand them out later, and keep them as evidence."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from forbear.actions.contacts.missing_recordings import ANSWERED, find_missing
from forbear.actions.contacts.recordings import store_recording
from forbear.channels.transport import KeepsRecordings, Transport, recording_providers
from forbear.core.base.problem import Problem
from forbear.store.models import Contact

#: After so long a provider is asked no more: it has none.
GIVE_UP_AFTER = timedelta(days=3)
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=6)
#: Calls asked about in one go. A recording is large, and anyone who stops the worker waits for what is in hand.
_AT_ONCE = 5
log = logging.getLogger(__name__)


class Recordings:
    """Remembers which calls it has asked about, so that it asks ever less often. Any worker may do the same."""

    def __init__(self, providers: Mapping[str, Transport]) -> None:
        self._keepers = {
            provider.provider: provider
            for provider in providers.values()
            if isinstance(provider, KeepsRecordings) and provider.records
        }
        self._recording = recording_providers(providers.values())
        self._pause: dict[str, timedelta] = {}
        self._next: dict[str, datetime] = {}

    def fetch_due(self, now: datetime) -> int:
        """Ask about calls that have ended and have no recording yet; how many recordings were kept."""
        if not self._keepers:
            return 0
        missing = Contact.objects.filter(
            provider__in=self._keepers, recording="", outcome__in=ANSWERED, ended_at__gt=now - GIVE_UP_AFTER
        ).exclude(provider_ref="")
        calls = list(missing.order_by("ended_at").values_list("contact_id", "provider", "provider_ref"))
        self._forget({contact_id for contact_id, _, _ in calls})
        due = [call for call in calls if self._next.get(call[0], now) <= now]
        return sum(self._fetch(*call, now) for call in due[:_AT_ONCE])

    def miss(self, now: datetime) -> int:
        """Write down calls whose recording was waited for long enough; how many new ones."""
        return find_missing(self._recording, GIVE_UP_AFTER, now) if self._recording else 0

    def _fetch(self, contact_id: str, provider: str, ref: str, now: datetime) -> bool:
        recording = self._keepers[provider].recording(ref)
        if not isinstance(recording, Problem):
            return store_recording(contact_id, *recording, now, actor=provider)
        pause = self._pause.get(contact_id, _FIRST_PAUSE)
        if pause == _LONGEST_PAUSE:
            log.warning("contact %s: %s", contact_id, recording)
        self._next[contact_id] = now + pause
        self._pause[contact_id] = min(pause * 2, _LONGEST_PAUSE)
        return False

    def _forget(self, missing: set[str]) -> None:
        """Let go of calls that have their recording or never will."""
        for kept in (self._pause, self._next):
            for contact_id in kept.keys() - missing:
                del kept[contact_id]
