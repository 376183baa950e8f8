"""What a feed's files must hold: each column's kind, and the checks a row has to pass.

A check is SQL that is true for a bad row, with the plain reason that goes into
the quarantine. The checks of one table form a bit mask, so that a hundred
million good rows cost no text.
"""

import re
from dataclasses import dataclass
from typing import Literal

from forbear.core.base.identifiers import LONGEST, UNSEEN
from forbear.core.loans.incoming import FIRST_DAY as _FIRST_DAY
from forbear.core.loans.incoming import LARGEST_AMOUNT
from forbear.engine.columnar import identifier, quote

#: What is cut off a key; a text in SQL can't hold NUL, and no file of a feed does.
_UNSEEN = UNSEEN.replace("\0", "")
Kind = Literal["key", "text", "date", "amount", "whole", "truth"]

STATUSES = ("active", "closed", "written_off")
#: Who or what may stand in `parties`: people who owe with the borrower, companies, and the number the loan had before.
PARTY_ROLES = ("co_borrower", "guarantor", "original_creditor", "seller", "former_number")
#: An address on one line, and its parts where the lender knows them.
ADDRESS_PARTS = (
    "address",
    "address_street",
    "address_city",
    "address_state",
    "address_postcode",
    "address_country",
)
# Dates outside these years are typing errors in consumer lending, not facts.
FIRST_DAY, LAST_DAY = _FIRST_DAY.isoformat(), "2199-12-31"
FIRST_BIRTHDAY = "1900-01-01"
UNREAD_AMOUNT = "{} is not an amount like 1234.50"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a feed file. `optional`: the column or its value may be missing."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """`bad` is SQL, true for a row that must not go on; `reason` says why to a person."""

    column: str
    bad: str
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the feed."""

    name: str
    columns: tuple[Column, ...]
    required: bool
    loan_rows: bool  # rows hang on a loan by loan_id

    @property
    def amounts(self) -> tuple[str, ...]:
        """The columns whose sums are control totals: those that every row has."""
        return tuple(
            column.name for column in self.columns if column.kind == "amount" and not column.optional
        )

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


LOANS = Table(
    "loans",
    (
        Column("loan_id", "key"),
        Column("borrower_id", "key"),
        Column("product", "key"),
        Column("currency", "key"),
        Column("principal", "amount"),
        Column("disbursed_on", "date", optional=True),
        Column("status", "key"),
        Column("balance", "amount", optional=True),
        Column("payoff", "amount", optional=True),
        Column("payoff_on", "date", optional=True),
        Column("payoff_until", "date", optional=True),
        Column("creditor", "key", optional=True),
    ),
    required=True,
    loan_rows=False,
)
INSTALMENTS = Table(
    "instalments",
    (
        Column("loan_id", "key"),
        Column("number", "whole"),
        Column("due_on", "date"),
        Column("principal", "amount"),
        Column("interest", "amount"),
        Column("fee", "amount"),
        Column("penalty", "amount"),
    ),
    required=True,
    loan_rows=True,
)
PAYMENTS = Table(
    "payments",
    (
        Column("payment_id", "key"),
        Column("loan_id", "key"),
        Column("paid_on", "date"),
        Column("amount", "amount"),
        Column("reverses", "key", optional=True),
    ),
    required=True,
    loan_rows=True,
)
BORROWERS = Table(
    "borrowers",
    (
        Column("borrower_id", "key"),
        Column("name", "text", optional=True),
        Column("phone", "text", optional=True),
        Column("email", "text", optional=True),
        Column("language", "text", optional=True),
        Column("region", "text", optional=True),
        Column("timezone", "text", optional=True),
        Column("born_on", "date", optional=True),
        Column("id_number", "text", optional=True),
        *(Column(name, "text", optional=True) for name in ADDRESS_PARTS),
        Column("area", "text", optional=True),
        Column("latitude", "text", optional=True),
        Column("longitude", "text", optional=True),
    ),
    required=False,
    loan_rows=False,
)
PAUSES = Table(
    "pauses",
    (
        Column("loan_id", "key"),
        Column("starts_on", "date"),
        Column("ends_on", "date", optional=True),
    ),
    required=False,
    loan_rows=True,
)
PARTIES = Table(
    "parties",
    (
        Column("loan_id", "key"),
        Column("number", "whole"),
        Column("role", "key"),
        Column("name", "text"),
        Column("born_on", "date", optional=True),
        Column("phone", "text", optional=True),
        *(Column(name, "text", optional=True) for name in ADDRESS_PARTS),
    ),
    required=False,
    loan_rows=True,
)
ACCOUNTS = Table(
    "accounts",
    (
        Column("loan_id", "key"),
        Column("as_of", "date"),
        Column("currency", "key", optional=True),
        Column("balance", "amount"),
        Column("past_due", "amount", optional=True),
        Column("past_due_principal", "amount", optional=True),
        Column("past_due_interest", "amount", optional=True),
        Column("past_due_fee", "amount", optional=True),
        Column("past_due_penalty", "amount", optional=True),
        Column("oldest_due_on", "date", optional=True),
        Column("days_past_due", "whole", optional=True),
        Column("statement_on", "date", optional=True),
        Column("minimum_due", "amount", optional=True),
        Column("minimum_due_on", "date", optional=True),
        Column("paid_since_statement", "amount", optional=True),
        Column("last_payment_on", "date", optional=True),
        Column("last_payment_amount", "amount", optional=True),
        Column("charge_off_on", "date", optional=True),
        Column("charge_off_amount", "amount", optional=True),
        Column("first_delinquent_on", "date", optional=True),
        Column("limitation_from", "date", optional=True),
        Column("itemized_on", "date", optional=True),
        Column("itemized_event", "key", optional=True),
        Column("itemized_amount", "amount", optional=True),
        Column("itemized_interest", "amount", optional=True),
        Column("itemized_fees", "amount", optional=True),
        Column("itemized_paid", "amount", optional=True),
        Column("itemized_credited", "amount", optional=True),
    ),
    required=False,
    loan_rows=True,
)
TABLES = (LOANS, INSTALMENTS, PAYMENTS, ACCOUNTS, BORROWERS, PAUSES, PARTIES)
#: What a feed may leave out that has accounts: the tables of a schedule.
OF_SCHEDULES = ("instalments", "payments")
CONSENT_NAME = r"consent_.+"  # consent_sms, consent_voice, ...: true or false

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UINTEGER", "USMALLINT")
_TRUE, _FALSE = "('true', 't', '1', 'yes', 'y', '是')", "('false', 'f', '0', 'no', 'n', '否', '')"


def text_of(name: str, kind_in_file: str) -> str:
    """SQL for the value as text, never null; `kind_in_file` is the engine's type of the column."""
    value = identifier(name)
    return f"coalesce({value}, '')" if kind_in_file == "VARCHAR" else f"coalesce({value}::varchar, '')"


def date_of(name: str, kind_in_file: str) -> str:
    """SQL for the value as a date, null where it isn't one."""
    if kind_in_file in ("DATE", "TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP_MS", "TIMESTAMP_S"):
        return f"{identifier(name)}::date"
    text = text_of(name, kind_in_file)
    # ISO only: the engine would also read 2024/1/5, 2024-1-5, 'epoch' or 'infinity'
    same = f"length({text}) = 10 and try_cast({text} as date)::varchar = {text}"
    return f"case when {same} then try_cast({text} as date) end"


def amount_of(name: str, kind_in_file: str) -> str:
    """SQL for the value as an exact decimal of six places, null where it isn't one."""
    if kind_in_file in WHOLE or kind_in_file.startswith("DECIMAL"):
        return f"try_cast({identifier(name)} as decimal(18, 6))"
    text = text_of(name, kind_in_file)
    # the engine would also read 1e2 as a hundred and 1_000 as a thousand
    odd = " or ".join(f"contains({text}, {mark})" for mark in ("'e'", "'E'", "'_'"))
    return f"case when {odd} then null else try_cast({text} as decimal(18, 6)) end"


def more_than_six_places(name: str, kind_in_file: str) -> str:
    """SQL, true where the text has more decimals than `amount_of` keeps, so that none are rounded away."""
    decimal = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind_in_file)
    if decimal and int(decimal.group(1)) > 6:
        return f"{identifier(name)} <> round({identifier(name)}, 6)"
    if kind_in_file in ("VARCHAR", "DOUBLE", "FLOAT"):
        text = text_of(name, kind_in_file)
        # that many places need eight characters, and most amounts have fewer; zeros at the end lose nothing
        long = f"strlen({text}) > 7 and contains({text}, '.') and length({text}) - instr({text}, '.') > 6"
        return f"case when {long} then length(rtrim({text}, '0')) - instr({text}, '.') > 6 else false end"
    return "false"


def value_of(column: Column, kind_in_file: str) -> str:
    """SQL for a column's value in its own kind."""
    if column.kind == "date":
        return date_of(column.name, kind_in_file)
    if column.kind == "amount":
        return amount_of(column.name, kind_in_file)
    text = text_of(column.name, kind_in_file)
    if column.kind == "whole":
        if kind_in_file in WHOLE:
            return f"try_cast({identifier(column.name)} as integer)"
        # the engine would also read 1.5 as two and 0x10 as sixteen: plain digits only, zeros in front allowed
        plain = f"try_cast({text} as integer)"
        return f"case when {plain}::varchar = {text} or regexp_full_match({text}, '0*[0-9]{{1,9}}') then {plain} end"
    if column.kind == "truth":
        return f"case when lower({text}) in {_TRUE} then true when lower({text}) in {_FALSE} then false end"
    return _trimmed(text) if column.kind == "key" else text


def _trimmed(text: str) -> str:
    # a trim costs more than a look, of an empty text too; unseen signs take more than one byte, or come before ! in the
    # order of signs
    plain = f"{text} = '' or strlen({text}) = length({text}) and {text} >= '!' and right({text}, 1) between '!' and '~'"
    return f"case when {plain} then {text} else trim({text}, {quote(_UNSEEN)}) end"


def surely_good(column: Column) -> str:
    """SQL, true for most good values of a column and for none that fails one of its `kind_checks`; "" without one.

    Where it holds of a whole row, no check is made one by one.
    """
    value = identifier(column.name)
    if column.kind == "key":
        # no text has fewer bytes than signs
        return f"strlen({value}) between {0 if column.optional else 1} and {LONGEST}"
    if column.kind == "date":
        first = FIRST_BIRTHDAY if column.name == "born_on" else FIRST_DAY
        return f"{value} between date '{first}' and date '{LAST_DAY}'"
    if column.kind == "amount":
        return f"{value} between -{LARGEST_AMOUNT} and {LARGEST_AMOUNT}"
    if column.kind == "whole":
        return f"{value} is not null"
    return f"strlen({value}) <= 1000" if column.kind == "text" else ""


def kind_checks(column: Column) -> list[Check]:
    """The checks that follow from a column's kind alone; they read the value and raw_NAME, the text of a null."""
    name, value, raw = column.name, identifier(column.name), identifier(f"raw_{column.name}")
    if column.kind == "key":
        long = Check(name, f"length({value}) > {LONGEST}", f"{name} is longer than {LONGEST} characters")
        return [long] if column.optional else [Check(name, f"{value} = ''", f"{name} is empty"), long]
    unread = f"{value} is null" + (f" and {raw} <> ''" if column.optional else "")
    if column.kind == "date":
        first = FIRST_BIRTHDAY if name == "born_on" else FIRST_DAY
        outside = f"{value} not between date '{first}' and date '{LAST_DAY}'"
        return [
            Check(name, unread, f"{name} is not a date like 2026-03-31"),
            Check(name, outside, f"{name} is outside the years {first[:4]} to 2199"),
        ]
    if column.kind == "amount":
        # what reads as a number and still has no value is too large for its kind
        number = f"regexp_full_match({raw}, ' *[+-]?[0-9]+([.][0-9]*)? *')"
        return [
            Check(name, f"case when {unread} then not {number} else false end", UNREAD_AMOUNT.format(name)),
            Check(
                name,
                f"case when {unread} then {number} else abs({value}) > {LARGEST_AMOUNT} end",
                f"{name} is larger than any consumer loan",
            ),
        ]
    if column.kind == "whole":
        number = f"regexp_full_match({raw}, '-?[0-9]{{10,}}')"
        return [
            Check(
                name, f"case when {unread} then not {number} else false end", f"{name} is not a whole number"
            ),
            Check(name, f"case when {unread} then {number} else false end", f"{name} is too large a number"),
        ]
    if column.kind == "truth":
        return [Check(name, f"{value} is null", f"{name} is neither true nor false")]
    return [Check(name, f"length({value}) > 1000", f"{name} is longer than 1,000 characters")]
