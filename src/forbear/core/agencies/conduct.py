"""What can be found against an agency's conduct, how much it weighs, and what ends its work at once."""

from forbear.core.base.problem import MessageId, noop

#: Each kind of finding: its meaning.
FINDINGS: dict[str, MessageId] = {
    "threat": noop("A threat"),
    "insult": noop("An insult"),
    "impersonation": noop("Posing as an authority"),
    "third_party": noop("Third parties were troubled, or learned of the debt"),
    "off_record": noop("A contact without a permit"),
    "content": noop("Unlawful or improper wording"),
    "no_recording": noop("A recording is missing or came too late"),
    "visit_proof": noop("A visit without proof of time and place"),
    "cash": noop("Money was taken privately"),
    "subcontract": noop("The work was passed on"),
    "data": noop("Personal data was mishandled"),
    "complaint": noop("A complaint was upheld"),
}

#: How much one finding weighs.
WEIGHTS: dict[str, int] = {
    "threat": 10,
    "insult": 5,
    "impersonation": 10,
    "third_party": 5,
    "off_record": 5,
    "content": 2,
    "no_recording": 1,
    "visit_proof": 1,
    "cash": 10,
    "subcontract": 10,
    "data": 5,
    "complaint": 3,
}

#: What ends an agency's work at once, until it has been looked into (商业银行互联网贷款管理暂行办法: cooperation ends
#: with anyone who collects by violence or other unlawful means).
GRAVE = frozenset({"threat", "impersonation", "cash", "subcontract"})
assert WEIGHTS.keys() == FINDINGS.keys()
