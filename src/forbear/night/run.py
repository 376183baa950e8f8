"""The whole night: every partition decided, audited, and published in one step.

    nights/2026-11-23/manifest.json, strategy.yaml, arrears/, cases/, treatments/

A night in the making lies in nights/.2026-11-23.unfinished; when it is cut off,
the next run goes on with the partitions that are missing. What was published
before stays readable until the new night takes its place.
"""

import json
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from forbear.core.base.problem import InputError
from forbear.engine.columnar import connected
from forbear.interchange.book.book import Book, flush_folder, flush_tree
from forbear.interchange.book.comparison import Acceptance
from forbear.interchange.book.feed_columns import LAST_DAY
from forbear.night.audits import Finding, run_audits
from forbear.night.inputs import NightInputs
from forbear.night.partition import RESULTS, decide_partition

LAST_NIGHT = date.fromisoformat(LAST_DAY)
Progress = Callable[[str, int, int], None]
Decide = Callable[[NightInputs, list[int], Path], Iterable[dict]]


class NightError(InputError):
    """The night can't be run as asked; the message says why and what to do."""


class AuditStopped(NightError):
    """A blocking audit found bad rows: the night is not published, the one before stays in force."""


class StaleNight(NightError):
    """The desk works on a later night already: figures never go back."""


@dataclass(frozen=True, slots=True)
class Night:
    """A decided night, read-only."""

    folder: Path
    manifest: dict


def plan_night(
    book: Book,
    nights: Path,
    as_of: date,
    strategy_text: str,
    strategy_origin: str,
    desk_facts: Path | None = None,
    all_facts: bool = False,
    stopped: tuple[str, ...] = (),
    scores_text: str = "",
    choice: str = "",
    refused: Path | None = None,
) -> NightInputs:
    """Gather a night's inputs; `NightError` for a date the book knows nothing of."""
    first = book.manifest["first_day"]
    if first and as_of < date.fromisoformat(first):
        raise NightError(
            f"{as_of} is before the book begins: its first loan is of {first}; ask for a later date"
        )
    if as_of > LAST_NIGHT:
        raise NightError(
            f"{as_of} is after {LAST_NIGHT}, the last date that a book can hold; ask for an earlier one"
        )
    previous = latest_night(nights, before=as_of)
    return NightInputs(
        book=str(book.folder),
        book_version=book.version,
        partitions=book.partitions,
        as_of=as_of,
        strategy_text=strategy_text,
        strategy_origin=strategy_origin,
        previous=str(previous.folder) if previous else "",
        previous_partitions=previous.manifest["partitions"] if previous else 0,
        previous_version=previous.manifest["version"] if previous else "",
        desk_facts=str(desk_facts) if desk_facts else "",
        desk_version=_sha256(desk_facts) if desk_facts else "",
        all_facts=all_facts,
        stopped=stopped,
        scores_text=scores_text,
        choice=choice,
        refused=str(refused) if refused else "",
        refused_version=_sha256(refused) if refused else "",
    )


def run_night(
    inputs: NightInputs,
    book: Book,
    nights: Path,
    *,
    threads: int = 2,
    progress: Progress = lambda step, done, all_: None,
    decide: Decide | None = None,
    accepted: Acceptance | None = None,
) -> Night:
    """Decide, audit and publish. `decide` runs the partitions; the default uses `threads` threads here.

    `accepted`: who answers for what an audit would stop the night for, where an audit lets a person do so.
    """
    nights.mkdir(parents=True, exist_ok=True)
    recover(nights)
    unfinished = nights / f".{inputs.as_of}.unfinished"
    done = _resume(unfinished, inputs)
    missing = [number for number in range(inputs.partitions) if number not in done]
    progress("deciding", len(done), inputs.partitions)
    runner = decide or (lambda i, numbers, target: decide_here(i, numbers, target, threads))
    for notes in runner(inputs, missing, unfinished):
        done[notes["part"]] = notes
        progress("deciding", len(done), inputs.partitions)
    if sorted(done) != list(range(inputs.partitions)):
        raise RuntimeError(f"partitions decided: {sorted(done)}, of {inputs.partitions}")
    progress("auditing", 0, 1)
    findings = _audit(inputs, book, unfinished, threads, accepted)
    manifest = _manifest(inputs, [done[number] for number in sorted(done)], findings)
    if accepted and any(finding.blocking and finding.rows for finding in findings):
        manifest["accepted"] = {"by": accepted.by, "reason": accepted.reason}
    (unfinished / "strategy.yaml").write_text(inputs.strategy_text, encoding="utf-8")
    if inputs.scores_text:
        (unfinished / "scores.json").write_text(inputs.scores_text, encoding="utf-8")
    _keep_choice(inputs, unfinished)
    (unfinished / "manifest.json").write_text(
        json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    for notes_file in unfinished.glob("notes-*.json"):
        notes_file.unlink()
    (unfinished / "inputs.txt").unlink()
    return Night(_publish(nights, inputs.as_of, unfinished), manifest)


def decide_here(inputs: NightInputs, numbers: list[int], target: Path, threads: int) -> Iterator[dict]:
    """Decide partitions in threads of this process, one engine connection each; a single one without a thread."""
    if min(threads, len(numbers)) == 1:
        with connected(1) as connection:
            for number in numbers:
                yield decide_partition(inputs, number, target, connection)
        return
    own = threading.local()
    opened = ExitStack()

    def decide_one(number: int) -> dict:
        if not hasattr(own, "connection"):
            own.connection = opened.enter_context(connected(1))
        return decide_partition(inputs, number, target, own.connection)

    with opened, ThreadPoolExecutor(threads) as pool:
        waiting = [pool.submit(decide_one, number) for number in numbers]
        try:
            for finished in as_completed(waiting):
                yield finished.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _keep_choice(inputs: NightInputs, unfinished: Path) -> None:
    """The choice's table, and who couldn't have which option, beside what they decided."""
    if inputs.choice:
        (unfinished / "choice.json").write_text(inputs.choice, encoding="utf-8")
    if inputs.refused:
        shutil.copyfile(inputs.refused, unfinished / "refused.parquet")


def _resume(unfinished: Path, inputs: NightInputs) -> dict[int, dict]:
    """The partitions already decided from the same inputs, their files checked byte for byte.

    Everything else in the folder is of a run that was cut off, and goes.
    """
    name = unfinished / "inputs.txt"
    if not name.is_file() or name.read_text(encoding="utf-8") != inputs.version:
        shutil.rmtree(unfinished, ignore_errors=True)
        for result in RESULTS:
            (unfinished / result).mkdir(parents=True)
        name.write_text(inputs.version, encoding="utf-8")
        return {}
    done = {}
    for path in sorted(unfinished.glob("notes-*.json")):
        notes = _whole_notes(path, unfinished)
        if notes:
            done[notes["part"]] = notes
        else:
            path.unlink()
    for stray in unfinished.glob("*.new"):
        stray.unlink()
    kept = {unfinished / file for notes in done.values() for file in notes["files"]}
    for result in RESULTS:
        (unfinished / result).mkdir(parents=True, exist_ok=True)
        for path in (unfinished / result).iterdir():
            if path not in kept:
                path.unlink()
    return done


def _whole_notes(path: Path, unfinished: Path) -> dict | None:
    """A partition's notes, or None when they or the files they vouch for are damaged."""
    try:
        notes = json.loads(path.read_text(encoding="utf-8"))
        whole = all(_sha256(unfinished / file) == checksum for file, checksum in notes["files"].items())
        return notes if whole and path.name == f"notes-{notes['part']:05d}.json" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _audit(
    inputs: NightInputs, book: Book, unfinished: Path, threads: int, accepted: Acceptance | None
) -> list[Finding]:
    with connected(threads) as connection:
        findings = run_audits(connection, inputs, book, unfinished)
    blocking = [
        finding
        for finding in findings
        if finding.blocking and finding.rows and not (finding.acceptable and accepted)
    ]
    if blocking:
        worst = blocking[0]
        way = (
            "; if it is right, run the night with --accept REASON --by NAME, else import a whole feed first"
            if all(finding.acceptable for finding in blocking)
            else ""
        )
        raise AuditStopped(
            f"the audit {worst.name} found {worst.rows:,} bad rows ({worst.meaning}; for example "
            f"{worst.example}); the night of {inputs.as_of} is not published and nobody is contacted on it. "
            f"What was computed lies in {unfinished}{way}"
        )
    return findings


def _manifest(inputs: NightInputs, parts: list[dict], findings: list[Finding]) -> dict:
    """What was decided, from what, with proofs; no time of day, so that a second run gives the same bytes."""
    files = {file: checksum for notes in parts for file, checksum in notes["files"].items()}
    summed = {name: _sum_rows([row for notes in parts for row in notes[name]]) for name in _COUNTED}
    return {
        "as_of": str(inputs.as_of),
        "version": inputs.version,
        "book_version": inputs.book_version,
        "strategy": inputs.strategy.name,
        "strategy_version": inputs.strategy.version,
        "previous_version": inputs.previous_version,
        "partitions": inputs.partitions,
        **({"stopped": list(inputs.stopped)} if inputs.stopped else {}),
        **({"scores": inputs.scores.version} if inputs.scores else {}),
        **_choice_in_manifest(inputs),
        "audits": [
            {"name": f.name, "blocking": f.blocking, "rows": f.rows, "example": f.example} for f in findings
        ],
        "files": dict(sorted(files.items())),
        **summed,
    }


def _choice_in_manifest(inputs: NightInputs) -> dict:
    """Which table the choice was drawn by."""
    if inputs.strategy.choose is None:
        return {}
    table = sha256(inputs.choice.encode()).hexdigest() if inputs.choice else ""
    return {"choice": {"table": table, "refused": inputs.refused_version}}


_COUNTED = ("loans", "buckets", "stages", "changes", "treatments")


def _sum_rows(rows: list[list]) -> list[list]:
    """Rows with equal leading texts become one; the numbers behind are added."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for row in rows:
        key = tuple(value for value in row if isinstance(value, str))
        numbers = [value for value in row if not isinstance(value, str)]
        before = sums.setdefault(key, [0] * len(numbers))
        sums[key] = [a + b for a, b in zip(before, numbers, strict=True)]
    return [[*key, *numbers] for key, numbers in sorted(sums.items())]


def _publish(nights: Path, as_of: date, unfinished: Path) -> Path:
    """Put the finished night in its place; the one it replaces goes only after."""
    flush_tree(unfinished)
    target, replaced = nights / str(as_of), nights / f".{as_of}.replaced"
    shutil.rmtree(replaced, ignore_errors=True)
    if target.exists():
        target.rename(replaced)
    unfinished.rename(target)
    flush_folder(nights)
    shutil.rmtree(replaced, ignore_errors=True)
    return target


def recover(nights: Path) -> None:
    """Undo a publish that was cut off between its two renames."""
    for replaced in nights.glob(".*.replaced"):
        target = nights / replaced.name.removeprefix(".").removesuffix(".replaced")
        if not target.exists():
            replaced.rename(target)


def open_night(nights: Path, as_of: date) -> Night | None:
    """The published night of that date, or None."""
    # between the two renames of a publish the night of before still lies beside its place
    for folder in (nights / str(as_of), nights / f".{as_of}.replaced"):
        path = folder / "manifest.json"
        if path.is_file():
            return Night(folder, json.loads(path.read_text(encoding="utf-8")))
    return None


def latest_night(nights: Path, before: date | None = None) -> Night | None:
    """The newest published night, strictly before `before` when given."""
    manifests = (*nights.glob("[0-9]*/manifest.json"), *nights.glob(".[0-9]*.replaced/manifest.json"))
    dates = sorted({path.parent.name.strip(".").removesuffix(".replaced") for path in manifests})
    if before:
        dates = [name for name in dates if name < str(before)]
    return open_night(nights, date.fromisoformat(dates[-1])) if dates else None
