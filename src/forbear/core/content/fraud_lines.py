"""Where people are helped against fraud, by country: numbers and pages of the state, not of the lender."""

from dataclasses import dataclass

from forbear.core.base.problem import MessageId, noop


@dataclass(frozen=True, slots=True)
class FraudLine:
    """One way to be helped: a number or an address as it is dialled or typed, and what it is."""

    reach: str
    what: MessageId


#: By the two letters of the country (ISO 3166). China: 反电信网络诈骗法 art. 31 and the police's own 96110. Britain:
#: 159 of Stop Scams UK, and Report Fraud of the City of London Police. United States: the FTC and the CFPB.
FRAUD_LINES: dict[str, tuple[FraudLine, ...]] = {
    "CN": (
        FraudLine("96110", noop("the police's line against fraud")),
        FraudLine("110", noop("the police, when money has gone")),
        FraudLine("12378", noop("the regulator's line for consumers")),
    ),
    "GB": (
        FraudLine("159", noop("your own bank")),
        FraudLine("0300 123 2040", noop("Report Fraud, run by the police")),
    ),
    "US": (
        FraudLine("reportfraud.ftc.gov", noop("the Federal Trade Commission")),
        FraudLine("(855) 411-2372", noop("the Consumer Financial Protection Bureau")),
    ),
}
#: Where the country isn't known.
ANYWHERE = (FraudLine("112", noop("the emergency number, when you are in danger")),)


def fraud_lines(country: str) -> tuple[FraudLine, ...]:
    """The lines of a country, the one to call first before the others."""
    return FRAUD_LINES.get(country, ANYWHERE)
