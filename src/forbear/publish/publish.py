"""Bring a decided night to the desk: cases opened, moved and closed, treatments planned, in one transaction.

Personal data comes in only for borrowers with a case, and again when the lender tells something new of them. The
figures of every case are replaced, never patched.
What a former night wanted and nobody has done yet is superseded, and its contacts that wait are cancelled.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

from forbear.actions.cases.moved_loans import LoanMove, carry_over
from forbear.core.facts.vocabulary import facts_known
from forbear.core.strategy.parse import parse_strategy
from forbear.core.strategy.queue import expected_cash_sql
from forbear.engine.columnar import (
    Connection,
    connected,
    in_braces,
    named_queries,
    parquet,
    rows_of,
    statements,
)
from forbear.interchange.book.book import Book
from forbear.interchange.book.parties import parties_sql
from forbear.interchange.home.texts import templates
from forbear.night.arms import counting_sql, on_record
from forbear.night.inputs import has_quotes, part_files
from forbear.night.partition import RESULTS
from forbear.night.payoff import OF_LOAN, make_payoff, paid_since_sql, payoff_joins, to_come_sql
from forbear.night.run import Night, StaleNight
from forbear.night.sql_text import sql_day
from forbear.publish.granted import stage_granted
from forbear.publish.ledgers import stage_ledgers
from forbear.publish.people import changed_people, stage_people
from forbear.publish.queue_treatments import queue_contacts
from forbear.store import evidence
from forbear.store.bulk import fill
from forbear.store.business_date import business_date
from forbear.store.models import PublishedNight

Progress = Callable[[str, int, int], None]
_AT_NIGHT = frozenset(fact.name for fact in facts_known({"night"}))


@dataclass(frozen=True, slots=True)
class Published:
    """How many cases were opened, moved to another stage and closed, and how many contacts now wait."""

    opened: int
    moved: int
    closed: int
    open_cases: int
    treatments: int
    contacts: int


def publish(
    night: Night, book: Book, now: datetime, *, progress: Progress = lambda step, done, of: None
) -> Published | None:
    """Publish the night; None when the desk already works on this very one.

    StaleNight when the desk works on a later night.
    """
    as_of, version = date.fromisoformat(night.manifest["as_of"]), night.manifest["version"]
    with transaction.atomic():
        latest = PublishedNight.objects.order_by("-as_of").first()
        if latest is not None and latest.as_of > as_of:
            raise StaleNight(
                f"the desk already works on the night of {latest.as_of}; the night of {as_of} is decided and kept, "
                "but not published"
            )
        if latest is not None and (latest.as_of, latest.version) == (as_of, version):
            return None
        progress("reading the night", 0, 0)
        with connected(settings.HOME.threads) as engine:
            _stage(engine, night, book, now, progress)
        progress("counting what was granted", 0, 0)
        stage_granted(as_of, now)
        progress("finding what changes", 0, 0)
        changes, changed, moves = _changes(), changed_people(now), _moves()
        progress("writing cases", 0, 0)
        _write(night, now)
        progress("writing the log", 0, 0)
        _log_event(changes, changed, night, now)
        carry_over(moves, now)
        still_open = _one("select count(*) from store_case where closed_on is null")
        # a desk just filled: what follows, and the next night, come before the database has counted by itself
        filled = connection.vendor == "postgresql" and len(changes["case_opened"]) * 10 > still_open
        progress("queueing contacts", 0, 0)
        if filled:
            _analyze(_ASKED)
        contacts = queue_contacts(as_of, now, _purposes())
        if filled:
            _analyze(_FILLED)
        published = Published(
            len(changes["case_opened"]),
            len(changes["stage"]),
            len(changes["case_closed"]),
            still_open,
            _one("select count(*) from new_treatment"),
            contacts,
        )
        _clear()
        PublishedNight.objects.update_or_create(
            as_of=as_of,
            defaults={
                "version": version,
                "published_at": now,
                "counts": {name: getattr(published, name) for name in Published.__slots__},
            },
        )
        return published


def _purposes() -> dict[tuple[str, str], str]:
    """What each approved text is for, by its name and channel."""
    entries = templates(settings.HOME).entries
    return {(entry.name, channel): entry.purpose for entry in entries for channel in entry.channels}


def _stage(engine: Connection, night: Night, book: Book, now: datetime, progress: Progress) -> None:
    """Copy what the desk needs from Parquet into staging tables of this transaction."""
    files, queries = _read(night, book)
    kind = "jsonb" if connection.vendor == "postgresql" else "text"
    _clear()
    _run(statements("forbear.publish", "stage.sql").replace("{json}", kind))
    described = engine.execute(f"describe {queries['cases']}").fetchall()
    counting = _counting(engine, night)
    facts = [name for name, *_ in described if name in _AT_NIGHT]
    packed = "to_json({" + ", ".join(f"'{name}': {name}" for name in facts) + "})"
    make_payoff(engine, date.fromisoformat(night.manifest["as_of"]))
    engine.execute(f"create or replace temp table settling as {queries['settling']}")
    for table, names, query in (
        ("new_case", "borrower_id, worst_loan, stage, handler, held, facts, value, arms",
         f"select borrower_id, loan_id, stage, handler, held, {packed}::varchar, "
            f"{expected_cash_sql('days_past_due', 'total_past_due')}, {counting} "
            f"from ({queries['cases']}) n {_record(counting, files)} order by borrower_id"),
        ("new_loan", _LOAN, f"select {_LOAN} from ({queries['loans']}) order by loan_id"),
        ("new_treatment", "borrower_id, loan_id, stage, channel, template, position",
         "select borrower_id, loan_id, stage, channel, template, position from "
         f"{files['treatments']} order by borrower_id, position"),
    ):  # fmt: skip
        progress(f"reading {table.removeprefix('new_')}s", 0, 0)
        fill(table, names.split(", "), rows_of(engine.execute(query)))
    stage_people(engine, files, queries["people"])
    progress("reading ledgers", 0, 0)
    stage_ledgers(engine, files, book)
    _run(_INDEXED)
    _run(statements("forbear.publish", "changed_people.sql"))
    if connection.vendor == "postgresql":  # it knows nothing of temporary tables until analyzed
        _analyze([f"{name} (borrower_id)" for name in _STAGED])


def _counting(engine: Connection, night: Night) -> str:
    """SQL of the arms that count in a case `n` with its row `e` of the record; nothing where the strategy has none."""
    strategy = parse_strategy((night.folder / "strategy.yaml").read_text(encoding="utf-8"), "strategy.yaml")
    as_of, stopped = date.fromisoformat(night.manifest["as_of"]), night.manifest.get("stopped", ())
    return counting_sql(strategy, as_of, stopped, on_record(engine, night.folder / "arms"))


def _record(counting: str, files: dict[str, str]) -> str:
    """SQL: the record of arms beside the cases, where some count."""
    return f"left join {files['arms']} e using (borrower_id)" if counting != "''" else ""


def _read(night: Night, book: Book) -> tuple[dict[str, str], dict[str, str]]:
    """SQL for the rows of the night's and the book's files, and the queries of read.sql upon them, by name.

    They read the table `settling` beside these.
    """
    files = {name: parquet(night.folder / name, "part-*.parquet") for name in RESULTS}
    for name in ("loans", "borrowers"):
        files[name] = f"read_parquet('{book.files(name)}', hive_partitioning = false, union_by_name = true)"
    files["parties"] = parties_sql(book)
    queries = named_queries(statements("forbear.publish", "read.sql"))
    settling = queries.pop("settling")
    parts = [in_braces(settling, _settling(night, book, number) | files) for number in range(book.partitions)]
    queries["settling"] = " union all by name ".join(f"({part})" for part in parts)
    return files, {name: in_braces(query, files) for name, query in queries.items()}


def _settling(night: Night, book: Book, number: int) -> dict[str, str]:
    """SQL of what settles the loans of one partition: keys of loans are those of a partition."""
    as_of = date.fromisoformat(night.manifest["as_of"])
    files = part_files(book.folder, number)
    cases = parquet(night.folder / "cases", f"part-{number:05d}.parquet")
    mine = f"select loan_key from {files['loans']} where borrower_id in (select borrower_id from {cases})"
    sums = payoff_joins(
        f"({to_come_sql(files['instalments'], as_of, f'loan_key in ({mine})')})",
        f"({paid_since_sql(files['loans'], files['payments'], as_of, has_quotes(str(book.folder)))})",
    )
    owing = f"l.status <> 'closed' and (l.disbursed_on is null or l.disbursed_on <= {sql_day(as_of)})"
    return {"of_part": files["loans"], "payoff_joins": sums, "as_of": sql_day(as_of), "owing": owing} | {
        "of_loan": OF_LOAN.format(paid="l.paid_total")
    }


_STAGED = (
    *(
        "new_case",
        "new_loan",
        "new_ledger",
        "new_person",
        "new_point",
        "new_consent",
        "new_search",
        "new_treatment",
        "old_point",
    ),
)
#: What is counted after a first night: before its contacts are queued, and when they are.
_ASKED = ("store_borrower", "store_contactpoint")
_FILLED = ("store_case", "store_loan", "store_treatment", "store_contact")
#: The staged rows are looked up by borrower; without this a second night takes quadratic time.
_INDEXED = """
create index new_treatment_of on new_treatment (borrower_id, channel);
create index new_consent_of on new_consent (borrower_id, channel);
create index new_point_of on new_point (borrower_id, kind)
"""
_LOAN = (
    "loan_id, borrower_id, product, currency, minor_unit, principal, days_past_due, past_due_amount, "
    "past_due_principal, past_due_interest, past_due_fee, past_due_penalty, outstanding, payoff, balance, "
    "bucket, oldest_unpaid_due_on, written_off, bought_from, creditor"
)


def _changes() -> dict[str, list[tuple[str, str, str]]]:
    """(borrower, stage before, stage after) of what is about to change, by the kind of event that tells it."""
    open_case = "store_case c where c.closed_on is null"
    queries = {
        "case_opened": "select n.borrower_id, '', n.stage from new_case n where not exists "
        f"(select 1 from {open_case} and c.borrower_id = n.borrower_id) order by 1",
        "stage": "select n.borrower_id, c.stage, n.stage from new_case n join store_case c "
        "on c.borrower_id = n.borrower_id and c.closed_on is null where c.stage <> n.stage order by 1",
        "case_closed": f"select c.borrower_id, c.stage, '' from {open_case} and not exists "
        "(select 1 from new_case n where n.borrower_id = c.borrower_id) order by 1",
    }
    changes = {}
    with connection.cursor() as cursor:
        for kind, query in queries.items():
            cursor.execute(query)
            changes[kind] = cursor.fetchall()
    return changes


def _moves() -> list[LoanMove]:
    """The loans that the book gives to another borrower than the desk has them with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select l.loan_id, l.borrower_id, n.borrower_id from store_loan l "
            "join new_loan n on n.loan_id = l.loan_id where l.borrower_id <> n.borrower_id order by 1"
        )
        return [LoanMove(*row) for row in cursor.fetchall()]


def _write(night: Night, now: datetime) -> None:
    as_of = date.fromisoformat(night.manifest["as_of"])
    values = {
        # what the night before planned is for the day after it: a night published before that is over leaves it
        "lapsed": min(as_of, business_date(now) - timedelta(days=1)).isoformat(),
        "now": connection.ops.adapt_datetimefield_value(now),
        "as_of": night.manifest["as_of"],
        "strategy": f"{night.manifest['strategy']}@{night.manifest['strategy_version']}",
    }
    _run(statements("forbear.publish", "write.sql"), values)


def _log_event(
    changes: dict[str, list[tuple[str, str, str]]], changed: list[evidence.Entry], night: Night, now: datetime
) -> None:
    version = night.manifest["version"]
    evidence.append_night(
        [
            evidence.Entry(
                kind,
                now,
                "night",
                {"night": night.manifest["as_of"], "version": version, "from": before, "to": after},
                borrower,
            )
            for kind, rows in changes.items()
            for borrower, before, after in rows
        ]
        + changed
    )


def _run(text: str, values: dict | None = None) -> None:
    with connection.cursor() as cursor:
        for statement in text.split(";"):
            lines = [line for line in statement.splitlines() if not line.lstrip().startswith("--")]
            if bare := "\n".join(lines).strip():
                cursor.execute(bare, _named(bare, values))


def _named(statement: str, values: dict | None) -> dict | None:
    """The values a statement names: SQLite refuses others."""
    return {name: value for name, value in (values or {}).items() if f"%({name})s" in statement} or None


def _analyze(tables: Iterable[str]) -> None:
    """Have PostgreSQL count what lies in these tables, so that it plans by it: from 6,000 rows of each."""
    _run(";".join(["set local default_statistics_target = 20", *(f"analyze {name}" for name in tables)]))


def _one(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def _clear() -> None:
    """Take the staging tables away; a temporary table outlives its transaction on SQLite."""
    _run(";".join(f"drop table if exists {name}" for name in _STAGED))
