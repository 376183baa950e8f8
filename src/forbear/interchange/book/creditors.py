"""Creditors that a feed names and lender.yaml doesn't declare: a loan of nobody known is in no book."""

from forbear.engine.columnar import Connection
from forbear.interchange.book.feed_check import typed
from forbear.interchange.book.feed_files import FeedError
from forbear.interchange.book.feed_hints import nearest
from forbear.interchange.book.import_run import ImportRun

_MANY = 5


def named_creditors(run: ImportRun) -> tuple[str, ...]:
    """Every creditor that the feed names, for an import without a home: a trial, or the days past due alone."""
    file = run.files["loans"]
    if not file.has_rows or not any(column.name == "creditor" for column in file.columns):
        return ()
    rows = run.connection.execute(
        f"select distinct creditor from {typed(file)} where creditor <> '' order by 1"
    ).fetchall()
    return tuple(code for (code,) in rows)


def unknown_creditors(connection: Connection, declared: tuple[str, ...]) -> list[str]:
    """A warning for each undeclared creditor of the table `loans_checked`, with the nearest that is declared.

    FeedError where none is declared at all: then it is not a slip, but a whole feed of others' loans.
    """
    found = connection.execute(
        """select creditor, count(*), min_by(loan_id, row_at) from loans_checked
        where creditor not in (select code from creditors) group by creditor order by 2 desc, 1"""
    ).fetchall()
    if found and not declared:
        named = ", ".join(f"`{code}`" for code, *_ in found[:_MANY]) + (
            " and others" if len(found) > _MANY else ""
        )
        raise FeedError(
            f"loans: the column creditor names {named}, and lender.yaml declares no creditors; "
            "declare them under `creditors:`, or leave the column out"
        )
    warnings = []
    for code, rows, first in found[:_MANY]:
        near = nearest(code, declared)
        hint = f"did you mean `{near}`?" if near else f"it is one of {', '.join(declared)}"
        warnings.append(
            f"loans: lender.yaml declares no creditor `{code}` ({rows:,} rows, first loan {first}); {hint}"
        )
    if len(found) > _MANY:
        warnings.append(
            f"loans: {len(found) - _MANY:,} other creditors are not declared in lender.yaml either"
        )
    return warnings
