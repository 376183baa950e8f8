"""Cells that say more than one column holds."""

from datetime import datetime
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from forbear.store.models import Inbound
from forbear.web import labels as words
from forbear.web.actors import actor
from forbear.web.lists.columns import NOTHING, Cells, Moments, Words
from forbear.web.templatetags.forbear import ago, when


class Deadlines(Moments):
    """A day by which something is due; a passed one says so while `is_open`."""

    def is_open(self, record: Any) -> bool:
        """Whether it still runs."""
        return True

    def html(self, record: Any, table: Any) -> str | SafeString:
        """The day, and how it stands."""
        day = self.found(record)
        if day is None or not self.is_open(record):
            return when(day)
        if day < table.context_of["today"]:
            return format_html('{} <span class="badge tag no">{}</span>', when(day), gettext("Overdue"))
        left = ago(day, table.context_of["now"])
        return format_html('{} <span class="text-secondary">{}</span>', when(day), left)

    def cells(self, record: Any, table: Any) -> list[object]:
        """The day alone."""
        day = self.found(record)
        return [when(day) if day else ""]


class RequestDue(Deadlines):
    """By when a request is to be answered."""

    def is_open(self, record: Any) -> bool:
        """Whether it waits."""
        return record.state == "open"


class RequestState(Words):
    """The state of a request, with its answer and its next review."""

    def __init__(self, title: Any, path: str, **more: Any) -> None:
        super().__init__(title, path, "request_state", **more)

    def html(self, record: Any, table: Any) -> str:
        """State, answer and review in one line."""
        parts = [words.word("request_state", record.state)]
        if record.outcome:
            parts.append(words.word("answer", record.outcome))
        if record.review_on and not record.reviewed_at:
            parts.append(gettext("review on %(review_on)s") % {"review_on": when(record.review_on)})
        return " · ".join(parts)

    def cells(self, record: Any, table: Any) -> list[object]:
        """The same."""
        return [self.html(record, table)]


def owner_of(inbound: Inbound, now: datetime) -> str:
    """The number of who works on a message now; "" for nobody."""
    if inbound.owner is None or inbound.owned_until is None or inbound.owned_until <= now:
        return ""
    return inbound.owner.number


class Owner(Cells):
    """With whom a message is, or who has read it."""

    def html(self, record: Any, table: Any) -> str | SafeString:
        """Reader, owner or team."""
        if record.read_at:
            return f"{actor(record.read_by)} · {when(record.read_at)}"
        if owner := owner_of(record, table.context_of["now"]):
            return format_html('<span class="badge tag">{}</span>', owner)
        return record.team or NOTHING

    def cells(self, record: Any, table: Any) -> list[object]:
        """The same as text."""
        if record.read_at:
            return [self.html(record, table)]
        return [owner_of(record, table.context_of["now"]) or record.team]
