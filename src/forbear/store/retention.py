"""Whose personal data in the evidence and at the desk has been kept long enough, and erasing it."""

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q

from forbear.core.base.reason import Reason
from forbear.core.evidence.retention import KEEPING, NO_ACTIVITY, retained_until, years_after
from forbear.store.business_date import business_date
from forbear.store.evidence import erase, lock_chain
from forbear.store.models import Attachment, Case, Event, EventAttachment, Hold, PersonalValue
from forbear.store.personal_text import erase_personal_text, owners

_BATCH = 500


def due(now: datetime, years: int) -> list[str]:
    """The borrowers of whom something is still kept though the time for keeping it is over."""
    return [
        name
        for names in _with_something(years_after(business_date(now), -years))
        for name in _over(names, now, years)
    ]


def _over(names: list[str], now: datetime, years: int) -> list[str]:
    """Those of these borrowers whose last day of keeping is past, and whom no hold keeps."""
    today, ends = business_date(now), _ends(names, years)
    over = [name for name in names if (end := ends[name]) is not None and end < today]
    running = Q(ends_at=None) | Q(ends_at__gt=now)
    holds = Hold.objects.filter(running, borrower__in=over, kind__in=KEEPING, lifted_at=None)
    held = set(holds.values_list("borrower_id", flat=True))
    return [name for name in over if name not in held]


def _with_something(since: date) -> Iterator[list[str]]:
    """Borrowers with a value or a file still kept, some at a time; at the desk only where no case was open later."""
    values = PersonalValue.objects.filter(salt__isnull=False).values_list("event__borrower", flat=True)
    files = EventAttachment.objects.filter(attachment__erased_at=None).values_list(
        "event__borrower", flat=True
    )
    sources = (values.distinct().iterator(), files.distinct().iterator(), owners(since))
    names = sorted({name for rows in sources for name in rows} - {""})
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]


def _ends(names: list[str], years: int) -> dict[str, date | None]:
    """The last day of keeping by borrower."""
    cases = Case.objects.filter(borrower__in=names)
    still_open = set(cases.filter(closed_on=None).values_list("borrower_id", flat=True))
    closed = dict(cases.values_list("borrower_id").annotate(Max("closed_on")).order_by())
    events = Event.objects.filter(borrower__in=names).exclude(kind__in=NO_ACTIVITY)
    last = dict(events.values_list("borrower").annotate(Max("at")).order_by())
    return {
        name: retained_until(
            closed.get(name),
            business_date(last[name]) if name in last else None,
            years,
            case_open=name in still_open,
        )
        for name in names
    }


def erase_due(now: datetime, years: int, actor: str) -> list[str]:
    """Erase everything personal of those who are due, each in a transaction of their own; who they were."""
    done = []
    for name in due(now, years):
        with transaction.atomic():
            lock_chain(name)
            # asked again under the lock: something may have happened since
            if not _over([name], now, years):
                continue
            kept = PersonalValue.objects.filter(event__borrower=name, salt__isnull=False)
            fields = sorted(set(kept.values_list("field", flat=True)))
            files = Attachment.objects.filter(enclosures__event__borrower=name).values_list(
                "sha256", flat=True
            )
            erase(name, now, actor, fields, sorted(set(files)), reason=Reason.of("retention"))
            erase_personal_text(name, now)
            done.append(name)
    return done
