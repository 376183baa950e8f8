"""A loan without a schedule: what the lender's own system says of the account at the end of one day.

Agencies, debt buyers, card issuers and many loan systems know no instalments. They give a snapshot a day: the balance,
what is past due by part and since when, the minimum payment and its due date. An account becomes lines like any loan's:

- line 1, what is past due, due on the oldest due date;
- line 2, what the next minimum payment asks beyond that, due on its own date;
- line 3, the rest of the balance, which falls due on no day that is known.

So everything that follows from lines follows from an account too. The snapshot holds every payment up to the one it
names as the last; only later payments lower the lines, until a snapshot shows them. To the borrower's good a payment
that was undone counts as shown: the lender's next snapshot asks for it again.

A minimum payment is measured against what was paid since its own statement. So what was overpaid a month before hides
no missed minimum. An account that was charged off is due as a whole.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from forbear.core.loans.loan import Amounts, Instalment, Itemization, Loan, Payment, Snapshot

#: The due date of what falls due on no day that is known; no night ever reaches it.
NOT_DUE = date(2199, 12, 31)
PAST_DUE_LINE, MINIMUM_LINE, REST_LINE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class SnapshotRow:
    """A snapshot as a lender sends it, amounts in minor units; None is not given. See docs/feed.md for each value."""

    as_of: date
    balance: int
    past_due: int | None = None
    past_due_principal: int | None = None
    past_due_interest: int | None = None
    past_due_fee: int | None = None
    past_due_penalty: int | None = None
    oldest_due_on: date | None = None
    days_past_due: int | None = None
    minimum_due: int | None = None
    minimum_due_on: date | None = None
    statement_on: date | None = None
    paid_since_statement: int | None = None
    last_payment_on: date | None = None
    last_payment_amount: int | None = None
    charge_off_on: date | None = None
    charge_off_amount: int | None = None
    first_delinquent_on: date | None = None
    limitation_from: date | None = None
    itemization: Itemization | None = None

    @property
    def shown_until(self) -> date:
        """The last day of whose payments the balance knows: that of the last payment it names, else its own."""
        return min(self.last_payment_on or self.as_of, self.as_of)

    @property
    def given_parts(self) -> tuple[int | None, ...]:
        """What is past due by part, as given."""
        return (
            self.past_due_principal,
            self.past_due_interest,
            self.past_due_fee,
            self.past_due_penalty,
        )


def snapshot_of(
    row: SnapshotRow, payments: Iterable[Payment] = (), *, due_date_counts: bool = False
) -> Snapshot:
    """What a row means, beside the payments that the feed has of the account.

    `due_date_counts` is the product's: whether the due date itself is the first day past due. Without parts all that is
    past due counts as principal. Without any word on what is past due, a charged-off account is due as a whole, and
    what a minimum payment left unpaid is due since its due date.
    """
    known = _counted(row, payments)
    paid_since = row.paid_since_statement
    if paid_since is None:
        since = row.statement_on
        paid_since = sum(paid.amount for paid in known if since is not None and paid.paid_on > since)
    minimum_left = max(0, (row.minimum_due or 0) - paid_since)
    missed = row.minimum_due_on is not None and row.minimum_due_on < row.as_of and minimum_left > 0
    past_due = _past_due(row, minimum_left if missed else 0)
    return Snapshot(
        as_of=row.as_of,
        shown_until=row.shown_until,
        balance=row.balance,
        past_due=past_due,
        oldest_due_on=_oldest(row, due_date_counts) if past_due.total else None,
        minimum_left=min(minimum_left, row.balance),
        minimum_due=row.minimum_due,
        minimum_due_on=row.minimum_due_on,
        statement_on=row.statement_on,
        last_payment_on=row.last_payment_on or max((paid.paid_on for paid in known), default=None),
        last_payment_amount=row.last_payment_amount,
        charge_off_on=row.charge_off_on,
        charge_off_amount=row.charge_off_amount,
        first_delinquent_on=row.first_delinquent_on,
        limitation_from=row.limitation_from,
        itemization=row.itemization,
    )


def lines_of(snapshot: Snapshot) -> tuple[Instalment, ...]:
    """The account's lines; together they are the balance."""
    late = snapshot.past_due.total
    lines = []
    if late:
        assert snapshot.oldest_due_on is not None
        lines.append(Instalment(PAST_DUE_LINE, snapshot.oldest_due_on, snapshot.past_due, "past_due"))
    asked = 0
    if snapshot.minimum_due_on is not None and snapshot.minimum_due_on >= snapshot.as_of:
        asked = max(0, min(snapshot.minimum_left, snapshot.balance) - late)
        if asked:
            lines.append(
                Instalment(MINIMUM_LINE, snapshot.minimum_due_on, Amounts(principal=asked), "minimum")
            )
    if rest := snapshot.balance - late - asked:
        lines.append(Instalment(REST_LINE, NOT_DUE, Amounts(principal=rest), "rest"))
    assert sum(line.amounts.total for line in lines) == snapshot.balance
    return tuple(lines)


def account_loan(loan: Loan, snapshot: Snapshot) -> Loan:
    """The loan with its lines from the snapshot, and of its payments those that the snapshot doesn't show."""
    return with_payments(
        replace(loan, account=snapshot, instalments=lines_of(snapshot), payments=()), loan.payments
    )


def with_payments(loan: Loan, payments: Iterable[Payment]) -> Loan:
    """The loan with further payments; of an account only what its snapshot doesn't show lowers what is owed."""
    payments = tuple(payments)
    if loan.account is None:
        return replace(loan, payments=(*loan.payments, *payments)) if payments else loan
    shown = {payment.payment_id for payment in (*loan.shown, *payments) if loan.account.shows(payment)}
    known = tuple(p for p in payments if p.payment_id in shown or (p.reverses and p.reverses in shown))
    later = tuple(p for p in payments if p not in known)
    return replace(loan, payments=(*loan.payments, *later), shown=(*loan.shown, *known))


def oldest_due(as_of: date, days_past_due: int, due_date_counts: bool) -> date:
    """The due date that is `days_past_due` days past due at the end of `as_of`."""
    return as_of - timedelta(days=days_past_due - int(due_date_counts))


def _counted(row: SnapshotRow, payments: Iterable[Payment]) -> list[Payment]:
    """The payments that the snapshot knows of, without those that were undone."""
    payments = list(payments)
    undone = {payment.reverses for payment in payments if payment.reverses}
    return [
        payment
        for payment in payments
        if not payment.reverses and payment.payment_id not in undone and payment.paid_on <= row.shown_until
    ]


def _past_due(row: SnapshotRow, missed: int) -> Amounts:
    if any(part is not None for part in row.given_parts):
        return Amounts(*(part or 0 for part in row.given_parts))
    if row.past_due is not None:
        return Amounts(principal=row.past_due)
    if row.charge_off_on is not None:
        return Amounts(principal=row.balance)
    return Amounts(principal=min(missed, row.balance))


def _oldest(row: SnapshotRow, due_date_counts: bool) -> date:
    """Since when it is past due: as given, by days past due, else the day of the missed minimum, of the first
    delinquency or of the charge-off."""
    if row.oldest_due_on is not None:
        return row.oldest_due_on
    if row.days_past_due:
        return oldest_due(row.as_of, row.days_past_due, due_date_counts)
    missed = row.minimum_due_on if row.minimum_due_on and row.minimum_due_on < row.as_of else None
    day = missed or row.first_delinquent_on or row.charge_off_on
    assert day is not None, "a row with an amount past due has a day for it"
    return day
