"""What settles each loan, set-based: the macro `payoff_of` and the two sums it needs beside a loan's own row."""

from datetime import date

from forbear.engine.columnar import Connection
from forbear.night.sql_text import filled, sql_day

#: The arguments of `payoff_of` for a loan `l` of the book, joined with `payoff_joins`: all but past due and charges.
OF_LOAN = "l.due_total, {paid}, c.amount, l.payoff, l.balance, l.payoff_on, l.payoff_until, s.amount"


def make_payoff(connection: Connection, as_of: date) -> None:
    """Create the macro `payoff_of` for the end of `as_of`."""
    connection.execute(filled("payoff.sql", as_of=sql_day(as_of)))


def to_come_sql(instalments: str, as_of: date, only: str = "true") -> str:
    """SQL: what of each loan's instalments falls due after `as_of` and is no principal (loan_key, amount)."""
    return (
        f"select loan_key, sum(interest + fee + penalty)::bigint as amount from {instalments} "
        f"where falls_due_on > {sql_day(as_of)} and {only} group by loan_key"
    )


def paid_since_sql(loans: str, payments: str, as_of: date, quoted: bool) -> str:
    """SQL: what was paid on each loan after the lender's own figures were made (loan_key, amount).

    `quoted`: some loan of the book has such figures.
    """
    if not quoted:
        return "select null::integer as loan_key, null::bigint as amount where false"
    return (
        "select p.loan_key, sum(p.counted)::bigint as amount "
        f"from {payments} p join (select loan_key, payoff_on from {loans} where payoff_on is not null) q "
        f"on q.loan_key = p.loan_key and p.paid_on > q.payoff_on where p.counted > 0 and p.paid_on <= {sql_day(as_of)} "
        "group by p.loan_key"
    )


def payoff_joins(to_come: str = "to_come", paid_since: str = "paid_since") -> str:
    """The joins of a loan `l` with both sums, each a table or a query in brackets."""
    return f"left join {to_come} c on c.loan_key = l.loan_key left join {paid_since} s on s.loan_key = l.loan_key"
