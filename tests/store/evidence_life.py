"""A few days in the life of a log, for the tests of the store."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from forbear.core.base.reason import Reason
from forbear.core.evidence.verify import Verdict, verify
from forbear.store import evidence
from forbear.store.evidence_export import export
from forbear.store.evidence_seal import seal_day
from forbear.store.models import Event
from tests.core.evidence_log import KEY, Files

#: Noon in Shanghai on the last day of March 2026.
NOON = datetime(2026, 3, 31, 4, tzinfo=UTC)


def write(kind: str = "note", at: datetime = NOON, borrower: str = "B1", **rest: object) -> Event:
    """One event in a transaction of its own."""
    with transaction.atomic():
        evidence.append(kind, at=at, actor="S-001", borrower=borrower, **({"body": {}} | rest))
        return Event.objects.filter(borrower=borrower).latest("number")


def recorded(content: bytes, borrower: str = "B1", at: datetime = NOON) -> str:
    """A recording and its event; the recording's digest."""
    with transaction.atomic():
        digest = evidence.store_attachment(content, "audio/wav")
        evidence.append("recording", at=at, actor="line", borrower=borrower, body={}, attachments=(digest,))
    return digest


def erased(borrower: str, *fields: str, at: datetime = NOON, attachments: tuple[str, ...] = ()) -> Event:
    """Values and files erased, in a transaction of its own."""
    with transaction.atomic():
        return evidence.erase(borrower, at, "S-009", fields, attachments, reason=Reason.of("retention"))


def live(days: int = 3) -> None:
    """Two borrowers over some days up to the last of March, each day sealed but the last."""
    for ago in range(days - 1, -1, -1):
        at = NOON - timedelta(days=ago)
        for borrower in ("B1", "B2"):
            write("permit", at, borrower, body={"contact": f"c-{ago}"})
            write("note", at, borrower, personal={"note": f"{borrower} 愿意还款", "phone": "13800000000"})
        recorded(b"talk of day %d" % ago, at=at)
        write("change", at, "", body={"strategy": "consumer-cn@1"})
        if ago:
            seal_day((at + timedelta(hours=8)).date(), at + timedelta(days=1), KEY)


def exported(borrower: str = "B1", at: datetime = NOON) -> Files:
    """The borrower's bundle, in memory."""
    parts = export(borrower, at, KEY, actor="S-001")
    assert parts is not None
    return Files(parts)


def verdict_of(borrower: str = "B1") -> Verdict:
    """What verifying the borrower's bundle finds."""
    return verify(exported(borrower))
