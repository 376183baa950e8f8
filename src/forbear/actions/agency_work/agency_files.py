"""Cases out to an agency and outcomes in from it, as files: by hand on a page, or in a folder that both can reach.

The folder is `agencies/CODE/` in the home: `out/` is written by us, `in/` is read once and emptied into `done/`, with a
report beside each file. `out/seals.jsonl` has every seal of the evidence: who fetches it keeps us to our log. Point an
SFTP server at it; each agency's account sees its own folder only.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.conf import settings

from forbear.actions.agreements.plans import late_loans
from forbear.actions.replies.record_outcome import RESULTS, Outcome, record_outcome
from forbear.actions.selectors.creditors import creditor_of
from forbear.core.base.money import format_amount, parse_amount
from forbear.core.base.problem import Problem, noop
from forbear.core.evidence.anchor import seal_row
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.interchange.documents.agency_file import (
    CASES,
    TOTAL,
    Aside,
    OutcomeRow,
    Read,
    read_outcomes,
    write_table,
)
from forbear.store.access import masked_name
from forbear.store.business_date import business_date
from forbear.store.evidence_seal import all_seals
from forbear.store.models import Agency, Contact, Loan, Placement, Staff


def cases_table(agency: str, form: str) -> bytes:
    """The cases with the agency now, names masked and no number in the clear, with the sum of what is past due."""
    placed = list(
        Placement.objects.filter(agency_id=agency, ended_at=None).select_related("borrower").order_by("pk")
    )
    loans = {
        loan.loan_id: loan for loan in Loan.objects.filter(borrower__in=[one.borrower_id for one in placed])
    }
    rows, total = [], 0
    for one in placed:
        mine = [loans[loan] for loan in one.loans if loan in loans]
        past_due = sum(loan.past_due_amount for loan in mine)
        total += past_due
        rows.append(
            (
                one.pk,
                one.borrower_id,
                masked_name(one.borrower.name),
                " ".join(one.loans),
                one.currency,
                format_amount(past_due, one.currency),
                format_amount(sum(loan.payoff for loan in mine), one.currency),
                max((loan.days_past_due for loan in mine), default=0),
                business_date(one.placed_at),
                one.due_back_on or "",
                one.stratum,
                " / ".join(dict.fromkeys(creditor_of(mine).names)),
            )
        )
    return write_table(CASES, rows, form, (TOTAL, len(rows), total))


_NOT_YOURS = noop("there is no such contact of yours")


def import_agency_file(agency: str, content: bytes, staff: Staff, now: datetime) -> Read | Problem:
    """Take an agency's outcomes; rows that can't be taken are reported with their reason, in their order."""
    read = read_outcomes(content, list(RESULTS), WILLINGNESS, SITUATIONS)
    if isinstance(read, Problem):
        return read
    own = set(
        Contact.objects.filter(
            agency_id=agency, pk__in=[agency_row.contact_id for agency_row in read.taken]
        ).values_list("pk", flat=True)
    )
    taken, aside = [], list(read.aside)
    for row in read.taken:
        if row.contact_id not in own:
            aside.append(Aside(row.row, "contact_id", _NOT_YOURS))
            continue
        conversation = record_outcome(_outcome_of(row, agency), staff, now)
        if isinstance(conversation, list):
            aside.append(Aside(row.row, "amount", conversation[0]))
        elif isinstance(conversation, Problem):
            aside.append(Aside(row.row, "contact_id", conversation))
        else:
            taken.append(row)
    assert len(taken) + len(aside) == read.rows, "no row is lost"
    return Read(read.rows, taken, sorted(aside, key=lambda one: one.row))


def _outcome_of(row: OutcomeRow, agency: str) -> Outcome:
    """The outcome that a row tells; a promise is about the loans that are with the agency."""
    outcome = Outcome(
        row.contact_id, row.result, row.willingness, row.situation, row.note, seconds=row.seconds
    )
    if row.result != "promise":
        return outcome
    owner = Contact.objects.filter(pk=row.contact_id).values_list("borrower_id", flat=True).first() or ""
    placed = Placement.objects.filter(borrower_id=owner, agency_id=agency, ended_at=None).first()
    late = late_loans(owner, placed.loans if placed else ())
    amount = parse_amount(row.amount, late[0].currency) if late else 0
    return replace(
        outcome,
        amount=0 if isinstance(amount, Problem) else amount,
        due_on=row.due_on,
        loans=tuple(loan.loan_id for loan in late),
    )


def folder_of(agency: str) -> Path:
    """The agency's folder in the home."""
    return settings.HOME.folder / "agencies" / agency


def exchange(now: datetime) -> int:
    """Write today's cases for every agency at work, and take every file that lies in its `in/`; files taken.

    A file is taken only under an account of that agency: its outcomes need a person who answers for them. In a shadow
    run agencies get nothing and nothing is taken.
    """
    if settings.HOME.in_shadow:
        return 0
    done, published = 0, b"".join(seal_row(line, signature) for _, line, signature in all_seals())
    for agency in Agency.objects.exclude(state__in=("proposed", "declined")):
        folder = folder_of(agency.code)
        if not folder.is_dir():
            continue
        if agency.state == "admitted":
            target = folder / "out" / f"cases-{business_date(now)}.csv"
            if not target.exists():
                _write(target, cases_table(agency.code, "csv"))
            _write_changed(folder / "out" / "seals.jsonl", published)
        person = agency.people.filter(is_active=True).order_by("pk").first()
        if person is None:
            continue
        for path in _waiting(folder / "in"):
            result = import_agency_file(agency.code, path.read_bytes(), person, now)
            report = folder / "done" / f"{path.name}.report.json"
            _write(report, json.dumps(_as_report(result), ensure_ascii=False, indent=1).encode())
            path.replace(folder / "done" / path.name)
            done += 1
    return done


def _waiting(folder: Path) -> Iterable[Path]:
    """Whole files: what is still being written ends in .part by custom, and is left alone."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.suffix.lower() in (".csv", ".xlsx") and path.is_file()
    )


def _write_changed(path: Path, content: bytes) -> None:
    if content and (not path.is_file() or path.read_bytes() != content):
        _write(path, content)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.part")
    waiting.write_bytes(content)
    waiting.replace(path)


def _as_report(result: Read | Problem) -> dict:
    if isinstance(result, Problem):
        return {"refused": str(result), "code": result.code}
    return {
        "rows": result.rows,
        "taken": len(result.taken),
        "aside": [{"row": one.row, "column": one.column, "reason": str(one.reason)} for one in result.aside],
    }
