"""A rule of a mapping as SQL: the source's text becomes the feed's, or stays, marked as unread, for the quarantine.

Nothing is repaired. A value that isn't written as the rule says is marked, so that the feed's checks refuse the row
even where the value happens to look right in another style.
"""

import re
from dataclasses import dataclass

from forbear.engine.columnar import identifier, quote
from forbear.interchange.book.feed_columns import Column
from forbear.interchange.book.origin import UNREAD
from forbear.interchange.mapping.date_styles import ISO, engine_style, exact_length, example
from forbear.interchange.mapping.mapping_file import UNITS, ColumnRule, Source

#: Feed columns that take only certain words: another word is refused there and passes elsewhere.
_CLOSED = ("status", "currency", "role")
_MOST_PLACES = 10  # decimals of a source's amount that are read exactly


@dataclass(frozen=True, slots=True)
class Converted:
    """`sql` is the feed's text; `sent` the source's own, None where both are the same; `origin` words for a person.

    `example` shows how a value must be written, "" where the feed's own reason says it.
    """

    sql: str
    sent: str | None
    origin: str
    example: str = ""


def convert(rule: ColumnRule, column: Column, source: Source | None) -> Converted:
    """The SQL of one column; its names are those of the block's source or view."""
    raw, origin = _raw(rule)
    plain = Converted(raw, None, origin)
    if rule.value is not None or rule.generated:
        return plain
    if column.kind == "date":
        made = _date(rule, raw, source)
    elif column.kind == "amount":
        made = _amount(rule, raw, source)
    elif column.kind == "whole":
        made = _whole(raw), ""
    else:
        made = raw, ""
    value, shown = made
    if rule.words or rule.otherwise is not None:
        value = _words(rule, raw, value, column)
    if rule.empty is not None:
        value = f"case when coalesce(trim({raw}), '') = '' then {quote(rule.empty)} else {value} end"
    return Converted(value, None if value == raw else raw, origin, shown)


def generated_sql(columns: tuple[str, ...]) -> str:
    """SQL for a stable id of some columns; rows alike in all of them are numbered in the source's order."""
    parts = ", ".join(f"coalesce({identifier(name)}, '')" for name in columns)
    nth = f"row_number() over (partition by {parts} order by source_file, source_row)"
    return f"'g' || left(md5(concat_ws(chr(31), {parts})), 24) || case when {nth} > 1 then '-' || {nth} else '' end"


def _raw(rule: ColumnRule) -> tuple[str, str]:
    if rule.column is not None:
        return identifier(rule.column), rule.column
    if rule.value is not None:
        return quote(rule.value), "(value)"
    if rule.generated:
        return generated_sql(rule.generated), f"(generated from {', '.join(rule.generated)})"
    # a comment at its end must not swallow what follows
    return f"({rule.sql}\n)::varchar", f"({' '.join((rule.sql or '').split())[:60]})"


def _or_unread(raw: str) -> str:
    """SQL for what is left where nothing could be read: nothing of an empty value, else the text with its mark."""
    return f"case when trim({raw}) <> '' then {_unread(raw)} end"


def _unread(raw: str) -> str:
    return f"{quote(UNREAD)} || {raw}"


def _date(rule: ColumnRule, raw: str, source: Source | None) -> tuple[str, str]:
    styles = rule.date or (source.dates if source else ())
    if rule.zone:
        moment = f"try_cast({raw} as timestamptz)"
        for style in styles:
            if style in ("unix", "unix_ms"):
                divisor = 1000 if style == "unix_ms" else 1
                moment = f"to_timestamp(try_cast({raw} as double) / {divisor})"
        day = f"(timezone({quote(rule.zone)}, {moment})::date)::varchar"
        return (
            f"case when {raw} is null then null else coalesce({day}, {_unread(raw)}) end",
            "2026-03-31T20:00:00Z",
        )
    # a time of day is cut off, as it is written
    timed = f"regexp_full_match({raw}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9].*')"
    if not styles or styles == (ISO,):
        return f"case when length({raw}) > 10 and {timed} then left({raw}, 10) else {raw} end", ""
    cut = f"regexp_replace({raw}, '[T ]+[0-9]{{1,2}}:[0-9]{{2}}.*$', '')"
    text = f"case when contains({raw}, ':') then {cut} else {raw} end"
    # what a workbook has as a date is ISO here, and no other style is written so
    iso = f"case when try_cast({text} as date)::varchar = {text} then {text} end"
    value = f"coalesce({', '.join([*(_day_of(style, text) for style in styles), iso])})"
    return f"coalesce({value}, {_or_unread(raw)})", example(styles[0])


def _day_of(style: str, text: str) -> str:
    """SQL for a text in one style as an ISO day, null where it isn't one."""
    if style == "excel":
        days = f"try_cast(floor(try_cast({text} as double)) as integer)"
        return f"case when {days} between 1 and 200000 then (date '1899-12-30' + {days})::varchar end"
    if style in ("unix", "unix_ms"):
        divisor = 1000 if style == "unix_ms" else 1
        return f"to_timestamp(try_cast({text} as double) / {divisor})::date::varchar"
    day = f"(try_strptime({text}, {quote(engine_style(style))})::date)::varchar"
    length = exact_length(style)
    return f"case when length(trim({text})) = {length} then {day} end" if length else day


def _amount(rule: ColumnRule, raw: str, source: Source | None) -> tuple[str, str]:
    decimal = rule.decimal or (source.decimal if source else ".")
    thousands = rule.thousands or (source.thousands if source else "")
    thousands = "" if thousands == "none" else thousands
    scale = UNITS[rule.unit]
    computed = scale or rule.sign != "keep" or rule.round is not None or rule.exponent
    if not (computed or rule.strip or thousands) and decimal == ".":
        return raw, ""
    text = _bare(raw, rule.strip)
    number = f"replace({text}, {quote(thousands)}, '')" if thousands else text
    number = f"replace({number}, {quote(decimal)}, '.')" if decimal != "." else number
    good = f"regexp_full_match({text}, {quote(_shape(decimal, thousands, rule.exponent))})"
    if rule.round is None:
        good += f" and {_few_places(number)}"
    shown = number
    if computed:
        value = f"try_cast({number} as decimal(28, {_MOST_PLACES}))"
        if scale:
            value = f"{value} * {quote(10**scale if scale > 0 else '0.01')}::decimal(8, 2)"
        value = {"keep": value, "flip": f"-({value})", "drop": f"abs({value})"}[rule.sign]
        if rule.round is not None:
            value = f"round({value}, {rule.round})"
        # zeros at the end say nothing
        shown = f"regexp_replace(({value})::decimal(38, 12)::varchar, '[.]?0+$', '')"
    quick = _quick_amount(raw, rule, decimal)
    return (
        f"coalesce({quick}case when {good} then {shown} end, {_or_unread(raw)})",
        f"1{thousands}234{decimal}50",
    )


def _quick_amount(raw: str, rule: ColumnRule, decimal: str) -> str:
    """SQL, before a comma, that reads the most frequent amounts at little cost, null for all others."""
    if rule.sign == "flip":
        return ""
    whole = f"try_cast({raw} as bigint)"
    plain = f"{whole}::varchar = {raw} and abs({whole}) < 100000000000000"
    if rule.unit == "cents":
        if rule.round is not None:
            return ""
        # a point put before the last two digits; where other signs stand between, the feed reads no amount
        digits = f"left({raw}, 1) between '1' and '9' and right({raw}, 1) between '0' and '9'"
        plain = f"length({raw}) between 3 and 16 and {digits} and not contains({raw}, '.')"
        return f"case when {raw} = '0' then '0' when {plain} then left({raw}, -2) || '.' || right({raw}, 2) end, "
    if rule.unit == "one":
        quick = f"case when {plain} then ({_absolute(rule, whole)})::varchar end, "
        if decimal == "," and rule.sign == "keep" and rule.round is None:
            # digits, one comma, two digits: nothing else becomes a number of itself
            cents = f"try_cast(replace({raw}, ',', '.') as decimal(15, 2))::varchar"
            quick += f"case when not contains({raw}, '.') and replace({cents}, '.', ',') = {raw} then {cents} end, "
        return quick
    return ""


def _absolute(rule: ColumnRule, value: str) -> str:
    return f"abs({value})" if rule.sign == "drop" else value


def _bare(raw: str, strip: tuple[str, ...]) -> str:
    """SQL for an amount without the signs around it; accountants write a negative one in brackets."""
    around = quote(" " + "".join(strip))
    inside = f"trim(left(substr(trim({raw}), 2), -1), {around})"
    return f"case when trim({raw}) like '(%)' then '-' || {inside} else trim({raw}, {around}) end"


def _shape(decimal: str, thousands: str, exponent: bool) -> str:
    whole = "[0-9]+"
    if thousands:
        mark = re.escape(thousands)
        # groups of three, or of two before the last as in India
        whole = f"([0-9]+|[0-9]{{1,3}}({mark}[0-9]{{2,3}})*{mark}[0-9]{{3}})"
    power = "([eE][+-]?[0-9]+)?" if exponent else ""
    return f"[+-]?{whole}({re.escape(decimal)}[0-9]*)?{power}"


def _few_places(number: str) -> str:
    """SQL: no decimal would be lost in reading."""
    return (
        f"(instr({number}, '.') = 0 or length(rtrim({number}, '0')) - instr({number}, '.') <= {_MOST_PLACES})"
    )


def _whole(raw: str) -> str:
    """Spreadsheets and programs write whole numbers as 3.0."""
    return f"case when contains({raw}, '.') then regexp_replace({raw}, '[.]0+$', '') else {raw} end"


def _words(rule: ColumnRule, raw: str, value: str, column: Column) -> str:
    plain = f"lower(trim({raw}))"
    cases = " ".join(
        f"when {quote(word.strip().lower())} then {quote(becomes)}" for word, becomes in rule.words.items()
    )
    other = value
    if rule.otherwise is not None:
        other = f"case when coalesce(trim({raw}), '') = '' then {value} else {quote(rule.otherwise)} end"
    elif column.kind == "truth" or column.name in _CLOSED:
        other = f"case when coalesce(trim({raw}), '') = '' then {value} else {_unread(raw)} end"
    return f"case {plain} {cases} else {other} end" if cases else other
