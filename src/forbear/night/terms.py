"""Product terms as the night's SQL sees them: one small table and two macros."""

from collections.abc import Sequence

from forbear.core.loans.delinquency import CLASS_BOUNDS
from forbear.core.loans.loan import COMPONENTS, Product
from forbear.engine.columnar import Connection, quote

_PAIRS = [(first, second) for second in COMPONENTS for first in COMPONENTS if first != second]


def make_terms(connection: Connection, products: Sequence[tuple[int, Product]]) -> None:
    """Create the tables `terms` and `order_of_parts`, and the macros `bucket_of` and `five_class_of` of days."""
    make_product_terms(connection, products)
    flags = {f"{first}_before_{second}": "integer" for first, second in _PAIRS}
    orders = [_order(number, product) for number, product in products]
    _make(connection, "order_of_parts", {"product_no": "integer", **flags}, orders)
    connection.execute(f"create or replace temp macro bucket_of(product_no, days) as {_bucket_sql(products)}")
    bounds = " ".join(
        f"when days >= {bound} then {quote(name)}"
        for bound, name in reversed(list(zip(CLASS_BOUNDS, ("substandard", "doubtful", "loss"), strict=True)))
    )
    connection.execute(
        f"create or replace temp macro five_class_of(days) as case {bounds} else 'special_mention' end"
    )


def make_product_terms(connection: Connection, products: Sequence[tuple[int, Product]]) -> None:
    """Create the table `terms` alone."""
    columns = {"product_no": "integer", "product": "varchar", "grace_days": "integer"}
    columns |= {"tolerance": "decimal(18, 4)", "due_date_counts": "integer", "stops_the_clock": "integer"}
    _make(connection, "terms", columns, [_terms(number, product) for number, product in products])


def _make(connection: Connection, table: str, columns: dict[str, str], rows: Sequence[tuple]) -> None:
    """Make a table of these rows, by one statement."""
    typed = ", ".join(f"{name}::{kind} as {name}" for name, kind in columns.items())
    rows, some = (rows, "true") if rows else ([("null",) * len(columns)], "false")
    values = ", ".join(f"({', '.join(map(str, row))})" for row in rows)
    connection.execute(
        f"create or replace temp table {table} as "
        f"select {typed} from (values {values}) t({', '.join(columns)}) where {some}"
    )


def _terms(number: int, product: Product) -> tuple[object, ...]:
    stops, counts = int(product.pauses == "stop_the_clock"), int(product.due_date_counts)
    return number, quote(product.code), product.grace_days, product.tolerance, counts, stops


def _order(number: int, product: Product) -> tuple[int, ...]:
    order = product.allocation_order
    return number, *(int(order.index(first) < order.index(second)) for first, second in _PAIRS)


def _bucket_sql(products: Sequence[tuple[int, Product]]) -> str:
    """One branch for each set of bounds in use; most lenders have one."""
    by_bounds: dict[tuple[int, ...], list[int]] = {}
    for number, product in products:
        by_bounds.setdefault(tuple(product.buckets), []).append(number)
    branches = []
    for bounds, numbers in by_bounds.items():
        cases = " ".join(
            f"when days >= {bound} then 'M{place}'" for place, bound in reversed(list(enumerate(bounds, 1)))
        )
        branches.append(
            f"when product_no in ({', '.join(map(str, numbers))}) then case {cases} else 'M0' end"
        )
    return f"case {' '.join(branches)} else 'M0' end" if branches else "'M0'"
