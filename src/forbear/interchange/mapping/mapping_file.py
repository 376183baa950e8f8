"""mapping.yaml: which files a lender has, and which of their columns become which of the feed's.

The meanings beside the keys are message ids; docs/mapping.md is made from them.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from pydantic import AfterValidator

from forbear.core.base.problem import MessageId, Phrase, noop
from forbear.core.base.setting import WrongValue, known, setting, settings_class, several, whole
from forbear.interchange.book.feed_columns import TABLES
from forbear.interchange.home.lender_file import ENCODINGS
from forbear.interchange.mapping.date_styles import unknown_parts

_MARK = noop('must be one character, such as ","')
_STYLE = noop("must be a date style such as DD/MM/YYYY, or unix, unix_ms, excel")
_NAME = noop("must be a word of letters, digits and _ that begins with a letter")
_ENCODING = Phrase(noop("must be one of %(choices)s"), choices=tuple(ENCODINGS))
#: Words for separators that are hard to see in a file.
SEPARATORS = {"tab": "\t", "space": " ", "comma": ",", "semicolon": ";", "bar": "|"}
UNITS = {"one": 0, "cents": -2, "thousands": 3, "ten_thousands": 4}


def _mark(text: str) -> str:
    if len(text) != 1:
        raise WrongValue(_MARK)
    return text


def _mark_or_none(text: str) -> str:
    return text if text in ("", "none") else _mark(text)


def _separator(text: str) -> str:
    return _mark(SEPARATORS.get(text, text))


def _styles(styles: tuple[str, ...]) -> tuple[str, ...]:
    if any(unknown_parts(style) for style in styles):
        raise WrongValue(_STYLE)
    return styles


def _encoding(name: str) -> str:
    if name.lower() not in ENCODINGS:
        raise WrongValue(_ENCODING)
    return name.lower()


def _name(name: str) -> str:
    if not name.isidentifier() or name.startswith("_") or name.lower() != name:
        raise WrongValue(_NAME)
    return name


def _line(meaning: MessageId, wanted: MessageId | None = None) -> object:
    """A text in words; only the meaning is shown beside its key."""
    return setting(meaning, meaning, wanted=wanted)


def _list(meaning: MessageId) -> object:
    return several(meaning, meaning)


Styles = Annotated[tuple[str, ...], AfterValidator(_styles)]
SourceName = Annotated[str, AfterValidator(_name)]


@settings_class
class Source:
    """Where rows come from: files of one shape, or a query of a database."""

    files: Annotated[
        tuple[str, ...], _list(noop("Name or pattern below the feed, also inside a .zip or .gz"))
    ] = ()
    format: Annotated[
        Literal["", "csv", "excel", "parquet", "json"],
        _line(noop("Form of the files; by their ending where it is left out")),
    ] = ""
    optional: Annotated[
        bool, _line(noop("Whether the files may be missing; the source then has no rows"))
    ] = False
    separator: Annotated[
        str,
        AfterValidator(_separator),
        _line(noop("What stands between values: a character, or tab, semicolon, bar, space"), wanted=_MARK),
    ] = ","
    quote: Annotated[
        str,
        AfterValidator(_mark_or_none),
        _line(noop("What encloses values that hold a separator, or none"), wanted=_MARK),
    ] = '"'
    encoding: Annotated[str, AfterValidator(_encoding), _line(noop("Encoding of the files"))] = "utf-8"
    header: Annotated[
        int,
        whole(
            noop("Header line"), noop("Line of the column names; 0 where there is none"), "lines", most=1000
        ),
    ] = 1
    columns: Annotated[tuple[str, ...], _list(noop("Column names, where no header has them"))] = ()
    sheet: Annotated[str, _line(noop("Name of the sheet, or its place from 1; the first where left out"))] = (
        ""
    )
    merged: Annotated[
        Literal["refuse", "fill"],
        _line(noop("Merged cells among the rows: refuse the sheet, or fill each cell with the value")),
    ] = "refuse"
    end: Annotated[
        Literal["last", "blank"],
        _line(noop("Rows end at the last row, or at the first blank row")),
    ] = "last"
    leave_out: Annotated[
        tuple[str, ...],
        _list(noop("Further words by which a row of totals begins, beside 合计, Total and the like")),
    ] = ()
    nulls: Annotated[
        tuple[str, ...], _list(noop("Texts that mean an empty value, such as NULL, in CSV and workbooks"))
    ] = ()
    path: Annotated[
        str, _line(noop("Keys that lead to the list of rows in a JSON file, such as data.loans"))
    ] = ""
    each: Annotated[
        str,
        _line(
            noop(
                "List inside each row whose items become the rows; the row around has parent. before its columns"
            )
        ),
    ] = ""
    database: Annotated[
        str, _line(noop("Name of the environment variable with the address of a database"))
    ] = ""
    query: Annotated[str, _line(noop("Query that gives the rows; it is run read-only"))] = ""
    dates: Annotated[Styles, _list(noop("Date styles of all its date columns"))] = ()
    decimal: Annotated[
        str, AfterValidator(_mark), _line(noop("Decimal mark of all its amounts"), wanted=_MARK)
    ] = "."
    thousands: Annotated[
        str, AfterValidator(_mark_or_none), _line(noop("Thousands mark of all its amounts"), wanted=_MARK)
    ] = ""


@settings_class
class ColumnRule:
    """Where a column of the feed comes from; exactly one of `column`, `value`, `sql`, `generated`."""

    column: Annotated[str | None, _line(noop("Name of the source's column"))] = None
    value: Annotated[str | None, _line(noop("One value for every row"))] = None
    sql: Annotated[str | None, _line(noop("Expression over the source's columns, which are all text"))] = None
    generated: Annotated[
        tuple[str, ...],
        _list(noop("Columns of which a stable id is made; rows alike in all of them are numbered")),
    ] = ()
    words: Annotated[
        Mapping[str, str], _list(noop("The source's words and what each becomes; capitals don't matter"))
    ] = field(default_factory=dict)
    otherwise: Annotated[str | None, _line(noop("What every other word becomes"))] = None
    empty: Annotated[str | None, _line(noop("What an empty value becomes"))] = None
    date: Annotated[Styles, _list(noop("Date styles, tried in their order"))] = ()
    zone: Annotated[
        str, _line(noop("Time zone whose day counts, where values have an offset or are unix times"))
    ] = ""
    decimal: Annotated[
        str, AfterValidator(_mark_or_none), _line(noop("Decimal mark, else the source's"), wanted=_MARK)
    ] = ""
    thousands: Annotated[
        str, AfterValidator(_mark_or_none), _line(noop("Thousands mark, else the source's"), wanted=_MARK)
    ] = ""
    unit: Annotated[
        Literal["one", "cents", "thousands", "ten_thousands"], _line(noop("What an amount of 1 means"))
    ] = "one"
    strip: Annotated[tuple[str, ...], _list(noop("Signs to cut off around an amount, such as ¥"))] = ()
    sign: Annotated[Literal["keep", "flip", "drop"], _line(noop("What becomes of an amount's sign"))] = "keep"
    exponent: Annotated[bool, _line(noop("Whether 4e+05 is an amount"))] = False
    round: Annotated[
        int | None,
        whole(
            noop("Decimals"), noop("Decimals that an amount is rounded to; it is counted"), "digits", most=6
        ),
    ] = None


@settings_class
class Block:
    """Rows of one feed table: from where, which, and what its columns are."""

    source: Annotated[SourceName, _line(noop("A source or a view"))]
    columns: Annotated[
        Mapping[str, ColumnRule], _list(noop("The feed's columns, each a source's column or a rule"))
    ]
    where: Annotated[str, _line(noop("Condition for a row to count; the others are counted as left out"))] = (
        ""
    )
    one_per: Annotated[
        tuple[str, ...],
        _list(noop("Columns of the feed's table of which one row counts; the others are left out")),
    ] = ()
    order: Annotated[
        str, _line(noop("With one_per: what puts the row that counts first; else the source's order"))
    ] = ""


@settings_class
class MappingFile:
    """The whole file."""

    sources: Annotated[Mapping[SourceName, Source], _list(noop("Where rows come from, by name"))]
    tables: Annotated[
        Mapping[Annotated[str, known(tuple(table.name for table in TABLES))], tuple[Block, ...]],
        _list(noop("The feed's tables, each of one block or several")),
    ]
    views: Annotated[
        Mapping[SourceName, str],
        _list(noop("Queries over sources and earlier views, in their order")),
    ] = field(default_factory=dict)
    products: Annotated[str, _line(noop("File with the products' terms beside this one"))] = "products.yaml"
