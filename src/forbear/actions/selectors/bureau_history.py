"""What was reported to a credit bureau, loan by loan, in every report before: beside the reports, for the corrections.

A report's file holds names and the bureau's own codes; what is needed to see whether it is still true is kept in a
small table next to it: loan, month, what was said, and a digest of the lines it was said from.
"""

import csv
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from forbear.engine.columnar import Connection, files_in, quote
from forbear.store.models import CreditReport

_COLUMNS = ("loan_id", "day", "said", "status", "lines")


@dataclass(frozen=True, slots=True)
class Line:
    """One record that was reported: of which month's end, what it said, and the digest of the loan's lines up to the
    report's own day.
    """

    loan_id: str
    day: date
    said: list
    status: str
    lines: str


def folder() -> Path:
    """Where reports lie in the home."""
    return settings.HOME.folder / "data" / "credit"


def _path(form: str, on: date) -> Path:
    return folder() / "reported" / f"{form}-{on}.csv"


def write_aside(path: Path, content: bytes) -> None:
    """The file, whole or not at all, for nobody else to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.part")
    waiting.write_bytes(content)
    waiting.chmod(0o600)
    waiting.replace(path)


def keep(form: str, on: date, lines: Iterable[Line]) -> None:
    """Store what a report said, before the report itself counts."""
    path = _path(form, on)
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.part")
    with waiting.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(_COLUMNS)
        for line in lines:
            said = json.dumps(line.said, separators=(",", ":"))
            out.writerow([line.loan_id, line.day.isoformat(), said, line.status, line.lines])
    waiting.chmod(0o600)
    waiting.replace(path)


def open_reported(engine: Connection, form: str) -> None:
    """Make the table `reported`: every line of every report of this form, with the report's day."""
    engine.execute(
        "create temp table reported"
        " (loan_id varchar, day date, said varchar, status varchar, lines varchar, report date)"
    )
    for on in CreditReport.objects.filter(form=form).order_by("on").values_list("on", flat=True):
        path = _path(form, on)
        file = quote(files_in(path.parent, path.name))
        engine.execute(
            f"insert into reported select *, date '{on}' from read_csv({file}, header = true, quote = '\"', "
            "columns = {'loan_id': 'varchar', 'day': 'date', 'said': 'varchar', 'status': 'varchar', "
            "'lines': 'varchar'})"
        )


def last_reported(engine: Connection, loans: Collection[str]) -> Mapping[str, tuple[date, list, str]]:
    """Of these loans that were reported: the newest report's day, what it said of its month, and the digest."""
    rows = engine.execute(
        """select loan_id, max(report), arg_max(said, (report, day)), arg_max(lines, (report, day))
        from reported where loan_id in (select unnest($loans)) group by loan_id""",
        {"loans": list(loans)},
    ).fetchall()
    return {loan: (report, json.loads(said), lines) for loan, report, said, lines in rows}


def months_reported(engine: Connection, loans: Collection[str]) -> Mapping[str, list[tuple[date, list, str]]]:
    """Every month reported of these loans, the oldest first, as it was said last: its end, what was said, the
    status."""
    rows = engine.execute(
        """select loan_id, day, arg_max(said, report), arg_max(status, report)
        from reported where loan_id in (select unnest($loans)) group by loan_id, day order by loan_id, day""",
        {"loans": list(loans)},
    ).fetchall()
    by_loan: dict[str, list[tuple[date, list, str]]] = {}
    for loan, day, said, status in rows:
        by_loan.setdefault(loan, []).append((day, json.loads(said), status))
    return by_loan
