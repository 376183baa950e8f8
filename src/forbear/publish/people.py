"""The people of a night's cases: whom the desk doesn't know yet, and of whom the lender tells something new.

Most borrowers stay as they are from one night to the next, so each one's row at the desk has a digest of what the feed
said of them. Only where it differs are they read again: a new number, an opt-out given at a branch, another name.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection

from forbear.core.base.keyed import Keys
from forbear.core.facts.contact import point_digest
from forbear.core.facts.phone import PhoneNumber, read_phone, zones_of
from forbear.core.search.terms import digests, name_terms, number_terms, phone_terms
from forbear.engine.columnar import Connection, identifier, rows_of
from forbear.interchange.book.feed_check import time_zones
from forbear.interchange.home.country import country_of
from forbear.interchange.home.keys import point_keys
from forbear.store import evidence
from forbear.store.bulk import fill
from forbear.store.models import Borrower, ContactPoint
from forbear.store.sealed_field import sealed_rows

#: What the book tells of where a person lives.
_AT = ("address", "area", "latitude", "longitude")
#: Where it says in which part of the country they live.
_LIVES = ("region", "address", "address_state")
#: What the desk takes of a person, beside their consents.
_TAKEN = (
    "name",
    "phone",
    "email",
    "language",
    "region",
    "timezone",
    "born_on",
    "id_number",
    *_AT,
    "address_country",
    "address_state",
)
_CONSENT = "consent_"
_PERSON = ("borrower_id", "name", "language", "region", "timezones", "born_on", "feed_digest", "known")
_SEARCH = ("borrower_id", "term")
_POINT = ("borrower_id", "kind", "value", "digest", "area", "latitude", "longitude", "known")


def stage_people(engine: Connection, files: Mapping[str, str], query: str) -> None:
    """Fill `new_person` and the tables beside it with whom the desk doesn't know, as the book tells of them.

    `files` has SQL for the rows of the night's `cases` and the book's `borrowers`; `query` reads those asked for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select n.borrower_id, b.feed_digest from new_case n "
            "left join store_borrower b on b.borrower_id = n.borrower_id"
        )
        desk = dict(cursor.fetchall())
    book = _person_digests(engine, files)
    changed = [name for name, digest in desk.items() if name in book and digest != book[name]]
    nameless = (name for name, digest in sorted(desk.items()) if digest is None and name not in book)
    people = [(name, "", "", "", "[]", None, "", False) for name in nameless]
    points, given, found_by, key = [], [], [], point_keys(settings.HOME)
    for person in _rows(engine, query, changed):
        borrower = person["borrower_id"]
        known = desk[borrower] is not None
        people.append(_person(person, book[borrower], known))
        points += [(*point, known) for point in _points(person, key)]
        given += _given(person)
        found_by += [(borrower, term) for term in digests(_search_terms(person), key)]
    fill("new_person", _PERSON, sealed_rows(Borrower, _PERSON, people))
    fill("new_point", _POINT, sealed_rows(ContactPoint, _POINT, points))
    fill("new_search", _SEARCH, found_by)
    fill("new_consent", ("borrower_id", "channel", "given"), given)


def _rows(engine: Connection, query: str, names: list[str]) -> Iterator[dict[str, Any]]:
    """What the book tells of these people, by column; on most nights there are none."""
    if not names:
        return
    cursor = engine.execute(query, {"names": names})
    columns = [column for column, *_ in cursor.description]
    for row in rows_of(cursor):
        yield dict(zip(columns, row, strict=True))


def changed_people(now: datetime) -> list[evidence.Entry]:
    """The events of what the feed tells again of people the desk knows, from the staged tables."""
    with connection.cursor() as cursor:
        cursor.execute("select borrower_id, digest from old_point order by borrower_id, id")
        entries = [
            evidence.Entry(
                "point", now, "night", {"point": digest, "what": "replaced by the lender"}, borrower
            )
            for borrower, digest in cursor.fetchall()
        ]
        cursor.execute(
            "select c.borrower_id, c.channel, c.given from new_consent c "
            "join new_person p on p.borrower_id = c.borrower_id where p.known order by 1, 2"
        )
        anywhere = {"purpose": "", "point": "", "night": False, "source": "feed"}
        entries += [
            evidence.Entry(
                "consent", now, "night", {"given": bool(given), "channel": channel, **anywhere}, borrower
            )
            for borrower, channel, given in cursor.fetchall()
        ]
    return entries


def _person_digests(engine: Connection, files: Mapping[str, str]) -> dict[str, str]:
    """A digest of what the book tells of each person with a case, by their id.

    It has a key in it, so that nobody can find a person's words by trying.
    """
    columns = engine.execute(f"select * from {files['borrowers']} limit 0").description
    taken = sorted(name for name, *_ in columns if name in _TAKEN or name.startswith(_CONSENT))
    words = ", ".join(f"'{name}', coalesce({identifier(name)}::varchar, '')" for name in taken)
    digests = engine.execute(
        f"""select p.borrower_id, left(sha256(concat_ws(chr(31), $key, {words})), 32)
        from {files["borrowers"]} p
        where p.borrower_id in (select borrower_id from {files["cases"]} where change <> 'closed')""",
        {"key": point_keys(settings.HOME)[-1].hex()},
    )
    return dict(digests.fetchall())


def _person(data: Mapping[str, Any], digest: str, known: bool) -> tuple:
    named = (data[name] or "" for name in ("name", "language", "region"))
    return (data["borrower_id"], *named, json.dumps(_zones(data)), data["born_on"], digest, known)


def _zones(data: Mapping[str, Any]) -> list[str]:
    """Every time zone the person may be in: the feed's, that of their number, and of an address in Xinjiang.

    Where there are several, nobody is contacted at an hour that one of them forbids.
    """
    number = _number(data)
    zones = [data["timezone"], *(zones_of(number.e164) if number else ())]
    if any("新疆" in (data[name] or "") for name in _LIVES):
        zones += ["Asia/Shanghai", "Asia/Urumqi"]
    return list(dict.fromkeys(zone for zone in zones if zone in time_zones()))


def _number(data: Mapping[str, Any]) -> PhoneNumber | None:
    """The person's number, read by the country they live in, else by the lender's."""
    country = (data["address_country"] or "").strip().upper()
    read = read_phone(data["phone"] or "", country if len(country) == 2 else country_of(settings.HOME))
    return read if isinstance(read, PhoneNumber) else None


def _given(data: Mapping[str, Any]) -> list[tuple]:
    """(borrower, channel, whether) of each consent the feed speaks of."""
    return [
        (data["borrower_id"], name.removeprefix(_CONSENT), given)
        for name, given in data.items()
        if name.startswith(_CONSENT) and given is not None
    ]


def _search_terms(data: Mapping[str, Any]) -> set[str]:
    """What the person is found by at the desk: the parts of the name, the ends of their numbers."""
    number = _number(data)
    return (
        name_terms(data["name"] or "")
        | number_terms("id", data.get("id_number") or "")
        | (phone_terms(number.e164) if number else set())
    )


def _points(data: Mapping[str, Any], key: Keys) -> Iterator[tuple]:
    borrower = data["borrower_id"]
    if number := _number(data):
        yield borrower, "phone", str(number), point_digest("phone", number.e164, key), "", None, None
    if value := data["email"]:
        yield borrower, "email", value, point_digest("email", value, key), "", None, None
    address, area, *degrees = (data[name] or "" for name in _AT)
    if address:
        address = address[:300]
        digest, place = point_digest("address", address, key), _millionths(degrees)
        yield borrower, "address", address, digest, area[:64], *place


def _millionths(degrees: list[str]) -> tuple[int | None, int | None]:
    """A place in whole millionths of a degree; nothing unless both numbers are there."""
    if not all(degrees):
        return None, None
    latitude, longitude = (round(Decimal(degree) * 1_000_000) for degree in degrees)
    return latitude, longitude
