"""The newest facts about a borrower, read in one transaction that holds their row.

`lock_borrower` locks the row: between it and the commit nobody else can decide on a contact with this person,
so that two workers, an agent and an agency at once can't both take the last permit of a day. `lock_number` does
the same for a number that two borrowers share. The facts are read by a statement of its own after the locks: one
that waited for a lock would still see the world from before.
"""

import json
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model

from forbear.core.agreements.loan_state import LoanFacts, may, states_of
from forbear.core.facts.contact import PastContact, PlannedContact
from forbear.core.facts.context import (
    ActiveHold,
    AddressStatus,
    AgencyStatus,
    ConsentRecord,
    ContactContext,
    InboundRecord,
    LoanStatus,
    NoticeGiven,
    OwnNumber,
)
from forbear.core.facts.purpose import NOTICE_OF
from forbear.core.facts.vocabulary import facts_known
from forbear.core.visits.visit import OPEN
from forbear.store import rows
from forbear.store.certificates import certified_until
from forbear.store.models import Borrower, Contact, Hold
from forbear.store.rows import as_datetime
from forbear.store.sealed_field import open_column
from forbear.store.sql_value import SqlValue

Row = TypeVar("Row", bound=Model)
#: What the night tells of a case; nobody can tell it where no case is open.
OF_THE_CASE = frozenset(fact.name for fact in facts_known({"night"}))
#: Flags of a wish that are kept with a contact, beside its own columns.
WISH_FLAGS = (
    "automated",
    "ai_voice",
    "ai_disclosed",
    "own_line",
    "at_workplace",
    "discloses_debt",
    "states_identity",
    "offers_opt_out",
    "visitors",
    "recorded",
    "gives",
    "answers",
    "as_lender",
    "callers",
)
_JSON = {
    "postgresql": {
        "object": "json_build_object",
        "array": "json_build_array",
        "list": "json_agg",
        "json": "",
    },
    "sqlite": {
        "object": "json_object",
        "array": "json_array",
        "list": "json_group_array",
        "json": "json",
    },
}


def lock_borrower(borrower_id: str) -> Borrower | None:
    """The borrower, locked until the transaction ends; None when there is none of that id."""
    return rows.get_for_update(Borrower, borrower_id)


def lock_row(model: type[Row], key: object, *related: str) -> Row | None:
    """A row about a borrower as it is once they are held, with its borrower and what is `related`; None without one."""
    owner = model._default_manager.filter(pk=key).values_list("borrower_id", flat=True).first()
    if owner is None or lock_borrower(owner) is None:
        return None
    return model._default_manager.select_related("borrower", *related).get(pk=key)


def lock_number(point: str) -> None:
    """Hold a number over all borrowers until the transaction ends, for rules that count calls to a number.

    Two people may share one, and anyone who decides on a contact with the one doesn't hold the other. It is taken
    after the borrower, and one in a transaction, so nobody waits for each other. `point` is the number's digest:
    two digests that share their first half wait for each other without need, and that is all. On SQLite the
    transaction itself is the lock.
    """
    assert transaction.get_connection().in_atomic_block, "a lock lives in a transaction"
    if point and connection.vendor == "postgresql":
        with rows.statement_cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(('x' || left(%s, 16))::bit(64)::bigint)", [point])


def planned_contact_of(contact: Contact) -> PlannedContact:
    """The plan a contact was made from; a notice gives what its text is, unless the plan names it."""
    flags = {name: contact.planned[name] for name in WISH_FLAGS if name in contact.planned}
    flags["callers"] = tuple(flags.get("callers", ()))
    if contact.purpose == "notice" and not flags.get("gives"):
        flags["gives"] = NOTICE_OF.get(contact.template, contact.template)
    return PlannedContact(
        contact.channel,
        contact.purpose,
        contact.party,
        contact.point_digest,
        tuple(contact.loans),
        contact.agency_id or "",
        contact.template,
        **flags,
    )


@cache
def _sql(vendor: str) -> str:
    text = files("forbear.store").joinpath("sql", "situation.sql").read_text("utf-8")
    text = text.replace("{open}", ", ".join(f"'{state}'" for state in OPEN))
    for name, function in _JSON[vendor].items():
        text = text.replace("{" + name + "}", function)
    # the driver keeps what it knows of a short statement, and reads a long one again each time
    return " ".join(line.strip() for line in text.splitlines() if not line.startswith("--"))


def read_contact_context(
    borrower: Borrower,
    planned: PlannedContact,
    now: datetime,
    *,
    window_days: int,
    by_number: bool,
    certificates: bool = False,
    exclude_id: str = "",
) -> tuple[ContactContext, int | None]:
    """Everything rules may ask about this borrower and this wish, and the id of the number's row if on file.

    `window_days` is how far back any rule counts; `by_number` whether one counts contacts of other borrowers
    to the same number, `certificates` whether one asks who is certified. The contact `exclude_id` is left out: it is
    the one being decided.
    """
    answers = _read(
        borrower=borrower.borrower_id,
        point=planned.point,
        party=planned.party,
        agency=planned.agency,
        now=connection.ops.adapt_datetimefield_value(now),
        since=connection.ops.adapt_datetimefield_value(now - timedelta(days=window_days + 1)),
        besides=exclude_id,
        number=planned.point if by_number and planned.point else "-",
        number_said=planned.point or "-",
    )
    case, point, loans = answers["case"], answers["point"], answers["loans"] or []
    # no night drew those who have no case, and none draws anybody for a strategy without a hold-out
    facts = {"in_holdout": False} | (case["facts"] if case else {}) | _of_person(borrower)
    situation = ContactContext(
        facts=facts,
        figures_at=_as_fresh_as_the_feed(as_datetime(case["figures_at"])) if case else None,
        zones=tuple(borrower.timezones),
        minor_unit=loans[0][1] if loans else 100,
        point=_point(point),
        collector=_collector(answers["agency"]),
        debts=_debts(loans, answers["placements"] or []),
        spans=tuple(
            ActiveHold(kind, as_datetime(starts), as_datetime(ends), tuple(about))
            for kind, starts, ends, about, _ in answers["holds"] or []
        ),
        notices=tuple(
            NoticeGiven(kind, loan, as_datetime(at), channel)
            for kind, loan, at, channel in answers["notices"] or []
        ),
        agreed=tuple(
            ConsentRecord(bool(given), as_datetime(at), channel, purpose, number, bool(night))
            for given, at, channel, purpose, number, night in answers["agreed"] or []
        ),
        past=(*_past(answers["past"], False), *_past(answers["others"], True)),
        lawyer_silent=any(
            hold[0] == "lawyer" and open_column(Hold, "reason", hold[4]) == "silent"
            for hold in answers["holds"] or []
        ),
        unanswered=OF_THE_CASE - facts.keys() - {"age_years"},
        born_on=borrower.born_on,
        inbound=_inbound(answers["inbound"] or [], answers["requests"] or []),
        numbers=tuple(OwnNumber(digest, dead is not None) for digest, dead in answers["numbers"] or []),
        agreed_at=as_datetime(answers["paid_at"]),
        seen_at=as_datetime(answers["seen_at"]),
        unread=bool(answers["unread"]),
        certified_until=certified_until(planned.callers, planned.agency) if certificates else None,
    )
    return situation, point["id"] if point else None


def _read(**values: SqlValue) -> dict:
    with rows.statement_cursor() as cursor:
        cursor.execute(_sql(connection.vendor), values)
        row = cursor.fetchone()
    assert row is not None, "the borrower is held, so it is there"
    return row[0] if isinstance(row[0], dict) else json.loads(row[0])


def _midnight(text: str | None) -> datetime | None:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC) if text else None


def _of_person(borrower: Borrower) -> dict[str, int | str | bool]:
    """Night facts that the desk knows itself; the age is computed where the borrower is, by their own date."""
    wished = {"preferred_from": borrower.preferred_from, "preferred_to": borrower.preferred_to}
    return {
        **({} if borrower.born_on else {"age_years": 0}),
        "language": borrower.language,
        "region": borrower.region,
        **{name: hour for name, hour in wished.items() if hour is not None},
    }


def _as_fresh_as_the_feed(figures_at: datetime) -> datetime:
    """Figures can't be newer than the feed they were computed from."""
    feed_at = settings.HOME.feed_at
    return min(figures_at, feed_at) if feed_at is not None else figures_at


def _point(stored: dict | None) -> AddressStatus:
    if stored is None:
        return AddressStatus()
    return AddressStatus(
        on_file=True,
        invalid=stored["invalid_at"] is not None,
        lawful=bool(stored["lawful"]),
        at_workplace=bool(stored["at_workplace"]),
        workplace_forbidden=bool(stored["workplace_forbidden"]),
        stopped=stored["stopped_at"] is not None,
        confirmed_at=_midnight(stored["confirmed_on"]),
    )


def _collector(stored: dict | None) -> AgencyStatus:
    if stored is None:
        return AgencyStatus()
    return AgencyStatus(
        stored["listed_on"] is not None,
        stored["suspended_at"] is not None,
        bool(stored["contracted"]),
        stored["owed"] > 0,
    )


def _debts(loans: list, placements: list) -> tuple[LoanStatus, ...]:
    return tuple(
        LoanStatus(
            loan_id,
            _midnight(barred),
            sold is not None or bool(bought),
            bool(unlawful),
            tuple(agency for agency, about in placements if not about or loan_id in about),
            bool(contacted),
            over=not may(states_of(LoanFacts(sold is not None, bool(settled), left)), "pay"),
        )
        for loan_id, _, barred, sold, bought, unlawful, contacted, left, settled in loans
    )


def _past(stored: list | None, other: bool) -> tuple[PastContact, ...]:
    return tuple(
        PastContact(
            as_datetime(at),
            channel,
            purpose,
            party,
            outcome,
            point,
            tuple(loans),
            agency or "",
            bool(consented),
            other,
            answers or "",
            gives or "",
        )
        for at, channel, purpose, party, outcome, point, loans, agency, consented, answers, gives in stored
        or []
    )


def _inbound(replies: list, requests: list) -> tuple[InboundRecord, ...]:
    """What people wrote and asked for, each by the name that an answer gives it.

    A request is answered twice: when it comes in, and when it is decided.
    """
    written = [
        InboundRecord(f"reply:{number}", as_datetime(at), channel, point, party)
        for number, at, channel, point, party in replies
    ]
    asked = [InboundRecord(f"request:{number}", as_datetime(at)) for number, at, _ in requests]
    decided = [InboundRecord(f"answer:{number}", as_datetime(at)) for number, _, at in requests if at]
    return (*written, *asked, *decided)
