"""What a credit report needs beside the ledger: disputes, write-offs, sales, settlements, and who the people are.

Each table is asked once for a whole report, whatever its size.
"""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.conf import settings

from forbear.actions.selectors.creditors import creditor_with_code
from forbear.core.bureaus.events import Occurrence
from forbear.core.bureaus.metro2 import AccountDetails, Consumer, without_generation
from forbear.core.facts.phone import PhoneNumber, read_phone
from forbear.engine.columnar import Connection, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.book.feed_columns import ADDRESS_PARTS
from forbear.interchange.book.parties import parties_of
from forbear.interchange.home.country import country_of
from forbear.store.business_date import business_date
from forbear.store.models import Hold, Request, SaleLoan, Settlement, WriteOff

_LINE = 32


@dataclass(slots=True)
class Facts:
    """By loan: when it was sold and to whom, when it was written off, what happened; by borrower the loans in dispute,
    "" standing for all of them.
    """

    sold: dict[str, tuple[date, str]] = field(default_factory=dict)
    written_off: dict[str, date] = field(default_factory=dict)
    disputed: dict[str, set[str]] = field(default_factory=dict)
    happened: dict[tuple[str, str], list[Occurrence]] = field(default_factory=dict)

    def in_dispute(self, borrower_id: str, loan_id: str) -> bool:
        """Whether the borrower disputes this loan now."""
        return bool(self.disputed.get(borrower_id, set()) & {"", loan_id})

    def of(self, borrower_id: str, loan_id: str) -> list[Occurrence]:
        """What happened to this loan, and to all of the borrower's."""
        return [*self.happened.get((borrower_id, loan_id), ()), *self.happened.get((borrower_id, ""), ())]


def _day_of(moment: datetime | None) -> date:
    assert moment is not None, "what is signed or sold has its moment"
    return business_date(moment)


def read_facts(now: datetime) -> Facts:
    """All of it, as known now."""
    facts = Facts()
    _disputes(facts, now)
    for loan, owner, day in WriteOff.objects.filter(state="signed").values_list(
        "loan_id", "borrower_id", "decided_at"
    ):
        facts.written_off[loan] = _day_of(day)
        _add(facts, owner, loan, "written_off", _day_of(day))
    rows = SaleLoan.objects.filter(state="sold").order_by("sold_at")
    for loan, owner, day, buyer in rows.values_list("loan_id", "borrower_id", "sold_at", "sale__buyer"):
        facts.sold[loan] = (_day_of(day), buyer)
        _add(facts, owner, loan, "sold", _day_of(day))
    kept = Settlement.objects.filter(state="kept").values_list("borrower_id", "loans", "by")
    for owner, loans, by in kept:
        for loan in loans or [""]:
            _add(facts, owner, loan, "settlement", min(by, business_date(now)))
    return facts


def _add(facts: Facts, owner: str, loan: str, kind: str, on: date) -> None:
    facts.happened.setdefault((owner, loan), []).append(Occurrence(kind, on))


def _disputes(facts: Facts, now: datetime) -> None:
    """Which loans are in dispute now, and when that began and ended."""
    holds = Hold.objects.filter(kind="dispute").values_list(
        "borrower_id", "loans", "starts_at", "lifted_at", "ends_at"
    )
    spans = [(*row[:3], row[3] or (row[4] if row[4] and row[4] <= now else None)) for row in holds]
    requests = Request.objects.filter(kind__in=("credit_objection", "dispute"))
    spans += [
        (owner, loans, opened, None if state == "open" else answered)
        for owner, loans, opened, state, answered in requests.values_list(
            "borrower_id", "loans", "opened_at", "state", "answered_at"
        )
    ]
    for owner, loans, began, ended in spans:
        for loan in loans or [""]:
            if ended is None:
                facts.disputed.setdefault(owner, set()).add(loan)
            else:
                _add(facts, owner, loan, "answered", business_date(ended))
            _add(facts, owner, loan, "objected", business_date(began))


@dataclass(slots=True)
class People:
    """Who owes in one part of the book: the borrower, and by loan who or what else belongs to it."""

    borrowers: Mapping[str, Consumer]
    details: Mapping[str, AccountDetails]


def read_people(engine: Connection, book: Book, part: int) -> People:
    """Names, birthdays, numbers and addresses of one partition, as the feed has them."""
    columns = ("name", "phone", "region", *ADDRESS_PARTS)
    rows = engine.execute(
        f"""select borrower_id, born_on, {", ".join(f"coalesce({name}, '')" for name in columns)}
        from {parquet(book.part(part), "borrowers.parquet")}"""
    ).fetchall()
    people = {
        borrower: consumer(dict(zip(columns, values, strict=True)), born) for borrower, born, *values in rows
    }
    details: dict[str, AccountDetails] = {}
    for loan, parties in parties_of(engine, book, part).items():
        named = {party["role"]: party["name"] for party in parties}
        details[loan] = AccountDetails(
            others=tuple(
                (party["role"], consumer(party, party["born_on"]))
                for party in parties
                if party["role"] in ("co_borrower", "guarantor")
            ),
            original_creditor=named.get("original_creditor", ""),
            bought_from=named.get("seller", ""),
            former_number=named.get("former_number", ""),
        )
    owed_elsewhere = engine.execute(
        f"select loan_id, creditor from {parquet(book.part(part), 'loans.parquet')} where creditor <> ''"
    ).fetchall()
    for loan, code in owed_elsewhere:
        known = details.get(loan, AccountDetails())
        if not known.original_creditor:
            details[loan] = replace(known, original_creditor=creditor_with_code(code).names[1])
    return People(people, details)


def consumer(data: Mapping[str, str], born: date | None) -> Consumer:
    """Somebody as a record names them; an address that isn't parted fills its two lines."""
    names, generation = without_generation(data["name"])
    first, _, last = names.rpartition(" ")
    street = data["address_street"].strip() or data["address"].strip()
    lines = [*textwrap.wrap(street, _LINE, break_long_words=True), "", ""]
    region = data.get("region", "")
    return Consumer(
        surname=last,
        first_name=first,
        born_on=born,
        telephone=_telephone(data),
        address=lines[0],
        city=data["address_city"].strip(),
        state=data["address_state"].strip() or (region if len(region) == 2 else ""),
        zip=data["address_postcode"].replace("-", "").strip(),
        country=data["address_country"].strip(),
        address_2=lines[1],
        generation=generation,
    )


def _telephone(data: Mapping[str, str]) -> str:
    """The ten digits of a number of the North American plan; "" for any other, whose last ten may be a stranger's."""
    country = data["address_country"].strip().upper() or country_of(settings.HOME) or "US"
    read = read_phone(data["phone"], country if len(country) == 2 else "US")
    e164 = read.e164 if isinstance(read, PhoneNumber) else ""
    return e164[2:] if e164.startswith("+1") and len(e164) == 12 else ""
