"""Who may do what: one table from role to permissions, each `scope:resource:action`."""

#: Every permission, with what it lets one do.
PERMISSIONS: dict[str, str] = {
    "administration:key:manage": "make and end the keys of programs, and end their hooks",
    "administration:people:manage": "make and end accounts, their roles, locks and proofs",
    "administration:people:read": "see accounts and what was done to them",
    "administration:settings:read": "see every setting, and where it comes from",
    "agency:case:work": "work the cases placed with one's own agency",
    "agency:statement:read": "see what one's own agency earned and how it did, and answer for it",
    "borrower:personal:unmask": "see names, numbers and addresses in the clear, with a reason, on record",
    "demo:phone:read": "see what the mailbox holds, as a borrower would on their phone",
    "desk:agency:admit": "admit an agency, let it work again, and sign placement lists",
    "desk:agency:propose": "propose agencies and placement lists, and make statements",
    "desk:agency:read": "see agencies, their scorecards and what is placed with them",
    "desk:agency:stop": "suspend or end an agency, take cases back, write down findings, demand recordings",
    "desk:agreement:sign": "sign a plan or settlement as the second person",
    "desk:agreement:take": "take promises and propose plans",
    "desk:approval:read": "see what waits for one's signature",
    "desk:case:assign": "give cases to collectors",
    "desk:case:contact": "call, write and e-mail, where a permit allows it",
    "desk:case:hold": "put a case on hold, and ask for a hold to end",
    "desk:case:read": "read cases",
    "desk:case:work": "be handed cases and write down outcomes",
    "desk:complaint:read": "see the register of complaints and its figures",
    "desk:compliance:read": "see refusals, rules, leaks and complaints",
    "desk:court:propose": "propose lawsuits, and note the steps of those that were signed",
    "desk:court:read": "see lawsuits, what is due in them and their papers",
    "desk:court:sign": "sign a lawsuit as the second person, or decline it",
    "desk:credit:export": "hand out the files reported to credit bureaus",
    "desk:credit:read": "see what was reported to credit bureaus, and who objects",
    "desk:evidence:export": "hand out a borrower's evidence",
    "desk:evidence:read": "search the evidence log",
    "desk:examiner:export": "hand out a period's records to an examiner, masked",
    "desk:floor:read": "see the floor: who works on what, and how deep the queue is",
    "desk:hold:lift": "end holds, or be the second of two who agree to end one",
    "desk:instruction:read": "see what the loan system must book, and end what it booked otherwise",
    "desk:outbox:resolve": "settle contacts whose fate is unknown",
    "desk:payment:apply": "apply payments that fit no loan to one, or refuse them",
    "desk:payment:approve": "decide on reported payments as the second person",
    "desk:payment:report": "record payments that borrowers report, and send them a link to pay",
    "desk:penalty:resolve": "settle where the lender's penalty interest differs from the contract's",
    "desk:recording:resolve": "settle what came of a recording that is missing",
    "desk:request:answer": "answer what borrowers ask for, with its clock",
    "desk:review:make": "review contacts chosen at random, and leave coaching notes",
    "desk:rules:try": "try a draft rule on past contacts",
    "desk:sale:propose": "propose write-offs and sales of debts",
    "desk:sale:read": "see write-offs, recoveries and sales of debts",
    "desk:sale:sign": "sign write-offs and sales of debts as the second person",
    "desk:shadow:live": "see how a shadow run compares with the old system, and go live as one of two",
    "desk:strategy:propose": "draft strategies, try them dry and propose them",
    "desk:strategy:read": "read strategies",
    "desk:strategy:sign": "sign a strategy as the second person, withdraw it, or roll back",
    "desk:visit:approve": "decide on proposed visits as the second person, and see to alarms",
    "desk:visit:plan": "work out routes and give them to visitors",
    "desk:visit:propose": "propose visits, and call them off",
    "desk:visit:read": "see visits, their routes and proofs",
    "desk:vulnerability:read": "see the list of vulnerable customers, and why they are, on record",
    "field:visit:make": "make the visits on one's own route",
    "own:account:keep": "keep one's own password and second proofs",
}

_COLLECTOR = {
    "borrower:personal:unmask",
    "demo:phone:read",
    "desk:agreement:take",
    "desk:case:contact",
    "desk:case:hold",
    "desk:case:read",
    "desk:case:work",
    "desk:payment:report",
    "desk:visit:propose",
    "desk:visit:read",
}
_LEAD = _COLLECTOR | {
    "desk:approval:read",
    "desk:hold:lift",
    "desk:instruction:read",
    "desk:agency:propose",
    "desk:agency:read",
    "desk:agreement:sign",
    "desk:case:assign",
    "desk:complaint:read",
    "desk:floor:read",
    "desk:outbox:resolve",
    "desk:payment:apply",
    "desk:payment:approve",
    "desk:request:answer",
    "desk:review:make",
    "desk:visit:approve",
    "desk:visit:plan",
    "desk:vulnerability:read",
}
_COMPLIANCE = {
    "borrower:personal:unmask",
    "desk:agency:admit",
    "desk:agency:read",
    "desk:agency:stop",
    "desk:approval:read",
    "desk:case:hold",
    "desk:case:read",
    "desk:complaint:read",
    "desk:compliance:read",
    "desk:court:read",
    "desk:court:sign",
    "desk:credit:export",
    "desk:credit:read",
    "desk:evidence:export",
    "desk:evidence:read",
    "desk:examiner:export",
    "desk:hold:lift",
    "desk:instruction:read",
    "desk:outbox:resolve",
    "desk:payment:apply",
    "desk:payment:approve",
    "desk:penalty:resolve",
    "desk:recording:resolve",
    "desk:request:answer",
    "desk:review:make",
    "desk:rules:try",
    "desk:sale:read",
    "desk:sale:sign",
    "desk:shadow:live",
    "desk:strategy:read",
    "desk:strategy:sign",
    "desk:visit:approve",
    "desk:visit:read",
    "desk:vulnerability:read",
}

#: What everybody who signs in may do.
_ALL = frozenset({"own:account:keep"})

_ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "collector": frozenset(_COLLECTOR),
    "lead": frozenset(_LEAD),
    "compliance": frozenset(_COMPLIANCE),
    "analyst": frozenset(
        {
            "desk:agency:read",
            "desk:compliance:read",
            "desk:rules:try",
            "desk:strategy:propose",
            "desk:strategy:read",
        }
    ),
    "manager": frozenset(
        {
            "desk:agency:admit",
            "desk:agency:propose",
            "desk:agency:read",
            "desk:agency:stop",
            "desk:agreement:sign",
            "desk:approval:read",
            "desk:floor:read",
            "desk:case:read",
            "desk:complaint:read",
            "desk:compliance:read",
            "desk:sale:propose",
            "desk:sale:read",
            "desk:court:propose",
            "desk:court:read",
            "desk:court:sign",
            "desk:credit:read",
            "desk:shadow:live",
            "desk:strategy:read",
            "desk:strategy:sign",
            "desk:visit:read",
        }
    ),
    "legal": frozenset(
        {
            "borrower:personal:unmask",
            "desk:case:read",
            "desk:court:propose",
            "desk:court:read",
            "desk:credit:export",
            "desk:credit:read",
            "desk:evidence:export",
            "desk:evidence:read",
        }
    ),
    "agency": frozenset({"agency:case:work", "agency:statement:read"}),
    "visitor": frozenset({"field:visit:make"}),
    "auditor": frozenset(
        {
            "desk:agency:read",
            "desk:case:read",
            "desk:complaint:read",
            "desk:compliance:read",
            "desk:court:read",
            "desk:credit:read",
            "desk:examiner:export",
            "desk:strategy:read",
            "desk:floor:read",
            "desk:sale:read",
            "desk:visit:read",
            "administration:people:read",
            "administration:settings:read",
        }
    ),
    "administrator": frozenset(
        {
            "administration:key:manage",
            "administration:people:manage",
            "administration:people:read",
            "administration:settings:read",
            "desk:approval:read",
        }
    ),
}
ROLE_PERMISSIONS = {role: _ALL | granted for role, granted in _ROLE_PERMISSIONS.items()}


#: What somebody limited to creditors may do: pages of single borrowers, none that counts over all.
WITHIN_CREDITORS = frozenset(_COLLECTOR | _ALL) - {"demo:phone:read"}


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission. An unknown permission is a slip of ours."""
    assert permission in PERMISSIONS, permission
    return permission in ROLE_PERMISSIONS.get(role, frozenset())


#: Permissions whose holder's yes is one of two people's, or makes others sign in.
SIGNATURES = frozenset(
    {
        "administration:key:manage",
        "administration:people:manage",
        "desk:agency:admit",
        "desk:agreement:sign",
        "desk:court:sign",
        "desk:hold:lift",
        "desk:payment:approve",
        "desk:sale:sign",
        "desk:strategy:sign",
        "desk:visit:approve",
    }
)
SIGNING_ROLES = frozenset(role for role, granted in ROLE_PERMISSIONS.items() if granted & SIGNATURES)
