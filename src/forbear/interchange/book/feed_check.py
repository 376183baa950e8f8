"""Row by row: which rows of a feed are good, which go to the quarantine, and why.

Each table is read once. A good row goes to the working folder of its partition
as typed columns; a bad one goes to partition -1 with the bit mask of the checks
it failed. Checks that need a loan's other rows (duplicates, order, reversals)
come later, partition by partition, in `book_build`.
"""

import re
import zoneinfo
from decimal import Decimal
from functools import cache
from pathlib import Path

from forbear.core.base.money import currencies, minor_digits
from forbear.core.facts.phone import MOST_DIGITS, PhoneNumber, read_phone
from forbear.core.loans.incoming import REVERSAL_FLAWS
from forbear.engine.columnar import Connection, add_text_function, identifier, one_row, parquet, quote
from forbear.interchange.book.account_checks import ACCOUNT_CHECKS
from forbear.interchange.book.feed_columns import (
    PARTY_ROLES,
    STATUSES,
    UNREAD_AMOUNT,
    Check,
    amount_of,
    kind_checks,
    more_than_six_places,
    surely_good,
    text_of,
    value_of,
)
from forbear.interchange.book.feed_files import FeedFile

BAD = -1  # the partition of rows that failed


def prepare(
    connection: Connection, loans: bool, borrowers: bool, country: str, creditors: tuple[str, ...] = ()
) -> None:
    """Small tables that the checks of loans and of borrowers join with: currencies, creditors and time zones.

    `country` is where telephone numbers without a country code are of. An empty creditor is the lender itself.
    """
    add_text_function(connection, "flawed_phone", _flawed_phone, 2)
    connection.execute(
        "create or replace temp table phone_country as select $country as country", {"country": country}
    )
    if loans:
        codes = _currencies()
        connection.execute(
            "create or replace temp table currencies as select unnest($codes) as code, unnest($units) as minor_unit",
            {"codes": list(codes), "units": [10 ** minor_digits(code) for code in codes]},
        )
        connection.execute(
            "create or replace temp table creditors as select unnest($codes) as code",
            {"codes": ["", *creditors]},
        )
    if borrowers:
        connection.execute(
            "create or replace temp table timezones as select unnest($names) as name",
            {"names": sorted(time_zones())},
        )


def _flawed_phone(phone: str, country: str) -> str:
    """The code of what is wrong with a telephone number: "unused" for one that can't be dialled, "" for nothing.

    A number too short to be dialled from here, such as one without its area code, harms nothing but itself: the row
    stays, and nobody is called there. Two numbers, and what is no number at all, are mistakes of the whole row.
    """
    number = read_phone(phone, country)
    if isinstance(number, PhoneNumber):
        return ""
    if number.code == "phone_two_numbers" or sum(map(str.isdigit, phone)) > MOST_DIGITS:
        return "phone_two_numbers"
    return "unused" if _LIKE_A_NUMBER.fullmatch(phone) else "phone_impossible"


@cache
def time_zones() -> frozenset[str]:
    """The names of all time zones. To gather them a whole tree of files is read, so it is done once."""
    return frozenset(zoneinfo.available_timezones())


@cache
def _currencies() -> tuple[str, ...]:
    return tuple(currencies())


#: The value of a column that was not sent, by its kind; else an empty text.
_MISSING = {"date": "null::date", "amount": "null::decimal(18, 6)", "whole": "null::integer"}


def typed(file: FeedFile) -> str:
    """SQL: the file's rows with each column as its value, and under raw_NAME the text of a value that is null."""
    values, raws = ["row_at"], []
    for column in file.columns:
        kind, name = file.types[column.name], column.name
        values.append(f"{value_of(column, kind)} as {identifier(name)}")
        if column.kind in ("date", "amount", "whole"):
            # most values can be read, and a text that nobody looks at is not made
            sent = f"sent_{name}"
            values.append(f"{identifier(name)} as {sent}")
            raws.append(f"case when {name} is null then {text_of(sent, kind)} else '' end as raw_{name}")
        if column.kind == "amount":
            values.append(f"{more_than_six_places(name, kind)} as long_{name}")
    for column in file.table.columns:
        if column not in file.columns:
            empty = _MISSING.get(column.kind, "''")
            values.append(f"{empty} as {column.name}")
            raws.append(f"'' as raw_{column.name}")
    return f"(select *, {', '.join(raws)} from (select {', '.join(values)} from {file.scan}))"


def checks_of(file: FeedFile) -> list[Check]:
    """All checks of one row on its own, in the order their reasons are given."""
    checks = [check for column in file.columns for check in kind_checks(column)]
    name = file.table.name
    if file.table.loan_rows:
        checks.insert(0, Check("loan_id", "p is null", "no loan with this loan_id was accepted"))
    if name in ("loans", "instalments", "payments", "accounts"):
        checks += [check for amount in _amounts_sent(file) for check in _amount_checks(name, amount)]
    return [check for check in checks if not _waived(name, check)] + _OWN.get(name, [])


def _amounts_sent(file: FeedFile) -> list[str]:
    return [column.name for column in file.columns if column.kind == "amount"]


def _waived(name: str, check: Check) -> bool:
    """A reversal may leave its amount empty: it is that of the payment it undoes."""
    return name == "payments" and check.column == "amount" and check.reason == UNREAD_AMOUNT.format("amount")


def _amount_checks(table: str, name: str) -> list[Check]:
    checks = [
        Check(
            name,
            f"long_{name} or {_millionths(name)} % (1000000 // minor_unit) <> 0",
            f"{name} has more decimals than the loan's currency has",
        )
    ]
    if table != "payments":
        checks.append(Check(name, f"{name} < 0", f"{name} is negative"))
    return checks


def _degrees(name: str, limit: int) -> Check:
    plain = f"regexp_full_match({name}, '[+-]?[0-9]{{1,3}}([.][0-9]+)?')"
    inside = f"coalesce(abs(try_cast({name} as double)) <= {limit}, false)"
    return Check(
        name,
        f"{name} <> '' and not ({plain} and {inside})",
        f"{name} is not in degrees, from -{limit} to {limit}",
    )


#: Most numbers are written in one of these ways, which cost nothing to know; the others are read one by one.
_PLAIN_PHONE = r"[+](86[1-9][0-9]{8,10}|1[2-9][0-9]{9}|44[1-9][0-9]{8,9}|[2-9][0-9]{9,13})"
_LIKE_A_NUMBER = re.compile(r"[+0-9() .-]{3,40}")
#: Where the number of a row is of: its own country, else the lender's.
_HOME = (
    "if(length(trim(address_country)) = 2, upper(trim(address_country)), (select country from phone_country))"
)


def _flaw_sql(code: str) -> str:
    """SQL for whether the number of a row has this flaw."""
    plain = f"phone = '' or regexp_full_match(phone, '{_PLAIN_PHONE}')"
    return f"case when {plain} then false else flawed_phone(phone, {_HOME}) = '{code}' end"


def unused_phones(connection: Connection, folder: Path) -> list[str]:
    """A warning when good rows of borrowers have numbers that can't be dialled; `folder` has the checked rows."""
    if not any(folder.glob("p=[0-9]*/*.parquet")):
        return []
    source = parquet(folder, "p=[0-9]*/*.parquet")
    count, first = one_row(
        connection.execute(f"select count(*), min(borrower_id) from {source} where {_flaw_sql('unused')}")
    )
    if not count:
        return []
    return [
        f"borrowers: {count:,} telephone numbers can't be dialled and are not used, first that of {first}; "
        "write them with their area code, or with + and their country code"
    ]


_PHONE = (
    Check(
        "phone",
        _flaw_sql("phone_two_numbers"),
        "phone holds two numbers; give one, the other in parties",
    ),
    Check("phone", _flaw_sql("phone_impossible"), "phone holds something that is no part of a number"),
)
_OWN = {
    "loans": [
        Check("currency", "minor_unit is null", "currency is not an ISO 4217 code in use"),
        Check(
            "payoff_on",
            "payoff_on is null and (payoff is not null or balance is not null)",
            "payoff_on is empty: the day that payoff and balance are of",
        ),
        Check("payoff_until", "payoff_until < payoff_on", "payoff_until is before payoff_on"),
        Check(
            "creditor",
            "creditor not in (select code from creditors)",
            "creditor is not declared in lender.yaml",
        ),
        Check("status", f"status not in {STATUSES}", "status is not active, closed or written_off"),
    ],
    "instalments": [
        Check("number", "number < 0", "number is negative"),
        Check("due_on", "due_on < disbursed_on", "due_on is before the loan was disbursed"),
    ],
    "payments": [
        Check(
            "amount",
            "case when amount is null and not (raw_amount = '' and reverses <> '') "
            "then not regexp_full_match(raw_amount, ' *[+-]?[0-9]+([.][0-9]*)? *') else false end",
            UNREAD_AMOUNT.format("amount"),
        ),
        Check(
            "amount",
            "amount < 0 and reverses = ''",
            "amount is negative; a payment undone is a row of its own that names it in reverses",
        ),
        Check("amount", "amount = 0 and reverses = ''", "amount is zero"),
        Check("reverses", "reverses = payment_id and reverses <> ''", REVERSAL_FLAWS["reverses_itself"]),
    ],
    "borrowers": [
        Check(
            "timezone",
            "timezone <> '' and timezone not in (select name from timezones)",
            "timezone is not a name like Asia/Shanghai",
        ),
        *_PHONE,
        *(_degrees(name, limit) for name, limit in (("latitude", 90), ("longitude", 180))),
    ],
    "parties": [
        Check("number", "number < 0", "number is negative"),
        Check("role", f"role not in {PARTY_ROLES}", f"role is not one of {', '.join(PARTY_ROLES)}"),
        Check("name", "name = ''", "name is empty"),
        *_PHONE,
    ],
    "pauses": [Check("ends_on", "ends_on < starts_on", "ends_on is before starts_on")],
    "accounts": ACCOUNT_CHECKS,
}


def mask_sql(checks: list[Check], file: FeedFile) -> str:
    """SQL for the bit mask of failed checks; 0 for a good row.

    Most rows are good, and a few looks at each value tell that: only the others go through check by check.
    """
    assert len(checks) < 126, "the mask is one 128-bit number"
    wide = "::hugeint" if _is_wide(checks) else ""
    each = " + ".join(
        f"(case when {check.bad} then {1 << bit}{wide} else 0 end)" for bit, check in enumerate(checks)
    )
    looks, seen = [], set()
    for column in file.columns:
        look = surely_good(column)
        if look and not (column.optional and column.kind in ("date", "amount", "whole")):
            looks.append(look)
            seen |= {(check.column, check.bad) for check in kind_checks(column)}
    looks += [f"({check.bad}) is not true" for check in checks if (check.column, check.bad) not in seen]
    return f"case when {' and '.join(looks)} then 0 else {each} end"


def _is_wide(checks: list[Check]) -> bool:
    """Whether the mask of these checks needs more than 64 bits; a file has it as text then."""
    return len(checks) > 62


def mask_in_file(checks: list[Check]) -> str:
    """SQL for the mask as `split_rows` has written it."""
    return "mask::hugeint as mask" if _is_wide(checks) else "mask"


def reasons_sql(checks: list[Check]) -> str:
    """SQL that turns `mask` back into text: every failed check's reason, joined."""
    parts = ", ".join(
        f"case when mask & {1 << bit} <> 0 then {quote(check.reason)} end" for bit, check in enumerate(checks)
    )
    return f"concat_ws('; ', {parts})"


def column_sql(checks: list[Check]) -> str:
    """SQL for the column of the first failed check."""
    parts = " ".join(f"when mask & {1 << bit} <> 0 then {quote(c.column)}" for bit, c in enumerate(checks))
    return f"case {parts} end"


def minor_sql(name: str) -> str:
    """SQL for a checked amount in minor units."""
    # whole units and the rest apart: both fit 64 bits for any amount, where the product as a decimal would not
    value = f"trunc({name})::bigint * minor_unit + {_millionths(name)} // (1000000 // minor_unit)"
    return f"coalesce({value}, 0) as {name}"


def minor_or_none_sql(name: str) -> str:
    """SQL for a checked amount that may be missing, in minor units."""
    return f"trunc({name})::bigint * minor_unit + {_millionths(name)} // (1000000 // minor_unit) as {name}"


def whole_address_sql() -> str:
    """SQL for an address on one line, made of its parts where it wasn't sent: in the order of the writing it is in."""
    chinese = "concat(address_state, address_city, address_street)"
    region = "nullif(trim(address_state || ' ' || address_postcode), '')"
    western = (
        f"concat_ws(', ', nullif(address_street, ''), nullif(address_city, ''), {region}, "
        "nullif(address_country, ''))"
    )
    return (
        "case when address <> '' then address "
        f"when regexp_matches(address_street, '[\\x{{4e00}}-\\x{{9fff}}]') then {chinese} else {western} end as address"
    )


def _millionths(name: str) -> str:
    """What an amount has behind its point."""
    return f"(({name} % 1) * 1000000)::bigint"


#: What is read once and thrown away: packed for speed.
_CHECKED = (
    "format parquet, parquet_version v2, compression lz4_raw, dictionary_size_limit 3000, "
    "partition_by (p), overwrite"
)


def split_rows(
    connection: Connection, file: FeedFile, columns: str, joined: str, target: Path
) -> list[Check]:
    """Write `file`'s rows, typed and checked, into one folder a partition under `target`; none where there are none."""
    checks = checks_of(file)
    if not file.has_rows:
        return checks
    extra = "" if file.table.name == "borrowers" else ", loan_key"
    written = "mask::varchar as mask" if _is_wide(checks) else "mask"
    connection.execute(
        f"""copy (
            select case when mask = 0 then p else {BAD} end as p, p as home, row_at, {written}{extra}, {columns}
            from (select *, {mask_sql(checks, file)} as mask from {joined})
        ) to {quote(target)} ({_CHECKED})"""
    )
    return checks


def control_sums(connection: Connection, file: FeedFile, where: str = "true") -> dict[str, str]:
    """Rows and exact sums of the file as it lies there, in the currency's unit; unreadable amounts add nothing."""
    parts = ["count(*)"]
    for name in file.table.amounts:
        value = amount_of(name, file.types[name])
        parts += [f"coalesce(sum({value}), 0)", f"count(*) filter (where {value} is null)"]
    if file.has_rows:
        query = f"select {', '.join(parts)} from {file.scan} where {where}"
        sums = one_row(connection.execute(query))
    else:
        sums = (0, *(Decimal("0.000000"), 0) * len(file.table.amounts))
    totals = {"rows": str(sums[0])}
    for position, name in enumerate(file.table.amounts):
        totals[name] = f"{sums[1 + 2 * position]:f}"
        totals[f"{name} unreadable"] = str(sums[2 + 2 * position])
    return totals
