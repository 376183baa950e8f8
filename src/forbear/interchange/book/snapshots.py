"""A row of the book's accounts as core's snapshot; as JSON its days are ISO texts."""

from datetime import date
from typing import Any

from forbear.core.loans.loan import Amounts, Itemization, Snapshot

#: What is read of a row of accounts, in the order of the arguments of `snapshot`.
SNAPSHOT_COLUMNS = (
    "as_of, shown_until, balance, late_principal, late_interest, late_fee, late_penalty, late_since, minimum_left, "
    "minimum_due, minimum_due_on, statement_on, last_paid_on, last_payment_amount, charge_off_on, charge_off_amount, "
    "first_delinquent_on, limitation_from, itemized_on, itemized_event, itemized_amount, itemized_interest, "
    "itemized_fees, itemized_paid, itemized_credited"
)
_PARTS, _FIRST_OF_ITEMIZATION = slice(3, 7), 18


def snapshot(*values: Any) -> Snapshot:
    """The snapshot of one row, whose values have the types of their columns."""
    itemized_on, event, amount, *since = values[_FIRST_OF_ITEMIZATION:]
    itemization = None
    if itemized_on is not None:
        itemization = Itemization(itemized_on, event, amount, *(part or 0 for part in since))
    as_of, shown_until, balance, *_ = values
    given: list[Any] = [*values[7:_FIRST_OF_ITEMIZATION], itemization]
    return Snapshot(as_of, shown_until, balance, Amounts(*values[_PARTS]), *given)


def snapshot_of_json(values: list) -> Snapshot:
    """The same of values as JSON has them."""
    return snapshot(*(_day(value) for value in values))


def _day(value: Any) -> Any:
    """A day out of its ISO text; anything else, such as the name of an event, as it is."""
    if isinstance(value, str) and len(value) == 10 and value[:4].isdigit():
        return date.fromisoformat(value)
    return value
