"""Give a night what the desk knows, as Parquet: a row for each borrower with anything to tell."""

import os
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path

from forbear.core.facts.vocabulary import facts_known
from forbear.engine.columnar import connected, insert_rows, quote
from forbear.store.business_date import day_end
from forbear.store.desk_facts import desk_facts

_TYPES = {"bool": "boolean", "int": "bigint", "text": "varchar", "money": "bigint", "date": "date"}


def write_desk_facts(path: Path, as_of: date, now: datetime) -> int:
    """Write what the desk knew at the end of `as_of`, or knows at `now` if that comes first; how many borrowers.

    The file is replaced whole. Equal knowledge gives equal bytes, so that a night decided again stays the same.
    """
    by_borrower = desk_facts(min(now, day_end(as_of) - timedelta(microseconds=1)))
    facts = facts_known({"desk"})
    columns = ", ".join(f"{fact.name} {_TYPES[fact.kind]}" for fact in facts)
    rows = [
        [borrower, *(by_borrower[borrower].get(fact.name) for fact in facts)]
        for borrower in sorted(by_borrower)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    try:
        with connected() as engine:
            names = ", ".join(["borrower_id", *(fact.name for fact in facts)])
            engine.execute(f"create table by_desk (borrower_id varchar, {columns})")
            kinds = ["varchar", *(_TYPES[fact.kind] for fact in facts)]
            insert_rows(engine, f"by_desk ({names})", kinds, rows)
            engine.execute(f"copy (from by_desk order by borrower_id) to {quote(aside)} (format parquet)")
        os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
    return len(rows)
