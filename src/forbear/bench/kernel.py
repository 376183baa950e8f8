"""The delinquency job as a compiled loop over arrays: a bound for what any engine could do.

Twin of core/loans/delinquency.py for what it does: days past due, oldest unpaid due date, the past-due amount by
component and the outstanding amount. Amounts are int64 minor units, dates int32 days since 1970.
"""

import numpy as np
from numba import njit

NEVER = np.iinfo(np.int32).min


@njit(nogil=True, cache=True)
def delinquency(
    as_of: np.int32,
    loans: tuple[np.ndarray, np.ndarray, np.ndarray],
    instalments: tuple[np.ndarray, ...],
    payments: tuple[np.ndarray, ...],
    terms: tuple[np.ndarray, np.ndarray, np.ndarray],
    days_past_due: np.ndarray,
    oldest: np.ndarray,
    parts: np.ndarray,
    outstanding: np.ndarray,
) -> None:
    """Fill the last four arrays, one entry a loan; `parts` has one row a component. They come as zeros.

    `loans`: product numbers, minor units, whether anything can be owed. `instalments`: places of their
    loans, due dates, four components; those of one loan stand in the order in which they are paid.
    `payments`: places of their loans, value dates, amounts that count. `terms`, by product number: tolerance
    in 1/10,000 of the unit, order of allocation as component numbers, whether the due date counts.
    """
    product_no, minor_unit, owes = loans
    line_loan, falls_due_on, principal, interest, fee, penalty = instalments
    payment_loan, paid_on, counted = payments
    tolerances, orders, due_date_counts = terms
    left_over = np.zeros(len(owes), np.int64)
    for payment in range(len(payment_loan)):
        if paid_on[payment] <= as_of:
            left_over[payment_loan[payment]] += counted[payment]
    owed = np.zeros(4, np.int64)
    for line in range(len(line_loan)):
        i = line_loan[line]
        if not owes[i]:
            continue
        owed[0], owed[1], owed[2], owed[3] = principal[line], interest[line], fee[line], penalty[line]
        total = owed[0] + owed[1] + owed[2] + owed[3]
        left = left_over[i]
        left_over[i] = max(left - total, 0)
        unpaid = total - left
        if unpaid <= 0:
            continue
        outstanding[i] += unpaid
        product = product_no[i]
        last_due = as_of if due_date_counts[product] else as_of - 1
        if falls_due_on[line] > last_due or unpaid <= tolerances[product] * minor_unit[i] // 10_000:
            continue
        if days_past_due[i] == 0:
            oldest[i] = falls_due_on[line]
            days_past_due[i] = last_due + 1 - falls_due_on[line]
        for component in orders[product]:
            taken = min(left, owed[component])
            left -= taken
            parts[component, i] += owed[component] - taken
