"""The register of complaints: what each is about, why it came to be, what makes it good, and the clocks of the law.

cn: 银行保险机构消费投诉处理管理办法 art. 18: 15 days, 30 in a complex matter, 60 with approval from above; the
complainant may have the decision checked within 30 days (art. 20). uk: DISP 1.6.1R a prompt written acknowledgement,
1.6.2R a final response within eight weeks that names the Ombudsman, DISP 2.8.2R six months to go there. us: the days
of the pack; 12 U.S.C. § 5534(b) asks for a timely answer to what comes by the Bureau. The days stand in the packs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from forbear.core.base.calendar import is_business_day
from forbear.core.base.problem import MessageId, Problem, noop

#: What a complaint may be about.
CATEGORIES: Mapping[str, MessageId] = {
    "conduct": noop("Tone, threats or insults"),
    "frequency": noop("Too many contacts, or at the wrong time"),
    "third_party": noop("Others learned of the debt"),
    "amount": noop("What is owed"),
    "fees": noop("Interest, fees and penalties"),
    "payment": noop("A payment or its booking"),
    "help": noop("Help that was refused or not offered"),
    "credit": noop("A credit record"),
    "privacy": noop("Personal data"),
    "visit": noop("A field visit"),
    "service": noop("Slow or missing answers"),
    "other_cause": noop("Something else"),
}
#: Why it came to be, as far as was found.
ROOT_CAUSES: Mapping[str, MessageId] = {
    "person": noop("A person did not keep to the rules"),
    "agency": noop("An agency did not keep to the rules"),
    "training": noop("Somebody did not know better"),
    "process": noop("Our process was wrong"),
    "system": noop("A system failed"),
    "data": noop("Our data were wrong"),
    "wording": noop("Our words were unclear"),
    "product": noop("The product or its terms"),
    "outside": noop("A cause outside the lender"),
    "none_found": noop("No fault of ours was found"),
}
#: What makes it good.
REDRESS: Mapping[str, MessageId] = {
    "nothing": noop("No redress"),
    "apology": noop("An apology"),
    "refund": noop("A refund"),
    "waiver": noop("Interest or fees waived"),
    "compensation": noop("Compensation"),
    "act": noop("Something is done"),
}
#: Redress that is an amount of money, and redress that somebody still has to do.
WITH_AMOUNT = ("refund", "waiver", "compensation")
TO_BE_DONE = (*WITH_AMOUNT, "act")
#: How a complaint may come.
CAME_BY = ("portal", "sms", "email", "letter", "push", "voice", "call", "visit", "agency", "desk", "public")
#: Where a complainant may go who isn't content, by the lender's country.
OMBUDSMEN: Mapping[str, MessageId] = {
    "CN": noop("the National Financial Regulatory Administration, 12378"),
    "GB": noop("the Financial Ombudsman Service, 0800 023 4567, www.financial-ombudsman.org.uk"),
    "US": noop("the Consumer Financial Protection Bureau, www.consumerfinance.gov/complaint"),
}
#: Without a pack that says so: an answer in these days, an acknowledgement in these business days, no more time.
_DAYS, _ACKNOWLEDGE = 15, 3
_REFERRAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class ComplaintClock:
    """The clocks of one country: days to the final response, business days to an acknowledgement, the longest time
    that reasons may stretch the answer to, and days in which the complainant may go on to the next instance.
    """

    days: int
    acknowledge_days: int
    longest_days: int
    referral_days: int

    def acknowledge_by(self, opened_on: date, calendar: str) -> date:
        """The last day on which the acknowledgement is in time."""
        day, left = opened_on, self.acknowledge_days
        while left:
            day += timedelta(days=1)
            left -= is_business_day(day, calendar)
        return day

    def referral_ends(self, answered_on: date) -> date:
        """The last day on which the complainant may go on."""
        return answered_on + timedelta(days=self.referral_days)

    def longest(self, opened_on: date) -> date:
        """The last day to which the answer may be put off."""
        return opened_on + timedelta(days=self.longest_days)


def clock_of(parameters: Mapping[str, int], own: int | None = None) -> ComplaintClock:
    """The clock that the packs give; `own` are a lender's own days, which can only be fewer."""
    law = parameters.get("complaint_days", _DAYS)
    days = min(law, own) if own else law
    return ComplaintClock(
        days,
        parameters.get("complaint_acknowledge_days", _ACKNOWLEDGE),
        max(parameters.get("complaint_longest_days", law), days),
        parameters.get("complaint_referral_days", _REFERRAL_DAYS),
    )


@dataclass(frozen=True, slots=True)
class ComplaintFinding:
    """What looking into a complaint brought. `amount` is in minor units; `redress_by` is a day by which it is done."""

    category: str
    root_cause: str
    redress: str = "nothing"
    amount: int = 0
    act: str = ""
    redress_by: date | None = None


def check_finding(finding: ComplaintFinding, outcome: str, today: date) -> list[Problem]:
    """What is missing or doesn't fit; nothing when the answer may be given with it."""
    problems = []
    if finding.category not in CATEGORIES:
        problems.append(Problem("complaint_category_missing", "say what the complaint is about"))
    if finding.root_cause not in ROOT_CAUSES:
        problems.append(Problem("complaint_cause_missing", "say why it came to be, as far as you found out"))
    if outcome != "refused" and finding.redress in ("", "nothing"):
        problems.append(
            Problem("complaint_redress_missing", "say what makes it good, an apology at the least")
        )
    if finding.redress in WITH_AMOUNT and finding.amount <= 0:
        problems.append(Problem("redress_amount_missing", "say how much it is"))
    if finding.redress == "act" and not finding.act.strip():
        problems.append(Problem("redress_act_missing", "say what is done"))
    if finding.redress in TO_BE_DONE and (finding.redress_by is None or finding.redress_by < today):
        problems.append(Problem("redress_day_missing", "say by which day it is done, today or later"))
    return problems
