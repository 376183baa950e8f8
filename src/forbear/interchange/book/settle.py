"""The end of an import: the quarantine, the proofs, the comparison with the book before, and the new version."""

import json
import shutil
from pathlib import Path

from forbear.interchange.book import control
from forbear.interchange.book.book import LAYOUT, Book, flush_tree, publish
from forbear.interchange.book.comparison import (
    CHANGED,
    Comparison,
    compare,
    doubtful_sql,
    stopped,
    write_report,
)
from forbear.interchange.book.control_file import require_agreement, require_newer
from forbear.interchange.book.doubts import find_old_accounts, find_orphans, lay_doubts
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.import_run import ImportReport, ImportRun

#: A delta has few rows, so that a handful of bad ones is soon a large share: up to this number never refuse it.
LEAST_BAD = 5


def settle(
    run: ImportRun, version: str, quarantine: Path, largest: float, parts: list[int]
) -> tuple[ImportReport, dict]:
    """Write the quarantine and prove the control totals; refuse a feed with too many bad rows or changes.

    The report, and what the manifest tells of the book. `parts` are the partitions that were written.
    """
    rows = control.write_quarantine(run.connection, run.files, run.checks, run.work, quarantine)
    if run.mapped and run.mapped.left_out:
        quarantine.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(run.mapped.left_out, quarantine / run.mapped.left_out.name)
    totals = control.totals(run.connection, run.files, run.accepted, rows)
    if run.control:
        require_agreement(run.control, totals)
    for name, bad in rows.items():
        refuse_bad(run, name, bad, largest, quarantine)
    control.require_balance(totals)
    run.warnings += control.said_again(run.connection, rows, run.files)
    run.connection.execute(
        "create or replace temp table more_doubts (part integer, file varchar, loan_id varchar, name varchar)"
    )
    homeless = find_orphans(run, rows)
    if homeless:
        run.warnings.append(
            f"{homeless:,} payments name a loan that is not in the feed and fit no other: see the quarantine"
        )
    business_date = str(run.control.business_date or "") if run.control else ""
    if old := find_old_accounts(run, business_date):
        run.warnings.append(
            f"{old:,} accounts have no snapshot of the feed's day: they are decided but nobody is contacted; "
            "send a row of every account each day"
        )
    lay_doubts(run.connection, run.work / "book", run.partitions, compared=False)
    comparison = _compared(run, quarantine.with_name(f"{version}-changes.csv"), parts)
    facts, odd = control.book_facts(run.connection, run.work / "book")
    run.warnings += odd
    bad_rows = sum(rows.values())
    kept = quarantine if bad_rows else None
    business_date = business_date or facts["newest_account"]
    report = ImportReport(
        version, True, totals, tuple(run.warnings), kept, bad_rows, comparison, business_date
    )
    return report, facts


def refuse_bad(run: ImportRun, name: str, bad: int, largest: float, quarantine: Path) -> None:
    """`FeedError` where a file has more bad rows than may be."""
    file = run.files[name]
    if bad > (LEAST_BAD if run.base else 0) and bad / max(1, file.rows) > largest:
        raise FeedError(
            f"{file.label}: {bad:,} of {file.rows:,} rows are bad, more than the "
            f"{largest:.0%} that may be quarantined: {control.top_reasons(run.connection, file, bad)}; "
            "nothing was imported. Read why in "
            f"{quarantine / (name + '.csv')}, mend the file and import it again"
        )


def _refuse_cut(run: ImportRun, before: Book) -> None:
    """`FeedError` for a file whose last line has no end where the feed before ended it: it was cut in a value."""
    unended = before.manifest.get("unended")
    for name, file in run.files.items():
        if not file.ended and unended is not None and name not in unended and file.has_rows:
            raise FeedError(
                f"{file.source}: its last line has no line end, as it had before, so the file was cut; send it again, "
                "or import it with --accept REASON --by NAME"
            )


def _compared(run: ImportRun, report: Path, parts: list[int]) -> Comparison | None:
    """Hold the built book against the one before; `ChangeStopped` beyond a limit nobody answers for."""
    guard, before = run.guard, run.before
    if guard is None or before is None:
        return None
    if not guard.accepted:
        _refuse_cut(run, before)
    if run.control and not guard.accepted:
        newest = min(before.manifest["newest_payment"], str(guard.today))
        require_newer(run.control, before.manifest.get("business_date") or newest)
    read = (parts, parts) if run.base else (list(range(before.partitions)), list(range(run.partitions)))
    comparison = compare(run.connection, before, run.work / "book", read, guard)
    if guard.accepted:
        write_report(comparison, report, guard.accepted)
        lay_doubts(run.connection, run.work / "book", run.partitions, compared=True)
        return comparison
    if comparison.stopping:
        write_report(comparison, report, None)
        raise stopped(comparison, report)
    run.connection.execute(
        f"insert into more_doubts select part, '{CHANGED}', loan_id, name from ({doubtful_sql(before)})"
    )
    lay_doubts(run.connection, run.work / "book", run.partitions, compared=True)
    return comparison


def finish(run: ImportRun, root: Path, report: ImportReport, facts: dict, parts: list[int]) -> None:
    book, version = run.work / "book", report.version
    origin = run.files["loans"].source.parent / "products.yaml"
    if origin.is_file():
        shutil.copyfile(origin, book / "products.yaml")
    elif run.base:
        shutil.copyfile(run.base.folder / "products.yaml", book / "products.yaml")
    else:
        (book / "products.yaml").write_text("products: {}\n", encoding="utf-8")
    manifest = {
        "layout": LAYOUT,
        "version": version,
        "laid_over": run.base.version if run.base else "",
        "partitions": run.partitions,
        "partitions_written": len(parts),
        "products": run.codes,
        "totals": report.totals,
        "warnings": list(report.warnings),
        "unended": sorted(name for name, file in run.files.items() if not file.ended),
        "business_date": report.business_date
        or (run.base.manifest.get("business_date", "") if run.base else ""),
        **({"sources": run.mapped.account} if run.mapped else {}),
        **facts,
    }
    (book / "manifest.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    flush_tree(book)
    target = root / version
    shutil.rmtree(target, ignore_errors=True)
    book.rename(target)
    publish(root, version)
    keep = {version, manifest["laid_over"]}
    for old in root.iterdir():
        if old.is_dir() and old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)
