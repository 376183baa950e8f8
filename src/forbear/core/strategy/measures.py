"""What an experiment looks at, and after how many days since a borrower came in."""

from forbear.core.base.problem import MessageId, noop

#: By name what is measured of each borrower, and whether more of it is better (1) or worse (-1).
MEASURES: dict[str, tuple[MessageId, int]] = {
    "cash": (noop("Cash paid, in the currency's unit"), 1),
    "contacts": (noop("Contacts that left"), -1),
    "cost": (noop("Cost of contacts, in the currency's unit"), -1),
    "complaints": (noop("Complaints"), -1),
    "opt_outs": (noop("Opt-outs"), -1),
    "promises": (noop("Promises to pay"), 1),
    "cured": (noop("Nothing past due at the end"), 1),
    "rolled": (noop("Deeper in arrears at the end"), -1),
}
WINDOWS = (7, 30, 90, 180, 365)
