"""One borrower's lines of the book as JSON: written by the engine for many at once, read back into core's loans.

    {"borrower": [language, region, timezone, has_phone, has_email, born_on], "feed_doubt": …, "part": …,
     "loans": [[loan_id, product, currency, principal, disbursed_on, status, instalments, payments, pauses], …]}

Days are ISO texts, amounts minor units. Instalments are [number, due_on, principal, interest, fee, penalty], payments
[payment_id, paid_on, amount, reverses], pauses [starts_on, ends_on] with no end as null.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from forbear.core.facts.borrower import Borrower
from forbear.core.loans.loan import Amounts, Instalment, Loan, Pause, Payment
from forbear.engine.columnar import Connection, parquet
from forbear.interchange.book.book import Book
from forbear.interchange.book.read import BorrowerRecord

#: Each loan's lines in the order in which `read_borrowers` gives them.
_LINES = """
create temp table ledger_lines as
select *, md5(lines) as digest from (
with loan as (
    select * from {loans} where borrower_id in (select borrower_id from ledger_borrowers where part = {part})
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
), owned as (
    select l.borrower_id, bool_or(l.feed_doubt) as feed_doubt, list(json_array(
        l.loan_id, l.product, l.currency, l.principal, l.disbursed_on, l.status,
        coalesce(i.lines, []), coalesce(p.lines, []), coalesce(s.lines, [])) order by l.loan_key) as loans
    from loan l
    left join instalment i using (loan_key) left join payment p using (loan_key) left join pause s using (loan_key)
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
)
"""


def make_ledger_lines(engine: Connection, book: Book, part: int) -> None:
    """Fill the engine's table `ledger_lines` (borrower_id, lines, digest) for one partition.

    For those whom the table `ledger_borrowers` (borrower_id, part) names there; whom the book doesn't know is left out.
    """
    folder = book.part(part)
    tables = ("loans", "instalments", "payments", "pauses", "borrowers")
    files = {name: parquet(folder, f"{name}.parquet") for name in tables}
    engine.execute("drop table if exists ledger_lines")
    engine.execute(_LINES.format(part=part, **files))


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
    disbursed_on, status, instalments, payments, pauses = rest
    return Loan(
        loan_id,
        borrower_id,
        product,
        currency,
        principal,
        date.fromisoformat(disbursed_on),
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
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
