"""One more key over the digests of numbers and search terms, in all tables at once.

A digest is made again out of the digest itself (`core.base.keyed`), so that a stop of a number that was emptied counts
as before. Events and permits of the past keep the digest they were written with.
"""

from collections.abc import Iterator

from django.db import connection

from forbear.core.base.keyed import digest_again
from forbear.store.bulk import fill

#: Every column that has the digest of a number or of a search term.
DIGESTS = (
    ("store_contactpoint", "digest"),
    ("store_consent", "point"),
    ("store_contact", "point_digest"),
    ("store_inbound", "point_digest"),
    ("store_searchterm", "term"),
)


def digest_all_again(key: bytes) -> int:
    """Take every digest once more by this key, in the caller's transaction; how many different ones there were."""
    with connection.cursor() as cursor:
        cursor.execute("create temp table digest_map (old varchar(32) primary key, new varchar(32))")
        union = " union ".join(f"select {column} as old from {table}" for table, column in DIGESTS)
        cursor.execute(f"select old from ({union}) found where old <> ''")
        total = fill("digest_map", ("old", "new"), _mapped(cursor.fetchall(), key))
        for table, column in DIGESTS:
            cursor.execute(
                f"update {table} set {column} = m.new from digest_map m where m.old = {table}.{column}"
            )
        cursor.execute("drop table digest_map")
    return total


def _mapped(rows: list[tuple[str]], key: bytes) -> Iterator[tuple[str, str]]:
    return ((old, digest_again(old, key)) for (old,) in rows)
