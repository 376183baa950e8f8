"""Feed to book, all or nothing.

Every row of the feed ends in the book or in the quarantine, and the control
totals prove it before the book is published. Until the last step the book in
use is untouched.
"""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from pathlib import Path

from forbear.core.base.calendar import falls_due_on
from forbear.core.loans.products import parse_products
from forbear.engine.columnar import (
    Connection,
    EngineError,
    connected,
    identifier,
    insert_rows,
    one_row,
    parquet,
    quote,
)
from forbear.interchange.book.book import (
    BOOK_TABLES,
    LAYOUT,
    Book,
    current_version,
    open_book,
    stand_again,
)
from forbear.interchange.book.build import BAD_LOANS, MEMORY, SAID_AGAIN, SHIFTS, Work, build_partition
from forbear.interchange.book.comparison import Guard
from forbear.interchange.book.control_file import read_control
from forbear.interchange.book.creditors import named_creditors, unknown_creditors
from forbear.interchange.book.feed_check import (
    BAD,
    checks_of,
    mask_sql,
    minor_or_none_sql,
    minor_sql,
    prepare,
    split_rows,
    typed,
    unused_phones,
    whole_address_sql,
)
from forbear.interchange.book.feed_columns import FIRST_DAY, LAST_DAY, TABLES, Check
from forbear.interchange.book.feed_files import (
    SOURCE_ROW,
    FeedError,
    FeedFile,
    digest,
    find_files,
    first_damaged,
    open_file,
    open_mapped,
)
from forbear.interchange.book.import_run import ImportReport, ImportRun, Progress
from forbear.interchange.book.origin import MappedFeed
from forbear.interchange.book.parties import build_parties
from forbear.interchange.book.settle import finish, settle
from forbear.interchange.home.lender import read_text

# A night costs some 60 ms for each partition, whatever it holds: partitions are large enough for that to be little,
# small enough for a core's share of a laptop's memory.
LOANS_A_PARTITION = 625_000
# Up to that many loans a second core would win less than a second partition costs.
LOANS_FOR_ONE = 100_000


def import_feed(
    root: Path,
    folder: Path,
    *,
    quarantine: Path,
    delta: bool = False,
    partitions: int = 0,
    threads: int = 2,
    largest_quarantine: float = 0.05,
    encoding: str = "utf-8",
    country: str = "",
    creditors: tuple[str, ...] | None = None,
    guard: Guard | None = None,
    mapped: MappedFeed | None = None,
    progress: Progress = lambda step, done, all_: None,
) -> ImportReport:
    """Import `folder` into the book under `root`.

    `delta`: the feed holds only rows that are new or changed. `partitions`: 0
    chooses by size. `largest_quarantine`: the share of a file's rows that may
    be quarantined before the import is refused. `encoding`: of the CSV files,
    one of `transcode.ENCODINGS`. `country`: two letters, where telephone numbers without a
    country code are of. `creditors`: the codes that lender.yaml declares; None where
    there is none to ask, and any counts. `guard`: what the feed is held against beside the book before it; without
    one it counts however much it changes. `mapped`: what a mapping made, whose folder `folder` is. Raises `FeedError`;
    the book is then as it was, though the quarantine can be read.
    """
    if mapped is None:
        find_files(folder)
    control = read_control(folder, required=guard is not None and guard.limits.require_control)
    base = open_book(root) if delta else None
    version = _version(folder, base, encoding, country, creditors, mapped)
    if (
        guard and guard.accepted
    ):  # the same feed with somebody's word is another book: no loan of it is in doubt
        version = sha256(f"{version}\0accepted".encode()).hexdigest()[:12]
    for left_over in root.glob(".work-*"):  # of an import that was cut off
        shutil.rmtree(left_over, ignore_errors=True)
    if version == current_version(root):
        known = open_book(root)
        return ImportReport(version, False, known.manifest["totals"], (), None, 0)
    root.mkdir(parents=True, exist_ok=True)
    work = root / f".work-{version}"
    shutil.rmtree(work, ignore_errors=True)
    (work / "checked").mkdir(parents=True)
    (work / "notes").mkdir()
    try:
        with connected(threads, MEMORY, work / "spill") as connection:
            run = _open(connection, folder, work, base, partitions, encoding, country, progress, mapped)
            run.creditors = named_creditors(run) if creditors is None else creditors
            _split(run, progress)
            parts = _build(run, work / "book", threads, progress)
            run.guard, run.control, run.mapped = guard, control, mapped
            run.before = base or (_before(root, run.warnings) if guard else None)
            report, facts = settle(run, version, quarantine / version, largest_quarantine, parts)
            finish(run, root, report, facts, parts)
    except EngineError as error:
        if mapped:
            raise
        with connected(threads) as connection:
            damaged = first_damaged(connection, folder)
        if damaged:
            raise FeedError(damaged) from error
        raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return report


def _before(root: Path, warnings: list[str]) -> Book | None:
    """The book until now; None, with a warning, when it can't be read, so that there is nothing to compare with."""
    if not current_version(root):
        return None
    try:
        return open_book(root)
    except FeedError as unreadable:
        warnings.append(f"the feed could not be compared with the book before: {unreadable}")
        return None


def _version(
    folder: Path,
    base: Book | None,
    encoding: str,
    country: str,
    creditors: tuple[str, ...] | None,
    mapped: MappedFeed | None = None,
) -> str:
    before = base.version if base else ""
    feed = mapped.digest if mapped else digest(folder)
    declared = f"\0{creditors}" if creditors else ""
    return sha256(f"{LAYOUT}\0{before}\0{feed}\0{encoding}\0{country}{declared}".encode()).hexdigest()[:12]


def _open(
    connection: Connection,
    folder: Path,
    work: Path,
    base: Book | None,
    partitions: int,
    encoding: str,
    country: str,
    progress: Progress,
    mapped: MappedFeed | None = None,
) -> ImportRun:
    feed_files = find_files(folder) if mapped is None else {}
    origin = folder / "products.yaml"
    if origin.is_file():
        products = parse_products(read_text(origin), str(origin))
    else:
        products = base.products() if base else parse_products("products: {}", "the built-in product terms")
    files = {}
    for position, table in enumerate(table for table in TABLES if table.name in feed_files):
        progress("reading", position, len(feed_files))
        files[table.name] = open_file(connection, table, feed_files[table.name], work, encoding)
    for table in TABLES:
        if mapped and table.name in mapped.origins:
            files[table.name] = open_mapped(connection, table, folder, mapped.origins[table.name])
    if base:
        partitions = base.partitions
    elif not partitions:
        loans = files["loans"].rows
        partitions = 1 if loans <= LOANS_FOR_ONE else max(2, -(-loans // LOANS_A_PARTITION))
    warnings = [*mapped.warnings] if mapped else _unused_columns(files)
    if "borrowers" not in files and not base:
        warnings.append("the feed has no borrowers file: nobody in it can be reached")
    return ImportRun(connection, files, products, work, partitions, base, {}, warnings, [], country, (), [])


def _unused_columns(files: dict[str, FeedFile]) -> list[str]:
    return [
        f"{file.source.name}: the column {name} is not used"
        for file in files.values()
        for name in file.types
        if name != SOURCE_ROW and name not in {column.name for column in file.columns}
    ]


def _split(run: ImportRun, progress: Progress) -> None:
    """Check every row of every file and lay it into its partition's working folder."""
    people = any(name in run.files and run.files[name].has_rows for name in ("borrowers", "parties"))
    prepare(run.connection, run.loans_sent, people, run.country, run.creditors)
    progress("checking loans", 0, len(run.files))
    if run.loans_sent:
        _split_loans(run)
    else:
        _keep_loans(run)
    _write_terms(run)
    for position, name in enumerate(name for name in run.files if name != "loans"):
        progress(f"checking {name}", position + 1, len(run.files))
        file = run.files[name]
        if name == "borrowers":
            columns = ", ".join(identifier(column.name) for column in file.columns)
            missing = [c.name for c in file.table.columns if c not in file.columns]
            columns += "".join(f", {missed}" for missed in missing)
            star = (
                f"* replace ({whole_address_sql()})"
                if any("address_" in c.name for c in file.columns)
                else "*"
            )
            home = f"(md5_number_lower(borrower_id) % {run.partitions})::integer as p"
            joined = f"(select {star}, {home} from {typed(file)})"
        else:
            columns = _kept_columns(file)
            joined = (
                "(select f.*, k.p, k.loan_key, k.minor_unit, k.disbursed_on, k.currency as loan_currency "
                f"from {typed(file)} f "
                "left join known_loans k using (loan_id))"
            )
        run.checks[name] = split_rows(run.connection, file, columns, joined, run.work / "checked" / name)
        if name == "accounts":
            _refuse_moved(run)
        if name == "borrowers":
            run.warnings += unused_phones(run.connection, run.work / "checked" / name)


def _refuse_moved(run: ImportRun) -> None:
    """`FeedError` for an account whose product moves due dates: what a snapshot says is due has its own day."""
    moving = [code for code, calendar in zip(run.codes, run.calendars, strict=True) if calendar]
    folder = run.work / "checked" / "accounts"
    if not moving or not any(folder.glob("p=[0-9]*/*.parquet")):
        return
    first = run.connection.execute(
        f"""select k.product, k.loan_id from {parquet(folder, "p=[0-9]*/*.parquet")} a
        join known_loans k on k.loan_key = a.loan_key and k.p = a.home
        where k.product in (select unnest($moving)) order by all limit 1""",
        {"moving": moving},
    ).fetchone()
    if first:
        raise FeedError(
            f"products.yaml: {first[0]} moves due dates, which only schedules have, and its loan {first[1]} stands in "
            "accounts; leave out due_date_rule, or give these loans a product of their own"
        )


def _kept_columns(file: FeedFile) -> str:
    kept = []
    for column in file.table.columns:
        if column.name in ("loan_id", "currency"):  # an account's currency is that of its loan
            continue
        minor = minor_or_none_sql if column.optional else minor_sql
        kept.append(minor(column.name) if column.kind == "amount" else column.name)
    return ", ".join(kept)


_LOAN = (
    "borrower_id, product, currency, minor_unit, principal, disbursed_on, status, "
    "balance, payoff, payoff_on, payoff_until, creditor"
)
#: A loan's checked columns as the book has them; a payoff without an end holds for its own day.
_LOAN_SENT = (
    f"borrower_id, product, currency, minor_unit, {minor_sql('principal')}, disbursed_on, status, "
    f"{minor_or_none_sql('balance')}, {minor_or_none_sql('payoff')}, payoff_on, "
    "coalesce(payoff_until, payoff_on) as payoff_until, creditor"
)


def _home(run: ImportRun) -> str:
    """SQL for the partition of a borrower."""
    return f"(md5_number_lower(borrower_id) % {run.partitions})::integer" if run.partitions > 1 else "0"


def _keep_loans(run: ImportRun) -> None:
    """The loans are those of the book, with the keys that they have there."""
    assert run.base is not None, "a whole feed brings its own loans"
    run.checks["loans"] = checks_of(run.files["loans"])
    run.connection.execute(
        f"""create or replace temp view known_loans as
        select {_home(run)} as p, -1 as row_at, loan_id, {_LOAN}, loan_key from {run.base.rows("loans")}"""
    )


def _split_loans(run: ImportRun) -> None:
    """The loans are needed whole: the other files hang on them by loan_id."""
    file, connection = run.files["loans"], run.connection
    checks = checks_of(file)
    before, known = "", ""
    if run.base:
        moved = "borrower_before <> borrower_id"
        reason = "a loan can't change its borrower in a delta; send a whole feed"
        checks.append(Check("borrower_id", moved, reason))
        before = f"""left join (select loan_id, borrower_id as borrower_before
            from {run.base.rows("loans")}) b using (loan_id)"""
        known = ", borrower_before"
    again = Check("loan_id", "nth > 1", "this loan_id stands more than once; the first good row was kept")
    run.checks["loans"] = [*checks, again, Check("loan_id", "false", SAID_AGAIN)]
    home = _home(run)
    _check_loans(connection, file, checks, home, known, before)
    _find_said_again(connection, file, len(checks))
    kept = [
        f"""select p, row_at, loan_id, {_LOAN_SENT}
        from loans_checked where mask = 0"""
    ]
    if run.base:
        kept.append(
            f"""select {home} as p, -1 as row_at, loan_id, {_LOAN} from {run.base.rows("loans")}
            where loan_id not in (select loan_id from loans_checked where mask = 0)"""
        )
    connection.execute(
        f"""create or replace temp table known_loans as
        select *, (row_number() over (partition by p order by borrower_id, loan_id) - 1)::integer as loan_key
        from ({" union all ".join(kept)})"""
    )
    run.warnings += unknown_creditors(connection, run.creditors)
    said_again = 2 << len(checks)
    # a bad row casts doubt on the borrower it names, and on the loan of that name wherever the book has it
    connection.execute(
        f"""copy (
            select p as home, loan_id, borrower_id from loans_checked where mask not in (0, {said_again})
            union
            select k.p, k.loan_id, k.borrower_id
            from loans_checked c join known_loans k using (loan_id) where c.mask not in (0, {said_again})
        ) to {quote(run.work / "checked" / BAD_LOANS)} (format parquet)"""
    )


def _check_loans(
    connection: Connection, file: FeedFile, checks: list[Check], home: str, known: str, before: str
) -> None:
    connection.execute(
        f"""create or replace temp table loans_checked as
        select * replace (mask + case when mask = 0 and nth > 1 then {1 << len(checks)} else 0 end as mask), {home} as p
        from (
            select *, row_number() over (partition by loan_id, mask = 0 order by row_at) as nth
            from (select *, {mask_sql(checks, file)} as mask
                from (select f.*, c.minor_unit{known}
                    from {typed(file)} f left join currencies c on c.code = f.currency {before})))"""
    )


def _find_said_again(connection: Connection, file: FeedFile, again: int) -> None:
    """Mark the loans that only say again what the first good row of their id says; `again` is the bit of the others."""
    if not one_row(connection.execute(f"select exists (from loans_checked where mask = {1 << again})"))[0]:
        return
    names = [identifier(column.name) for column in file.table.columns]
    rows = (", ".join(f"{table}.{name}" for name in names) for table in ("t", "k"))
    same = " is not distinct from ".join(f"row({columns})" for columns in rows)
    connection.execute(
        f"""update loans_checked set mask = {2 << again} from (
            select t.row_at from loans_checked t join loans_checked k on k.loan_id = t.loan_id and k.mask = 0
            where t.mask = {1 << again} and {same}
        ) said where said.row_at = loans_checked.row_at"""
    )


def _write_terms(run: ImportRun) -> None:
    """The days on which due dates move as a small table, and the known loans by partition where they may be others."""
    connection, checked = run.connection, run.work / "checked"
    if run.base is None or run.loans_sent:
        rows = connection.execute("select distinct product from known_loans order by 1").fetchall()
        run.codes = [code for (code,) in rows]
    else:
        run.codes = list(run.base.manifest["products"])
    unknown = [code for code in run.codes if not run.products.known(code)]
    if unknown:
        named = ", ".join(unknown[:5]) + (" and others" if len(unknown) > 5 else "")
        run.warnings.append(f"products.yaml does not name {named}: the default terms are used")
    used = map(run.products.get, run.codes)
    rules = {(p.calendar, p.due_date_rule) for p in used if p.due_date_rule != "none"}
    shifted = [row for calendar, rule in sorted(rules) for row in _shifts(run, calendar, rule)]
    if shifted:
        connection.execute(
            "create or replace temp table shifts (calendar varchar, due_on date, falls_due_on date)"
        )
        insert_rows(connection, "shifts", ("varchar", "date", "date"), shifted)
        connection.execute(f"copy shifts to {quote(checked / SHIFTS)} (format parquet)")
    if not run.loans_sent:
        return
    connection.execute("create or replace temp table products (product_no integer, product varchar)")
    if run.codes:
        insert_rows(connection, "products", ("integer", "varchar"), enumerate(run.codes))
    connection.execute(
        f"""copy (select p, p as home, 0::bigint as mask, row_at, loan_key, loan_id, borrower_id, product, product_no,
            currency, minor_unit, principal, disbursed_on, status, balance, payoff, payoff_on, payoff_until,
            creditor from known_loans join products using (product))
        to {quote(checked / "loans")} (format parquet, compression lz4, partition_by (p), overwrite)"""
    )


def _shifts(run: ImportRun, calendar: str, rule: str) -> list[tuple[str, date, date]]:
    """The days in the feed's range on which a due date moves under `rule`."""
    file = run.files.get("instalments")
    sources = [f"select due_on from {typed(file)}"] if file and (file.has_rows or not run.base) else []
    if run.base:
        sources.append(f"select due_on from {run.base.rows('instalments')}")
    if not sources:
        return []
    days = run.connection.execute(
        f"select distinct due_on from ({' union all '.join(sources)}) "
        f"where due_on between date '{FIRST_DAY}' and date '{LAST_DAY}' order by 1"
    ).fetchall()
    return [(calendar, day, moved) for (day,) in days if (moved := falls_due_on(day, rule, calendar)) != day]


def _touched(run: ImportRun) -> list[int]:
    """The partitions a build has to write: for a whole feed all, for a delta those it has a row for."""
    terms = run.files["loans"].source.parent / "products.yaml"
    if not run.base or (
        terms.is_file() and terms.read_bytes() != (run.base.folder / "products.yaml").read_bytes()
    ):
        return list(range(run.partitions))
    homes = []
    if run.loans_sent:
        homes.append("select p from known_loans where row_at >= 0")
        homes.append(f"select home from {parquet(run.work / 'checked', BAD_LOANS)}")
    touched = set()
    for name in run.files:
        folder = run.work / "checked" / name
        if name in ("loans", "parties"):
            continue
        touched |= {int(part.name.removeprefix("p=")) for part in folder.glob("p=*")}
        if (folder / f"p={BAD}").is_dir():
            homes.append(f"select home from {parquet(folder / f'p={BAD}', '*.parquet')}")
    if homes:
        homes_read = run.connection.execute(
            f"select distinct * from ({' union all '.join(homes)})"
        ).fetchall()
        touched |= {home for (home,) in homes_read if home is not None}
    # an empty delta is a delta too: one partition is written again, so that every file has been through the build
    return sorted(touched - {BAD}) or [0]


def _build(run: ImportRun, target: Path, threads: int, progress: Progress) -> list[int]:
    parts = _touched(run)
    for number in set(range(run.partitions)) - set(parts):
        assert run.base is not None, "a whole feed touches every partition"
        folder = target / f"part-{number:05d}"
        folder.mkdir(parents=True)
        for table in BOOK_TABLES:
            stand_again(run.base.part(number) / f"{table}.parquet", folder / f"{table}.parquet")
    works = [
        Work(
            run.work / "checked",
            target / f"part-{number:05d}",
            run.work / "notes",
            number,
            run.calendars,
            run.due_date_counts,
            run.base.part(number) if run.base else None,
        )
        for number in parts
    ]
    with ThreadPoolExecutor(threads) as pool:
        built = (pool.map if len(works) > 1 else map)(build_partition, works)
        for done, accepted in enumerate(built):
            run.accepted += accepted
            progress("building", done + 1, len(works))
    run.accepted += build_parties(run.connection, run.work, run.base)
    return parts
