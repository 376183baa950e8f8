"""The whole vocabulary of the rule language: every fact a strategy or a rule pack may name.

A fact has a name, a kind, a unit, a meaning in English and in Chinese, and a default, so that no fact is
ever null. ``known`` says when it is known: ``night`` (computed from the book), ``desk`` (kept by the
desk's database; the default stands until the desk says otherwise) or ``moment`` (only when a contact is
about to leave). ``level`` says whose it is: the borrower's worst ``loan``, or the ``borrower``.

A *row of facts* is a dict from fact name to value: ``int`` (kind ``int``), ``int`` in minor units of the
row's currency (kind ``money``), ``str`` (``text``) or ``bool``. It also has ``minor_unit``, the number of
minor units in one unit of its currency: 100 for CNY, 1 for JPY, 1000 for KWD.
"""

from forbear.core.base.problem import noop
from forbear.core.facts.contact_facts import MOMENT_FACTS
from forbear.core.facts.conversation import SITUATIONS, WILLINGNESS
from forbear.core.facts.fact import (
    INT_LIMIT,
    KINDS,
    KNOWN,
    LEVELS,
    MINOR_UNIT,
    MONEY_LIMIT,
    NEVER_DAYS,
    Fact,
    Place,
    count,
    days,
    flag,
    money,
    text,
)
from forbear.core.facts.scores import SCORE_FACTS
from forbear.core.loans.delinquency import FIVE_CLASSES

__all__ = [
    "FACTS",
    "INT_LIMIT",
    "KINDS",
    "KNOWN",
    "LEVELS",
    "MINOR_UNIT",
    "MONEY_LIMIT",
    "NEVER_DAYS",
    "Fact",
    "default_row",
    "facts_known",
]

_LOAN: Place = {"known": "night", "level": "loan"}
_BORROWER: Place = {"known": "night", "level": "borrower"}
_DESK: Place = {"known": "desk", "level": "borrower"}

_NIGHT_LOAN_FACTS = (
    days(
        "days_past_due",
        noop("Days since the oldest instalment unpaid beyond tolerance fell due; 0 on the due date"),
        **_LOAN,
    ),
    days(
        "days_delinquent",
        noop("Days past due less the product's grace days and paused days, never below 0"),
        **_LOAN,
    ),
    days(
        "days_to_due",
        noop("Days until the next unpaid instalment falls due; 0 on that day; 9999 if none within 31 days"),
        default=NEVER_DAYS,
        **_LOAN,
    ),
    money(
        "next_due_amount",
        noop("Unpaid amount of the next instalment to fall due within 31 days"),
        **_LOAN,
    ),
    money("past_due_amount", noop("Unpaid amount of all past-due instalments"), **_LOAN),
    money("past_due_principal", noop("Principal part of the past-due amount"), **_LOAN),
    money("past_due_interest", noop("Interest part of the past-due amount"), **_LOAN),
    money("past_due_fee", noop("Fee part of the past-due amount"), **_LOAN),
    money("past_due_penalty", noop("Penalty part of the past-due amount"), **_LOAN),
    money("outstanding", noop("Unpaid amount of all instalments, due or not"), **_LOAN),
    money(
        "payoff",
        noop(
            "What settles the loan today: the lender's own figure, else what is due and the principal not yet due, "
            "without charges to come"
        ),
        **_LOAN,
    ),
    money("balance", noop("Principal part of the payoff"), **_LOAN),
    money("principal", noop("Principal the loan was disbursed with"), **_LOAN),
    money("credit", noop("Amount paid beyond all instalments"), **_LOAN),
    count("instalments_past_due", noop("Number of past-due instalments"), unit="instalments", **_LOAN),
    count(
        "oldest_unpaid_number",
        noop("Number of the oldest past-due instalment; 0 if none"),
        **_LOAN,
    ),
    days("days_on_book", noop("Days since the loan was disbursed"), **_LOAN),
    days(
        "days_since_payment",
        noop("Days since the last payment that counts; 9999 if there is none"),
        default=NEVER_DAYS,
        **_LOAN,
    ),
    text("bucket", noop("Arrears bucket, M0 when not delinquent"), default="M0", **_LOAN),
    text(
        "five_class",
        noop("Five-class asset classification"),
        default="normal",
        values=FIVE_CLASSES,
        **_LOAN,
    ),
    text("product", noop("Code of the loan's product"), **_LOAN),
    text("currency", noop("ISO 4217 code of the loan's currency"), **_LOAN),
    flag("written_off", noop("The loan has been written off"), **_LOAN),
    flag("paused", noop("The loan is inside an agreed pause of payment"), **_LOAN),
    flag(
        "first_payment_missed",
        noop("The oldest past-due instalment is the loan's first"),
        **_LOAN,
    ),
)

_NIGHT_BORROWER_FACTS = (
    count("loans_past_due", noop("Number of the borrower's loans past due"), unit="loans", **_BORROWER),
    money(
        "total_past_due",
        noop("Past-due amount over all the borrower's loans in the worst loan's currency"),
        **_BORROWER,
    ),
    money(
        "total_outstanding",
        noop("Outstanding amount over all the borrower's loans in the worst loan's currency"),
        **_BORROWER,
    ),
    money(
        "total_payoff",
        noop("Payoff over all the borrower's loans in the worst loan's currency"),
        **_BORROWER,
    ),
    text("language", noop("Language the borrower asked for"), **_BORROWER),
    text("region", noop("Region the borrower lives in"), **_BORROWER),
    text("timezone", noop("Time zone the borrower lives in (IANA name)"), **_BORROWER),
    flag("has_phone", noop("A telephone number is on file"), **_BORROWER),
    flag("has_email", noop("An e-mail address is on file"), **_BORROWER),
    count("age_years", noop("Age in full years; 0 if unknown"), unit="years", **_BORROWER),
    flag(
        "feed_doubt",
        noop(
            "A row of this borrower is in quarantine, or a payoff is less than what is past due, so the figures may be "
            "wrong"
        ),
        **_BORROWER,
    ),
    flag(
        "in_holdout",
        noop(
            "The borrower is in the hold-out group, which has not ended for the case: nothing is wanted of them"
        ),
        **_BORROWER,
    ),
    text(
        "previous_stage",
        noop("Stage of the night before; empty if none"),
        **_BORROWER,
    ),
    days(
        "days_in_stage",
        noop("Days since the stage was entered; 0 on the first"),
        **_BORROWER,
    ),
)

_DESK_FACTS = (
    flag("promise_open", noop("A promise to pay is open"), **_DESK),
    flag("plan_active", noop("A repayment plan is being kept"), **_DESK),
    flag("dispute_open", noop("A dispute is being looked into"), **_DESK),
    flag("hardship_open", noop("A request for hardship help is being looked into"), **_DESK),
    flag("on_hold", noop("The case is on hold: no contact"), **_DESK),
    flag("vulnerable", noop("The borrower is known to be vulnerable"), **_DESK),
    flag("placed", noop("The case is placed with an agency"), **_DESK),
    flag(
        "charge_off_untold",
        noop("A charge-off was signed in the last 30 days, and the borrower has no letter about it yet"),
        **_DESK,
    ),
    flag(
        "assignment_untold",
        noop("A loan was bought, and the borrower has no notice of its assignment yet"),
        **_DESK,
    ),
    days(
        "days_since_contact",
        noop("Days since the last contact that reached the borrower; 9999 if never"),
        default=NEVER_DAYS,
        **_DESK,
    ),
    count("contacts_last_7_days", noop("Contacts in the last seven days"), unit="contacts", **_DESK),
    count("promises_broken", noop("Promises to pay not kept so far"), unit="promises", **_DESK),
    text(
        "willingness",
        noop("What the borrower last said in 90 days of wanting to pay; empty if nothing"),
        values=WILLINGNESS,
        **_DESK,
    ),
    text(
        "arrears_reason",
        noop("What the borrower last said in 90 days stands in the way of paying; empty if nothing"),
        values=SITUATIONS,
        **_DESK,
    ),
)

#: Every fact by name, in the order of the reference page.
FACTS: dict[str, Fact] = {
    fact.name: fact
    for fact in (*_NIGHT_LOAN_FACTS, *_NIGHT_BORROWER_FACTS, *SCORE_FACTS, *_DESK_FACTS, *MOMENT_FACTS)
}


_DEFAULTS = {fact.name: fact.default for fact in FACTS.values()}


def facts_known(known: set[str] | frozenset[str]) -> list[Fact]:
    """The facts known at any of the times in ``known``, in the fixed order."""
    assert known <= set(KNOWN), known
    return [fact for fact in FACTS.values() if fact.known in known]


def default_row(minor_unit: int = 100) -> dict[str, int | str | bool]:
    """A row in which every fact has its default; the caller overwrites what it knows."""
    return {MINOR_UNIT: minor_unit, **_DEFAULTS}
