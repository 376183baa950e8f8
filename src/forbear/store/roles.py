"""The roles somebody can have; one each."""

ROLES = (
    "collector",
    "lead",
    "compliance",
    "analyst",
    "manager",
    "legal",
    "agency",
    "visitor",
    "auditor",
    "administrator",
)
