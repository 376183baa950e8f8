"""One borrower's lines of the book as JSON: written by the engine for many at once, read back into core's loans.

    {"borrower": [language, region, timezone, has_phone, has_email, born_on], "feed_doubt": …, "part": …,
     "loans": [[loan_id, product, currency, principal, disbursed_on, status, instalments, payments, pauses, quote,
        account], …]}

Days are ISO texts, amounts minor units. Instalments are [number, due_on, principal, interest, fee, penalty], payments
[payment_id, paid_on, amount, reverses], pauses [starts_on, ends_on] with no end as null, a quote [on, until, payoff,
balance] or null, an account the values of SNAPSHOT_COLUMNS or null.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from forbear.core.facts.borrower import Borrower
from forbear.core.loans.account import account_loan
from forbear.core.loans.loan import Amounts, Instalment, Loan, Pause, Payment, PayoffQuote
from forbear.engine.columnar import Connection, parquet, rows_of
from forbear.interchange.book.book import Book
from forbear.interchange.book.read import BorrowerRecord
from forbear.interchange.book.snapshots import SNAPSHOT_COLUMNS, snapshot_of_json

#: Rows that differ have other sums; the order they lie in doesn't count.
_DIGESTS = """
with loan as (
    select loan_key, borrower_id,
        hash(loan_id, product, currency, principal, disbursed_on, status, feed_doubt,
            balance, payoff, payoff_on, payoff_until) as digest
    from {loans} where borrower_id in (select borrower_id from ledger_borrowers where part = {part})
), line as (
    select loan_key, digest from loan
    union all
    select loan_key, hash(number, due_on, principal, interest, fee, penalty)
    from {instalments} where loan_key in (select loan_key from loan)
    union all
    select loan_key, hash(payment_id, paid_on, amount, reverses)
    from {payments} where loan_key in (select loan_key from loan)
    union all
    select loan_key, hash(starts_on, ends_on) from {pauses} where loan_key in (select loan_key from loan)
    union all
    select loan_key, hash({snapshot}) from {accounts} where newest and loan_key in (select loan_key from loan)
), person as (
    select borrower_id, hash(language, region, timezone, phone, email, born_on) as digest
    from {borrowers} where borrower_id in (select borrower_id from loan)
)
select l.borrower_id, concat(sum(line.digest), ' ', any_value(p.digest)) as digest
from line join loan l using (loan_key) left join person p using (borrower_id)
group by l.borrower_id
"""
#: Each loan's lines in the order in which `read_borrowers` gives them.
_LINES = """
with loan as (
    select * from {loans} where borrower_id in (select unnest($who))
), instalment as (
    select loan_key, list(json_array(number, due_on, principal, interest, fee, penalty)
        order by number, due_on, principal, interest, fee, penalty) as lines
    from {instalments} where loan_key in (select loan_key from loan) group by loan_key
), payment as (
    select loan_key, list(json_array(payment_id, paid_on, amount, reverses)
        order by payment_id, paid_on, amount, reverses) as lines
    from {payments} where loan_key in (select loan_key from loan) group by loan_key
), pause as (
    select loan_key, list(json_array(starts_on, if(ends_on = date '9999-12-31', null, ends_on))
        order by starts_on, ends_on) as lines
    from {pauses} where loan_key in (select loan_key from loan) group by loan_key
), account as (
    select loan_key, json_array({snapshot}) as line
    from {accounts} where newest and loan_key in (select loan_key from loan)
), owned as (
    select l.borrower_id, bool_or(l.feed_doubt) as feed_doubt, list(json_array(
        l.loan_id, l.product, l.currency, l.principal, l.disbursed_on, l.status,
        coalesce(i.lines, []), coalesce(p.lines, []), coalesce(s.lines, []),
        if(l.payoff_on is null, null, json_array(l.payoff_on, l.payoff_until, l.payoff, l.balance)), a.line)
        order by l.loan_key) as loans
    from loan l
    left join instalment i using (loan_key) left join payment p using (loan_key) left join pause s using (loan_key)
    left join account a using (loan_key)
    group by l.borrower_id
), person as (
    select borrower_id, json_array(
        coalesce(language, ''), coalesce(region, ''), coalesce(timezone, ''),
        coalesce(phone, '') <> '', coalesce(email, '') <> '', born_on) as known
    from {borrowers} where borrower_id in (select borrower_id from owned)
)
select o.borrower_id, json_object(
    'borrower', coalesce(p.known, json_array('', '', '', false, false, null)),
    'feed_doubt', o.feed_doubt, 'part', {part}, 'loans', o.loans)::varchar as lines
from owned o left join person p using (borrower_id)
order by o.borrower_id
"""


def ledger_digests(engine: Connection, book: Book, part: int) -> dict[str, str]:
    """A digest of the lines of each borrower whom the engine's table `ledger_borrowers` (borrower_id, part) names.

    For one partition of the book; whom the book doesn't know is left out.
    """
    return dict(engine.execute(_DIGESTS.format(part=part, **_files(book, part))).fetchall())


def ledger_lines(
    engine: Connection, book: Book, part: int, borrowers: list[str]
) -> Iterator[tuple[str, str]]:
    """(borrower_id, lines as JSON text) of these borrowers of one partition, in the order of borrower_id."""
    return rows_of(engine.execute(_LINES.format(part=part, **_files(book, part)), {"who": borrowers}))


def _files(book: Book, part: int) -> dict[str, str]:
    tables = ("loans", "instalments", "payments", "pauses", "accounts", "borrowers")
    files = {name: parquet(book.part(part), f"{name}.parquet") for name in tables}
    return {**files, "snapshot": SNAPSHOT_COLUMNS}


def read_ledger_lines(borrower_id: str, lines: Mapping[str, Any]) -> BorrowerRecord:
    """The borrower's record as `read_borrowers` gives it."""
    language, region, timezone, has_phone, has_email, born_on = lines["borrower"]
    return BorrowerRecord(
        Borrower(borrower_id, language, region, timezone, has_phone, has_email, _day(born_on)),
        tuple(_loan(borrower_id, *loan) for loan in lines["loans"]),
        lines["feed_doubt"],
        lines["part"],
    )


def _loan(borrower_id: str, loan_id: str, product: str, currency: str, principal: int, *rest: Any) -> Loan:
    disbursed_on, status, instalments, payments, pauses, quote, *account = rest
    loan = Loan(
        loan_id,
        borrower_id,
        product,
        currency,
        principal,
        _day(disbursed_on),
        status,
        tuple(
            Instalment(number, date.fromisoformat(due_on), Amounts(*amounts))
            for number, due_on, *amounts in instalments
        ),
        tuple(
            Payment(payment_id, date.fromisoformat(paid_on), amount, reverses)
            for payment_id, paid_on, amount, reverses in payments
        ),
        tuple(Pause(date.fromisoformat(starts_on), _day(ends_on)) for starts_on, ends_on in pauses),
        PayoffQuote(date.fromisoformat(quote[0]), date.fromisoformat(quote[1]), *quote[2:])
        if quote
        else None,
    )
    # lines of an earlier release have no place for an account
    return account_loan(loan, snapshot_of_json(account[0])) if account and account[0] else loan


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
