"""From what amount a step is worth it: by currency and step, as the strategy says.

    least_amounts:
      CNY: {contact: 20.00, call: 50.00, agency: 100.00, visit: 500.00, court: 5000.00}

`contact` is for every step, each other key for one channel; of two the larger counts. What is compared is all that is
past due on the borrower's loans in the worst loan's currency. A borrower with nothing past due is asked for nothing,
so a reminder ahead of a due date goes whatever the amount. So does a treatment that is `required`, such as a notice
that the law demands. A report to a credit bureau follows duties of its own and has no least amount.
"""

from dataclasses import dataclass

from forbear.core.conditions.to_python import Row
from forbear.core.facts.contact import CHANNELS
from forbear.core.strategy.model import Strategy, TreatmentRule

#: Every step, then each channel that can have an amount of its own.
ANY_STEP = "contact"
STEPS = (ANY_STEP, *(channel for channel in CHANNELS if channel != "bureau"))


@dataclass(frozen=True, slots=True)
class TooSmall:
    """A step that is not worth it on a case: the least amount for it, in minor units of the case's currency."""

    channel: str
    least: int


def least_for(strategy: Strategy, channel: str, currency: str) -> int:
    """From what amount past due a step on this channel is worth it, in minor units; 0 where nothing is said."""
    if channel not in STEPS:
        return 0
    amounts = strategy.least_amounts.get(currency, {})
    return max(amounts.get(ANY_STEP, 0), amounts.get(channel, 0))


def too_small(strategy: Strategy, treatment: TreatmentRule, row: Row) -> bool:
    """Whether what is past due is below the least amount for this treatment."""
    if treatment.required or not strategy.least_amounts or int(row["days_past_due"]) <= 0:
        return False
    return int(row["total_past_due"]) < least_for(strategy, treatment.channel, str(row["currency"]))


def small_steps(strategy: Strategy, stage: str, row: Row) -> list[TooSmall]:
    """The channels of a stage on which nothing is planned for this amount, in the file's order, each once."""
    rule = strategy.stage(stage)
    left_out = {
        treatment.channel: least_for(strategy, treatment.channel, str(row["currency"]))
        for treatment in (rule.treatments if rule else ())
        if too_small(strategy, treatment, row)
    }
    return [TooSmall(channel, least) for channel, least in left_out.items()]


def too_small_sql(strategy: Strategy, treatment: TreatmentRule) -> str:
    """SQL for the same over a case's facts; "" where no amount is too small."""
    if treatment.required:
        return ""
    least = {
        currency: amount
        for currency in sorted(strategy.least_amounts)
        if (amount := least_for(strategy, treatment.channel, currency))
    }
    if not least:
        return ""
    branches = " ".join(f"when '{currency}' then {amount}" for currency, amount in least.items())
    return f"days_past_due > 0 and total_past_due < case currency {branches} else 0 end"
