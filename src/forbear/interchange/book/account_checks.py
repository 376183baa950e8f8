"""What a row of accounts must say to be an account's state at the end of a day: each flaw with how to mend it.

The row stands beside its loan's `loan_currency`; amounts that are not given are null.
"""

from forbear.core.loans.loan import ITEMIZATION_EVENTS
from forbear.interchange.book.feed_columns import Check

_PARTS = tuple(f"past_due_{part}" for part in ("principal", "interest", "fee", "penalty"))
_SUM = " + ".join(f"coalesce({name}, 0)" for name in _PARTS)
_SOME_PART = f"coalesce({', '.join(_PARTS)}) is not null"
#: What is past due by the row itself, null where it says nothing of it.
_LATE = f"case when {_SOME_PART} then {_SUM} else past_due end"
_ITEMIZED = ("amount", "interest", "fees", "paid", "credited")


def _after(name: str) -> Check:
    return Check(name, f"{name} > as_of", f"{name} is after as_of, the day that the row is of")


ACCOUNT_CHECKS = [
    Check(
        "currency",
        "currency <> '' and currency <> loan_currency",
        "currency is not that of the loan; send both in one currency",
    ),
    Check(
        "past_due",
        f"past_due <> {_SUM} and {_SOME_PART}",
        "past_due is not the sum of its parts; send the parts alone, or mend them",
    ),
    Check(
        "past_due",
        f"{_LATE} > balance",
        "more is past due than the balance; balance is all that is owed, past due or not",
    ),
    Check("days_past_due", "days_past_due < 0", "days_past_due is negative"),
    Check(
        "days_past_due",
        "abs((as_of - oldest_due_on) - days_past_due) > 1",
        "days_past_due is not what oldest_due_on says; send one of them",
    ),
    Check(
        "days_past_due",
        f"days_past_due > 0 and {_LATE} = 0 and charge_off_on is null",
        "days_past_due is given and nothing is past due; send what is past due",
    ),
    Check(
        "days_past_due",
        f"days_past_due > 0 and {_LATE} is null and charge_off_on is null "
        "and not coalesce(minimum_due_on < as_of, false)",
        "days_past_due is given without what is past due; send past_due or its parts",
    ),
    Check(
        "oldest_due_on",
        f"{_LATE} > 0 and coalesce(oldest_due_on, first_delinquent_on, charge_off_on) is null "
        "and not coalesce(days_past_due > 0, false) and not coalesce(minimum_due_on < as_of, false)",
        "an amount is past due and no day says since when; send oldest_due_on or days_past_due",
    ),
    *map(
        _after, ("oldest_due_on", "statement_on", "last_payment_on", "charge_off_on", "first_delinquent_on")
    ),
    *map(_after, ("limitation_from", "itemized_on")),
    Check("minimum_due", "minimum_due > balance", "minimum_due is more than the balance"),
    Check(
        "minimum_due_on",
        "minimum_due > 0 and minimum_due_on is null",
        "minimum_due_on is empty: the day by which minimum_due is to be paid",
    ),
    Check("minimum_due_on", "minimum_due_on < statement_on", "minimum_due_on is before statement_on"),
    Check(
        "statement_on",
        "paid_since_statement is not null and statement_on is null",
        "statement_on is empty: the day of the statement that paid_since_statement counts from",
    ),
    Check(
        "last_payment_on",
        "last_payment_amount > 0 and last_payment_on is null",
        "last_payment_on is empty: the day of last_payment_amount",
    ),
    Check(
        "charge_off_on",
        "charge_off_amount is not null and charge_off_on is null",
        "charge_off_on is empty: the day of charge_off_amount",
    ),
    Check(
        "itemized_event",
        f"itemized_event <> '' and itemized_event not in {ITEMIZATION_EVENTS}",
        f"itemized_event is not one of {', '.join(ITEMIZATION_EVENTS)}",
    ),
    Check(
        "itemized_on",
        f"coalesce({', '.join(f'itemized_{name}' for name in _ITEMIZED)}) is not null "
        "and (itemized_on is null or itemized_amount is null or itemized_event = '')",
        "an itemization needs itemized_on, itemized_event and itemized_amount",
    ),
    Check(
        "itemized_amount",
        "itemized_amount + coalesce(itemized_interest, 0) + coalesce(itemized_fees, 0) - coalesce(itemized_paid, 0) "
        "- coalesce(itemized_credited, 0) <> balance",
        "the itemization doesn't make the balance: amount + interest + fees - paid - credited",
    ),
]
