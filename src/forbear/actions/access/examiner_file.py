"""The examiner's file: one period's contacts, refusals, complaints, rules and evidence in one zip, with checksums.

Equal records give equal bytes: nothing in it says when it was made, and its period is over. Names, numbers and what
people wrote are masked, unless who asks may see them. That it was handed out, and its digest, is evidence.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from forbear.core.base.problem import Problem
from forbear.core.evidence.bundle import Part, part
from forbear.core.evidence.log import key_hex
from forbear.interchange.documents.evidence_file import pack
from forbear.interchange.documents.table_stream import csv_pieces
from forbear.interchange.home.keys import signing_key
from forbear.interchange.home.lender import read_text
from forbear.interchange.home.packs import packs_of, rulebook
from forbear.store import evidence
from forbear.store.access import masked_name, masked_point
from forbear.store.business_date import business_date, day_end, day_start
from forbear.store.models import Complaint, Contact, DailySeal, Event

_BATCH, _CHUNK = 2_000, 1 << 20
#: The longest period of one file.
LONGEST_DAYS = 366
README = """What this is
------------
The records of {lender} about its contacts with borrowers from {first} to {last}, both days included.

contacts.csv           every contact that was made or planned in the period, and how it ended
refusals.csv           every contact that rules refused, a line for each rule
refusals-by-rule.csv   how often each rule refused
complaints.csv         the register of complaints: those that came in, were answered or referred in the period
rules.csv              the rules of the packs in force, with their source; the packs themselves are in rules/
rule-versions.csv      the versions of the packs by which permits of the period were given
events.jsonl           the events of the evidence log of the period, one a line, in their order
seals.jsonl            the seals of the days of the period: a line with its signature
lender-key.txt         the public key that signed them (Ed25519, hexadecimal)
SHA256SUMS             the digest of each file

{masked}

How to check it
---------------
1. sha256sum --check SHA256SUMS
2. The hash of an event is the SHA-256 of a zero byte and its line. Each event names the hash of the one before of the
   same borrower ("previous").
3. A seal holds the root of the tree of a day's events. Its signature is checked with the key; compare the key with the
   one that the lender publishes. A borrower's own bundle has the way from each event to its seal: forbear verify.
"""
MASKED = "Names, numbers and what people wrote are masked."
CLEAR = "Names, numbers and what people wrote are in the clear. Keep this file as the law asks."


@dataclass(frozen=True, slots=True)
class Period:
    """Two days, both included, in the lender's time zone."""

    first: date
    last: date

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """From its first moment to the first after it."""
        return day_start(self.first), day_end(self.last)

    @property
    def name(self) -> str:
        """As a file is called."""
        return f"examiner-{self.first}-{self.last}"


def check_period(period: Period, now: datetime) -> Problem | None:
    """Why there is no file of this period; None where there is."""
    if period.last < period.first or (period.last - period.first).days >= LONGEST_DAYS:
        return Problem(
            "examiner_period_invalid", "choose a period of at most a year, from a day to a later one"
        )
    if period.last >= business_date(now):
        return Problem("examiner_period_open", "the period must be over, so that its file never changes")
    return None


def write_examiner_file(
    target: Path, period: Period, now: datetime, *, actor: str, reason: str, clear: bool = False
) -> str | Problem:
    """Write the zip and put it on record; the digest of the zip. The caller has checked who may see what."""
    if wrong := check_period(period, now):
        return wrong
    if not reason.strip():
        return Problem("examiner_reason_missing", "say what it is for; it is saved with it")
    folder = target.parent / f".{target.name}.parts"
    folder.mkdir()
    try:
        parts = [_part(folder, name, lines) for name, lines in _tables(period, clear=clear)]
        parts = [*parts, *_plain(period, clear=clear)]
        sums = "".join(f"{_digest(each)}  {each.name}\n" for each in parts)
        pack(target, [*parts, part("SHA256SUMS", sums.encode(), "text/plain")])
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    made = hashlib.sha256(target.read_bytes()).hexdigest()
    with transaction.atomic():
        body = {
            "what": "examiner's file",
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "clear": clear,
            "reason": reason.strip()[:300],
            "sha256": made,
        }
        evidence.append("export", at=now, actor=actor, body=body)
    return made


def _tables(period: Period, *, clear: bool) -> Iterator[tuple[str, Iterator[str]]]:
    """The long files, each line by line."""
    yield "contacts.csv", csv_pieces(_contacts(period, clear=clear))
    yield "refusals.csv", csv_pieces(_refusals(period))
    yield "refusals-by-rule.csv", csv_pieces(_by_rule(period))
    yield "complaints.csv", csv_pieces(_complaints(period, clear=clear))
    yield "rules.csv", csv_pieces(_rules())
    yield "rule-versions.csv", csv_pieces(_versions(period))
    yield "events.jsonl", _events(period)
    yield "seals.jsonl", _seals(period)


def _plain(period: Period, *, clear: bool) -> list[Part]:
    lender = " / ".join(dict.fromkeys(settings.HOME.name))
    words = CLEAR if clear else MASKED
    readme = README.format(lender=lender, first=period.first, last=period.last, masked=words)
    packs = [
        part(f"rules/{one.name}.yaml", read_text(Path(one.origin)).encode(), "application/yaml")
        for one in packs_of(settings.HOME)
    ]
    key = key_hex(signing_key(settings.HOME).public_key())
    return [
        *packs,
        part("lender-key.txt", f"{key}\n".encode(), "text/plain"),
        part("README.txt", readme.encode(), "text/plain"),
    ]


def _part(folder: Path, name: str, pieces: Iterable[str]) -> Part:
    """A file on the disk, so that a large one takes no memory."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as handle:
        for piece in pieces:
            handle.write(piece)
    return Part(name, path.stat().st_size, "text/plain", partial(_chunks, path))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            yield chunk


def _digest(each: Part) -> str:
    found = hashlib.sha256()
    for chunk in each.chunks():
        found.update(chunk)
    return found.hexdigest()


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _contacts(period: Period, *, clear: bool) -> Iterator[list[object]]:
    yield [
        *("contact", "queued_at", "made_at", "ended_at", "borrower", "name", "to", "channel", "purpose"),
        *(
            "party",
            "state",
            "outcome",
            "agency",
            "staff",
            "template",
            "template_version",
            "recording",
            "permit",
        ),
    ]
    starts, ends = period.moments
    rows = Contact.objects.filter(queued_at__gte=starts, queued_at__lt=ends).order_by("queued_at", "pk")
    for row in rows.select_related("borrower", "point", "staff").prefetch_related("permits").iterator(_BATCH):
        point = row.point
        name = row.borrower.name if clear else masked_name(row.borrower.name)
        to = "" if point is None else point.value if clear else masked_point(point.kind, point.value)
        permits = sorted(permit.permit_id for permit in row.permits.all())
        yield [
            *(
                row.pk,
                _moment(row.queued_at),
                _moment(row.at),
                _moment(row.ended_at),
                row.borrower_id,
                name,
                to,
            ),
            *(row.channel, row.purpose, row.party, row.state, row.outcome, row.agency_id or ""),
            row.staff.number if row.staff else "",
            *(row.template, row.template_version, row.recording, " ".join(permits)),
        ]


def _refused(period: Period) -> Iterator[tuple[datetime, str, dict, list[str]]]:
    """Each refusal of the log: when, of whom, what it says, by which rules."""
    starts, ends = period.moments
    rows = Event.objects.filter(kind="refusal", at__gte=starts, at__lt=ends).order_by("at", "pk")
    for at, borrower, line in rows.values_list("at", "borrower", "line").iterator(_BATCH):
        body = json.loads(line)["body"]
        yield at, borrower, body, [each["rule"] for each in body["refused_by"]]


def _refusals(period: Period) -> Iterator[list[object]]:
    yield ["at", "borrower", "contact", "rule"]
    for at, borrower, body, rules in _refused(period):
        for rule in rules:
            yield [_moment(at), borrower, str(body.get("contact", "")), rule]


def _by_rule(period: Period) -> Iterator[list[object]]:
    yield ["rule", "refusals", "clause", "force", "says"]
    counts = Counter(rule for _, _, _, rules in _refused(period) for rule in rules)
    known = {bound.rule.id: bound.rule for bound in rulebook(settings.HOME).bound}
    for rule, many in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        found = known.get(rule)
        words = [found.clause, found.force, found.says["en"]] if found else ["", "", ""]
        yield [rule, many, *words]


def _complaints(period: Period, *, clear: bool) -> Iterator[list[object]]:
    yield [
        *(
            "number",
            "borrower",
            "received_at",
            "came_by",
            "agency",
            "category",
            "root_cause",
            "acknowledge_by",
        ),
        *("acknowledged_at", "final_by", "put_off_on", "state", "outcome", "answered_at", "answered_by"),
        *("final_sent_at", "redress", "amount", "currency", "redress_by", "redress_done_at", "referred_on"),
        *("words", "answer"),
    ]
    starts, ends = period.moments
    rows = Complaint.objects.select_related("request__answered_by").order_by("request__opened_at", "pk")
    for row in rows.iterator(_BATCH):
        asked = row.request
        days = (asked.opened_at, asked.answered_at)
        in_it = any(at is not None and starts <= at < ends for at in days)
        if not in_it and not (row.referred_on and period.first <= row.referred_on <= period.last):
            continue
        words = (
            [asked.words, asked.answer]
            if clear
            else ["***" if asked.words else "", "***" if asked.answer else ""]
        )
        yield [
            *(
                asked.number,
                row.borrower_id,
                _moment(asked.opened_at),
                row.came_by,
                row.about_agency_id or "",
            ),
            *(row.category, row.root_cause, row.acknowledge_by, _moment(row.acknowledged_at), asked.due_on),
            *(row.extended_on or "", asked.state, asked.outcome, _moment(asked.answered_at)),
            asked.answered_by.number if asked.answered_by else "",
            *(
                _moment(row.final_sent_at),
                row.redress,
                row.redress_amount,
                row.currency,
                row.redress_by or "",
            ),
            *(_moment(row.redress_done_at), row.referred_on or "", *words),
        ]


def _rules() -> Iterator[list[object]]:
    yield ["pack", "version", "rule", "force", "clause", "from", "to", "says"]
    for one in packs_of(settings.HOME):
        for rule in one.rules:
            yield [
                *(one.name, one.version, rule.id, rule.force, rule.clause),
                "" if rule.starts == date.min else rule.starts,
                "" if rule.ends == date.max else rule.ends,
                rule.says["en"],
            ]


def _versions(period: Period) -> Iterator[list[object]]:
    yield ["pack", "permits", "first", "last"]
    starts, ends = period.moments
    rows = Event.objects.filter(kind="permit", at__gte=starts, at__lt=ends).order_by("at", "pk")
    seen: dict[str, list] = {}
    for at, line in rows.values_list("at", "line").iterator(_BATCH):
        for name in json.loads(line)["body"]["permit"]["packs"]:
            one = seen.setdefault(name, [0, at, at])
            one[0], one[2] = one[0] + 1, at
    for name, (many, first, last) in sorted(seen.items()):
        yield [name, many, _moment(first), _moment(last)]


def _events(period: Period) -> Iterator[str]:
    starts, ends = period.moments
    rows = Event.objects.filter(at__gte=starts, at__lt=ends).order_by("at", "borrower", "number")
    for line in rows.values_list("line", flat=True).iterator(_BATCH):
        yield f"{line}\n"


def _seals(period: Period) -> Iterator[str]:
    for seal in DailySeal.objects.filter(day__range=(period.first, period.last)).order_by("number"):
        yield json.dumps({"line": seal.line, "signature": seal.signature}, ensure_ascii=False) + "\n"
