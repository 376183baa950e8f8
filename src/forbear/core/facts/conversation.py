"""The two questions of the day-7 call: does the person want to pay, and what stands in the way? "" is not asked."""

WILLINGNESS = ("", "willing", "part", "unable", "unwilling", "denies")
SITUATIONS = (
    "",
    "forgot",
    "late_income",
    "lost_job",
    "illness",
    "family",
    "disaster",
    "business",
    "too_much_debt",
    "dispute",
    "other",
)
#: For as many days what somebody said counts for strategies: people's lives change.
COUNTS_FOR_DAYS = 90
