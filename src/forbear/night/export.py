"""A night's results as CSV, for people without a Parquet reader."""

from forbear.core.files.spreadsheet import plain_sql
from forbear.engine.columnar import connected, identifier, one_row, parquet, quote
from forbear.night.partition import RESULTS
from forbear.night.run import Night

_ORDER = {
    "arrears": "loan_id",
    "cases": "borrower_id",
    "treatments": "borrower_id, position",
    "arms": "borrower_id",
}
# Money stands in minor units in the results; a spreadsheet gets the currency's unit.
_MONEY = (
    "past_due_principal",
    "past_due_interest",
    "past_due_fee",
    "past_due_penalty",
    "past_due_amount",
    "outstanding",
    "payoff",
    "balance",
    "credit",
    "principal",
    "next_due_amount",
    "total_past_due",
    "total_outstanding",
    "total_payoff",
)


def unit_sql(name: str, digits: int) -> str:
    """SQL for minor units as an exact decimal of the currency's unit with `digits` places."""
    cases = " ".join(
        f"when {10**places} then ({name} * {'1' if places == 0 else f'{10**-places:.{places}f}'}"
        f"::decimal(9, {places}))::decimal(38, {digits})"
        for places in range(digits + 1)
    )
    return f"case minor_unit {cases} end"


def write_csv(night: Night, digits: int = 4) -> None:
    """Write arrears.csv, cases.csv, treatments.csv and arms.csv beside the manifest."""
    with connected(2) as connection:
        for name in RESULTS:
            source = parquet(night.folder / name, "part-*.parquet")
            described = connection.execute(f"describe select * from {source}").fetchall()
            kinds = {row[0]: row[1] for row in described}
            columns = list(kinds)
            largest = 2
            if "minor_unit" in columns:
                minor_unit = one_row(connection.execute(f"select max(minor_unit) from {source}"))[0] or 100
                largest = min(digits, len(str(minor_unit)) - 1)
            shown = ", ".join(
                f"{unit_sql(column, largest)} as {column}"
                if column in _MONEY
                else f"{plain_sql(identifier(column))} as {identifier(column)}"
                if kinds[column] == "VARCHAR"
                else identifier(column)
                for column in columns
                if column != "minor_unit"
            )
            waiting = night.folder / f".{name}.csv.new"
            connection.execute(
                f"copy (select {shown} from {source} order by {_ORDER[name]}) to {quote(waiting)} (format csv, header)"
            )
            waiting.rename(night.folder / f"{name}.csv")
