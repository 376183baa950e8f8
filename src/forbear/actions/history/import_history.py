"""Import once what already stood in the system before: checked against the desk, then all of it, or nothing.

A row that came before is left alone, so the same folder a second time does nothing. Each row that is new has its event
in the evidence, which names the file and the row. Borrowers whom the desk doesn't know yet get a row with nothing in it
but their id: an opt-out counts on the day on which they fall behind, and their name comes only with a case.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from forbear.actions.contacts.queue_contact import digest_of
from forbear.actions.history.rows import WRITERS, Written
from forbear.core.base.canonical import canonical
from forbear.core.base.problem import Problem, at_place, with_hint
from forbear.core.facts.phone import read_phone
from forbear.core.files.hints import nearest
from forbear.interchange.history.columns import FILES
from forbear.interchange.history.points import point_in
from forbear.interchange.history.read_history import History, Line, key_of
from forbear.interchange.home.country import country_of
from forbear.store import evidence
from forbear.store.bulk import in_batches
from forbear.store.business_date import business_date
from forbear.store.models import Agency, Borrower, ImportedRow, Plan, Promise

_BATCH = 500
#: Not part of what a row says when it is compared with what came before: a note may be worded better.
_WORDS = ("note",)


@dataclass(frozen=True, slots=True)
class ImportedHistory:
    """By file how many rows are new and how many came before."""

    new: Mapping[str, int]
    known: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Marked:
    """A row with what names it and what it says, as digests."""

    line: Line
    digest: str
    said: str


def import_history(
    history: History, now: datetime, *, actor: str, check_only: bool = False
) -> ImportedHistory | list[Problem]:
    """Import what is new of it; every problem at once, and then nothing is written. `check_only` writes nothing."""
    marked = [_marked(line) for line in history.lines]
    with transaction.atomic():
        before = _before(marked)
        fresh = [row for row in marked if row.digest not in before]
        problems = [*_changed(marked, before), *_desk_problems([row.line for row in fresh], now)]
        if problems:
            return problems
        known: dict[str, int] = dict.fromkeys(history.digests, 0)
        new = dict(known)
        for row in marked:
            (known if row.digest in before else new)[row.line.file] += 1
        if fresh and not check_only:
            _write(fresh, history, now, actor)
        return ImportedHistory(new, known)


def _marked(line: Line) -> _Marked:
    """A number or address goes in as its keyed digest, so that nobody finds it by trying."""
    secret = {"contact_point": digest_of(*point_in(line))} if "contact_point" in line.values else {}
    shown = Line(line.file, line.number, line.borrower, line.loans, {**line.values, **secret})
    said = {name: value for name, value in shown.values.items() if name not in _WORDS}
    return _Marked(line, _sha256([*key_of(shown)]), _sha256([said, line.borrower, [*line.loans]]))


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _before(marked: list[_Marked]) -> dict[str, str]:
    """What the rows that came before said, by their digest."""
    return {
        digest: said
        for batch in in_batches(row.digest for row in marked)
        for digest, said in ImportedRow.objects.filter(digest__in=batch).values_list("digest", "said")
    }


def _changed(marked: list[_Marked], before: Mapping[str, str]) -> Iterator[Problem]:
    """Rows that came before and say something else now, and plans that got more rows."""
    plans = {
        row.line.values["plan_id"] for row in marked if row.line.file == "plans" and row.digest in before
    }
    for row in marked:
        changed = Problem(
            "history_row_changed",
            "was imported before and says something else now; what stands is changed at the desk",
        )
        came_before = row.digest in before
        if came_before and before[row.digest] != row.said:
            yield at_place(row.line.place(), changed)
        if not came_before and row.line.file == "plans" and row.line.values["plan_id"] in plans:
            yield at_place(row.line.place("due_on"), changed)


def _desk_problems(lines: list[Line], now: datetime) -> Iterator[Problem]:
    """What of it doesn't fit what the desk has, or can't stand beside itself."""
    agencies = dict(Agency.objects.values_list("code", "state"))
    for line in lines:
        code = line.values.get("agency", "")
        if code and code not in agencies:
            unknown = Problem("history_no_agency", "there is no agency %(code)s at the desk", code=code)
            yield at_place(line.place("agency"), with_hint(unknown, nearest(code, list(agencies))))
        elif line.file == "placements" and agencies[code] != "admitted":
            closed = Problem(
                "history_agency_not_admitted", "agency %(code)s is not admitted at the desk", code=code
            )
            yield at_place(line.place("agency"), closed)
        if "contact_point" in line.values:
            kind, value = point_in(line)
            wrong = read_phone(value, country_of(settings.HOME)) if kind == "phone" else None
            if isinstance(wrong, Problem):
                yield at_place(line.place("contact_point"), wrong)
    yield from _agreed_twice(lines, now)


def _agreed_twice(lines: list[Line], now: datetime) -> Iterator[Problem]:
    """One promise or plan may run for a borrower; two would count payments twice."""
    today = business_date(now)
    running: dict[str, str] = {}
    agreed = [line for line in lines if line.file in ("promises", "plans")]
    for batch in in_batches(sorted({line.borrower for line in agreed})):
        for model, states in ((Promise, ("open",)), (Plan, ("proposed", "active"))):
            rows = model._default_manager.filter(borrower_id__in=batch, state__in=states)
            running |= dict.fromkeys(rows.values_list("borrower_id", flat=True), "")
    last: dict[tuple[str, str, str | int], Line] = {}
    for line in agreed:
        name = line.values.get("plan_id", "")
        key = line.file, line.borrower, name or line.number
        last[key] = max(line, last.get(key, line), key=lambda each: each.values["due_on"])
    for (_, borrower, _), line in last.items():
        if line.day("due_on") < today:
            continue
        if borrower in running:
            twice = Problem("history_agreed_twice", "a promise or plan of this borrower runs already")
            yield at_place(line.place("borrower_id"), twice)
        running[borrower] = line.place()


def _write(fresh: list[_Marked], history: History, now: datetime, actor: str) -> None:
    """All rows with their events. Borrowers are held and their chains written in the order of their names."""
    names = sorted({row.line.borrower for row in fresh})
    _hold_borrowers(names, now)
    entries: list[evidence.Entry] = []
    for file, write in WRITERS.items():
        lines = [row.line for row in fresh if row.line.file == file]
        entries += (
            [_entry(written, history, now, actor) for written in write(lines, now, actor)] if lines else []
        )
    evidence.append_many(sorted(entries, key=lambda entry: entry.borrower))
    ImportedRow.objects.bulk_create(
        (
            ImportedRow(file=row.line.file, digest=row.digest, said=row.said, row=row.line.number, at=now)
            for row in fresh
        ),
        batch_size=_BATCH,
    )
    files = {f"{file}.csv": digest for file, digest in history.digests.items()}
    evidence.append(
        "change", at=now, actor=actor, body={"what": "history imported", "files": files, "rows": len(fresh)}
    )


def _hold_borrowers(names: Iterable[str], now: datetime) -> None:
    for batch in in_batches(names):
        Borrower.objects.bulk_create(
            (Borrower(borrower_id=name, loaded_at=now) for name in batch), ignore_conflicts=True
        )
        list(Borrower.objects.select_for_update().filter(borrower_id__in=batch).order_by("borrower_id"))


def _entry(written: Written, history: History, now: datetime, actor: str) -> evidence.Entry:
    line = written.line
    source = {"file": f"{line.file}.csv", "row": line.number, "sha256": history.digests[line.file]}
    body = {**written.body, "imported": source}
    return evidence.Entry(written.kind, now, actor, body, line.borrower, written.personal)


assert WRITERS.keys() == FILES.keys(), "every file has what writes its rows"
