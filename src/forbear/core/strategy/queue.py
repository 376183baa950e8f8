"""What a case is worth calling about first: the cash a conversation is expected to bring, in minor units.

The shares are a plain starting point, falling with age as they do in every portfolio; a lender replaces them by
what their own record shows.
"""

#: (up to this many days past due, percent of the past-due amount a conversation brings)
LIKELY = ((7, 40), (15, 30), (30, 20), (60, 10), (90, 5))
LATER = 2


def expected_cash(days_past_due: int, past_due: int) -> int:
    """The expected cash of one conversation."""
    share = next((share for days, share in LIKELY if days_past_due <= days), LATER)
    return past_due * share // 100


def expected_cash_sql(days_past_due: str, past_due: str) -> str:
    """The same as SQL, from the names of two columns."""
    cases = " ".join(f"when {days_past_due} <= {days} then {share}" for days, share in LIKELY)
    return f"({past_due} * (case {cases} else {LATER} end)) // 100"
