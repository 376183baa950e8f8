"""What scores are made of: each feature once, for training, for the night and for a case shown by day.

A feature is a whole number or a word made of facts, and of nothing else: a fact is what was known at the end of its
night, so no feature can see further. What the law protects, or stands for it, is no feature: language, region, time
zone, age, sex, health, and what people said of their troubles.
"""

from collections.abc import Callable
from dataclasses import dataclass

from forbear.core.base.problem import MessageId, noop
from forbear.core.facts.vocabulary import FACTS, MINOR_UNIT

Row = dict[str, int | str | bool]
#: A share is cut off here, in percent.
MOST_PERCENT = 1_000_000


@dataclass(frozen=True, slots=True)
class Feature:
    """One input of the scores: `sql` over the columns of facts, and the same in Python as `of`.

    `words` is its name for readers. `is_word`: its values are words, such as a product's code. `is_flag`: 1 is yes.
    """

    name: str
    facts: tuple[str, ...]
    sql: str
    of: Callable[[Row], int | str]
    words: MessageId
    is_word: bool = False
    is_flag: bool = False


def _plain(fact: str, words: MessageId) -> Feature:
    is_flag = FACTS[fact].kind == "bool"
    return Feature(fact, (fact,), f"{fact}::bigint", lambda row: int(row[fact]), words, is_flag=is_flag)


def _word(fact: str, words: MessageId) -> Feature:
    return Feature(fact, (fact,), fact, lambda row: str(row[fact]), words, is_word=True)


def _units(fact: str, words: MessageId) -> Feature:
    return Feature(
        f"{fact}_in_units",
        (fact,),
        f"{fact} // {MINOR_UNIT}",
        lambda row: int(row[fact]) // int(row[MINOR_UNIT]),
        words,
    )


def _percent(name: str, part: str, whole: str, words: MessageId) -> Feature:
    return Feature(
        name,
        (part, whole),
        f"least({part}::bigint * 100 // greatest({whole}, 1), {MOST_PERCENT})",
        lambda row: min(int(row[part]) * 100 // max(int(row[whole]), 1), MOST_PERCENT),
        words,
    )


FEATURES: tuple[Feature, ...] = (
    _plain("days_past_due", noop("Days past due")),
    _plain("days_delinquent", noop("Days past due less grace and pauses")),
    _plain("instalments_past_due", noop("Instalments past due")),
    _plain("oldest_unpaid_number", noop("Number of the oldest unpaid instalment")),
    _plain("days_on_book", noop("Days since the loan was disbursed")),
    _plain("days_since_payment", noop("Days since the last payment")),
    _plain("first_payment_missed", noop("The very first instalment is unpaid")),
    _plain("loans_past_due", noop("Loans past due")),
    _plain("paused", noop("Inside an agreed pause of payment")),
    _plain("written_off", noop("Charged off")),
    _word("product", noop("Product")),
    _units("total_past_due", noop("Amount past due")),
    _units("total_payoff", noop("Payoff of all loans")),
    _percent("past_due_share", "past_due_amount", "principal", noop("Past due in percent of the principal")),
    _percent("repaid_share", "balance", "principal", noop("Principal still owed in percent")),
    _percent("due_share", "total_past_due", "total_payoff", noop("Past due in percent of the payoff")),
    _plain("promise_open", noop("A promise to pay is open")),
    _plain("plan_active", noop("A repayment plan is kept")),
    _plain("placed", noop("Placed with an agency")),
    _plain("days_since_contact", noop("Days since the last contact that reached them")),
    _plain("contacts_last_7_days", noop("Contacts in the last seven days")),
    _plain("promises_broken", noop("Promises to pay broken so far")),
    _word("willingness", noop("What they last said of wanting to pay")),
)

BY_NAME: dict[str, Feature] = {feature.name: feature for feature in FEATURES}

assert all(fact in FACTS and FACTS[fact].known != "moment" for each in FEATURES for fact in each.facts)
