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
#: What an experiment says, in one sentence.
VERDICTS: dict[str, MessageId] = {
    "broken": noop("The arms are not as large as chance would have them, so nothing can be read from it."),
    "harmful": noop("An arm does more harm than its guardrail allows: stop it."),
    "better": noop("An arm does better than the first one. That holds however often one looks."),
    "worse": noop("An arm does worse than the first one. That holds however often one looks."),
    "open": noop("No difference is shown yet."),
    "early": noop("The days of too few borrowers are over to say anything."),
}
